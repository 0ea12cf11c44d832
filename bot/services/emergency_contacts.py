"""The worker's own entry of whom to call when a life is in danger; the row is the consent, deleting it the withdrawal."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete
from sqlalchemy.orm import Session

from bot.db.handoff_tables import EmergencyContact
from bot.domain.emergency_contact import Contact
from bot.services import workers


def show(session: Session, worker_id: str) -> Contact | None:
    """Whom the worker named, if anybody."""
    row = session.get(EmergencyContact, worker_id)
    return None if row is None else Contact(row.name, row.relation, row.phone)


def keep(session: Session, worker_id: str, contact: Contact, now: dt.datetime) -> None:
    """Name this person, instead of the one before; raises NotSignedIn after erasure."""
    workers.lock_present(session, worker_id)
    named = {"name": contact.name, "relation": contact.relation, "phone": contact.phone}
    session.merge(EmergencyContact(worker_id=worker_id, granted_at=now, **named))
    session.commit()


def remove(session: Session, worker_id: str) -> None:
    """Name nobody any more."""
    workers.lock_present(session, worker_id)
    session.execute(delete(EmergencyContact).where(EmergencyContact.worker_id == worker_id))
    session.commit()
