"""Handoffs: a conversation goes to a counsellor and back; each deed is one commit under the worker's row, a step and an event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from bot.db.handoff_tables import Handoff
from bot.db.staff_tables import Account
from bot.db.tables import Alert, Conversation, Message
from bot.domain.conversation import ConversationState, clean_text
from bot.domain.errors import AlreadyAccepted, IllegalTransition, Incomplete, InvalidInput, NotFound
from bot.domain.handoff import (
    ACTIVE,
    CLOSED,
    WAITING,
    Deed,
    HandoffOutcome,
    HandoffPolicy,
    HandoffReason,
    after,
    missing_to_close,
    queue_rank,
)
from bot.domain.handoff_talk import HandoffDesk
from bot.domain.risk import RiskFinding, RiskLevel
from bot.domain.topics import TOPICS
from bot.services import alerts, audit, follow_ups, handoff_waiting, levels, notifications, threads
from bot.services.handoff_steps import Case, account_of, finish, held, move, note, offer, open_of, set_clocks, speak, to_queue
from bot.services.threads import StoredMessage

_UNHURRIED = frozenset({HandoffReason.WATCH_REVIEW, HandoffReason.NOT_UNDERSTOOD})  # nobody waits; a human looks at it
_CLOSING = "结束个案时评定"


@dataclass(frozen=True)
class FollowUpWish:
    """A task that a counsellor plans at the close: whose it is (account id), and until when."""

    assigned_to: str
    due_at: dt.datetime


@dataclass(frozen=True)
class Closing:
    """What is written at the end of a case; `level_after` is None where nobody judged it anew."""

    outcome: HandoffOutcome | None = None
    level_after: RiskLevel | None = None
    summary: str = ""
    referral: str | None = None
    follow_ups: tuple[FollowUpWish, ...] = ()


@dataclass(frozen=True)
class Said:
    """A counsellor's bubble as it is stored."""

    message: StoredMessage
    is_duplicate: bool


def request(
    session: Session, conversation: Conversation, reason: HandoffReason, level: RiskLevel, now: dt.datetime,
    policy: HandoffPolicy, *, message_id: int | None = None, topic: str | None = None, wanted_gender: str | None = None,
) -> Handoff:  # fmt: skip
    """A human is wanted, whatever the state: a new handoff, or the open one with a higher reason, level and an earlier clock.

    The level that the worker carries counts where somebody waits. The caller holds the worker's row and commits.
    """
    is_live = reason not in _UNHURRIED
    if is_live:
        level = max(level, levels.carried(session, conversation.worker_id, now))
    found = open_of(session, conversation.id)
    if found is not None:
        found.wanted_gender, found.topic = wanted_gender or found.wanted_gender, found.topic or topic
        _raise(session, found, conversation, reason, level, now, policy, message_id)
        return found
    handoff = Handoff(
        worker_id=conversation.worker_id, conversation_id=conversation.id, message_id=message_id, status=WAITING, is_live=is_live,
        reason=reason.value, level=level.value, rank=queue_rank(reason, level), topic=topic, wanted_gender=wanted_gender,
        requested_at=now, due_at=now, worker_at=now,
    )  # fmt: skip
    set_clocks(handoff, policy, now, anew=True)
    session.add(handoff)
    session.flush()
    _wait(conversation, is_live=is_live)
    note(session, handoff, "requested", now)
    if level >= RiskLevel.HIGH:
        notifications.notify_handoff(session, handoff, 0, now)
    return handoff


def _raise(
    session: Session, handoff: Handoff, conversation: Conversation, reason: HandoffReason, level: RiskLevel, now: dt.datetime,
    policy: HandoffPolicy, message_id: int | None,
) -> None:  # fmt: skip
    """An open handoff is asked for again: it only rises, and a case to be read becomes one that somebody waits for."""
    old_reason, old_level = HandoffReason(handoff.reason), RiskLevel(handoff.level)
    becomes_live = reason not in _UNHURRIED and not handoff.is_live
    rises = level > old_level
    new_reason = min(old_reason, reason, key=lambda each: queue_rank(each, RiskLevel.NONE))
    if not (becomes_live or rises or new_reason is not old_reason):
        return
    handoff.reason, handoff.level = new_reason.value, max(old_level, level).value
    handoff.rank = queue_rank(new_reason, max(old_level, level))
    handoff.message_id = message_id or handoff.message_id
    if becomes_live:
        handoff.is_live, handoff.requested_at = True, now
        to_queue(handoff, policy, now, handoff.accepted_by)
    elif handoff.status == WAITING:
        set_clocks(handoff, policy, now, anew=False)
    _wait(conversation, is_live=handoff.is_live)
    note(session, handoff, "requested" if becomes_live else "level", now)
    if rises and level >= RiskLevel.HIGH:
        notifications.notify_handoff(session, handoff, 0, now)


