"""What all deeds on a handoff share: the rows held, the step with its event, the guard, and the way back to queue or program."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from bot.db.handoff_tables import Handoff, HandoffStep
from bot.db.staff_tables import Account
from bot.db.tables import Alert, Conversation, Event, Lowering, Worker
from bot.domain.conversation import ConversationState, Reply
from bot.domain.errors import NotFound
from bot.domain.handoff import CLOSED, WAITING, Deed, HandoffPolicy, HandoffReason, Standing, after, queue_rank
from bot.domain.hotline import is_mainland
from bot.domain.protocol import ABROAD, Place
from bot.domain.risk import RiskLevel
from bot.services import alerts, levels, safety_records, threads

_OPEN = select(Handoff).where(Handoff.conversation_id == bindparam("conversation"), Handoff.status != CLOSED)
_GRAVE = (RiskLevel.HIGH.value, RiskLevel.IMMINENT.value)


@dataclass(frozen=True)
class Case:
    """A handoff with its worker, whose row is held until the commit, and its conversation."""

    worker: Worker
    handoff: Handoff
    conversation: Conversation

    @property
    def level(self) -> RiskLevel:
        return RiskLevel(self.handoff.level)


def open_of(session: Session, conversation_id: str) -> Handoff | None:
    """The open handoff of a conversation, or None."""
    return session.scalar(_OPEN, {"conversation": conversation_id})


def held(session: Session, handoff_id: int) -> Case:
    """The case as it stands, its worker's row held first: deeds on one thread come one after the other. Raises NotFound."""
    worker_id = session.scalar(select(Handoff.worker_id).where(Handoff.id == handoff_id))
    if worker_id is None:
        raise NotFound(f"handoff {handoff_id}")
    worker = session.get_one(Worker, worker_id, with_for_update=True, populate_existing=True)
    handoff = session.get_one(Handoff, handoff_id, populate_existing=True)
    return Case(worker, handoff, session.get_one(Conversation, handoff.conversation_id, populate_existing=True))


def account_of(session: Session, account_id: str) -> Account:
    """A member of the staff who still works here; raises NotFound."""
    account = session.get(Account, account_id)
    if account is None or account.disabled_at is not None:
        raise NotFound(f"account {account_id}")
    return account


def note(
    session: Session, handoff: Handoff, step: str, now: dt.datetime, *, by: str | None = None, other: str | None = None,
    reason: str | None = None, level: RiskLevel | None = None,
) -> None:  # fmt: skip
    """One step of the timeline and the event `handoff.<step>` that tells of it; `by` and `other` are account ids."""
    session.add(
        HandoffStep(
            handoff_id=handoff.id, step=step, account_id=by, other_id=other, level=(level or RiskLevel(handoff.level)).value,
            reason=reason, created_at=now,
        )
    )  # fmt: skip
    event = Event(
        kind=f"handoff.{step}", conversation_id=handoff.conversation_id, message_id=handoff.message_id, created_at=now
    )
    session.add(event)
    session.flush()


def speak(session: Session, case: Case, replies: Sequence[Reply], now: dt.datetime, account_id: str | None = None) -> None:
    """Put these bubbles into the worker's thread; an erased worker reads nothing any more."""
    if case.worker.erased_at is None:
        threads.add(session, case.conversation.id, case.conversation.channel, replies, now, account_id=account_id)


def move(session: Session, case: Case, deed: Deed, now: dt.datetime) -> None:
    """Move the conversation's state by this deed; raises IllegalTransition. Where nobody waits the state stays."""
    if case.handoff.is_live:
        state = after(ConversationState(case.conversation.state), deed, standing(session, case, now))
        case.conversation.state = state.value


