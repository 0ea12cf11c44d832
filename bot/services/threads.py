"""What a page shows of a conversation: its bubbles in order, what is unread, what reached it, and the buttons under them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.db.tables import Conversation, Event, Message
from bot.domain.conversation import Author
from bot.domain.errors import NotFound, UnknownChoice

MESSAGE_CREATED = "message.created"


@dataclass(frozen=True)
class StoredMessage:
    """One bubble of the thread with the number of the change that made it."""

    id: int
    event: int
    author: str
    text: str
    buttons: tuple[str, ...]
    custom: dict[str, object] | None
    created_at: dt.datetime
    external_id: str | None


def shown(message: Message, event: int) -> StoredMessage:
    titles = tuple(button["title"] for button in message.buttons or ())
    return StoredMessage(
        message.id, event, message.author, message.text, titles, message.custom, message.created_at, message.external_id
    )


def choice(session: Session, conversation_id: str, message_id: int, index: int) -> tuple[str, str]:
    """Title and payload of a button of this conversation; raises UnknownChoice."""
    message = session.get(Message, message_id)
    if message is None or message.conversation_id != conversation_id or not message.buttons:
        raise UnknownChoice("no such message")
    if not 0 <= index < len(message.buttons):
        raise UnknownChoice("no such button")
    button = message.buttons[index]
    return button["title"], button["payload"]


def thread(session: Session, conversation_id: str, after: int, limit: int = 500) -> list[StoredMessage]:
    """The bubbles made by changes after number `after`, oldest first; of a longer thread the newest `limit`."""
    query = (
        select(Message, Event.id)
        .join(Event, (Event.message_id == Message.id) & (Event.kind == MESSAGE_CREATED))
        .where(Message.conversation_id == conversation_id, Event.id > after)
        .order_by(Event.id.desc())
        .limit(limit)
    )
    return [shown(message, event) for message, event in reversed(session.execute(query).all())]


def last_event(session: Session, conversation_id: str) -> int:
    """The number of the newest change of a conversation, 0 when there is none."""
    return session.scalar(select(func.max(Event.id)).where(Event.conversation_id == conversation_id)) or 0


def mark_read(session: Session, conversation_id: str, event: int) -> None:
    """The worker has seen everything up to this change."""
    conversation = session.get(Conversation, conversation_id)
    if conversation is not None and event > conversation.read_event:
        conversation.read_event = min(event, last_event(session, conversation_id))
        session.commit()


def mark_delivered(session: Session, message_ids: Sequence[int], now: dt.datetime) -> None:
    """These bubbles reached a page."""
    session.execute(update(Message).where(Message.id.in_(message_ids), Message.delivered_at.is_(None)).values(delivered_at=now))
    session.commit()


def unread(session: Session, conversation_id: str) -> int:
    """How many bubbles that are not the worker's own came after the last one seen."""
    conversation = session.get(Conversation, conversation_id)
    if conversation is None:
        raise NotFound(conversation_id)
    query = (
        select(func.count())
        .select_from(Message)
        .join(Event, (Event.message_id == Message.id) & (Event.kind == MESSAGE_CREATED))
        .where(
            Message.conversation_id == conversation_id,
            Event.id > conversation.read_event,
            Message.author != Author.WORKER.value,
        )
    )
    return session.scalar(query) or 0
