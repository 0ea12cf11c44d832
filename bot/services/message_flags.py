"""People's word that a message was answered badly: the worker's thumbs down, and what a counsellor calls misread."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.db.studio_tables import MessageFlag
from bot.db.tables import Message
from bot.domain.case_access import Viewer
from bot.domain.conversation import Author
from bot.domain.errors import NotFound
from bot.services import audit, console_cases, workers

THUMBS_DOWN, MISREAD = "thumbs_down", "misread"


def thumbs_down(session: Session, worker_id: str, conversation_id: str, message_id: int, now: dt.datetime) -> None:
    """The worker says that this bubble of the program did not help: kept once, about the message that it answers.

    Raises NotFound for a bubble that is not the program's answer in this thread, NotSignedIn after erasure.
    """
    workers.lock_present(session, worker_id)
    bubble = session.get(Message, message_id)
    if (
        bubble is None
        or bubble.conversation_id != conversation_id
        or bubble.author != Author.BOT.value
        or bubble.in_reply_to is None
    ):
        raise NotFound(f"bubble {message_id}", reader_text="这一条没法标，换一条我说的话试试。")
    _keep(session, bubble.in_reply_to, THUMBS_DOWN, "", now)
    session.commit()


def misread(session: Session, viewer: Viewer, case_id: int, message_id: int, now: dt.datetime) -> None:
    """A counsellor says that the program took this message of the case wrongly: kept once an account.

    Raises NotFound for a case that is not open to this viewer, or a message that is no worker's in it or was erased.
    """
    conversation_id = console_cases.follow(session, viewer, case_id, now).conversation_id
    message = session.get(Message, message_id)
    is_theirs = message is not None and message.conversation_id == conversation_id and message.author == Author.WORKER.value
    if message is None or not is_theirs or message.erased_at is not None:
        raise NotFound(f"message {message_id} of case {case_id}")
    if _keep(session, message_id, MISREAD, viewer.name, now):
        audit.append(session, viewer.name, "message.flagged", conversation_id, f"message {message_id}", now)
    session.commit()


def _keep(session: Session, message_id: int, kind: str, by: str, now: dt.datetime) -> bool:
    """Keep a flag unless it stands already; whether it is new."""
    again = MessageFlag.message_id == message_id, MessageFlag.kind == kind, MessageFlag.flagged_by == by[:64]
    if session.scalar(select(MessageFlag.id).where(*again)) is not None:
        return False
    session.add(MessageFlag(message_id=message_id, kind=kind, flagged_by=by[:64], created_at=now))
    try:
        session.flush()
    except IntegrityError:  # said twice at the same moment
        session.rollback()
        return False
    return True
