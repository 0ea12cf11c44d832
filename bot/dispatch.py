"""One inbound message, the whole turn: screen, store, say what is fixed, ask Rasa, store and show its answer (DESIGN 4)."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakValueDictionary

from bot import vectors
from bot.bootstrap import Root
from bot.content import Content
from bot.domain.conversation import NOTICE_VERSION, Author, Reply, TurnState, clean_text
from bot.domain.errors import RasaUnavailable, RateLimited, StorageUnavailable
from bot.domain.handoff_talk import HANDOFF_PAYLOAD, HandoffDesk
from bot.domain.protocol import ASQ_PAYLOAD, OWN_KINDS, Place, SafetyDesk, Step, Voice
from bot.domain.publishing import Publisher
from bot.domain.questionnaire_definition import Offer
from bot.domain.risk import RiskFinding, RiskLevel, RiskSubject
from bot.domain.safety_plan_talk import PAYLOAD as PLAN_PAYLOAD
from bot.domain.screening_talk import PAYLOAD as SCREENING_PAYLOAD
from bot.metrics import Metrics
from bot.questionnaires.files import check_switches, load_questionnaires
from bot.questionnaires.nearest import nearest_by
from bot.rasa_client import RasaRouter, RasaTurn
from bot.screen_loader import Screened, ScreenRunner
from bot.services import conversations, screening_pages
from bot.services.conversations import Hint, Inbound, Received, Unanswered
from bot.services.screening_turns import Scales
from bot.services.turn_steps import Care

log = logging.getLogger(__name__)
Clock = Callable[[], dt.datetime]
_OWN_BUTTONS = (ASQ_PAYLOAD, PLAN_PAYLOAD, SCREENING_PAYLOAD, HANDOFF_PAYLOAD)


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.timezone.utc)


@dataclass(frozen=True)
class Turn:
    """What Rasa is asked about: a stored message and what the screen knows of it."""

    message_id: int
    conversation_id: str
    text: str
    payload: str | None
    finding: RiskFinding
    timezone: str
    vector: vectors.Vectors | None = None
    voice: Voice = Voice.WHOLE
    after: tuple[Reply, ...] = ()
    hint: Hint = field(default_factory=Hint)
    is_claimed: bool = False
    is_spoken_to: bool = False  # something was said at once, so that silence of Rasa leaves nobody without an answer


class Dispatcher:
    """Runs turns, one at a time per conversation; every await that can fail leaves a stored state to go on from."""

    def __init__(
        self, root: Root, content: Content, screen: ScreenRunner, rasa: RasaRouter, publisher: Publisher, metrics: Metrics,
        clock: Clock = utc_now,
    ) -> None:  # fmt: skip
        self._root = root
        self._content = content
        self._screen = screen
        self._rasa = rasa
        self._publisher = publisher
        self._metrics = metrics
        self.clock = clock
        self.scales = _scales(root, content)
        self.care = _care_of(root, content, self.scales)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[None]] = set()

    async def handle(self, inbound: Inbound, timezone: str) -> Received:
        """Store one message with everything due at once and start its turn; raises what the reader must be told.

        A button carries its payload; what a person typed never does (`clean_text` takes a leading slash away).
        """
        if inbound.payload is None:
            inbound = Inbound(
                inbound.conversation_id, inbound.worker_id, inbound.channel, inbound.external_id, clean_text(inbound.text)
            )
        screened = await self._screened(inbound)
        started = time.perf_counter()
        received = await self._receive(inbound, screened.finding, timezone)
        step = received.step
        self._metrics.messages.labels("duplicate" if received.is_duplicate else "stored").inc()
        if received.is_duplicate:
            return received
        self._count(step)
        turn = Turn(
            received.message.id, inbound.conversation_id, inbound.text, inbound.payload, step.told, timezone, screened.vector, step.voice,
            step.after, received.hint, received.is_claimed, bool(step.first),
        )  # fmt: skip
        if not received.is_over:
            self._start(self._run(turn, time.perf_counter() - started))
        if screened.late is not None:
            self._start(self._raise_late(turn, screened.late, timezone))
        return received

    async def screening_wish(self, conversation_id: str, worker_id: str, questionnaire_id: str) -> tuple[str, str]:
        """Words and payload of the page's button for a questionnaire, to be handled like a press; raises UnknownChoice."""
        wish = (screening_pages.wish, worker_id, conversation_id, questionnaire_id, self.care.desk, self.scales, self.clock())
        return await self._root.run_reading(*wish)

    async def refuse(self, text: str, timezone: str) -> None:
        """For a message that comes too fast: raises RateLimited, with the fixed words where a life may be in danger."""
        finding = await self._screen.glance(text)
        raise RateLimited("too fast", reader_text=self._fixed_words(text, finding, timezone))

    async def finish(self, left: Unanswered) -> None:
        """A turn that a stopped gateway left: ask Rasa if it never was asked, else the safe line, once."""
        self._metrics.recovered.inc()
        turn = Turn(
            left.message_id, left.conversation_id, left.text, left.payload, left.finding, left.timezone, voice=left.voice,
            after=left.after, is_spoken_to=left.is_spoken_to,
        )  # fmt: skip
        if left.state is TurnState.STORED:
            await self._run(turn, 0.0)
        else:
            await self._store_answer(turn, self._safe_replies(turn), None)

    async def drain(self) -> None:
        """Wait for the turns under way, as at a stop."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5)

    async def _screened(self, inbound: Inbound) -> Screened:
        if inbound.payload is not None:
            return Screened(RiskFinding(), None, None)
        with self._metrics.screen_seconds.time():
            screened = await self._screen.screen(inbound.text)
        self._metrics.vectors.labels("late" if screened.late else "ready" if screened.vector is not None else "none").inc()
        return screened

    async def _receive(self, inbound: Inbound, finding: RiskFinding, timezone: str) -> Received:
        try:
            received = await self._root.run_sync(
                conversations.receive, inbound, finding, self.care, timezone, self.clock(),
                claims=not self._lock(inbound.conversation_id).locked(),
            )  # fmt: skip
        except StorageUnavailable:
            self._metrics.messages.labels("refused").inc()
            # nothing can be stored: a fixed text goes out all the same, and the page keeps the message to send again
            words = self._fixed_words(inbound.text, finding, timezone)
            if words is not None:
                raise StorageUnavailable("not stored", reader_text=words) from None
            raise
        if not received.is_duplicate:  # a page that comes back has it from the replay
            self._publisher.publish(inbound.conversation_id, [received.message, *received.replies])
        return received

    def _fixed_words(self, text: str, finding: RiskFinding, timezone: str) -> str | None:
        """The fixed bubbles as one text, for a message that is not stored; None below `high`."""
        fixed = self.care.desk.fixed(text, finding, 0, Place(timezone, self.clock()))
        return " ".join(reply.text for reply in fixed) or None

    def _count(self, step: Step) -> None:
        self._metrics.findings.labels(step.finding.level.value).inc()
        if step.safety_set is not None:
            self._metrics.safety.labels(step.safety_set).inc()

    async def _raise_late(self, turn: Turn, late: asyncio.Future[RiskFinding], timezone: str) -> None:
        finding = await late
        if finding.level <= turn.finding.level:
            return
        raised = await self._root.run_sync(
            conversations.raise_finding, turn.message_id, finding, self.care, timezone, self.clock()
        )
        if raised is not None:
            self._count(raised[0])
            self._publisher.publish(turn.conversation_id, raised[1])

    async def _run(self, turn: Turn, spent: float) -> None:
        """One turn under its conversation's lock, so that Rasa sees messages one by one and in order."""
        async with self._lock(turn.conversation_id):
            started = time.perf_counter()
            if not turn.is_claimed and not await self._root.run_sync(conversations.claim, turn.message_id, self.clock()):
                return
            self._publisher.typing(turn.conversation_id, True)
            rasa_seconds = await self._ask(turn)
            self._metrics.gateway_seconds.observe(spent + time.perf_counter() - started - rasa_seconds)

    def _lock(self, conversation_id: str) -> asyncio.Lock:
        return self._locks.setdefault(conversation_id, asyncio.Lock())

    async def _ask(self, turn: Turn) -> float:
        """Ask Rasa and store the answer, or the safe line when there is none; gives the seconds Rasa took."""
        started = time.perf_counter()
        answer: RasaTurn | None = None
        try:
            answer = await self._rasa.ask(turn.conversation_id, _message(turn), _metadata(turn))
        except RasaUnavailable as error:
            log.warning("no answer from Rasa for message %s: %s", turn.message_id, error)
        rasa_seconds = time.perf_counter() - started
        if answer is None:
            answer = RasaTurn((), None)
        else:
            self._metrics.rasa_seconds.observe(rasa_seconds)
        is_answered = bool(answer.replies) or turn.voice is Voice.SILENT
        self._metrics.turns.labels("answered" if is_answered else "safe_line").inc()
        replies = [*answer.replies, *turn.after] if is_answered else self._safe_replies(turn)
        await self._store_answer(turn, replies, answer.understanding, answer.signals)
        return rasa_seconds

    async def _store_answer(
        self, turn: Turn, replies: list[Reply], understanding: Any, signals: frozenset[str] = frozenset()
    ) -> None:
        stored = await self._root.run_sync(
            conversations.answer, turn.message_id, replies, understanding, self.clock(), signals=signals, care=self.care
        )
        self._publisher.publish(turn.conversation_id, stored)
        self._publisher.typing(turn.conversation_id, False)

    def _safe_replies(self, turn: Turn) -> list[Reply]:
        """What is said when Rasa gave nothing; after a fixed text, or words of ours, nothing more than what was to follow."""
        if turn.is_spoken_to:
            return list(turn.after)
        if turn.after:
            return [Reply(self._line("heard", turn)), *turn.after]
        name = "safe" if turn.finding.level is RiskLevel.NONE else "safe_watch"
        return [Reply(self.care.desk.filled(self._line(name, turn), Place(turn.timezone, self.clock())))]

    def _line(self, name: str, turn: Turn) -> str:
        lines = self._content.safety.lines[name]
        if name == "safe_watch" and (turn.finding.subject is RiskSubject.OTHER or turn.finding.kind not in OWN_KINDS):
            lines = lines[1:]  # the first asks about the worker's own wish
        return lines[turn.message_id % len(lines)]

    def _start(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("turn left for recovery: %s", type(task.exception()).__name__)


def _scales(root: Root, content: Content) -> Scales:
    """The questionnaires, and which of them a worker may begin here; raises SettingError for a switch that fits none."""
    switched_on = root.settings.scales_on
    questionnaires = load_questionnaires(root.settings.content_dir)
    check_switches(questionnaires, switched_on)
    offered = frozenset(name for name, each in questionnaires.items() if each.offered(switched_on) is Offer.SELF)
    return Scales(questionnaires, offered, content.screening, nearest_by(), NOTICE_VERSION)


def _care_of(root: Root, content: Content, scales: Scales) -> Care:
    lines, settings = content.safety.lines, root.settings
    desk = SafetyDesk(content.safety, content.asq, content.plan, content.hotlines, content.emergency_by_timezone)
    return Care(
        desk, Reply(lines["reminder"][0], Author.SYSTEM), lines["welcome_back"],
        dt.timedelta(seconds=settings.consent_reminder_seconds), HandoffDesk(content.handoff, settings.handoff, desk, settings.care),
        settings.care, scales,
    )  # fmt: skip


def _message(turn: Turn) -> str:
    """What Rasa reads: a button's payload, except of the gateway's own buttons, whose title is an answer like any other."""
    is_ours = turn.payload is not None and turn.payload.startswith(_OWN_BUTTONS)
    return turn.text if is_ours or turn.payload is None else turn.payload


def question_of(text: str, screened: Screened) -> dict[str, Any]:
    """The metadata for a text that is no worker's, as a model would get it with a worker's message."""
    turn = Turn(uuid.uuid4().int >> 80, "", text, None, screened.finding, "", screened.vector)
    return _metadata(turn)


def _metadata(turn: Turn) -> dict[str, Any]:
    finding = turn.finding
    metadata: dict[str, Any] = {
        "message_id": turn.message_id,
        "voice": turn.voice.value,
        "carried": turn.hint.carried.value,
        "rests": turn.hint.rests,
        "waits": turn.hint.waits,
        "risk": {
            "level": finding.level.value,
            "subject": finding.subject.value,
            "kind": finding.kind.value,
            "cues": [cue.name for cue in finding.cues],
        },
    }
    if turn.vector is not None:
        metadata["vector"] = vectors.pack(turn.vector)
    return metadata
