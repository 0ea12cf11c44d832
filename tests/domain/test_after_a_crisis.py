"""The rules for the time after: what time ends, what said again means, when somebody must come back, and who is one person."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import InvalidInput
from bot.domain.follow_up import POLICY, Outcome, goes_to_supervisor, planned, replanned
from bot.domain.risk import RiskFinding, RiskKind, RiskLevel, RiskSubject, decayed, escalated
from bot.domain.staff import named, same_person

NOW = dt.datetime(2026, 11, 22, 4, 0, tzinfo=dt.timezone.utc)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
WISH = RiskFinding(RiskLevel.WATCH, RiskSubject.SELF, RiskKind.SUICIDE)
HOURS = st.lists(st.integers(1, 1000), max_size=6)


@pytest.mark.parametrize(
    ("raised", "clear", "left"),
    [
        (7 * DAY - HOUR, None, RiskLevel.WATCH), (7 * DAY, None, RiskLevel.NONE), (2 * DAY, 25 * HOUR, RiskLevel.NONE),
        (2 * DAY, 23 * HOUR, RiskLevel.WATCH), (2 * DAY, 3 * DAY, RiskLevel.WATCH),
    ],
)  # fmt: skip
def test_watch_ends_after_seven_days_or_a_day_after_five_clear_no(
    raised: dt.timedelta, clear: dt.timedelta | None, left: RiskLevel
) -> None:
    assert decayed(RiskLevel.WATCH, NOW - raised, NOW, None if clear is None else NOW - clear) is left


@pytest.mark.parametrize("level", [RiskLevel.HIGH, RiskLevel.IMMINENT])
def test_no_time_lowers_high_or_imminent(level: RiskLevel) -> None:
    assert decayed(level, NOW - 4000 * DAY, NOW, NOW - 30 * DAY) is level


def test_the_settings_can_make_watch_last_longer() -> None:
    assert decayed(RiskLevel.WATCH, NOW - 8 * DAY, NOW, None, 14 * DAY) is RiskLevel.WATCH
    assert decayed(RiskLevel.WATCH, NOW - 3 * DAY, NOW, NOW - 2 * DAY, 14 * DAY, 3 * DAY) is RiskLevel.WATCH
    assert decayed(RiskLevel.NONE, None, NOW, None) is RiskLevel.NONE


@pytest.mark.parametrize(
    ("before", "level"),
    [
        ([], RiskLevel.WATCH), ([5.9], RiskLevel.WATCH), ([6], RiskLevel.HIGH), ([72], RiskLevel.HIGH), ([72.1], RiskLevel.WATCH),
        ([0, 1, 30], RiskLevel.HIGH), ([0, 1, 2], RiskLevel.WATCH),
    ],
)  # fmt: skip
def test_a_wish_said_again_within_three_days_is_high_and_within_the_same_talk_it_is_not(
    before: list[float], level: RiskLevel
) -> None:
    found = escalated(WISH, [NOW - hours * HOUR for hours in before], NOW)
    assert (found.level, found.subject, found.kind) == (level, WISH.subject, WISH.kind)


@pytest.mark.parametrize(
    "finding",
    [
        RiskFinding(), RiskFinding(RiskLevel.WATCH, RiskSubject.OTHER, RiskKind.SUICIDE),
        RiskFinding(RiskLevel.WATCH, RiskSubject.SELF, RiskKind.VIOLENCE_SUFFERED),
        RiskFinding(RiskLevel.IMMINENT, RiskSubject.SELF, RiskKind.SUICIDE),
    ],
)  # fmt: skip
def test_only_the_workers_own_passive_wish_is_raised_by_saying_it_again(finding: RiskFinding) -> None:
    assert escalated(finding, [NOW - DAY], NOW) is finding


def test_a_first_crisis_is_followed_up_at_every_set_hour() -> None:
    assert [(place.hours, place.due_at - NOW) for place in planned(NOW, POLICY.follow_up_hours)] == [
        (24, DAY), (72, 3 * DAY), (168, 7 * DAY), (720, 30 * DAY),
    ]  # fmt: skip
    assert replanned([], NOW, POLICY.follow_up_hours) == planned(NOW, POLICY.follow_up_hours)


@given(HOURS, HOURS)
def test_a_further_crisis_leaves_nobody_waiting_longer_and_doubles_nothing(left: list[int], hours: list[int]) -> None:
    due = sorted(NOW + each * HOUR for each in left)
    places = replanned(due, NOW, hours)
    after = [place.due_at if place else at for place, at in zip(places, due, strict=False)] + due[len(places) :]
    after += [place.due_at for place in places[len(due) :] if place]
    assert len(after) == max(len(due), len(hours))
    assert all(new <= old for new, old in zip(after, due, strict=False))
    wanted = [place.due_at for place in planned(NOW, hours)]
    assert all(new <= place for new, place in zip(sorted(after), wanted, strict=False))


def test_only_unreached_on_the_first_day_after_imminent_is_for_the_supervisor() -> None:
    told = [
        (level.value, hours, outcome.value)
        for level in RiskLevel
        for hours in (12, 24, 72)
        for outcome in Outcome
        if goes_to_supervisor(level, hours, outcome)
    ]
    assert told == [("imminent", 12, "unreached"), ("imminent", 24, "unreached")]


def test_a_name_is_trimmed_and_never_empty() -> None:
    assert named("  王敏 ") == "王敏"
    assert len(named("王" * 100)) == 64
    with pytest.raises(InvalidInput):
        named(" \t")


@pytest.mark.parametrize("other", ["Wang Min", "wangmin", "ＷＡＮＧ ＭＩＮ", " Wang  Min "])
def test_width_case_and_blanks_make_no_second_person(other: str) -> None:
    assert same_person("Wang Min", other)
    assert not same_person("王敏", "王静")
