"""Where the safety conversation with a worker stands: read before a message is judged, kept in the same commit."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.db.tables import Conversation, Message, SafetyRecord, Worker
from bot.domain import asq as questions
from bot.domain.asq import Asq
from bot.domain.asq_words import may_be_tiredness
from bot.domain.conversation import Author, TurnState
from bot.domain.follow_up import POLICY, CarePolicy
from bot.domain.hotline import is_mainland
from bot.domain.protocol import NO_PLAN, Known, Step
from bot.domain.risk import RiskFinding, RiskLevel, RiskSubject, escalated
from bot.domain.safety_plan_state import PlanState
from bot.services import levels


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


def said_again(session: Session, worker_id: str, text: str, finding: RiskFinding, now: dt.datetime) -> RiskFinding:
    """The finding, raised when it is a passive wish said again within 72 hours; words of tiredness are no wish."""
    if finding.level is not RiskLevel.WATCH or finding.subject is not RiskSubject.SELF:
        return finding
    if may_be_tiredness(text, tuple(cue.name for cue in finding.cues)):
        return finding
    return escalated(finding, levels.watches(session, worker_id, now), now)


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
