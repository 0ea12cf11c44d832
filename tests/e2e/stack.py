"""The real thing on free ports in a folder of its own: gateway, Rasa and action server as processes that can be killed."""

from __future__ import annotations

import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from bot.channels.client import WorkerClient
from bot.rehearsal.proving_ground import free_port, ground_environ
from bot.settings import child_environ

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 150.0
ANSWER_SECONDS = 45.0


HOST_SITE_PORT = free_port()  # where the test of the widget puts somebody else's site


class Stack:
    """Starts the three processes by the same commands as deploy/supervisord.conf."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.folder = folder
        self.port, self.rasa_port, self.actions_port = free_port(), free_port(), free_port()
        ports = {"PORT": self.port, "RASA_PORT": self.rasa_port, "ACTIONS_PORT": self.actions_port}
        self.environ = {
            **child_environ(ground_environ(folder, ports)), "RASA_TIMEOUT_SECONDS": "20",
            "XINYI_SESSION_SECRET": "s" * 40, "XINYI_RASA_TOKEN": "r" * 40, "XINYI_ACTIONS_TOKEN": "a" * 40, **environ,
        }  # fmt: skip
        self.commands = {
            "gateway": ["-m", "bot", "serve"],
            "rasa": ["-m", "bot.nlu.serve"],
            "actions": ["-m", "actions.server"],
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, *arguments: str, typed: str | None = None) -> str:
        call = [sys.executable, *arguments]
        done = subprocess.run(call, env=self.environ, cwd=ROOT, capture_output=True, check=True, text=True, input=typed)
        return done.stdout

    def start(self, *names: str) -> None:
        for name in names or tuple(self.commands):
            with (self.folder / f"{name}.log").open("ab") as log:
                self.processes[name] = subprocess.Popen(
                    [sys.executable, *self.commands[name]], env=self.environ, cwd=ROOT, stdout=log, stderr=log
                )

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        self.processes[name].send_signal(how)
        if how in (signal.SIGKILL, signal.SIGTERM):
            self.processes[name].wait(timeout=30)

    def stop(self) -> None:
        for process in self.processes.values():
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
                process.kill()
        for process in self.processes.values():
            process.wait(timeout=30)

    def readiness(self) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(f"{self.origin}/readyz", timeout=5) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            return dict(json.load(error))
        except OSError:
            return {}

    def wait_for(self, **wanted: Any) -> None:
        """Poll /readyz until these facts hold."""
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            found = self.readiness()
            if found and all(found.get(name) == value for name, value in wanted.items()):
                return
            time.sleep(0.3)
        tails = {name: (self.folder / f"{name}.log").read_text("utf-8", "replace")[-600:] for name in self.processes}
        raise AssertionError(f"not ready: {self.readiness()} {tails}")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(f"file:{self.folder}/xinyi.db?mode=ro", uri=True) as connection:
            return list(connection.execute(query))


class WorkerPage(WorkerClient):
    """A page without a browser on this stack."""

    def __init__(self, stack: Stack, token: str | None = None) -> None:
        super().__init__(stack.origin, token, patience_seconds=ANSWER_SECONDS)
