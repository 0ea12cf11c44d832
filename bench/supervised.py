"""The whole system as `make run` starts it, under supervisord, on free ports and in a folder of its own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import psutil

from bot.services import archives
from bot.settings import ROOT, read_settings

_PATIENCE_SECONDS = 600.0
_STOP_SECONDS = 40.0


class Supervised:
    """deploy/start.py with a database, models and logs below `folder`; stop it by leaving."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.folder = folder
        self.models_dir = folder / "models"
        first = three_free_ports()
        ports = {"RASA_PORT": str(first), "PORT": str(_free_port()), "ACTIONS_PORT": str(_free_port())}
        self.base = f"http://127.0.0.1:{ports['PORT']}"
        self.environ = {
            **os.environ, **ports, "VAR_DIR": str(folder), "KEY_RING": str(folder / "keys.json"), "PYTHONPATH": str(ROOT),
            "DATABASE_URL": f"sqlite:///{folder}/xinyi.db", "MODELS_DIR": str(self.models_dir), "RATE_MESSAGES": "1000",
            "RASA_TELEMETRY_ENABLED": "false", **environ,
        }  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Supervised:
        self.models_dir.mkdir(parents=True, exist_ok=True)
        kept = read_settings().models_dir
        newest = archives.newest_made(kept)
        if newest is None:
            raise SystemExit("no model: run `make model` first")
        for path in (kept / newest, archives.note_of(kept / newest), *kept.glob("risk-*.joblib"), *kept.glob("vectors.npz")):
            shutil.copy2(path, self.models_dir / path.name)
        self.run("db", "upgrade")
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    @property
    def made(self) -> str:
        """The archive that slot 0 serves before anything is published."""
        return str(archives.newest_made(self.models_dir))

    def start(self) -> None:
        with (self.folder / "start.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(ROOT / "deploy" / "start.py")], cwd=ROOT, env=self.environ, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def stop(self) -> None:
        """As Ctrl-C does; whatever is left after a while is killed."""
        if self._process is None:
            return
        family = self._family()
        self._process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=_STOP_SECONDS)
        for each in family:
            with contextlib.suppress(psutil.Error):
                each.kill()
        self._process.wait(timeout=_STOP_SECONDS)
        self._process = None

    def run(self, *arguments: str, typed: str | None = None) -> str:
        """Stdout of `python -m bot ...`; raises when it fails."""
        call = [sys.executable, "-m", "bot", *arguments]
        done = subprocess.run(call, cwd=ROOT, env=self.environ, capture_output=True, text=True, input=typed, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{arguments}: {done.stderr[-600:]}")
        return done.stdout

    def ready(self) -> dict[str, Any]:
        """What /readyz says; empty while nothing answers."""
        try:
            with urllib.request.urlopen(f"{self.base}/readyz", timeout=5) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            return dict(json.load(error))
        except (OSError, ValueError):
            return {}

    def wait_ready(self, **wanted: Any) -> None:
        """Poll /readyz until it is ready and these facts hold."""
        end = time.monotonic() + _PATIENCE_SECONDS
        wanted = {"ready": True, **wanted}
        while time.monotonic() < end:
            found = self.ready()
            if all(found.get(name) == value for name, value in wanted.items()):
                return
            time.sleep(0.3)
        raise AssertionError(f"not ready: {self.ready()}, see {self.folder}: {self.log('rasa-0')[-400:]}")

    def log(self, name: str) -> str:
        """The log of one program so far."""
        path = self.folder / "logs" / f"{name}.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def processes(self, *words: str) -> list[psutil.Process]:
        """Ours whose command line has all these words."""
        found = []
        for each in self._family():
            with contextlib.suppress(psutil.Error):
                if set(words) <= set(each.cmdline()):
                    found.append(each)
        return found

    def memory_mb(self) -> float:
        """Resident memory of all of it together."""
        total = 0
        for each in self._family():
            with contextlib.suppress(psutil.Error):
                total += each.memory_info().rss
        return total / 2**20

    def _family(self) -> list[psutil.Process]:
        if self._process is None:
            return []
        with contextlib.suppress(psutil.Error):
            root = psutil.Process(self._process.pid)
            return [root, *root.children(recursive=True)]
        return []


def three_free_ports() -> int:
    """The first of three ports in a row that nothing listens on."""
    while True:
        first = _free_port()
        with contextlib.suppress(OSError), contextlib.ExitStack() as held:
            for port in range(first, first + 3):
                held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
