"""`make bench`: the whole stack beside stock Rasa over REST, measured in one run on this machine."""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import psutil

from bench.load import Result, measure, new_text, open_stock, open_xinyi
from bench.processes import ROOT, Processes, our_processes, stock_archive, stock_processes
from bench.publishing import rows as publishing_rows
from bench.screening_run import rows as screening_rows

_TURNS = {1: 30, 8: 15, 32: 5}
_WARM_UP = 5  # turns of one worker before anything is measured, on both sides


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--without-stock", action="store_true", help="leave stock Rasa out (its training takes many minutes)")
    parser.add_argument("--train", action="store_true", help="measure a cold training too")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts = [lambda: _ours(folder), lambda: publishing_rows(folder / "publishing"), _sizes]
        if arguments.train:
            parts.insert(0, lambda: _training(folder))
        if not arguments.without_stock:
            parts.append(lambda: _stock(folder))
        for part in parts:
            for row, figure in part():  # each part is printed when it is done: the whole takes many minutes
                print(f"{row:<58}  {figure}", flush=True)


def _ours(folder: Path) -> list[tuple[str, str]]:
    processes = our_processes(folder)
    started = time.perf_counter()
    with processes:
        rows = [("xinyi: page answers after start", f"{processes.wait_http('/', started):.1f} s")]
        rows.append(("xinyi: first answer from Rasa after start", f"{processes.wait_ready(started):.1f} s"))
        asyncio.run(measure(open_xinyi, processes.base, 1, _WARM_UP))
        for workers, turns in _TURNS.items():
            before = _gateway_seconds(processes.base)
            result = asyncio.run(measure(open_xinyi, processes.base, workers, turns))
            rows.append((f"xinyi: {workers} workers", _line(result)))
            rows.append(
                (f"xinyi: {workers} workers, gateway's own share", _own_share(before, _gateway_seconds(processes.base)))
            )
        rows += screening_rows(processes.base)
        rows += _long_conversation(processes)
        rows.append(("xinyi: memory", processes.memory()))
    return rows


def _long_conversation(processes: Processes) -> list[tuple[str, str]]:
    """Milliseconds of a turn around turn 5, 200 and 1,000 of one conversation."""
    import random

    async def run() -> dict[int, float]:
        say, close = await open_xinyi(processes.base)
        source = random.Random(7)
        marks = {5: range(3, 13), 200: range(195, 205), 1000: range(995, 1005)}
        spent: dict[int, list[float]] = {mark: [] for mark in marks}
        for turn in range(1, 1006):
            started = time.perf_counter()
            await say(new_text(source))
            for mark, around in marks.items():
                if turn in around:
                    spent[mark].append((time.perf_counter() - started) * 1000)
        await close()
        return {mark: sorted(values)[len(values) // 2] for mark, values in spent.items()}

    cost = asyncio.run(run())
    shown = ", ".join(f"turn {mark}: {value:.0f} ms" for mark, value in cost.items())
    return [("xinyi: one conversation, median of ten turns", f"{shown}; 1,000 to 5: {cost[1000] / cost[5]:.2f}")]


def _gateway_seconds(base: str) -> tuple[float, float]:
    """Seconds the gateway itself spent on turns so far, screen and Rasa left out, and how many turns."""
    with urllib.request.urlopen(f"{base}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    found = {
        line.split(" ")[0]: float(line.split(" ")[1])
        for line in lines
        if line.startswith("xinyi_gateway_seconds_") and "{" not in line
    }
    return found["xinyi_gateway_seconds_sum"], found["xinyi_gateway_seconds_count"]


def _own_share(before: tuple[float, float], after: tuple[float, float]) -> str:
    return f"mean {(after[0] - before[0]) / (after[1] - before[1]) * 1000:.1f} ms"


def _stock(folder: Path) -> list[tuple[str, str]]:
    archive, seconds = stock_archive()
    rows = [("stock Rasa: training", f"{seconds:.0f} s (cached by data)")]
    processes = stock_processes(folder, archive)
    started = time.perf_counter()
    with processes:
        rows.append(("stock Rasa: answers after start", f"{processes.wait_http('/', started):.1f} s"))
        asyncio.run(measure(open_stock, processes.base, 1, _WARM_UP))
        for workers, turns in _TURNS.items():
            result = asyncio.run(measure(open_stock, processes.base, workers, turns))
            rows.append((f"stock Rasa: {workers} workers", _line(result)))
        rows.append(("stock Rasa: memory", processes.memory()))
    return rows


def _training(folder: Path) -> list[tuple[str, str]]:
    """Cold: no model and no kept vectors."""
    environ = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "MODELS_DIR": str(folder / "models")}
    call = [sys.executable, "-m", "bot.nlu.train", "--force"]
    done = subprocess.run(call, cwd=ROOT, env=environ, capture_output=True, text=True, check=True)
    facts: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return [
        (
            "xinyi: cold training with Rasa's import",
            f"{facts['seconds']:.0f} s, of which its NLU part {facts['nlu_seconds']:.0f} s",
        )
    ]


def _sizes() -> list[tuple[str, str]]:
    static = ROOT / "bot" / "web" / "static"
    page = (static / "embed.html").read_text("utf-8")
    files = [static / "widget.js", *(path for path in (static / "assets").iterdir() if path.name in page)]
    total = sum(len(gzip.compress(path.read_bytes(), 9)) for path in files)
    return [("widget and frame, JS and CSS, gzipped", f"{total / 1000:.1f} KB in {len(files)} files")]


def _line(result: Result) -> str:
    return (
        f"{result.rate:5.1f} turns/s   p50 {result.percentile(0.5):6.0f} ms   p95 {result.percentile(0.95):6.0f} ms   "
        f"p99 {result.percentile(0.99):6.0f} ms"
    )


if __name__ == "__main__":
    print(f"{psutil.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GB")
    main()
