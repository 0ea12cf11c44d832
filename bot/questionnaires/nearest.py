"""Finds the option of an item that words come nearest to in meaning, where the words themselves do not decide."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.domain.questionnaire_definition import Option
from bot.vectors import SHARED, SentenceVectors

# Measured by `python -m bench.screening_answers`: below it the nearest option is as often a wrong one
LIKE_ENOUGH = 0.953


def nearest_by(vectors: SentenceVectors = SHARED) -> NearestOption:
    """What `bot.domain.screening_talk.Paper.nearest` takes; loads the model at the first question it is asked."""
    return NearestOption(vectors)


class NearestOption:
    """Compares words with every way to say each option; the vectors of the options are kept by the cache behind it."""

    def __init__(self, vectors: SentenceVectors) -> None:
        self._vectors = vectors

    def __call__(self, words: str, options: Sequence[Option]) -> tuple[int, float] | None:
        """The place of the nearest option, and its lead in cosine over the next one; None where even that one is not much like the words."""
        if len(options) < 2:
            return None
        own = self._vectors.of(words)
        likeness = [float(np.max(self._vectors.of_many([each.text, *each.says]) @ own)) for each in options]
        order = sorted(range(len(options)), key=likeness.__getitem__, reverse=True)
        if likeness[order[0]] < LIKE_ENOUGH:
            return None
        return order[0], likeness[order[0]] - likeness[order[1]]
