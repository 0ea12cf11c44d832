"""What a page shows of a conversation: its bubbles in order, what is unread, what reached it, and the buttons under them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.db.tables import Conversation, Event, Message
from bot.domain.conversation import Author, Reply
from bot.domain.errors import NotFound, UnknownChoice

MESSAGE_CREATED = "message.created"
MESSAGE_DELIVERED, THREAD_READ = "message.delivered", "thread.read"  # of a counsellor's bubbles, who wait to know
_CREATED = select(Message.id).join(Event, (Event.message_id == Message.id) & (Event.kind == MESSAGE_CREATED))


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


def add(
    session: Session, conversation_id: str, channel: str, replies: Sequence[Reply], now: dt.datetime, *,
    in_reply_to: int | None = None, account_id: str | None = None, external_id: str | None = None,
) -> tuple[StoredMessage, ...]:  # fmt: skip
    """Store bubbles to the worker with the events that tell of them; `account_id` and `external_id` are a counsellor's. The caller commits."""
    rows = [
        Message(
            conversation_id=conversation_id, channel=channel, author=reply.author.value, text=reply.text,
            buttons=packed_buttons(reply) or None, custom=reply.custom, in_reply_to=in_reply_to, created_at=now,
            account_id=account_id if reply.author is Author.COUNSELLOR else None, external_id=external_id,
        )
        for reply in replies
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    events = [created(row, now) for row in rows]
    session.add_all(events)
    session.flush()
    return tuple(shown(row, event.id) for row, event in zip(rows, events, strict=True))


def created(message: Message, now: dt.datetime) -> Event:
    """The event that tells of a new message."""
    return Event(kind=MESSAGE_CREATED, conversation_id=message.conversation_id, message_id=message.id, created_at=now)


def packed_buttons(reply: Reply) -> list[dict[str, str]]:
    return [{"title": button.title, "payload": button.payload} for button in reply.buttons]


def stored(session: Session, message: Message) -> StoredMessage:
    """A message of long ago as its page shows it."""
    event = session.scalar(select(Event.id).where(Event.message_id == message.id, Event.kind == MESSAGE_CREATED))
    return shown(message, event or 0)


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
        .where(Message.conversation_id == conversation_id, Message.erased_at.is_(None), Event.id > after)
        .order_by(Event.id.desc())
        .limit(limit)
    )
    return [shown(message, event) for message, event in reversed(session.execute(query).all())]


def last_event(session: Session, conversation_id: str) -> int:
    """The number of the newest change of a conversation, 0 when there is none."""
    return session.scalar(select(func.max(Event.id)).where(Event.conversation_id == conversation_id)) or 0


def mark_read(session: Session, conversation_id: str, event: int, now: dt.datetime) -> None:
    """The worker has seen everything up to this change; a counsellor whose bubbles are among it is told."""
    conversation = session.get(Conversation, conversation_id)
    if conversation is None or event <= conversation.read_event:
        return
    before = conversation.read_event
    conversation.read_event = min(event, last_event(session, conversation_id))
    of_counsellor = _CREATED.where(
        Message.conversation_id == conversation_id, Message.author == Author.COUNSELLOR.value,
        Event.id > before, Event.id <= conversation.read_event,
    )  # fmt: skip
    if session.scalar(of_counsellor.limit(1)) is not None:
        session.add(Event(kind=THREAD_READ, conversation_id=conversation_id, message_id=None, created_at=now))
    session.commit()


def mark_delivered(session: Session, message_ids: Sequence[int], now: dt.datetime) -> None:
    """These bubbles reached a page; a counsellor is told of their own."""
    new = (Message.id.in_(message_ids), Message.delivered_at.is_(None))
    own = select(Message.id, Message.conversation_id).where(*new, Message.author == Author.COUNSELLOR.value)
    for message_id, conversation_id in session.execute(own.order_by(Message.id)).all():
        session.add(
            Event(kind=MESSAGE_DELIVERED, conversation_id=conversation_id, message_id=message_id, created_at=now)
        )  # fmt: skip
    session.execute(update(Message).where(*new).values(delivered_at=now))
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
