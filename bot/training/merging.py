"""Merges a draft with a folder that moved on: three ways, by git."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.domain.errors import StorageUnavailable

ChunkKind = Literal["same", "ours", "theirs", "both", "conflict"]

GIT_SECONDS = 30
_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


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


@dataclass(frozen=True)
class _Hunk:
    """Lines [start, end) of the base became lines [to_start, to_end) of the other."""

    start: int
    end: int
    to_start: int
    to_end: int


def three_way(base: str, ours: str, theirs: str) -> Merge:
    """The two changes of the base put together; raises StorageUnavailable where git can't be run."""
    if ours == theirs or theirs == base:
        text: str | None = ours
    elif ours == base:
        text = theirs
    else:
        text = None
    try:
        with tempfile.TemporaryDirectory(prefix="xinyi-merge-") as folder:
            files = [Path(folder, name) for name in ("ours", "base", "theirs")]
            for file, content in zip(files, (ours, base, theirs), strict=True):
                file.write_bytes(content.encode("utf-8", "surrogatepass"))
            chunks = _chunks(base, ours, theirs, _hunks(folder, "ours"), _hunks(folder, "theirs"))
            if text is None:
                text = _merged(folder)
    except (OSError, subprocess.SubprocessError) as error:
        raise StorageUnavailable(
            f"git merge-file: {type(error).__name__}", reader_text="合并要用 git，这台机器上现在用不了它。"
        ) from error
    if text is None and not any(chunk.kind == "conflict" for chunk in chunks):
        chunks = (
            Chunk("conflict", *(tuple(one.splitlines()) for one in (base, ours, theirs))),
        )  # git saw one that the hunks do not show
    return Merge(text, chunks)


def _merged(folder: str) -> str | None:
    done = subprocess.run(
        ["git", "merge-file", "-p", "-q", "--diff3", "ours", "base", "theirs"],
        cwd=folder,
        capture_output=True,
        timeout=GIT_SECONDS,
    )
    if not 0 <= done.returncode < 128:
        raise subprocess.SubprocessError(f"status {done.returncode}")
    return done.stdout.decode("utf-8", "surrogatepass") if done.returncode == 0 else None


def _hunks(folder: str, other: str) -> list[_Hunk]:
    """What git says changed from the base: by the same comparison as its merge."""
    command = ["git", "diff", "--no-index", "--no-color", "--no-ext-diff", "--text", "-U0", "base", other]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=GIT_SECONDS)
    if done.returncode not in (0, 1):
        raise subprocess.SubprocessError(f"status {done.returncode}")
    made: list[_Hunk] = []
    for first, count, to_first, to_count in _HUNK.findall(done.stdout.decode("utf-8", "replace")):
        start, end = _range(first, count)
        made.append(_Hunk(start, end, *_range(to_first, to_count)))
    return made


def _range(first: str, count: str) -> tuple[int, int]:
    """A hunk's lines counted from 0; where there are none, git names the line before."""
    lines = int(count) if count else 1
    start = int(first) - 1 if lines else int(first)
    return start, start + lines


def _chunks(base: str, ours: str, theirs: str, by_us: Sequence[_Hunk], by_them: Sequence[_Hunk]) -> tuple[Chunk, ...]:
    """The three texts cut where either changed; changes that touch each other are one chunk, as in git's merge."""
    texts = [text.split("\n") for text in (base, ours, theirs)]
    texts = [lines[:-1] if lines[-1] == "" else lines for lines in texts]
    made: list[Chunk] = []
    at, our_at, their_at = 0, 0, 0
    left = sorted(
        [*((hunk, 0) for hunk in by_us), *((hunk, 1) for hunk in by_them)], key=lambda one: (one[0].start, one[0].end)
    )
    while left:
        group = [left.pop(0)]
        end = group[0][0].end
        while left and left[0][0].start <= end:
            group.append(left.pop(0))
            end = max(end, group[-1][0].end)
        start = group[0][0].start
        if start > at:
            same = tuple(texts[0][at:start])
            made.append(Chunk("same", same, same, same))
            our_at, their_at = our_at + start - at, their_at + start - at
        our_end = (
            our_at
            + (end - start)
            + sum(hunk.to_end - hunk.to_start - hunk.end + hunk.start for hunk, side in group if side == 0)
        )
        their_end = (
            their_at
            + (end - start)
            + sum(hunk.to_end - hunk.to_start - hunk.end + hunk.start for hunk, side in group if side == 1)
        )
        made.append(
            _chunk(texts[0][start:end], texts[1][our_at:our_end], texts[2][their_at:their_end], {side for _, side in group})
        )
        at, our_at, their_at = end, our_end, their_end
    if at < len(texts[0]):
        same = tuple(texts[0][at:])
        made.append(Chunk("same", same, same, same))
    return tuple(made)


def _chunk(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str], sides: set[int]) -> Chunk:
    kind: ChunkKind = "both" if list(ours) == list(theirs) else "conflict"
    if len(sides) == 1:
        kind = "ours" if sides == {0} else "theirs"
    return Chunk(kind, tuple(base), tuple(ours), tuple(theirs))
