"""The proving ground ends whatever happens, touches nothing of the house's own, and tells faults in Chinese."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from model_ground import write_archive

from bot.domain.errors import RasaUnavailable
from bot.domain.risk import RiskLevel
from bot.rehearsal.fault_words import WORDS, faults_of
from bot.rehearsal.personas import LEVEL, Persona, Verdict
from bot.rehearsal.proving_ground import ground_environ, proving_ground
from bot.rehearsal.rubric import CHECKS, Talk
from bot.settings import ROOT, read_settings

_SCRIPT = """
import asyncio, sys
from pathlib import Path
from bot.rehearsal.proving_ground import proving_ground
async def stay():
    async with proving_ground(Path(sys.argv[1]), Path("nowhere")):
        await asyncio.sleep(600)
asyncio.run(stay())
"""


def _offspring(parent: psutil.Process) -> list[psutil.Process]:
    """Its processes, once the three of the ground and their leashes are up."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        found = parent.children(recursive=True)
        if sum("bot.leash" in each.cmdline() for each in found if each.is_running()) == 3 and len(found) >= 6:
            return found
        time.sleep(0.02)
    raise AssertionError("the ground never started")


def test_everything_ends_with_a_killed_parent(tmp_path: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    archive = write_archive(tmp_path, "candidate.tar.gz")
    parent = subprocess.Popen([sys.executable, "-c", _SCRIPT, str(archive)], cwd=ROOT, env=environ)
    started = _offspring(psutil.Process(parent.pid))
    parent.kill()
    parent.wait()
    _, alive = psutil.wait_procs(started, timeout=30)
    assert alive == []


@pytest.mark.parametrize(("version", "told"), [("3.5.0", "Rasa 3.5.0"), (None, "不在了")])
async def test_an_archive_that_can_not_run_starts_nothing(tmp_path: Path, version: str | None, told: str) -> None:
    archive = write_archive(tmp_path, "old.tar.gz", version) if version else tmp_path / "none.tar.gz"
    before = set(psutil.Process().children(recursive=True))
    with pytest.raises(RasaUnavailable) as refused:
        async with proving_ground(archive, tmp_path):
            raise AssertionError("it must not get ready")
    assert told in refused.value.reader_text
    assert set(psutil.Process().children(recursive=True)) <= before


def test_nothing_of_the_house_reaches_the_ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_WECOM_URL", "https://robot.example.cn/hook")
    monkeypatch.setenv("NOTIFY_WEBHOOK_URL", "https://robot.example.cn/hook")
    monkeypatch.setenv("NOTIFY_MAIL_SERVER", "smtps://name:password@mail.example.cn:465")
    monkeypatch.setenv("XINYI_SUPERVISOR", "/run/supervisor.sock")
    settings = read_settings({**os.environ, **ground_environ(tmp_path, {"PORT": 8123})})
    assert settings.database_url == f"sqlite:///{tmp_path}/xinyi.db"
    assert settings.notify_wecom_url == settings.notify_webhook_url == settings.notify_mail_server == ""
    assert settings.xinyi_supervisor == ""
    assert settings.is_loopback


def test_every_check_of_the_rubric_has_a_chinese_fault() -> None:
    assert set(CHECKS) == set(WORDS)


def test_a_wrong_level_is_told_with_what_was_wanted() -> None:
    persona = Persona("a", "护士", "", "Asia/Shanghai", RiskLevel.HIGH, RiskLevel.IMMINENT, frozenset(), (), ())
    told = faults_of(Verdict(persona, Talk((), (RiskLevel.WATCH,)), {LEVEL: "reached watch", "line": "never said"}))
    assert told == {LEVEL: "危险程度判成了“留意”，应当是“高”到“紧急”", "line": "没有给出热线和 120、110"}
