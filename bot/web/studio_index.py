"""The example index of the studio: made when it is first asked for, kept as long as what is taught stays the same."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from pathlib import Path

from bot.domain.errors import InvalidInput
from bot.training.folder import FileKind, View, kind_of
from bot.training.search import ExampleIndex, index_of

_KEPT = 4  # the folder itself, and the drafts of three trainers


class TaughtIndex:
    """The indexes of the last few views; for reader threads, of which one makes an index and the others wait for it."""

    def __init__(self, shelf: Path) -> None:
        self._shelf = shelf
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, ExampleIndex] = OrderedDict()

    def of(self, view: View) -> ExampleIndex:
        """The index of the examples under this view; the first one after a start takes seconds."""
        digest = _digest_of(view)
        with self._lock:
            index = self._kept.get(digest)
            if index is None:
                index = self._kept[digest] = index_of(view, self._shelf)
            self._kept.move_to_end(digest)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return index


def _digest_of(view: View) -> str:
    digest = hashlib.sha256()
    for path in view.paths():
        if kind_of(path) is FileKind.NLU:
            try:
                digest.update(f"{path}\0{view.digest(path)}\0".encode())
            except InvalidInput:
                digest.update(f"{path}\0?\0".encode())
    return digest.hexdigest()
