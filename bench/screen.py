"""Measures the risk screen: milliseconds a message by its length, on one core; `python -m bench.screen`."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy is imported: the figures are for one core

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bot.risk.screen import RiskScreen
from bot.risk.texts import read_texts
from bot.vectors import SHARED

ROOT = Path(__file__).resolve().parents[1]
LENGTHS = (6, 20, 50, 100, 400, 1000, 4000)


def main() -> None:
    """Print p50, p95 and p99 by length: cues and n-grams in time of the processor, the vector and the whole by the clock."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100, help="messages a length")
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    options = parser.parse_args()
    screen = RiskScreen.open(ROOT / "content", options.models)
    print("with the classifier" if screen.has_classifier else "cues alone: no classifier in models/")
    SHARED.load()
    screen.full("先热一下身，今天有点累", SHARED.of(screen.for_vector("先热一下身，今天有点累")))
    print(f"{'characters':>10}  {'cues + n-grams':^26}  {'vector':^26}  {'whole':^26}")
    for length in LENGTHS:
        rounds = options.rounds if length <= 1000 else max(10, options.rounds // 4)
        columns = _measured(screen, _messages(length, rounds))
        print(f"{length:>10}  " + "  ".join(_row(column) for column in columns))


def _messages(length: int, count: int) -> list[str]:
    """Messages of this length, put together from our own texts in a fixed order, all different."""
    pool = "，".join(item.text for item in read_texts(ROOT / "content" / "risk" / "texts"))
    step = max(1, (len(pool) - length) // count)
    return [pool[start : start + length] for start in range(0, step * count, step)]


def _measured(screen: RiskScreen, messages: list[str]) -> tuple[list[float], list[float], list[float]]:
    quick: list[float] = []
    vector: list[float] = []
    whole: list[float] = []
    for message in messages:
        quick.append(_milliseconds(partial(screen.quick, message), time.thread_time))
        chosen = screen.for_vector(message)
        vector.append(_milliseconds(partial(SHARED.of, chosen)))
        found = SHARED.of(chosen)
        rest = _milliseconds(partial(screen.full, message, found))
        whole.append(quick[-1] + vector[-1] + rest)
    return quick, vector, whole


def _milliseconds(call: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    started = clock()
    call()
    return (clock() - started) * 1000


def _row(times: list[float]) -> str:
    ordered = sorted(times)
    picked = [ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.50, 0.95, 0.99)]
    return "/".join(f"{value:8.1f}" for value in picked)


if __name__ == "__main__":
    main()
