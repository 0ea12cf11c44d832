"""Cross-validation of kernel ridge regression by its closed form: no fold is trained, the one inverse gives them all."""

from __future__ import annotations

import hashlib
from typing import Dict, List, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

FOLDS = 5
NEAR = 0.8  # cosine of character n-grams from which two texts of an intent are the same sentence said again
_ROWS = 500

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]


def key_of(text: str) -> str:
    """12 hex digits that stand for a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def families(grams: sparse.csr_matrix, column: Places) -> Places:
    """A number for each example, the same for texts of one intent that are equal or nearly so.

    `grams`: rows of length 1, shape (n, grams); `column`: the intent of each, shape (n,).
    """
    parent = np.arange(len(column))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = int(parent[place])
        return place

    columns = grams.T.tocsr()
    for start in range(0, len(column), _ROWS):
        near = (grams[start : start + _ROWS] @ columns).toarray() >= NEAR
        rows, others = np.nonzero(near & (column[start : start + _ROWS, None] == column[None, :]))
        for row, other in zip(rows + start, others, strict=True):
            if row < other:
                parent[root(int(other))] = root(int(row))
    return np.array([root(place) for place in range(len(column))])


def folds_of(column: Places, family: Places, keys: Sequence[str], count: int = FOLDS) -> Places:
    """The fold of each example, shape (n,): intents spread evenly, families kept together, the same at each call."""
    members: Dict[int, List[int]] = {}
    for place, each in enumerate(family):
        members.setdefault(int(each), []).append(place)
    fold = np.zeros(len(column), dtype=np.int64)
    totals = np.zeros(count, dtype=np.int64)
    of_intent: Dict[int, NDArray[np.int64]] = {}
    for group in sorted(members.values(), key=lambda places: (-len(places), keys[places[0]])):
        sizes = of_intent.setdefault(int(column[group[0]]), np.zeros(count, dtype=np.int64))
        chosen = min(range(count), key=lambda each: (sizes[each], totals[each], each))
        fold[group] = chosen
        sizes[chosen] += len(group)
        totals[chosen] += len(group)
    return fold


def left_out_scores(inverse: Numbers, weights: Numbers, wanted: Numbers, fold: Places) -> Numbers:
    """The scores of each example from a model that never saw its fold, shape (n, labels).

    `inverse` is that of the whole system, `weights` = inverse @ wanted. With a block S left out the others give f(S) = y(S) -
    inverse(S, S)^-1 weights(S). The vocabulary, the mean vector and the rarity of intents are those of all examples.
    """
    scores = np.zeros_like(wanted)
    for each in np.unique(fold):
        places = np.flatnonzero(fold == each)
        block = inverse[np.ix_(places, places)]
        scores[places] = wanted[places] - linalg.solve(block, weights[places], assume_a="pos", check_finite=False)
    return scores
