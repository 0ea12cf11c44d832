"""Rasa's own processes: parsing, training, proving and validating never run inside ours."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from bot.domain.errors import RasaUnavailable
from bot.settings import ROOT, child_environ

_LINE_BYTES = 64 * 2**20  # a proof's figures come as one line
_LOOK_SECONDS = 0.5
_CANCEL_SECONDS = 10.0

_START_SECONDS = 180.0  # Rasa's import, on a busy machine
_CHECK_SECONDS = 60.0
_IDLE_SECONDS = 15 * 60.0
_END_SECONDS = 5.0

WORDS = {
    "cancelled": "已取消。",
    "memory": "用的内存超过了 {limit} MB 的上限，已停下。可以少放一些例句，或请管理员调高 TRAINING_MEMORY_MB。",
    "crashed": "程序中途停了，没有产生任何结果，正在使用的模型不受影响。请再试一次；还不行，请管理员看这次的日志。",
}


def run_nlu(command: str, *arguments: str) -> int:
    """Run `python -m bot.nlu.<command>` with our stdin and stdout; gives its exit code."""
    call = [sys.executable, "-m", f"bot.nlu.{command}", *arguments]
    return subprocess.run(call, cwd=ROOT, env=nlu_environ(), check=False).returncode


def nlu_environ() -> dict[str, str]:
    """The environment in which a module of bot.nlu finds ours, in whatever folder it works."""
    return child_environ({"PYTHONPATH": str(ROOT)})


@dataclass(frozen=True)
class JobOutcome:
    """How a job ended: its result, or the code and the Chinese sentence of what stopped it."""

    result: dict[str, Any] | None
    error: str | None = None
    message: str | None = None


async def run_nlu_job(
    module: str,
    arguments: Sequence[str],
    log: Path,
    on_progress: Callable[[str, float], None],
    memory_mb: float,
    is_cancelled: Callable[[], bool],
) -> JobOutcome:
    """Run `python -m bot.nlu.<module> <arguments> --progress` to its end, as a group of processes that ends with this one.

    `on_progress` gets each phase with its progress from 0 to 1. The process is stopped when `is_cancelled` says so (asked twice a
    second), when it takes more than `memory_mb`, and when this call is cancelled; its log is appended to the file `log`.
    """
    command = [sys.executable, "-m", f"bot.nlu.{module}", *arguments, "--progress"]
    return await run_command(command, log, on_progress, memory_mb, is_cancelled)


async def run_command(
    command: Sequence[str],
    log: Path,
    on_progress: Callable[[str, float], None],
    memory_mb: float,
    is_cancelled: Callable[[], bool],
) -> JobOutcome:
    """`run_nlu_job` for any command that writes such lines."""
    async with _leashed(command, log) as process:
        watching = asyncio.ensure_future(_watch(process.pid, memory_mb, is_cancelled))
        reading = asyncio.ensure_future(_read(process, on_progress))
        try:
            await asyncio.wait({watching, reading}, return_when=asyncio.FIRST_COMPLETED)
            if watching.done() and not reading.done():
                code = watching.result()
                return JobOutcome(None, code, WORDS[code].format(limit=f"{memory_mb:g}"))
            last = await reading
            await process.wait()
        finally:
            watching.cancel()
            reading.cancel()
            await asyncio.gather(watching, reading, return_exceptions=True)
    if last is None:
        return JobOutcome(None, "crashed", WORDS["crashed"])
    if "error" in last:
        return JobOutcome(None, str(last["error"]), str(last.get("message") or WORDS["crashed"]))
    return JobOutcome(last)


@contextlib.asynccontextmanager
async def _leashed(command: Sequence[str], log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The command under bot.leash, in a group of its own that is gone when this is left."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as lines:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.leash", *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=lines,
            cwd=ROOT, env=nlu_environ(), start_new_session=True, limit=_LINE_BYTES,
        )  # fmt: skip
    try:
        yield process
    finally:
        await end_group(process, _CANCEL_SECONDS)


async def end_group(process: asyncio.subprocess.Process, patience_seconds: float) -> None:
    """End a process that leads its group, and the whole group with it: first asked, then killed."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(process.wait(), patience_seconds)
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS: a group of the dead is not permitted
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


