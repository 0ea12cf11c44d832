"""Figures over waiting times; pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Wait:
    """How long one worker waited for a human, in seconds, and whether somebody came inside the clock."""

    seconds: float
    is_inside: bool


@dataclass(frozen=True)
class WaitFigures:
    """Median and 95th percentile in seconds, and the share inside the clock (0 to 1); None where nobody waited."""

    count: int
    p50_seconds: float | None = None
    p95_seconds: float | None = None
    inside_share: float | None = None


def figures_of(waits: Sequence[Wait]) -> WaitFigures:
    """The figures of these waits."""
    if not waits:
        return WaitFigures(0)
    seconds = sorted(wait.seconds for wait in waits)
    inside = sum(wait.is_inside for wait in waits) / len(waits)
    return WaitFigures(len(waits), percentile(seconds, 0.5), percentile(seconds, 0.95), round(inside, 4))


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of them does not exceed (nearest rank); of rising values, at least one."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
