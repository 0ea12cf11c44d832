"""How a handoff was for the worker: three faces and a few words, kept with the case and shown as given on its card."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.handoff_tables import Handoff
from bot.db.tables import Message
from bot.domain.conversation import Author
from bot.domain.errors import InvalidInput, NotFound
from bot.domain.handoff import CLOSED
from bot.services import workers

_FACES = range(1, 4)
_LONGEST = 500  # characters


def rate(session: Session, worker_id: str, handoff_id: int, faces: int, text: str | None, now: dt.datetime) -> None:
    """How it was for the worker: 1 to 3 faces, and words if they like; the last one counts. Raises NotFound, InvalidInput."""
    workers.lock_present(session, worker_id)
    handoff = session.get(Handoff, handoff_id, populate_existing=True)
    if handoff is None or handoff.worker_id != worker_id or handoff.status != CLOSED:
        raise NotFound(f"handoff {handoff_id}")
    if faces not in _FACES:
        raise InvalidInput("1 to 3 faces")
    handoff.rating, handoff.rating_text, handoff.rated_at = faces, (text or "").strip()[:_LONGEST] or None, now
    _show(session, handoff, faces)
    session.commit()


def _show(session: Session, handoff: Handoff, faces: int) -> None:
    """The card carries its answer, so that a page opened anew does not ask again; it came with the close."""
    query = select(Message).where(
        Message.conversation_id == handoff.conversation_id,
        Message.author == Author.SYSTEM.value,
        Message.created_at == handoff.closed_at,
    )
    for message in session.scalars(query):
        if message.custom and message.custom["kind"] == "rating":
            message.custom = {**message.custom, "faces": faces}
