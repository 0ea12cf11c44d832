"""The tables: who is here, what was said, what was understood, the risk found, and what was done about it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, MetaData, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.db.types import EncryptedJson, EncryptedText, UtcTime


def new_id() -> str:
    """A random id of 32 hex digits."""
    return uuid.uuid4().hex


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {dt.datetime: UtcTime}


class Worker(Base):
    """A person who writes to us; anonymous unless they give a nickname."""

    __tablename__ = "workers"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    nickname: Mapped[str | None] = mapped_column(EncryptedText("workers.nickname"))
    timezone: Mapped[str] = mapped_column(String(64))
    risk_level: Mapped[str] = mapped_column(String(16), default="none")
    risk_raised_at: Mapped[dt.datetime | None]
    asq_clear_at: Mapped[dt.datetime | None]
    welcomed_at: Mapped[dt.datetime | None]
    session_epoch: Mapped[int] = mapped_column(default=0)
    active_since: Mapped[dt.datetime | None]
    reminded_at: Mapped[dt.datetime | None]
    last_seen_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
    erased_at: Mapped[dt.datetime | None]


class Consent(Base):
    """What a worker agreed to, when, and when they took it back."""

    __tablename__ = "consents"
    id: Mapped[int] = mapped_column(primary_key=True)
    worker_id: Mapped[str] = mapped_column(ForeignKey("workers.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    version: Mapped[str] = mapped_column(String(32))
    granted_at: Mapped[dt.datetime]
    withdrawn_at: Mapped[dt.datetime | None]


class Conversation(Base):
    """One thread of a worker; its id is the opaque sender id that Rasa sees."""

    __tablename__ = "conversations"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    worker_id: Mapped[str] = mapped_column(ForeignKey("workers.id"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), default="bot")
    read_event: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[dt.datetime]
    last_message_at: Mapped[dt.datetime | None]
    closed_at: Mapped[dt.datetime | None]


class Message(Base):
    """One bubble in either direction; `turn_state` only on the worker's, `in_reply_to` only on replies, `account_id` on a counsellor's.

    `protocol`, on the worker's: how much Rasa says in this turn, and the bubbles of the gateway that follow its answer. `erased_at`:
    since when its words are gone; no page shows it any more.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("channel", "conversation_id", "external_id"),
        Index("ix_messages_turn_state_created_at", "turn_state", "created_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    external_id: Mapped[str | None] = mapped_column(String(64))
    author: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(EncryptedText("messages.text"))
    buttons: Mapped[list[dict[str, str]] | None] = mapped_column(EncryptedJson("messages.buttons"))
    custom: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson("messages.custom"))
    payload: Mapped[str | None] = mapped_column(EncryptedText("messages.payload"))
    protocol: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson("messages.protocol"))
    in_reply_to: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), index=True)
    turn_state: Mapped[str | None] = mapped_column(String(16))
    account_id: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[dt.datetime]
    asked_at: Mapped[dt.datetime | None]
    delivered_at: Mapped[dt.datetime | None]
    erased_at: Mapped[dt.datetime | None]


class UnderstandingRow(Base):
    """What Rasa understood of a worker's message, and with which model; `runner_up` is the intent that came second."""

    __tablename__ = "understandings"
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), primary_key=True)
    intent: Mapped[str] = mapped_column(String(64), index=True)
    confidence: Mapped[float]
    runner_up: Mapped[str | None] = mapped_column(String(64))
    runner_up_confidence: Mapped[float | None]
    entities: Mapped[list[dict[str, Any]]] = mapped_column(EncryptedJson("understandings.entities"))
    model: Mapped[str] = mapped_column(String(128))
    created_at: Mapped[dt.datetime]


class RiskAssessment(Base):
    """What the screen found in a worker's message; a late vector adds a second row."""

    __tablename__ = "risk_assessments"
    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), index=True)
    level: Mapped[str] = mapped_column(String(16), index=True)
    subject: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(32))
    cues: Mapped[list[dict[str, Any]]] = mapped_column(EncryptedJson("risk_assessments.cues"))
    score: Mapped[float | None]
    lexicon_version: Mapped[str] = mapped_column(String(32))
    model_version: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[dt.datetime]


