"""Changes read past the last one that was told: what pages and consoles must be shown, whoever made it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from bot.db.handoff_tables import Handoff
from bot.db.tables import Event

WINDOW = 500  # ids: as far behind the last one a slower transaction may still commit its own (PostgreSQL)
_MOST = 1000
_SINCE = select(Event.id, Event.kind, Event.conversation_id, Event.message_id, Event.created_at)
_SINCE = _SINCE.where(Event.id > bindparam("after")).order_by(Event.id).limit(_MOST + WINDOW)
_NEWEST = select(func.max(Event.id))


@dataclass(frozen=True)
class Change:
    """One row of `events`; `kind` says what changed."""

    id: int
    kind: str
    conversation_id: str | None
    message_id: int | None
    created_at: dt.datetime


class Reader:
    """Where one gateway stands among the changes: each is given once, also one whose id was committed after a higher one.

    On PostgreSQL ids are drawn before the commit, so the last WINDOW of them are read again; SQLite writes one by one.
    """

    def __init__(self, *, may_come_late: bool) -> None:
        self.last = 0
        self._window = WINDOW if may_come_late else 0
        self._told: set[int] = set()

    def begin(self, session: Session) -> int:
        """Take what is there now as told; gives the number of the newest change."""
        self.last = newest(session)
        self._told = {each.id for each in since(session, self.last - self._window)}
        self.last = max(self._told, default=self.last)
        return self.last

    def take(self, session: Session) -> list[Change]:
        """The changes that were not given yet, in the order of their ids; at most some thousand at once."""
        found = [each for each in since(session, self.last - self._window) if each.id not in self._told]
        if found:
            self.last = max(self.last, found[-1].id)
            self._told.update(each.id for each in found)
            self._told = {each for each in self._told if each > self.last - self._window}
        return found


def newest(session: Session) -> int:
    """The number of the newest change, 0 when there is none."""
    return session.scalar(_NEWEST) or 0


def since(session: Session, after: int) -> list[Change]:
    """The changes with higher numbers than this one, oldest first."""
    return [Change(*row) for row in session.execute(_SINCE, {"after": after})]


@dataclass(frozen=True)
class CaseOf:
    """The newest case of a conversation."""

    id: int
    is_closed: bool


def cases_of(session: Session, conversation_ids: Collection[str]) -> dict[str, CaseOf]:
    """The newest case of each of these conversations; those that never had one are left out."""
    query = select(Handoff.conversation_id, Handoff.id, Handoff.closed_at).where(Handoff.conversation_id.in_(conversation_ids))
    rows = session.execute(query.order_by(Handoff.id))
    return {conversation_id: CaseOf(case_id, closed_at is not None) for conversation_id, case_id, closed_at in rows}


def of_kinds(session: Session, conversation_ids: Collection[str], kinds: Sequence[str], after: int) -> list[Change]:
    """The changes of these kinds in these conversations with higher numbers, oldest first."""
    query = _SINCE.where(Event.conversation_id.in_(conversation_ids), Event.kind.in_(kinds))
    return [Change(*row) for row in session.execute(query, {"after": after})]
