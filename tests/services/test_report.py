"""The report counts what stands in the database, each thing once, and holds no words."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict

from ground import NOW
from worker_thread import Thread, finding

from bot.bootstrap import Root
from bot.domain.follow_up import Outcome
from bot.domain.risk import RiskFinding, RiskKind, RiskLevel, RiskSubject
from bot.services import alerts, follow_ups, report, screen_marks
from bot.services.report import SafetyReport
from bot.services.screen_marks import Decision, Verdict

MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
WATCH, HIGH, IMMINENT = finding(RiskLevel.WATCH), finding(RiskLevel.HIGH), finding(RiskLevel.IMMINENT)
HIT = RiskFinding(RiskLevel.HIGH, RiskSubject.SELF, RiskKind.VIOLENCE_SUFFERED)


def safety(root: Root, days: int = 30, now: dt.datetime = NOW + DAY) -> SafetyReport:
    return root.call_reading(report.safety, now - days * DAY, now)


def take(thread: Thread, message_id: int, after: dt.timedelta) -> None:
    (alert_id,) = (line.id for line in thread.root.call_reading(alerts.list_open) if line.message_id == message_id)
    thread.root.call(alerts.acknowledge, alert_id, "王敏", NOW + after)


def test_an_empty_database_gives_zeros(root: Root) -> None:
    found = safety(root)
    assert found.activations == {"imminent": {}, "high": {}, "watch": {}}
    assert (found.alerts, found.quick_share, found.takeovers, found.follow_ups_planned) == ([], None, 0, 0)


def test_a_message_counts_once_at_its_highest_level(thread: Thread) -> None:
    twice = thread.receive("话", "e1", WATCH).message.id
    thread.late(twice, HIGH)
    thread.late(twice, WATCH)
    thread.receive("话", "e2", HIT)
    thread.receive("话", "e3", WATCH)
    thread.receive("平常", "e4")
    thread.receive("很久以前", "e5", IMMINENT, now=NOW - 40 * DAY)
    assert safety(thread.root).activations == {
        "imminent": {}, "high": {"suicide": 1, "violence_suffered": 1}, "watch": {"suicide": 1},
    }  # fmt: skip
    assert safety(thread.root, 60).activations["imminent"] == {"suicide": 1}


def test_the_share_taken_within_five_minutes_is_of_high_and_imminent_and_open_ones_are_late(thread: Thread) -> None:
    waits = [1 * MINUTE, 5 * MINUTE, 6 * MINUTE, None]
    for number, wait in enumerate(waits):
        message_id = thread.receive("话", f"e{number}", IMMINENT).message.id
        if wait is not None:
            take(thread, message_id, wait)
    take(thread, thread.receive("话", "w", WATCH).message.id, 300 * MINUTE)
    found = safety(thread.root)
    assert found.quick_share == 0.5
    assert found.takeovers == 4
    rows = [(row.level, row.reason, row.raised, row.taken, row.median_minutes) for row in found.alerts]
    assert rows == [("imminent", "risk", 4, 3, 5.0), ("watch", "risk", 1, 1, 300.0)]


def test_an_alert_younger_than_five_minutes_is_not_judged_yet(thread: Thread) -> None:
    thread.receive("话", "e1", HIGH)
    assert safety(thread.root, now=NOW + 4 * MINUTE).quick_share is None
    assert safety(thread.root, now=NOW + 6 * MINUTE).quick_share == 0


def test_marks_count_by_message_and_rejected_ones_not_at_all(thread: Thread) -> None:
    def mark(message_id: int, verdict: Verdict, by: str) -> int:
        return thread.root.call(screen_marks.mark, message_id, verdict, by, None, None, NOW)

    missed = thread.receive("一", "e1").message.id
    alarmed = thread.receive("二", "e2", HIGH).message.id
    rejected = thread.receive("三", "e3").message.id
    mark(missed, Verdict.MISSED, "王敏")
    mark(missed, Verdict.MISSED, "李静")
    mark(alarmed, Verdict.FALSE_ALARM, "王敏")
    thread.root.call(screen_marks.review, mark(rejected, Verdict.MISSED, "王敏"), Decision.REJECTED, "李静", NOW)
    found = safety(thread.root)
    assert (found.missed, found.false_alarms) == (1, 1)
    assert thread.root.call_reading(report.totals).marks == {"missed": 1, "false_alarm": 1}


def test_follow_ups_count_as_planned_done_overdue_and_unreached(thread: Thread) -> None:
    root = thread.root
    thread.receive("话", "e1", IMMINENT)
    first, second, *_ = (line.id for line in root.call_reading(follow_ups.list_open, NOW))
    root.call(follow_ups.raise_overdue, first, NOW + DAY)
    root.call(follow_ups.complete, first, "王敏", Outcome.UNREACHED, None, NOW + DAY)
    root.call(follow_ups.complete, second, "王敏", Outcome.REACHED, None, NOW + DAY)
    found = safety(root, now=NOW + 2 * DAY)
    counts = (found.follow_ups_planned, found.follow_ups_done, found.follow_ups_overdue, found.follow_ups_unreached)
    assert counts == (4, 2, 1, 1)
    totals = root.call_reading(report.totals)
    assert totals.alerts == {"risk": 1, "follow_up_overdue": 1, "unreached": 1}
    assert (totals.follow_ups_overdue, totals.takeovers) == (1, 0)


def test_no_word_and_no_name_stands_in_the_report(thread: Thread) -> None:
    message_id = thread.receive("木棉花开那天", "e1", HIGH).message.id
    take(thread, message_id, MINUTE)
    thread.root.call(screen_marks.mark, message_id, Verdict.FALSE_ALARM, "王敏", "木棉花", None, NOW)
    said = json.dumps(asdict(safety(thread.root)), ensure_ascii=False, default=str)
    assert "木棉花" not in said
    assert "王敏" not in said
