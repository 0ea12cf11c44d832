"""The outbox: queued once with its event, leased to one sender, tried again, given up after many times, and revived by a person."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from ground import NOW
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from team_ground import account, case

from bot.bootstrap import Root
from bot.db.handoff_tables import Handoff
from bot.db.staff_tables import Notification
from bot.db.tables import AuditEntry, Event
from bot.domain.errors import IllegalTransition, NotFound
from bot.domain.notification import LEASE, MOST_ATTEMPTS, Channel, Facts, Target
from bot.domain.risk import RiskLevel
from bot.services import notifications
from bot.services.notifications import Outgoing

SECOND = dt.timedelta(seconds=1)
FACTS = Facts(RiskLevel.HIGH, "high", 0, NOW)


def _queue(root: Root, *targets: Target, key: str = "k", handoff_id: int | None = None) -> int:
    def work(session: Session) -> int:
        count = notifications.queue(session, key, FACTS, targets, handoff_id, NOW)
        session.commit()
        return count

    return root.call(work)


def _take(root: Root, now: dt.datetime = NOW, channel: Channel = Channel.WECOM) -> list[Outgoing]:
    return root.call(notifications.take, channel, now)


def _settle(root: Root, sent: Outgoing, error: str | None, now: dt.datetime = NOW) -> None:
    root.call(notifications.settle, sent, error, 0.0, now)


def _tell(root: Root, handoff_id: int, tier: int, now: dt.datetime = NOW) -> int:
    def work(session: Session) -> int:
        count = notifications.notify_handoff(session, session.get_one(Handoff, handoff_id), tier, now)
        session.commit()
        return count

    return root.call(work)


def _rows(root: Root) -> list[Notification]:
    return root.call_reading(lambda session: list(session.scalars(select(Notification).order_by(Notification.id))))


def test_the_same_is_queued_once_for_each_target(root: Root) -> None:
    targets = Target(Channel.WECOM), Target(Channel.EMAIL, "a1", "a@x.cn"), Target(Channel.EMAIL, "a2", "b@x.cn")
    assert _queue(root, *targets) == 3
    assert _queue(root, *targets) == 0
    assert _queue(root, targets[0], key="k2") == 1
    assert [row.target for row in _rows(root)] == [None, "a@x.cn", "b@x.cn", None]


def test_two_who_queue_the_same_at_once_queue_it_once_and_neither_fails(root: Root, pool: ThreadPoolExecutor) -> None:
    assert sum(pool.map(lambda _: _queue(root, Target(Channel.WECOM)), range(8))) == 1


def test_a_notice_that_was_not_committed_with_its_event_is_not_there(root: Root) -> None:
    root.call(lambda session: notifications.queue(session, "k", FACTS, [Target(Channel.WECOM)], None, NOW))
    assert _rows(root) == []


def test_what_is_leased_is_taken_by_one_only(root: Root, pool: ThreadPoolExecutor) -> None:
    for number in range(6):
        _queue(root, Target(Channel.WECOM), key=f"k{number}")
    taken = [each.id for some in pool.map(lambda _: _take(root), range(4)) for each in some]
    assert len(taken) == len(set(taken)) == 6
    assert not root.call_reading(notifications.has_due, Channel.WECOM, NOW)


def test_who_dies_while_sending_leaves_it_to_the_next_after_the_lease(root: Root) -> None:
    _queue(root, Target(Channel.WECOM))
    (first,) = _take(root)
    assert _take(root, NOW + LEASE - SECOND) == []
    (second,) = _take(root, NOW + LEASE)
    assert (first.id, first.attempts, second.id, second.attempts) == (second.id, 1, first.id, 2)
    _settle(root, second, None, NOW + LEASE)
    _settle(root, first, "late", NOW + LEASE)  # it was not dead after all: its word counts no more
    (row,) = _rows(root)
    assert (row.sent_at, row.error) == (NOW + LEASE, None)


def test_a_failure_is_tried_again_after_a_growing_pause_until_it_is_a_dead_letter(root: Root) -> None:
    handoff_id = case(root, "w1", status="waiting")
    _queue(root, Target(Channel.WECOM), handoff_id=handoff_id)
    now, pauses = NOW, []
    for _ in range(MOST_ATTEMPTS):
        (sent,) = _take(root, now)
        _settle(root, sent, "status 500", now)
        (row,) = _rows(root)
        pauses.append((row.next_at - now).total_seconds())
        now = row.next_at
    assert pauses[:4] == [2, 4, 8, 16]
    assert _take(root, now + dt.timedelta(days=9)) == []
    (letter,) = root.call_reading(notifications.dead_letters)
    assert (letter.channel, letter.level, letter.handoff_id, letter.attempts, letter.error) == (
        "wecom", "high", handoff_id, MOST_ATTEMPTS, "status 500",
    )  # fmt: skip
    events = root.call_reading(lambda session: session.execute(select(Event.kind, Event.conversation_id)).all())
    assert [tuple(each) for each in events] == [("notification.dead", "c-w1")]


def test_a_dead_letter_is_tried_again_by_a_person_and_only_once(root: Root) -> None:
    _queue(root, Target(Channel.WECOM))
    for number in range(MOST_ATTEMPTS):
        (sent,) = _take(root, NOW + number * dt.timedelta(hours=1))
        _settle(root, sent, "timeout", NOW + number * dt.timedelta(hours=1))
    root.call(notifications.retry, sent.id, "gu", NOW)
    with pytest.raises(IllegalTransition):
        root.call(notifications.retry, sent.id, "gu", NOW)
    with pytest.raises(NotFound):
        root.call(notifications.retry, 999, "gu", NOW)
    (again,) = _take(root)
    assert (again.id, again.attempts) == (sent.id, 1)
    assert root.call_reading(lambda session: session.scalar(select(AuditEntry.action))) == "notification.retried"


def test_what_somebody_has_taken_meanwhile_is_told_once_but_not_again(root: Root) -> None:
    handoff_id = case(root, "w1", status="active")
    _queue(root, Target(Channel.WECOM), handoff_id=handoff_id)
    (sent,) = _take(root)
    _settle(root, sent, "timeout")
    assert _take(root, NOW + 9 * SECOND) == []
    assert root.call_reading(notifications.pending) == 0
    assert root.call_reading(notifications.dead_letters) == []


def test_a_rise_in_a_case_that_somebody_has_is_told_until_it_arrives(root: Root) -> None:
    handoff_id = case(root, "w1", status="active", level="imminent", reason="imminent")
    _tell(root, handoff_id, 0)
    (sent,) = _take(root)
    assert sent.facts.is_taken
    _settle(root, sent, "timeout")
    assert [each.id for each in _take(root, NOW + 9 * SECOND)] == [sent.id]


def test_channels_that_are_not_set_up_keep_nothing(root: Root) -> None:
    _queue(root, Target(Channel.WECOM), Target(Channel.EMAIL, "a1", "a@x.cn"))
    assert root.call(notifications.forget_others, frozenset({Channel.EMAIL})) == 1
    assert [row.channel for row in _rows(root)] == ["email"]


def test_a_case_is_told_of_once_a_tier_and_anew_when_its_level_rises_or_its_clock_starts_over(root: Root) -> None:
    account(root, "gu", "supervisor", email="gu@x.cn")
    handoff_id = case(root, "w1", status="waiting", level="high", reason="high")
    assert _tell(root, handoff_id, 0) > 0
    assert _tell(root, handoff_id, 0) == 0

    def change(session: Session, **values: object) -> None:
        row = session.get_one(Handoff, handoff_id)
        for name, value in values.items():
            setattr(row, name, value)
        session.commit()

    root.call(change, level="imminent", reason="imminent")
    assert _tell(root, handoff_id, 0) > 0
    root.call(change, due_at=NOW + dt.timedelta(hours=1))
    assert _tell(root, handoff_id, 0) > 0
    levels = {row.facts["level"] for row in _rows(root)}
    assert levels == {"high", "imminent"}


def test_no_notice_holds_a_word_or_a_name_of_the_worker(root: Root) -> None:
    handoff_id = case(root, "w1", nickname="阿强", status="waiting", level="imminent", reason="imminent", summary="他说的话")
    _tell(root, handoff_id, 3)
    packed = [f"{row.key} {row.facts}" for row in _rows(root)]
    assert packed
    assert not any(word in each for each in packed for word in ("阿强", "他说的话", "w1"))
    assert root.call_reading(lambda session: session.scalar(select(func.count()).select_from(Notification))) == len(packed)
