"""Copies of a SQLite database: taken while it is in use, put back while nothing runs."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url

from bot.domain.errors import StorageUnavailable

_BESIDE = ("-wal", "-shm")


def _path_of(url: str) -> Path:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise StorageUnavailable("this is for SQLite; use pg_dump and pg_restore for PostgreSQL")
    return Path(parsed.database)


def backup(url: str, target: Path) -> None:
    """Copy the database with SQLite's online backup; the copy appears whole or not at all."""
    source = _path_of(url)
    if not source.exists():
        raise StorageUnavailable(f"no database at {source}")
    part = target.with_name(target.name + ".part")
    try:
        _copy(source, part)
        os.replace(part, target)
    except (sqlite3.Error, OSError) as error:
        raise StorageUnavailable(f"backup failed: {error}") from error
    finally:
        _forget(part)


def restore(url: str, source: Path) -> Path | None:
    """Put a backup in place; what was there is kept beside it with its log, and its path given."""
    target = _path_of(url)
    _require_sound(source)
    part = target.with_name(target.name + ".part")
    kept = None
    try:
        _copy(source, part)
        if target.exists():
            kept = target.with_name(f"{target.name}.before-restore-{dt.datetime.now():%Y%m%d-%H%M%S}")
            os.replace(target, kept)
            for suffix in _BESIDE:
                log = target.with_name(target.name + suffix)
                if log.exists():
                    os.replace(log, kept.with_name(kept.name + suffix))
        os.replace(part, target)
    except (sqlite3.Error, OSError) as error:
        raise StorageUnavailable(f"restore failed: {error}") from error
    finally:
        _forget(part)
    return kept


def _copy(source: Path, target: Path) -> None:
    """A sound copy in one file; raises when it is not."""
    _forget(target)
    with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(target)) as writing:
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode=DELETE")  # no files beside it; the first gateway sets WAL again
    _require_sound(target)


def _forget(path: Path) -> None:
    for suffix in ("", *_BESIDE):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _require_sound(path: Path) -> None:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            answer = connection.execute("PRAGMA quick_check").fetchone()
            has_version = connection.execute("SELECT count(*) FROM sqlite_master WHERE name='alembic_version'").fetchone()
    except sqlite3.Error as error:
        raise StorageUnavailable(f"{path} is no sound SQLite database: {error}") from error
    if answer != ("ok",) or has_version != (1,):
        raise StorageUnavailable(f"{path} is no sound database of ours")
