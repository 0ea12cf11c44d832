"""One running stack for all end-to-end tests of a run."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright, expect
from stack import ANSWER_SECONDS, HOST_SITE_PORT, Stack

FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-gpu", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Gateway, Rasa with the newest model, action server; all of them ready."""
    folder: Path = tmp_path_factory.mktemp("stack")
    found = Stack(folder, EMBED_ORIGINS=f"http://localhost:{HOST_SITE_PORT}")
    found.run("-m", "bot", "db", "upgrade")
    found.start()
    try:
        found.wait_for(ready=True, rasa=True)
        yield found
    finally:
        found.stop()


@pytest.fixture
def whole_again(stack: Stack) -> Iterator[None]:
    """Whatever a test kills or stops runs again at its end."""
    yield
    for name, process in stack.processes.items():
        process.send_signal(signal.SIGCONT) if process.poll() is None else stack.start(name)
    stack.wait_for(ready=True, rasa=True)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    expect.set_options(timeout=ANSWER_SECONDS * 1000)  # three processes and a browser share the cores
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield found
        await found.close()
