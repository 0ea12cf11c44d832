"""The brief of a case: what the one who takes over must know at a glance, all of it from what is stored."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.handoff_tables import EmergencyContact, Handoff, HandoffNote, HandoffStep
from bot.db.tables import (
    Consent,
    FollowUp,
    Message,
    RiskAssessment,
    UnderstandingRow,
    Worker,
)
from bot.domain.brief_facts import Told, facts_of, quoted
from bot.domain.conversation import Author
from bot.domain.protocol import ASQ_PAYLOAD
from bot.domain.questionnaire_definition import Questionnaire
from bot.domain.risk import RiskLevel
from bot.domain.topics import TOPICS
from bot.services import alerts, brief_screenings, case_threads, handoff_rows, safety_records
from bot.services.case_threads import Bubble
from bot.services.threads import shown

_LOOKED_AT = 400  # bubbles of the thread; what is older has its own cases
_LAST_WORDS = 10
_TELLING = 8  # characters: what is shorter greets
_MOST_CUES = 20
_BEFORE = dt.timedelta(days=7)  # what led to a request is told before it
_OFFERED_CARDS = {
    "breathing": "带着做过呼吸练习",
    "hotlines": "给过求助电话",
    "safety_plan": "看过写好的安全计划",
    "screening_result": "看过测评结果",
}


@dataclass(frozen=True)
class _Thread:
    """The newest part of a thread with what the screen and Rasa made of it, oldest first."""

    rows: Sequence[tuple[Message, int]]
    cues: Mapping[int, Sequence[tuple[str, str]]]
    levels: Mapping[int, str]

    @property
    def typed(self) -> list[tuple[Message, int]]:
        """The worker's own words, without presses of buttons."""
        return [row for row in self.rows if row[0].author == Author.WORKER.value and row[0].payload is None and row[0].text]


def brief(session: Session, case_id: int, now: dt.datetime, questionnaires: Mapping[str, Questionnaire]) -> dict[str, Any]:
    """The brief of docs/console.md as JSON values, of a case whose opening is noted (`console_cases.open_case`); only reads.

    The safety plan is shown where a life may be in danger or the worker shares it (`alerts.shown_plan`), a screening where the
    worker shares it, a counsellor invited to it, or one of its answers gave an alert.
    """
    handoff = session.get_one(Handoff, case_id)
    worker = session.get_one(Worker, handoff.worker_id)
    since = _since(session, handoff)
    thread = _thread(session, handoff)
    recent = _Thread([row for row in thread.rows if row[0].created_at >= since], thread.cues, thread.levels)
    return {
        "row": handoff_rows.row(session, handoff.id).as_json(),
        "why": {"reason": handoff.reason, "level": handoff.level, "cues": _cues(recent)},
        "own_words": _own_words(handoff.id, recent, thread),
        "topics": _topics(session, recent),
        "screenings": brief_screenings.shown_to_counsellor(session, worker.id, questionnaires),
        "earlier": _earlier(session, handoff),
        "plan": alerts.shown_plan(session, worker.id),
        "offered": _offered(recent),
        "safety": {
            name: fact and {"text": fact.text, "message_id": fact.message_id} for name, fact in facts_of(_told(thread)).items()
        },
        "contact": contact_facts(session, handoff, worker),
        "consents": _consents(session, worker.id),
        "timezone": worker.timezone,
        "local_time": now.astimezone(ZoneInfo(worker.timezone)).isoformat(),
        "is_abroad": safety_records.is_abroad(session, worker),
        "timeline": _timeline(session, handoff.id),
        "notes": notes(session, handoff.id),
        "follow_ups": _follow_ups(session, worker.id, now),
        "now": now.isoformat(),
    }


def contact_facts(session: Session, handoff: Handoff, worker: Worker) -> dict[str, Any]:
    """Whether somebody was named to be called, and whether that may be done now: the row is the consent for a life in danger."""
    named = session.get(EmergencyContact, worker.id)
    in_danger = max(RiskLevel(handoff.level), RiskLevel(worker.risk_level)) >= RiskLevel.HIGH
    facts: dict[str, Any] = {"is_named": named is not None, "may_use": named is not None and in_danger}
    return facts if named is None else {**facts, "relation": named.relation}


def notes(session: Session, handoff_id: int) -> list[dict[str, Any]]:
    """The private notes of a case, oldest first."""
    rows = session.scalars(select(HandoffNote).where(HandoffNote.handoff_id == handoff_id).order_by(HandoffNote.id)).all()
    names = case_threads.shown_names(session, {row.account_id for row in rows})
    return [
        {"id": row.id, "who": names.get(row.account_id), "text": row.text, "created_at": row.created_at.isoformat()}
        for row in rows
    ]  # fmt: skip


def _since(session: Session, handoff: Handoff) -> dt.datetime:
    """From when on the thread belongs to this case: a week before its request, but not into the case before."""
    query = select(Handoff.closed_at).where(Handoff.conversation_id == handoff.conversation_id, Handoff.id < handoff.id)
    before = session.scalar(query.order_by(Handoff.id.desc()).limit(1))
    start = handoff.requested_at - _BEFORE
    return start if before is None else max(start, before)


def _thread(session: Session, handoff: Handoff) -> _Thread:
    query = case_threads.BUBBLES.where(Message.conversation_id == handoff.conversation_id)
    if handoff.closed_at is not None:
        query = query.where(Message.created_at <= handoff.closed_at)
    rows = session.execute(query.order_by(Message.id.desc()).limit(_LOOKED_AT)).tuples().all()[::-1]
    own = {message.id: message.text for message, _ in rows if message.author == Author.WORKER.value}
    cues: dict[int, dict[tuple[str, str], None]] = {}
    assessed = select(RiskAssessment.message_id, RiskAssessment.cues)
    assessed = assessed.where(RiskAssessment.message_id.in_(own), RiskAssessment.level != RiskLevel.NONE.value)
    for message_id, found in session.execute(assessed.order_by(RiskAssessment.id)):
        named = [(str(cue["name"]), own[message_id][cue["start"] : cue["end"]]) for cue in found]
        cues.setdefault(message_id, {}).update(dict.fromkeys(named))
    return _Thread(rows, {key: list(found) for key, found in cues.items()}, case_threads.highest_levels(session, list(own)))


