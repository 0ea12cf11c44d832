"""A whole system of its own for a candidate: gateway, actions and Rasa in a temporary folder, gone when the proof is over."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp

from bot.domain.errors import RasaUnavailable
from bot.rasa_jobs import end_group
from bot.rehearsal.fault_words import faults_of
from bot.rehearsal.personas import Persona, Verdict, load_personas, rehearse
from bot.rehearsal.talk import side_by_side
from bot.services import archives
from bot.settings import ROOT, SETTINGS, child_environ, read_settings

log = logging.getLogger(__name__)
READY_SECONDS = 600.0  # half a minute alone; minutes while a training, the live model and the pages share two cores
ANSWER_SECONDS = 60.0
_LOOK_SECONDS = 0.5
_END_SECONDS = 10.0
_AT_ONCE = 3
_NOT_READY = "验证用的整套程序没有启动成功，这次验证不算数，请再试一次。"
_COMMANDS = {"gateway": ("-m", "bot", "serve"), "actions": ("-m", "actions.server")}


def free_port() -> int:
    """A port of the loopback that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def ground_environ(folder: Path, ports: Mapping[str, int]) -> dict[str, str]:
    """The settings of a system in this folder, with secrets of its own and nothing of this process's: no robot is called, no slot started."""
    made = {name: secrets.token_hex(20) for name in ("XINYI_SESSION_SECRET", "XINYI_RASA_TOKEN", "XINYI_ACTIONS_TOKEN")}
    return {
        **{setting.name: "" for setting in SETTINGS}, **made, **{name: str(port) for name, port in ports.items()},
        "VAR_DIR": str(folder), "KEY_RING": str(folder / "keys.json"), "DATABASE_URL": f"sqlite:///{folder}/xinyi.db",
        "MODELS_DIR": str(read_settings().models_dir), "RATE_MESSAGES": "1000", "RASA_TIMEOUT_SECONDS": f"{ANSWER_SECONDS:g}",
        "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1",
    }  # fmt: skip


@contextlib.asynccontextmanager
async def proving_ground(
    archive: Path, project: Path, on_progress: Callable[[float], None] | None = None
) -> AsyncIterator[str]:
    """The origin of a running system that serves `archive` with the content of `project`; `on_progress` gets 0 to 1 until it is ready.

    Each process is bound to this one by bot.leash: it ends with this context, and with this process even when that is killed. Raises
    RasaUnavailable when one of them does not come up.
    """
    unfit = archives.look(archive.parent, archive.name).unfit  # Rasa itself would start without a model and never be ready
    if unfit is not None:
        raise RasaUnavailable("unfit", reader_text=unfit)
    ports = {name: free_port() for name in ("PORT", "RASA_PORT", "ACTIONS_PORT")}
    with tempfile.TemporaryDirectory(prefix="xinyi-proof-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        content = project / "content"
        environ = ground_environ(folder, ports)
        environ["CONTENT_DIR"] = str(content if (content / "safety_messages.yml").is_file() else ROOT / "content")
        commands = {**_COMMANDS, "rasa": ("-m", "bot.nlu.serve", "--model", str(archive))}
        origin = f"http://127.0.0.1:{ports['PORT']}"
        async with contextlib.AsyncExitStack() as stack:
            await _migrate(environ)
            started = {
                each: await stack.enter_async_context(_bound(command, environ, folder / f"{each}.log"))
                for each, command in commands.items()
            }
            await _wait_ready(origin, started, on_progress or _silent)
            yield origin


async def personas(archive: Path, project: Path, on_progress: Callable[[str, float], None]) -> list[dict[str, Any]]:
    """Every persona of the project's tests/dialogue/safety talks to this archive; gives `{"id", "who", "faults", "checks"}` of each.

    One with a fault is heard once more, for Rasa takes its wordings at random: a gap in what must be said shows in both talks.
    """
    cast = load_personas(project / "tests" / "dialogue" / "safety")
    on_progress("personas", 0.0)
    async with proving_ground(archive, project, lambda share: on_progress("personas", share * 0.2)) as origin:
        heard = await _hear(cast, origin, lambda share: on_progress("personas", 0.2 + share * 0.6))
        again = [verdict.persona for verdict in heard.values() if verdict.faults]
        heard.update(await _hear(again, origin, lambda share: on_progress("personas", 0.8 + share * 0.2)))
    on_progress("personas", 1.0)
    return [_as_json(heard[persona.id]) for persona in cast]


async def _hear(cast: Sequence[Persona], origin: str, on_progress: Callable[[float], None]) -> dict[str, Verdict]:
    found: dict[str, Verdict] = {}

    async def one(persona: Persona) -> None:
        (verdict,) = await rehearse([persona], origin, patience_seconds=ANSWER_SECONDS)
        found[persona.id] = verdict
        log.info("persona %s: %d faults", persona.id, len(verdict.faults))
        on_progress(len(found) / len(cast))

    await side_by_side(one, cast, _AT_ONCE)
    return found


def _as_json(verdict: Verdict) -> dict[str, Any]:
    faults = faults_of(verdict)
    return {
        "id": verdict.persona.id,
        "who": verdict.persona.shown or verdict.persona.who,
        "faults": list(faults.values()),
        "checks": list(faults),
    }


async def _migrate(environ: Mapping[str, str]) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "db", "upgrade", env=child_environ(environ), cwd=ROOT, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    if await process.wait() != 0:
        raise RasaUnavailable("the proving ground's database can't be made", reader_text=_NOT_READY)


@contextlib.asynccontextmanager
async def _bound(
    command: Sequence[str], environ: Mapping[str, str], log_file: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process under bot.leash, which ends with us."""
    with log_file.open("ab") as lines:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.leash", sys.executable, *command, stdin=subprocess.PIPE, stdout=lines, stderr=lines,
            cwd=ROOT, env=child_environ(environ), start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        await end_group(process, _END_SECONDS)


async def _wait_ready(
    origin: str, started: Mapping[str, asyncio.subprocess.Process], on_progress: Callable[[float], None]
) -> None:
    began = asyncio.get_running_loop().time()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as http:
        while (waited := asyncio.get_running_loop().time() - began) < READY_SECONDS:
            gone = [name for name, process in started.items() if process.returncode is not None]
            if gone:
                raise RasaUnavailable(f"{', '.join(gone)} ended", reader_text=_NOT_READY)
            with contextlib.suppress(aiohttp.ClientError, asyncio.TimeoutError):
                async with http.get(f"{origin}/readyz") as answer:
                    if answer.status == 200:
                        return
            on_progress(waited / READY_SECONDS)
            await asyncio.sleep(_LOOK_SECONDS)
    raise RasaUnavailable(f"not ready after {READY_SECONDS:g} s", reader_text=_NOT_READY)


def _silent(_share: float) -> None:
    return None
