"""Rasa's tracker in the database: append a turn, read the last ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.db.tables import Conversation, TrackerSnapshot, TrackerTurn, Worker


@dataclass(frozen=True)
class StoredTracker:
    """The last turns (oldest first, each a list of Rasa events), the newest slots and loop; `is_whole` when nothing was left out."""

    turns: list[list[dict[str, Any]]]
    slots: dict[str, Any]
    active_loop: dict[str, Any]
    is_whole: bool


def append(
    session: Session, sender_id: str, events: list[dict[str, Any]], slots: dict[str, Any], active_loop: dict[str, Any]
) -> None:
    """Store one turn and the state after it, in one commit; nothing when the thread's worker was erased meanwhile."""
    owner = select(Worker.erased_at).join(Conversation, Conversation.worker_id == Worker.id).where(Conversation.id == sender_id)
    if session.scalar(owner.with_for_update(read=True, of=Worker)) is not None:
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
    newest = (
        select(TrackerTurn.events).where(TrackerTurn.sender_id == sender_id).order_by(TrackerTurn.id.desc()).limit(limit + 1)
    )
    turns = list(session.scalars(newest))
    is_whole = len(turns) <= limit
    return StoredTracker(list(reversed(turns[:limit])), snapshot.slots, snapshot.active_loop, is_whole)


def sender_ids(session: Session) -> list[str]:
    """All senders that have a tracker."""
    return list(session.scalars(select(TrackerSnapshot.sender_id)))


def count(session: Session, sender_id: str) -> int:
    """How many turns are stored of a sender."""
    return session.scalar(select(func.count()).select_from(TrackerTurn).where(TrackerTurn.sender_id == sender_id)) or 0
