"""Finds cases, past and open, for those who may see them; a nickname is sealed, so it is compared after opening."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from bot.db.handoff_tables import Handoff
from bot.db.tables import Worker
from bot.domain.case_access import SUPERVISOR, Viewer
from bot.domain.handoff import WAITING
from bot.services import handoff_rows
from bot.services.handoff_rows import Row

PAGE = 50


@dataclass(frozen=True)
class Wanted:
    """What is looked for: each field that is None fits all. `nickname` is a part of it, `since` and `until` (exclusive) of the request."""

    nickname: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    topic: str | None = None
    level: str | None = None
    counsellor: str | None = None
    status: str | None = None


@dataclass(frozen=True)
class PastRow:
    """A case with how it ended and, where a supervisor looked at it, how good it was."""

    row: Row
    closed_at: dt.datetime | None
    outcome: str | None
    quality: str | None

    def as_json(self) -> dict[str, Any]:
        closed_at = None if self.closed_at is None else self.closed_at.isoformat()
        return {**self.row.as_json(), "closed_at": closed_at, "outcome": self.outcome, "quality": self.quality}


@dataclass(frozen=True)
class Found:
    """One page, newest request first, and how many there are in all."""

    total: int = 0
    rows: list[PastRow] = field(default_factory=list)


def search(session: Session, viewer: Viewer, wanted: Wanted, page: int) -> Found:
    """The cases that fit, of those this viewer may see: the team's for a supervisor, own and waiting ones for a counsellor."""
    fits = _fits(viewer, wanted)
    if wanted.nickname:
        fits = (*fits, Handoff.worker_id.in_(_named(session, wanted.nickname, fits)))
    total = session.scalar(select(func.count()).select_from(Handoff).where(*fits)) or 0
    query = select(Handoff.id).where(*fits).order_by(Handoff.requested_at.desc(), Handoff.id.desc())
    return Found(total, past_rows(session, session.scalars(query.limit(PAGE).offset((page - 1) * PAGE)).all()))


def past_rows(session: Session, handoff_ids: Sequence[int]) -> list[PastRow]:
    """These cases in this order."""
    ends = select(Handoff.id, Handoff.closed_at, Handoff.outcome, Handoff.quality).where(Handoff.id.in_(handoff_ids))
    by_id = {handoff_id: end for handoff_id, *end in session.execute(ends)}
    return [PastRow(row, *by_id[row.id]) for row in handoff_rows.rows_of(session, handoff_ids)]


def subjects_of(session: Session, handoff_id: int) -> list[str]:
    """Under which names the audit log knows a case: its conversation and its worker."""
    row = session.execute(select(Handoff.conversation_id, Handoff.worker_id).where(Handoff.id == handoff_id)).one_or_none()
    return [] if row is None else list(row)


def _fits(viewer: Viewer, wanted: Wanted) -> tuple[ColumnElement[bool], ...]:
    found: list[ColumnElement[bool]] = []
    if viewer.role != SUPERVISOR:
        found.append(or_(Handoff.status == WAITING, Handoff.accepted_by == viewer.account_id))
    if wanted.since is not None:
        found.append(Handoff.requested_at >= wanted.since)
    if wanted.until is not None:
        found.append(Handoff.requested_at < wanted.until)
    asked = {
        Handoff.topic: wanted.topic, Handoff.level: wanted.level, Handoff.accepted_by: wanted.counsellor, Handoff.status: wanted.status,
    }  # fmt: skip
    found += [column == value for column, value in asked.items() if value]
    return tuple(found)


def _named(session: Session, nickname: str, fits: Sequence[ColumnElement[bool]]) -> list[str]:
    """Workers with these words in their nickname, among those of the cases that fit otherwise."""
    part = _plain(nickname)
    candidates = select(Worker.id, Worker.nickname).where(
        Worker.nickname.is_not(None), Worker.id.in_(select(Handoff.worker_id).where(*fits))
    )
    return [worker_id for worker_id, name in session.execute(candidates) if part in _plain(name)]


def _plain(name: str) -> str:
    """Width, case and blanks do not matter."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
