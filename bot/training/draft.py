"""The texts that an edit is making: read through a view, changed one after the other, each readable again before it counts."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.errors import InvalidInput
from bot.training.folder import View, require_path
from bot.training.surgery import Lines
from bot.training.tree import BrokenYaml, tree_of


@dataclass(frozen=True)
class Edited:
    """The files as they shall be (None: deleted), and what was done, in Chinese."""

    files: dict[str, str | None]
    summary: str


class Draft:
    """What an edit has made so far."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.files: dict[str, str | None] = {}

    def text(self, path: str) -> str | None:
        """The text as changed so far; raises InvalidInput (BrokenYaml) when it can't be read as YAML."""
        text = self.files[path] if path in self.files else self.view.text(path)
        if text is not None:
            self._require_readable(path, text)
        return text

    def lines(self, path: str) -> Lines:
        return Lines(self.text(path) or "")

    def put(self, path: str, text: str | None) -> None:
        """Take this as the file's text from now on."""
        require_path(path)
        if text is not None:
            self._require_readable(path, text)
        self.files[path] = text

    def paths(self) -> list[str]:
        """The files there are now."""
        found = set(self.view.paths()) | {path for path, text in self.files.items() if text is not None}
        return sorted(found - {path for path, text in self.files.items() if text is None})

    def now(self) -> View:
        """The view with the changes so far."""
        return self.view.over(self.files)

    def edited(self, summary: str) -> Edited:
        """What came of it; files that are as they were are left out."""
        return Edited({path: text for path, text in self.files.items() if text != self.view.text(path)}, summary)

    def _require_readable(self, path: str, text: str) -> None:
        try:
            tree_of(text)
        except BrokenYaml as error:
            raise InvalidInput(path, reader_text=f"{path} {error.reader_text}请先改好这个文件。") from error
