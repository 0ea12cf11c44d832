"""One message from its arrival to its answer: each step one commit, none of them twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.db.tables import (
    Base,
    Conversation,
    Message,
    RiskAssessment,
    UnderstandingRow,
    Worker,
)
from bot.domain.conversation import (
    HANDOFF,
    Author,
    Button,
    ConversationState,
    Reply,
    TurnState,
    Understanding,
)
from bot.domain.errors import ConsentRequired, StorageUnavailable
from bot.domain.protocol import Place, Step, Voice
from bot.domain.risk import RiskFinding, RiskKind, RiskLevel, RiskSubject
from bot.services import (
    handoff_waiting,
    handoffs,
    safety_records,
    threads,
    turn_steps,
    workers,
)
from bot.services.screening_turns import Moment
from bot.services.threads import StoredMessage, shown
from bot.services.turn_steps import Care

# What every turn asks, put together once: building a statement costs more than SQLite needs to answer it.
_BY_EXTERNAL_ID = select(Message).where(
    Message.channel == bindparam("channel"),
    Message.conversation_id == bindparam("conversation"),
    Message.external_id == bindparam("external"),
)
_LOCKED = (
    select(Worker, Message)
    .join(Conversation, Conversation.worker_id == Worker.id)
    .join(Message, Message.conversation_id == Conversation.id)
    .where(Message.id == bindparam("message"))
    .with_for_update(of=Worker)
)
_MESSAGES, _CONVERSATIONS = Base.metadata.tables["messages"], Base.metadata.tables["conversations"]
_TOUCH = update(_CONVERSATIONS).where(_CONVERSATIONS.c.id == bindparam("conversation")).values(last_message_at=bindparam("at"))
_TRANSITION = (
    update(_MESSAGES)
    .where(_MESSAGES.c.id == bindparam("message"), _MESSAGES.c.turn_state == bindparam("expected"))
    .values(turn_state=bindparam("wanted"))
)


@dataclass(frozen=True)
class Inbound:
    """What a channel hands in; `payload` only for a button, never typed by a person."""

    conversation_id: str
    worker_id: str
    channel: str
    external_id: str
    text: str
    payload: str | None = None


@dataclass(frozen=True)
class Received:
    """What `receive` made: the worker's message, what was said at once, and how its turn goes on.

    `is_claimed`: the turn is the caller's to ask Rasa about, without `claim`; `is_over`: a counsellor leads, nobody is asked.
    """

    message: StoredMessage
    is_duplicate: bool
    replies: tuple[StoredMessage, ...] = ()
    step: Step = field(default_factory=lambda: Step(RiskFinding(), RiskFinding()))
    hint: Hint = field(default_factory=lambda: Hint())
    is_claimed: bool = False
    is_over: bool = False


@dataclass(frozen=True)
class Hint:
    """What Rasa is told of the worker beside the finding: the level carried, whether asking directly rests, and whether a human is
    waited for (None: not known)."""

    carried: RiskLevel = RiskLevel.NONE
    rests: bool = False
    waits: bool | None = None


@dataclass(frozen=True)
class Unanswered:
    """A turn that a stopped gateway left behind."""

    message_id: int
    conversation_id: str
    worker_id: str
    state: TurnState
    text: str
    payload: str | None
    finding: RiskFinding
    timezone: str
    is_spoken_to: bool
    voice: Voice = Voice.WHOLE
    after: tuple[Reply, ...] = ()


def receive(
    session: Session, inbound: Inbound, finding: RiskFinding, care: Care, timezone: str, now: dt.datetime, *,
    claims: bool = False,
) -> Received:  # fmt: skip
    """Store a message, what the screen found, where the safety conversation goes, the alert and the fixed replies: one commit.

    `claims` takes the turn to ask Rasa in the same commit, for a caller that goes on with it at once. The same external id
    gives the stored message again. Without consent only a message with a sign of danger is taken, or while a direct question
    is open. Raises NotSignedIn for a worker whose record was erased.
    """
    worker = workers.lock_present(session, inbound.worker_id)
    if worker is None:
        raise ConsentRequired("no consent to chat yet")
    place = Place(timezone, now)
    finding = safety_records.beside_earlier(session, worker.id, inbound.text, finding, now)
    known = safety_records.known(session, worker.id, inbound.conversation_id, finding, now, care.policy)
    is_safety = finding.level is not RiskLevel.NONE or (known.asq is not None and known.asq.open is not None)
    if not is_safety and not workers.has_consent(session, inbound.worker_id):
        raise ConsentRequired("no consent to chat yet")
    conversation = session.get(Conversation, inbound.conversation_id)
    if conversation is None:
        raise StorageUnavailable("no such conversation")
    is_over = conversation.state == ConversationState.COUNSELLOR.value
    is_waiting = conversation.state == ConversationState.WAITING.value  # before this message
    moment = Moment(worker, inbound.conversation_id, inbound.text, inbound.payload, known, place)
    step = (
        turn_steps.beside_counsellor(session, moment, finding, care)
        if is_over
        else turn_steps.step(session, moment, conversation, finding, care)
    )
    message = Message(
        conversation_id=inbound.conversation_id, channel=inbound.channel, external_id=inbound.external_id,
        author=Author.WORKER.value, text=inbound.text, payload=inbound.payload, created_at=now, protocol=_packed(step),
        turn_state=(TurnState.ANSWERED if is_over else TurnState.ASKED if claims else TurnState.STORED).value,
        asked_at=now if claims and not is_over else None,
    )  # fmt: skip
    session.add(message)
    try:
        session.flush()
    except IntegrityError:
        session.rollback()
        earlier = _by_external_id(session, inbound)
        if earlier is None:
            raise
        return Received(threads.stored(session, earlier), is_duplicate=True)
    event = threads.created(message, now)
    session.add(event)
    turn_steps.assess(session, worker, conversation, message.id, step.finding, now, care)
    safety_records.keep(session, worker, step, now)
    by_time = () if is_over else turn_steps.by_time(session, worker, step, care, now)
    replies = _add_replies(session, message, [*by_time, *step.first], now)
    _touch(session, inbound.conversation_id, now)
    session.commit()
    hint = Hint(max(known.level, step.told.level), care.desk.rests(known, now), is_waiting)
    return Received(shown(message, event.id), False, replies, step, hint, claims and not is_over, is_over)


def raise_finding(
    session: Session, message_id: int, finding: RiskFinding, care: Care, timezone: str, now: dt.datetime
) -> tuple[Step, tuple[StoredMessage, ...]] | None:
    """A late, higher finding of a stored message: assess again, alert, and say at once what it calls for; None after erasure."""
    worker, message = _locked(session, message_id)
    if worker is None or worker.erased_at is not None or message is None:
        return None
    finding = safety_records.beside_earlier(session, worker.id, message.text, finding, now)
    known = safety_records.known(session, worker.id, message.conversation_id, finding, now, care.policy)
    conversation = session.get_one(Conversation, message.conversation_id)
    step = turn_steps.late_step(session, conversation, message, finding, known, care, Place(timezone, now))
    turn_steps.assess(session, worker, conversation, message_id, step.finding, now, care)
    safety_records.keep(session, worker, step, now)
    is_answered = message.turn_state == TurnState.ANSWERED.value  # else the answer tells of the wait
    replies = _add_replies(session, message, [*step.first, *step.after], now)
    if is_answered:
        told = handoff_waiting.tell(session, worker, conversation, now, care.handoff, message_id)
        replies += _add_replies(session, message, told, now)
    session.commit()
    return step, replies


def claim(session: Session, message_id: int, now: dt.datetime) -> bool:
    """Take a stored turn to ask Rasa; False when it was taken before. Rasa is never asked twice for one message."""
    return _move(session, message_id, TurnState.STORED, TurnState.ASKED, now)


def answer(
    session: Session, message_id: int, replies: Sequence[Reply], understanding: Understanding | None, now: dt.datetime,
    *, signals: frozenset[str] = frozenset(), care: Care | None = None,
) -> tuple[StoredMessage, ...]:  # fmt: skip
    """Store the answer of an asked turn, once; a second call changes nothing and gives no replies.

    `signals` are what the dialogue wants beside its words: a person (an alert, in the same commit), the direct question, the
    offer of a safety plan, or a screening, said after the replies.
    """
    worker, message = _locked(session, message_id)
    if worker is None or message is None or not _transition(session, message_id, TurnState.ASKED, TurnState.ANSWERED):
        session.rollback()
        return ()
    if understanding is not None:
        session.add(
            UnderstandingRow(
                message_id=message_id, intent=understanding.intent[:64], confidence=understanding.confidence,
                entities=list(understanding.entities), model=understanding.model[:128], created_at=now,
                runner_up=understanding.runner_up and understanding.runner_up[:64], runner_up_confidence=understanding.runner_up_confidence,
            )
        )  # fmt: skip
    conversation = session.get_one(Conversation, message.conversation_id)
    said = list(replies)
    if conversation.state == ConversationState.COUNSELLOR.value:
        said = []  # a person came while Rasa thought: the program is silent
    elif care is not None:
        further = (
            turn_steps.signalled(session, worker, message, understanding, signals, care, now)
            if signals - turn_steps.HUMAN_WANTED
            else ()
        )
        turn_steps.ask_for_human(session, worker, conversation, message, signals, care, now)
        told = handoff_waiting.tell(session, worker, conversation, now, care.handoff, message_id)
        said = [*said, *told, *further] if HANDOFF in signals else [*told, *said, *further]
    if understanding is not None:
        handoffs.note_topic(session, conversation.id, understanding.intent)
    stored = _add_replies(session, message, said, now)
    _touch(session, message.conversation_id, now)
    session.commit()
    return stored


def left_behind(session: Session, before: dt.datetime) -> list[Unanswered]:
    """Turns stored, or asked, before this moment that have no answer yet, oldest first."""
    since = func.coalesce(Message.asked_at, Message.created_at)  # a turn may wait long for the one before it
    query = (
        select(Message, Worker.id, Worker.timezone)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Worker, Worker.id == Conversation.worker_id)
        .where(Message.turn_state.in_([TurnState.STORED.value, TurnState.ASKED.value]), since < before)
        .order_by(Message.id)
    )
    return [
        Unanswered(
            message.id, message.conversation_id, worker_id, TurnState(message.turn_state), message.text, message.payload,
            finding_of(session, message.id), timezone, _is_spoken_to(session, message.id), *_unpacked(message.protocol),
        )
        for message, worker_id, timezone in session.execute(query)
    ]  # fmt: skip


def _is_spoken_to(session: Session, message_id: int) -> bool:
    """Whether something was said to this message already; the reminder that this is a program does not count."""
    said = (Author.SAFETY.value, Author.BOT.value)
    query = select(Message.id).where(Message.in_reply_to == message_id, Message.author.in_(said)).limit(1)
    return session.scalar(query) is not None


def finding_of(session: Session, message_id: int) -> RiskFinding:
    """The highest finding of a message, without its cues."""
    rows = session.scalars(select(RiskAssessment).where(RiskAssessment.message_id == message_id))
    found = [RiskFinding(RiskLevel(row.level), RiskSubject(row.subject), RiskKind(row.kind), score=row.score) for row in rows]
    return max(found, key=lambda each: each.level.rank, default=RiskFinding())


def _by_external_id(session: Session, inbound: Inbound) -> Message | None:
    named = {"channel": inbound.channel, "conversation": inbound.conversation_id, "external": inbound.external_id}
    return session.scalar(_BY_EXTERNAL_ID, named)


def _add_replies(session: Session, message: Message, replies: Sequence[Reply], now: dt.datetime) -> tuple[StoredMessage, ...]:
    return threads.add(session, message.conversation_id, message.channel, replies, now, in_reply_to=message.id)


def _packed(step: Step) -> dict[str, Any] | None:
    """How the turn goes on, for a gateway that has to finish it after a stop; None for an ordinary one."""
    if step.voice is Voice.WHOLE and not step.after:
        return None
    after = [{"text": each.text, "buttons": threads.packed_buttons(each), "custom": each.custom} for each in step.after]
    return {"voice": step.voice.value, "after": after}


def _unpacked(protocol: dict[str, Any] | None) -> tuple[Voice, tuple[Reply, ...]]:
    if protocol is None:
        return Voice.WHOLE, ()
    after = tuple(
        Reply(each["text"], buttons=tuple(Button(**button) for button in each["buttons"]), custom=each["custom"])
        for each in protocol["after"]
    )
    return Voice(protocol["voice"]), after


def _locked(session: Session, message_id: int) -> tuple[Worker, Message] | tuple[None, None]:
    """A message and its worker, whose row is held until the commit: changes of one thread happen one after the other (PostgreSQL)."""
    found = session.execute(_LOCKED, {"message": message_id}).one_or_none()
    return (None, None) if found is None else (found[0], found[1])


def _touch(session: Session, conversation_id: str, now: dt.datetime) -> None:
    session.execute(_TOUCH, {"conversation": conversation_id, "at": now})


def _transition(session: Session, message_id: int, expected: TurnState, wanted: TurnState) -> bool:
    result = session.execute(_TRANSITION, {"message": message_id, "expected": expected.value, "wanted": wanted.value})
    return isinstance(result, CursorResult) and result.rowcount == 1


def _move(session: Session, message_id: int, expected: TurnState, wanted: TurnState, now: dt.datetime) -> bool:
    moved = _transition(session, message_id, expected, wanted)
    if moved:
        session.execute(update(Message).where(Message.id == message_id).values(asked_at=now))
        session.commit()
    else:
        session.rollback()
    return moved
