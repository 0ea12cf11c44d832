"""One at a time: a transaction that checks and then writes lets no other do the same between."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

STUDIO = 0x786A73  # any number of ours


def alone(session: Session, key: int = STUDIO) -> None:
    """Hold until the commit what others wait for; SQLite lets one transaction write at a time anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
