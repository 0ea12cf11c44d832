"""Fixtures for all tests: real databases with migrations, a gateway on a free port, and a stand-in for Rasa."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import aiohttp
import psycopg
import pytest
from aiohttp.test_utils import TestServer, unused_port
from fakes import FakeRasa, FakeScreen
from ground import POSTGRES, Gateway, MakeGateway, empty, migrate, settings_for

from bot.bootstrap import Root, make_root
from bot.settings import Settings
from bot.web.app import make_app


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite database to copy: the migrations run once for all tests."""
    folder = tmp_path_factory.mktemp("template")
    migrate(settings_for(folder))
    return folder / "xinyi.db"


@pytest.fixture
def database(tmp_path: Path, template: Path) -> Path:
    """A copy of it, where `settings_for(tmp_path)` expects it."""
    return Path(shutil.copy(template, tmp_path / "xinyi.db"))


@pytest.fixture
def sqlite_root(settings: Settings, database: Path) -> Iterator[Root]:
    """A migrated SQLite database in tmp_path."""
    with make_root(settings) as root:
        yield root


@pytest.fixture(scope="session")
def postgres_schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A schema of this run's own, dropped at its end; without PostgreSQL skipped here and failed under CI."""
    name = f"xinyi_test_{os.getpid()}"
    try:
        connection = psycopg.connect(f"postgresql://postgres@{POSTGRES}", connect_timeout=3, autocommit=True)
    except psycopg.OperationalError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"PostgreSQL must answer under CI: {error}")
        pytest.skip("PostgreSQL does not answer")
    with connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")
        connection.execute(f"CREATE SCHEMA {name}")
        migrate(_postgres_settings(tmp_path_factory.mktemp("postgres"), name))
        yield name
        connection.execute(f"DROP SCHEMA {name} CASCADE")


def _postgres_settings(folder: Path, schema: str) -> Settings:
    return settings_for(folder, DATABASE_URL=f"postgresql+psycopg://postgres@{POSTGRES}", DATABASE_SCHEMA=schema)


@pytest.fixture(scope="session")
def shared_postgres(tmp_path_factory: pytest.TempPathFactory, postgres_schema: str) -> Iterator[Root]:
    """One root for all tests on PostgreSQL: SQLAlchemy compiles each statement once an engine, not once a test."""
    with make_root(_postgres_settings(tmp_path_factory.mktemp("postgres"), postgres_schema)) as root:
        yield root


@pytest.fixture
def postgres_root(shared_postgres: Root) -> Iterator[Root]:
    """The PostgreSQL schema of this run, migrated and empty."""
    yield shared_postgres
    empty(shared_postgres)


@pytest.fixture(params=["sqlite", "postgresql"])
def root(request: pytest.FixtureRequest) -> Root:
    """The same test on both databases."""
    found: Root = request.getfixturevalue("sqlite_root" if request.param == "sqlite" else "postgres_root")
    return found


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as threads:
        yield threads


@pytest.fixture
async def rasa() -> AsyncIterator[FakeRasa]:
    fake = FakeRasa()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def make_gateway(tmp_path: Path, database: Path, rasa: FakeRasa) -> AsyncIterator[MakeGateway]:
    """Starts gateways over one database; several calls stand for restarts."""
    started: list[Gateway] = []
    http = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())

    async def make(**environ: str) -> Gateway:
        port = unused_port()
        chosen = settings_for(tmp_path, PORT=str(port), RASA_PORT=str(rasa.port), **environ)
        screen = FakeScreen()
        app = make_app(chosen, make_root(chosen), screen)  # type: ignore[arg-type]
        server = TestServer(app, port=port)
        await server.start_server()
        started.append(Gateway(chosen, server, screen, http))
        return started[-1]

    yield make
    for gateway in started:
        await gateway.stop()
        gateway.close()
    await http.close()


@pytest.fixture
async def gateway(make_gateway: MakeGateway) -> Gateway:
    found: Gateway = await make_gateway()
    return found
