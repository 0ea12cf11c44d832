"""Measures Rasa's part of the studio's bars: the warm check after an edit, and one sentence's way from the file to a live model."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.processes import stock_archive
from bot.rasa_jobs import Validator, nlu_environ, run_nlu_job
from bot.rehearsal.proving_ground import proving_ground
from bot.training.folder import TrainingFolder

ROOT = Path(__file__).resolve().parents[1]
_MEMORY_MB = 6000
_SENTENCE = "    - 一到开会手心就出汗，话都说不利索\n"


def validate() -> None:
    """Rasa's validation after an edit, in a warm process; bar: under 5 s. Beside it: the same in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        project = Path(name) / "project"
        TrainingFolder(ROOT).view().materialise(project)
        asyncio.run(_checks(project))
    taken = _seconds(
        lambda: subprocess.run([sys.executable, "-m", "bot.nlu.validate"], cwd=ROOT, env=nlu_environ(), check=False)
    )
    print(f"a process of its own each time: {taken:.1f} s{_load()}")


async def _checks(project: Path) -> None:
    edits: dict[str, Callable[[], object]] = {
        "process started, first check": lambda: None,
        "nothing changed": lambda: None,
        "one more example": lambda: _append(project / "data/nlu/anxiety.yml", _SENTENCE),
        "one more story": lambda: _append(
            project / "data/stories/listening.yml", "- story: bench\n  steps:\n  - intent: thank\n  - action: action_listen\n"
        ),
        "another wording": lambda: _append(project / "domain.yml", "# another\n"),
    }
    validator = Validator()
    try:
        for name, edit in edits.items():
            edit()
            started = time.perf_counter()
            issues = await validator.check(project)
            print(f"{name}: {time.perf_counter() - started:.2f} s, {len(issues)} issues{_load()}")
    finally:
        await validator.close()


def retrain() -> None:
    """From one more sentence to a model that answers, with Rasa's cache; bar: under 90 s on 2 cores. Beside it: stock DIET."""
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(_retrain(Path(name)))
    _, seconds = stock_archive()
    print(f"stock Rasa (DIET) on the same data, training alone: {seconds:.0f} s")


async def _retrain(folder: Path) -> None:
    project = folder / "project"
    TrainingFolder(ROOT).view().materialise(project)
    first = await _train(project, folder)
    print(f"first training, nothing cached: {first['seconds']:.0f} s{_load()}")
    _append(project / "data/nlu/anxiety.yml", _SENTENCE)
    started = time.perf_counter()
    again = await _train(project, folder)
    trained = time.perf_counter()
    async with proving_ground(Path(again["archive"]), project):
        ready = time.perf_counter()
    print(
        f"one more sentence, live after {ready - started:.0f} s: training {trained - started:.0f} s (import {again['import_seconds']:.0f} s, "
        f"understanding {again['nlu_seconds']:.0f} s, restored {', '.join(again['restored'])}), start until ready {ready - trained:.0f} s; "
        f"bar 90{_load()}"
    )


async def _train(project: Path, folder: Path) -> dict[str, Any]:
    arguments = ["--project", str(project), "--out", str(folder / "models"), "--cached", "--cache", str(folder / "cache")]
    outcome = await run_nlu_job("train", arguments, folder / "train.log", lambda *_told: None, _MEMORY_MB, lambda: False)
    if outcome.result is None:
        raise SystemExit(json.dumps([outcome.error, outcome.message], ensure_ascii=False))
    return outcome.result


def _append(path: Path, text: str) -> None:
    path.write_text(path.read_text("utf-8") + text, "utf-8")


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _load() -> str:
    """How busy the machine was, where it was busier than its cores: the figure is worth less then."""
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    return f"  (load {load:.0f} on {cores} cores)" if load > cores + 1 else ""