def _cues(thread: _Thread) -> list[dict[str, Any]]:
    """What the screen found and in which words, the newest last; an answer to a question of ours is quoted whole."""
    found = [
        {
            "name": name,
            "words": words or quoted(message.text),
            "message_id": message.id,
            "created_at": message.created_at.isoformat(),
        }
        for message, _ in thread.rows
        for name, words in thread.cues.get(message.id, ())
    ]
    return found[-_MOST_CUES:]


def _own_words(case_id: int, recent: _Thread, thread: _Thread) -> dict[str, Any]:
    typed = recent.typed or thread.typed
    first = next((row for row in typed if len(row[0].text) >= _TELLING), typed[0] if typed else None)
    return {
        "first": first and _bubble(case_id, first, thread),
        "last": [_bubble(case_id, row, thread) for row in thread.typed[-_LAST_WORDS:]],
    }


def _bubble(case_id: int, row: tuple[Message, int], thread: _Thread) -> dict[str, Any]:
    message, event = row
    bubble = Bubble(message.conversation_id, shown(message, event), None, thread.levels.get(message.id), message.delivered_at)
    return bubble.as_json(case_id)


def _topics(session: Session, thread: _Thread) -> list[str]:
    """What it is about, the topic told most often first."""
    ids = [message.id for message, _ in thread.typed]
    intents = session.scalars(select(UnderstandingRow.intent).where(UnderstandingRow.message_id.in_(ids)))
    return [topic for topic, _ in Counter(each for each in intents if each in TOPICS).most_common()]


def _earlier(session: Session, handoff: Handoff) -> list[dict[str, Any]]:
    query = select(Handoff).where(
        Handoff.worker_id == handoff.worker_id, Handoff.id != handoff.id, Handoff.closed_at.is_not(None)
    )
    rows = session.scalars(query.order_by(Handoff.id.desc())).all()
    names = case_threads.shown_names(session, {row.accepted_by for row in rows if row.accepted_by})
    return [
        {
            "id": row.id,
            "requested_at": row.requested_at.isoformat(),
            "reason": row.reason,
            "level": row.level,
            "outcome": row.outcome,
            "counsellor_name": names.get(row.accepted_by or ""),
        }
        for row in rows
    ]


def _offered(thread: _Thread) -> list[str]:
    """What the assistant has said and shown so far, each once, in its order."""
    said: dict[str, None] = {}
    for message, _ in thread.rows:
        if message.author == Author.SAFETY.value:
            said["发过安全提示"] = None
        if message.author in (Author.BOT.value, Author.SAFETY.value):
            card = _OFFERED_CARDS.get(str((message.custom or {}).get("kind")))
            said.update(dict.fromkeys([card] if card else []))
            if _asked(message) is not None:
                said["直接问过有没有轻生的念头"] = None
    return list(said)


def _told(thread: _Thread) -> list[Told]:
    return [
        Told(
            message.id, message.author == Author.WORKER.value, message.text, message.created_at, _asked(message),
            _number(message.payload or ""), thread.cues.get(message.id, ()), message.author == Author.COUNSELLOR.value,
        )
        for message, _ in thread.rows
        if message.author in (Author.WORKER.value, Author.BOT.value, Author.SAFETY.value, Author.COUNSELLOR.value)
    ]  # fmt: skip


def _asked(message: Message) -> str | None:
    """The number of the direct question that stands in a bubble of ours."""
    return next((number for button in message.buttons or () if (number := _number(button["payload"]))), None)


def _number(payload: str) -> str | None:
    return str(json.loads(payload.removeprefix(ASQ_PAYLOAD))["question"]) if payload.startswith(ASQ_PAYLOAD) else None


def _consents(session: Session, worker_id: str) -> list[str]:
    query = select(Consent.kind).where(Consent.worker_id == worker_id, Consent.withdrawn_at.is_(None)).distinct()
    return sorted(session.scalars(query))


def _timeline(session: Session, handoff_id: int) -> list[dict[str, Any]]:
    rows = session.scalars(select(HandoffStep).where(HandoffStep.handoff_id == handoff_id).order_by(HandoffStep.id)).all()
    names = case_threads.shown_names(session, {each for row in rows for each in (row.account_id, row.other_id) if each})
    return [
        {
            "step": row.step,
            "who": names.get(row.account_id or ""),
            "other": names.get(row.other_id or ""),
            "level": row.level,
            "reason": row.reason,
            "created_at": row.created_at.isoformat(),
        }
        for row in rows
    ]


def _follow_ups(session: Session, worker_id: str, now: dt.datetime) -> list[dict[str, Any]]:
    """The tasks that are open, the earliest due first, and how the last ones ended."""
    query = select(FollowUp).where(FollowUp.worker_id == worker_id).order_by(FollowUp.done_at.is_not(None), FollowUp.due_at)
    return [
        {
            "id": row.id,
            "level": row.level,
            "due_at": row.due_at.isoformat(),
            "assigned_to": row.assigned_to,
            "is_overdue": row.done_at is None and row.due_at <= now,
            "done_at": row.done_at and row.done_at.isoformat(),
            "outcome": row.outcome,
        }
        for row in session.scalars(query)
    ]
