"""The sentence classifier: small logistic regressions over character n-grams, with and without sentence vectors, of our own texts."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.domain.risk import RiskKind, RiskLevel, RiskSubject
from bot.risk.lexicon import load_lexicon
from bot.risk.normalise import normalise
from bot.risk.texts import RiskText, calm_files, read_calm_texts, read_texts
from bot.vector_shelf import vectors_of
from bot.vectors import Vectors

HEADS = ("risk", "high", "imminent", "other")
KINDS = tuple(kind for kind in RiskKind if kind is not RiskKind.NONE)
_COLUMNS = (*HEADS, *(kind.value for kind in KINDS))
_FORMAT = "3"  # part of the file's name: a file of another shape is never loaded
_VECTOR_WEIGHT = 3.0
_C = 6.0
_LONGEST_GRAM = 4
_SPACES = re.compile(r"\s\s+")
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Weights:
    """One logistic regression a column of `_COLUMNS`: shape (features, columns) and (columns,)."""

    coefficients: Numbers
    intercepts: Numbers


@dataclass(frozen=True)
class Chances:
    """What the classifier gives one text: probabilities between 0 and 1.

    `risk`: any risk at all; `high`: the writer's own present thoughts or acts; `imminent`: a life in danger now;
    `other`: given that there is a risk of suicide, that it is another person's; `kinds`: given a risk, its kind.
    """

    risk: float
    high: float
    imminent: float
    other: float
    kinds: dict[RiskKind, float]

    @property
    def kind(self) -> RiskKind:
        return max(self.kinds, key=lambda kind: self.kinds[kind])


@dataclass(frozen=True)
class SentenceClassifier:
    """Gives the chances of texts; `quick` by n-grams alone, `full` by n-grams and vectors."""

    masks: re.Pattern[str]
    places: dict[str, int]  # a gram's row in the weights
    rarity: Numbers  # its inverse document frequency
    mean: Vectors
    quick: Weights
    full: Weights
    version: str

    def quick_chances(self, texts: Sequence[str]) -> list[Chances]:
        """By n-grams alone; under a millisecond a text."""
        return [_chances(self._sum_of_grams(text, self.quick)) for text in texts]

    def full_chances(self, texts: Sequence[str], vectors: Vectors) -> list[Chances]:
        """By n-grams and the texts' vectors, shape (len(texts), 384)."""
        from_vectors = ((vectors - self.mean) * _VECTOR_WEIGHT) @ self.full.coefficients[len(self.rarity) :]
        return [_chances(self._sum_of_grams(text, self.full) + row) for text, row in zip(texts, from_vectors, strict=True)]

    def _sum_of_grams(self, text: str, weights: Weights) -> Numbers:
        """What scikit-learn's TfidfVectorizer and decision_function give, without their two milliseconds a call."""
        plain = _SPACES.sub(" ", readable(text, self.masks).lower())
        counts = Counter(
            place
            for size in range(1, _LONGEST_GRAM + 1)
            for start in range(len(plain) - size + 1)
            if (place := self.places.get(plain[start : start + size])) is not None
        )
        if not counts:
            return weights.intercepts
        rows = np.fromiter(counts.keys(), dtype=np.intp, count=len(counts))
        values = (1.0 + np.log(np.fromiter(counts.values(), dtype=np.float64, count=len(counts)))) * self.rarity[rows]
        return np.asarray((values / np.linalg.norm(values)) @ weights.coefficients[rows] + weights.intercepts)


def readable(text: str, masks: re.Pattern[str]) -> str:
    """The text as the n-grams read it: plain, and without the sayings that the lexicon masks."""
    return masks.sub("_", normalise(text).text)


def _chances(sums: Numbers) -> Chances:
    risk, high, imminent, other, *kinds = (1.0 / (1.0 + np.exp(-sums))).tolist()
    return Chances(risk, high, imminent, other, dict(zip(KINDS, kinds, strict=True)))


def _together(sparse: csr_matrix, centred: Vectors) -> csr_matrix:
    return hstack([sparse, csr_matrix(centred * _VECTOR_WEIGHT)]).tocsr()


