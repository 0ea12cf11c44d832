"""Fixtures of the use cases: a worker's thread on both databases."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from ground import empty, settings_for
from worker_thread import Thread

from bot.bootstrap import Root, make_root


@pytest.fixture(scope="session")
def shared_sqlite(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Iterator[Root]:
    """One root for all use cases on SQLite, for the same reason as `shared_postgres`."""
    folder = tmp_path_factory.mktemp("sqlite")
    shutil.copy(template, folder / "xinyi.db")
    with make_root(settings_for(folder)) as root:
        yield root


@pytest.fixture
def sqlite_root(shared_sqlite: Root) -> Iterator[Root]:
    """A migrated, empty SQLite database."""
    yield shared_sqlite
    empty(shared_sqlite)


@pytest.fixture
def thread(root: Root) -> Thread:
    return Thread(root)
