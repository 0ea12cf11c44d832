"""Fixtures of the ways out: robots and a mail server on loopback, and a notifier that knows them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fake_robots import FakeMailServer, FakeRobots
from ground import settings_for

from bot.notify.notifier import Notifier


@pytest.fixture
async def robots() -> AsyncIterator[FakeRobots]:
    fake = FakeRobots()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def mail_server() -> AsyncIterator[FakeMailServer]:
    fake = FakeMailServer()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def notifier(tmp_path: Path, robots: FakeRobots, mail_server: FakeMailServer) -> AsyncIterator[Notifier]:
    environ = {**robots.environ(), **mail_server.environ(), "PUBLIC_ORIGIN": "https://xinyi.example.cn"}
    found = Notifier(settings_for(tmp_path, **environ), seconds=0.5)
    yield found
    await found.close()
