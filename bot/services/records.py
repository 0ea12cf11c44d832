"""A worker's own record: export as JSON, erasure everywhere, and sealing everything with the current key."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

from sqlalchemy import Select, case, delete, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.db.handoff_tables import EmergencyContact, Handoff, HandoffNote, HandoffStep
from bot.db.staff_tables import Account, Notification
from bot.db.studio_tables import ChangeSetFile, InboxGroup, InboxItem, Model
from bot.db.tables import (
    Consent,
    Conversation,
    FollowUp,
    Lowering,
    Message,
    RiskAssessment,
    SafetyRecord,
    Screening,
    ScreenMark,
    TrackerSnapshot,
    TrackerTurn,
    UnderstandingRow,
    Worker,
)
from bot.domain.errors import NotFound
from bot.domain.risk import RiskLevel
from bot.services import audit, emergency_contacts, handoff_waiting, inbox_items, visits

_BATCH = 500
SEALED: tuple[InstrumentedAttribute[Any], ...] = (
    Worker.nickname, Message.text, Message.buttons, Message.custom, Message.payload, UnderstandingRow.entities,
    RiskAssessment.cues, TrackerTurn.events, TrackerSnapshot.slots, TrackerSnapshot.active_loop,
    FollowUp.note, Lowering.reason, ScreenMark.note, Message.protocol, SafetyRecord.asq, SafetyRecord.plan,
    Screening.state, Screening.result, Handoff.summary, Handoff.referral, Handoff.rating_text, Handoff.quality_note,
    HandoffStep.reason, HandoffNote.text, EmergencyContact.name, EmergencyContact.relation, EmergencyContact.phone,
    Notification.target, Account.totp_secret, Account.email, Account.phone,
    InboxGroup.centroid, InboxItem.text, InboxItem.vector, InboxItem.comment, InboxItem.decision,
    ChangeSetFile.base, ChangeSetFile.text, Model.figures,
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
            {
                "kind": each.kind,
                "version": each.version,
                "granted_at": _iso(each.granted_at),
                "withdrawn_at": _iso(each.withdrawn_at),
            }
            for each in consents
        ],
        "conversations": [_export_thread(session, each) for each in threads],
        "follow_ups": _export_follow_ups(session, worker_id),
        "lowerings": _export_lowerings(session, worker_id),
        "handoffs": _export_handoffs(session, worker_id),
        "emergency_contact": _export_contact(session, worker_id),
        "visits": [{"at": _iso(each.at), "who": each.who, "why": each.why} for each in visits.visits(session, worker_id)],
        "safety_plan": _export_plan(session, worker_id),
        "screenings": _export_screenings(session, worker_id),
    }


def _export_contact(session: Session, worker_id: str) -> dict[str, str] | None:
    contact = emergency_contacts.show(session, worker_id)
    return None if contact is None else asdict(contact)


def _export_plan(session: Session, worker_id: str) -> dict[str, Any] | None:
    """The worker's safety plan, step by step in their own words."""
    record = session.get(SafetyRecord, worker_id)
    return None if record is None or record.plan is None else dict(record.plan["answers"])


def _export_screenings(session: Session, worker_id: str) -> list[dict[str, Any]]:
    """Every run of a questionnaire with its answers, by the number of the item, and its result."""
    query = select(Screening).where(Screening.worker_id == worker_id).order_by(Screening.started_at, Screening.id)
    return [
        {
            "questionnaire": row.questionnaire,
            "version": row.version,
            "status": row.status,
            "answers": dict(row.state["answers"]),
            "result": row.result,
            "started_at": _iso(row.started_at),
            "finished_at": _iso(row.finished_at),
            "shared_at": _iso(row.shared_at),
        }
        for row in session.scalars(query)
    ]


def _export_follow_ups(session: Session, worker_id: str) -> list[dict[str, Any]]:
    """When somebody was to come back to the worker, and how that ended; a counsellor's note is the counsellor's."""
    rows = session.scalars(select(FollowUp).where(FollowUp.worker_id == worker_id).order_by(FollowUp.due_at))
    return [{"due_at": _iso(row.due_at), "done_at": _iso(row.done_at), "outcome": row.outcome} for row in rows]


def _export_lowerings(session: Session, worker_id: str) -> list[dict[str, Any]]:
    """When people lowered the worker's level, and from what to what."""
    query = select(Lowering).where(Lowering.worker_id == worker_id, Lowering.lowered_at.is_not(None)).order_by(Lowering.id)
    return [{"from": row.from_level, "to": row.to_level, "at": _iso(row.lowered_at)} for row in session.scalars(query)]


