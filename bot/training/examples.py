"""The examples of the training files: each with its text as it stands in the file, its plain text and its line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.training.folder import View


@dataclass(frozen=True)
class Example:
    """One example; `line` counts from 1."""

    text: str
    plain: str
    intent: str
    path: str
    line: int


@dataclass(frozen=True)
class Span:
    """An entity in a plain text, from `start` to before `end`; `value` where it differs from the words."""

    entity: str
    start: int
    end: int
    value: str | None = None


def examples(view: View) -> list[Example]:
    """All examples below data/, in the order of files and lines; files that can't be read as YAML give none."""
    raise NotImplementedError


def held_back(view: View) -> list[Example]:
    """The examples that are never trained on (tests/understanding/held_back.yml)."""
    raise NotImplementedError


def plain_text(text: str) -> str:
    """The example without its annotations."""
    raise NotImplementedError


def annotated(plain: str, spans: Sequence[Span]) -> str:
    """The example as Rasa reads it, [words](entity) at each span; raises InvalidInput when spans overlap or leave the text."""
    raise NotImplementedError
