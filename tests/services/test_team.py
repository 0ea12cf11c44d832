"""The supervisor's figures: waits by the clock's own word, load, ends, marks, ratings, and a sample that stands for a day."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ground import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from team_ground import account, case
from worker_thread import Thread, finding

from bot.bootstrap import Root
from bot.db.handoff_tables import Handoff, HandoffStep
from bot.db.tables import AuditEntry
from bot.domain.errors import IllegalTransition, NotFound
from bot.domain.figures import WaitFigures
from bot.domain.risk import RiskLevel
from bot.services import screen_marks, team
from bot.services.screen_marks import Verdict
from bot.services.team import Quality, Team

SHANGHAI = ZoneInfo("Asia/Shanghai")
SECOND, DAY = dt.timedelta(seconds=1), dt.timedelta(days=1)


def _team(root: Root, days: int = 7, now: dt.datetime = NOW) -> Team:
    return root.call_reading(team.figures, days, SHANGHAI, now)


def _breach(root: Root, handoff_id: int, at: dt.datetime) -> None:
    def add(session: Session) -> None:
        session.add(HandoffStep(handoff_id=handoff_id, step="breached", level="high", created_at=at))
        session.commit()

    root.call(add)


def _taken(root: Root, worker_id: str, seconds: int, at: dt.datetime = NOW - DAY, **fields: Any) -> int:
    """A high case that was taken after so many seconds."""
    taken = at + seconds * SECOND
    plain = {"level": "high", "due_at": at + 180 * SECOND, "first_accepted_at": taken, "accepted_at": taken, **fields}
    return case(root, worker_id, requested_at=at, **plain)


def test_waits_are_counted_by_level_with_the_share_inside_the_clock(root: Root) -> None:
    for place, seconds in enumerate((20, 40, 60, 400)):
        _taken(root, f"w{place}", seconds)
    found = _team(root).waits
    assert list(found) == [RiskLevel.IMMINENT, RiskLevel.HIGH, RiskLevel.WATCH, RiskLevel.NONE]
    assert found[RiskLevel.HIGH] == WaitFigures(4, 40, 400, 0.75)
    assert found[RiskLevel.IMMINENT] == WaitFigures(0)


def test_a_case_taken_late_and_then_given_on_is_still_late(root: Root) -> None:
    late = _taken(root, "w1", 400, accepted_at=NOW, due_at=NOW + DAY)
    _breach(root, late, NOW - DAY + 180 * SECOND)
    in_time = _taken(root, "w2", 20, accepted_at=None, due_at=NOW - DAY + 200 * SECOND)
    _breach(root, in_time, NOW - SECOND)  # the second wait, after it was given on
    assert _team(root).waits[RiskLevel.HIGH] == WaitFigures(2, 20, 400, 0.5)


def test_who_waits_beyond_the_clock_counts_and_who_came_just_now_does_not(root: Root) -> None:
    waiting = case(root, "w1", status="waiting", level="high", requested_at=NOW - 600 * SECOND)
    _breach(root, waiting, NOW - 420 * SECOND)
    case(root, "w2", status="waiting", level="high", requested_at=NOW - 5 * SECOND)
    case(root, "w3", status="waiting", level="watch", is_live=False, requested_at=NOW - 5 * SECOND)
    assert _team(root).waits[RiskLevel.HIGH] == WaitFigures(1, 600, 600, 0.0)


def test_days_are_those_of_the_calendar_in_the_place_of_the_reader(root: Root) -> None:
    midnight = dt.datetime(2026, 11, 21, 16, 0, tzinfo=dt.timezone.utc)  # in Shanghai the 22nd begins
    _taken(root, "w1", 20, at=midnight - SECOND)
    _taken(root, "w2", 20, at=midnight)
    _taken(root, "w3", 20, at=midnight - 2 * DAY)
    found = {str(date): each.count for date, each in _team(root, days=2).by_day.items()}
    assert found == {"2026-11-21": 1, "2026-11-22": 1}


def test_load_counts_cases_now_and_those_closed_lately(root: Root) -> None:
    lin = account(root, "lin", is_available=True, seen_at=NOW - 10 * SECOND)
    zhou = account(root, "zhou", capacity=5, is_available=True, seen_at=NOW - 60 * SECOND)
    gu = account(root, "gu", "supervisor")
    account(root, "gone", disabled_at=NOW)
    case(root, "w1", status="active", accepted_by=lin)
    case(root, "w2", closed_by=zhou, closed_at=NOW - DAY, outcome="talked")
    case(root, "w3", closed_by=zhou, closed_at=NOW - 30 * DAY, outcome="hospital")
    found = _team(root)
    lines = {each.id: (each.is_present, each.on_duty, each.load, each.capacity, each.closed) for each in found.load}
    assert lines == {lin: (True, True, 1, 3, 0), zhou: (False, False, 0, 5, 1), gu: (False, False, 0, 3, 0)}
    assert found.outcomes == {"talked": 1}


def test_marks_and_ratings_are_shown_with_their_case(root: Root) -> None:
    thread = Thread(root)
    received = thread.receive("一句话", "e1", finding(RiskLevel.HIGH))

    def rate(session: Session) -> int:
        row = Handoff(
            worker_id="w1", conversation_id=thread.id, status="closed", is_live=True, reason="high", level="high", rank=1,
            requested_at=NOW, due_at=NOW, rating=3, rating_text="谢谢", rated_at=NOW,
        )  # fmt: skip
        session.add(row)
        session.commit()
        return row.id

    handoff_id = root.call(rate)
    root.call(screen_marks.mark, received.message.id, Verdict.FALSE_ALARM, "lin", None, None, NOW)
    found = _team(root)
    assert (found.missed, found.false_alarms, found.faces) == (0, 1, (0, 0, 1))
    assert [(each.handoff_id, each.expected, each.by) for each in found.latest_marks] == [(handoff_id, "watch", "lin")]
    assert [(each.handoff_id, each.faces, each.text) for each in found.latest_ratings] == [(handoff_id, 3, "谢谢")]


def _closed(root: Root, count: int) -> list[int]:
    return [_taken(root, f"w{place}", 20, closed_at=NOW - DAY + place * SECOND) for place in range(count)]


def _sample(root: Root, now: dt.datetime = NOW) -> list[int]:
    return [each.row.id for each in root.call_reading(team.quality_sample, SHANGHAI, now)]


def test_the_sample_stands_all_day_also_when_more_is_closed_and_changes_the_next(root: Root) -> None:
    _closed(root, 12)
    drawn = _sample(root)
    assert len(drawn) == 5
    _taken(root, "new", 20, closed_at=NOW - SECOND)
    assert _sample(root, NOW + dt.timedelta(hours=11)) == drawn
    assert any(_sample(root, NOW + days * DAY) != drawn for days in (1, 2, 3))


def test_what_was_looked_at_is_drawn_no_more_after_its_day(root: Root) -> None:
    gu = account(root, "gu", "supervisor")
    (handoff_id,) = _closed(root, 1)
    shown = root.call(team.rate_quality, handoff_id, gu, "gu", Quality.TO_DISCUSS, "下次一起看", NOW)
    assert shown.quality == "to_discuss"
    assert (_sample(root), _sample(root, NOW + DAY)) == ([handoff_id], [])
    entry = root.call_reading(lambda session: session.execute(select(AuditEntry.actor, AuditEntry.action)).one())
    assert tuple(entry) == ("gu", "case.quality_to_discuss")


def test_cannot_judge_a_case_that_is_open_or_not_there(root: Root) -> None:
    handoff_id = case(root, "w1", status="waiting")
    with pytest.raises(IllegalTransition):
        root.call(team.rate_quality, handoff_id, "a", "gu", Quality.GOOD, None, NOW)
    with pytest.raises(NotFound):
        root.call(team.rate_quality, handoff_id + 1, "a", "gu", Quality.GOOD, None, NOW)
