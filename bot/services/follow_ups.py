"""Follow-ups after a crisis: tasks of counsellors with due times, and one warm line when a worker at watch comes back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from bot.db.handoff_tables import Handoff
from bot.db.tables import Alert, Conversation, FollowUp, Worker
from bot.domain.case_access import SUPERVISOR, Viewer
from bot.domain.errors import IllegalTransition, NotFound
from bot.domain.follow_up import POLICY, CarePolicy, Outcome, goes_to_supervisor, replanned
from bot.domain.risk import RiskFinding, RiskKind, RiskLevel, RiskSubject
from bot.domain.staff import named, same_person
from bot.services import alerts, audit, levels


@dataclass(frozen=True)
class FollowUpLine:
    """One task as a list shows it: no text of anybody."""

    id: int
    worker_id: str
    alert_id: int
    level: str
    hours: int
    due_at: dt.datetime
    assigned_to: str | None
    is_overdue: bool
    done_at: dt.datetime | None
    done_by: str | None
    outcome: str | None


@dataclass(frozen=True)
class CaseTask:
    """One open task as the console lists it; `handoff_id` is the worker's newest case."""

    id: int
    handoff_id: int | None
    nickname: str | None
    level: str
    due_at: dt.datetime
    is_overdue: bool
    assigned_to: str | None


def plan(session: Session, alert: Alert, policy: CarePolicy = POLICY) -> None:
    """Plan the follow-ups that a worker's own crisis asks for, each once; the caller holds the worker's row and commits.

    The worker's level is raised already. While tasks are open a further crisis moves them forward (`replanned`).
    """
    if alert.subject != RiskSubject.SELF.value or RiskLevel(alert.level) < RiskLevel.HIGH:
        return
    level = RiskLevel(session.get_one(Worker, alert.worker_id).risk_level)  # carried: high said after imminent is imminent's
    query = select(FollowUp).where(FollowUp.worker_id == alert.worker_id, FollowUp.done_at.is_(None))
    rows = list(session.scalars(query.order_by(FollowUp.due_at, FollowUp.id).with_for_update()))
    places = replanned([row.due_at for row in rows], alert.created_at, policy.follow_up_hours)
    for row, place in zip(rows, places, strict=False):
        row.level = max(level, RiskLevel(row.level)).value
        if place is not None:
            row.alert_id, row.hours, row.due_at = alert.id, place.hours, place.due_at
    for place in places[len(rows) :]:
        if place is not None:
            session.add(
                FollowUp(
                    worker_id=alert.worker_id, alert_id=alert.id, level=level.value, hours=place.hours, due_at=place.due_at,
                    created_at=alert.created_at,
                )
            )  # fmt: skip


def assign_planned(
    session: Session, alert: Alert, wanted: Sequence[tuple[dt.datetime, str]], level: RiskLevel, now: dt.datetime
) -> None:
    """Tasks with names, as (until when, whose), in place of those that the crisis planned, the earliest first; what goes beyond is new.

    The caller holds the worker's row and commits.
    """
    query = select(FollowUp).where(FollowUp.worker_id == alert.worker_id, FollowUp.done_at.is_(None))
    rows = list(session.scalars(query.order_by(FollowUp.due_at, FollowUp.id).with_for_update()))
    for place, (due_at, name) in enumerate(sorted(wanted)):
        if place == len(rows):
            hours = max(1, round((due_at - now).total_seconds() / 3600))
            rows.append(
                FollowUp(
                    worker_id=alert.worker_id, alert_id=alert.id, level=level.value, hours=hours, due_at=due_at, created_at=now
                )
            )  # fmt: skip
            session.add(rows[-1])
        rows[place].due_at, rows[place].assigned_to = due_at, name


def list_open(session: Session, now: dt.datetime, *, include_done: bool = False, limit: int = 200) -> list[FollowUpLine]:
    """Tasks: open before done, those without a name first, then the earliest due."""
    query = select(FollowUp).order_by(
        FollowUp.done_at.is_not(None), FollowUp.assigned_to.is_not(None), FollowUp.due_at, FollowUp.id
    )
    if not include_done:
        query = query.where(FollowUp.done_at.is_(None))
    return [_line(row, now) for row in session.scalars(query.limit(limit))]


def open_for(session: Session, viewer: Viewer, now: dt.datetime) -> list[CaseTask]:
    """Open tasks with the case that each belongs to, the earliest due first: for a counsellor the own ones and nobody's."""
    newest = (
        select(func.max(Handoff.id)).where(Handoff.worker_id == FollowUp.worker_id).correlate(FollowUp).scalar_subquery()
    )  # fmt: skip
    query = (
        select(FollowUp, Worker.nickname, newest)
        .join(Worker, Worker.id == FollowUp.worker_id)
        .where(FollowUp.done_at.is_(None))
        .order_by(FollowUp.due_at, FollowUp.id)
    )
    rows = [(row, nickname, case) for row, nickname, case in session.execute(query) if _is_for(row, viewer)]
    return [
        CaseTask(row.id, case, nickname, row.level, row.due_at, row.due_at <= now, row.assigned_to) for row, nickname, case in rows
    ]  # fmt: skip


def require_for(session: Session, follow_up_id: int, viewer: Viewer) -> None:
    """Raise NotFound for a task that this viewer does not see."""
    row = session.get(FollowUp, follow_up_id)
    if row is None or not _is_for(row, viewer):
        raise NotFound(f"follow-up {follow_up_id}")


