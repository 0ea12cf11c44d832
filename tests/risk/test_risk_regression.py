"""The regression set: every row holds with the trained screen, a wrong file is refused, and a classifier that loses a row is named."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from risk_ground import CONTENT, finder, small_classifier, vector_by_hash

from bot.domain.errors import ContentError
from bot.domain.risk import RiskLevel
from bot.risk.classifier import Weights
from bot.risk.gate import level_of
from bot.risk.regression import RegressionRow, lost, read_regression
from bot.risk.screen import RiskScreen
from bot.settings import read_settings
from bot.vectors import SHARED

ROWS = read_regression(CONTENT / "risk" / "regression.yml")


@pytest.fixture(scope="module")
def trained() -> RiskScreen:
    """The screen as the gateway has it; `make test` trains its classifier first."""
    found = RiskScreen.open(CONTENT, read_settings({}).models_dir)
    if not found.has_classifier:
        if os.environ.get("CI") == "true":
            pytest.fail("the classifier must be trained under CI: python -m bot risk train")
        pytest.skip("no trained classifier: python -m bot risk train")
    return found


@pytest.mark.parametrize("row", ROWS, ids=range(len(ROWS)))
def test_every_row_is_taken_as_expected(row: RegressionRow, trained: RiskScreen) -> None:
    assert row.holds(level_of(trained, row.text, SHARED.of))
    assert trained.quick(row.text).level <= row.at_most, "what the quick look raises, the full look can't take back"


def test_misses_and_false_alarms_both_stand_there_and_each_text_once() -> None:
    assert len([row for row in ROWS if row.at_least > RiskLevel.NONE]) >= 6
    assert len([row for row in ROWS if row.at_most < RiskLevel.IMMINENT]) >= 6
    assert len({row.text for row in ROWS}) == len(ROWS)


def test_a_row_holds_between_its_bounds() -> None:
    row = RegressionRow("话", RiskLevel.WATCH, RiskLevel.HIGH)
    assert [row.holds(level) for level in RiskLevel] == [False, True, True, False]


def test_a_classifier_that_loses_a_row_is_named_by_its_place_and_one_that_never_had_it_is_not() -> None:
    trained = small_classifier()
    deaf, loud = (Weights(trained.full.coefficients * 0, trained.full.intercepts * 0 + shift) for shift in (-20, 20))
    old, new = (RiskScreen(finder(), replace(trained, full=weights)) for weights in (loud, deaf))
    rows = [
        RegressionRow("我不想活了", RiskLevel.HIGH, RiskLevel.IMMINENT),
        RegressionRow("不知道还能这样多久", RiskLevel.WATCH, RiskLevel.IMMINENT),
        RegressionRow("中午吃什么", RiskLevel.NONE, RiskLevel.NONE),
    ]
    assert lost(old, new, rows, vector_by_hash) == [1]
    assert lost(new, old, rows, vector_by_hash) == [2]
    assert lost(new, new, rows, vector_by_hash) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("rows: []", "rows"), ("rows: {}", "rows"), ("- 1", "mapping"), ("rows: [不想活了]", "rows[0].text"),
        ("rows: [{text: ' ', expect: {at_least: watch}}]", "rows[0].text"), ("rows: [{text: 一}]", "rows[0].expect"),
        ("rows: [{text: 一, expect: {}}]", "rows[0].expect"), ("rows: [{text: 一, expect: {least: high}}]", "rows[0].expect"),
        ("rows: [{text: 一, expect: {at_least: huge}}]", "huge"),
        ("rows: [{text: 一, expect: {at_least: high, at_most: watch}}]", "above"),
    ],
)  # fmt: skip
def test_cannot_read_a_wrong_file_and_the_error_names_file_and_row(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "regression.yml"
    path.write_text(content, "utf-8")
    with pytest.raises(ContentError) as refused:
        read_regression(path)
    assert said in str(refused.value)
    assert "regression.yml" in str(refused.value)
