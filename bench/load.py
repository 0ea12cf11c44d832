"""Load for both systems: concurrent workers who send new texts and wait for the answer of each."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp

from bot.channels.client import WorkerClient

Say = Callable[[str], Awaitable[None]]
Open = Callable[[str], Awaitable[tuple[Say, Callable[[], Awaitable[None]]]]]
_BEGIN = ("最近", "这个月", "昨天", "今天早上", "上周", "从年初到现在", "刚才", "夜班以后")
_WHO = ("领导", "同事", "老婆", "我妈", "孩子", "站长", "客户", "室友")
_WHAT = (
    "又因为小事跟我吵",
    "一句话不说就走了",
    "把我说得一无是处",
    "让我一个人扛",
    "根本不听我讲",
    "当着大家的面笑话我",
    "要我马上改完",
    "催了我好几遍",
)
_FEEL = ("心里堵得慌", "晚上睡不着", "觉得特别累", "提不起劲", "有点委屈", "不知道怎么办", "想找人说说", "饭都吃不下")


@dataclass(frozen=True)
class Result:
    """Turns done, seconds taken, and the latency of each turn in milliseconds, sorted."""

    turns: int
    seconds: float
    latencies: tuple[float, ...]

    @property
    def rate(self) -> float:
        return self.turns / self.seconds

    def percentile(self, share: float) -> float:
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


def new_text(source: random.Random) -> str:
    """A sentence of about 25 characters that was never sent before, so that no cache can flatter."""
    parts = (source.choice(_BEGIN), source.choice(_WHO), source.choice(_WHAT), "，", source.choice(_FEEL))
    return "".join(parts) + f"，第{source.randrange(10**6)}回了"


async def measure(open_worker: Open, base: str, workers: int, turns: int) -> Result:
    """Let `workers` send `turns` messages each, one after the other."""
    opened = [await open_worker(base) for _ in range(workers)]
    latencies: list[float] = []

    async def talk(number: int, say: Say) -> None:
        source = random.Random(f"{uuid.uuid4()}{number}")
        for _ in range(turns):
            started = time.perf_counter()
            await say(new_text(source))
            latencies.append((time.perf_counter() - started) * 1000)

    started = time.perf_counter()
    await asyncio.gather(*(talk(number, say) for number, (say, _) in enumerate(opened)))
    seconds = time.perf_counter() - started
    for _, close in opened:
        await close()
    return Result(workers * turns, seconds, tuple(sorted(latencies)))


async def open_xinyi(origin: str) -> tuple[Say, Callable[[], Awaitable[None]]]:
    """A worker's page over the real WebSocket; a turn ends with its typing sign."""
    page = WorkerClient(origin)
    await page.__aenter__()

    async def say(text: str) -> None:
        await page.say(text)

    async def close() -> None:
        await page.__aexit__()

    return say, close


async def open_stock(base: str) -> tuple[Say, Callable[[], Awaitable[None]]]:
    """A sender on stock Rasa's REST channel."""
    http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))
    sender = uuid.uuid4().hex

    async def say(text: str) -> None:
        async with http.post(f"{base}/webhooks/rest/webhook", json={"sender": sender, "message": text}) as answer:
            await answer.json()

    return say, http.close
