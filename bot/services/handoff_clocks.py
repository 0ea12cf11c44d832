"""The clocks of handoffs: what is due is read from rows, each deed looks again under the worker's row, so nothing is done twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from bot.db.handoff_tables import Handoff, HandoffStep
from bot.domain.conversation import ConversationState
from bot.domain.handoff import ACTIVE, BREACH_TIERS, WAITING, Deed, HandoffPolicy, HandoffReason
from bot.domain.handoff_talk import HandoffDesk
from bot.domain.risk import RiskFinding, RiskLevel
from bot.services import alerts, duty, handoff_waiting, notifications
from bot.services.handoff_steps import Case, end_waiting, held, move, note, offer, place_of, speak, to_queue

Deeds = Callable[[Session, int, dt.datetime, HandoffDesk], bool]
_MOST_OFFERS = 20  # cases looked at for an offer in one beat, the most urgent first
_ORDINARY = (RiskLevel.NONE.value, RiskLevel.WATCH.value)
_ASKED = ("offered", "declined", "reassigned")  # steps that name whom a waiting case was put to
_WAIT_BEGINS = ("requested", "transferred", "reassigned")


def due(session: Session, now: dt.datetime, policy: HandoffPolicy) -> list[tuple[Deeds, int]]:
    """What the clocks ask for at this moment, as (deed, handoff id); reads only."""
    ids = select(Handoff.id).order_by(Handoff.rank, Handoff.requested_at)
    waiting, active = ids.where(Handoff.status == WAITING), ids.where(Handoff.status == ACTIVE)
    quiet_since = now - policy.silent
    found: list[tuple[Deeds, Select[tuple[int]]]] = [
        (breach, waiting.where(Handoff.breach_at <= now)),
        (expire, waiting.where(*_expirable(now, policy))),
        (remind, active.where(Handoff.unanswered_at <= quiet_since, Handoff.reminded_at.is_(None))),
        (replace_silent, active.where(Handoff.unanswered_at.is_not(None), Handoff.reminded_at <= quiet_since)),
    ]
    asked = [(deed, handoff_id) for deed, query in found for handoff_id in session.scalars(query)]
    return [*asked, *((offer_next, handoff_id) for handoff_id in _to_offer(session, now, policy))]


def _expirable(now: dt.datetime, policy: HandoffPolicy) -> tuple[ColumnElement[bool], ...]:
    """Ordinary requests past their time: their clock began `accept_other` before it was due."""
    began = now - policy.expire + policy.accept_other
    return Handoff.level.in_(_ORDINARY), Handoff.reason != HandoffReason.WATCH_REVIEW.value, Handoff.due_at <= began


def _to_offer(session: Session, now: dt.datetime, policy: HandoffPolicy) -> Iterator[int]:
    """Waiting cases that are offered to nobody and that somebody on duty could be asked for."""
    free = (Handoff.offer_until.is_(None)) | (Handoff.offer_until <= now)
    query = select(Handoff).where(Handoff.status == WAITING, Handoff.is_live.is_(True), free)
    rows = list(session.scalars(query.order_by(Handoff.rank, Handoff.requested_at).limit(_MOST_OFFERS)))
    if not rows or not duty.on_duty(session, now):
        return
    for row in rows:
        if _next_candidate(session, row, now, policy) is not None:
            yield row.id
        elif row.wanted_gender is None and not duty.candidates(session, row, now):
            return  # nobody has room: what is less urgent need not be looked at


def _next_candidate(session: Session, handoff: Handoff, now: dt.datetime, policy: HandoffPolicy) -> str | None:
    """Whom to ask next: first those not asked in this wait, then again those who were asked two offers ago or longer."""
    steps = select(HandoffStep).where(HandoffStep.handoff_id == handoff.id).order_by(HandoffStep.id.desc())
    asked: dict[str, dt.datetime] = {}
    for step in session.scalars(steps.where(HandoffStep.step.in_({*_ASKED, *_WAIT_BEGINS}))):
        person = step.account_id if step.step == "declined" else step.other_id
        if step.step in _ASKED and person is not None:
            asked.setdefault(person, step.created_at)
        if step.step in _WAIT_BEGINS:
            break
    lately = {person for person, at in asked.items() if at > now - 2 * policy.offer}
    for excluding in (set(asked), lately):
        found = duty.candidates(session, handoff, now, excluding)
        if found:
            return found[0]
    return None


def offer_next(session: Session, handoff_id: int, now: dt.datetime, desk: HandoffDesk) -> bool:
    """Push a waiting case to the next counsellor; False when it was taken or offered meanwhile, or nobody is there."""
    handoff = held(session, handoff_id).handoff
    is_offered = handoff.offer_until is not None and handoff.offer_until > now
    if handoff.status != WAITING or not handoff.is_live or is_offered:
        return False
    person = _next_candidate(session, handoff, now, desk.policy)
    if person is None:
        return False
    offer(handoff, person, now + desk.policy.offer)
    note(session, handoff, "offered", now, other=person)
    session.commit()
    return True


def breach(session: Session, handoff_id: int, now: dt.datetime, desk: HandoffDesk) -> bool:
    """Nobody accepted inside the time: the next tier is told, the worker once; again after each time, beyond the tiers calmly."""
    case = held(session, handoff_id)
    handoff, policy = case.handoff, desk.policy
    if handoff.status != WAITING or handoff.breach_at is None or handoff.breach_at > now:
        return False
    handoff.tier += 1
    again = policy.accept_within(HandoffReason(handoff.reason), case.level)
    handoff.breach_at = now + (again if handoff.tier < len(BREACH_TIERS) else max(again, policy.accept_other))
    note(session, handoff, "breached", now)
    notifications.notify_handoff(session, handoff, handoff.tier, now)
    if handoff.tier == 1 and handoff.is_live:
        _alert(session, case, alerts.HANDOFF_LATE, now)
        speak(session, case, [desk.late(handoff_id, case.level, place_of(session, case.worker, now))], now)
    session.commit()
    return True


def expire(session: Session, handoff_id: int, now: dt.datetime, desk: HandoffDesk) -> bool:
    """An ordinary request that nobody could take goes back to the program, with an alert and an honest line; never in danger."""
    case = held(session, handoff_id)
    handoff = case.handoff
    is_late = now - handoff.due_at >= desk.policy.expire - desk.policy.accept_other
    if handoff.status != WAITING or not is_late or handoff.reason == HandoffReason.WATCH_REVIEW.value:
        return False
    was_live = handoff.is_live
    move(session, case, Deed.EXPIRE, now)
    if case.level >= RiskLevel.HIGH or (was_live and case.conversation.state == ConversationState.WAITING.value):
        return False
    end_waiting(session, case, "expired", now, desk.policy)
    _alert(session, case, alerts.HANDOFF_EXPIRED, now)
    if was_live:
        speak(session, case, [desk.expired(handoff_id, place_of(session, case.worker, now))], now)
    session.commit()
    return True


def remind(session: Session, handoff_id: int, now: dt.datetime, desk: HandoffDesk) -> bool:
    """The worker waits for the counsellor's word: the counsellor is reminded, once until the next word."""
    handoff = held(session, handoff_id).handoff
    is_due = handoff.unanswered_at is not None and handoff.unanswered_at <= now - desk.policy.silent
    if handoff.status != ACTIVE or not is_due or handoff.reminded_at is not None:
        return False
    handoff.reminded_at = now
    note(session, handoff, "reminded", now, other=handoff.accepted_by)
    session.commit()
    return True


def replace_silent(session: Session, handoff_id: int, now: dt.datetime, desk: HandoffDesk) -> bool:
    """Reminded, and still silent as long again: another counsellor is asked, and the worker is told."""
    case = held(session, handoff_id)
    handoff = case.handoff
    is_due = handoff.reminded_at is not None and handoff.reminded_at <= now - desk.policy.silent
    if handoff.status != ACTIVE or not is_due or handoff.unanswered_at is None or handoff.accepted_by is None:
        return False
    silent = handoff.accepted_by
    move(session, case, Deed.TRANSFER, now)
    to_queue(handoff, desk.policy, now, None)
    note(session, handoff, "reassigned", now, other=silent)
    waiting = handoff_waiting.tell(session, case.worker, case.conversation, now, desk)
    speak(session, case, [desk.passed_on(handoff_id, is_silent=True), *waiting], now)
    session.commit()
    return True


def _alert(session: Session, case: Case, reason: str, now: dt.datetime) -> None:
    alerts.raise_alert(session, case.conversation, case.handoff.message_id, reason, RiskFinding(case.level), now)
