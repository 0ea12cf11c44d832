"""The example index of the studio: made when it is first asked for, kept as long as what is taught stays the same."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.training.folder import View
from bot.training.search import ExampleIndex, index_of


@dataclass(frozen=True)
class TaughtIndex:
    """Gives the index of a view, for reader threads; the vectors stand on the shelf that training fills."""

    shelf: Path

    def of(self, view: View) -> ExampleIndex:
        """The index of the examples under this view; the first one after a start takes seconds."""
        return index_of(view, self.shelf)
