"""Alerts: what a human must look at, until the console comes by `python -m bot alerts`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from bot.db.tables import Alert, Conversation, Event, Message, SafetyRecord, Worker
from bot.domain.errors import NotFound
from bot.domain.risk import RiskFinding, RiskLevel
from bot.services import audit

RISK = "risk"
ASKED_FOR_PERSON = "asked_for_person"
FOLLOW_UP_OVERDUE = "follow_up_overdue"
UNREACHED = "unreached"  # for the supervisor: nobody reached the worker on the first day after imminent
HANDOFF_LATE = "handoff_late"  # nobody accepted inside the time
HANDOFF_EXPIRED = "handoff_expired"  # nobody accepted at all
ALERT_RAISED = "alert.raised"
ALERT_OVERDUE = "alert.overdue"


@dataclass(frozen=True)
class AlertLine:
    """One alert as a list shows it: no text of the worker."""

    id: int
    created_at: dt.datetime
    reason: str
    level: str
    subject: str
    kind: str
    worker_id: str
    conversation_id: str
    message_id: int | None
    acknowledged_by: str | None
    is_overdue: bool


@dataclass(frozen=True)
class Brief:
    """An alert opened by a human: the last messages of the thread, oldest first, as (id, author, text, time)."""

    alert: AlertLine
    messages: list[tuple[int, str, str, dt.datetime]]
    plan: dict[str, list[str]]  # the safety plan by step, where the worker is at high or imminent, or agreed to share it


def raise_alert(
    session: Session, conversation: Conversation, message_id: int | None, reason: str, finding: RiskFinding, now: dt.datetime,
    review: dt.timedelta | None = None,
) -> Alert:  # fmt: skip
    """A new alert and the event that tells of it; `review`: within what time a human must have read it. The caller commits."""
    alert = Alert(
        worker_id=conversation.worker_id, conversation_id=conversation.id, message_id=message_id, reason=reason,
        level=finding.level.value, subject=finding.subject.value, kind=finding.kind.value, created_at=now,
        due_at=None if review is None else now + review,
    )  # fmt: skip
    session.add(alert)
    session.add(Event(kind=ALERT_RAISED, conversation_id=conversation.id, message_id=message_id, created_at=now))
    session.flush()
    return alert


def ask_for_person(session: Session, conversation_id: str, message_id: int, now: dt.datetime) -> bool:
    """The worker wants a human: one open alert a conversation; True when it is new. The caller commits."""
    conversation = session.get_one(Conversation, conversation_id)
    is_open = select(Alert.id).where(
        Alert.conversation_id == conversation_id, Alert.reason == ASKED_FOR_PERSON, Alert.acknowledged_at.is_(None)
    )
    if session.scalar(is_open.limit(1)) is not None:
        return False
    raise_alert(session, conversation, message_id, ASKED_FOR_PERSON, RiskFinding(), now)
    return True


def list_open(session: Session, *, include_acknowledged: bool = False, limit: int = 100) -> list[AlertLine]:
    """Open alerts, the most urgent first, then those nobody read in time, then the oldest."""
    rank = case({RiskLevel.IMMINENT.value: 0, RiskLevel.HIGH.value: 1}, value=Alert.level, else_=2)
    lateness = case((Alert.overdue_at.is_not(None), 0), else_=1)
    query = select(Alert).order_by(rank, lateness, Alert.created_at).limit(limit)
    if not include_acknowledged:
        query = query.where(Alert.acknowledged_at.is_(None))
    return [_line(alert) for alert in session.scalars(query)]


def open_brief(session: Session, alert_id: int, actor: str, reason: str, now: dt.datetime, messages: int = 20) -> Brief:
    """Read an alert's thread; who looked and why goes into the audit log first."""
    alert = session.get(Alert, alert_id)
    if alert is None:
        raise NotFound(f"alert {alert_id}")
    audit.append(session, actor, "alert.opened", alert.conversation_id, reason, now)
    query = select(Message).where(Message.conversation_id == alert.conversation_id).order_by(Message.id.desc()).limit(messages)
    rows = [(row.id, row.author, row.text, row.created_at) for row in session.scalars(query)]
    plan = shown_plan(session, alert.worker_id)
    session.commit()
    return Brief(_line(alert), list(reversed(rows)), plan)


def shown_plan(session: Session, worker_id: str) -> dict[str, list[str]]:
    """The safety plan by step, where the worker is at high or imminent, or agreed to share it; else nothing."""
    record = session.get(SafetyRecord, worker_id)
    if record is None or record.plan is None:
        return {}
    is_in_danger = RiskLevel(session.get_one(Worker, worker_id).risk_level) >= RiskLevel.HIGH
    return dict(record.plan["answers"]) if is_in_danger or record.plan_shared_at is not None else {}


def acknowledge(session: Session, alert_id: int, actor: str, now: dt.datetime) -> bool:
    """A named person has taken this alert; False when somebody was first."""
    alert = session.get(Alert, alert_id)
    if alert is None:
        raise NotFound(f"alert {alert_id}")
    taking = update(Alert).where(Alert.id == alert_id, Alert.acknowledged_at.is_(None))
    taken = session.execute(taking.values(acknowledged_at=now, acknowledged_by=actor[:64]))
    if not isinstance(taken, CursorResult) or taken.rowcount != 1:
        return False
    audit.append(session, actor, "alert.acknowledged", alert.conversation_id, "", now)
    session.commit()
    return True


def acknowledge_all(session: Session, conversation_id: str, actor: str, now: dt.datetime, *, reason: str | None = None) -> int:
    """A named person takes every open alert of a conversation, or those of one reason; gives how many. The caller commits."""
    taking = update(Alert).where(Alert.conversation_id == conversation_id, Alert.acknowledged_at.is_(None))
    if reason is not None:
        taking = taking.where(Alert.reason == reason)
    taken = session.execute(taking.values(acknowledged_at=now, acknowledged_by=actor[:64]))
    count = taken.rowcount if isinstance(taken, CursorResult) else 0
    if count:
        audit.append(session, actor, "alert.acknowledged", conversation_id, f"{count} alerts", now)
    return count


def overdue(session: Session, now: dt.datetime) -> list[int]:
    """Alerts that nobody took by their due time and that are not marked yet."""
    return list(session.scalars(select(Alert.id).where(*_late(now)).order_by(Alert.id)))


def mark_overdue(session: Session, alert_id: int, now: dt.datetime) -> bool:
    """Mark one late alert; False when it was taken or marked meanwhile."""
    marked = session.execute(update(Alert).where(Alert.id == alert_id, *_late(now)).values(overdue_at=now))
    if not isinstance(marked, CursorResult) or marked.rowcount != 1:
        return False
    alert = session.get_one(Alert, alert_id)
    session.add(Event(kind=ALERT_OVERDUE, conversation_id=alert.conversation_id, message_id=alert.message_id, created_at=now))
    session.commit()
    return True


def _late(now: dt.datetime) -> tuple[ColumnElement[bool], ...]:
    return Alert.due_at <= now, Alert.overdue_at.is_(None), Alert.acknowledged_at.is_(None)


def _line(alert: Alert) -> AlertLine:
    return AlertLine(
        alert.id, alert.created_at, alert.reason, alert.level, alert.subject, alert.kind, alert.worker_id,
        alert.conversation_id, alert.message_id, alert.acknowledged_by, alert.overdue_at is not None,
    )  # fmt: skip
