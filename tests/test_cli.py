"""`python -m bot`: each command does its work, and a mistake ends with one clear line and exit code 1."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from ground import NOW, care, settings_for
from sqlalchemy import LargeBinary, select, type_coerce, update

from bot.bootstrap import make_root
from bot.cli import main
from bot.db.crypto import KeyRing
from bot.db.tables import AuditEntry, Message
from bot.domain.risk import RiskFinding, RiskKind, RiskLevel, RiskSubject
from bot.services import conversations, workers
from bot.services.conversations import Inbound
from bot.settings import ROOT, SETTINGS

HIGH = RiskFinding(RiskLevel.HIGH, RiskSubject.SELF, RiskKind.SUICIDE)


class Shell:
    """Runs commands on a database in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = settings_for(folder)
        self.environ: dict[str, str | None] = {each.name: None for each in SETTINGS}
        self.environ |= {
            "DATABASE_URL": self.settings.database_url, "KEY_RING": str(self.settings.key_ring), "VAR_DIR": str(folder),
            "MODELS_DIR": str(folder / "models"),
        }  # fmt: skip

    def run(self, *words: str, **environ: str) -> Result:
        return CliRunner().invoke(main, list(words), env={**self.environ, **environ})

    def store(self, text: str) -> None:
        with make_root(self.settings) as root:
            root.call(workers.ensure, "w1", 0, "Asia/Shanghai", NOW)
            thread = root.call(workers.conversation_of, "w1", "web", NOW)
            inbound = Inbound(thread, "w1", "web", text[:8], text)
            root.call(conversations.receive, inbound, HIGH, care(), "Asia/Shanghai", NOW)

    def texts(self) -> list[str]:
        with make_root(self.settings) as root:
            return root.call_reading(lambda session: list(session.scalars(select(Message.text).order_by(Message.id))))


def _refused(result: Result, said: str) -> None:
    assert result.exit_code == 1
    lines = [line for line in result.output.splitlines() if line]
    assert len(lines) == 1
    assert lines[0].startswith("Error: ")
    assert said in lines[0]


@pytest.fixture
def shell(tmp_path: Path, database: Path) -> Iterator[Shell]:
    return Shell(tmp_path)


def test_upgrade_makes_database_and_ring_and_may_be_run_again(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    for _ in range(2):
        result = shell.run("db", "upgrade")
        assert result.exit_code == 0, result.output
        assert "revision" in result.output
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
    assert shell.texts() == []


def test_cannot_run_a_command_if_a_setting_is_wrong(shell: Shell) -> None:
    _refused(shell.run("alerts", "list", PORT="80a"), "PORT='80a'")
    _refused(shell.run("alerts", "list", XINYI_RASA_TOKEN="kurz"), "XINYI_RASA_TOKEN=(hidden)")


def test_cannot_serve_on_a_database_that_was_not_upgraded(tmp_path: Path) -> None:
    _refused(Shell(tmp_path).run("serve"), "db upgrade")


def test_cannot_serve_with_a_broken_or_wrong_ring(shell: Shell) -> None:
    shell.store("我想自杀")
    (shell.folder / "other.json").write_text("{}")
    _refused(shell.run("serve", KEY_RING=str(shell.folder / "other.json")), "other.json")
    _refused(shell.run("serve", KEY_RING=str(shell.folder / "fresh.json")), "fresh.json")


def test_rotation_seals_everything_again_and_can_drop_the_old_keys(shell: Shell) -> None:
    shell.store("我想自杀")
    kept, before = shell.texts(), KeyRing.open(shell.settings.key_ring).current_id
    assert len(kept) == 4
    result = shell.run("db", "rotate-key", "--drop-old")
    assert result.exit_code == 0, result.output
    assert "1 old keys forgotten" in result.output
    assert KeyRing.open(shell.settings.key_ring).current_id != before
    assert before not in shell.settings.key_ring.read_text()
    assert shell.texts() == kept


def test_backup_and_restore_bring_back_what_was_there(shell: Shell) -> None:
    shell.store("第一句")
    first = shell.texts()
    assert shell.run("db", "backup", str(shell.folder / "b.db")).exit_code == 0
    shell.store("第二句")
    assert len(shell.texts()) == len(first) + 1 == 5, "the same level again, without a new cue, gets no second fixed text"
    aborted = CliRunner().invoke(main, ["db", "restore", str(shell.folder / "b.db")], env=shell.environ, input="n\n")
    assert aborted.exit_code == 1
    assert len(shell.texts()) == 5
    result = shell.run("db", "restore", "--yes", str(shell.folder / "b.db"))
    assert result.exit_code == 0, result.output
    assert "kept as" in result.output
    assert shell.texts() == first
    assert first[0] == "第一句"


def test_cannot_restore_a_file_that_is_no_backup(shell: Shell) -> None:
    (shell.folder / "no.db").write_bytes(b"no")
    _refused(shell.run("db", "restore", "--yes", str(shell.folder / "no.db")), "no.db")


def test_alerts_are_listed_without_words_opened_with_a_reason_and_taken_once(shell: Shell) -> None:
    shell.store("我想自杀")
    listed = shell.run("alerts", "list")
    assert "high" in listed.output
    assert "suicide" in listed.output
    assert "自杀" not in listed.output
    alert_id = listed.output.split()[0]
    assert shell.run("alerts", "show", alert_id).exit_code == 2
    shown = shell.run("alerts", "show", alert_id, "--by", "小林", "--reason", "值班")
    assert "我想自杀" in shown.output
    assert "taken" in shell.run("alerts", "ack", alert_id, "--by", "小林").output
    assert "already" in shell.run("alerts", "ack", alert_id, "--by", "老周").output
    assert shell.run("alerts", "list").output == ""
    assert "taken by 小林" in shell.run("alerts", "list", "--all").output
    _refused(shell.run("alerts", "show", "999", "--by", "小林", "--reason", "值班"), "alert 999")


def test_the_audit_log_is_verified_and_tampering_found(shell: Shell) -> None:
    shell.store("我想自杀")
    shell.run("alerts", "show", "1", "--by", "小林", "--reason", "值班")
    shell.run("alerts", "ack", "1", "--by", "小林")
    assert "the chain holds" in shell.run("audit", "verify").output
    with make_root(shell.settings) as root:
        root.call(
            lambda session: (
                session.execute(update(AuditEntry).where(AuditEntry.id == 1).values(actor="别人")),
                session.commit(),
            )
        )
    _refused(shell.run("audit", "verify"), "entry 1")


def test_cannot_show_a_thread_whose_text_does_not_open(shell: Shell) -> None:
    shell.store("我想自杀")
    with make_root(shell.settings) as root:
        spoiled = update(Message).where(Message.id == 1).values({Message.text: type_coerce(b"xx", LargeBinary)})
        root.call(lambda session: (session.execute(spoiled), session.commit()))
    _refused(shell.run("alerts", "show", "1", "--by", "小林", "--reason", "值班"), "not a sealed text")


def test_todays_content_passes_its_check(shell: Shell) -> None:
    result = shell.run("content", "check")
    assert result.exit_code == 0, result.output
    assert "in order" in result.output


def test_a_mistake_on_the_command_line_of_the_process_itself_shows_no_traceback(tmp_path: Path) -> None:
    environ = {"PATH": "/usr/bin:/bin", "PORT": "0", "VAR_DIR": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-m", "bot", "serve"], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("Error: PORT='0'")
    assert "Traceback" not in ended.stderr
