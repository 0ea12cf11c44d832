"""Writes a change set into the training folder: all of it or nothing, and a commit of just that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path


def apply(root: Path, journal: Path, files: Mapping[str, str | None], was: Mapping[str, str | None] | None = None) -> None:
    """Write these texts (None: delete the file) or change nothing.

    `was` are the texts they were merged with: raises EditedMeanwhile when the folder moved on since. Raises FolderUnwritable. Finishes first
    what a killed process left.
    """
    raise NotImplementedError


def recover(root: Path, journal: Path) -> bool:
    """Finish what a killed process left half done; True when there was something."""
    raise NotImplementedError


def commit(root: Path, paths: Sequence[str], message: str, author_name: str, account: str = "") -> str | None:
    """The id of a commit of just these paths, by this author (<account>@studio.invalid); None where the folder is in no repository."""
    raise NotImplementedError
