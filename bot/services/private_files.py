"""Files that leave the house or hold a secret: new ones only, readable by their owner alone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bot.domain.errors import InvalidInput


@contextmanager
def written(target: Path, text: str) -> Iterator[None]:
    """A new file of mode 0600 that stays only if the block ends well; raises InvalidInput where it can't be made."""
    _write(target, text)
    try:
        yield
    except BaseException:
        target.unlink()
        raise


@contextmanager
def written_folder(target: Path, texts: Mapping[str, str]) -> Iterator[None]:
    """The same for a new folder of mode 0700 with these files."""
    try:
        target.mkdir(mode=0o700)
    except OSError as error:
        raise InvalidInput(f"{target} can't be made: {error.strerror}") from error
    try:
        for name, text in texts.items():
            _write(target / name, text)
        yield
    except BaseException:
        shutil.rmtree(target)
        raise


def _write(target: Path, text: str) -> None:
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise InvalidInput(f"{target} can't be made: {error.strerror}") from error
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        file.write(text)
