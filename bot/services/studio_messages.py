"""One message of the inbox in full: what was understood, what came near, and what the screen saw in it; masked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.studio_tables import InboxItem
from bot.db.tables import Message, RiskAssessment, ScreenMark, TrackerTurn, UnderstandingRow
from bot.domain.case_access import Viewer
from bot.domain.errors import NotFound
from bot.domain.risk import RiskLevel
from bot.services import audit, inbox, screen_marks
from bot.services.inbox import Line
from bot.services.inbox_collecting import names_of
from bot.services.inbox_items import is_allowed
from bot.services.screen_marks import Verdict
from bot.services.studio_conversations import masked_entities
from bot.training.masking import mask
from bot.vectors import Vectors, unpack

OPENED = "message.opened"
MOST_INTENTS = 5
_PAGE = 50


@dataclass(frozen=True)
class Opened:
    """A message with all that explains it; `vector` is that of the masked text, to find examples near it."""

    line: Line
    conversation_id: str
    ranking: list[tuple[str, float]]
    entities: list[dict[str, Any]] = field(repr=False)
    screen: dict[str, Any] = field(repr=False)
    model: str
    marks: list[dict[str, str]]
    vector: Vectors | None = field(repr=False)


def open_message(session: Session, viewer: Viewer, message_id: int, now: dt.datetime) -> None:
    """Note who opens a message: the audit entry is committed before a word is read; raises NotFound for one that may not be read."""
    row = _item(session, message_id)
    audit.append(session, viewer.name, OPENED, row.conversation_id, f"message {message_id}", now)
    session.commit()


def show(session: Session, message_id: int) -> Opened:
    """The message as it was understood; raises NotFound. Reads only."""
    row = _item(session, message_id)
    message = session.get_one(Message, message_id)
    names = names_of(session, row.worker_id)
    masked = mask(message.text, names)
    understood = session.get(UnderstandingRow, message_id)
    parsed = _parsed(session, message)
    found = parsed.get("entities") or (understood.entities if understood is not None else [])
    is_elsewhere = bool(parsed) and parsed.get("text") != message.text
    return Opened(
        inbox.line(session, message_id), row.conversation_id, _ranking(parsed, understood),
        masked_entities(masked, found, is_elsewhere, names) if row.text == masked.text else [], _screen(session, message_id, message.text, names),
        understood.model if understood is not None else "", _marks(session, message_id), unpack(row.vector),
    )  # fmt: skip


def mark(
    session: Session,
    viewer: Viewer,
    message_id: int,
    verdict: Verdict,
    expected: RiskLevel | None,
    note: str | None,
    now: dt.datetime,
) -> int:
    """Mark how the screen took a message of the inbox; raises NotFound, and InvalidInput as `screen_marks.mark` does."""
    _item(session, message_id)
    return screen_marks.mark(session, message_id, verdict, viewer.name, note, expected, now)


def _item(session: Session, message_id: int) -> InboxItem:
    row = session.scalar(select(InboxItem).where(InboxItem.message_id == message_id, is_allowed()))
    if row is None:
        raise NotFound(f"inbox message {message_id}", reader_text="这条消息看不到了：对方收回了同意，或者删了记录。")
    return row


def _parsed(session: Session, message: Message) -> Mapping[str, Any]:
    """What Rasa's tracker keeps of this message; nothing where the turn is gone."""
    query = select(TrackerTurn.events).where(TrackerTurn.sender_id == message.conversation_id).order_by(TrackerTurn.id.desc())
    for events in session.scalars(query.execution_options(yield_per=_PAGE)):
        for event in events:
            if event.get("event") == "user" and (event.get("metadata") or {}).get("message_id") == message.id:
                return dict(event.get("parse_data") or {})
    return {}


def _ranking(parsed: Mapping[str, Any], understood: UnderstandingRow | None) -> list[tuple[str, float]]:
    """The intents that came into question, the surest first; the one taken is always among them."""
    ranked = [
        (str(each["name"]), float(each.get("confidence") or 0.0))
        for each in parsed.get("intent_ranking") or []
        if each.get("name")
    ]
    if understood is None:
        return ranked[:MOST_INTENTS]
    taken = (understood.intent, understood.confidence)
    if not ranked and understood.runner_up is not None:
        ranked = [taken, (understood.runner_up, understood.runner_up_confidence or 0.0)]
    if taken[0] not in {name for name, _ in ranked[:MOST_INTENTS]}:
        ranked = [taken, *ranked]
    return ranked[:MOST_INTENTS]


def _screen(session: Session, message_id: int, text: str, names: tuple[str, ...]) -> dict[str, Any]:
    """What the screen found, the gravest, with the words of its cues out of the masked text."""
    rows = session.scalars(select(RiskAssessment).where(RiskAssessment.message_id == message_id)).all()
    if not rows:
        return {"level": RiskLevel.NONE.value, "subject": "none", "kind": "none", "score": None, "cues": []}
    masked = mask(text, names)
    gravest = max(rows, key=lambda row: (RiskLevel(row.level).rank, row.id))
    cues = {(cue["name"], masked.part(cue["start"], cue["end"])): None for row in rows for cue in row.cues}
    return {
        "level": gravest.level, "subject": gravest.subject, "kind": gravest.kind, "score": gravest.score,
        "cues": [{"name": name, "words": words} for name, words in cues],
    }  # fmt: skip


def _marks(session: Session, message_id: int) -> list[dict[str, str]]:
    rows = session.scalars(select(ScreenMark).where(ScreenMark.message_id == message_id).order_by(ScreenMark.id))
    return [{"verdict": row.verdict, "expected": row.expected, "by": row.marked_by} for row in rows]
