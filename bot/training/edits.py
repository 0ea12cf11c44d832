"""What a trainer changes, as edits of the files' own lines: an example more is one line more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.training.folder import View


@dataclass(frozen=True)
class Edited:
    """The files as they shall be (None: deleted), and what was done, in Chinese."""

    files: dict[str, str | None]
    summary: str


def apply_edit(view: View, edit: Mapping[str, Any]) -> Edited:
    """One edit of docs/studio.md; `edit` names itself under `kind` (or `edit`), its fields beside it; raises InvalidInput or Incomplete."""
    raise NotImplementedError