def _wait(conversation: Conversation, *, is_live: bool) -> None:
    if is_live:
        conversation.state = after(ConversationState(conversation.state), Deed.REQUEST).value
        conversation.closed_at = None


def note_topic(session: Session, conversation_id: str, intent: str) -> None:
    """What the worker's trouble is about, as first understood since the request; the caller commits."""
    if intent in TOPICS:
        found = open_of(session, conversation_id)
        if found is not None and found.topic is None:
            found.topic = intent


def accept(session: Session, handoff_id: int, account_id: str, now: dt.datetime, desk: HandoffDesk) -> Handoff:
    """This counsellor takes the case, its open alerts with it, and the worker is told; again by the same one changes nothing.

    Raises AlreadyAccepted naming who was first, NotFound, IllegalTransition for a case that is closed.
    """
    case = held(session, handoff_id)
    account, handoff = account_of(session, account_id), case.handoff
    if handoff.status == ACTIVE and handoff.accepted_by == account_id:
        return handoff
    if handoff.status == CLOSED:
        raise IllegalTransition("it is closed", reader_text="这一例已经结束了。")
    taking = update(Handoff).where(Handoff.id == handoff_id, Handoff.status == WAITING)
    taken = session.execute(taking.values(status=ACTIVE, accepted_by=account_id))
    if not isinstance(taken, CursorResult) or taken.rowcount != 1:
        first = session.get_one(Account, handoff.accepted_by) if handoff.accepted_by else None
        raise AlreadyAccepted(f"handoff {handoff_id}", reader_text=f"{first.shown_name}已经先接了。" if first else None)
    session.refresh(handoff)
    handoff.accepted_at, handoff.first_accepted_at = now, handoff.first_accepted_at or now
    handoff.breach_at, handoff.unanswered_at = None, now if handoff.is_live else None
    offer(handoff, None, now)
    alerts.acknowledge_all(session, handoff.conversation_id, account.name, now)
    move(session, case, Deed.ACCEPT, now)
    note(session, handoff, "accepted", now, by=account_id)
    audit.append(session, account.name, "handoff.accepted", handoff.conversation_id, f"handoff {handoff_id}", now)
    if handoff.is_live:
        speak(session, case, desk.accepted(handoff_id, account.shown_name, account.introduction), now, account_id)
    session.commit()
    return handoff


def decline(session: Session, handoff_id: int, account_id: str, now: dt.datetime) -> Handoff:
    """The one it was pushed to does not take it: it goes on to the next. Without such an offer nothing changes."""
    handoff = held(session, handoff_id).handoff
    if handoff.status == WAITING and handoff.offered_to == account_id:
        offer(handoff, None, now)
        note(session, handoff, "declined", now, by=account_id)
        session.commit()
    return handoff


def release(
    session: Session, handoff_id: int, account_id: str, reason: str, now: dt.datetime, desk: HandoffDesk
) -> Handoff:  # fmt: skip
    """Back to the program before the end of the case; raises IllegalTransition while danger stands that no human has judged."""
    case = _own(session, handoff_id, account_id)
    account = account_of(session, account_id)
    move(session, case, Deed.RELEASE, now)
    finish(case.handoff, now, account_id)
    note(session, case.handoff, "released", now, by=account_id, reason=_kept(case, reason))
    audit.append(session, account.name, "handoff.released", case.conversation.id, f"handoff {handoff_id}", now)
    if case.handoff.is_live:
        speak(session, case, desk.ended(handoff_id, asks_rating=False), now)
    session.commit()
    return case.handoff


def transfer(
    session: Session, handoff_id: int, account_id: str, to: str | None, reason: str, now: dt.datetime, desk: HandoffDesk
) -> Handoff:  # fmt: skip
    """On to another counsellor, who is asked first, or to the queue; the worker waits again and is told."""
    case = _own(session, handoff_id, account_id)
    _pass_on(session, case, "transferred", account_id, to, reason, now, desk)
    session.commit()
    return case.handoff


def assign(session: Session, handoff_id: int, by: str, to: str, reason: str, now: dt.datetime, desk: HandoffDesk) -> Handoff:
    """A supervisor gives a case to a counsellor, who is asked first; from another's hands it goes through the queue."""
    case = held(session, handoff_id)
    if case.handoff.status == ACTIVE:
        _pass_on(session, case, "reassigned", by, to, reason, now, desk)
    elif case.handoff.status == WAITING:
        account_of(session, to)
        offer(case.handoff, to, now + desk.policy.offer)
        note(session, case.handoff, "reassigned", now, by=by, other=to, reason=_kept(case, reason))
        note(session, case.handoff, "offered", now, other=to)
        audit.append(
            session, account_of(session, by).name, "handoff.reassigned", case.conversation.id, f"handoff {handoff_id}", now
        )
    else:
        raise IllegalTransition("it is closed", reader_text="这一例已经结束了。")
    session.commit()
    return case.handoff


