"""The rows of the inbox: which may be read now, counting a group anew, and taking items away with their words."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from sqlalchemy import ColumnElement, Select, and_, delete, exists, select
from sqlalchemy.orm import Session

from bot.db.studio_tables import InboxGroup, InboxItem, MessageFlag
from bot.db.tables import Consent, Message
from bot.domain.consent import IMPROVEMENT
from bot.domain.inbox import group_score, telling
from bot.vectors import Vectors, pack, unpack

OPEN, DONE = "open", "done"
_MOST_AVERAGED = 500  # vectors a centroid is computed from again; more would not move it


def is_allowed() -> ColumnElement[bool]:
    """That the consent to improvement stands now and stood when the item's message was sent."""
    standing = and_(Consent.worker_id == InboxItem.worker_id, Consent.kind == IMPROVEMENT, Consent.withdrawn_at.is_(None))
    return exists().where(standing, Consent.granted_at <= InboxItem.created_at)


def has_unconsented(session: Session) -> bool:
    """Whether items stand of workers who took their consent back."""
    return session.scalar(select(InboxItem.message_id).where(~is_allowed()).limit(1)) is not None


def drop_unconsented(session: Session) -> int:
    """Delete the items of workers who took their consent back; gives how many."""
    gone = list(session.scalars(select(InboxItem.message_id).where(~is_allowed())))
    drop(session, gone)
    session.commit()
    return len(gone)


def drop_of(session: Session, messages: Select[tuple[int]]) -> None:
    """Delete items and flags of these messages (a query of their ids) and count their groups anew; the caller commits."""
    drop(session, list(session.scalars(select(InboxItem.message_id).where(InboxItem.message_id.in_(messages)))))
    session.execute(delete(MessageFlag).where(MessageFlag.message_id.in_(messages)))


def drop(session: Session, message_ids: Collection[int]) -> None:
    """Delete these items and count their groups anew, whose centroids forget them; the caller commits."""
    if not message_ids:
        return
    chosen = InboxItem.message_id.in_(message_ids)
    groups = set(session.scalars(select(InboxItem.group_id).where(chosen)))
    session.execute(delete(InboxItem).where(chosen))
    for group_id in groups:
        _average(session, group_id)
    recount(session, groups)


def recount(session: Session, group_ids: Collection[int]) -> None:
    """Bring size, open count, score and newest time of these groups up to their items; an empty group goes. The caller commits."""
    session.flush()
    for group_id in group_ids:
        group = session.get(InboxGroup, group_id)
        if group is None:
            continue
        query = select(InboxItem.state, InboxItem.reasons, InboxItem.created_at).where(InboxItem.group_id == group_id)
        rows = session.execute(query).all()
        if not rows:
            session.delete(group)
            continue
        waiting = [reasons for state, reasons, _ in rows if state == OPEN]
        group.size, group.open_count = len(rows), len(waiting)
        group.score = group_score(map(telling, waiting))
        group.newest_at = max(created_at for _, _, created_at in rows)
    session.flush()


def mean_of(vectors: Vectors) -> Vectors:
    """The unit vector in the middle of these, shape (n, 384)."""
    middle = vectors.mean(axis=0)
    found: Vectors = (middle / (np.linalg.norm(middle) or 1.0)).astype(np.float32)
    return found


def _average(session: Session, group_id: int) -> None:
    """A centroid out of what is left in the group."""
    packed = session.scalars(select(InboxItem.vector).where(InboxItem.group_id == group_id).limit(_MOST_AVERAGED))
    left = [vector for vector in map(unpack, packed) if vector is not None]
    group = session.get(InboxGroup, group_id)
    if group is not None and left:
        group.centroid = pack(mean_of(np.stack(left)))


def message_of(session: Session, message_id: int) -> Message | None:
    """A worker's message whose words are still there; None for any other."""
    message = session.get(Message, message_id)
    return None if message is None or message.author != "worker" or message.erased_at is not None else message
