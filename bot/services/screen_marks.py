"""Marks of the screen: a human says it missed a message or alarmed for nothing, another agrees, and it becomes a test."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from bot.db.tables import Conversation, Message, ScreenMark, Worker
from bot.domain.consent import IMPROVEMENT
from bot.domain.conversation import Author
from bot.domain.errors import IllegalTransition, InvalidInput, NotFound
from bot.domain.risk import RiskLevel
from bot.domain.staff import named, same_person
from bot.services import audit, conversations, workers
from bot.services.private_files import written


class Verdict(str, Enum):
    """What the screen did wrong."""

    MISSED = "missed"
    FALSE_ALARM = "false_alarm"


class Decision(str, Enum):
    """What the second person made of a mark."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True)
class MarkLine:
    """One mark as a list shows it: no text of anybody."""

    id: int
    message_id: int
    verdict: str
    expected: str
    marked_by: str
    created_at: dt.datetime
    decision: str | None
    reviewed_by: str | None


@dataclass(frozen=True)
class OpenedMark:
    """A mark with what its reviewer must see: the worker's words and the marker's note."""

    mark: MarkLine
    text: str
    note: str | None


@dataclass(frozen=True)
class Exported:
    """How many accepted marks were written, and how many were held back because no consent stands."""

    written: int
    withheld: int


def mark(
    session: Session, message_id: int, verdict: Verdict, by: str, note: str | None, expected: RiskLevel | None, now: dt.datetime
) -> int:
    """Mark how the screen took a worker's message; gives the mark's id.

    `expected` is the level it should have had, by default one step from what it got. Raises NotFound for a message that
    is not a worker's or was erased, InvalidInput where the level contradicts the verdict or the same person marks again.
    """
    marker = named(by)
    message = session.get(Message, message_id)
    if message is None or message.author != Author.WORKER.value:
        raise NotFound(f"message {message_id} of a worker")
    worker = session.get_one(Worker, _owner(session, message), with_for_update=True)
    if worker.erased_at is not None:
        raise NotFound(f"message {message_id}: its worker's record was erased")
    level = _expected(verdict, conversations.finding_of(session, message_id).level, expected)
    again = select(ScreenMark.id).where(ScreenMark.message_id == message_id, ScreenMark.marked_by == marker)
    if session.scalar(again) is not None:
        raise InvalidInput(f"{marker} has marked message {message_id} before")
    row = ScreenMark(
        message_id=message_id, verdict=verdict.value, expected=level.value, marked_by=marker, note=note or None, created_at=now
    )
    session.add(row)
    audit.append(session, marker, f"screen.marked_{verdict.value}", _owner(session, message), f"message {message_id}", now)
    session.commit()
    return row.id


def list_all(session: Session, limit: int = 200) -> list[MarkLine]:
    """Marks, those without a decision first, then the newest."""
    query = select(ScreenMark).order_by(ScreenMark.decision.is_not(None), ScreenMark.id.desc()).limit(limit)
    return [_line(row) for row in session.scalars(query)]


def open_mark(session: Session, mark_id: int, by: str, reason: str, now: dt.datetime) -> OpenedMark:
    """Read a mark's message and note; who looked and why goes into the audit log."""
    row = _existing(session, mark_id)
    message = session.get_one(Message, row.message_id)
    audit.append(session, named(by), "screen_mark.opened", _owner(session, message), reason, now)
    session.commit()
    return OpenedMark(_line(row), message.text, row.note)


def review(session: Session, mark_id: int, decision: Decision, by: str, now: dt.datetime) -> None:
    """Accept or reject a mark, once; raises IllegalTransition for its marker, or when somebody decided before."""
    reviewer = named(by)
    row = _existing(session, mark_id)
    if same_person(row.marked_by, reviewer):
        raise IllegalTransition("a mark is reviewed by another person than its marker")
    deciding = update(ScreenMark).where(ScreenMark.id == mark_id, ScreenMark.decision.is_(None))
    decided = session.execute(deciding.values(decision=decision.value, reviewed_by=reviewer, reviewed_at=now))
    if not isinstance(decided, CursorResult) or decided.rowcount != 1:
        raise IllegalTransition(f"mark {mark_id} was reviewed before")
    owner = _owner(session, session.get_one(Message, row.message_id))
    audit.append(session, reviewer, f"screen_mark.{decision.value}", owner, f"mark {mark_id}", now)
    session.commit()


def export(session: Session, target: Path, by: str, now: dt.datetime) -> Exported:
    """Write accepted marks as rows of the regression set, JSON lines in a new file of mode 0600.

    Words leave only where the worker's consent to improvement stands. Raises InvalidInput when the file exists or nothing
    may be written; then there is no file.
    """
    actor = named(by)
    query = (
        select(ScreenMark, Message.text, Worker.id, Worker.erased_at)
        .join(Message, Message.id == ScreenMark.message_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Worker, Worker.id == Conversation.worker_id)
        .where(ScreenMark.decision == Decision.ACCEPTED.value)
        .order_by(ScreenMark.id)
    )
    lines: list[str] = []
    withheld = 0
    for row, text, worker_id, erased_at in session.execute(query):
        if erased_at is None and workers.has_consent(session, worker_id, IMPROVEMENT):
            bound = "at_least" if row.verdict == Verdict.MISSED.value else "at_most"
            lines.append(json.dumps({"text": text, "expect": {bound: row.expected}}, ensure_ascii=False))
            audit.append(session, actor, "screen_mark.exported", worker_id, f"mark {row.id}", now)
        else:
            withheld += 1
    if not lines:
        raise InvalidInput(f"nothing to export: {withheld} accepted marks, none with a standing consent to improvement")
    with written(target, "\n".join(lines) + "\n"):
        session.commit()
    return Exported(len(lines), withheld)


def _expected(verdict: Verdict, got: RiskLevel, expected: RiskLevel | None) -> RiskLevel:
    if verdict is Verdict.MISSED:
        level = got.raised() if expected is None else expected
        fits = level > got
    else:
        level = got.lowered() if expected is None else expected
        fits = level < got
    if not fits:
        raise InvalidInput(f"the screen said {got.value}: {level.value} would not make it {verdict.value}")
    return level


def _owner(session: Session, message: Message) -> str:
    return session.get_one(Conversation, message.conversation_id).worker_id


def _existing(session: Session, mark_id: int) -> ScreenMark:
    row = session.get(ScreenMark, mark_id)
    if row is None:
        raise NotFound(f"mark {mark_id}")
    return row


def _line(row: ScreenMark) -> MarkLine:
    return MarkLine(
        row.id, row.message_id, row.verdict, row.expected, row.marked_by, row.created_at, row.decision, row.reviewed_by
    )
