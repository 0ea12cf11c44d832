"""What the tests of the risk screen share: the real lexicon, and a classifier of few texts with vectors made by hashing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from bot.domain.risk import RiskKind
from bot.risk.classifier import Chances, SentenceClassifier, train
from bot.risk.cues import CueFinder
from bot.risk.lexicon import load_lexicon
from bot.risk.screen import RiskScreen
from bot.risk.texts import RiskText, read_texts
from bot.vectors import DIMENSION, Vectors

CONTENT = Path(__file__).resolve().parents[2] / "content"
TEXTS = CONTENT / "risk" / "texts"


@lru_cache(maxsize=1)
def finder() -> CueFinder:
    return CueFinder(load_lexicon(CONTENT / "risk" / "lexicon.yml"))


@lru_cache(maxsize=1)
def cues_alone() -> RiskScreen:
    return RiskScreen(finder(), None)


@lru_cache(maxsize=1)
def few_texts() -> tuple[RiskText, ...]:
    """Every fifth text of each class: enough for a classifier that behaves like one."""
    return tuple(item for number, item in enumerate(read_texts(TEXTS)) if number % 5 == 0)


@lru_cache(maxsize=1)
def small_classifier() -> SentenceClassifier:
    texts = few_texts()
    return train(texts, vectors_by_hash([item.text for item in texts]), finder().lexicon.masks, "small")


@lru_cache(maxsize=1)
def screen() -> RiskScreen:
    return RiskScreen(finder(), small_classifier())


def vectors_by_hash(texts: Sequence[str]) -> Vectors:
    """Unit vectors without any meaning, the same for the same text: no model has to be loaded."""
    rows = []
    for text in texts:
        seed = int.from_bytes(hashlib.sha256(text.encode("utf-8", "ignore")).digest()[:4], "big")
        row = np.random.default_rng(seed).normal(size=DIMENSION).astype(np.float32)
        rows.append(row / np.linalg.norm(row))
    return np.stack(rows)


def vector_by_hash(text: str) -> Vectors:
    return vectors_by_hash([text])[0]


def chances(
    risk: float = 0.0, high: float = 0.0, imminent: float = 0.0, other: float = 0.0, kind: RiskKind = RiskKind.SUICIDE
) -> Chances:
    """Chances as a classifier would give them."""
    return Chances(risk, high, imminent, other, {each: float(each is kind) for each in RiskKind if each is not RiskKind.NONE})
