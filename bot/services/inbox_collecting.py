"""Finds new messages worth a trainer's look, masks them and puts them to others that mean the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, and_, exists, func, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.db.handoff_tables import EmergencyContact
from bot.db.staff_tables import OrganisationSetting
from bot.db.studio_tables import InboxGroup, InboxItem, MessageFlag
from bot.db.tables import Consent, Conversation, Message, RiskAssessment, ScreenMark, UnderstandingRow, Worker
from bot.domain.consent import IMPROVEMENT
from bot.domain.conversation import Author, TurnState, Understanding
from bot.domain.inbox import ALIKE, Before, Reason, is_protest, is_readable, merged, reasons_of
from bot.domain.protocol import Voice
from bot.domain.risk import RiskLevel
from bot.services.inbox_items import recount
from bot.training.masking import mask
from bot.vectors import DIMENSION, SHARED, Vectors, pack, unpack

BATCH = 200  # messages looked at a time: their vectors take a few seconds of one core
ACTOR = "inbox"
_SLICE = 16  # texts embedded at once: one core, so that the other is left to the turns
_SETTLED = dt.timedelta(seconds=10)  # on PostgreSQL a smaller id may be committed a moment later than a larger one
_PATIENCE = dt.timedelta(minutes=10)  # a turn that has no answer after this long holds up nothing any more
_MESSAGES, _FLAGS, _MARKS = "inbox_messages", "inbox_flags", "inbox_marks"  # up to where each was looked at
_FLAG_REASONS = {"thumbs_down": Reason.THUMBS_DOWN, "misread": Reason.MARKED}


@dataclass(frozen=True)
class Candidate:
    """A message worth a look, in the worker's own words; never kept. `names` are to be masked in it."""

    message_id: int
    worker_id: str
    conversation_id: str
    text: str = field(repr=False)
    intent: str
    confidence: float
    reasons: tuple[str, ...]
    created_at: dt.datetime
    names: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Batch:
    """What one look found, and how far it looked: `before` and `after` by mark, None before the first look."""

    candidates: tuple[Candidate, ...]
    before: dict[str, int | None]
    after: dict[str, int]

    @property
    def is_idle(self) -> bool:
        return not self.candidates and all(self.before[name] == self.after[name] for name in self.after)


@dataclass(frozen=True)
class Grouped:
    """A candidate masked, with its packed vector; `place` is the id of its group, or a negative number that new ones of a batch share."""

    candidate: Candidate
    text: str = field(repr=False)
    vector: str = field(repr=False)
    place: int


def look(session: Session, now: dt.datetime) -> Batch:
    """What came since the last look: messages that raise a doubt, and those that people flagged. Reads only."""
    before = {name: _until(session, name) for name in (_MESSAGES, _FLAGS, _MARKS)}
    found: dict[int, Candidate] = {}
    last = _look_at_messages(session, before[_MESSAGES] or 0, now, found)
    flags = _look_at_flags(session, before[_FLAGS] or 0, now, found)
    marks = _look_at_marks(session, before[_MARKS] or 0, now, found)
    return Batch(tuple(found.values()), before, {_MESSAGES: last, _FLAGS: flags, _MARKS: marks})


def prepare(batch: Batch, groups: Sequence[tuple[int, str]]) -> list[Grouped]:
    """Mask, embed and group; takes seconds and no session, so that no turn waits for it. `groups`: id and packed centroid of open ones."""
    texts = [mask(each.text, each.names).text for each in batch.candidates]
    vectors = [vector for start in range(0, len(texts), _SLICE) for vector in SHARED.of_many(texts[start : start + _SLICE])]
    near = _Near(groups)
    return [
        Grouped(candidate, text, pack(vector), near.place(vector))
        for candidate, text, vector in zip(batch.candidates, texts, vectors, strict=True)
    ]


def open_groups(session: Session) -> list[tuple[int, str]]:
    """Id and packed centroid of every group with something undecided."""
    query = select(InboxGroup.id, InboxGroup.centroid).where(InboxGroup.open_count > 0).order_by(InboxGroup.id)
    return [(group_id, centroid) for group_id, centroid in session.execute(query)]


def store(session: Session, batch: Batch, grouped: Iterable[Grouped], now: dt.datetime) -> int:
    """Put what was found into the inbox and note how far it was looked, in one commit; gives how many messages are new in it.

    Nothing is stored when another gateway was first, and nothing of a worker who took the consent back or was erased meanwhile.
    """
    if not _advance(session, batch, now):
        session.rollback()
        return 0
    waiting = list(grouped)
    _hold(session, {each.candidate.worker_id for each in waiting})
    fresh, touched, new_groups = 0, set[int](), dict[int, int]()
    for each in waiting:
        existing = session.get(InboxItem, each.candidate.message_id)
        if existing is not None:
            existing.reasons = merged(existing.reasons, each.candidate.reasons)
            touched.add(existing.group_id)
        elif _may_be_kept(session, each.candidate):
            group_id = _group_of(session, each, new_groups)
            session.add(_item(each, group_id, _level_of(session, each.candidate.message_id)))
            touched.add(group_id)
            fresh += 1
    recount(session, touched)
    session.commit()
    return fresh


