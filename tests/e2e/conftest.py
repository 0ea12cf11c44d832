"""One running stack for all end-to-end tests of a run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from stack import HOST_SITE_PORT, Stack


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
