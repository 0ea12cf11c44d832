"""Merges a draft with a folder that moved on: three ways, by git."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ChunkKind = Literal["same", "ours", "theirs", "both", "conflict"]


@dataclass(frozen=True)
class Chunk:
    """A stretch of lines (without their ends) in the three texts; `both` made the same change."""

    kind: ChunkKind
    base: tuple[str, ...]
    ours: tuple[str, ...]
    theirs: tuple[str, ...]


@dataclass(frozen=True)
class Merge:
    """`text` is None where a person must choose."""

    text: str | None
    chunks: tuple[Chunk, ...]


def three_way(base: str, ours: str, theirs: str) -> Merge:
    """The two changes of the base put together."""
    raise NotImplementedError
