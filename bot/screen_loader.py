"""Brings the risk screen up in steps, so that a gateway that has just started already finds plain words."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.domain.errors import ContentError
from bot.domain.risk import RiskFinding
from bot.vectors import SHARED, Vectors

if TYPE_CHECKING:
    from bot.risk.screen import RiskScreen

log = logging.getLogger(__name__)
_THREADS = 2
_MOST_WAITING = 16
_VECTOR_WAIT_SECONDS = 0.3
_GLANCE_CHARACTERS = 200  # a refused message must stay cheap
_UNSCREENED = "这条暂时没法收下，请稍后点重发。急的话请直接拨 120、110 或 12356。"


@dataclass(frozen=True)
class Screened:
    """What is known when the message must be stored: the finding, the whole text's vector if it was ready, and what is still to come."""

    finding: RiskFinding
    vector: Vectors | None
    late: asyncio.Future[RiskFinding] | None


class ScreenRunner:
    """Runs the screen in a bounded pool; cues always answer at once, the vector gets 300 ms."""

    def __init__(self, content: Path, models: Path) -> None:
        self._content = content
        self._models = models
        self._screen: RiskScreen | None = None
        self._pool = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="screen")
        self._waiting = 0
        self._opened = asyncio.Event()

    @property
    def state(self) -> str:
        """`loading`, `failed`, `cues` (no classifier) or `full`."""
        if self._screen is None:
            return "failed" if self._opened.is_set() else "loading"
        return "full" if self._screen.has_classifier else "cues"

    async def load(self) -> None:
        """First the cues, then the classifier and the vectors; a classifier that can't be had is logged, not fatal."""
        loop = asyncio.get_running_loop()
        try:
            self._screen = await loop.run_in_executor(self._pool, self._open, False)
        finally:
            self._opened.set()  # also when it failed: nobody waits for ever
        self._screen = await loop.run_in_executor(self._pool, self._open, True)
        if not self._screen.has_classifier:
            log.warning("no trained risk classifier: cues answer alone; run `python -m bot risk train`")
            return
        await loop.run_in_executor(self._pool, SHARED.load)

    def _open(self, with_classifier: bool) -> RiskScreen:
        from bot.risk.screen import RiskScreen

        return RiskScreen.open(self._content, self._models if with_classifier else None)

    async def screen(self, text: str) -> Screened:
        """Screen one text; waits for the vector 300 ms at most. Raises ContentError when the screen could not be loaded."""
        loop = asyncio.get_running_loop()
        await self._opened.wait()
        screen = self._screen
        if screen is None:
            raise ContentError("the risk screen did not load", reader_text=_UNSCREENED)
        quick = await loop.run_in_executor(None, screen.quick, text)
        if not screen.has_classifier or self._waiting >= _MOST_WAITING:
            return Screened(quick, None, None)
        self._waiting += 1
        work = loop.run_in_executor(self._pool, self._full, screen, text)
        work.add_done_callback(self._done)
        try:
            finding, vector = await asyncio.wait_for(asyncio.shield(work), _VECTOR_WAIT_SECONDS)
        except asyncio.TimeoutError:
            return Screened(quick, None, asyncio.ensure_future(_finding_of(work, quick)))
        return Screened(finding, vector if screen.for_vector(text) == text else None, None)

    async def glance(self, text: str) -> RiskFinding:
        """What cues and n-grams say, for a message that is refused and not stored; nothing while the screen is not loaded."""
        if self._screen is None:
            return RiskFinding()
        return await asyncio.get_running_loop().run_in_executor(None, self._screen.quick, text[:_GLANCE_CHARACTERS])

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    @staticmethod
    def _full(screen: RiskScreen, text: str) -> tuple[RiskFinding, Vectors]:
        vector = SHARED.of(screen.for_vector(text))
        return screen.full(text, vector), vector

    def _done(self, work: asyncio.Future[tuple[RiskFinding, Vectors]]) -> None:
        self._waiting -= 1
        if not work.cancelled() and work.exception() is not None:
            log.error("vector screen failed: %s", type(work.exception()).__name__)


async def _finding_of(work: asyncio.Future[tuple[RiskFinding, Vectors]], quick: RiskFinding) -> RiskFinding:
    """A late finding can only raise what was already stored."""
    from bot.risk.screen import merged

    finding, _ = await work
    return merged(quick, finding)
