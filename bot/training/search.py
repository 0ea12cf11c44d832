"""Searches the examples by word and by meaning, and finds those that contradict or repeat each other."""

from __future__ import annotations

import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from bot.training.examples import Example, examples, same_words
from bot.training.folder import View
from bot.vector_shelf import vectors_of
from bot.vectors import DIMENSION, SHARED, Vectors

MOST_HITS = 50
MOST_PAIRS = 400
# Cosines of mean-removed vectors, tried on our own 5,000 examples.
ALIKE = 0.78  # in one intent: above it two say the same thing in nearly the same words
ALIKE_ELSEWHERE = 0.7  # in two intents, where it matters more (没用 | 我没用, 有没有真人 | 你是真人吗)
NEARER_BY = 0.15  # how much nearer to another intent's centre; below it topics that touch each other fill the list
_KINDS = ("same_text", "near_duplicate", "nearer_to_other")
_BLOCK = 512
_KEPT_INDEXES = 3
_FEW = 32  # so many new vectors are computed at once, without rereading and rewriting the shelf


@dataclass(frozen=True)
class Hit:
    """An example with how alike it is: a cosine, 1.0 for a found word."""

    example: Example
    similarity: float


@dataclass(frozen=True)
class Pair:
    """`kind`: same_text, near_duplicate or nearer_to_other; `other` of the last is the nearest example of the other intent."""

    kind: str
    example: Example
    other: Example
    similarity: float


class ExampleIndex:
    """The examples with their vectors, shape (n, 384); made once a content."""

    def __init__(self, examples: Sequence[Example], vectors: Vectors) -> None:
        self.examples = list(examples)
        self._words = [_searchable(f"{one.plain}\n{one.text}") for one in self.examples]
        self._mean = vectors.mean(axis=0) if len(vectors) else np.zeros(DIMENSION, dtype=np.float32)
        self._vectors = _unit(vectors - self._mean)
        self._rows: dict[str, list[int]] = {}
        for row, one in enumerate(self.examples):
            self._rows.setdefault(one.intent, []).append(row)
        self._neighbours: list[Pair] | None = None
        self._lock = threading.Lock()

    def by_word(self, query: str, most: int = MOST_HITS) -> list[Hit]:
        """The examples that hold every word of the query, whatever case and width."""
        wanted = _searchable(query).split()
        if not wanted:
            return []
        rows = (row for row, text in enumerate(self._words) if all(word in text for word in wanted))
        return [Hit(self.examples[row], 1.0) for row, _ in zip(rows, range(most), strict=False)]

    def by_meaning(self, query: str, most: int = MOST_HITS) -> list[Hit]:
        """The examples nearest in meaning, nearest first."""
        return self.nearest(SHARED.of(query), n=most) if query.strip() else []

    def nearest(self, vector: Vectors, intent: str | None = None, n: int = 3) -> list[Hit]:
        """The examples (of this intent) nearest to a sentence vector, shape (384,)."""
        rows = np.arange(len(self.examples)) if intent is None else np.array(self._rows.get(intent, []), dtype=np.int64)
        if not len(rows):
            return []
        alike = self._vectors[rows] @ _unit((vector - self._mean)[None, :])[0]
        best = np.argpartition(-alike, min(n, len(rows)) - 1)[:n]
        best = best[np.argsort(-alike[best], kind="stable")]
        return [Hit(self.examples[rows[at]], round(float(alike[at]), 4)) for at in best]

    def neighbours(self) -> list[Pair]:
        """What contradicts or repeats, the gravest first: one sentence in two intents, near-duplicates, examples nearer to another intent."""
        with self._lock:
            if self._neighbours is None:
                found = [*self._same_texts(), *self._near_duplicates(), *self._nearer_to_other()]
                self._neighbours = sorted(
                    found, key=lambda pair: (_KINDS.index(pair.kind), pair.example.intent == pair.other.intent)
                )
            return self._neighbours

    def _same_texts(self) -> Iterator[Pair]:
        first: dict[str, Example] = {}
        for one in self.examples:
            other = first.setdefault(same_words(one.text), one)
            if other.intent != one.intent:
                yield Pair("same_text", one, other, 1.0)

    def _near_duplicates(self) -> list[Pair]:
        """Pairs that are alike but not the same sentence: those of two intents first, most alike first, at most MOST_PAIRS."""
        found: list[tuple[float, int, int]] = []
        for start in range(0, len(self.examples), _BLOCK):
            alike = self._vectors[start : start + _BLOCK] @ self._vectors[start:].T
            for row, column in zip(*np.nonzero(alike > min(ALIKE, ALIKE_ELSEWHERE)), strict=True):
                if column > row:
                    found.append((float(alike[row, column]), start + int(row), start + int(column)))
        pairs = [(alike, self.examples[one], self.examples[other]) for alike, one, other in found]
        pairs = [one for one in pairs if one[0] > (ALIKE if one[1].intent == one[2].intent else ALIKE_ELSEWHERE)]
        kept = [one for one in pairs if same_words(one[1].text) != same_words(one[2].text)]
        kept.sort(key=lambda one: (one[1].intent == one[2].intent, -one[0]))
        return [Pair("near_duplicate", other, one, round(alike, 4)) for alike, one, other in kept[:MOST_PAIRS]]

    def _nearer_to_other(self) -> list[Pair]:
        """Examples nearer to another intent's centre than to their own (without themselves), the plainest first."""
        names = [name for name, rows in self._rows.items() if len(rows) > 1]
        if len(names) < 2:
            return []
        sums = np.stack([self._vectors[self._rows[name]].sum(axis=0) for name in names])
        alike = self._vectors @ _unit(sums).T
        found: list[tuple[float, int, int]] = []
        for number, name in enumerate(names):
            rows = np.array(self._rows[name])
            own = np.einsum("ij,ij->i", self._vectors[rows], _unit(sums[number] - self._vectors[rows]))
            others = alike[rows].copy()
            others[:, number] = -1.0
            nearest = others.argmax(axis=1)
            gain = others[np.arange(len(rows)), nearest] - own
            found += [(float(gain[at]), int(rows[at]), int(nearest[at])) for at in np.nonzero(gain > NEARER_BY)[0]]
        found.sort(reverse=True)
        made: list[Pair] = []
        for _, row, other in found[:MOST_PAIRS]:
            rows = np.array(self._rows[names[other]])
            likeness = self._vectors[rows] @ self._vectors[row]
            best = int(likeness.argmax())
            made.append(Pair("nearer_to_other", self.examples[row], self.examples[rows[best]], round(float(likeness[best]), 4)))
        return made


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    made: Vectors = (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)
    return made