def standing(session: Session, case: Case, now: dt.datetime) -> Standing:
    """What guards an end: open alerts of danger, the level, and whether a human has set it since the last sign of danger."""
    of_danger = (
        Alert.conversation_id == case.conversation.id, Alert.reason == alerts.RISK, Alert.level.in_(_GRAVE),
    )  # fmt: skip
    is_open = session.scalar(select(Alert.id).where(*of_danger, Alert.acknowledged_at.is_(None)).limit(1))
    sign_at = session.scalar(select(func.max(Alert.created_at)).where(*of_danger))
    judged = select(func.max(HandoffStep.created_at)).where(
        HandoffStep.handoff_id == case.handoff.id, HandoffStep.step == "level", HandoffStep.account_id.is_not(None)
    )
    lowered = select(func.max(Lowering.lowered_at)).where(Lowering.worker_id == case.worker.id)
    set_at = max((at for at in (session.scalar(judged), session.scalar(lowered)) if at is not None), default=None)
    is_set = set_at is not None and (sign_at is None or set_at > sign_at)
    level = max(case.level, levels.carried(session, case.worker.id, now))
    return Standing(is_open is not None, level, is_set)


def set_clocks(handoff: Handoff, policy: HandoffPolicy, now: dt.datetime, *, anew: bool) -> None:
    """Until when somebody must have accepted, by reason and level: never later than before unless the wait begins `anew`."""
    due_at = now + policy.accept_within(HandoffReason(handoff.reason), RiskLevel(handoff.level))
    if anew:
        handoff.due_at, handoff.breach_at, handoff.tier = due_at, due_at, 0
        return
    handoff.due_at = min(handoff.due_at, due_at)
    handoff.breach_at = due_at if handoff.breach_at is None else min(handoff.breach_at, due_at)


def to_queue(handoff: Handoff, policy: HandoffPolicy, now: dt.datetime, to: str | None) -> None:
    """Nobody has it any more: it waits again, offered to `to` first."""
    handoff.status, handoff.accepted_by, handoff.accepted_at = WAITING, None, None
    handoff.unanswered_at, handoff.reminded_at, handoff.told_level = None, None, None
    offer(handoff, to, now + policy.offer)
    set_clocks(handoff, policy, now, anew=True)


def offer(handoff: Handoff, to: str | None, until: dt.datetime) -> None:
    """Push it to this counsellor until then; to nobody without one."""
    handoff.offered_to, handoff.offer_until = to, until if to is not None else None


def finish(handoff: Handoff, now: dt.datetime, by: str | None) -> None:
    """It is over; a case that is open has no such row any more."""
    handoff.status, handoff.closed_at, handoff.closed_by = CLOSED, now, by
    handoff.breach_at, handoff.unanswered_at, handoff.reminded_at = None, None, None
    offer(handoff, None, now)


def end_waiting(session: Session, case: Case, step: str, now: dt.datetime, policy: HandoffPolicy) -> bool:
    """The live wait ends without a human; True when a watch stands open, so that it stays as a case to be read."""
    handoff = case.handoff
    watch = select(Alert.created_at).where(
        Alert.conversation_id == case.conversation.id, Alert.reason == alerts.RISK, Alert.acknowledged_at.is_(None)
    )
    watched_at = session.scalar(watch.order_by(Alert.created_at).limit(1))
    note(session, handoff, step, now)
    if watched_at is None:
        finish(handoff, now, None)
        return False
    handoff.is_live, handoff.reason = False, HandoffReason.WATCH_REVIEW.value
    handoff.rank = queue_rank(HandoffReason.WATCH_REVIEW, case.level)
    offer(handoff, None, now)
    handoff.due_at = handoff.breach_at = watched_at + policy.review
    handoff.told_level = None
    return True


def place_of(session: Session, worker: Worker, now: dt.datetime) -> Place:
    """Where the worker is, for numbers and times; abroad by their own words their time is not known."""
    is_told_abroad = is_mainland(worker.timezone) and safety_records.is_abroad(session, worker)
    return Place(ABROAD if is_told_abroad else worker.timezone, now)