def _is_for(row: FollowUp, viewer: Viewer) -> bool:
    is_mine = row.assigned_to is None or same_person(row.assigned_to, viewer.name)
    return viewer.role == SUPERVISOR or is_mine


def assign(session: Session, follow_up_id: int, to: str, now: dt.datetime) -> None:
    """Give a task to a named counsellor; raises NotFound, InvalidInput without a name, IllegalTransition when it is done."""
    name = named(to)
    row = _held(session, follow_up_id)
    if row.done_at is not None:
        raise IllegalTransition(f"follow-up {follow_up_id} is done")
    row.assigned_to = name
    audit.append(session, name, "follow_up.assigned", row.worker_id, f"follow-up {follow_up_id}", now)
    session.commit()


def complete(
    session: Session, follow_up_id: int, by: str, outcome: Outcome, note: str | None, now: dt.datetime
) -> bool:  # fmt: skip
    """Close a task with how it ended; True when that is now an alert for the supervisor. After erasure no note is kept.

    Raises NotFound, InvalidInput without a name, IllegalTransition when somebody closed it before.
    """
    name = named(by)
    row = _held(session, follow_up_id)
    if row.done_at is not None:
        raise IllegalTransition(f"follow-up {follow_up_id} was closed by {row.done_by}")
    is_erased = session.get_one(Worker, row.worker_id).erased_at is not None
    row.done_at, row.done_by, row.outcome, row.note = now, name, outcome.value, None if is_erased else note or None
    audit.append(session, name, f"follow_up.{outcome.value}", row.worker_id, f"follow-up {follow_up_id}", now)
    is_for_supervisor = goes_to_supervisor(RiskLevel(row.level), row.hours, outcome)
    if is_for_supervisor:
        _alert(session, row, alerts.UNREACHED, now)
    session.commit()
    return is_for_supervisor


def overdue(session: Session, now: dt.datetime) -> list[int]:
    """Tasks past their due time of which no alert tells yet."""
    return list(session.scalars(select(FollowUp.id).where(*_late(now)).order_by(FollowUp.due_at)))


def raise_overdue(session: Session, follow_up_id: int, now: dt.datetime) -> bool:
    """Raise the alert of one overdue task, once; False when it was raised or the task closed meanwhile."""
    row = _held(session, follow_up_id)
    taken = session.execute(update(FollowUp).where(FollowUp.id == follow_up_id, *_late(now)).values(overdue_alerted_at=now))
    if not isinstance(taken, CursorResult) or taken.rowcount != 1:
        return False
    _alert(session, row, alerts.FOLLOW_UP_OVERDUE, now)
    session.commit()
    return True


def welcome_back_due(session: Session, worker_id: str, now: dt.datetime, policy: CarePolicy = POLICY) -> bool:
    """Whether this message is the first after a long pause since the worker's own watch alert; True once, then it is said.

    To be asked before `workers.note_use`, in the message's own transaction, and only of a message without a finding;
    the caller commits. At high and imminent it is a counsellor who comes back, not a line.
    """
    worker = session.get(Worker, worker_id)
    if worker is None or worker.last_seen_at is None or now - worker.last_seen_at <= policy.welcome_pause:
        return False
    if levels.carried(session, worker_id, now, policy) > RiskLevel.WATCH:
        return False
    newest = (
        select(Alert.created_at)
        .where(
            Alert.worker_id == worker_id,
            Alert.reason == alerts.RISK,
            Alert.level == RiskLevel.WATCH.value,
            Alert.subject == RiskSubject.SELF.value,
            Alert.created_at < now,
        )
        .order_by(Alert.created_at.desc())
        .limit(1)
    )
    alerted_at = session.scalar(newest)
    if alerted_at is None or (worker.welcomed_at is not None and worker.welcomed_at >= alerted_at):
        return False
    worker.welcomed_at = now
    return True


def _held(session: Session, follow_up_id: int) -> FollowUp:
    """The task, held after its worker's row: always in that order, so that no crisis waits for a deadlock (PostgreSQL)."""
    worker_id = session.scalar(select(FollowUp.worker_id).where(FollowUp.id == follow_up_id))
    if worker_id is None:
        raise NotFound(f"follow-up {follow_up_id}")
    session.get_one(Worker, worker_id, with_for_update=True)
    return session.get_one(FollowUp, follow_up_id, with_for_update=True)


def _late(now: dt.datetime) -> tuple[ColumnElement[bool], ...]:
    return FollowUp.due_at <= now, FollowUp.overdue_alerted_at.is_(None), FollowUp.done_at.is_(None)


def _alert(session: Session, row: FollowUp, reason: str, now: dt.datetime) -> None:
    origin = session.get_one(Alert, row.alert_id)
    conversation = session.get_one(Conversation, origin.conversation_id)
    finding = RiskFinding(RiskLevel(row.level), RiskSubject.SELF, RiskKind(origin.kind))
    alerts.raise_alert(session, conversation, origin.message_id, reason, finding, now)


def _line(row: FollowUp, now: dt.datetime) -> FollowUpLine:
    return FollowUpLine(
        row.id, row.worker_id, row.alert_id, row.level, row.hours, row.due_at, row.assigned_to,
        row.done_at is None and row.due_at <= now, row.done_at, row.done_by, row.outcome,
    )  # fmt: skip
