"""What the safety of a stretch of time came to, in numbers from the database; no texts, no names."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from bot.db.tables import Alert, FollowUp, RiskAssessment, ScreenMark
from bot.domain.follow_up import Outcome
from bot.domain.risk import RiskLevel
from bot.services.screen_marks import Decision, Verdict

QUICK_SECONDS = 300  # Crisis Text Line by its own word: 94% of high-risk texters answered within five minutes


@dataclass(frozen=True)
class AlertFigures:
    """Alerts of one reason and level: how many, how many were taken, and the median minutes until then (None: none was)."""

    reason: str
    level: str
    raised: int
    taken: int
    median_minutes: float | None


@dataclass(frozen=True)
class SafetyReport:
    """The counts from `since` to `until`.

    `activations`: messages by their highest level and its kind. `quick_share`: of the alerts at high and imminent that
    were taken or are five minutes old, the share taken within five minutes, 0 to 1 (None: there was none). Marks that
    were rejected are left out.
    """

    since: dt.datetime
    until: dt.datetime
    activations: dict[str, dict[str, int]]
    alerts: list[AlertFigures]
    quick_share: float | None
    takeovers: int
    missed: int
    false_alarms: int
    follow_ups_planned: int
    follow_ups_done: int
    follow_ups_overdue: int
    follow_ups_unreached: int


@dataclass(frozen=True)
class Totals:
    """The counts over all time, for `/metrics`: alerts by reason, marks by verdict."""

    alerts: dict[str, int]
    takeovers: int
    marks: dict[str, int]
    follow_ups_overdue: int


def safety(session: Session, since: dt.datetime, now: dt.datetime) -> SafetyReport:
    """The report from `since` until now."""
    raised = session.execute(
        select(Alert.reason, Alert.level, Alert.created_at, Alert.acknowledged_at).where(Alert.created_at >= since)
    )
    rows = [(reason, level, at, taken) for reason, level, at, taken in raised]
    marks = marks_by_verdict(session, since)
    return SafetyReport(
        since=since,
        until=now,
        activations=_activations(session, since),
        alerts=_by_reason(rows),
        quick_share=_quick_share(rows, now),
        takeovers=_count(session, Alert, Alert.acknowledged_at >= since),
        missed=marks[Verdict.MISSED.value],
        false_alarms=marks[Verdict.FALSE_ALARM.value],
        follow_ups_planned=_count(session, FollowUp, FollowUp.created_at >= since),
        follow_ups_done=_count(session, FollowUp, FollowUp.done_at >= since),
        follow_ups_overdue=_count(session, FollowUp, FollowUp.overdue_alerted_at >= since),
        follow_ups_unreached=_count(session, FollowUp, FollowUp.done_at >= since, FollowUp.outcome == Outcome.UNREACHED.value),
    )


def totals(session: Session) -> Totals:
    """The counts over all time."""
    by_reason = session.execute(select(Alert.reason, func.count()).group_by(Alert.reason)).tuples()
    return Totals(
        alerts=dict(by_reason.all()),
        takeovers=_count(session, Alert, Alert.acknowledged_at.is_not(None)),
        marks=dict(marks_by_verdict(session)),
        follow_ups_overdue=_count(session, FollowUp, FollowUp.overdue_alerted_at.is_not(None)),
    )


def _activations(session: Session, since: dt.datetime) -> dict[str, dict[str, int]]:
    """Each message once, at its highest level: a late vector assesses it twice."""
    query = select(RiskAssessment.message_id, RiskAssessment.level, RiskAssessment.kind)
    query = query.where(RiskAssessment.created_at >= since, RiskAssessment.level != RiskLevel.NONE.value)
    highest: dict[int, tuple[RiskLevel, str]] = {}
    for message_id, level, kind in session.execute(query.order_by(RiskAssessment.id)):
        if message_id not in highest or RiskLevel(level) > highest[message_id][0]:
            highest[message_id] = RiskLevel(level), kind
    counts = Counter(highest.values())
    return {
        level.value: {kind: count for (each, kind), count in sorted(counts.items()) if each is level}
        for level in (RiskLevel.IMMINENT, RiskLevel.HIGH, RiskLevel.WATCH)
    }


def _by_reason(rows: Sequence[tuple[str, str, dt.datetime, dt.datetime | None]]) -> list[AlertFigures]:
    groups: dict[tuple[str, str], list[float | None]] = {}
    for reason, level, at, taken in rows:
        waited = None if taken is None else (taken - at).total_seconds() / 60
        groups.setdefault((reason, level), []).append(waited)
    order = sorted(groups, key=lambda each: (-RiskLevel(each[1]).rank, each[0]))
    return [_figures(reason, level, groups[reason, level]) for reason, level in order]


def _figures(reason: str, level: str, waited: Sequence[float | None]) -> AlertFigures:
    minutes = [each for each in waited if each is not None]
    return AlertFigures(reason, level, len(waited), len(minutes), round(median(minutes), 1) if minutes else None)


def _quick_share(rows: Sequence[tuple[str, str, dt.datetime, dt.datetime | None]], now: dt.datetime) -> float | None:
    """An open alert counts as late once five minutes have gone by; a younger one is not judged yet."""
    grave = [(at, taken) for _, level, at, taken in rows if RiskLevel(level) >= RiskLevel.HIGH]
    seconds = [((taken or now) - at).total_seconds() for at, taken in grave if taken or _is_old(at, now)]
    return None if not seconds else round(sum(each <= QUICK_SECONDS for each in seconds) / len(seconds), 4)


def _is_old(at: dt.datetime, now: dt.datetime) -> bool:
    return (now - at).total_seconds() > QUICK_SECONDS


def marks_by_verdict(session: Session, since: dt.datetime | None = None) -> Counter[str]:
    """Marked messages by verdict, each message once; rejected marks are left out."""
    query = select(ScreenMark.verdict, func.count(func.distinct(ScreenMark.message_id)))
    query = query.where((ScreenMark.decision.is_(None)) | (ScreenMark.decision != Decision.REJECTED.value))
    if since is not None:
        query = query.where(ScreenMark.created_at >= since)
    return Counter(dict(session.execute(query.group_by(ScreenMark.verdict)).tuples().all()))


def _count(session: Session, table: type[Alert] | type[FollowUp], *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0
