"""Revisions give what the models say, and a schema this code does not know is refused."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from ground import settings_for
from sqlalchemy import inspect, text

from bot.bootstrap import Root, make_root
from bot.db import migrate
from bot.db.schema import metadata
from bot.domain.errors import StorageUnavailable


def test_the_migrations_give_exactly_the_models(root: Root) -> None:
    with root.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        found = set(inspect(connection).get_table_names())
    assert found == {table.name for table in metadata.sorted_tables} | {"alembic_version"}


def test_upgrading_twice_changes_nothing(root: Root) -> None:
    assert migrate.upgrade(root.engine) == migrate.newest_revision() == migrate.current_revision(root.engine)


def test_cannot_start_on_a_database_without_tables(tmp_path) -> None:
    with pytest.raises(StorageUnavailable, match="db upgrade"):
        make_root(settings_for(tmp_path))


@pytest.mark.parametrize("revision", ["9999", "0000"])
def test_cannot_start_on_a_revision_this_code_does_not_know(root: Root, revision: str) -> None:
    with root.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    try:
        with pytest.raises(StorageUnavailable, match=f"revision {revision}"):
            make_root(root.settings)
    finally:
        with root.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": migrate.newest_revision()})


def test_cannot_upgrade_from_a_revision_this_code_does_not_know(sqlite_root: Root) -> None:
    with sqlite_root.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageUnavailable, match="9999"):
        migrate.upgrade(sqlite_root.engine)


def test_the_last_revision_can_be_taken_back(sqlite_root: Root) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate._FOLDER))
    with sqlite_root.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert inspect(sqlite_root.engine).get_table_names() == ["alembic_version"]
    migrate.upgrade(sqlite_root.engine)
    migrate.require_newest(sqlite_root.engine)


def test_the_safety_conversation_can_be_taken_back_and_messages_stay(sqlite_root: Root) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate._FOLDER))
    with sqlite_root.engine.begin() as connection:
        connection.execute(text("INSERT INTO workers (id, session_epoch, timezone, risk_level, created_at) "
                                "VALUES ('w1', 0, 'Asia/Shanghai', 'none', '2026-11-22')"))  # fmt: skip
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
    found = inspect(sqlite_root.engine)
    assert "safety_records" not in found.get_table_names()
    assert "protocol" not in {column["name"] for column in found.get_columns("messages")}
    migrate.upgrade(sqlite_root.engine)
    with sqlite_root.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM workers")) == 1
        assert connection.scalar(text("SELECT count(*) FROM safety_records")) == 0


def test_a_half_done_upgrade_leaves_no_table(tmp_path) -> None:
    with make_root(settings_for(tmp_path), check_schema=False) as root:
        with root.engine.begin() as connection:
            connection.execute(text("CREATE TABLE messages (id INTEGER)"))
        with pytest.raises(StorageUnavailable):
            migrate.upgrade(root.engine)
        assert inspect(root.engine).get_table_names() == ["messages"]
