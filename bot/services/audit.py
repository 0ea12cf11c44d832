"""The audit log: append-only, each entry chained to the one before by hash."""

from __future__ import annotations

import datetime as dt
import hashlib

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bot.db.tables import AuditEntry

_CHAIN_LOCK = 0x786979  # any number of ours


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
    for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id)):
        if entry.previous_hash != previous or entry.hash != _hash_of(entry):
            return entry.id
        previous = entry.hash
    return None


def _hash_of(entry: AuditEntry) -> str:
    at = entry.created_at.astimezone(dt.timezone.utc).isoformat()
    parts = (entry.previous_hash, entry.actor, entry.action, entry.subject, entry.reason, at)
    return hashlib.sha256("\x1f".join(parts).encode("utf-8")).hexdigest()
