"""Alerts: what a human must look at, until the console comes by `python -m bot alerts`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import case, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from bot.db.tables import Alert, Conversation, Event, Message
from bot.domain.errors import NotFound
from bot.services import audit

ASKED_FOR_PERSON = "asked_for_person"


@dataclass(frozen=True)
class AlertLine:
    """One alert as a list shows it: no text of the worker."""

    id: int
    created_at: dt.datetime
    reason: str
    level: str
    subject: str
    kind: str
    conversation_id: str
    acknowledged_by: str | None


@dataclass(frozen=True)
class Brief:
    """An alert opened by a human: the last messages of the thread, oldest first, as (author, text, time)."""

    alert: AlertLine
    messages: list[tuple[str, str, dt.datetime]]


def ask_for_person(session: Session, conversation_id: str, message_id: int, now: dt.datetime) -> bool:
    """The worker wants a human: one open alert a conversation; True when it is new. The caller commits."""
    conversation = session.get_one(Conversation, conversation_id)
    is_open = select(Alert.id).where(
        Alert.conversation_id == conversation_id, Alert.reason == ASKED_FOR_PERSON, Alert.acknowledged_at.is_(None)
    )
    if session.scalar(is_open.limit(1)) is not None:
        return False
    session.add(
        Alert(
            worker_id=conversation.worker_id, conversation_id=conversation_id, message_id=message_id, reason=ASKED_FOR_PERSON,
            level="none", subject="none", kind="none", created_at=now,
        )
    )  # fmt: skip
    session.add(Event(kind="alert.raised", conversation_id=conversation_id, message_id=message_id, created_at=now))
    return True


def list_open(session: Session, *, include_acknowledged: bool = False, limit: int = 100) -> list[AlertLine]:
    """Open alerts, the most urgent first, then the oldest."""
    rank = case({"imminent": 0, "high": 1}, value=Alert.level, else_=2)
    query = select(Alert).order_by(rank, Alert.created_at).limit(limit)
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
    rows = [(row.author, row.text, row.created_at) for row in session.scalars(query)]
    session.commit()
    return Brief(_line(alert), list(reversed(rows)))


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


def _line(alert: Alert) -> AlertLine:
    return AlertLine(
        alert.id, alert.created_at, alert.reason, alert.level, alert.subject, alert.kind, alert.conversation_id,
        alert.acknowledged_by,
    )  # fmt: skip
