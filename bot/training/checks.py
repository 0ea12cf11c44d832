"""Finds what is wrong with the files before Rasa is asked: in a second, with the line, in plain Chinese."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.training.folder import View

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Place:
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


def check(view: View) -> list[Issue]:
    """All that is wrong with the folder under this view; errors first."""
    raise NotImplementedError


def require_sound_yaml(path: str, text: str) -> None:
    """Raises InvalidInput naming line and column when this text can't be the file's (broken YAML, too big, tabs, BOM, references)."""
    raise NotImplementedError
