"""The closed form gives what training without the fold would give, and texts said twice never stand on both sides."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from bot.nlu.cross_validation import families, folds_of, key_of, left_out_scores


def test_left_out_scores_are_those_of_a_model_that_never_saw_the_fold() -> None:
    source = np.random.default_rng(7)
    points = source.normal(size=(40, 6))
    kernel = np.exp(-0.5 * ((points[:, None] - points[None, :]) ** 2).sum(axis=2))
    penalty = np.diag(source.uniform(0.3, 2.0, 40))
    wanted = np.eye(4)[source.integers(4, size=40)]
    fold = source.integers(5, size=40)
    inverse = np.linalg.inv(kernel + penalty)
    found = left_out_scores(inverse, inverse @ wanted, wanted, fold)
    for each in range(5):
        own, others = fold == each, fold != each
        weights = np.linalg.solve((kernel + penalty)[np.ix_(others, others)], wanted[others])
        np.testing.assert_allclose(found[own], kernel[np.ix_(own, others)] @ weights, atol=1e-10)


def _grams(rows: list[list[float]]) -> sparse.csr_matrix:
    lengths = np.linalg.norm(np.array(rows), axis=1, keepdims=True)
    return sparse.csr_matrix(np.array(rows) / lengths)


def test_near_texts_of_one_intent_are_a_family_and_of_two_are_not() -> None:
    grams = _grams([[1, 0, 0], [1, 0.1, 0], [0, 1, 0], [1, 0, 0]])
    found = families(grams, np.array([0, 0, 0, 1]))
    assert found[0] == found[1]
    assert len({found[0], found[2], found[3]}) == 3


def test_folds_keep_families_together_and_spread_intents_evenly() -> None:
    column = np.repeat([0, 1], 50)
    family = np.arange(100)
    family[:4] = 0
    keys = [key_of(f"句子{number}") for number in range(100)]
    fold = folds_of(column, family, keys)
    assert len(set(fold[:4])) == 1
    for intent in (0, 1):
        assert set(np.bincount(fold[column == intent], minlength=5)) == {10}
    np.testing.assert_array_equal(fold, folds_of(column, family, keys))
