"""The order of risk levels holds for every comparison, as the screen, the alerts and the dispatcher use it."""

from __future__ import annotations

import itertools

import pytest

from bot.domain.risk import RiskLevel

RISING = [RiskLevel.NONE, RiskLevel.WATCH, RiskLevel.HIGH, RiskLevel.IMMINENT]


@pytest.mark.parametrize(("left", "right"), itertools.product(RISING, RISING))
def test_levels_compare_by_danger_and_not_by_their_letters(left: RiskLevel, right: RiskLevel) -> None:
    one, other = RISING.index(left), RISING.index(right)
    assert (left < right, left <= right, left > right, left >= right) == (one < other, one <= other, one > other, one >= other)
    assert max(left, right) is RISING[max(one, other)]
    assert min(left, right) is RISING[min(one, other)]


def test_sorting_gives_the_rising_order() -> None:
    assert all(sorted(order) == RISING for order in itertools.permutations(RISING))


def test_a_level_moves_by_one_and_never_beyond_the_highest_or_lowest() -> None:
    assert [level.raised() for level in RISING] == [RiskLevel.WATCH, RiskLevel.HIGH, RiskLevel.IMMINENT, RiskLevel.IMMINENT]
    assert [level.lowered() for level in RISING] == [RiskLevel.NONE, RiskLevel.NONE, RiskLevel.WATCH, RiskLevel.HIGH]
