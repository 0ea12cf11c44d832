"""Engines and sessions: SQLite in WAL mode by default, PostgreSQL by DATABASE_URL; leaving a session is rollback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, InterfaceError
from sqlalchemy.orm import Session

from bot.db.crypto import KeyRing
from bot.domain.errors import StorageUnavailable

SessionFactory = Callable[[], Session]
_BUSY_TIMEOUT_MILLISECONDS = 5000


def make_engine(url: str, ring: KeyRing, schema: str = "") -> Engine:
    """An engine that seals with `ring`; on PostgreSQL it works in `schema` when one is named."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, connect_args={"timeout": _BUSY_TIMEOUT_MILLISECONDS / 1000})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_immediate)
    else:
        options = f"-csearch_path={schema}" if schema else ""
        engine = create_engine(url, pool_pre_ping=True, connect_args={"options": options, "connect_timeout": 5})
    engine.dialect.xinyi_key_ring = ring  # type: ignore[attr-defined]
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event opens the transactions
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MILLISECONDS}")
    cursor.close()


def _begin_immediate(connection: Any) -> None:
    reading = connection.get_execution_options().get("xinyi_reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def open_session(engine: Engine, *, reading: bool = False) -> Iterator[Session]:
    """A session that is rolled back on leaving unless it was committed; database errors become StorageUnavailable.

    `reading` takes no write lock on SQLite.
    """
    bind = engine.execution_options(xinyi_reading=True) if reading else engine
    session = Session(bind, expire_on_commit=False)
    try:
        yield session
    except (DatabaseError, InterfaceError) as error:
        raise StorageUnavailable(type(error.orig or error).__name__) from error
    finally:
        session.close()


def is_alive(engine: Engine) -> bool:
    """Whether the database answers a trivial question."""
    try:
        with open_session(engine, reading=True) as session:
            session.execute(text("SELECT 1"))
    except StorageUnavailable:
        return False
    return True
