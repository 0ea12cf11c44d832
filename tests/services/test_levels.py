"""A worker's level: carried, ended by time only at watch, lowered by named humans, from imminent by two."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from ground import NOW
from sqlalchemy import select, update
from worker_thread import Thread, finding

from bot.bootstrap import Root
from bot.db.tables import AuditEntry, Event, FollowUp, Lowering, Worker
from bot.domain.errors import IllegalTransition, InvalidInput, NotFound, XinyiError
from bot.domain.follow_up import POLICY
from bot.domain.risk import RiskLevel, RiskSubject
from bot.services import audit, levels, records

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
NONE, WATCH, HIGH, IMMINENT = RiskLevel.NONE, RiskLevel.WATCH, RiskLevel.HIGH, RiskLevel.IMMINENT


def carried(root: Root, now: dt.datetime = NOW) -> RiskLevel:
    return root.call_reading(levels.carried, "w1", now)


def lower(root: Root, to: RiskLevel, by: str = "王敏", now: dt.datetime = NOW + HOUR, reason: str = "面谈过") -> bool:
    return root.call(levels.lower, "w1", to, by, reason, now)


def test_a_worker_who_has_not_written_carries_nothing(root: Root) -> None:
    assert carried(root) is NONE


def test_watch_ends_by_time_and_a_new_watch_starts_its_time_over(thread: Thread) -> None:
    thread.receive("话", "e1", finding(WATCH))
    assert carried(thread.root, NOW + 6 * DAY) is WATCH
    assert carried(thread.root, NOW + 7 * DAY) is NONE
    thread.receive("话", "e2", finding(WATCH), now=NOW + 8 * DAY)
    assert carried(thread.root, NOW + 14 * DAY) is WATCH
    thread.receive("话", "e3", finding(WATCH), now=NOW + 14 * DAY)
    assert carried(thread.root, NOW + 20 * DAY) is WATCH


def test_five_clear_no_end_watch_a_day_later_until_it_is_said_again(thread: Thread) -> None:
    thread.receive("话", "e1", finding(WATCH))

    def answer_no(session) -> None:
        session.execute(update(Worker).values(asq_clear_at=NOW + HOUR))
        session.commit()

    thread.root.call(answer_no)
    assert carried(thread.root, NOW + 24 * HOUR) is WATCH
    assert carried(thread.root, NOW + 25 * HOUR) is NONE
    thread.receive("话", "e2", finding(WATCH), now=NOW + 100 * HOUR)
    assert carried(thread.root, NOW + 130 * HOUR) is WATCH


@pytest.mark.parametrize("level", [HIGH, IMMINENT])
def test_neither_time_nor_talk_lowers_high_or_imminent(thread: Thread, level: RiskLevel) -> None:
    thread.receive("话", "e1", finding(level))
    thread.receive("今天挺好", "e2", now=NOW + DAY)
    thread.receive("话", "e3", finding(WATCH), now=NOW + 2 * DAY)
    assert carried(thread.root, NOW + 400 * DAY) is level


def test_the_length_of_watch_is_a_setting(thread: Thread) -> None:
    thread.receive("话", "e1", finding(WATCH))
    longer = replace(POLICY, watch_lasts=30 * DAY)
    assert thread.root.call_reading(levels.carried, "w1", NOW + 20 * DAY, longer) is WATCH


def test_one_name_lowers_high_and_the_open_tasks_stay(thread: Thread) -> None:
    thread.receive("话", "e1", finding(HIGH))
    assert lower(thread.root, WATCH)
    assert carried(thread.root, NOW + 2 * HOUR) is WATCH
    assert carried(thread.root, NOW + HOUR + 7 * DAY) is NONE
    assert carried(thread.root, NOW + 7 * DAY) is WATCH, "its time counts from the lowering"
    left = thread.root.call_reading(lambda session: list(session.scalars(select(FollowUp.done_at))))
    assert left == [None] * 4
    entry = thread.root.call_reading(lambda session: session.scalars(select(AuditEntry)).one())
    assert (entry.actor, entry.action, entry.subject, entry.reason) == ("王敏", "level.lowered", "w1", "high -> watch")
    told = thread.root.call_reading(lambda session: session.scalars(select(Event).where(Event.kind == "level.lowered")).one())
    assert told.conversation_id == thread.id


def test_imminent_needs_two_people(thread: Thread) -> None:
    thread.receive("话", "e1", finding(IMMINENT))
    assert not lower(thread.root, HIGH)
    assert carried(thread.root) is IMMINENT
    with pytest.raises(IllegalTransition, match="second person"):
        lower(thread.root, HIGH, " 王 敏", now=NOW + 2 * HOUR)
    assert not lower(thread.root, WATCH, "李静", now=NOW + 2 * HOUR), "another level is another proposal"
    assert carried(thread.root) is IMMINENT
    assert lower(thread.root, HIGH, "李静", now=NOW + 3 * HOUR, reason="一起看过")
    assert carried(thread.root) is HIGH
    state = thread.root.call_reading(levels.show, "w1", NOW + 4 * HOUR)
    done = [line for line in state.lowerings if line.lowered_at]
    assert [(line.proposed_by, line.confirmed_by, line.to_level) for line in done] == [("王敏", "李静", "high")]
    actions = thread.root.call_reading(lambda session: list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))))
    assert actions == ["level.lowering_proposed", "level.lowering_proposed", "level.lowered"]
    assert thread.root.call_reading(audit.first_broken) is None


def test_the_second_name_must_come_within_a_day(thread: Thread) -> None:
    thread.receive("话", "e1", finding(IMMINENT))
    assert not lower(thread.root, HIGH, now=NOW + HOUR)
    assert not lower(thread.root, HIGH, "李静", now=NOW + 26 * HOUR)
    assert carried(thread.root) is IMMINENT
    assert lower(thread.root, HIGH, "王敏", now=NOW + 30 * HOUR), "the late one is a first name of its own"


@pytest.mark.parametrize("sign", [WATCH, HIGH, IMMINENT])
def test_a_sign_of_danger_after_the_first_name_ends_the_proposal(thread: Thread, sign: RiskLevel) -> None:
    thread.receive("话", "e1", finding(IMMINENT))
    assert not lower(thread.root, HIGH, now=NOW + HOUR)
    thread.receive("话", "e2", finding(sign), now=NOW + 2 * HOUR)
    assert not lower(thread.root, HIGH, "李静", now=NOW + 3 * HOUR)
    assert carried(thread.root) is IMMINENT


def test_two_first_names_at_the_same_moment_are_a_first_and_a_second(thread: Thread, pool: ThreadPoolExecutor) -> None:
    thread.receive("话", "e1", finding(IMMINENT))
    done = list(pool.map(lambda name: lower(thread.root, HIGH, name), ["王敏", "李静"]))
    assert sorted(done) == [False, True]
    rows = thread.root.call_reading(lambda session: session.scalars(select(Lowering)).all())
    assert len(rows) == 1


@pytest.mark.parametrize("to", [HIGH, IMMINENT])
def test_cannot_lower_upwards_or_to_where_it_stands(thread: Thread, to: RiskLevel) -> None:
    thread.receive("话", "e1", finding(HIGH))
    with pytest.raises(IllegalTransition):
        lower(thread.root, to)
    assert carried(thread.root) is HIGH


@pytest.mark.parametrize(
    ("worker", "by", "reason", "error"),
    [("w1", " ", "面谈过", InvalidInput), ("w1", "王敏", "\n", InvalidInput), ("nobody", "王敏", "面谈过", NotFound)],
)
def test_cannot_lower_without_name_reason_or_worker(
    thread: Thread, worker: str, by: str, reason: str, error: type[XinyiError]
) -> None:
    thread.receive("话", "e1", finding(HIGH))
    with pytest.raises(error):
        thread.root.call(levels.lower, worker, WATCH, by, reason, NOW)
    assert carried(thread.root) is HIGH


def test_cannot_show_a_worker_who_is_not_there(root: Root) -> None:
    with pytest.raises(NotFound):
        root.call_reading(levels.show, "nobody", NOW)


def test_the_reason_is_erased_with_the_worker_and_never_exported(thread: Thread) -> None:
    def reasons() -> list[str | None]:
        return thread.root.call_reading(lambda session: list(session.scalars(select(Lowering.reason).order_by(Lowering.id))))

    thread.receive("话", "e1", finding(IMMINENT))
    lower(thread.root, HIGH, reason="木棉花")
    lower(thread.root, HIGH, "李静", now=NOW + 2 * HOUR, reason="开了")
    assert reasons() == ["木棉花\n开了"]
    exported = thread.root.call_reading(records.export, "w1")["lowerings"]
    assert exported == [{"from": "imminent", "to": "high", "at": (NOW + 2 * HOUR).isoformat()}]
    thread.root.call(records.erase, "w1", NOW)
    lower(thread.root, WATCH, now=NOW + 3 * HOUR, reason="木棉花")
    assert reasons() == [None, None]


def test_the_times_of_own_watches_reach_back_three_days_over_all_threads(root: Root) -> None:
    thread, other = Thread(root, "w1"), Thread(root, "w2")
    thread.receive("话", "e1", finding(WATCH), now=NOW - 73 * HOUR)
    thread.receive("话", "e2", finding(WATCH), now=NOW - 71 * HOUR)
    thread.receive("话", "e3", finding(WATCH, RiskSubject.OTHER), now=NOW - 2 * HOUR)
    thread.receive("话", "e4", finding(HIGH), now=NOW - HOUR)
    other.receive("话", "e5", finding(WATCH), now=NOW - HOUR)
    late = thread.receive("话", "e6", now=NOW - 70 * HOUR).message.id
    thread.late(late, finding(WATCH), NOW - 69 * HOUR)
    assert root.call_reading(levels.watches, "w1", NOW) == [NOW - 71 * HOUR, NOW - 69 * HOUR]