@lru_cache(maxsize=20_000)
def _searchable(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


class _Indexes:
    """The indexes made last, by the texts they were made of, and the vectors they share."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[tuple[str, str], ...], ExampleIndex] = OrderedDict()
        self._vectors: dict[str, Vectors] = {}

    def of(self, view: View, shelf: Path) -> ExampleIndex:
        texts = tuple((path, view.text(path) or "") for path in view.paths() if path.startswith("data/"))
        with self._lock:
            if texts not in self._kept:
                found = examples(view)
                self._kept[texts] = ExampleIndex(found, self._of_texts([one.plain for one in found], shelf))
                while len(self._kept) > _KEPT_INDEXES:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(texts)
            return self._kept[texts]

    def _of_texts(self, texts: Sequence[str], shelf: Path) -> Vectors:
        """Vectors known from the index before are not asked for again: another sentence computes one."""
        missing = list(dict.fromkeys(text for text in texts if text not in self._vectors))
        computed = SHARED.of_many(missing) if len(missing) <= _FEW else vectors_of(missing, shelf)
        known = self._vectors | dict(zip(missing, computed, strict=True))
        self._vectors = {text: known[text] for text in texts}
        return np.stack([known[text] for text in texts]) if texts else np.zeros((0, DIMENSION), dtype=np.float32)


_INDEXES = _Indexes()


def index_of(view: View, shelf: Path) -> ExampleIndex:
    """The index of what is taught, kept by content: another sentence computes one vector. `shelf` is models/vectors.npz."""
    return _INDEXES.of(view, shelf)