def _pass_on(
    session: Session, case: Case, step: str, by: str, to: str | None, reason: str, now: dt.datetime, desk: HandoffDesk
) -> None:  # fmt: skip
    handoff, account = case.handoff, account_of(session, by)
    if to is not None:
        account_of(session, to)
    move(session, case, Deed.TRANSFER, now)
    if queue_rank(HandoffReason.TRANSFER, RiskLevel.NONE) < queue_rank(HandoffReason(handoff.reason), RiskLevel.NONE):
        handoff.reason = HandoffReason.TRANSFER.value if handoff.is_live else handoff.reason
        handoff.rank = queue_rank(HandoffReason(handoff.reason), case.level)
    to_queue(handoff, desk.policy, now, to)
    note(session, handoff, step, now, by=by, other=to, reason=_kept(case, reason))
    if to is not None:
        note(session, handoff, "offered", now, other=to)
    audit.append(session, account.name, f"handoff.{step}", case.conversation.id, f"handoff {handoff.id}", now)
    if handoff.is_live:
        waiting = handoff_waiting.tell(session, case.worker, case.conversation, now, desk)
        speak(session, case, [desk.passed_on(handoff.id), *waiting], now)


def close(session: Session, handoff_id: int, account_id: str, closing: Closing, now: dt.datetime, desk: HandoffDesk) -> Handoff:
    """The end of a case with what was done; back to the program, and the worker is asked how it was.

    Raises Incomplete naming the fields still needed. A level after that lowers imminent waits for a second person: until then
    the worker's level stays.
    """
    case = _own(session, handoff_id, account_id)
    account, handoff = account_of(session, account_id), case.handoff
    missing = missing_to_close(case.level, closing.outcome, closing.level_after, bool(closing.follow_ups), closing.summary)
    if missing or closing.outcome is None:
        raise Incomplete(missing)
    if closing.level_after is not None:
        reason = closing.summary.strip() or _CLOSING
        _set_level(session, case, account, closing.level_after, reason, now, desk)
    if closing.follow_ups:
        _plan(session, case, closing.follow_ups, now)
    alerts.acknowledge_all(session, handoff.conversation_id, account.name, now)
    is_erased = case.worker.erased_at is not None
    handoff.outcome, handoff.level_after = closing.outcome.value, closing.level_after.value if closing.level_after else None
    handoff.summary = None if is_erased else closing.summary.strip() or None
    handoff.referral = None if is_erased else (closing.referral or "").strip() or None
    move(session, case, Deed.CLOSE, now)
    if handoff.is_live:
        case.conversation.state = after(ConversationState(case.conversation.state), Deed.REOPEN).value
        speak(session, case, desk.ended(handoff_id), now)
    finish(handoff, now, account_id)
    note(session, handoff, "closed", now, by=account_id, level=closing.level_after)
    audit.append(session, account.name, "handoff.closed", handoff.conversation_id, f"handoff {handoff_id}", now)
    session.commit()
    return handoff


def _plan(session: Session, case: Case, wishes: Sequence[FollowUpWish], now: dt.datetime) -> None:
    accounts = [session.get(Account, each.assigned_to) for each in wishes]
    names = [account.name for account in accounts if account is not None and account.disabled_at is None]
    if len(names) < len(wishes) or min(each.due_at for each in wishes) <= now:
        raise Incomplete(["follow_up"], reader_text="跟进任务要有在职的负责人，时间要在以后。")
    wanted = [(wish.due_at, name) for wish, name in zip(wishes, names, strict=True)]
    follow_ups.assign_planned(session, _anchor(session, case, now), wanted, case.level, now)


def _anchor(session: Session, case: Case, now: dt.datetime) -> Alert:
    """The alert that a new task belongs to: the newest of the conversation, or one for a case that had none."""
    query = select(Alert).where(Alert.conversation_id == case.conversation.id).order_by(Alert.id.desc()).limit(1)
    found = session.scalar(query)
    if found is not None:
        return found
    finding = RiskFinding(case.level)
    return alerts.raise_alert(session, case.conversation, case.handoff.message_id, case.handoff.reason, finding, now)


