"""The worker's side of a wait: what they are told, what they write meanwhile, and when they wait no longer."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from bot.db.handoff_tables import Handoff
from bot.db.tables import Conversation, Message, Worker
from bot.domain.conversation import Author, Reply
from bot.domain.errors import IllegalTransition
from bot.domain.handoff import ACTIVE, WAITING, Deed
from bot.domain.handoff_talk import HandoffDesk, Queueing
from bot.domain.risk import RiskLevel
from bot.services import alerts, duty
from bot.services.handoff_steps import Case, end_waiting, finish, move, note, open_of, place_of, standing


def tell(
    session: Session,
    worker: Worker,
    conversation: Conversation,
    now: dt.datetime,
    desk: HandoffDesk,
    message_id: int | None = None,
) -> tuple[Reply, ...]:
    """What the worker is to be told of a wait that has begun or has become danger, once; the caller commits.

    After a message that got the fixed text the numbers are not said again.
    """
    handoff = open_of(session, conversation.id)
    if handoff is None or not handoff.is_live or handoff.status != WAITING:
        return ()
    level = RiskLevel(handoff.level)
    if handoff.told_level is not None and (level < RiskLevel.HIGH or RiskLevel(handoff.told_level) >= RiskLevel.HIGH):
        return ()
    handoff.told_level = level.value
    planned = duty.on_duty(session, now)
    is_on_duty = any(line.is_present for line in planned)  # who is planned and not there is nobody the worker can count on
    next_at = None if planned else duty.next_on_duty_at(session, now)
    can_cancel = not standing(session, Case(worker, handoff, conversation), now).forbids_end
    queueing = Queueing(handoff.id, level, _ahead(session, handoff), is_on_duty, next_at, can_cancel)
    told = desk.waiting(queueing, place_of(session, worker, now))
    safety_text = select(Message.id).where(Message.in_reply_to == message_id, Message.author == Author.SAFETY.value).limit(1)
    return told[:1] if len(told) > 1 and message_id is not None and session.scalar(safety_text) is not None else told


def _ahead(session: Session, handoff: Handoff) -> int:
    """How many that wait for a human come before this one."""
    earlier = or_(Handoff.rank < handoff.rank, and_(Handoff.rank == handoff.rank, Handoff.requested_at < handoff.requested_at))
    query = select(func.count()).select_from(Handoff).where(Handoff.status == WAITING, Handoff.is_live.is_(True), earlier)
    return session.scalar(query) or 0


def note_word(handoff: Handoff, now: dt.datetime) -> None:
    """The worker has written; from now on a counsellor's answer is waited for. The caller commits."""
    handoff.worker_at = now
    if handoff.status == ACTIVE and handoff.is_live and handoff.unanswered_at is None:
        handoff.unanswered_at = now


def cancel(
    session: Session, worker: Worker, conversation: Conversation, handoff_id: int, now: dt.datetime, desk: HandoffDesk
) -> Reply:
    """The worker presses the way out of the queue; gives what is said to it. In danger it stays, until a human has looked.

    A watch that nobody has read stays as a case to be read. The caller holds the worker's row and commits.
    """
    handoff = open_of(session, conversation.id)
    if handoff is None or handoff.id != handoff_id or not handoff.is_live or handoff.status != WAITING:
        return desk.nothing_to_cancel(handoff_id)
    case = Case(worker, handoff, conversation)
    try:
        move(session, case, Deed.RELEASE, now)
    except IllegalTransition:
        return desk.cannot_cancel(handoff_id, place_of(session, worker, now))
    alerts.acknowledge_all(session, conversation.id, "worker", now, reason=alerts.ASKED_FOR_PERSON)
    is_review = end_waiting(session, case, "released", now, desk.policy)
    return desk.cancelled(handoff_id, is_review=is_review)


def leave(session: Session, worker_id: str, now: dt.datetime) -> None:
    """The worker erases everything: an ordinary case that nobody has is over; the caller holds the worker's row and commits."""
    query = select(Handoff).where(Handoff.worker_id == worker_id, Handoff.status == WAITING)
    for handoff in session.scalars(query):
        conversation = session.get_one(Conversation, handoff.conversation_id)
        case = Case(session.get_one(Worker, worker_id), handoff, conversation)
        try:
            move(session, case, Deed.RELEASE, now)
        except IllegalTransition:
            continue
        note(session, handoff, "released", now)
        finish(handoff, now, None)
