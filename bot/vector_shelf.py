"""Keeps the vectors of training texts in one file beside the models, so that an edit of one text computes one vector."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bot.vectors import DIMENSION, SHARED, Vectors, embeddable

MOST_KEPT = 30_000
_CHUNK = 500


def vectors_of(texts: Sequence[str], shelf: Path) -> Vectors:
    """The vectors of these texts, shape (n, 384), float32.

    The shelf is shared by the risk classifier and the understanding; it keeps the MOST_KEPT vectors asked for last.
    """
    if not texts:
        return np.zeros((0, DIMENSION), dtype=np.float32)
    keys = [hashlib.sha256(embeddable(text).encode("utf-8")).hexdigest()[:24] for text in texts]
    known = _read(shelf)
    missing = list({key: text for key, text in zip(keys, texts, strict=True) if key not in known}.items())
    for start in range(0, len(missing), _CHUNK):
        part = dict(missing[start : start + _CHUNK])
        known.update(zip(part, SHARED.of_many(list(part.values())), strict=True))
        if len(missing) > _CHUNK:  # a first training takes minutes: whoever waits sees how far it is
            print(f"sentence vectors: {start + len(part)} of {len(missing)}", file=sys.stderr, flush=True)
    if missing:
        others = {key: vector for key, vector in known.items() if key not in set(keys)}
        kept = {**others, **{key: known[key] for key in keys}}
        _write(shelf, dict(list(kept.items())[-MOST_KEPT:]))
    return np.stack([known[key] for key in keys]).astype(np.float32)


def _read(shelf: Path) -> dict[str, Vectors]:
    try:
        with np.load(shelf, allow_pickle=False) as stored:
            keys, vectors = stored["keys"], stored["vectors"].astype(np.float32)
    except Exception:  # noqa: BLE001 - it is only a cache: whatever is wrong with it, the vectors are computed again
        return {}
    if vectors.shape != (len(keys), DIMENSION):
        return {}
    return dict(zip(map(str, keys), vectors, strict=True))


def _write(shelf: Path, vectors: dict[str, Vectors]) -> None:
    shelf.parent.mkdir(parents=True, exist_ok=True)
    temporary = shelf.with_suffix(".part.npz")
    np.savez(temporary, keys=np.array(list(vectors)), vectors=np.stack(list(vectors.values())).astype(np.float16))
    temporary.replace(shelf)
