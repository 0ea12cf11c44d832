"""Erases what is older than an organisation keeps it, worker by worker; alerts, levels, times and outcomes stay, without words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields

from sqlalchemy import ColumnElement, Select, delete, exists, or_, select, union, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.db.handoff_tables import EmergencyContact, Handoff, HandoffNote, HandoffStep
from bot.db.staff_tables import LegalHold, Notification, OrganisationSetting
from bot.db.tables import (
    Conversation,
    FollowUp,
    Lowering,
    Message,
    SafetyRecord,
    Screening,
    ScreenMark,
    TrackerSnapshot,
    TrackerTurn,
    Worker,
)
from bot.domain.errors import Incomplete, NotFound
from bot.domain.handoff import CLOSED
from bot.domain.retention import Retention, checked
from bot.services import audit, records, tracker_turns

ACTOR = "retention"
_RAN_AT = "retention_ran_at"
_EVERY = dt.timedelta(days=1)
_NOTICES_KEPT = dt.timedelta(days=30)
_LONGEST_REASON = 256


@dataclass(frozen=True)
class Erased:
    """How much one run erased, or would: workers concerned, their messages, screenings, and cases whose written words went."""

    workers: int = 0
    messages: int = 0
    screenings: int = 0
    handoffs: int = 0

    def __add__(self, other: Erased) -> Erased:
        return Erased(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Erased)))


@dataclass(frozen=True)
class Hold:
    """A legal hold that stands."""

    id: int
    worker_id: str
    nickname: str | None
    reason: str
    placed_by: str
    placed_at: dt.datetime


def current(session: Session) -> Retention:
    """What is settled now; nothing is erased by age until somebody settles it."""
    return Retention(_setting(session, "message_days"), _setting(session, "handoff_days"))


def ran_at(session: Session) -> dt.datetime | None:
    """When the last run began."""
    row = session.get(OrganisationSetting, _RAN_AT)
    return None if row is None else row.changed_at


def settle(session: Session, message_days: object, handoff_days: object, by: str, now: dt.datetime) -> Retention:
    """Settle the days; raises Incomplete for figures out of bounds."""
    wanted, before = checked(message_days, handoff_days), current(session)
    for each in fields(Retention):
        session.merge(OrganisationSetting(name=each.name, value=getattr(wanted, each.name), changed_by=by, changed_at=now))
    audit.append(session, by, "retention.changed", "retention", f"{_told(before)} -> {_told(wanted)}", now)
    session.commit()
    return wanted


def holds(session: Session) -> list[Hold]:
    """The legal holds that stand, newest first."""
    query = (
        select(LegalHold, Worker.nickname).join(Worker, Worker.id == LegalHold.worker_id).where(LegalHold.ended_at.is_(None))
    )
    return [_hold(row, nickname) for row, nickname in session.execute(query.order_by(LegalHold.id.desc()))]


def place_hold(session: Session, handoff_id: int, reason: str, by: str, now: dt.datetime) -> Hold:
    """Keep all of the worker of this case from retention; raises NotFound, Incomplete without a reason."""
    why = reason.strip()[:_LONGEST_REASON]
    handoff = session.get(Handoff, handoff_id)
    if handoff is None:
        raise NotFound(f"handoff {handoff_id}", reader_text="没有这个编号的个案。")
    if not why:
        raise Incomplete(["reason"], reader_text="请写明为什么要保留。")
    row = LegalHold(worker_id=handoff.worker_id, reason=why, placed_by=by, placed_at=now)
    session.add(row)
    audit.append(session, by, "hold.placed", row.worker_id, why, now)
    session.commit()
    return _hold(row, session.get_one(Worker, row.worker_id).nickname)


def end_hold(session: Session, hold_id: int, by: str, now: dt.datetime) -> Hold:
    """End a hold; raises NotFound where none stands."""
    row = session.get(LegalHold, hold_id)
    ending = update(LegalHold).where(LegalHold.id == hold_id, LegalHold.ended_at.is_(None))
    ended = session.execute(ending.values(ended_at=now, ended_by=by))
    if row is None or not isinstance(ended, CursorResult) or ended.rowcount != 1:
        raise NotFound(f"hold {hold_id}")
    audit.append(session, by, "hold.ended", row.worker_id, f"hold {hold_id}", now)
    session.commit()
    return _hold(row, session.get_one(Worker, row.worker_id).nickname)


def claim_run(session: Session, now: dt.datetime) -> bool:
    """Whether today's run is this caller's: True once a day over all gateways, and only while something is settled."""
    if current(session) == Retention():
        return False
    last = ran_at(session)
    if last is not None and now - last < _EVERY:
        return False
    if last is None:
        session.add(OrganisationSetting(name=_RAN_AT, value=None, changed_by=ACTOR, changed_at=now))
        try:
            session.commit()
        except IntegrityError:  # another gateway was first
            session.rollback()
            return False
        return True
    claiming = update(OrganisationSetting).where(OrganisationSetting.name == _RAN_AT, OrganisationSetting.changed_at == last)
    claimed = session.execute(claiming.values(changed_at=now))
    session.commit()
    return isinstance(claimed, CursorResult) and claimed.rowcount == 1


def due(session: Session, now: dt.datetime) -> list[str]:
    """The workers of whom something is older than it is kept.

    Left alone: a legal hold, and whoever is in care: a case or a follow-up that is open.
    """
    retention = current(session)
    words, handling = retention.messages_before(now), retention.handling_before(now)
    queries = [] if words is None else [_owners_of_words(words)]
    queries += [] if handling is None else _owners_of_handling(handling)
    if not queries:
        return []
    found = union(*queries).subquery()
    query = select(Worker.id).where(Worker.id.in_(select(found.c[0])), *_free()).order_by(Worker.id)
    return list(session.scalars(query))


def erase_old(session: Session, worker_id: str, now: dt.datetime, *, is_rehearsal: bool = False) -> Erased:
    """Erase what is too old of one worker, with its audit entry, in one commit; nothing where that is not due (any more).

    `is_rehearsal` counts and leaves everything as it is.
    """
    session.scalar(select(Worker).where(Worker.id == worker_id).with_for_update())
    if session.scalar(select(Worker.id).where(Worker.id == worker_id, *_free())) is None:
        return Erased()
    retention = current(session)
    words, handling = retention.messages_before(now), retention.handling_before(now)
    done = Erased() if words is None else _erase_words(session, worker_id, words, now)
    done += Erased() if handling is None else _erase_handling(session, worker_id, handling)
    if is_rehearsal:
        session.rollback()
    else:
        told = f"messages {done.messages}, screenings {done.screenings}, handoffs {done.handoffs}; kept {_told(retention)}"
        audit.append(session, ACTOR, "retention.ran", worker_id, told, now)
        session.commit()
    return done + Erased(workers=1)


def drop_notices(session: Session, now: dt.datetime) -> int:
    """Delete notices delivered over thirty days ago, with the addresses they went to; gives how many."""
    done = session.execute(delete(Notification).where(Notification.sent_at < now - _NOTICES_KEPT))
    session.commit()
    return done.rowcount if isinstance(done, CursorResult) else 0


def _erase_words(session: Session, worker_id: str, moment: dt.datetime, now: dt.datetime) -> Erased:
    threads = list(session.scalars(select(Conversation.id).where(Conversation.worker_id == worker_id)))
    old = select(Message.id).where(Message.conversation_id.in_(threads), *_old_words(moment))
    messages = records.wipe_messages(session, old, now)
    for thread in threads:
        tracker_turns.erase_before(session, thread, moment)
    runs = session.execute(delete(Screening).where(Screening.worker_id == worker_id, Screening.updated_at < moment))
    worker = session.get_one(Worker, worker_id)
    if (worker.last_seen_at or worker.created_at) < moment:  # who is gone so long leaves nothing behind
        session.execute(delete(SafetyRecord).where(SafetyRecord.worker_id == worker_id))
        session.execute(delete(EmergencyContact).where(EmergencyContact.worker_id == worker_id))
        session.execute(delete(TrackerTurn).where(TrackerTurn.sender_id.in_(threads)))
        session.execute(delete(TrackerSnapshot).where(TrackerSnapshot.sender_id.in_(threads)))
        worker.nickname = None
    return Erased(messages=messages, screenings=runs.rowcount if isinstance(runs, CursorResult) else 0)


def _erase_handling(session: Session, worker_id: str, moment: dt.datetime) -> Erased:
    cases = select(Handoff.id).where(Handoff.worker_id == worker_id, Handoff.closed_at < moment)
    wiped = {"summary": None, "referral": None, "rating_text": None, "quality_note": None}
    done = session.execute(update(Handoff).where(Handoff.id.in_(cases), _has_words(*_CASE_WORDS)).values(**wiped))
    session.execute(delete(HandoffNote).where(HandoffNote.handoff_id.in_(cases)))
    session.execute(update(HandoffStep).where(HandoffStep.handoff_id.in_(cases)).values(reason=None))
    session.execute(update(FollowUp).where(FollowUp.worker_id == worker_id, FollowUp.done_at < moment).values(note=None))
    session.execute(update(Lowering).where(Lowering.worker_id == worker_id, Lowering.created_at < moment).values(reason=None))
    messages = select(Message.id).join(Conversation).where(Conversation.worker_id == worker_id)
    old_marks = ScreenMark.message_id.in_(messages), ScreenMark.created_at < moment
    session.execute(update(ScreenMark).where(*old_marks).values(note=None))
    return Erased(handoffs=done.rowcount if isinstance(done, CursorResult) else 0)


_CASE_WORDS = (Handoff.summary, Handoff.referral, Handoff.rating_text, Handoff.quality_note)


def _has_words(*columns: InstrumentedAttribute[str | None]) -> ColumnElement[bool]:
    return or_(*(column.is_not(None) for column in columns))


def _old_words(moment: dt.datetime) -> tuple[ColumnElement[bool], ...]:
    return Message.created_at < moment, Message.erased_at.is_(None)


def _owners_of_words(moment: dt.datetime) -> Select[tuple[str]]:
    """Who has messages or screenings older than this; what else goes with them is gone when these are."""
    wrote = exists().where(Message.conversation_id == Conversation.id, *_old_words(moment))
    answered = exists().where(Screening.worker_id == Conversation.worker_id, Screening.updated_at < moment)
    return select(Conversation.worker_id).where(or_(wrote, answered))


def _owners_of_handling(moment: dt.datetime) -> tuple[Select[tuple[str]], ...]:
    noted = exists().where(HandoffNote.handoff_id == Handoff.id)
    explained = exists().where(HandoffStep.handoff_id == Handoff.id, HandoffStep.reason.is_not(None))
    return (
        select(Handoff.worker_id).where(Handoff.closed_at < moment, or_(_has_words(*_CASE_WORDS), noted, explained)),
        select(FollowUp.worker_id).where(FollowUp.done_at < moment, FollowUp.note.is_not(None)),
        select(Lowering.worker_id).where(Lowering.created_at < moment, Lowering.reason.is_not(None)),
        select(Conversation.worker_id)
        .join(Message, Message.conversation_id == Conversation.id)
        .join(ScreenMark, ScreenMark.message_id == Message.id)
        .where(ScreenMark.created_at < moment, ScreenMark.note.is_not(None)),
    )


def _free() -> tuple[ColumnElement[bool], ...]:
    """Nobody holds the worker's record, and nobody cares for the worker just now."""
    is_held = exists().where(LegalHold.worker_id == Worker.id, LegalHold.ended_at.is_(None))
    has_case = exists().where(Handoff.worker_id == Worker.id, Handoff.status != CLOSED)
    has_task = exists().where(FollowUp.worker_id == Worker.id, FollowUp.done_at.is_(None))
    return ~is_held, ~has_case, ~has_task


def _setting(session: Session, name: str) -> int | None:
    value = session.scalar(select(OrganisationSetting.value).where(OrganisationSetting.name == name))
    return value if isinstance(value, int) else None


def _told(retention: Retention) -> str:
    return f"messages {retention.message_days or 'for good'}, handling {retention.handoff_days or 'for good'}"


def _hold(row: LegalHold, nickname: str | None) -> Hold:
    return Hold(row.id, row.worker_id, nickname, row.reason, row.placed_by, row.placed_at)
