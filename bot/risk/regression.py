"""The regression set: texts the screen once took wrongly, each with the level it must reach or must not pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.domain.errors import ContentError
from bot.domain.risk import RiskLevel
from bot.risk.gate import level_of
from bot.risk.screen import RiskScreen
from bot.risk.texts import read_mapping
from bot.vectors import SHARED, Vectors

_BOUNDS = ("at_least", "at_most")


@dataclass(frozen=True)
class RegressionRow:
    """One text and the levels between which it must lie, both included."""

    text: str
    at_least: RiskLevel
    at_most: RiskLevel

    def holds(self, level: RiskLevel) -> bool:
        return self.at_least <= level <= self.at_most


def read_regression(path: Path) -> list[RegressionRow]:
    """The rows of regression.yml, in its order; raises ContentError naming file and row."""
    rows = read_mapping(path).get("rows")
    if not isinstance(rows, list) or not rows:
        raise ContentError(f"{path}: rows: must be a list with at least one row")
    return [_row(path, place, row) for place, row in enumerate(rows)]


def lost(
    old: RiskScreen, new: RiskScreen, rows: Sequence[RegressionRow], vector_of: Callable[[str], Vectors] = SHARED.of
) -> list[int]:
    """The places of the rows that held with the old screen and do not with the new one."""
    return [
        place
        for place, row in enumerate(rows)
        if row.holds(level_of(old, row.text, vector_of)) and not row.holds(level_of(new, row.text, vector_of))
    ]


def _row(path: Path, place: int, row: Any) -> RegressionRow:
    text = row.get("text") if isinstance(row, dict) else None
    expect = row.get("expect") if isinstance(row, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise ContentError(f"{path}: rows[{place}].text: must be a text")
    if not isinstance(expect, dict) or not expect or set(expect) - set(_BOUNDS):
        raise ContentError(f"{path}: rows[{place}].expect: at_least, at_most or both")
    try:
        least = RiskLevel(expect.get("at_least", RiskLevel.NONE))
        most = RiskLevel(expect.get("at_most", RiskLevel.IMMINENT))
    except ValueError as error:
        raise ContentError(f"{path}: rows[{place}].expect: {error}") from error
    if least > most:
        raise ContentError(f"{path}: rows[{place}].expect: at_least lies above at_most")
    return RegressionRow(text, least, most)
