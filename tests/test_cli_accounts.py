"""`python -m bot accounts`: the first administrator, and everything that is done when somebody is locked out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from ground import NOW
from sqlalchemy import select
from test_cli import Shell, _refused

from bot.bootstrap import make_root
from bot.cli import main
from bot.db.staff_tables import Account, StaffSession
from bot.db.tables import AuditEntry
from bot.services import accounts

PASSWORD = "松木-灯塔-七月-3914"


@pytest.fixture
def shell(tmp_path: Path, database: Path) -> Shell:
    return Shell(tmp_path)


def create(shell: Shell, name: str = "wang", role: str = "admin", typed: str = "") -> Result:
    words = ["accounts", "create", name, "--role", role, "--shown-name", "王老师"]
    return CliRunner().invoke(main, words, env=shell.environ, input=typed)


def fits(shell: Shell, password: str) -> bool:
    with make_root(shell.settings) as root:
        return root.call_reading(accounts.check, "wang", password, NOW).fits


def test_an_account_gets_the_password_of_stdin_and_it_is_not_shown(shell: Shell) -> None:
    made = create(shell, typed=f"{PASSWORD}\n")
    assert made.exit_code == 0
    assert PASSWORD not in made.output
    assert "one-time" not in made.output
    assert fits(shell, PASSWORD)


def test_without_one_a_one_time_password_is_made_and_shown(shell: Shell) -> None:
    made = create(shell)
    found = re.search(r"one-time password: (\S+)", made.output)
    assert found is not None
    assert fits(shell, found.group(1))
    assert (
        "wang                 admin       王老师  no second factor yet, one-time password"
        in shell.run("accounts", "list").output
    )


def test_what_is_wrong_is_said_in_one_line_and_makes_nothing(shell: Shell) -> None:
    _refused(create(shell, typed="kurz\n"), "至少 12 个字符")
    _refused(create(shell, name="w"), "登录名")
    create(shell)
    _refused(create(shell, name="ＷＡＮＧ"), "已经有人用了")
    assert create(shell, role="god").exit_code == 2
    _refused(shell.run("accounts", "disable", "nobody"), "no account nobody")
    assert len(shell.run("accounts", "list").output.splitlines()) == 1


def test_the_last_administrator_is_not_disabled_and_others_come_and_go(shell: Shell) -> None:
    create(shell)
    create(shell, "lin", "counsellor")
    _refused(shell.run("accounts", "disable", "wang"), "last administrator")
    assert shell.run("accounts", "disable", "LIN").exit_code == 0
    assert "DISABLED" in shell.run("accounts", "list").output.splitlines()[0]
    assert shell.run("accounts", "enable", "lin").exit_code == 0
    assert "DISABLED" not in shell.run("accounts", "list").output


def test_password_factor_and_sessions_are_reset_and_everything_is_written_down(shell: Shell) -> None:
    create(shell, typed=f"{PASSWORD}\n")

    def sign_in(session) -> None:
        account = session.scalar(select(Account))
        account.totp_confirmed_at = account.locked_until = NOW.replace(year=2999)
        session.add(StaffSession(id="s", account_id=account.id, created_at=NOW, used_at=NOW, expires_at=NOW))
        session.commit()

    with make_root(shell.settings) as root:
        root.call(sign_in)
    assert "LOCKED" in shell.run("accounts", "list").output
    assert shell.run("accounts", "end-sessions", "wang").output == "1 sessions ended\n"
    plain = shell.run("accounts", "reset-password", "wang").output.split()[-1]
    assert fits(shell, plain)
    assert "no second factor" not in shell.run("accounts", "list").output
    assert shell.run("accounts", "reset-totp", "wang").exit_code == 0
    assert "LOCKED" not in shell.run("accounts", "list").output
    with make_root(shell.settings) as root:
        entries = root.call_reading(lambda session: list(session.scalars(select(AuditEntry).order_by(AuditEntry.id))))
    deeds = ["created", "sessions_ended", "password_reset", "totp_reset"]
    assert [entry.action for entry in entries] == [f"account.{deed}" for deed in deeds]
    assert all(entry.actor.startswith("command line") for entry in entries)
    assert not any(plain in entry.reason or PASSWORD in entry.reason for entry in entries)
    assert shell.run("audit", "verify").exit_code == 0