async def _read(process: asyncio.subprocess.Process, on_progress: Callable[[str, float], None]) -> dict[str, Any] | None:
    """The last line that is no progress, or None when none came."""
    assert process.stdout is not None
    last: dict[str, Any] | None = None
    async for raw in process.stdout:
        with contextlib.suppress(ValueError, TypeError):
            line = json.loads(raw)
            if isinstance(line, dict) and "phase" in line:
                on_progress(str(line["phase"]), float(line["progress"]))
            elif isinstance(line, dict):
                last = line
    return last


async def _watch(pid: int, memory_mb: float, is_cancelled: Callable[[], bool]) -> str:
    """Gives the reason to stop, once there is one."""
    while True:
        if is_cancelled():
            return "cancelled"
        if _resident_mb(pid) > memory_mb:
            return "memory"
        await asyncio.sleep(_LOOK_SECONDS)


def _resident_mb(pid: int) -> float:
    """Resident memory of a process and all below it."""
    total = 0
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        for each in [process, *process.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                total += each.memory_info().rss
    return total / 2**20


class Validator:
    """One warm process that checks projects with Rasa's own eyes: started at the first check, ended when nobody asks any more.

    Checks are answered in the order they came. One that does not answer in time, or a process that dies, costs that check; the next
    one starts the process again.
    """

    def __init__(
        self,
        command: Sequence[str] = (sys.executable, "-m", "bot.nlu.validate", "--lines"),
        *,
        check_seconds: float = _CHECK_SECONDS,
        idle_seconds: float = _IDLE_SECONDS,
    ) -> None:
        self._command = command
        self._check_seconds = check_seconds
        self._idle_seconds = idle_seconds
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._idle: asyncio.Task[None] | None = None

    async def check(self, project: Path) -> list[dict[str, Any]]:
        """The issues of this folder (docs/studio.md, `check`); raises RasaUnavailable when there is no answer."""
        folder = os.path.abspath(project)  # noqa: ASYNC240 - looks at the text only
        async with self._turn:
            self._stop_waiting()
            try:
                process = await self._ready()
                answer = await asyncio.wait_for(_ask(process, folder), self._check_seconds)
            except (asyncio.TimeoutError, asyncio.CancelledError, OSError, ValueError) as error:
                await self._end()  # what it would still say must not answer the next check
                if isinstance(error, asyncio.CancelledError):
                    raise
                raise RasaUnavailable(type(error).__name__, reader_text=_NO_ANSWER) from error
            self._idle = asyncio.ensure_future(self._end_when_idle())
        if "issues" not in answer:
            raise RasaUnavailable("check failed", reader_text=_NO_ANSWER)
        return list(answer["issues"])

    async def warm_up(self) -> None:
        """Start the process, so that the first check need not wait for it."""
        async with self._turn:
            self._stop_waiting()
            with contextlib.suppress(asyncio.TimeoutError, OSError, ValueError):
                await self._ready()
            self._idle = asyncio.ensure_future(self._end_when_idle())

    async def close(self) -> None:
        """End the process; a later check would start it again."""
        async with self._turn:
            self._stop_waiting()
            await self._end()

    async def _ready(self) -> asyncio.subprocess.Process:
        if self._process is not None and self._process.returncode is None:
            return self._process
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=nlu_environ(), start_new_session=True,
            limit=_LINE_BYTES,
        )  # fmt: skip
        await asyncio.wait_for(_answer_of(self._process), _START_SECONDS)
        return self._process

    async def _end_when_idle(self) -> None:
        await asyncio.sleep(self._idle_seconds)
        async with self._turn:
            self._idle = None
            await self._end()

    def _stop_waiting(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await end_group(process, _END_SECONDS)


_NO_ANSWER = "检查程序没有答上来，请再试一次；草稿没有丢。"


async def _ask(process: asyncio.subprocess.Process, project: str) -> dict[str, Any]:
    """One line to the validator and its answer."""
    assert process.stdin is not None
    asked = {"id": uuid.uuid4().hex, "project": project}
    process.stdin.write(json.dumps(asked).encode() + b"\n")
    await process.stdin.drain()
    answer = await _answer_of(process)
    if answer.get("id") != asked["id"]:
        raise ValueError("an answer to something else")
    return answer


async def _answer_of(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None
    line = await process.stdout.readline()
    answer = json.loads(line)
    if not isinstance(answer, dict):
        raise ValueError("no answer")
    return answer
