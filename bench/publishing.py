"""Publishing under load: workers talk without a pause while models go live and back; every turn must be answered.

`.venv/bin/python -m bench.publishing` moves the live pointer until at least 500 turns were sent during moves. A safe line, an empty
answer, an error or a lost line is a failure.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import random
import shutil
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.orm import Session

from bench.load import new_text
from bench.supervised import Supervised
from bot.bootstrap import Root, make_root
from bot.channels.client import LineLost, NoTurnEnd, Refused, WorkerClient
from bot.db.studio_tables import Model
from bot.domain.figures import percentile
from bot.domain.publication import DONE, FAILED, PASSED
from bot.rehearsal.replay import Fallbacks
from bot.services import archives, publications
from bot.settings import ROOT, read_settings

_BEFORE, _DURING, _AFTER = "before", "during", "after"
_PATIENCE_SECONDS = 60.0
_MOVE_SECONDS = 700.0


@dataclass
class Seen:
    """Milliseconds of the turns by phase, failures by kind, seconds from each wish to its first live turn, memory at its height."""

    phase: str = _BEFORE
    latencies: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    moves: list[float] = field(default_factory=list)
    memory_mb: float = 0.0

    def count(self, phase: str) -> int:
        return len(self.latencies[phase])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--turns", type=int, default=500, help="least number of turns sent while publishing")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        for row, figure in rows(Path(name), arguments.workers, arguments.turns):
            print(f"{row:<58}  {figure}", flush=True)


def rows(folder: Path, workers: int = 4, turns: int = 500) -> list[tuple[str, str]]:
    """The table of one run."""
    with Supervised(folder) as system:
        system.wait_ready(rasa=True, screen="full")
        with make_root(read_settings(system.environ)) as root:
            seen = asyncio.run(_run(system, root, workers, turns))
    shown = [(f"publishing: {workers} workers", f"{len(seen.moves)} moves, {seen.memory_mb:.0f} MB at most, all processes")]
    for phase in (_BEFORE, _DURING, _AFTER):
        found = sorted(seen.latencies[phase])
        p50, p95 = (percentile(found, share) if found else 0.0 for share in (0.5, 0.95))
        shown.append((f"publishing: turns {phase}", f"{len(found):5}   p50 {p50:6.0f} ms   p95 {p95:6.0f} ms"))
    shown.append(("publishing: from the wish to the first live turn", ", ".join(f"{each:.0f} s" for each in seen.moves)))
    shown.append(("publishing: failed turns (bar 0)", f"{sum(seen.failures.values())} {dict(seen.failures) or ''}".rstrip()))
    return shown


async def _run(system: Supervised, root: Root, workers: int, turns: int) -> Seen:
    seen, ends = Seen(), asyncio.Event()
    fallbacks = Fallbacks.of_project(ROOT)
    talks = [asyncio.ensure_future(_talk(system.base, number, seen, fallbacks, ends)) for number in range(workers)]
    await _until(seen, _BEFORE, 100)
    target = root.call(_second_model, system.models_dir, system.made)
    goes_back = False
    while seen.count(_DURING) < turns:
        seen.phase = _DURING
        seen.moves.append(await _move(system, root, target, goes_back, seen))
        goes_back = not goes_back
    seen.phase = _AFTER
    await _until(seen, _AFTER, 100)
    ends.set()
    await asyncio.gather(*talks)
    return seen


async def _move(system: Supervised, root: Root, target: str, goes_back: bool, seen: Seen) -> float:
    """One publication or rollback to its end; gives the seconds until the pointer moved."""
    now, models_dir = dt.datetime.now(dt.timezone.utc), system.models_dir
    if goes_back:
        move = await root.run_sync(publications.rollback, "bench", "bench", now, models_dir, None)
    else:
        move = await root.run_sync(publications.publish, target, "bench", "", now, models_dir, None)
    end = time.monotonic() + _MOVE_SECONDS
    while move.state not in (DONE, FAILED):
        if time.monotonic() > end:
            raise SystemExit(f"publication {move.id} is still {move.state}; see {system.folder}")
        await asyncio.sleep(0.2)
        seen.memory_mb = max(seen.memory_mb, await asyncio.to_thread(system.memory_mb))
        move = await root.run_reading(publications.get, move.id)
    if move.moved_at is None:
        raise SystemExit(f"publication {move.id} failed: {move.error}; see {system.folder}")
    return (move.moved_at - move.created_at).total_seconds()


def _second_model(session: Session, models_dir: Path, made: str) -> str:
    """The same archive under another name, proven: what is measured is the move."""
    name = f"{archives.STUDIO}/second.tar.gz"
    (models_dir / archives.STUDIO).mkdir(exist_ok=True)
    shutil.copyfile(models_dir / made, models_dir / name)
    row = Model(
        archive=name,
        fingerprint="",
        rasa_version=archives.rasa_version(),
        verdict=PASSED,
        created_at=dt.datetime.now(dt.timezone.utc),
    )
    session.add(row)
    session.commit()
    return row.id


async def _until(seen: Seen, phase: str, turns: int) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS * 4
    while seen.count(phase) < turns and time.monotonic() < end:  # noqa: ASYNC110 - every worker counts
        await asyncio.sleep(0.2)


async def _talk(base: str, number: int, seen: Seen, fallbacks: Fallbacks, ends: asyncio.Event) -> None:
    """One worker who writes again as soon as an answer is there; a new conversation every forty turns."""
    source = random.Random(number)
    while not ends.is_set():
        async with WorkerClient(base, patience_seconds=_PATIENCE_SECONDS) as page:
            for _ in range(40):
                if ends.is_set():
                    return
                phase, started = seen.phase, time.perf_counter()
                failure = await _failure(page, new_text(source), fallbacks)
                seen.latencies[phase].append((time.perf_counter() - started) * 1000)
                if failure is not None:
                    seen.failures[f"{phase}: {failure}"] += 1
                if failure in ("LineLost", "NoTurnEnd"):
                    break


async def _failure(page: WorkerClient, text: str, fallbacks: Fallbacks) -> str | None:
    try:
        bubbles = await page.say(text)
    except (LineLost, NoTurnEnd, Refused) as error:
        return type(error).__name__
    if not bubbles:
        return "nothing said"
    return "safe line" if any(fallbacks.kind_of(bubble) == "safe_line" for bubble in bubbles) else None


if __name__ == "__main__":
    main()
