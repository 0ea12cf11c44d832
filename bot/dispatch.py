"""One inbound message, the whole turn: screen, store, say what is fixed, ask Rasa, store and show its answer (DESIGN 4)."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

from bot import vectors
from bot.bootstrap import Root
from bot.content import Content
from bot.domain import safety
from bot.domain.conversation import Author, Reply, TurnState, clean_text
from bot.domain.errors import RasaUnavailable, StorageUnavailable, XinyiError
from bot.domain.hotline import is_mainland, lines_for
from bot.domain.publishing import Publisher
from bot.domain.risk import RiskFinding, RiskLevel
from bot.metrics import Metrics
from bot.rasa_client import RasaClient
from bot.screen_loader import Screened, ScreenRunner
from bot.services import conversations
from bot.services.conversations import Inbound, Received, Unanswered

log = logging.getLogger(__name__)
_LINE_KINDS = frozenset({"emergency", "psychological"})
Clock = Callable[[], dt.datetime]


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
    vector: vectors.Vectors | None


class Dispatcher:
    """Runs turns, one at a time per conversation; every await that can fail leaves a stored state to go on from."""

    def __init__(
        self, root: Root, content: Content, screen: ScreenRunner, rasa: RasaClient, publisher: Publisher, metrics: Metrics,
        clock: Clock = utc_now,
    ) -> None:  # fmt: skip
        self._root = root
        self._content = content
        self._screen = screen
        self._rasa = rasa
        self._publisher = publisher
        self._metrics = metrics
        self._clock = clock
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
        self._metrics.messages.labels("duplicate" if received.is_duplicate else "stored").inc()
        if received.is_duplicate:
            return received
        self._metrics.findings.labels(screened.finding.level.value).inc()
        turn = Turn(
            received.message.id, inbound.conversation_id, inbound.text, inbound.payload, screened.finding, screened.vector
        )
        self._start(self._run(turn, time.perf_counter() - started))
        if screened.late is not None:
            self._start(self._raise_late(turn, screened.late, timezone))
        return received

    async def finish(self, left: Unanswered) -> None:
        """A turn that a stopped gateway left: ask Rasa if it never was asked, else the safe line, once."""
        self._metrics.recovered.inc()
        turn = Turn(left.message_id, left.conversation_id, left.text, left.payload, left.finding, None)
        if left.state is TurnState.STORED:
            await self._run(turn, 0.0)
        else:
            await self._store_answer(turn, self._safe_replies(turn), None, False)

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
        replies = await self._safety_replies(inbound.conversation_id, inbound.text, finding, timezone)
        reminder = Reply(self._content.safety.lines["reminder"][0], Author.SYSTEM)
        remind_after = dt.timedelta(seconds=self._root.settings.consent_reminder_seconds)
        try:
            received = await self._root.run_sync(
                conversations.receive, inbound, finding, replies, reminder, self._clock(), remind_after
            )
        except StorageUnavailable:
            self._metrics.messages.labels("refused").inc()
            if finding.level >= RiskLevel.HIGH:
                # nothing can be stored: the fixed text goes out all the same, and the page keeps the message to send again
                raise StorageUnavailable("not stored", reader_text=" ".join(reply.text for reply in replies)) from None
            raise
        if not received.is_duplicate:  # a page that comes back has it from the replay
            self._publisher.publish(inbound.conversation_id, [received.message, *received.replies])
        return received

    async def _safety_replies(self, conversation_id: str, text: str, finding: RiskFinding, timezone: str) -> list[Reply]:
        """The fixed bubbles for a finding, from the reviewed texts; none below `high`."""
        name = safety.safety_set(finding)
        if name is None:
            return []
        self._metrics.safety.labels(name).inc()
        try:
            turn = await self._root.run_reading(conversations.safety_turns, conversation_id)
        except XinyiError:
            turn = 0
        local = self._content.emergency_by_timezone.get(timezone)
        lines = lines_for(self._content.hotlines, local, timezone, self._clock(), kinds=_LINE_KINDS)
        urgent, line = safety.spoken_numbers(lines, is_mainland(timezone))
        words = safety.quotable(text, finding)
        texts = safety.bubbles(self._content.safety, name, turn, words=words, urgent=urgent, line=line)
        rows = [{"number": each.number, "name": each.name, "hours": each.hours} for each in lines if each.number][:4]
        card: dict[str, object] = {"kind": "hotlines", "lines": rows}
        last = len(texts) - 1
        return [Reply(each, Author.SAFETY, custom=card if place == last else None) for place, each in enumerate(texts)]

    async def _raise_late(self, turn: Turn, late: asyncio.Future[RiskFinding], timezone: str) -> None:
        finding = await late
        if finding.level <= turn.finding.level:
            return
        self._metrics.findings.labels(finding.level.value).inc()
        replies = await self._safety_replies(turn.conversation_id, turn.text, finding, timezone)
        stored = await self._root.run_sync(conversations.raise_finding, turn.message_id, finding, replies, self._clock())
        self._publisher.publish(turn.conversation_id, stored)

    async def _run(self, turn: Turn, spent: float) -> None:
        """One turn under its conversation's lock, so that Rasa sees messages one by one and in order."""
        lock = self._locks.setdefault(turn.conversation_id, asyncio.Lock())
        async with lock:
            started = time.perf_counter()
            if not await self._root.run_sync(conversations.claim, turn.message_id, self._clock()):
                return
            self._publisher.typing(turn.conversation_id, True)
            rasa_seconds = await self._ask(turn)
            self._metrics.gateway_seconds.observe(spent + time.perf_counter() - started - rasa_seconds)

    async def _ask(self, turn: Turn) -> float:
        """Ask Rasa and store the answer, or the safe line when there is none; gives the seconds Rasa took."""
        started = time.perf_counter()
        try:
            answer = await self._rasa.ask(turn.conversation_id, turn.payload or turn.text, _metadata(turn))
        except RasaUnavailable as error:
            log.warning("no answer from Rasa for message %s: %s", turn.message_id, error)
            self._metrics.turns.labels("safe_line").inc()
            rasa_seconds = time.perf_counter() - started
            await self._store_answer(turn, self._safe_replies(turn), None, False)
            return rasa_seconds
        rasa_seconds = time.perf_counter() - started
        self._metrics.rasa_seconds.observe(rasa_seconds)
        self._metrics.turns.labels("answered" if answer.replies else "safe_line").inc()
        replies = list(answer.replies) or self._safe_replies(turn)
        await self._store_answer(turn, replies, answer.understanding, answer.asks_for_person)
        return rasa_seconds

    async def _store_answer(self, turn: Turn, replies: list[Reply], understanding: Any, asks_for_person: bool) -> None:
        stored = await self._root.run_sync(
            conversations.answer, turn.message_id, replies, understanding, self._clock(), asks_for_person=asks_for_person
        )
        self._publisher.typing(turn.conversation_id, False)
        self._publisher.publish(turn.conversation_id, stored)

    def _safe_replies(self, turn: Turn) -> list[Reply]:
        """What is said when Rasa is silent; after a fixed safety text nothing needs to be added."""
        if safety.safety_set(turn.finding) is not None:
            return []
        name = "safe" if turn.finding.level is RiskLevel.NONE else "safe_watch"
        lines = self._content.safety.lines[name]
        text = lines[turn.message_id % len(lines)]
        return [Reply(text.format(urgent="120或110", line="12356（可能不在服务时间）"))]

    def _start(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("turn left for recovery: %s", type(task.exception()).__name__)


def _metadata(turn: Turn) -> dict[str, Any]:
    finding = turn.finding
    metadata: dict[str, Any] = {
        "message_id": turn.message_id,
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
