"""What a check finds: where, how grave, and why in plain Chinese."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Place:
    """A line of a file; lines count from 1."""

    path: str
    line: int


@dataclass(frozen=True)
class Issue:
    """`line` and `column` count from 1; `message` is for a trainer."""

    severity: Severity
    code: str
    path: str
    line: int
    column: int
    message: str
    related: tuple[Place, ...] = ()
