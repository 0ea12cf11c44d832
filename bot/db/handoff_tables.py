"""The tables of a handoff: one period of human help, its steps and notes, and whom to call when a life is in danger."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.tables import Base
from bot.db.types import EncryptedText

_OPEN = text("status <> 'closed'")


class Handoff(Base):
    """One period of human help for one conversation, from the request to its close; at most one is open a conversation.

    `status`: waiting, active or closed. `is_live` is false for a watch that a human must read and that nobody waits for.
    `reason` and `level` are the highest so far; `rank` orders the queue by them. `due_at`: until when somebody must have accepted;
    `tier`: how many breaches were told already. `offered_to`, `offer_until`: whom it was pushed to. `counsellor_at`: the counsellor's
    last word, `reminded_at`: when silence was told, `read_event`: the number of the change up to which the counsellor has seen the
    thread. `wanted_gender`: what the worker asked for. `breach_at`: when the next breach is told while nobody has accepted;
    `unanswered_at`: since when the worker waits for the counsellor's word; `told_level`: at which level the worker was told of waiting.
    """

    __tablename__ = "handoffs"
    __table_args__ = (
        Index("ix_handoffs_queue", "status", "rank", "requested_at"),
        Index("ix_handoffs_closed", "status", "closed_at"),
        Index("uq_handoffs_open", "conversation_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    worker_id: Mapped[str] = mapped_column(ForeignKey("workers.id"), index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    status: Mapped[str] = mapped_column(String(16))
    is_live: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(32))
    level: Mapped[str] = mapped_column(String(16))
    rank: Mapped[int]
    topic: Mapped[str | None] = mapped_column(String(64), index=True)
    wanted_gender: Mapped[str | None] = mapped_column(String(8))
    requested_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime] = mapped_column(index=True)
    breach_at: Mapped[dt.datetime | None] = mapped_column(index=True)
    tier: Mapped[int] = mapped_column(default=0)
    told_level: Mapped[str | None] = mapped_column(String(16))
    offered_to: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    offer_until: Mapped[dt.datetime | None]
    accepted_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    accepted_at: Mapped[dt.datetime | None]
    first_accepted_at: Mapped[dt.datetime | None]
    counsellor_at: Mapped[dt.datetime | None]
    worker_at: Mapped[dt.datetime | None]
    unanswered_at: Mapped[dt.datetime | None] = mapped_column(index=True)
    reminded_at: Mapped[dt.datetime | None]
    read_event: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[dt.datetime | None]
    closed_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    outcome: Mapped[str | None] = mapped_column(String(32))
    level_after: Mapped[str | None] = mapped_column(String(16))
    summary: Mapped[str | None] = mapped_column(EncryptedText("handoffs.summary"))
    referral: Mapped[str | None] = mapped_column(EncryptedText("handoffs.referral"))
    rating: Mapped[int | None]
    rating_text: Mapped[str | None] = mapped_column(EncryptedText("handoffs.rating_text"))
    rated_at: Mapped[dt.datetime | None]
    quality: Mapped[str | None] = mapped_column(String(16))
    quality_note: Mapped[str | None] = mapped_column(EncryptedText("handoffs.quality_note"))
    quality_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    quality_at: Mapped[dt.datetime | None]


class HandoffStep(Base):
    """One thing that happened to a handoff, for its timeline; `account_id` is empty where the system or the worker did it."""

    __tablename__ = "handoff_steps"
    id: Mapped[int] = mapped_column(primary_key=True)
    handoff_id: Mapped[int] = mapped_column(ForeignKey("handoffs.id"), index=True)
    step: Mapped[str] = mapped_column(String(32))
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    other_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    level: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(EncryptedText("handoff_steps.reason"))
    created_at: Mapped[dt.datetime]


class HandoffNote(Base):
    """A counsellor's private note; no worker sees it."""

    __tablename__ = "handoff_notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    handoff_id: Mapped[int] = mapped_column(ForeignKey("handoffs.id"), index=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    text: Mapped[str] = mapped_column(EncryptedText("handoff_notes.text"))
    created_at: Mapped[dt.datetime]


class EmergencyContact(Base):
    """Whom the worker named to be called when a life is in danger; the row is the consent, deleting it the withdrawal."""

    __tablename__ = "emergency_contacts"
    worker_id: Mapped[str] = mapped_column(ForeignKey("workers.id"), primary_key=True)
    name: Mapped[str] = mapped_column(EncryptedText("emergency_contacts.name"))
    relation: Mapped[str] = mapped_column(EncryptedText("emergency_contacts.relation"))
    phone: Mapped[str] = mapped_column(EncryptedText("emergency_contacts.phone"))
    granted_at: Mapped[dt.datetime]
