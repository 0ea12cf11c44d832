"""A job is a process of its own: its progress is told, it can be stopped, and it never outlives who started it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from bot.rasa_jobs import JobOutcome, run_command

_NEVER: Callable[[], bool] = lambda: False  # noqa: E731
_FOREVER = "import os, sys, time; print(os.getpid(), file=sys.stderr, flush=True); time.sleep(600)"


async def _run(
    script: str, folder: Path, *, memory_mb: float = 2000, is_cancelled: Callable[[], bool] = _NEVER
) -> tuple[JobOutcome, list[tuple[str, float]]]:
    told: list[tuple[str, float]] = []
    command = [sys.executable, "-c", script]
    outcome = await run_command(command, folder / "job.log", lambda *each: told.append(each), memory_mb, is_cancelled)
    return outcome, told


def _pid(log: Path) -> int:
    """The number that the job wrote into its log, once it has."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if log.exists() and log.read_text("utf-8").endswith("\n"):
            return int(log.read_text("utf-8").split()[0])
    raise AssertionError("the job never started")


def _is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).wait(timeout=20) is None or True
    except psutil.NoSuchProcess:
        return True


async def test_progress_is_told_and_the_last_line_is_the_result(tmp_path: Path) -> None:
    script = """if True:
        print('{"phase": "reading", "progress": 0.25}')
        print('noise of a library')
        print('{"phase": "packing", "progress": 1}')
        print('{"archive": "a.tar.gz"}')
    """
    outcome, told = await _run(script, tmp_path)
    assert outcome == JobOutcome({"archive": "a.tar.gz"})
    assert told == [("reading", 0.25), ("packing", 1.0)]


async def test_an_error_comes_with_its_chinese_sentence(tmp_path: Path) -> None:
    outcome, _ = await _run("""print('{"error": "no_examples", "message": "没有例句。"}'); raise SystemExit(1)""", tmp_path)
    assert outcome == JobOutcome(None, "no_examples", "没有例句。")


async def test_a_process_that_dies_without_a_word_is_an_error_too(tmp_path: Path) -> None:
    outcome, _ = await _run("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", tmp_path)
    assert outcome.error == "crashed"
    assert outcome.message is not None
    assert "正在使用的模型不受影响" in outcome.message


async def test_a_cancelled_job_is_gone(tmp_path: Path) -> None:
    log = tmp_path / "job.log"
    outcome, _ = await _run(_FOREVER, tmp_path, is_cancelled=lambda: log.exists() and log.read_text("utf-8").endswith("\n"))
    assert outcome.error == "cancelled"
    assert not psutil.pid_exists(_pid(log))


async def test_a_job_that_will_not_end_is_killed_with_what_it_started(tmp_path: Path) -> None:
    deaf = "import signal, subprocess, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); subprocess.run([sys.executable, '-c', %r])"
    log = tmp_path / "job.log"
    stubborn = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + _FOREVER
    outcome, _ = await _run(deaf % stubborn, tmp_path, is_cancelled=lambda: log.exists() and "\n" in log.read_text("utf-8"))
    assert outcome.error == "cancelled"
    assert _is_gone(_pid(log))


async def test_a_job_that_takes_too_much_memory_is_stopped_and_says_so(tmp_path: Path) -> None:
    outcome, _ = await _run("kept = bytearray(300 * 2**20); import time; time.sleep(600)", tmp_path, memory_mb=200)
    assert outcome.error == "memory"
    assert outcome.message is not None
    assert "200 MB" in outcome.message


async def test_a_call_that_is_cancelled_takes_its_job_along(tmp_path: Path) -> None:
    running = asyncio.ensure_future(_run(_FOREVER, tmp_path))
    pid = await asyncio.to_thread(_pid, tmp_path / "job.log")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert _is_gone(pid)


def test_a_job_ends_with_a_killed_parent(tmp_path: Path) -> None:
    script = f"""if True:
        import asyncio, sys
        from pathlib import Path
        from bot.rasa_jobs import run_command
        command = [sys.executable, "-c", {_FOREVER!r}]
        asyncio.run(run_command(command, Path({str(tmp_path)!r}) / "job.log", print, 2000, lambda: False))
    """
    root = str(Path(__file__).parents[1])
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=root, env={**os.environ, "PYTHONPATH": root})
    pid = _pid(tmp_path / "job.log")
    parent.kill()
    parent.wait()
    assert _is_gone(pid)
