"""The audit log: append-only, each entry chained to the one before by hash."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select, text
from sqlalchemy.orm import Session

from bot.db.tables import AuditEntry

_PAGE = 50
_BATCH = 1000
_CHAINED = select(
    AuditEntry.id, AuditEntry.actor, AuditEntry.action, AuditEntry.subject, AuditEntry.reason, AuditEntry.created_at,
    AuditEntry.previous_hash, AuditEntry.hash,
)  # fmt: skip
_CHAIN_LOCK = 0x786979  # any number of ours


@dataclass(frozen=True)
class AuditLine:
    """One entry as a list shows it."""

    id: int
    actor: str
    action: str
    subject: str
    reason: str
    created_at: dt.datetime


@dataclass(frozen=True)
class AuditPage:
    """Some entries, and how many there are in all."""

    entries: list[AuditLine]
    total: int


def append(session: Session, actor: str, action: str, subject: str, reason: str, now: dt.datetime) -> None:
    """Add an entry; the caller commits, so that the deed and its entry stand or fall together."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite lets one transaction write at a time anyway
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})
    previous = session.scalar(select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)) or ""
    entry = AuditEntry(
        actor=actor[:64], action=action, subject=subject, reason=reason[:256], created_at=now, previous_hash=previous, hash=""
    )
    entry.hash = _hash_of(entry)
    session.add(entry)


def first_broken(session: Session) -> int | None:
    """The id of the first entry that was changed or follows a missing one, or None when the chain holds."""
    previous = ""
    for entry in session.execute(_CHAINED.order_by(AuditEntry.id)).yield_per(_BATCH):
        if entry.previous_hash != previous or entry.hash != _hash_of(entry):
            return int(entry.id)
        previous = entry.hash
    return None


def page(session: Session, subjects: Collection[str], number: int) -> AuditPage:
    """One page of fifty, newest first, of all entries or of those on these subjects."""
    wanted = (AuditEntry.subject.in_(subjects),) if subjects else ()
    query = select(
        AuditEntry.id, AuditEntry.actor, AuditEntry.action, AuditEntry.subject, AuditEntry.reason, AuditEntry.created_at
    )
    rows = session.execute(query.where(*wanted).order_by(AuditEntry.id.desc()).limit(_PAGE).offset((number - 1) * _PAGE))
    total = session.scalar(select(func.count()).select_from(AuditEntry).where(*wanted)) or 0
    return AuditPage([AuditLine(*row) for row in rows], total)


def _hash_of(entry: AuditEntry | Row[Any]) -> str:
    at = entry.created_at.astimezone(dt.timezone.utc).isoformat()
    parts = (entry.previous_hash, entry.actor, entry.action, entry.subject, entry.reason, at)
    return hashlib.sha256("\x1f".join(parts).encode("utf-8")).hexdigest()