def train(texts: Sequence[RiskText], vectors: Vectors, masks: re.Pattern[str], version: str) -> SentenceClassifier:
    """A classifier of these texts and their vectors, shape (len(texts), 384); about ten seconds for 7,000 texts."""
    mean = vectors.mean(axis=0)
    grams = TfidfVectorizer(analyzer="char", ngram_range=(1, _LONGEST_GRAM), sublinear_tf=True, min_df=2)
    sparse = grams.fit_transform([readable(item.text, masks) for item in texts])
    together = _together(sparse, vectors - mean)
    places = {str(gram): int(place) for gram, place in grams.vocabulary_.items()}
    return SentenceClassifier(
        masks, places, np.asarray(grams.idf_), mean, _fitted(sparse, texts), _fitted(together, texts), version
    )


def _fitted(features: csr_matrix, texts: Sequence[RiskText]) -> Weights:
    """Each head over the texts it is asked about: `other` and the kinds only ever judge texts that hold a risk."""
    every = np.ones(len(texts), dtype=bool)
    risky = np.array([item.is_risky for item in texts])
    of_suicide = np.array([item.kind in (RiskKind.SUICIDE, RiskKind.SELF_HARM) for item in texts])
    wanted = {
        "risk": (every, risky),
        "high": (
            every,
            np.array([item.level.rank >= RiskLevel.HIGH.rank and item.subject is RiskSubject.SELF for item in texts]),
        ),
        "imminent": (every, np.array([item.level is RiskLevel.IMMINENT for item in texts])),
        "other": (of_suicide, np.array([item.subject is RiskSubject.OTHER for item in texts])),
        **{kind.value: (risky, np.array([item.kind is kind for item in texts])) for kind in KINDS},
    }
    heads = [_head(features, *wanted[name]) for name in _COLUMNS]
    return Weights(np.stack([weights for weights, _ in heads], axis=1), np.array([intercept for _, intercept in heads]))


def _head(features: csr_matrix, rows: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> tuple[Numbers, float]:
    answers = wanted[rows]
    if len(set(answers.tolist())) < 2:  # a tiny set of texts may lack a class: then the head says no, or yes, to all
        return np.zeros(features.shape[1]), 20.0 if answers.any() else -20.0
    model = LogisticRegression(C=_C, max_iter=300, class_weight="balanced").fit(features[rows], answers)
    return np.asarray(model.coef_[0], dtype=np.float64), float(model.intercept_[0])


def content_version(folder: Path) -> str:
    """A hash over all texts and the code that reads them: 12 hex digits that name what a classifier was made from."""
    digest = hashlib.sha256(_FORMAT.encode())
    code = [Path(__file__), Path(__file__).with_name("normalise.py")]
    digest.update(_masks(folder).pattern.encode())
    for path in [*code, *sorted(folder.glob("*.yml")), *calm_files(folder)]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _masks(folder: Path) -> re.Pattern[str]:
    """The sayings of the lexicon beside the class files' folder."""
    return load_lexicon(folder.parent / "lexicon.yml").masks


def classifier_path(folder: Path, models: Path) -> Path:
    """Where the classifier of these texts lies, or would."""
    return models / f"risk-{_FORMAT}-{content_version(folder)}.joblib"


def train_if_needed(folder: Path, models: Path) -> tuple[Path, bool]:
    """The file of the classifier for these texts, and whether it had to be trained now.

    The first training computes a vector a text (about a millisecond a character); later ones only those of new texts.
    """
    path = classifier_path(folder, models)
    if path.exists():
        return path, False
    models.mkdir(parents=True, exist_ok=True)
    texts = [item for item in read_texts(folder) if not item.is_kept_apart] + read_calm_texts(folder)
    vectors = vectors_of([item.text for item in texts], models / "vectors.npz")
    classifier = train(texts, vectors, _masks(folder), content_version(folder))
    temporary = path.with_suffix(".part")
    joblib.dump(classifier, temporary, compress=3)
    temporary.replace(path)
    return path, True


def load(folder: Path, models: Path) -> SentenceClassifier | None:
    """The classifier trained from these texts; else the newest that can be read; else None.

    After an edit of the texts the older classifier serves until the new one is trained.
    """
    exact = classifier_path(folder, models)
    others = sorted(models.glob(f"risk-{_FORMAT}-*.joblib"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in [exact, *(other for other in others if other != exact)]:
        found = read_classifier(path)
        if found is not None:
            return found
    return None


def read_classifier(path: Path) -> SentenceClassifier | None:
    """The classifier in this file, or None when there is none that works."""
    try:
        loaded: Any = joblib.load(path)
        if isinstance(loaded, SentenceClassifier) and loaded.quick_chances(["试一下"]):
            return loaded
    except Exception:  # noqa: BLE001 - a broken file of any kind must leave the cues in charge, not stop the screen
        return None
    return None
