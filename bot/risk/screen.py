"""The screen of one message: cues and classifier together give level, subject, kind, and what they rest on."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.domain.risk import RiskFinding
from bot.risk.cues import CueFinder
from bot.risk.judgement import FULL, QUICK, Thresholds, judge
from bot.risk.lexicon import load_lexicon
from bot.vectors import MAX_CHARACTERS, Vectors

if TYPE_CHECKING:
    from bot.risk.classifier import Chances, SentenceClassifier

_SENTENCE = re.compile(r"[^。！？!?\n；;，,、 ]+[。！？!?\n；;，,、 ]*")
_SENTENCES_FOR_VECTOR = 3
_LONGEST_PART = 60
_SHORTEST_PART = 20
_REMEMBERED = 64


class RiskScreen:
    """Screens texts; without a classifier the cues answer alone, and a bare mention counts in full."""

    def __init__(self, finder: CueFinder, classifier: SentenceClassifier | None) -> None:
        self._finder = finder
        self._classifier = classifier
        self._hits = lru_cache(_REMEMBERED)(finder.find)  # quick, for_vector and full look at the same text one after the other
        self._chances = lru_cache(_REMEMBERED)(self._chances_of_parts)

    @classmethod
    def open(cls, content: Path, models: Path | None) -> RiskScreen:
        """The screen of this content folder, with its trained classifier when `models` holds one.

        Without `models` the cues alone are there at once: scikit-learn, which takes a second, is not even imported.
        """
        finder = CueFinder(load_lexicon(content / "risk" / "lexicon.yml"))
        if models is None:
            return cls(finder, None)
        from bot.risk.classifier import load

        return cls(finder, load(content / "risk" / "texts", models))

    @property
    def has_classifier(self) -> bool:
        return self._classifier is not None

    def quick(self, text: str) -> RiskFinding:
        """By cues and character n-grams: a few milliseconds, for the moment before the vector is there."""
        chances = None
        if self._classifier is not None:
            chances = max(self._chances(text), key=lambda each: each.risk)
        return self._found(text, chances, QUICK)

    def full(self, text: str, vector: Vectors) -> RiskFinding:
        """With the vector, shape (384,), of `for_vector(text)`; never below `quick` when the two are `merged`."""
        chances = None
        if self._classifier is not None:
            chances = self._classifier.full_chances([self.for_vector(text)], vector.reshape(1, -1))[0]
        return self._found(text, chances, FULL)

    def for_vector(self, text: str) -> str:
        """What of the text is worth a vector: all of a short one, else its three riskiest parts, 120 characters at most."""
        if len(text) <= MAX_CHARACTERS or self._classifier is None:
            return text[:MAX_CHARACTERS]
        parts = _parts(text)
        risks = np.array([each.risk for each in self._chances(text)])
        chosen = sorted(np.argsort(-risks)[:_SENTENCES_FOR_VECTOR])
        limit = MAX_CHARACTERS // max(1, len(chosen))
        return "".join(parts[place][:limit] for place in chosen)

    def _chances_of_parts(self, text: str) -> list[Chances]:
        return self._classifier.quick_chances(_parts(text)) if self._classifier is not None else []

    def _found(self, text: str, chances: Chances | None, limits: Thresholds) -> RiskFinding:
        hits = self._hits(text)
        return replace(
            judge(hits, chances, limits),
            cues=tuple(hit.cue for hit in hits),
            lexicon_version=self._finder.lexicon.version,
            model_version=self._classifier.version if self._classifier else "",
        )


def merged(first: RiskFinding, later: RiskFinding) -> RiskFinding:
    """The higher of two findings of one text: a late one can only raise."""
    return later if later.level.rank >= first.level.rank else first


def _parts(text: str) -> list[str]:
    """The text in sentences joined to pieces of 20 to about 60 characters; one piece when it is short."""
    if len(text) <= _LONGEST_PART:
        return [text]
    parts: list[str] = []
    for match in _SENTENCE.finditer(text):
        piece = match.group()
        if parts and (len(piece) < 6 or len(parts[-1]) < _SHORTEST_PART) and len(parts[-1]) + len(piece) <= _LONGEST_PART:
            parts[-1] += piece
        else:
            parts.extend(piece[start : start + _LONGEST_PART] for start in range(0, len(piece), _LONGEST_PART))
    return parts or [text[:MAX_CHARACTERS]]