def _export_handoffs(session: Session, worker_id: str) -> list[dict[str, Any]]:
    """When a human was asked for, came and went, and how the worker rated it; what counsellors wrote is theirs."""
    query = select(Handoff).where(Handoff.worker_id == worker_id).order_by(Handoff.id)
    return [
        {
            "requested_at": _iso(row.requested_at),
            "reason": row.reason,
            "level": row.level,
            "accepted_at": _iso(row.first_accepted_at),
            "closed_at": _iso(row.closed_at),
            "outcome": row.outcome,
            "rating": row.rating,
            "rating_text": row.rating_text,
        }
        for row in session.scalars(query)
    ]


def _iso(at: dt.datetime | None) -> str | None:
    return None if at is None else at.isoformat()


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
    """Remove a worker's texts everywhere, Rasa's events too; alerts, follow-ups and marks keep level and times, without words.

    Gives the ids of the threads, whose open pages must be closed.
    """
    worker = session.get(Worker, worker_id, with_for_update=True)
    if worker is None:
        raise NotFound(worker_id)
    threads = list(session.scalars(select(Conversation.id).where(Conversation.worker_id == worker_id)))
    messages = select(Message.id).where(Message.conversation_id.in_(threads))
    wipe_messages(session, messages, now)
    session.execute(update(ScreenMark).where(ScreenMark.message_id.in_(messages)).values(note=None))
    session.execute(update(FollowUp).where(FollowUp.worker_id == worker_id).values(note=None))
    session.execute(update(Lowering).where(Lowering.worker_id == worker_id).values(reason=None))
    _erase_handoffs(session, worker_id, now)
    session.execute(delete(SafetyRecord).where(SafetyRecord.worker_id == worker_id))
    session.execute(delete(Screening).where(Screening.worker_id == worker_id))
    session.execute(delete(TrackerTurn).where(TrackerTurn.sender_id.in_(threads)))
    session.execute(delete(TrackerSnapshot).where(TrackerSnapshot.sender_id.in_(threads)))
    worker.nickname, worker.erased_at, worker.session_epoch = None, now, worker.session_epoch + 1
    audit.append(session, "worker", "worker.erased", worker_id, "own request", now)
    session.commit()
    return threads


def _erase_handoffs(session: Session, worker_id: str, now: dt.datetime) -> None:
    """Take the words out of the worker's cases and forget the emergency contact. An ordinary case nobody has is over; in danger
    it stays until a human has looked, as its alert does."""
    cases = select(Handoff.id).where(Handoff.worker_id == worker_id)
    wiped = {"summary": None, "referral": None, "rating_text": None, "quality_note": None}
    session.execute(update(Handoff).where(Handoff.worker_id == worker_id).values(**wiped))
    session.execute(update(HandoffStep).where(HandoffStep.handoff_id.in_(cases)).values(reason=None))
    session.execute(delete(HandoffNote).where(HandoffNote.handoff_id.in_(cases)))
    session.execute(delete(EmergencyContact).where(EmergencyContact.worker_id == worker_id))
    handoff_waiting.leave(session, worker_id, now)


def wipe_messages(session: Session, messages: Select[tuple[int]], now: dt.datetime) -> int:
    """Take the words out of these messages (a query of their ids), their understanding and cues; gives how many. The caller commits.

    Nothing of them stays in the trainers' inbox.
    """
    inbox_items.drop_of(session, messages)
    session.execute(delete(UnderstandingRow).where(UnderstandingRow.message_id.in_(messages)))
    session.execute(update(RiskAssessment).where(RiskAssessment.message_id.in_(messages)).values(cues=[]))
    answered = case((Message.turn_state.is_not(None), "answered"), else_=None)
    wiped: dict[str, Any] = {"text": "", "buttons": None, "custom": None, "payload": None, "protocol": None}
    done = session.execute(update(Message).where(Message.id.in_(messages)).values(**wiped, turn_state=answered, erased_at=now))
    return done.rowcount if isinstance(done, CursorResult) else 0


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
        key, *others = table.__mapper__.primary_key
        width = 1 + len(others)
        keys = list(session.scalars(select(key).distinct().order_by(key)))
        for start in range(0, len(keys), _BATCH):
            part = keys[start : start + _BATCH]
            for row in session.execute(select(key, *others, *columns).where(key.in_(part)).with_for_update()).all():
                values = {column.key: value for column, value in zip(columns, row[width:], strict=True) if value is not None}
                if values:
                    this = [each == named for each, named in zip((key, *others), row[:width], strict=True)]
                    session.execute(update(table).where(*this).values(**values))
                    changed += 1
            session.commit()
    return changed
