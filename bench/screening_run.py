"""How long a whole PHQ-9 by buttons takes a person who answers at once; in `make bench`, or `python -m bench.screening_run`."""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.processes import our_processes
from bot.channels.client import Bubble, WorkerClient

RUN_SECONDS, ANSWER_MS = 60.0, 300.0  # the bars for one person: a whole run, and p95 of a press until its turn is over
_IN_A_ROW = 5
_BEGIN, _AGREE = "做个PHQ9", "同意，开始"
_ANSWERS = (*("好几天",) * 8, "完全不会", "有点困难")  # eight points and nothing that calls the safety conversation
_SCORE = "8分"


@dataclass
class Waits:
    """Milliseconds of each press: until the next question stands there, and until its whole turn is over."""

    shown: list[float] = field(default_factory=list)
    over: list[float] = field(default_factory=list)


async def run_once(base: str, waits: Waits) -> float:
    """One new worker from asking for the PHQ-9 to its result: the seconds it took; adds what each press waited."""
    started = time.perf_counter()
    async with WorkerClient(base) as page:
        shown = await page.say(_BEGIN)
        for title in (_AGREE, *_ANSWERS):
            asked = _with_button(shown, title)
            pressed = time.perf_counter()
            before = len(page.shown)
            await page.choose(asked["id"], asked["buttons"].index(title))
            if any(bubble["author"] == "bot" for bubble in page.shown[before:]):
                waits.shown.append((time.perf_counter() - pressed) * 1000)
            shown = await page.replies()
            waits.over.append((time.perf_counter() - pressed) * 1000)
        if not any(_SCORE in bubble["text"] for bubble in shown):
            raise SystemExit(f"the run did not end with {_SCORE}: {[bubble['text'] for bubble in shown]}")
    return time.perf_counter() - started


def _with_button(shown: list[Bubble], title: str) -> Bubble:
    fitting = [bubble for bubble in shown if title in bubble["buttons"]]
    if fitting:
        return fitting[-1]
    raise SystemExit(f"no button {title}: {[bubble['text'] for bubble in shown]}")


async def measure_runs(base: str, at_once: int) -> tuple[Waits, float]:
    """Runs side by side: what all presses waited, and the longest run in seconds."""
    waits = Waits()
    seconds = await asyncio.gather(*(run_once(base, waits) for _ in range(at_once)))
    return waits, max(seconds)


async def measure_in_a_row(base: str, runs: int) -> tuple[Waits, float]:
    """The same for one run after the other."""
    waits = Waits()
    return waits, max([await run_once(base, waits) for _ in range(runs)])


def rows(base: str) -> list[tuple[str, str]]:
    """What the bench prints: the bars are those of one person; eight who never stop to think stand beside it."""
    asyncio.run(measure_runs(base, 1))  # the first run after a start loads what is loaded once
    waits, longest = asyncio.run(measure_in_a_row(base, _IN_A_ROW))
    verdict = "in" if longest < RUN_SECONDS and _p95(waits.over) < ANSWER_MS else "OVER"
    bars = f"bars {RUN_SECONDS:.0f} s and p95 {ANSWER_MS:.0f} ms a turn: {verdict}"
    many, longest_of_many = asyncio.run(measure_runs(base, 8))
    return [
        ("xinyi: a whole PHQ-9 by buttons", f"{_line(waits, longest)}   {bars}"),
        ("xinyi: eight of them at once", _line(many, longest_of_many)),
    ]


def _line(waits: Waits, longest: float) -> str:
    return f"{longest:4.1f} s   p95 next question {_p95(waits.shown):4.0f} ms, turn {_p95(waits.over):4.0f} ms"


def _p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        processes = our_processes(Path(name))
        started = time.perf_counter()
        with processes:
            processes.wait_ready(started)
            for row, figure in rows(processes.base):
                print(f"{row:<58}  {figure}", flush=True)


if __name__ == "__main__":
    main()
