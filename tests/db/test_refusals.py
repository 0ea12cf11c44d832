"""A database that refuses: full, read-only, locked, away; the answer is clear and nothing is left half done."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest
from ground import NOW, care, settings_for
from sqlalchemy import event, func, select

from bot.bootstrap import Root, make_root
from bot.db.session import is_alive
from bot.db.tables import Alert, Event, Message, RiskAssessment
from bot.domain.errors import StorageUnavailable
from bot.domain.risk import RiskFinding, RiskKind, RiskLevel, RiskSubject
from bot.services import conversations, workers
from bot.services.conversations import Inbound

HIGH = RiskFinding(RiskLevel.HIGH, RiskSubject.SELF, RiskKind.SUICIDE)


def _receive(root: Root, conversation_id: str, text: str) -> None:
    inbound = Inbound(conversation_id, "w", "web", "e1", text)
    root.call(conversations.receive, inbound, HIGH, care(), "Asia/Shanghai", NOW)


def _counts(root: Root) -> list[int]:
    tables = (Message, Event, RiskAssessment, Alert)
    return root.call_reading(lambda session: [session.scalar(select(func.count()).select_from(table)) for table in tables])


def _full(connection: sqlite3.Connection) -> None:
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages}")


def _read_only(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA query_only=ON")


@pytest.mark.parametrize(("spoil", "text"), [(_full, "急" * 4000), (_read_only, "我想自杀")], ids=["full", "read-only"])
def test_cannot_store_half_a_turn_if_the_database_refuses(
    sqlite_root: Root, spoil: Callable[[sqlite3.Connection], None], text: str
) -> None:
    sqlite_root.call(workers.ensure, "w", 0, "Asia/Shanghai", NOW)
    conversation_id = sqlite_root.call(workers.conversation_of, "w", "web", NOW)
    sqlite_root.engine.dispose()

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        spoil(connection)

    event.listen(sqlite_root.engine, "connect", prepare)
    with pytest.raises(StorageUnavailable, match="OperationalError"):
        _receive(sqlite_root, conversation_id, text)
    assert _counts(sqlite_root) == [0, 0, 0, 0]
    event.remove(sqlite_root.engine, "connect", prepare)
    sqlite_root.engine.dispose()
    _receive(sqlite_root, conversation_id, text)
    assert _counts(sqlite_root) == [4, 6, 1, 1]


def test_cannot_start_on_a_file_that_is_no_database(settings) -> None:
    settings.var_dir.mkdir(exist_ok=True)
    (settings.var_dir / "xinyi.db").write_bytes(b"this is not a database" * 100)
    with pytest.raises(StorageUnavailable):
        make_root(settings)


def test_cannot_start_if_postgresql_does_not_answer(tmp_path) -> None:
    with pytest.raises(StorageUnavailable):
        make_root(settings_for(tmp_path, DATABASE_URL="postgresql+psycopg://postgres@127.0.0.1:1/none"))


def test_liveness_is_false_when_the_database_is_broken(sqlite_root: Root, settings) -> None:
    assert is_alive(sqlite_root.engine)
    sqlite_root.engine.dispose()
    for path in settings.var_dir.glob("xinyi.db*"):
        path.unlink()
    (settings.var_dir / "xinyi.db").write_bytes(b"x" * 4096)
    assert not is_alive(sqlite_root.engine)


def test_leaving_without_a_commit_changes_nothing(root: Root) -> None:
    from bot.db.tables import Worker

    root.call(lambda session: (session.add(Worker(id="w", timezone="Asia/Shanghai", created_at=NOW)), session.flush()))
    assert root.call_reading(lambda session: session.get(Worker, "w")) is None


def test_a_reader_is_not_held_up_by_a_writer(sqlite_root: Root) -> None:
    with sqlite_root.engine.begin() as writing:
        writing.exec_driver_sql("DELETE FROM events")
        assert _counts(sqlite_root) == [0, 0, 0, 0]
