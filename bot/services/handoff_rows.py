"""Handoffs as rows of the console's queue: no words of anybody, what must be known at a glance."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bot.db.handoff_tables import Handoff
from bot.db.staff_tables import Account
from bot.db.tables import Alert, Event, FollowUp, Message, Worker
from bot.domain.case_access import CaseStanding, Viewer, sees
from bot.domain.conversation import Author
from bot.domain.errors import NotFound
from bot.domain.handoff import CLOSED
from bot.services.threads import MESSAGE_CREATED

_WITH_NAMES = (
    select(Handoff, Worker.nickname, Account.shown_name)
    .join(Worker, Worker.id == Handoff.worker_id)
    .outerjoin(Account, Account.id == Handoff.accepted_by)
)


@dataclass(frozen=True)
class Row:
    """One case of docs/console.md; `unread` counts the worker's bubbles since the request that the counsellor has not seen."""

    id: int
    conversation_id: str
    nickname: str | None
    status: str
    is_live: bool
    reason: str
    level: str
    rank: int
    topic: str | None
    requested_at: dt.datetime
    due_at: dt.datetime
    tier: int
    offered_to: str | None
    offer_until: dt.datetime | None
    accepted_by: str | None
    accepted_at: dt.datetime | None
    counsellor_name: str | None
    worker_at: dt.datetime | None
    counsellor_at: dt.datetime | None
    unread: int
    has_open_alert: bool
    follow_up_overdue: bool

    def as_json(self) -> dict[str, Any]:
        """JSON values; times in ISO 8601."""
        found = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {name: value.isoformat() if isinstance(value, dt.datetime) else value for name, value in found.items()}


def queue(session: Session, viewer: Viewer, now: dt.datetime) -> list[Row]:
    """The open cases that this viewer may see, the highest risk first, then the longest waiting."""
    open_ones = _WITH_NAMES.where(Handoff.status != CLOSED, Handoff.requested_at <= now)
    rows = _rows(session, open_ones.order_by(Handoff.rank, Handoff.requested_at, Handoff.id))
    return [row for row in rows if sees(viewer, CaseStanding(row.status, row.accepted_by))]


def row(session: Session, handoff_id: int) -> Row:
    """One case, open or closed; raises NotFound."""
    found = rows_of(session, [handoff_id])
    if not found:
        raise NotFound(f"handoff {handoff_id}")
    return found[0]


def rows_of(session: Session, handoff_ids: Sequence[int]) -> list[Row]:
    """These cases in the order of the ids; those that do not exist are left out."""
    by_id = {each.id: each for each in _rows(session, _WITH_NAMES.where(Handoff.id.in_(handoff_ids)))}
    return [by_id[each] for each in handoff_ids if each in by_id]


def _rows(session: Session, query: Select[tuple[Handoff, str | None, str]]) -> list[Row]:
    found = session.execute(query).all()
    ids = [handoff.id for handoff, _, _ in found]
    if not ids:
        return []
    unread, alerted, overdue = _unread(session, ids), _with_open_alert(session, ids), _with_late_task(session, ids)
    return [
        Row(
            handoff.id, handoff.conversation_id, nickname, handoff.status, handoff.is_live, handoff.reason, handoff.level, handoff.rank,
            handoff.topic, handoff.requested_at, handoff.due_at, handoff.tier, handoff.offered_to, handoff.offer_until,
            handoff.accepted_by, handoff.accepted_at, shown_name, handoff.worker_at, handoff.counsellor_at,
            unread.get(handoff.id, 0), handoff.id in alerted, handoff.id in overdue,
        )
        for handoff, nickname, shown_name in found
    ]  # fmt: skip


def _unread(session: Session, ids: Sequence[int]) -> dict[int, int]:
    query = (
        select(Handoff.id, func.count())
        .join(Message, Message.conversation_id == Handoff.conversation_id)
        .join(Event, (Event.message_id == Message.id) & (Event.kind == MESSAGE_CREATED))
        .where(
            Handoff.id.in_(ids),
            Handoff.status != CLOSED,
            Message.author == Author.WORKER.value,
            Message.created_at >= Handoff.requested_at,
            Event.id > Handoff.read_event,
        )
        .group_by(Handoff.id)
    )
    return dict(session.execute(query).tuples().all())


def _with_open_alert(session: Session, ids: Sequence[int]) -> set[int]:
    query = select(Handoff.id).join(Alert, Alert.conversation_id == Handoff.conversation_id)
    return set(session.scalars(query.where(Handoff.id.in_(ids), Alert.acknowledged_at.is_(None))))


def _with_late_task(session: Session, ids: Sequence[int]) -> set[int]:
    """Cases of workers with a follow-up of which the clock has told that it is late."""
    query = select(Handoff.id).join(FollowUp, FollowUp.worker_id == Handoff.worker_id)
    late = FollowUp.done_at.is_(None), FollowUp.overdue_alerted_at.is_not(None)
    return set(session.scalars(query.where(Handoff.id.in_(ids), *late)))