def raise_level(
    session: Session, handoff_id: int, account_id: str, level: RiskLevel, reason: str, now: dt.datetime, desk: HandoffDesk
) -> bool:
    """Set the worker's level at once, up or as it stands, with a reason; True. Raises IllegalTransition for a lower one."""
    case = held(session, handoff_id)
    if level < levels.carried(session, case.worker.id, now, desk.care):
        raise IllegalTransition("this lowers the level")
    return _judge(session, case, account_id, level, reason, now, desk)


def lower_level(
    session: Session, handoff_id: int, account_id: str, level: RiskLevel, reason: str, now: dt.datetime, desk: HandoffDesk
) -> bool:
    """Lower the worker's level by `levels.decide`; False while imminent waits for a second person. Raises as that does."""
    case = held(session, handoff_id)
    if level >= levels.carried(session, case.worker.id, now, desk.care):
        raise IllegalTransition("this does not lower the level")
    return _judge(session, case, account_id, level, reason, now, desk)


def _judge(
    session: Session, case: Case, account_id: str, level: RiskLevel, reason: str, now: dt.datetime, desk: HandoffDesk
) -> bool:
    if not reason.strip():
        raise InvalidInput("no reason", reader_text="请写一句理由。")
    account = account_of(session, account_id)
    is_set = _set_level(session, case, account, level, reason, now, desk, is_strict=True)
    alerts.acknowledge_all(session, case.conversation.id, account.name, now)
    session.commit()
    return is_set


def _set_level(
    session: Session, case: Case, account: Account, level: RiskLevel, reason: str, now: dt.datetime, desk: HandoffDesk, *,
    is_strict: bool = False,
) -> bool:  # fmt: skip
    """The worker's level by this person's word, and its step where it counts; False while a second person is awaited.

    Not strict, a proposal that this person made before is no error: at the close it simply still waits.
    """
    handoff, is_set = case.handoff, True
    if level < levels.carried(session, case.worker.id, now, desk.care):
        is_set = False
        with suppress(*(() if is_strict else (IllegalTransition,))):
            is_set = levels.decide(session, case.worker, level, account.name, reason, now, desk.care)
    else:
        levels.set_higher(case.worker, level, now, desk.care)
    if level > case.level and handoff.status != CLOSED:
        handoff.level, handoff.rank = level.value, queue_rank(HandoffReason(handoff.reason), level)
        if handoff.status == WAITING:
            set_clocks(handoff, desk.policy, now, anew=False)
    if is_set:
        note(session, handoff, "level", now, by=account.id, reason=_kept(case, reason), level=level)
    return is_set


def say(
    session: Session, handoff_id: int, account_id: str, external_id: str, text: str, now: dt.datetime, desk: HandoffDesk
) -> Said:
    """A counsellor's bubble in their own active case; the same external id gives the stored one again.

    In a case that nobody waited for the first word makes it live, and the worker is told who speaks. Raises NotFound for
    another's case, IllegalTransition where it is not active, and what `clean_text` raises.
    """
    words = clean_text(text)
    case = _own(session, handoff_id, account_id)
    handoff, account = case.handoff, account_of(session, account_id)
    earlier = session.scalar(
        select(Message).where(
            Message.channel == case.conversation.channel, Message.conversation_id == handoff.conversation_id,
            Message.external_id == external_id,
        )
    )  # fmt: skip
    if earlier is not None:
        return Said(threads.stored(session, earlier), is_duplicate=True)
    if not handoff.is_live:
        handoff.is_live = True
        _wait(case.conversation, is_live=True)
        move(session, case, Deed.ACCEPT, now)
        speak(session, case, desk.accepted(handoff_id, account.shown_name, account.introduction), now, account_id)
    (stored,) = threads.add(
        session, handoff.conversation_id, case.conversation.channel, [desk.counsellor(words, account.shown_name)], now,
        account_id=account_id, external_id=external_id,
    )  # fmt: skip
    handoff.counsellor_at, handoff.unanswered_at, handoff.reminded_at = now, None, None
    case.conversation.last_message_at = now
    session.commit()
    return Said(stored, is_duplicate=False)


def _own(session: Session, handoff_id: int, account_id: str) -> Case:
    """An active case of this counsellor; another's is not there for them."""
    case = held(session, handoff_id)
    if case.handoff.status == CLOSED and case.handoff.closed_by == account_id:
        raise IllegalTransition("it is closed", reader_text="这一例已经结束了。")
    if case.handoff.status != ACTIVE or case.handoff.accepted_by != account_id:
        raise NotFound(f"handoff {handoff_id} of account")
    return case


def _kept(case: Case, reason: str) -> str | None:
    """A reason as it is stored; none after erasure, for it may speak of the worker."""
    return None if case.worker.erased_at is not None else reason.strip() or None