class _Near:
    """Leader clustering against the centroids of open groups and of the groups that this batch opens."""

    def __init__(self, groups: Sequence[tuple[int, str]]) -> None:
        known = [(group_id, vector) for group_id, packed in groups if (vector := unpack(packed)) is not None]
        self._ids = [group_id for group_id, _ in known]
        self._centroids: Vectors = np.stack([vector for _, vector in known]) if known else np.zeros((0, DIMENSION), np.float32)
        self._opened: list[Vectors] = []

    def place(self, vector: Vectors) -> int:
        best, place = ALIKE, 0
        for ids, rows in ((self._ids, self._centroids), (self._new_ids(), self._opened)):
            if len(ids):
                likeness = np.asarray(rows) @ vector
                nearest = int(likeness.argmax())
                if likeness[nearest] >= best:
                    best, place = float(likeness[nearest]), ids[nearest]
        if place == 0:
            self._opened.append(vector)
            place = -len(self._opened)
        return place

    def _new_ids(self) -> list[int]:
        return [-number - 1 for number in range(len(self._opened))]


def _look_at_messages(session: Session, since: int, now: dt.datetime, found: dict[int, Candidate]) -> int:
    """Doubts about the answered messages after this one; gives the last one looked at."""
    until = _last_answered(session, since, now)
    query = (
        _readable(now)
        .add_columns(UnderstandingRow)
        .outerjoin(UnderstandingRow, UnderstandingRow.message_id == Message.id)
        .where(Message.id > since, Message.id <= until, Message.payload.is_(None))
        .order_by(Message.id)
        .limit(BATCH)
    )
    rows = session.execute(query).all()
    for message, worker_id, row in rows:
        earlier = _message_before(session, message, now)
        if earlier is not None and is_protest(message.text):
            _add(session, found, earlier[0], worker_id, earlier[1], [Reason.NOT_UNDERSTOOD])
        if row is not None and not _is_unheard(message):
            understood = Understanding(
                row.intent, row.confidence, runner_up=row.runner_up, runner_up_confidence=row.runner_up_confidence
            )
            before = None if earlier is None or earlier[1] is None else Before(earlier[1].intent, earlier[0].created_at)
            reasons = reasons_of(message.id, understood, message.created_at, before)
            if reasons:
                _add(session, found, message, worker_id, row, reasons)
    return int(rows[-1][0].id) if len(rows) == BATCH else until


def _look_at_flags(session: Session, since: int, now: dt.datetime, found: dict[int, Candidate]) -> int:
    """Thumbs down and what counsellors called misread."""
    query = select(MessageFlag).where(MessageFlag.id > since, MessageFlag.created_at <= now - _SETTLED)
    rows = session.scalars(query.order_by(MessageFlag.id).limit(BATCH)).all()
    for row in rows:
        _add_flagged(session, found, row.message_id, _FLAG_REASONS[row.kind], now)
    return rows[-1].id if rows else since


def _look_at_marks(session: Session, since: int, now: dt.datetime, found: dict[int, Candidate]) -> int:
    """Messages whose screening a counsellor marked."""
    query = select(ScreenMark).where(ScreenMark.id > since, ScreenMark.created_at <= now - _SETTLED)
    rows = session.scalars(query.order_by(ScreenMark.id).limit(BATCH)).all()
    for row in rows:
        _add_flagged(session, found, row.message_id, Reason.MARKED, now)
    return rows[-1].id if rows else since


def _add_flagged(session: Session, found: dict[int, Candidate], message_id: int, reason: Reason, now: dt.datetime) -> None:
    row = session.execute(_readable(now).where(Message.id == message_id, Message.payload.is_(None))).one_or_none()
    if row is not None:
        _add(session, found, row[0], row[1], session.get(UnderstandingRow, message_id), [reason])


def _add(
    session: Session, found: dict[int, Candidate], message: Message, worker_id: str, row: UnderstandingRow | None,
    reasons: Sequence[Reason],
) -> None:  # fmt: skip
    if not is_readable(message.text):
        return
    codes = [reason.value for reason in reasons]
    known = found.get(message.id)
    found[message.id] = Candidate(
        message.id, worker_id, message.conversation_id, message.text, row.intent if row else "", row.confidence if row else 0.0,
        tuple(merged(codes, known.reasons if known else ())), message.created_at, names_of(session, worker_id),
    )  # fmt: skip


def names_of(session: Session, worker_id: str) -> tuple[str, ...]:
    """Names that a worker gave us: the nickname and the emergency contact's."""
    nickname = session.scalar(select(Worker.nickname).where(Worker.id == worker_id))
    contact = session.get(EmergencyContact, worker_id)
    return tuple(name for name in (nickname, contact.name if contact else None) if name)


