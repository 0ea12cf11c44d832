"""Shifts and presence in the database: who is on duty, when somebody will be, and whom a case is offered to."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from ground import NOW
from sqlalchemy import select
from team_ground import account, case

from bot.bootstrap import Root
from bot.db.handoff_tables import Handoff
from bot.db.staff_tables import Account
from bot.db.tables import AuditEntry, SafetyRecord, Worker
from bot.domain.duty import DayException, WeeklySpan
from bot.domain.errors import NotFound
from bot.services import account_changes, duty

SECOND, HOUR = dt.timedelta(seconds=1), dt.timedelta(hours=1)
SUNDAY = dt.date(2026, 11, 22)  # NOW is noon of that day in Shanghai
NOON = [WeeklySpan(7, 660, 780)]
MONDAY = [WeeklySpan(1, 540, 1080)]


def names(root: Root, now: dt.datetime = NOW) -> list[str]:
    return [line.name for line in root.call_reading(duty.on_duty, now)]


def shifts(root: Root, account_id: str, spans: list[WeeklySpan], exceptions: list[DayException] | None = None) -> None:
    root.call(duty.set_week, account_id, spans, exceptions or [], "gu", NOW)


def offered(root: Root, handoff_id: int, excluding: set[str] | None = None) -> list[str]:
    def read(session: Any) -> list[str]:
        found = duty.candidates(session, session.get_one(Handoff, handoff_id), NOW, excluding or set())
        return [session.get_one(Account, each).name for each in found]

    return root.call_reading(read)


def test_without_any_plan_whoever_is_present_is_on_duty(root: Root) -> None:
    account(root, "here", is_available=True, seen_at=NOW - 45 * SECOND)
    account(root, "ahead", is_available=True, seen_at=NOW + 10 * SECOND)
    account(root, "gone", is_available=True, seen_at=NOW - 46 * SECOND)
    account(root, "paused", is_available=False, seen_at=NOW)
    account(root, "never", is_available=True)
    account(root, "left", is_available=True, seen_at=NOW, disabled_at=NOW)
    account(root, "boss", "admin", is_available=True, seen_at=NOW)
    assert names(root) == ["ahead", "here"]
    assert root.call_reading(duty.next_on_duty_at, NOW) is None


def test_with_a_plan_the_plan_counts_and_who_is_missing_is_seen(root: Root) -> None:
    planned, other = account(root, "planned"), account(root, "other", is_available=True, seen_at=NOW)
    shifts(root, planned, NOON)
    assert names(root) == ["planned"]
    assert [line.is_present for line in root.call_reading(duty.on_duty, NOW)] == [False]
    assert root.call_reading(duty.next_on_duty_at, NOW) == NOW
    shifts(root, planned, MONDAY)
    assert names(root) == []
    assert root.call_reading(duty.next_on_duty_at, NOW) == dt.datetime(2026, 11, 23, 1, 0, tzinfo=dt.timezone.utc)
    shifts(root, other, [], [DayException(SUNDAY, True, 1140, 1200)])
    assert root.call_reading(duty.next_on_duty_at, NOW) == dt.datetime(2026, 11, 22, 11, 0, tzinfo=dt.timezone.utc)


def test_a_shift_counts_in_the_zone_of_its_account(root: Root) -> None:
    lagos = account(root, "lagos", timezone="Africa/Lagos")
    shifts(root, lagos, NOON)
    assert names(root) == []
    assert names(root, NOW + 7 * HOUR) == ["lagos"]


def test_a_holiday_of_everybody_empties_the_day_but_for_who_says_otherwise(root: Root) -> None:
    first, second = account(root, "first"), account(root, "second")
    shifts(root, first, NOON)
    shifts(root, second, NOON, [DayException(SUNDAY, True, 700, 800, "值班")])
    root.call(duty.set_holidays, [DayException(SUNDAY, False, title="元旦")], "gu", NOW)
    assert names(root) == ["second"]
    assert [each.title for each in root.call_reading(duty.holidays)] == ["元旦"]
    root.call(duty.set_holidays, [], "gu", NOW)
    assert names(root) == ["first", "second"]


def test_a_week_is_kept_as_set_and_put_in_place_of_the_old_one(root: Root) -> None:
    mine, other = account(root, "mine", timezone="Africa/Lagos"), account(root, "other")
    off = DayException(SUNDAY, False, title="年假")
    shifts(root, other, NOON, [off])
    shifts(root, mine, [*NOON, *MONDAY], [off])
    assert root.call_reading(duty.week_of, mine) == ("Africa/Lagos", [*MONDAY, *NOON], [off])
    shifts(root, mine, MONDAY)
    assert root.call_reading(duty.week_of, mine) == ("Africa/Lagos", MONDAY, [])
    assert root.call_reading(duty.week_of, other) == ("Asia/Shanghai", NOON, [off])
    entries = root.call_reading(lambda session: [(row.action, row.actor) for row in session.scalars(select(AuditEntry))])
    assert entries == [("shifts.changed", "gu")] * 3


def test_only_who_works_cases_has_shifts(root: Root) -> None:
    boss = account(root, "boss", "admin")
    for account_id in (boss, "0" * 32):
        with pytest.raises(NotFound):
            root.call_reading(duty.week_of, account_id)
        with pytest.raises(NotFound):
            shifts(root, account_id, NOON)


def test_presence_is_noted_kept_and_taken_back(root: Root) -> None:
    mine = account(root, "mine")
    seen = []
    for is_available, second in ((True, 0), (None, 15), (None, 20), (False, 21), (None, 40), (True, 41)):
        root.call(duty.note_presence, mine, is_available, NOW + second * SECOND)
        row = root.call_reading(lambda session: session.get_one(Account, mine))
        seen.append((row.is_available, int((row.seen_at - NOW).total_seconds())))
    assert seen == [(True, 0), (True, 15), (True, 15), (False, 21), (False, 40), (True, 41)]
    with pytest.raises(NotFound):
        root.call(duty.note_presence, "0" * 32, True, NOW)


HERE = {"is_available": True, "seen_at": NOW}


def test_a_case_goes_to_who_fits_best(root: Root) -> None:
    account(root, "far", skills=["overseas"], **HERE)
    account(root, "knows", skills=["sleep_problem"], **HERE)
    both = account(root, "both", skills=["sleep_problem", "overseas"], **HERE)
    account(root, "man", gender="male", **HERE)
    account(root, "off", skills=["sleep_problem", "overseas"], seen_at=NOW, is_available=False)
    account(root, "boss", "supervisor", skills=["sleep_problem", "overseas"], **HERE)
    here = case(root, "w1", status="waiting", topic="sleep_problem")
    assert offered(root, here)[:2] in (["both", "knows"], ["knows", "both"])
    assert offered(root, here)[-1] == "boss"
    root.call(lambda session: (session.add(SafetyRecord(worker_id="w1", is_abroad=True)), session.commit()))
    assert offered(root, here)[0] == "both"
    assert "both" not in offered(root, here, {both})

    def change(session: Any) -> None:
        session.get_one(Handoff, here).wanted_gender = "male"
        session.get_one(Worker, "w1").timezone = "Africa/Lagos"
        session.commit()

    root.call(change)
    assert offered(root, here)[:2] == ["man", "both"]


def test_room_and_idleness_come_from_the_cases_themselves(root: Root) -> None:
    busy, idle, fresh = (account(root, name, capacity=2, **HERE) for name in ("busy", "idle", "fresh"))
    waiting = case(root, "w0", status="waiting")
    case(root, "w1", accepted_by=idle, accepted_at=NOW - 2 * HOUR, closed_by=idle)
    case(root, "w2", accepted_by=busy, accepted_at=NOW - HOUR, status="active")
    case(root, "w3", accepted_by=busy, accepted_at=NOW - HOUR, status="active", is_live=False)
    assert offered(root, waiting) == ["fresh", "idle", "busy"]
    case(root, "w4", accepted_by=busy, accepted_at=NOW - HOUR, status="active")
    assert offered(root, waiting) == ["fresh", "idle"]
    assert [(line.name, line.load) for line in root.call_reading(duty.team, NOW)] == [("busy", 2), ("fresh", 0), ("idle", 0)]
    danger = case(root, "w5", status="waiting", level="imminent")
    assert offered(root, danger, {fresh}) == ["idle", "busy"]


def test_whoever_is_disabled_or_changes_the_role_is_offered_nothing(root: Root) -> None:
    mine = account(root, "mine", **HERE)
    waiting = case(root, "w0", status="waiting")
    assert offered(root, waiting) == ["mine"]
    root.call(account_changes.change, mine, {"role": "trainer"}, "wang", NOW)
    assert offered(root, waiting) == []
