"""Where the safety conversation with a worker stands: read before a message is judged, kept in the same commit."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bot.db.tables import Conversation, Message, RiskAssessment, SafetyRecord, Worker
from bot.domain import asq as questions
from bot.domain.asq import Asq
from bot.domain.asq_words import may_be_tiredness
from bot.domain.conversation import Author, TurnState
from bot.domain.drink import drinking_words
from bot.domain.follow_up import POLICY, CarePolicy
from bot.domain.hotline import is_mainland
from bot.domain.protocol import NO_PLAN, Known, Step
from bot.domain.risk import DRUNK, SAME_STRETCH, Cue, RiskFinding, RiskKind, RiskLevel, RiskSubject, escalated, is_own_wish
from bot.domain.safety_plan_state import PlanState
from bot.services import levels

_WORDS_READ = 20  # messages looked through for drink; more are not written in one talk between drink and wish


def known(
    session: Session, worker_id: str, conversation_id: str, finding: RiskFinding, now: dt.datetime, policy: CarePolicy = POLICY
) -> Known:
    """What the protocol must know of this worker; the fixed texts are only counted when one may be due."""
    record = session.get(SafetyRecord, worker_id)
    asq = Asq.from_json(record.asq) if record is not None and record.asq else None
    may_alarm = finding.level >= RiskLevel.HIGH or record is not None
    return Known(
        asq=asq,
        asq_at=record.asq_at if record is not None else None,
        plan=PlanState.from_json(record.plan) if record is not None and record.plan else NO_PLAN,
        level=levels.carried(session, worker_id, now, policy),
        safety_turns=_safety_turns(session, conversation_id) if may_alarm else 0,
        is_shown=asq is None or asq.open is None or _is_shown(session, worker_id),
        is_abroad=record is not None and record.is_abroad,
    )


def is_abroad(session: Session, worker: Worker) -> bool:
    """Whether the worker is out of the mainland, by their clock or by their own words."""
    record = session.get(SafetyRecord, worker.id)
    return not is_mainland(worker.timezone) or (record is not None and record.is_abroad)


def beside_earlier(session: Session, worker_id: str, text: str, finding: RiskFinding, now: dt.datetime) -> RiskFinding:
    """The finding, raised by what the worker said before (CLINICAL.md, levels): a passive wish said again within 72 hours, or one that
    stands beside drink in the same talk, whichever of the two came first. Words of tiredness are no wish."""
    drink = drinking_words(text)
    if is_own_wish(finding) and not may_be_tiredness(text, tuple(cue.name for cue in finding.cues)):
        if drink is not None or _has_drunk(session, worker_id, now):
            return replace(finding, level=RiskLevel.HIGH, cues=(*finding.cues, *_cue(drink)))
        return escalated(finding, levels.watches(session, worker_id, now), now)
    if drink is not None and finding.level < RiskLevel.HIGH and _has_wished(session, worker_id, now):
        return replace(
            finding, level=RiskLevel.HIGH, subject=RiskSubject.SELF, kind=RiskKind.SUICIDE, cues=(*finding.cues, *_cue(drink))
        )
    return finding


def _cue(drink: re.Match[str] | None) -> tuple[Cue, ...]:
    return () if drink is None else (Cue(DRUNK, drink.start(), drink.end()),)


def _has_drunk(session: Session, worker_id: str, now: dt.datetime) -> bool:
    query = _own_words(worker_id, now).order_by(Message.id.desc()).limit(_WORDS_READ)
    return any(drinking_words(message.text) for message in session.scalars(query))


def _has_wished(session: Session, worker_id: str, now: dt.datetime) -> bool:
    """Whether the worker's own wish was heard in this talk; a watch that stands on words of tiredness alone is none."""
    query = _own_words(worker_id, now).join(RiskAssessment, RiskAssessment.message_id == Message.id)
    wish = (RiskAssessment.level == RiskLevel.WATCH.value, RiskAssessment.subject == RiskSubject.SELF.value)
    query = query.where(*wish, RiskAssessment.kind == RiskKind.SUICIDE.value)
    rows = session.execute(query.add_columns(RiskAssessment.cues)).all()
    return any(not may_be_tiredness(message.text, tuple(cue["name"] for cue in cues)) for message, cues in rows)


def _own_words(worker_id: str, now: dt.datetime) -> Select[tuple[Message]]:
    """What the worker wrote within the same talk."""
    query = select(Message).join(Conversation, Conversation.id == Message.conversation_id)
    own = (Conversation.worker_id == worker_id, Message.author == Author.WORKER.value, Message.payload.is_(None))
    return query.where(*own, Message.created_at >= now - SAME_STRETCH, Message.erased_at.is_(None))


def keep(session: Session, worker: Worker, step: Step, now: dt.datetime) -> None:
    """Store what a step changed; the caller holds the worker's row and commits."""
    if step.asq is None and step.plan is None and not step.tells_abroad:
        return
    record = session.get(SafetyRecord, worker.id)
    if record is None:
        record = SafetyRecord(worker_id=worker.id, is_abroad=False)
        session.add(record)
    record.is_abroad = record.is_abroad or step.tells_abroad
    if step.asq is not None:
        record.asq, record.asq_at = step.asq.to_json(), now
        if questions.is_clear(step.asq):
            worker.asq_clear_at = now
    if step.plan is not None and step.plan != NO_PLAN:
        record.plan, record.plan_at = step.plan.to_json(), now


def _is_shown(session: Session, worker_id: str) -> bool:
    """Whether no question waits in a turn under way, to be said after Rasa's words."""
    query = select(Message.protocol).join(Conversation, Conversation.id == Message.conversation_id)
    under_way = Message.turn_state.in_([TurnState.STORED.value, TurnState.ASKED.value])
    query = query.where(Conversation.worker_id == worker_id, under_way, Message.protocol.is_not(None))
    return not any(reply["buttons"] for protocol in session.scalars(query) for reply in (protocol or {}).get("after", ()))


def _safety_turns(session: Session, conversation_id: str) -> int:
    """How many of the worker's messages already got a fixed safety text."""
    query = select(func.count(func.distinct(Message.in_reply_to)))
    query = query.where(Message.conversation_id == conversation_id, Message.author == Author.SAFETY.value)
    return session.scalar(query) or 0
