"""Workers and what they agreed to."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.db.tables import Consent, Conversation, Worker
from bot.domain.consent import CHAT
from bot.domain.errors import NotSignedIn

_HELD = select(Worker).where(Worker.id == bindparam("worker")).with_for_update()
_CONSENT = (
    select(Consent.id)
    .where(Consent.worker_id == bindparam("worker"), Consent.kind == bindparam("kind"), Consent.withdrawn_at.is_(None))
    .limit(1)
)


def ensure(session: Session, worker_id: str, epoch: int, timezone: str, now: dt.datetime) -> None:
    """The worker of a signed session is there; a row is made at the first word, not at every page view.

    Raises NotSignedIn when the worker was erased or signed out since.
    """
    require_current(session, worker_id, epoch)
    worker = session.get(Worker, worker_id)
    if worker is None:
        session.add(Worker(id=worker_id, timezone=timezone, created_at=now, session_epoch=epoch, risk_level="none"))
        try:
            session.commit()
        except IntegrityError:  # another page of the same worker was first
            session.rollback()
            require(session, worker_id, epoch)
    elif worker.timezone != timezone:
        worker.timezone = timezone
        session.commit()


def require(session: Session, worker_id: str, epoch: int) -> Worker:
    """The worker of a session token; raises NotSignedIn when erased, unknown or signed out since."""
    worker = session.get(Worker, worker_id)
    if worker is None or worker.erased_at is not None or worker.session_epoch != epoch:
        raise NotSignedIn("no such session")
    return worker


def require_current(session: Session, worker_id: str, epoch: int) -> None:
    """Raise NotSignedIn for a session that is over; one that has no row yet is fine."""
    if session.get(Worker, worker_id) is not None:
        require(session, worker_id, epoch)


def lock_present(session: Session, worker_id: str) -> Worker | None:
    """Hold the worker's row until the commit, so that erasure comes before or after; raises NotSignedIn when it came before."""
    worker = session.scalar(_HELD, {"worker": worker_id})
    if worker is not None and worker.erased_at is not None:
        raise NotSignedIn("erased")
    return worker


def has_consent(session: Session, worker_id: str, kind: str = CHAT) -> bool:
    """Whether a consent of this kind stands."""
    return session.scalar(_CONSENT, {"worker": worker_id, "kind": kind}) is not None


def grant(session: Session, worker_id: str, version: str, nickname: str | None, now: dt.datetime) -> None:
    """Note the consent to chat, once, and the nickname when one is given; raises NotSignedIn after erasure."""
    worker = lock_present(session, worker_id)
    if not has_consent(session, worker_id):
        session.add(Consent(worker_id=worker_id, kind=CHAT, version=version, granted_at=now))
    if worker is not None and nickname:
        worker.nickname = nickname[:32]
    session.commit()


def conversation_of(session: Session, worker_id: str, channel: str, now: dt.datetime) -> str:
    """The worker's one thread, made when there is none yet; gives its id. Raises NotSignedIn after erasure."""
    lock_present(session, worker_id)
    query = select(Conversation.id).where(Conversation.worker_id == worker_id).order_by(Conversation.created_at).limit(1)
    found = session.scalar(query)
    if found is not None:
        return found
    conversation = Conversation(worker_id=worker_id, channel=channel, created_at=now)
    session.add(conversation)
    session.commit()
    return conversation.id


def note_use(worker: Worker, now: dt.datetime, pause: dt.timedelta, remind_after: dt.timedelta) -> bool:
    """Note that the worker is here; whether it is time to say again that this is a program.

    A pause longer than `pause` starts a new stretch of use. The caller commits.
    """
    if worker.last_seen_at is None or worker.active_since is None or now - worker.last_seen_at > pause:
        worker.active_since, worker.reminded_at = now, None
    worker.last_seen_at = now
    since = worker.reminded_at or worker.active_since
    if now - since < remind_after:
        return False
    worker.reminded_at = now
    return True
