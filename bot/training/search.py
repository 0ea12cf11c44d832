"""Searches the examples by word and by meaning, and finds those that contradict or repeat each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.training.examples import Example
from bot.training.folder import View
from bot.vectors import Vectors

MOST_HITS = 50


@dataclass(frozen=True)
class Hit:
    example: Example
    similarity: float


@dataclass(frozen=True)
class Pair:
    """`kind`: same_text, near_duplicate or nearer_to_other."""

    kind: str
    example: Example
    other: Example
    similarity: float


class ExampleIndex:
    """The examples with their vectors; made once a content."""

    def __init__(self, examples: Sequence[Example], vectors: Vectors) -> None:
        raise NotImplementedError

    def by_word(self, query: str, most: int = MOST_HITS) -> list[Hit]:
        """The examples that hold every word of the query."""
        raise NotImplementedError

    def by_meaning(self, query: str, most: int = MOST_HITS) -> list[Hit]:
        """The examples nearest in meaning, nearest first."""
        raise NotImplementedError

    def nearest(self, vector: Vectors, intent: str | None = None, n: int = 3) -> list[Hit]:
        """The examples (of this intent) nearest to a sentence vector."""
        raise NotImplementedError

    def neighbours(self) -> list[Pair]:
        """What contradicts or repeats: the gravest first."""
        raise NotImplementedError


def index_of(view: View, shelf: Path) -> ExampleIndex:
    """The index of what is taught, kept by content: another sentence computes one vector. `shelf` is models/vectors.npz."""
    raise NotImplementedError
