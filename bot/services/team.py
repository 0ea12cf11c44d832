"""What a supervisor sees of the team: load, waiting times, how cases ended, marks, ratings, and cases to look at again."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bot.db.handoff_tables import Handoff, HandoffStep
from bot.db.tables import Message, ScreenMark, Worker
from bot.domain.errors import IllegalTransition, NotFound
from bot.domain.figures import Wait, WaitFigures, figures_of
from bot.domain.handoff import CLOSED
from bot.domain.risk import RiskLevel
from bot.services import audit, duty, report, search
from bot.services.search import PastRow

_LATEST = 20
_SAMPLE = 5
_SAMPLE_DAYS = 14


class Quality(str, Enum):
    """What a supervisor thinks of a closed case."""

    GOOD = "good"
    TO_DISCUSS = "to_discuss"


@dataclass(frozen=True)
class LoadLine:
    """One who may work cases: cases now, and cases closed in the days asked for."""

    id: str
    shown_name: str
    is_present: bool
    on_duty: bool
    load: int
    capacity: int
    closed: int


@dataclass(frozen=True)
class MarkOfCase:
    """A mark of the screen and the case it was found in, if any."""

    message_id: int
    handoff_id: int | None
    verdict: str
    expected: str
    by: str
    created_at: dt.datetime


@dataclass(frozen=True)
class Rating:
    """What a worker thought of the human part; `faces` 1 to 3."""

    handoff_id: int
    faces: int
    text: str | None
    rated_at: dt.datetime


@dataclass(frozen=True)
class Team:
    """The figures of some days up to now."""

    load: list[LoadLine]
    waits: dict[RiskLevel, WaitFigures]
    by_day: dict[dt.date, WaitFigures]
    outcomes: dict[str, int]
    missed: int
    false_alarms: int
    latest_marks: list[MarkOfCase]
    faces: tuple[int, int, int]
    latest_ratings: list[Rating]
    quality_sample: list[PastRow]


def figures(session: Session, days: int, zone: ZoneInfo, now: dt.datetime) -> Team:
    """The team over so many calendar days of this zone, today the last."""
    today = now.astimezone(zone).date()
    since = _midnight(today - dt.timedelta(days=days - 1), zone)
    by_level: dict[RiskLevel, list[Wait]] = {level: [] for level in sorted(RiskLevel, key=lambda each: -each.rank)}
    by_day: dict[dt.date, list[Wait]] = {today - dt.timedelta(days=days - 1 - place): [] for place in range(days)}
    for level, at, wait in _waits(session, since, now):
        by_level[level].append(wait)
        by_day[at.astimezone(zone).date()].append(wait)
    marks = report.marks_by_verdict(session, since)
    faces = _faces(session, since)
    return Team(
        _load(session, since, now), {level: figures_of(each) for level, each in by_level.items()},
        {date: figures_of(each) for date, each in by_day.items()}, _outcomes(session, since), marks["missed"], marks["false_alarm"],
        _latest_marks(session, since), faces, _latest_ratings(session, since), quality_sample(session, zone, now),
    )  # fmt: skip


def quality_sample(session: Session, zone: ZoneInfo, now: dt.datetime) -> list[PastRow]:
    """Some closed cases of the last two weeks for a second look: drawn by chance, the same all day, none looked at before today."""
    today = now.astimezone(zone).date()
    midnight = _midnight(today, zone)
    query = select(Handoff.id).where(
        Handoff.status == CLOSED,
        Handoff.first_accepted_at.is_not(None),
        Handoff.closed_at >= midnight - dt.timedelta(days=_SAMPLE_DAYS),
        Handoff.closed_at < midnight,
        (Handoff.quality_at.is_(None)) | (Handoff.quality_at >= midnight),
    )
    drawn = sorted(session.scalars(query), key=lambda each: hashlib.sha256(f"{today}:{each}".encode()).digest())
    return search.past_rows(session, drawn[:_SAMPLE])


def rate_quality(
    session: Session, handoff_id: int, account_id: str, by: str, quality: Quality, note: str | None, now: dt.datetime
) -> PastRow:
    """Note what a supervisor thinks of a closed case; raises NotFound, IllegalTransition while it is open."""
    handoff = session.get(Handoff, handoff_id, with_for_update=True)
    if handoff is None:
        raise NotFound(f"handoff {handoff_id}")
    if handoff.status != CLOSED:
        raise IllegalTransition(f"handoff {handoff_id} is open", reader_text="个案还没结束，结束以后再评。")
    is_erased = session.get_one(Worker, handoff.worker_id).erased_at is not None
    handoff.quality, handoff.quality_by, handoff.quality_at = quality.value, account_id, now
    handoff.quality_note = None if is_erased else (note or "").strip() or None
    audit.append(session, by, f"case.quality_{quality.value}", handoff.conversation_id, f"case {handoff_id}", now)
    session.commit()
    return search.past_rows(session, [handoff_id])[0]


def _midnight(date: dt.date, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(date, dt.time(), zone).astimezone(dt.timezone.utc)


def _load(session: Session, since: dt.datetime, now: dt.datetime) -> list[LoadLine]:
    query = select(Handoff.closed_by, func.count()).where(Handoff.closed_at >= since).group_by(Handoff.closed_by)
    closed = _counts(session, query)
    return [
        LoadLine(
            line.account_id, line.shown_name, line.is_present, line.on_duty, line.load, line.capacity, closed.get(line.account_id, 0)
        )
        for line in duty.team(session, now)
    ]  # fmt: skip


def _waits(session: Session, since: dt.datetime, now: dt.datetime) -> Iterator[tuple[RiskLevel, dt.datetime, Wait]]:
    """Level, request and wait of each live case that can be judged: somebody came, or the clock ran out first.

    The clock's own word counts (the step `breached`), as a level that rises shortens it on the way; who still waits has waited
    until now.
    """
    breached = select(HandoffStep.handoff_id, func.min(HandoffStep.created_at).label("at"))
    late = breached.where(HandoffStep.step == "breached").group_by(HandoffStep.handoff_id).subquery()
    query = (
        select(
            Handoff.level, Handoff.requested_at, Handoff.due_at, Handoff.first_accepted_at, Handoff.accepted_at, Handoff.closed_at, late.c.at,
        )
        .outerjoin(late, late.c.handoff_id == Handoff.id)
        .where(Handoff.is_live, Handoff.requested_at >= since, Handoff.requested_at <= now)
    )  # fmt: skip
    for row in session.execute(query):
        is_late = row.at is not None and (row.first_accepted_at is None or row.at <= row.first_accepted_at)
        if row.first_accepted_at is None and not is_late:
            continue
        is_first = row.first_accepted_at is not None and row.accepted_at == row.first_accepted_at
        is_late = is_late or (is_first and row.first_accepted_at > row.due_at)
        until = row.first_accepted_at or row.closed_at or now
        yield RiskLevel(row.level), row.requested_at, Wait((until - row.requested_at).total_seconds(), not is_late)


def _counts(session: Session, query: Select[tuple[Any, int]]) -> dict[Any, int]:
    return dict(session.execute(query).tuples().all())


def _outcomes(session: Session, since: dt.datetime) -> dict[str, int]:
    query = select(Handoff.outcome, func.count()).where(Handoff.closed_at >= since, Handoff.outcome.is_not(None))
    counts = _counts(session, query.group_by(Handoff.outcome))
    return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))


def _latest_marks(session: Session, since: dt.datetime) -> list[MarkOfCase]:
    case = (
        select(func.max(Handoff.id))
        .where(Handoff.conversation_id == Message.conversation_id, Handoff.requested_at <= ScreenMark.created_at)
        .scalar_subquery()
    )
    query = (
        select(
            ScreenMark.message_id, case, ScreenMark.verdict, ScreenMark.expected, ScreenMark.marked_by, ScreenMark.created_at
        )
        .join(Message, Message.id == ScreenMark.message_id)
        .where(ScreenMark.created_at >= since)
        .order_by(ScreenMark.id.desc())
    )
    return [MarkOfCase(*row) for row in session.execute(query.limit(_LATEST))]


def _faces(session: Session, since: dt.datetime) -> tuple[int, int, int]:
    query = select(Handoff.rating, func.count()).where(Handoff.rated_at >= since).group_by(Handoff.rating)
    counts = _counts(session, query)
    return counts.get(1, 0), counts.get(2, 0), counts.get(3, 0)


def _latest_ratings(session: Session, since: dt.datetime) -> list[Rating]:
    query = select(Handoff.id, Handoff.rating, Handoff.rating_text, Handoff.rated_at).where(Handoff.rated_at >= since)
    rows = session.execute(query.order_by(Handoff.rated_at.desc(), Handoff.id.desc()).limit(_LATEST))
    return [Rating(*row) for row in rows]
