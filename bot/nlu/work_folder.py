"""A folder beside the archives for all that a long job leaves half done, swept when its process was killed."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Iterator

_PREFIX = ".training-"  # then the process


@contextlib.contextmanager
def work_folder(models: Path) -> Iterator[Path]:
    """Where temporary files go meanwhile, Rasa's too; those of processes that are gone are swept."""
    import jieba

    jieba.dt.tmp_dir = tempfile.gettempdir()  # its dictionary's cache is worth keeping
    models.mkdir(parents=True, exist_ok=True)
    for older in models.glob(f"{_PREFIX}*"):
        if not _is_alive(older.name.removeprefix(_PREFIX)):
            shutil.rmtree(older, ignore_errors=True)
    work = models / f"{_PREFIX}{os.getpid()}"
    work.mkdir(exist_ok=True)
    before, tempfile.tempdir = tempfile.tempdir, str(work)
    try:
        yield work
    finally:
        tempfile.tempdir = before
        shutil.rmtree(work, ignore_errors=True)


def _is_alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
