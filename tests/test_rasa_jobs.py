"""A job is a process of its own: its progress is told, it can be stopped, and it never outlives who started it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from bot.domain.errors import RasaUnavailable
from bot.rasa_jobs import JobOutcome, Validator, run_command

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


# --- the warm validator --------------------------------------------------------------------------------------------------------

_ANSWERS = """
import json, os, pathlib, sys, time
print('{"ready": true}', flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    name = pathlib.Path(asked["project"]).name
    if name == "dies":
        os._exit(1)
    if name == "hangs":
        time.sleep(600)
    if name == "fails":
        print(json.dumps({"id": asked["id"], "error": "failed"}), flush=True)
        continue
    print(json.dumps({"id": asked["id"], "issues": [{"code": name, "pid": os.getpid()}]}), flush=True)
"""


@contextlib.asynccontextmanager
async def _validator(**limits: float) -> AsyncIterator[Validator]:
    validator = Validator([sys.executable, "-c", _ANSWERS], **limits)
    try:
        yield validator
    finally:
        await validator.close()


async def test_checks_are_answered_in_order_by_one_process() -> None:
    async with _validator() as validator:
        found = await asyncio.gather(*(validator.check(Path(name)) for name in ("a", "b", "c")))
    assert [issues[0]["code"] for issues in found] == ["a", "b", "c"]
    assert len({issues[0]["pid"] for issues in found}) == 1


@pytest.mark.parametrize("name", ["dies", "hangs"])
async def test_a_validator_that_dies_or_hangs_costs_one_check(name: str) -> None:
    async with _validator(check_seconds=1.0) as validator:
        before = (await validator.check(Path("a")))[0]["pid"]
        with pytest.raises(RasaUnavailable) as told:
            await validator.check(Path(name))
        assert "草稿没有丢" in told.value.reader_text
        assert _is_gone(before)
        assert (await validator.check(Path("b")))[0]["code"] == "b"


async def test_a_check_that_failed_is_no_list_of_issues_and_the_process_stays() -> None:
    async with _validator() as validator:
        before = (await validator.check(Path("a")))[0]["pid"]
        with pytest.raises(RasaUnavailable):
            await validator.check(Path("fails"))
        assert (await validator.check(Path("b")))[0]["pid"] == before


async def test_a_validator_that_nobody_asks_ends_and_starts_again_when_asked() -> None:
    async with _validator(idle_seconds=0.05) as validator:
        before = (await validator.check(Path("a")))[0]["pid"]
        assert await asyncio.to_thread(_is_gone, before)
        assert (await validator.check(Path("b")))[0]["pid"] != before


async def test_a_check_given_up_does_not_answer_the_next() -> None:
    async with _validator() as validator:
        await validator.check(Path("a"))
        given_up = asyncio.ensure_future(validator.check(Path("hangs")))
        await asyncio.wait({given_up}, timeout=0.2)
        given_up.cancel()
        await asyncio.gather(given_up, return_exceptions=True)
        assert (await validator.check(Path("b")))[0]["code"] == "b"


async def test_closing_ends_the_process() -> None:
    async with _validator() as validator:
        pid = (await validator.check(Path("a")))[0]["pid"]
    assert _is_gone(pid)
