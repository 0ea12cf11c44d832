"""Starts the processes under supervisord and says, in plain lines, how far they are; Ctrl-C ends all of them."""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bot.domain.errors import SettingError  # noqa: E402 - the project's root must be on the path first
from bot.settings import child_environ, read_settings  # noqa: E402

_SOCKET = "supervisor.sock"
_LONGEST_SOCKET = 90  # bytes; a unix socket's path ends at 104 (macOS), and supervisord binds a longer name first
_LOGS = ("gateway", "rasa-0", "actions", "studio", "supervisord")
_SECRETS = ("XINYI_SESSION_SECRET", "XINYI_RASA_TOKEN", "XINYI_ACTIONS_TOKEN")


def main() -> None:
    try:
        settings = read_settings()
    except SettingError as error:
        sys.exit(f"setting {error}")
    logs = settings.var_dir / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    environment = child_environ(
        {
            **_made_secrets(settings.var_dir / "secrets"),
            "ACTIONS_PORT": str(settings.actions_port),
            "RASA_PORT": str(settings.rasa_port),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "XINYI_ROOT": str(ROOT),
            "XINYI_LOGS": str(logs),
            "XINYI_SUPERVISOR": str(socket_folder(settings.var_dir) / _SOCKET),
            "XINYI_PYTHON": sys.executable,
            "XINYI_USER": pwd.getpwuid(os.getuid()).pw_name,
        }
    )
    command = [str(Path(sys.executable).parent / "supervisord"), "-n", "-c", str(ROOT / "deploy" / "supervisord.conf")]
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    signal.signal(signal.SIGTERM, lambda *_: process.send_signal(signal.SIGTERM))
    base = f"http://{settings.host}:{settings.port}"
    print(f"页面   {base}/")
    print(f"接待台 {base}/console（第一个管理员：.venv/bin/python -m bot accounts create 名字 --role admin --shown-name 称呼）")
    for name in _LOGS:
        print(f"日志   {logs / name}.log")
    sys.exit(_watch(process, base))


def _made_secrets(folder: Path) -> dict[str, str]:
    """Secrets from the environment, else from files of mode 0600 made at first start."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    found: dict[str, str] = {}
    for name in _SECRETS:
        path = folder / name.lower()
        if not os.environ.get(name) and not path.exists():
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48))
        found[name] = os.environ.get(name) or path.read_text().strip()
    return found


def socket_folder(var_dir: Path) -> Path:
    """Where supervisord listens: a folder that only we may enter, below VAR_DIR unless that is too long for a socket."""
    folder = var_dir / "run"
    if len(os.fsencode(folder / _SOCKET)) > _LONGEST_SOCKET:
        name = hashlib.sha256(os.fsencode(var_dir)).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"xinyi-{os.getuid()}-{name}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.stat().st_uid != os.getuid() or folder.is_symlink():
        sys.exit(f"{folder} belongs to somebody else: remove it, or choose a shorter VAR_DIR")
    folder.chmod(0o700)
    return folder


def _watch(process: subprocess.Popen[bytes], base: str) -> int:
    """Print what changes until supervisord ends; gives its exit code."""
    said = ""
    started = time.monotonic()
    try:
        while process.poll() is None:
            line = _state(base)
            if line != said:
                print(f"[{time.monotonic() - started:5.1f} s] {line}", flush=True)
                said = line
            time.sleep(0.5 if not said.startswith("就绪") else 5)
    except KeyboardInterrupt:
        process.wait(timeout=30)
    return 0 if process.returncode in (0, -signal.SIGINT, -signal.SIGTERM) else int(process.returncode or 1)


def _state(base: str) -> str:
    try:
        with urllib.request.urlopen(f"{base}/readyz", timeout=2) as answer:
            body = json.load(answer)
    except urllib.error.HTTPError as error:
        body = json.load(error)
    except (OSError, ValueError):
        return "网关还没有应答"
    rasa = "就绪" if body.get("rasa") else "加载中（页面已能用，先给稳妥的回答）"
    word = "就绪" if body.get("ready") else "启动中"
    return f"{word}：数据库 {'就绪' if body.get('database') else '不可用'}，Rasa {rasa}，风险筛查 {body.get('screen')}"


if __name__ == "__main__":
    main()