def _readable(now: dt.datetime) -> Any:
    """Messages, with their workers' ids, that may be looked at: sent while a consent stood that still stands, their words still there."""
    return (
        select(Message, Conversation.worker_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Message.author == Author.WORKER.value, Message.erased_at.is_(None), Message.created_at <= now - _SETTLED, _consented()
        )
    )  # fmt: skip


def _consented() -> ColumnElement[bool]:
    standing = and_(Consent.worker_id == Conversation.worker_id, Consent.kind == IMPROVEMENT, Consent.withdrawn_at.is_(None))
    return exists().where(standing, Consent.granted_at <= Message.created_at)


def _message_before(session: Session, message: Message, now: dt.datetime) -> tuple[Message, UnderstandingRow | None] | None:
    """The worker's typed message before this one, and what was understood of it."""
    query = (
        _readable(now)
        .where(Message.conversation_id == message.conversation_id, Message.id < message.id, Message.payload.is_(None))
        .order_by(Message.id.desc())
        .limit(1)
    )
    row = session.execute(query).one_or_none()
    return None if row is None else (row[0], session.get(UnderstandingRow, row[0].id))


def _last_answered(session: Session, since: int, now: dt.datetime) -> int:
    """Up to which message all turns have come to their end, or were given up."""
    states = [TurnState.STORED.value, TurnState.ASKED.value]
    young = Message.turn_state.in_(states), Message.created_at > now - _PATIENCE, Message.id > since
    pending = session.scalar(select(func.min(Message.id)).where(*young))
    settled = session.scalar(select(func.max(Message.id)).where(Message.id > since, Message.created_at <= now - _SETTLED))
    last = settled if settled is not None else since
    return last if pending is None else min(last, pending - 1)


def _is_unheard(message: Message) -> bool:
    """Whether the protocol answered and not Rasa, so that what Rasa understood decided nothing."""
    return message.protocol is not None and message.protocol.get("voice") == Voice.SILENT.value


def _until(session: Session, name: str) -> int | None:
    row = session.get(OrganisationSetting, name)
    return row.value if row is not None and isinstance(row.value, int) else None


def _advance(session: Session, batch: Batch, now: dt.datetime) -> bool:
    """Note how far was looked, if nobody was first."""
    try:
        for name, after in batch.after.items():
            before = batch.before[name]
            if before is None:
                session.add(OrganisationSetting(name=name, value=after, changed_by=ACTOR, changed_at=now))
                session.flush()
            elif not _moved(session, name, before, after, now):
                return False
    except IntegrityError:
        return False
    return True


def _moved(session: Session, name: str, before: int, after: int, now: dt.datetime) -> bool:
    row = session.get(OrganisationSetting, name, with_for_update=True, populate_existing=True)
    if row is None or row.value != before:
        return False
    if after != before:
        moving = update(OrganisationSetting).where(OrganisationSetting.name == name)
        moved = session.execute(moving.values(value=after, changed_by=ACTOR, changed_at=now))
        return isinstance(moved, CursorResult) and moved.rowcount == 1
    return True


def _hold(session: Session, worker_ids: set[str]) -> None:
    """Hold the workers' rows: an erasure comes before this batch, or after it and takes it away."""
    session.execute(select(Worker.id).where(Worker.id.in_(worker_ids)).order_by(Worker.id).with_for_update()).all()


def _may_be_kept(session: Session, candidate: Candidate) -> bool:
    query = (
        select(Message.id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.id == candidate.message_id, Message.erased_at.is_(None), _consented())
    )
    return session.scalar(query) is not None


def _group_of(session: Session, each: Grouped, new_groups: dict[int, int]) -> int:
    """The group of this item: the one found, while it is still there, else a new one around the item's own vector."""
    group_id = new_groups.get(each.place, each.place)
    group = session.get(InboxGroup, group_id) if group_id > 0 else None
    if group is None:
        group = InboxGroup(centroid=each.vector, newest_at=each.candidate.created_at)
        session.add(group)
        session.flush()
        new_groups[each.place] = group.id
        return group.id
    _lean(group, each.vector)
    return group.id


def _lean(group: InboxGroup, packed: str) -> None:
    """The centroid moves towards its new item by the item's share."""
    centroid, vector = unpack(group.centroid), unpack(packed)
    if centroid is not None and vector is not None:
        group.size += 1
        moved = centroid * (group.size - 1) + vector
        group.centroid = pack(moved / (np.linalg.norm(moved) or 1.0))


def _item(each: Grouped, group_id: int, level: str) -> InboxItem:
    found = each.candidate
    return InboxItem(
        message_id=found.message_id, worker_id=found.worker_id, conversation_id=found.conversation_id, group_id=group_id,
        reasons=list(found.reasons), intent=found.intent, confidence=found.confidence, level=level, text=each.text, vector=each.vector,
        created_at=found.created_at,
    )  # fmt: skip


def _level_of(session: Session, message_id: int) -> str:
    levels = session.scalars(select(RiskAssessment.level).where(RiskAssessment.message_id == message_id))
    return max(map(RiskLevel, levels), default=RiskLevel.NONE).value
