"""A thread as the counsellor in charge sees it: every bubble with its speaker's name, the screen's level and whether it arrived."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bot.db.handoff_tables import Handoff
from bot.db.staff_tables import Account
from bot.db.tables import Conversation, Event, Message, RiskAssessment
from bot.domain.conversation import Author
from bot.domain.risk import RiskLevel
from bot.services import threads
from bot.services.threads import MESSAGE_CREATED, StoredMessage

CASE_READ = "handoff.read"
PAGE = 100
_ALL = 500
# a bubble whose words are still there, and the number of the change that made it
BUBBLES = (
    select(Message, Event.id)
    .join(Event, (Event.message_id == Message.id) & (Event.kind == MESSAGE_CREATED))
    .where(Message.erased_at.is_(None))
)


@dataclass(frozen=True)
class Bubble:
    """One bubble; `name` of the counsellor who wrote it, `level` of the screen on the worker's own."""

    conversation_id: str
    message: StoredMessage
    name: str | None
    level: str | None
    delivered_at: dt.datetime | None

    def as_json(self, case_id: int) -> dict[str, Any]:
        """The fields of the frame `message` of docs/console.md."""
        message = self.message
        return {
            "case_id": case_id,
            "id": message.id,
            "event": message.event,
            "author": message.author,
            "name": self.name,
            "text": message.text,
            "buttons": list(message.buttons),
            "custom": message.custom,
            "created_at": message.created_at.isoformat(),
            "external_id": message.external_id,
            "delivered_at": self.delivered_at and self.delivered_at.isoformat(),
            "level": self.level,
        }


def before(
    session: Session,
    conversation_id: str,
    message_id: int | None = None,
    limit: int = PAGE,
    *,
    until: dt.datetime | None = None,
) -> tuple[list[Bubble], bool]:
    """The `limit` bubbles before this message, or the newest, oldest first; and whether there are older ones.

    `until` leaves out what was said after the close of a case.
    """
    query = _until(BUBBLES.where(Message.conversation_id == conversation_id), until)
    if message_id is not None:
        query = query.where(Message.id < message_id)
    rows = session.execute(query.order_by(Message.id.desc()).limit(limit + 1)).tuples().all()
    return _bubbles(session, rows[:limit][::-1]), len(rows) > limit


def after(session: Session, conversation_id: str, event: int, *, until: dt.datetime | None = None) -> list[Bubble]:
    """The bubbles made by changes after this one, oldest first; of very many the newest."""
    query = _until(BUBBLES.where(Message.conversation_id == conversation_id, Event.id > event), until)
    rows = session.execute(query.order_by(Event.id.desc()).limit(_ALL)).tuples().all()
    return _bubbles(session, rows[::-1])


def _until(query: Select[tuple[Message, int]], until: dt.datetime | None) -> Select[tuple[Message, int]]:
    return query if until is None else query.where(Message.created_at <= until)


def of_events(session: Session, event_ids: Collection[int]) -> list[Bubble]:
    """The bubbles that these changes made, in their order."""
    return _bubbles(session, session.execute(BUBBLES.where(Event.id.in_(event_ids)).order_by(Event.id)).tuples().all())


def delivered_at(session: Session, message_ids: Collection[int]) -> dict[int, dt.datetime | None]:
    """When each of these bubbles reached the worker's page."""
    rows = session.execute(select(Message.id, Message.delivered_at).where(Message.id.in_(message_ids)))
    return dict(rows.tuples().all())


def read_events(session: Session, conversation_ids: Collection[str]) -> dict[str, int]:
    """The number of the change up to which the worker has seen each of these threads."""
    query = select(Conversation.id, Conversation.read_event).where(Conversation.id.in_(conversation_ids))
    return dict(session.execute(query).tuples().all())


def mark_read(session: Session, case_id: int, account_id: str, event: int, now: dt.datetime) -> bool:
    """The counsellor in charge has seen the thread up to this change, which other consoles show; False where nothing moved."""
    handoff = session.get(Handoff, case_id)
    if handoff is None or handoff.accepted_by != account_id or event <= handoff.read_event:
        return False
    handoff.read_event = min(event, threads.last_event(session, handoff.conversation_id))
    session.add(Event(kind=CASE_READ, conversation_id=handoff.conversation_id, message_id=None, created_at=now))
    session.commit()
    return True


def highest_levels(session: Session, message_ids: Collection[int]) -> dict[int, str]:
    """What the screen found in each of these messages, the highest finding where a late one came."""
    found: dict[int, str] = {}
    query = select(RiskAssessment.message_id, RiskAssessment.level).where(RiskAssessment.message_id.in_(message_ids))
    for message_id, level in session.execute(query):
        found[message_id] = max(level, found.get(message_id, level), key=lambda each: RiskLevel(each).rank)
    return found


def shown_names(session: Session, account_ids: Collection[str]) -> dict[str, str]:
    """What a reader calls each of these accounts."""
    if not account_ids:
        return {}
    return dict(session.execute(select(Account.id, Account.shown_name).where(Account.id.in_(account_ids))).tuples().all())


def _bubbles(session: Session, rows: Sequence[tuple[Message, int]]) -> list[Bubble]:
    found = highest_levels(session, [message.id for message, _ in rows if message.author == Author.WORKER.value])
    names = shown_names(session, {message.account_id for message, _ in rows if message.account_id})
    return [
        Bubble(
            message.conversation_id, threads.shown(message, event), names.get(message.account_id or ""), found.get(message.id),
            message.delivered_at,
        )
        for message, event in rows
    ]  # fmt: skip