class Alert(Base):
    """Something a human must look at; `reason` is one of `bot.services.alerts`, `due_at` until when a watch must be read."""

    __tablename__ = "alerts"
    id: Mapped[int] = mapped_column(primary_key=True)
    worker_id: Mapped[str] = mapped_column(ForeignKey("workers.id"), index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    reason: Mapped[str] = mapped_column(String(32))
    level: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[dt.datetime] = mapped_column(index=True)
    acknowledged_at: Mapped[dt.datetime | None]
    acknowledged_by: Mapped[str | None] = mapped_column(String(64))
    due_at: Mapped[dt.datetime | None] = mapped_column(index=True)
    overdue_at: Mapped[dt.datetime | None]


class FollowUp(Base):
    """A counsellor's task after a crisis: come back to this worker by then; `hours` after the alert that asks for it."""

    __tablename__ = "follow_ups"
    id: Mapped[int] = mapped_column(primary_key=True)
    worker_id: Mapped[str] = mapped_column(ForeignKey("workers.id"), index=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id"))
    level: Mapped[str] = mapped_column(String(16))
    hours: Mapped[int]
    due_at: Mapped[dt.datetime] = mapped_column(index=True)
    assigned_to: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[dt.datetime]
    overdue_alerted_at: Mapped[dt.datetime | None]
    done_at: Mapped[dt.datetime | None]
    done_by: Mapped[str | None] = mapped_column(String(64))
    outcome: Mapped[str | None] = mapped_column(String(16))
    note: Mapped[str | None] = mapped_column(EncryptedText("follow_ups.note"))


class Lowering(Base):
    """A human's decision to lower a worker's level; `lowered_at` is empty while a second name is awaited."""

    __tablename__ = "lowerings"
    id: Mapped[int] = mapped_column(primary_key=True)
    worker_id: Mapped[str] = mapped_column(ForeignKey("workers.id"), index=True)
    from_level: Mapped[str] = mapped_column(String(16))
    to_level: Mapped[str] = mapped_column(String(16))
    proposed_by: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(EncryptedText("lowerings.reason"))
    created_at: Mapped[dt.datetime]
    confirmed_by: Mapped[str | None] = mapped_column(String(64))
    lowered_at: Mapped[dt.datetime | None]


class ScreenMark(Base):
    """A human's word that the screen missed a message or alarmed for nothing; `expected` is the level it should have had."""

    __tablename__ = "screen_marks"
    __table_args__ = (UniqueConstraint("message_id", "marked_by"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    verdict: Mapped[str] = mapped_column(String(16))
    expected: Mapped[str] = mapped_column(String(16))
    marked_by: Mapped[str] = mapped_column(String(64))
    note: Mapped[str | None] = mapped_column(EncryptedText("screen_marks.note"))
    created_at: Mapped[dt.datetime]
    reviewed_by: Mapped[str | None] = mapped_column(String(64))
    reviewed_at: Mapped[dt.datetime | None]
    decision: Mapped[str | None] = mapped_column(String(16))


class Event(Base):
    """Every change that someone may have to be told of; the id only grows, clients resync by it."""

    __tablename__ = "events"
    __table_args__ = {"sqlite_autoincrement": True}
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    conversation_id: Mapped[str | None] = mapped_column(String(32), index=True)
    message_id: Mapped[int | None] = mapped_column(index=True)
    created_at: Mapped[dt.datetime]


class TrackerTurn(Base):
    """The events of one of Rasa's turns, sealed as one; the first of a thread holds its session start."""

    __tablename__ = "tracker_turns"
    __table_args__ = (Index("ix_tracker_turns_sender_id_id", "sender_id", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    sender_id: Mapped[str] = mapped_column(String(64))
    events: Mapped[list[dict[str, Any]]] = mapped_column(EncryptedJson("tracker_turns.events"))


class TrackerSnapshot(Base):
    """Slots and active loop of Rasa's tracker after the last turn."""

    __tablename__ = "tracker_snapshots"
    sender_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    slots: Mapped[dict[str, Any]] = mapped_column(EncryptedJson("tracker_snapshots.slots"))
    active_loop: Mapped[dict[str, Any]] = mapped_column(EncryptedJson("tracker_snapshots.active_loop"))


class AuditEntry(Base):
    """Append-only: who looked at or did what, why, and the hash that chains it to the entry before."""

    __tablename__ = "audit_entries"
    id: Mapped[int] = mapped_column(primary_key=True)
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(64), index=True)
    reason: Mapped[str] = mapped_column(String(256))
    created_at: Mapped[dt.datetime]
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class SafetyRecord(Base):
    """Where the safety conversation with a worker stands; it is the worker's, so it goes on from another tab, visit or channel.

    `asq` holds the direct questions asked last, `plan` the safety plan; `plan_shared_at` when the worker agreed to show it.
    """

    __tablename__ = "safety_records"
    worker_id: Mapped[str] = mapped_column(ForeignKey("workers.id"), primary_key=True)
    asq: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson("safety_records.asq"))
    asq_at: Mapped[dt.datetime | None]
    plan: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson("safety_records.plan"))
    plan_at: Mapped[dt.datetime | None]
    plan_shared_at: Mapped[dt.datetime | None]
    is_abroad: Mapped[bool] = mapped_column(default=False)


class QuestionnaireVersion(Base):
    """A definition as it stood when a run began with it: public content, named by its digest."""

    __tablename__ = "questionnaire_versions"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    questionnaire: Mapped[str] = mapped_column(String(30))
    version: Mapped[str] = mapped_column(String(20))
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)


class Screening(Base):
    """One run of a questionnaire by a worker; answers and result are sealed.

    `shared_at`: when the worker let a counsellor see the result; empty while they have not.
    """

    __tablename__ = "screenings"
    __table_args__ = (Index("ix_screenings_worker_id_status", "worker_id", "status"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    worker_id: Mapped[str] = mapped_column(ForeignKey("workers.id"))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    questionnaire: Mapped[str] = mapped_column(String(30))
    version: Mapped[str] = mapped_column(String(20))
    digest: Mapped[str] = mapped_column(ForeignKey("questionnaire_versions.digest"))
    status: Mapped[str] = mapped_column(String(16))
    state: Mapped[dict[str, Any]] = mapped_column(EncryptedJson("screenings.state"))
    result: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson("screenings.result"))
    started_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]
    shared_at: Mapped[dt.datetime | None]
