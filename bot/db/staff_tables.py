"""The tables of the people who help: accounts, their sessions and shifts, what they were told, and what they may settle."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.tables import Base, new_id
from bot.db.types import EncryptedText


class Account(Base):
    """A member of the staff; `shown_name` and `introduction` are what a worker reads when they come.

    `capacity`: live handoffs at once. `skills`: topic intents, `overseas`, or `lang:yue` and the like. `on_call_rank`: place in the
    on-call chain, 1 first, empty for none. `totp_step`: the last second factor's time step, so that a code serves once.
    """

    __tablename__ = "accounts"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    shown_name: Mapped[str] = mapped_column(String(32))
    introduction: Mapped[str] = mapped_column(String(200), default="")
    role: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str] = mapped_column(String(255))
    has_temporary_password: Mapped[bool] = mapped_column(default=False)
    totp_secret: Mapped[str | None] = mapped_column(EncryptedText("accounts.totp_secret"))
    totp_confirmed_at: Mapped[dt.datetime | None]
    totp_step: Mapped[int] = mapped_column(default=0)
    failed_count: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[dt.datetime | None]
    gender: Mapped[str | None] = mapped_column(String(8))
    skills: Mapped[list[str]] = mapped_column(JSON, default=list)
    capacity: Mapped[int] = mapped_column(default=3)
    timezone: Mapped[str] = mapped_column(String(64))
    email: Mapped[str | None] = mapped_column(EncryptedText("accounts.email"))
    phone: Mapped[str | None] = mapped_column(EncryptedText("accounts.phone"))
    on_call_rank: Mapped[int | None]
    is_available: Mapped[bool] = mapped_column(default=False)
    seen_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
    disabled_at: Mapped[dt.datetime | None]


class StaffSession(Base):
    """One sign-in; the id is the SHA-256 of the cookie, so the table opens no door. Without `confirmed_at` only the second factor is open."""

    __tablename__ = "staff_sessions"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    created_at: Mapped[dt.datetime]
    confirmed_at: Mapped[dt.datetime | None]
    used_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]


class Shift(Base):
    """A weekly span on duty in the account's own time zone; `weekday` 1 is Monday, minutes are of the day, an end of 1440 is midnight."""

    __tablename__ = "shifts"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    weekday: Mapped[int]
    start_minute: Mapped[int]
    end_minute: Mapped[int]


class ShiftException(Base):
    """One day that differs from the week: off, or on in this span; without an account a holiday of everybody."""

    __tablename__ = "shift_exceptions"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    on_date: Mapped[str] = mapped_column(String(10))
    is_working: Mapped[bool]
    start_minute: Mapped[int] = mapped_column(default=0)
    end_minute: Mapped[int] = mapped_column(default=1440)
    title: Mapped[str] = mapped_column(String(64), default="")


class Notification(Base):
    """One message to one robot, mailbox or hook, to be delivered at least once; never a worker's words.

    `key` names what it tells of and to whom, so that nothing is queued twice. Kept for a lease by the gateway that sends it.
    """

    __tablename__ = "notifications"
    __table_args__ = (UniqueConstraint("key"), Index("ix_notifications_due", "sent_at", "dead_at", "next_at"))
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(128))
    channel: Mapped[str] = mapped_column(String(32))
    target: Mapped[str | None] = mapped_column(EncryptedText("notifications.target"))
    handoff_id: Mapped[int | None] = mapped_column(ForeignKey("handoffs.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[dt.datetime]
    leased_until: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
    sent_at: Mapped[dt.datetime | None]
    dead_at: Mapped[dt.datetime | None]
    error: Mapped[str | None] = mapped_column(String(200))


class OrganisationSetting(Base):
    """What an administrator settles in the console, such as the days that records are kept."""

    __tablename__ = "organisation_settings"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    changed_by: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[dt.datetime]


class LegalHold(Base):
    """While it stands, retention erases nothing of this worker."""

    __tablename__ = "legal_holds"
    id: Mapped[int] = mapped_column(primary_key=True)
    worker_id: Mapped[str] = mapped_column(ForeignKey("workers.id"), index=True)
    reason: Mapped[str] = mapped_column(String(256))
    placed_by: Mapped[str] = mapped_column(String(64))
    placed_at: Mapped[dt.datetime]
    ended_by: Mapped[str | None] = mapped_column(String(64))
    ended_at: Mapped[dt.datetime | None]
