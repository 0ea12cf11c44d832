"""One rehearsed conversation at a time: what was said, what came back, and several of them side by side."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from bot.channels.client import Bubble, Refused, WorkerClient

RESEND_SECONDS = 1.0  # the page's own wait after `rate_limited` is a person's; a second is enough to stay polite
Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Exchange:
    """One turn: the worker's text, the bubbles that answered it, seconds from sending to the end of the turn."""

    said: str
    bubbles: tuple[Bubble, ...]
    seconds: float

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(bubble["text"] for bubble in self.bubbles if bubble["text"])


async def exchange(page: WorkerClient, text: str, resend_seconds: float = RESEND_SECONDS) -> Exchange:
    """Say one text; `rate_limited` is waited out and sent again. Raises what WorkerClient.say raises otherwise."""
    while True:
        started = time.perf_counter()
        try:
            bubbles = await page.say(text)
        except Refused as refused:
            if refused.code != "rate_limited":
                raise
            await asyncio.sleep(resend_seconds)
        else:
            return Exchange(text, tuple(bubbles), time.perf_counter() - started)


async def side_by_side(work: Callable[[Item], Awaitable[Result]], items: Iterable[Item], most: int) -> list[Result]:
    """The results of `work` in the order of `items`, at most `most` at once."""
    places = asyncio.Semaphore(most)

    async def one(item: Item) -> Result:
        async with places:
            return await work(item)

    return list(await asyncio.gather(*(one(item) for item in items)))
