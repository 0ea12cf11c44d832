"""Composition root: from settings to engine, content and screen, and the one way for async code to call a service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Engine

from bot.db.crypto import KeyRing
from bot.db.migrate import require_newest
from bot.db.session import make_engine, open_session
from bot.domain.errors import KeyMissing, StorageUnavailable
from bot.services import records
from bot.settings import Settings, read_settings

T = TypeVar("T")
_READERS = 4
_WRITERS = 4  # PostgreSQL; SQLite has one


@dataclass(frozen=True)
class Root:
    """What one process works with; made once, closed once."""

    settings: Settings
    engine: Engine
    ring: KeyRing
    writers: ThreadPoolExecutor
    readers: ThreadPoolExecutor

    def call(self, function: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Run a service function with a session of its own, in this thread."""
        with open_session(self.engine) as session:
            return function(session, *arguments, **named)

    def call_reading(self, function: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """The same for a function that only reads: no write lock on SQLite."""
        with open_session(self.engine, reading=True) as session:
            return function(session, *arguments, **named)

    async def run_sync(self, function: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Run a service function in a thread, with a session and a transaction of its own.

        On SQLite one thread does all the writing of this process: two would only wait for the file's lock, in SQLite's sleeps.
        """
        work = partial(self.call, function, *arguments, **named)
        return await asyncio.get_running_loop().run_in_executor(self.writers, work)

    async def run_reading(self, function: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """`run_sync` for a function that only reads."""
        work = partial(self.call_reading, function, *arguments, **named)
        return await asyncio.get_running_loop().run_in_executor(self.readers, work)

    def __enter__(self) -> Root:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        self.writers.shutdown(wait=True, cancel_futures=True)
        self.readers.shutdown(wait=True, cancel_futures=True)
        self.engine.dispose()


def make_root(settings: Settings | None = None, *, check_schema: bool = True) -> Root:
    """A root for this process; refuses a schema that this code does not know."""
    chosen = settings or read_settings()
    ring = KeyRing.open(chosen.key_ring)
    engine = make_engine(chosen.database_url, ring, chosen.database_schema)
    if check_schema:
        require_newest(engine)
        _require_fitting(ring, engine)
    writers = ThreadPoolExecutor(1 if engine.dialect.name == "sqlite" else _WRITERS, thread_name_prefix="writer")
    return Root(chosen, engine, ring, writers, ThreadPoolExecutor(_READERS, thread_name_prefix="reader"))


def _require_fitting(ring: KeyRing, engine: Engine) -> None:
    """Refuse to work beside texts that this ring does not open: a second ring would hide the first one's loss."""
    try:
        with open_session(engine, reading=True) as session:
            records.read_newest(session)
    except KeyMissing as error:
        raise StorageUnavailable(f"{error}: {ring.path} is not the key ring of this database") from error


_rasa_root: Root | None = None


def for_rasa() -> Root:
    """The one root of Rasa's process: Rasa makes the tracker store itself, and makes it again with each model."""
    global _rasa_root
    if _rasa_root is None:
        _rasa_root = make_root()
    return _rasa_root
