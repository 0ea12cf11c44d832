"""Who is on duty, when somebody will be, and whom a case is offered to."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import duty
from bot.domain.duty import DayException, Helper, Need, Plan, WeeklySpan, read_exceptions, read_week
from bot.domain.errors import Incomplete
from bot.domain.risk import RiskLevel

SHANGHAI, BERLIN, NEW_YORK, LORD_HOWE = "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"
DAY = dt.date(2026, 11, 22)  # a Sunday
OFFICE = tuple(WeeklySpan(day, start, end) for day in range(1, 6) for start, end in ((540, 720), (810, 1080)))


def at(zone: str, *moment: int, fold: int = 0) -> dt.datetime:
    return dt.datetime(*moment, tzinfo=ZoneInfo(zone), fold=fold).astimezone(dt.timezone.utc)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("moment", "is_on"),
    [((2026, 11, 23, 8, 59), False), ((2026, 11, 23, 9, 0), True), ((2026, 11, 23, 11, 59), True), ((2026, 11, 23, 12, 0), False),
     ((2026, 11, 23, 13, 30), True), ((2026, 11, 23, 18, 0), False), ((2026, 11, 22, 10, 0), False), ((2026, 11, 27, 17, 59), True)],
)  # fmt: skip
def test_several_spans_a_day_count_in_the_accounts_own_zone(moment: tuple[int, ...], is_on: bool) -> None:
    for zone in (SHANGHAI, NEW_YORK):
        assert duty.is_on_duty(Plan(zone, OFFICE), at(zone, *moment)) is is_on
    assert duty.is_on_duty(Plan(NEW_YORK, OFFICE), at(SHANGHAI, 2026, 11, 23, 10, 0)) is False


def test_a_night_over_midnight_has_no_hole() -> None:
    night = Plan(SHANGHAI, tuple(read_week([{"weekday": 7, "start": "22:00", "end": "06:00"}])))
    assert night.spans == (WeeklySpan(1, 0, 360), WeeklySpan(7, 1320, 1440))
    start, end = at(SHANGHAI, 2026, 11, 22, 22, 0), at(SHANGHAI, 2026, 11, 23, 6, 0)
    assert list(duty.spells(night, start - dt.timedelta(hours=1), end + dt.timedelta(hours=1))) == [(start, end)]
    assert duty.is_on_duty(night, at(SHANGHAI, 2026, 11, 23, 0, 0))


def test_holidays_are_off_and_ones_own_exceptions_go_before_them() -> None:
    monday = dt.date(2026, 11, 23)
    closed = DayException(monday, False, title="元旦")
    assert duty.minutes_on(Plan(SHANGHAI, OFFICE, holidays=(closed,)), monday) == []
    own = DayException(monday, True, 600, 660)
    assert duty.minutes_on(Plan(SHANGHAI, OFFICE, (own,), (closed,)), monday) == [(600, 660)]
    morning_off = DayException(monday, False, 600, 1000)
    assert duty.minutes_on(Plan(SHANGHAI, OFFICE, (morning_off,)), monday) == [(540, 600), (1000, 1080)]
    assert duty.minutes_on(Plan(SHANGHAI, OFFICE, (morning_off,)), monday + dt.timedelta(days=7)) == [(540, 720), (810, 1080)]


def test_a_working_sunday_of_everybody_counts_for_who_has_shifts_at_all() -> None:
    working = DayException(DAY, True, 540, 1080, "调休")
    assert duty.minutes_on(Plan(SHANGHAI, OFFICE, holidays=(working,)), DAY) == [(540, 1080)]
    assert duty.minutes_on(Plan(SHANGHAI, holidays=(working,)), DAY) == []
    assert not Plan(SHANGHAI, exceptions=(DayException(DAY, False),), holidays=(working,)).is_set_up
    assert Plan(SHANGHAI, exceptions=(DayException(DAY, True),)).is_set_up


EVERY_NIGHT = tuple(WeeklySpan(day, 60, 180) for day in range(1, 8))


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [(BERLIN, (2026, 10, 25), 3.0), (BERLIN, (2026, 3, 29), 1.0), (NEW_YORK, (2026, 11, 1), 3.0), (NEW_YORK, (2026, 3, 8), 1.0),
     (LORD_HOWE, (2026, 4, 5), 2.5), (LORD_HOWE, (2026, 10, 4), 1.5), (SHANGHAI, (2026, 10, 25), 2.0)],
)  # fmt: skip
def test_a_night_shift_lasts_as_long_as_the_night_of_a_clock_change(zone: str, day: tuple[int, ...], hours: float) -> None:
    start, end = at(zone, *day, 1, 0), at(zone, *day, 3, 0)
    assert list(duty.spells(Plan(zone, EVERY_NIGHT), start, end)) == [(start, end)]
    assert (end - start).total_seconds() / 3600 == hours


def test_a_span_inside_the_repeated_hour_lasts_from_the_first_to_the_second() -> None:
    plan = Plan(BERLIN, (WeeklySpan(7, 135, 165),))
    first, second = at(BERLIN, 2026, 10, 25, 2, 15), at(BERLIN, 2026, 10, 25, 2, 45, fold=1)
    assert list(duty.spells(plan, first - dt.timedelta(hours=3), second + dt.timedelta(hours=3))) == [(first, second)]


def test_a_span_inside_the_hour_left_out_is_moved_on() -> None:
    plan = Plan(BERLIN, (WeeklySpan(7, 135, 165),))
    start, end = at(BERLIN, 2026, 3, 29, 3, 15), at(BERLIN, 2026, 3, 29, 3, 45)
    assert list(duty.spells(plan, start - dt.timedelta(hours=3), end + dt.timedelta(hours=3))) == [(start, end)]


def test_the_next_moment_is_now_when_somebody_is_on_duty_and_none_without_a_plan() -> None:
    sunday = at(SHANGHAI, 2026, 11, 22, 12, 0)
    plans = [Plan(SHANGHAI, OFFICE), Plan(NEW_YORK, OFFICE)]
    assert duty.next_on_duty_at(plans, sunday) == at(SHANGHAI, 2026, 11, 23, 9, 0)
    assert duty.next_on_duty_at(plans[1:], sunday) == at(NEW_YORK, 2026, 11, 23, 9, 0)
    monday = at(SHANGHAI, 2026, 11, 23, 10, 0)
    assert duty.next_on_duty_at(plans, monday) == monday
    assert duty.next_on_duty_at([Plan(SHANGHAI)], sunday) is None
    far = DayException(DAY + dt.timedelta(days=40), True, 540, 600)
    assert duty.next_on_duty_at([Plan(SHANGHAI, exceptions=(far,))], sunday) is None


spans = st.builds(
    lambda day, start, length: WeeklySpan(day, start, min(start + length, 1440)),
    st.integers(1, 7), st.integers(0, 1439), st.integers(1, 700),
)  # fmt: skip
exceptions = st.builds(
    lambda days, is_working, start, length: DayException(DAY + dt.timedelta(days=days), is_working, start, min(start + length, 1440)),
    st.integers(-3, 10), st.booleans(), st.integers(0, 1439), st.integers(1, 1440),
)  # fmt: skip
plans = st.builds(
    Plan, st.sampled_from([SHANGHAI, BERLIN, NEW_YORK, LORD_HOWE, "Asia/Kathmandu", "Pacific/Apia"]),
    st.lists(spans, max_size=6).map(tuple), st.lists(exceptions, max_size=4).map(tuple), st.lists(exceptions, max_size=3).map(tuple),
)  # fmt: skip
moments = st.datetimes(dt.datetime(2026, 3, 1), dt.datetime(2026, 12, 1)).map(lambda each: each.replace(tzinfo=dt.timezone.utc))


@settings(max_examples=60, deadline=None)
@given(plans, moments)
def test_spells_are_in_order_apart_and_agree_with_every_moment(plan: Plan, now: dt.datetime) -> None:
    found = list(duty.spells(plan, now, now + dt.timedelta(days=3)))
    assert all(start < end for start, end in found)
    assert all(end < following for (_, end), (following, _) in itertools.pairwise(found))
    for hour in range(0, 72, 5):
        moment = now + dt.timedelta(hours=hour, minutes=7)
        assert duty.is_on_duty(plan, moment) == any(start <= moment < end for start, end in found)


@settings(max_examples=60, deadline=None)
@given(st.lists(plans, min_size=1, max_size=3), moments)
def test_nobody_is_on_duty_before_the_next_moment_and_somebody_at_it(several: list[Plan], now: dt.datetime) -> None:
    moment = duty.next_on_duty_at(several, now)
    if moment is None:
        assert not any(
            duty.is_on_duty(plan, now + dt.timedelta(hours=hour)) for plan in several for hour in range(0, 24 * 9, 7)
        )
        return
    assert moment >= now
    assert any(duty.is_on_duty(plan, moment) for plan in several)
    before = [now + (moment - now) * share / 7 for share in range(7)] if moment > now else []
    assert not any(duty.is_on_duty(plan, each) for plan in several for each in before)


def helper(name: str, **fields: Any) -> Helper:
    return Helper(name, **{"is_on_duty": True, "is_present": True, "load": 0, "capacity": 2, **fields})


ORDINARY, HIGH = Need(RiskLevel.NONE), Need(RiskLevel.HIGH)
EARLY, LATE = dt.datetime(2026, 11, 22, 1, tzinfo=dt.timezone.utc), dt.datetime(2026, 11, 22, 2, tzinfo=dt.timezone.utc)


def test_only_who_is_there_on_duty_with_room_and_did_not_decline_is_offered_a_case() -> None:
    helpers = [
        helper("away", is_present=False), helper("off", is_on_duty=False), helper("full", load=2), helper("none", capacity=0),
        helper("declined"), helper("free", load=1),
    ]  # fmt: skip
    assert duty.candidates(helpers, ORDINARY, {"declined"}) == ["free"]


def test_in_danger_one_case_more_than_the_capacity_is_taken_but_not_two() -> None:
    helpers = [helper("over", load=3), helper("full", load=2), helper("free", load=1), helper("never", capacity=0)]
    assert duty.candidates(helpers, HIGH) == ["free", "full"]
    assert duty.candidates(helpers, Need(RiskLevel.IMMINENT)) == ["free", "full"]
    assert duty.candidates(helpers, Need(RiskLevel.WATCH)) == ["free"]


def test_the_gender_asked_for_then_what_they_know_then_load_then_the_longest_idle_come_first() -> None:
    need = Need(RiskLevel.NONE, "female", frozenset({"anxiety", "overseas"}))
    helpers = [
        helper("man", gender="male", skills=frozenset({"anxiety", "overseas"})), helper("unsaid"),
        helper("busy", gender="female", load=1), helper("late", gender="female", busy_at=LATE),
        helper("early", gender="female", busy_at=EARLY), helper("never", gender="female"),
        helper("one", gender="female", load=1, skills=frozenset({"overseas"})),
        helper("both", gender="female", load=1, skills=frozenset({"overseas", "anxiety", "grief"})),
        helper("supervisor", gender="female", skills=need.skills, is_reserve=True),
    ]  # fmt: skip
    expected = ["both", "one", "never", "early", "late", "busy", "man", "unsaid", "supervisor"]
    assert duty.candidates(helpers, need) == expected
    assert duty.candidates(list(reversed(helpers)), need) == expected


helpers_ = st.lists(
    st.builds(
        Helper, st.uuids().map(lambda each: each.hex), st.booleans(), st.booleans(), st.integers(0, 5), st.integers(0, 4),
        st.sampled_from([None, "female", "male"]), st.frozensets(st.sampled_from(["anxiety", "grief", "overseas"])),
        st.sampled_from([None, EARLY, LATE]), st.booleans(),
    ),
    max_size=8, unique_by=lambda each: each.account_id,
)  # fmt: skip
needs = st.builds(
    Need, st.sampled_from(RiskLevel), st.sampled_from([None, "female", "male"]),
    st.frozensets(st.sampled_from(["anxiety", "overseas"])),
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(helpers_, needs, st.integers(0, 3))
def test_whoever_is_offered_a_case_may_take_it_and_nobody_who_may_is_left_out(
    helpers: list[Helper], need: Need, declined: int
) -> None:
    excluding = {each.account_id for each in helpers[:declined]}
    found = duty.candidates(helpers, need, excluding)
    over = need.level >= RiskLevel.HIGH
    may = {
        each.account_id
        for each in helpers
        if each.is_present and each.is_on_duty and each.capacity and each.load < each.capacity + over
    }
    assert len(found) == len(set(found))
    assert set(found) == may - excluding


def test_a_week_is_read_joined_and_in_order() -> None:
    week = read_week([
        {"weekday": 2, "start": "13:30", "end": "18:00"}, {"weekday": 2, "start": "09:00", "end": "12:00"},
        {"weekday": 2, "start": "11:00", "end": "13:30"}, {"weekday": 6, "start": "20:00", "end": "24:00"},
        {"weekday": 3, "start": "23:00", "end": "00:00"},
    ])  # fmt: skip
    assert week == [WeeklySpan(2, 540, 1080), WeeklySpan(3, 1380, 1440), WeeklySpan(6, 1200, 1440)]


SPAN = {"weekday": 1, "start": "09:00", "end": "10:00"}
WRONG_WEEKS: list[Any] = [
    None, {}, "x", [1], [{}], [{**SPAN, "weekday": 0}], [{**SPAN, "weekday": 8}], [{**SPAN, "weekday": True}], [{**SPAN, "weekday": "1"}],
    [{**SPAN, "start": "9:00"}], [{**SPAN, "start": "24:00"}], [{**SPAN, "end": "24:01"}], [{**SPAN, "end": "10:60"}], [{**SPAN, "end": 600}],
    [{**SPAN, "end": "+1:00"}], [{**SPAN, "end": "１０:００"}], [SPAN] * 201,
]  # fmt: skip


@pytest.mark.parametrize("raw", WRONG_WEEKS)
def test_a_week_that_does_not_fit_is_refused(raw: Any) -> None:
    with pytest.raises(Incomplete) as refused:
        read_week(raw)
    assert refused.value.fields == ["shifts"]


def test_exceptions_are_whole_days_off_unless_they_say_more() -> None:
    found = read_exceptions(
        [{"on_date": "2027-02-06", "title": " 春节  假 "}, {"on_date": "2027-01-01", "is_working": True, "start": "10:00", "end": "14:00"}],
        "holidays",
    )  # fmt: skip
    assert found == [
        DayException(dt.date(2027, 1, 1), True, 600, 840), DayException(dt.date(2027, 2, 6), False, 0, 1440, "春节 假"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "raw",
    [None, [{}], [{"on_date": "明天"}], [{"on_date": 20270101}], [{"on_date": "2027-02-30"}], [{"on_date": "2027-01-01", "start": "10:00", "end": "09:00"}],
     [{"on_date": "2027-01-01", "is_working": "yes"}], [{"on_date": "2027-01-01", "title": 3}]],
)  # fmt: skip
def test_an_exception_that_does_not_fit_is_refused(raw: Any) -> None:
    with pytest.raises(Incomplete) as refused:
        read_exceptions(raw, "holidays")
    assert refused.value.fields == ["holidays"]
