"""Follow-ups: planned with the crisis, once, closed by names, overdue once; and a line for who comes back after a watch."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from ground import NOW
from sqlalchemy import event, func, select, update
from worker_thread import Thread, finding

from bot.bootstrap import Root
from bot.db.tables import Alert, AuditEntry, Event, FollowUp, Worker
from bot.domain.errors import IllegalTransition, InvalidInput, NotFound
from bot.domain.follow_up import POLICY, Outcome
from bot.domain.risk import RiskLevel, RiskSubject
from bot.services import alerts, audit, follow_ups, levels, records
from bot.services.follow_ups import FollowUpLine

HOUR = dt.timedelta(hours=1)
HIGH, IMMINENT, WATCH = finding(RiskLevel.HIGH), finding(RiskLevel.IMMINENT), finding(RiskLevel.WATCH)


def open_ones(root: Root, now: dt.datetime = NOW) -> list[FollowUpLine]:
    return root.call_reading(follow_ups.list_open, now)


def hours(root: Root) -> list[float]:
    """When the open tasks are due, in hours after NOW."""
    return [(line.due_at - NOW) / HOUR for line in open_ones(root)]


def close(root: Root, follow_up_id: int, outcome: Outcome = Outcome.REACHED, now: dt.datetime = NOW) -> bool:
    return root.call(follow_ups.complete, follow_up_id, "王敏", outcome, None, now)


def reasons(root: Root) -> list[str]:
    return root.call_reading(lambda session: list(session.scalars(select(Alert.reason).order_by(Alert.id))))


@pytest.mark.parametrize(("level", "tasks"), [(RiskLevel.WATCH, 0), (RiskLevel.HIGH, 4), (RiskLevel.IMMINENT, 4)])
def test_only_high_and_imminent_are_followed_up(thread: Thread, level: RiskLevel, tasks: int) -> None:
    thread.receive("话", "e1", finding(level))
    assert hours(thread.root) == [24, 72, 168, 720][:tasks]
    assert {line.level for line in open_ones(thread.root)} == ({level.value} if tasks else set())


def test_the_plan_stands_in_the_same_commit_as_the_alert(thread: Thread) -> None:
    commits = []
    note = commits.append
    event.listen(thread.root.engine, "commit", note)
    thread.receive("话", "e1", HIGH)
    event.remove(thread.root.engine, "commit", note)
    assert len(commits) == 1
    assert {line.alert_id for line in open_ones(thread.root)} == {thread.root.call_reading(alerts.list_open)[0].id}


def test_a_late_finding_is_followed_up_as_well(thread: Thread) -> None:
    message_id = thread.receive("话", "e1").message.id
    thread.late(message_id, HIGH)
    assert hours(thread.root) == [24, 72, 168, 720]


def test_somebody_elses_danger_is_no_follow_up_of_the_worker(thread: Thread) -> None:
    thread.receive("他出事了", "e1", finding(RiskLevel.IMMINENT, RiskSubject.OTHER))
    assert open_ones(thread.root) == []


def test_a_second_alert_of_the_same_crisis_adds_nothing(thread: Thread) -> None:
    thread.receive("话", "e1", HIGH)
    thread.receive("又说", "e2", HIGH, now=NOW + HOUR)
    assert hours(thread.root) == [24, 72, 168, 720]


def test_a_higher_level_makes_the_open_tasks_those_of_that_level(thread: Thread) -> None:
    thread.receive("话", "e1", HIGH)
    thread.receive("更急", "e2", IMMINENT, now=NOW + HOUR)
    thread.receive("又说", "e3", HIGH, now=NOW + 2 * HOUR)
    assert hours(thread.root) == [24, 72, 168, 720]
    assert {line.level for line in open_ones(thread.root)} == {"imminent"}


def test_what_is_said_at_high_before_a_human_lowered_imminent_is_followed_up_as_imminent(thread: Thread) -> None:
    thread.receive("话", "e1", IMMINENT)
    for line in open_ones(thread.root):
        close(thread.root, line.id)
    thread.receive("又说", "e2", HIGH, now=NOW + HOUR)
    assert hours(thread.root) == [25, 73, 169, 721]
    assert {line.level for line in open_ones(thread.root)} == {"imminent"}


def test_a_task_planned_at_imminent_stays_one_when_a_lowered_worker_says_high(thread: Thread) -> None:
    thread.receive("话", "e1", IMMINENT)
    for name in ("王敏", "李静"):
        thread.root.call(levels.lower, "w1", RiskLevel.WATCH, name, "面谈过", NOW + HOUR)
    thread.receive("又说", "e2", HIGH, now=NOW + 2 * HOUR)
    assert thread.root.call_reading(levels.carried, "w1", NOW + 2 * HOUR) is RiskLevel.HIGH
    assert {line.level for line in open_ones(thread.root)} == {"imminent"}


def test_a_new_crisis_after_the_first_visit_is_visited_within_a_day_again(thread: Thread) -> None:
    thread.receive("话", "e1", HIGH)
    first = open_ones(thread.root)[0]
    close(thread.root, first.id)
    thread.root.call(follow_ups.assign, open_ones(thread.root)[0].id, "李静", NOW)
    thread.receive("更急", "e2", IMMINENT, now=NOW + 30 * HOUR)
    assert sorted(hours(thread.root)) == [54, 102, 198, 750]
    moved = [line for line in open_ones(thread.root) if line.assigned_to == "李静"]
    assert [(line.hours, line.level, (line.due_at - NOW) / HOUR) for line in moved] == [(24, "imminent", 54)]
    assert moved[0].alert_id != first.alert_id


def test_tasks_without_a_name_are_shown_first_then_the_earliest(thread: Thread) -> None:
    thread.receive("话", "e1", HIGH)
    one, two, *_ = open_ones(thread.root)
    thread.root.call(follow_ups.assign, one.id, " 王敏 ", NOW)
    lines = open_ones(thread.root)
    assert lines[0].id == two.id
    assert (lines[-1].id, lines[-1].assigned_to) == (one.id, "王敏")
    close(thread.root, two.id)
    assert two.id not in [line.id for line in open_ones(thread.root)]
    everything = thread.root.call_reading(lambda session: follow_ups.list_open(session, NOW, include_done=True))
    assert [line.id for line in everything][-1] == two.id
    actions = thread.root.call_reading(lambda session: list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))))
    assert actions == ["follow_up.assigned", "follow_up.reached"]
    assert thread.root.call_reading(audit.first_broken) is None


def test_an_overdue_task_alerts_once_even_when_two_gateways_look(thread: Thread, pool: ThreadPoolExecutor) -> None:
    root, late = thread.root, NOW + 25 * HOUR
    thread.receive("话", "e1", IMMINENT)
    assert root.call_reading(follow_ups.overdue, NOW + 23 * HOUR) == []
    (task,) = root.call_reading(follow_ups.overdue, late)
    raised = list(pool.map(lambda _: root.call(follow_ups.raise_overdue, task, late), range(6)))
    assert raised.count(True) == 1
    assert reasons(root) == ["risk", "follow_up_overdue"]
    assert root.call_reading(follow_ups.overdue, late) == []
    newest = root.call_reading(lambda session: session.scalars(select(Alert).order_by(Alert.id.desc())).first())
    assert (newest.level, newest.subject, newest.kind, newest.worker_id) == ("imminent", "self", "suicide", "w1")
    told = root.call_reading(lambda session: session.scalar(select(func.count()).where(Event.kind == "alert.raised")))
    assert told == 2
    assert [line.is_overdue for line in open_ones(root, late)] == [True, False, False, False]


def test_a_task_closed_in_time_raises_no_alert(thread: Thread) -> None:
    thread.receive("话", "e1", HIGH)
    task = open_ones(thread.root)[0].id
    close(thread.root, task)
    assert thread.root.call_reading(follow_ups.overdue, NOW + 25 * HOUR) == []
    assert not thread.root.call(follow_ups.raise_overdue, task, NOW + 25 * HOUR)


@pytest.mark.parametrize(
    ("risk", "place", "outcome", "told"),
    [
        (IMMINENT, 0, Outcome.UNREACHED, True), (IMMINENT, 0, Outcome.REACHED, False), (IMMINENT, 0, Outcome.DECLINED, False),
        (IMMINENT, 1, Outcome.UNREACHED, False), (HIGH, 0, Outcome.UNREACHED, False),
    ],
)  # fmt: skip
def test_unreached_on_the_first_day_after_imminent_goes_to_the_supervisor(
    thread: Thread, risk, place: int, outcome: Outcome, told: bool
) -> None:
    thread.receive("话", "e1", risk)
    assert close(thread.root, open_ones(thread.root)[place].id, outcome) is told
    assert reasons(thread.root) == ["risk", "unreached"] if told else ["risk"]


def test_cannot_close_a_task_twice_nor_without_a_name(thread: Thread) -> None:
    thread.receive("话", "e1", IMMINENT)
    task = open_ones(thread.root)[0].id
    with pytest.raises(InvalidInput):
        thread.root.call(follow_ups.complete, task, "  ", Outcome.REACHED, None, NOW)
    with pytest.raises(InvalidInput):
        thread.root.call(follow_ups.assign, task, "", NOW)
    close(thread.root, task, Outcome.UNREACHED)
    with pytest.raises(IllegalTransition, match="王敏"):
        close(thread.root, task, Outcome.UNREACHED)
    with pytest.raises(IllegalTransition):
        thread.root.call(follow_ups.assign, task, "李静", NOW)
    with pytest.raises(NotFound):
        close(thread.root, 999)
    assert reasons(thread.root) == ["risk", "unreached"]


def test_erasure_takes_the_note_and_leaves_times_and_outcome(thread: Thread) -> None:
    thread.receive("话", "e1", HIGH)
    task = open_ones(thread.root)[0].id
    thread.root.call(follow_ups.complete, task, "王敏", Outcome.REACHED, "她说木棉花开了", NOW)
    kept = thread.root.call_reading(lambda session: session.get(FollowUp, task).note)
    assert kept == "她说木棉花开了"
    exported = thread.root.call_reading(records.export, "w1")["follow_ups"]
    assert exported[0] == {"due_at": (NOW + 24 * HOUR).isoformat(), "done_at": NOW.isoformat(), "outcome": "reached"}
    assert "木棉花" not in str(exported)
    thread.root.call(records.erase, "w1", NOW)
    later = open_ones(thread.root)[0].id
    thread.root.call(follow_ups.complete, later, "王敏", Outcome.UNREACHED, "木棉花", NOW)
    assert thread.root.call_reading(lambda session: session.get(FollowUp, later).note) is None, "no word after erasure"
    row = thread.root.call_reading(lambda session: session.get(FollowUp, task))
    assert (row.note, row.outcome, row.done_by, row.due_at) == (None, "reached", "王敏", NOW + 24 * HOUR)


def test_a_watch_is_a_case_to_be_read_within_a_day_and_overdue_once(thread: Thread) -> None:
    root, late = thread.root, NOW + 25 * HOUR
    thread.receive("一", "e1", WATCH)
    thread.receive("二", "e2", WATCH)
    thread.receive("三", "e3", HIGH)
    (_, read_one, unread_one) = root.call_reading(alerts.list_open)
    root.call(alerts.acknowledge, read_one.id, "王敏", NOW)
    assert root.call_reading(alerts.overdue, NOW + 23 * HOUR) == []
    assert root.call_reading(alerts.overdue, late) == [unread_one.id]
    assert root.call(alerts.mark_overdue, unread_one.id, late)
    assert not root.call(alerts.mark_overdue, unread_one.id, late)
    assert not root.call(alerts.mark_overdue, read_one.id, late)
    assert root.call_reading(alerts.overdue, late) == []
    assert [(line.level, line.is_overdue) for line in root.call_reading(alerts.list_open)] == [("high", False), ("watch", True)]


def test_an_overdue_case_stands_before_younger_ones_of_its_level(thread: Thread) -> None:
    for number in range(3):
        thread.receive("话", f"e{number}", WATCH, now=NOW + number * HOUR)
    ids = [line.id for line in thread.root.call_reading(alerts.list_open)]
    thread.root.call(alerts.mark_overdue, ids[1], NOW + 26 * HOUR)
    assert [line.is_overdue for line in thread.root.call_reading(alerts.list_open)] == [True, False, False]


def welcome(thread: Thread, now: dt.datetime, **changes: object) -> bool:
    """Whether the line is due for a message at this moment, which is then received."""

    def ask(session) -> bool:
        due = follow_ups.welcome_back_due(session, "w1", now, replace(POLICY, **changes))
        session.commit()
        return due

    due = thread.root.call(ask)
    thread.receive("我又来了", now.isoformat(), now=now)
    return due


def test_who_comes_back_after_a_watch_is_asked_once(thread: Thread) -> None:
    thread.receive("话", "e1", WATCH)
    assert not welcome(thread, NOW + 11 * HOUR)
    assert welcome(thread, NOW + 24 * HOUR)
    assert not welcome(thread, NOW + 24 * HOUR + dt.timedelta(minutes=1))
    assert not welcome(thread, NOW + 48 * HOUR)
    thread.receive("话", "e9", WATCH, now=NOW + 100 * HOUR)
    assert welcome(thread, NOW + 100 * HOUR + dt.timedelta(days=30)), "a watch that has ended is still asked after"


def test_a_watch_of_this_very_message_is_nothing_to_come_back_from(thread: Thread) -> None:
    thread.receive("话", "e1", WATCH)

    def ask(session, now: dt.datetime) -> bool:
        session.execute(update(Worker).values(last_seen_at=NOW - 13 * HOUR))
        return follow_ups.welcome_back_due(session, "w1", now)

    assert not thread.root.call(ask, NOW)
    assert thread.root.call(ask, NOW + dt.timedelta(seconds=1))


def test_the_pause_is_a_setting(thread: Thread) -> None:
    thread.receive("话", "e1", WATCH)
    assert welcome(thread, NOW + 2 * HOUR, welcome_pause=HOUR)


def test_nobody_is_asked_after_a_quiet_visit_or_for_somebody_else_or_at_high(root: Root) -> None:
    quiet, other, high = Thread(root, "w1"), Thread(root, "w2"), Thread(root, "w3")
    quiet.receive("话", "e1")
    other.receive("话", "e1", finding(RiskLevel.WATCH, RiskSubject.OTHER))
    high.receive("话", "e1", WATCH)
    high.receive("话", "e2", HIGH)
    for each in (quiet, other, high):
        assert not root.call(follow_ups.welcome_back_due, each.worker_id, NOW + 48 * HOUR)
    assert not root.call(follow_ups.welcome_back_due, "nobody", NOW)


def test_a_line_that_was_not_committed_is_still_owed(thread: Thread) -> None:
    thread.receive("话", "e1", WATCH)
    for _ in range(2):
        assert thread.root.call(follow_ups.welcome_back_due, "w1", NOW + 48 * HOUR)
    assert thread.root.call_reading(levels.carried, "w1", NOW) is RiskLevel.WATCH
    assert thread.root.call_reading(lambda session: session.get(Worker, "w1").welcomed_at) is None
