"""The processes that are measured, ours and stock Rasa's, on free ports and in a folder of their own."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
_PATIENCE_SECONDS = 300.0
_SECRETS = {name: name.lower()[0] * 40 for name in ("XINYI_SESSION_SECRET", "XINYI_RASA_TOKEN", "XINYI_ACTIONS_TOKEN")}


class Processes:
    """Commands started together and ended together; `base` is where the first one listens."""

    def __init__(self, folder: Path, base: str, commands: dict[str, list[str]], environ: dict[str, str]) -> None:
        self.base = base
        self._folder = folder
        self._commands = commands
        self.environ = {**os.environ, **environ, "RASA_TELEMETRY_ENABLED": "false", "PYTHONPATH": str(ROOT)}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Processes:
        for name in self._commands:
            self.start(name)
        return self

    def __exit__(self, *_error: object) -> None:
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()

    def start(self, name: str) -> None:
        """Start one of the commands; its log goes on."""
        with (self._folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(self._commands[name], cwd=ROOT, env=self.environ, stdout=log, stderr=log)

    def kill(self, name: str) -> None:
        """End one process at once, as a machine that fails does."""
        self._running[name].kill()
        self._running[name].wait(timeout=20)

    def wait_http(self, path: str, started: float) -> float:
        """Seconds from `started` until this path answers at all."""
        return self._wait(path, started, "")

    def wait_ready(self, started: float) -> float:
        """Seconds from `started` until /readyz says so."""
        return self._wait("/readyz", started, '"ready": true')

    def _wait(self, path: str, started: float, wanted: str) -> float:
        while time.perf_counter() - started < _PATIENCE_SECONDS:
            try:
                with urllib.request.urlopen(self.base + path, timeout=5) as answer:
                    if wanted in answer.read().decode("utf-8", "replace"):
                        return time.perf_counter() - started
            except (urllib.error.URLError, OSError):
                pass
            time.sleep(0.1)
        raise SystemExit(f"{self.base}{path} did not answer: see {self._folder}")

    def memory(self) -> str:
        sizes = {}
        for name, process in self._running.items():
            family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
            sizes[name] = sum(each.memory_info().rss for each in family) / 2**20
        return ", ".join(f"{name} {size:.0f} MB" for name, size in sizes.items()) + f"; together {sum(sizes.values()):.0f} MB"


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def our_processes(folder: Path) -> Processes:
    """Gateway, Rasa with the newest model, action server, over a fresh SQLite database."""
    ports = {name: str(_free_port()) for name in ("PORT", "RASA_PORT", "ACTIONS_PORT")}
    environ = {
        **ports, **_SECRETS, "VAR_DIR": str(folder), "KEY_RING": str(folder / "keys.json"),
        "DATABASE_URL": f"sqlite:///{folder}/xinyi.db", "RATE_MESSAGES": "1000", "OMP_NUM_THREADS": "1",
        "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "RASA_TIMEOUT_SECONDS": "60",
    }  # fmt: skip
    call = [sys.executable, "-m", "bot", "db", "upgrade"]
    subprocess.run(call, cwd=ROOT, env={**os.environ, **environ}, check=True, stderr=subprocess.DEVNULL)
    commands = {
        "gateway": [sys.executable, "-m", "bot", "serve"],
        "rasa": [sys.executable, "-m", "bot.nlu.serve"],
        "actions": [sys.executable, "-m", "actions.server"],
    }
    return Processes(folder, f"http://127.0.0.1:{ports['PORT']}", commands, environ)


def stock_archive() -> tuple[Path, float]:
    """Stock Rasa trained on the same data, once for each state of the data; gives the archive and the seconds it took."""
    digest = hashlib.sha256()
    for path in sorted([*(ROOT / "data").rglob("*.yml"), ROOT / "domain.yml", ROOT / "bench" / "stock" / "config.yml"]):
        digest.update(path.read_bytes())
    kept = ROOT / "var" / "bench" / digest.hexdigest()[:16]
    note = kept / "seconds.json"
    if not note.exists():
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        started = time.perf_counter()
        rasa = str(Path(sys.executable).parent / "rasa")
        call = [rasa, "train", "--config", "bench/stock/config.yml", "--out", str(kept), "--fixed-model-name", "stock"]
        with (kept / "train.log").open("wb") as log:
            environ = {**os.environ, "RASA_TELEMETRY_ENABLED": "false"}
            subprocess.run(call, cwd=ROOT, env=environ, check=True, stdout=log, stderr=log)
        note.write_text(json.dumps(time.perf_counter() - started))
    return kept / "stock.tar.gz", float(json.loads(note.read_text()))


def stock_processes(folder: Path, archive: Path) -> Processes:
    """Stock Rasa over REST with its own SQLite tracker; custom actions are served as ours are."""
    rasa_port, actions_port = str(_free_port()), str(_free_port())
    environ = {**_SECRETS, "ACTIONS_PORT": actions_port, "STOCK_DB": str(folder / "stock.db"), "VAR_DIR": str(folder)}
    credentials = folder / "credentials.yml"
    credentials.write_text("rest:\n")
    rasa = str(Path(sys.executable).parent / "rasa")
    serve = [rasa, "run", "-m", str(archive), "-p", rasa_port, "-i", "127.0.0.1", "--credentials", str(credentials)]
    commands = {
        "rasa": [*serve, "--endpoints", str(ROOT / "bench" / "stock" / "endpoints.yml")],
        "actions": [sys.executable, "-m", "actions.server"],
    }
    return Processes(folder, f"http://127.0.0.1:{rasa_port}", commands, environ)
