"""Copies of a SQLite database: whole while others write, refused when broken, and put back without losing what was there."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from ground import NOW, POSTGRES
from sqlalchemy import func, select

from bot.bootstrap import Root, make_root
from bot.db.backup import backup, restore
from bot.db.tables import Worker
from bot.domain.errors import StorageUnavailable
from bot.services import workers


def _count(root: Root) -> int:
    return root.call_reading(lambda session: session.scalar(select(func.count()).select_from(Worker)))


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_backup_taken_while_others_write_is_whole_and_restores(sqlite_root: Root, tmp_path: Path) -> None:
    has_begun, is_over = threading.Event(), threading.Event()
    written = 0

    def write() -> None:
        nonlocal written
        while not is_over.is_set():
            sqlite_root.call(workers.ensure, f"w{written}", 0, "Asia/Shanghai", NOW)
            written += 1
            has_begun.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert has_begun.wait(10)
    copies = tmp_path / "copies"
    copies.mkdir()
    backup(sqlite_root.settings.database_url, copies / "b.db")
    is_over.set()
    writer.join(10)
    assert _names(copies) == {"b.db"}
    sqlite_root.engine.dispose()
    kept = restore(sqlite_root.settings.database_url, copies / "b.db")
    assert kept is not None
    assert 1 <= _count(sqlite_root) <= written
    with sqlite3.connect(kept) as before:
        assert before.execute("SELECT count(*) FROM workers").fetchone() == (written,)
    make_root(sqlite_root.settings).close()


def test_what_a_killed_process_left_in_the_log_is_kept_at_a_restore(sqlite_root: Root, tmp_path: Path) -> None:
    url = sqlite_root.settings.database_url
    backup(url, tmp_path / "b.db")
    sqlite_root.call(workers.ensure, "w", 0, "Asia/Shanghai", NOW)
    assert (tmp_path / "xinyi.db-wal").stat().st_size > 0  # the pool still holds a connection, as if its process was killed
    kept = restore(url, tmp_path / "b.db")
    assert kept is not None
    with sqlite3.connect(kept) as before:
        assert before.execute("SELECT id FROM workers").fetchall() == [("w",)]
    sqlite_root.engine.dispose()


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\x00" + b"\x00" * 500, b"no database" * 500])
def test_cannot_restore_from_a_broken_file(sqlite_root: Root, tmp_path: Path, content: bytes) -> None:
    sqlite_root.call(workers.ensure, "w", 0, "Asia/Shanghai", NOW)
    broken = tmp_path / "broken.db"
    broken.write_bytes(content)
    with pytest.raises(StorageUnavailable, match=r"broken\.db"):
        restore(sqlite_root.settings.database_url, broken)
    assert _count(sqlite_root) == 1


def test_cannot_restore_from_a_database_that_is_not_ours(sqlite_root: Root, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE t (x)")
    other.close()
    with pytest.raises(StorageUnavailable, match="no sound database of ours"):
        restore(sqlite_root.settings.database_url, tmp_path / "other.db")


def test_cannot_back_up_a_broken_database(sqlite_root: Root, tmp_path: Path) -> None:
    sqlite_root.engine.dispose()
    path = tmp_path / "xinyi.db"
    data = bytearray(path.read_bytes())
    data[4096 : 4096 * 8] = b"\xff" * (4096 * 7)
    path.write_bytes(data)
    copies = tmp_path / "copies"
    copies.mkdir()
    with pytest.raises(StorageUnavailable):
        backup(sqlite_root.settings.database_url, copies / "b.db")
    assert _names(copies) == set()


def test_cannot_back_up_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable, match="no database"):
        backup(f"sqlite:///{tmp_path / 'none.db'}", tmp_path / "b.db")
    assert _names(tmp_path) == set()


def test_cannot_back_up_into_a_folder_that_is_not_there(sqlite_root: Root, tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable, match="backup failed"):
        backup(sqlite_root.settings.database_url, tmp_path / "none" / "b.db")


def test_cannot_back_up_postgresql_this_way(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable, match="pg_dump"):
        backup(f"postgresql+psycopg://postgres@{POSTGRES}", tmp_path / "b.db")
