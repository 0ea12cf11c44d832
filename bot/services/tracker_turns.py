"""Rasa's tracker in the database: append a turn, read the last ones."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from bot.db.tables import Conversation, TrackerSnapshot, TrackerTurn, Worker

_ERASED_AT = (
    select(Worker.erased_at)
    .join(Conversation, Conversation.worker_id == Worker.id)
    .where(Conversation.id == bindparam("sender"))
    .with_for_update(read=True, of=Worker)
)
_NEWEST = (
    select(TrackerTurn.events)
    .where(TrackerTurn.sender_id == bindparam("sender"))
    .order_by(TrackerTurn.id.desc())
    .limit(bindparam("most"))
)


@dataclass(frozen=True)
class StoredTracker:
    """The last turns (oldest first, each a list of Rasa events), the newest slots and loop; `is_whole` when nothing is left out or erased."""

    turns: list[list[dict[str, Any]]]
    slots: dict[str, Any]
    active_loop: dict[str, Any]
    is_whole: bool


def append(
    session: Session, sender_id: str, events: list[dict[str, Any]], slots: dict[str, Any], active_loop: dict[str, Any]
) -> None:
    """Store one turn and the state after it, in one commit; nothing when the thread's worker was erased meanwhile."""
    if session.scalar(_ERASED_AT, {"sender": sender_id}) is not None:
        return
    session.add(TrackerTurn(sender_id=sender_id, events=events))
    snapshot = session.get(TrackerSnapshot, sender_id)
    if snapshot is None:
        session.add(TrackerSnapshot(sender_id=sender_id, slots=slots, active_loop=active_loop))
    else:
        snapshot.slots, snapshot.active_loop = slots, active_loop
    session.commit()


def read(session: Session, sender_id: str, limit: int) -> StoredTracker | None:
    """The last `limit` turns of a sender, or None when there is none."""
    snapshot = session.get(TrackerSnapshot, sender_id)
    if snapshot is None:
        return None
    turns = list(session.scalars(_NEWEST, {"sender": sender_id, "most": limit + 1}))
    is_whole = len(turns) <= limit and all(turns)
    return StoredTracker(list(reversed(turns[:limit])), snapshot.slots, snapshot.active_loop, is_whole)


def erase_before(session: Session, sender_id: str, moment: dt.datetime) -> int:
    """Erase the turns whose last event is older than this moment; gives how many. The caller commits.

    The newest of them stays, empty: so a reader knows that something is missing and begins from the snapshot.
    """
    query = select(TrackerTurn).where(TrackerTurn.sender_id == sender_id).order_by(TrackerTurn.id)
    old = list(takewhile(lambda turn: _ended_at(turn) < moment.timestamp(), session.scalars(query)))
    count = sum(bool(turn.events) for turn in old)
    for turn in old[:-1]:
        session.delete(turn)
    if old and old[-1].events:
        old[-1].events = []
    return count


def _ended_at(turn: TrackerTurn) -> float:
    return float(turn.events[-1].get("timestamp") or 0) if turn.events else 0.0


def sender_ids(session: Session) -> list[str]:
    """All senders that have a tracker."""
    return list(session.scalars(select(TrackerSnapshot.sender_id)))


def count(session: Session, sender_id: str) -> int:
    """How many turns are stored of a sender."""
    return session.scalar(select(func.count()).select_from(TrackerTurn).where(TrackerTurn.sender_id == sender_id)) or 0
