"""A worker's level of risk: carried into every visit, ended by time only at watch, lowered only by named humans."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.db.tables import Alert, Conversation, Event, Lowering, Message, RiskAssessment, Worker
from bot.domain.errors import IllegalTransition, InvalidInput, NotFound
from bot.domain.follow_up import POLICY, CarePolicy
from bot.domain.risk import SAID_AGAIN_WITHIN, RiskFinding, RiskLevel, RiskSubject, decayed
from bot.domain.staff import named, same_person
from bot.services import alerts, audit

LEVEL_LOWERED = "level.lowered"


@dataclass(frozen=True)
class LevelState:
    """What `level show` shows: the level today, since when, and the lowerings, newest first, without their reasons."""

    level: RiskLevel
    raised_at: dt.datetime | None
    lowerings: list[LoweringLine]


@dataclass(frozen=True)
class LoweringLine:
    """One decision; `lowered_at` is None while it waits for a second name."""

    from_level: str
    to_level: str
    proposed_by: str
    created_at: dt.datetime
    confirmed_by: str | None
    lowered_at: dt.datetime | None


def carried(session: Session, worker_id: str, now: dt.datetime, policy: CarePolicy = POLICY) -> RiskLevel:
    """The level that stands today; none for a worker who has not written yet."""
    worker = session.get(Worker, worker_id)
    return RiskLevel.NONE if worker is None else _of(worker, now, policy)


def raise_by(worker: Worker, finding: RiskFinding, now: dt.datetime, policy: CarePolicy = POLICY) -> None:
    """Raise the worker's level to a finding about themselves, or say it anew at the same level: its time starts over."""
    is_own = finding.subject is RiskSubject.SELF and finding.level is not RiskLevel.NONE
    if is_own and finding.level >= _of(worker, now, policy):
        worker.risk_level, worker.risk_raised_at = finding.level.value, now


def set_higher(worker: Worker, level: RiskLevel, now: dt.datetime, policy: CarePolicy = POLICY) -> None:
    """Raise the worker's level by a human's word; the caller holds the worker's row and commits."""
    if level > _of(worker, now, policy):
        worker.risk_level, worker.risk_raised_at = level.value, now


def watches(session: Session, worker_id: str, now: dt.datetime) -> list[dt.datetime]:
    """When the worker's own watch findings of the last 72 hours came: what `escalated` asks for."""
    query = (
        select(RiskAssessment.created_at)
        .join(Message, Message.id == RiskAssessment.message_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Conversation.worker_id == worker_id,
            RiskAssessment.level == RiskLevel.WATCH.value,
            RiskAssessment.subject == RiskSubject.SELF.value,
            RiskAssessment.created_at >= now - SAID_AGAIN_WITHIN,
        )
        .order_by(RiskAssessment.id)
    )
    return list(session.scalars(query))


def show(session: Session, worker_id: str, now: dt.datetime, policy: CarePolicy = POLICY) -> LevelState:
    """The worker's level and how it was lowered; raises NotFound."""
    worker = session.get(Worker, worker_id)
    if worker is None:
        raise NotFound(f"worker {worker_id}")
    rows = session.scalars(select(Lowering).where(Lowering.worker_id == worker_id).order_by(Lowering.id.desc()))
    lines = [
        LoweringLine(row.from_level, row.to_level, row.proposed_by, row.created_at, row.confirmed_by, row.lowered_at)
        for row in rows
    ]
    return LevelState(_of(worker, now, policy), worker.risk_raised_at, lines)


def lower(
    session: Session, worker_id: str, level: RiskLevel, by: str, reason: str, now: dt.datetime, policy: CarePolicy = POLICY
) -> bool:
    """Lower a worker's level by a named human's word; follow-ups that are open stay open.

    From imminent two names are needed: the first call is a proposal and gives False, a second by another person within a
    day gives True. A sign of danger in between ends the proposal. Raises InvalidInput without name or reason,
    IllegalTransition where nothing would be lowered or the same person asks twice, NotFound.
    """
    worker = session.get(Worker, worker_id, with_for_update=True)
    if worker is None:
        raise NotFound(f"worker {worker_id}")
    is_lowered = decide(session, worker, level, by, reason, now, policy)
    session.commit()
    return is_lowered


def decide(
    session: Session, worker: Worker, level: RiskLevel, by: str, reason: str, now: dt.datetime, policy: CarePolicy = POLICY
) -> bool:
    """`lower` as part of something greater: the caller holds the worker's row and commits."""
    actor, why = named(by), reason.strip()
    if not why:
        raise InvalidInput("a reason is needed to lower a level")
    worker_id, current = worker.id, _of(worker, now, policy)
    if level >= current:
        raise IllegalTransition(f"the level is {current.value}: {level.value} is not lower")
    first = _open_proposal(session, worker, level, now, policy) if current is RiskLevel.IMMINENT else None
    if first is not None and same_person(first.proposed_by, actor):
        raise IllegalTransition("lowering imminent needs a second person")
    if first is None:
        first = Lowering(
            worker_id=worker_id, from_level=current.value, to_level=level.value, proposed_by=actor, created_at=now,
            reason=None if worker.erased_at else why,
        )  # fmt: skip
        session.add(first)
    else:
        first.confirmed_by, first.reason = actor, None if worker.erased_at else f"{first.reason}\n{why}"
    is_lowered = current is not RiskLevel.IMMINENT or first.confirmed_by is not None
    if is_lowered:
        worker.risk_level, worker.risk_raised_at, first.lowered_at = level.value, now, now
        thread = select(Conversation.id).where(Conversation.worker_id == worker_id).order_by(Conversation.created_at).limit(1)
        session.add(Event(kind=LEVEL_LOWERED, conversation_id=session.scalar(thread), message_id=None, created_at=now))
    deed = LEVEL_LOWERED if is_lowered else "level.lowering_proposed"
    audit.append(session, actor, deed, worker_id, f"{current.value} -> {level.value}", now)
    return is_lowered


def _of(worker: Worker, now: dt.datetime, policy: CarePolicy) -> RiskLevel:
    level = RiskLevel(worker.risk_level)
    return decayed(level, worker.risk_raised_at, now, worker.asq_clear_at, policy.watch_lasts, policy.clear_lasts)


def _open_proposal(
    session: Session, worker: Worker, level: RiskLevel, now: dt.datetime, policy: CarePolicy
) -> Lowering | None:  # fmt: skip
    """The newest proposal to lower to this level that still waits; one before the worker's last own alert does not."""
    own = (Alert.worker_id == worker.id, Alert.reason == alerts.RISK, Alert.subject == RiskSubject.SELF.value)
    last_sign = session.scalar(select(func.max(Alert.created_at)).where(*own))
    query = select(Lowering).where(
        Lowering.worker_id == worker.id,
        Lowering.to_level == level.value,
        Lowering.lowered_at.is_(None),
        Lowering.created_at > now - policy.second_name,
    )
    if last_sign is not None:
        query = query.where(Lowering.created_at > last_sign)
    return session.scalar(query.order_by(Lowering.id.desc()).limit(1))
