"""Percentiles by nearest rank and the share inside the clock."""

from __future__ import annotations

from bot.domain.figures import Wait, WaitFigures, figures_of, percentile


def test_percentiles_are_values_that_were_there() -> None:
    hundred = [float(each) for each in range(1, 101)]
    assert (percentile(hundred, 0.5), percentile(hundred, 0.95), percentile(hundred, 1.0)) == (50, 95, 100)
    assert percentile([7.0], 0.5) == percentile([7.0], 0.95) == 7
    assert percentile([1.0, 2.0], 0.5) == 1


def test_figures_count_seconds_in_any_order_and_who_was_late() -> None:
    found = figures_of([Wait(30, True), Wait(10, True), Wait(400, False)])
    assert found == WaitFigures(3, 30, 400, 0.6667)


def test_nobody_who_waited_gives_no_figures() -> None:
    assert figures_of([]) == WaitFigures(0, None, None, None)
