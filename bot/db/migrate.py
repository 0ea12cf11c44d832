"""Schema revisions: upgrade to the newest, and refuse to work on a schema this code does not know."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DatabaseError

from bot.domain.errors import StorageUnavailable

_FOLDER = Path(__file__).parent / "migrations"


def newest_revision() -> str:
    """The revision this code was written for: the highest number among the files of migrations/versions."""
    return max(path.stem.split("_")[0] for path in (_FOLDER / "versions").glob("[0-9]*_*.py"))


def current_revision(engine: Engine) -> str | None:
    """The revision the database stands at, or None when it is empty."""
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            return None if found is None else str(found)
    except DatabaseError as error:
        raise StorageUnavailable(type(error.orig or error).__name__) from error


def upgrade(engine: Engine) -> str:
    """Bring the schema to the newest revision and give its name; all or nothing."""
    from alembic import command  # here, because every process imports this module and Alembic takes a second
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        raise StorageUnavailable(f"can't upgrade: {error}") from error
    except DatabaseError as error:
        raise StorageUnavailable(type(error.orig or error).__name__) from error
    return newest_revision()


def require_newest(engine: Engine) -> None:
    """Raise StorageUnavailable unless the schema is exactly the one this code knows."""
    found = current_revision(engine)
    if found != newest_revision():
        raise StorageUnavailable(
            f"database is at revision {found}, this code needs {newest_revision()}: run `python -m bot db upgrade`"
        )
