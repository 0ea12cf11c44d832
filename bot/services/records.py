"""A worker's own record: export as JSON, erasure everywhere, and sealing everything with the current key."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.db.tables import (
    Consent,
    Conversation,
    Message,
    RiskAssessment,
    TrackerSnapshot,
    TrackerTurn,
    UnderstandingRow,
    Worker,
)
from bot.domain.errors import NotFound
from bot.domain.risk import RiskLevel
from bot.services import audit

_BATCH = 500
SEALED: tuple[InstrumentedAttribute[Any], ...] = (
    Worker.nickname, Message.text, Message.buttons, Message.custom, Message.payload, UnderstandingRow.entities,
    RiskAssessment.cues, TrackerTurn.events, TrackerSnapshot.slots, TrackerSnapshot.active_loop,
)  # fmt: skip


def export(session: Session, worker_id: str) -> dict[str, Any]:
    """Everything kept of a worker, as JSON values."""
    worker = session.get(Worker, worker_id)
    if worker is None:
        raise NotFound(worker_id)
    threads = session.scalars(select(Conversation).where(Conversation.worker_id == worker_id)).all()
    consents = session.scalars(select(Consent).where(Consent.worker_id == worker_id)).all()
    return {
        "nickname": worker.nickname,
        "timezone": worker.timezone,
        "created_at": worker.created_at.isoformat(),
        "consents": [
            {"kind": each.kind, "version": each.version, "granted_at": each.granted_at.isoformat()} for each in consents
        ],
        "conversations": [_export_thread(session, each) for each in threads],
    }


def _export_thread(session: Session, conversation: Conversation) -> dict[str, Any]:
    query = (
        select(Message, UnderstandingRow.intent, RiskAssessment.level)
        .outerjoin(UnderstandingRow, UnderstandingRow.message_id == Message.id)
        .outerjoin(RiskAssessment, RiskAssessment.message_id == Message.id)
        .where(Message.conversation_id == conversation.id)
        .order_by(Message.id)
    )
    rows: dict[int, dict[str, Any]] = {}
    for message, intent, level in session.execute(query):
        seen = rows.get(message.id, {}).get("risk_level")
        rows[message.id] = {
            "author": message.author,
            "text": message.text,
            "created_at": message.created_at.isoformat(),
            "understood_as": intent,
            "risk_level": max(level, seen, key=lambda each: RiskLevel(each).rank) if seen else level,
        }
    return {"created_at": conversation.created_at.isoformat(), "messages": list(rows.values())}


def erase(session: Session, worker_id: str, now: dt.datetime) -> list[str]:
    """Remove a worker's texts everywhere, Rasa's events too; alerts keep level and times, without words.

    Gives the ids of the threads, whose open pages must be closed.
    """
    worker = session.get(Worker, worker_id, with_for_update=True)
    if worker is None:
        raise NotFound(worker_id)
    threads = list(session.scalars(select(Conversation.id).where(Conversation.worker_id == worker_id)))
    messages = select(Message.id).where(Message.conversation_id.in_(threads))
    session.execute(delete(UnderstandingRow).where(UnderstandingRow.message_id.in_(messages)))
    session.execute(update(RiskAssessment).where(RiskAssessment.message_id.in_(messages)).values(cues=[]))
    wiped: dict[str, Any] = {"text": "", "buttons": None, "custom": None, "payload": None}
    session.execute(update(Message).where(Message.conversation_id.in_(threads)).values(**wiped))
    session.execute(
        update(Message)
        .where(Message.conversation_id.in_(threads), Message.turn_state.is_not(None))
        .values(turn_state="answered")
    )
    session.execute(delete(TrackerTurn).where(TrackerTurn.sender_id.in_(threads)))
    session.execute(delete(TrackerSnapshot).where(TrackerSnapshot.sender_id.in_(threads)))
    worker.nickname, worker.erased_at, worker.session_epoch = None, now, worker.session_epoch + 1
    audit.append(session, "worker", "worker.erased", worker_id, "own request", now)
    session.commit()
    return threads


def read_newest(session: Session) -> None:
    """Open the newest text there is; raises KeyMissing when the ring does not."""
    session.scalar(select(Message.text).order_by(Message.id.desc()).limit(1))


def reseal(session: Session) -> int:
    """Seal every text again with the current key, in batches; gives how many rows were read."""
    changed = 0
    by_table: dict[Any, list[InstrumentedAttribute[Any]]] = {}
    for column in SEALED:
        by_table.setdefault(column.class_, []).append(column)
    for table, columns in by_table.items():
        key = table.__mapper__.primary_key[0]
        keys = list(session.scalars(select(key).order_by(key)))
        for start in range(0, len(keys), _BATCH):
            part = keys[start : start + _BATCH]
            for row in session.execute(select(key, *columns).where(key.in_(part)).with_for_update()).all():
                values = {column.key: value for column, value in zip(columns, row[1:], strict=True) if value is not None}
                if values:
                    session.execute(update(table).where(key == row[0]).values(**values))
                    changed += 1
            session.commit()
    return changed
