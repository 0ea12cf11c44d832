"""`python -m bot follow-ups | level | marks | report`: each command does its work without a word of the worker on the screen."""

from __future__ import annotations

import datetime as dt
import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from ground import NOW
from sqlalchemy import true, update
from sqlalchemy.orm import Session
from test_cli import Shell, _refused

from bot.bootstrap import make_root
from bot.cli import main
from bot.db.tables import Alert, Consent, FollowUp
from bot.domain.consent import IMPROVEMENT
from bot.services import levels

WORDS = "我想自杀"


@pytest.fixture
def shell(tmp_path: Path, database: Path) -> Iterator[Shell]:
    """A shell whose one worker w1 is at high since long ago."""
    found = Shell(tmp_path)
    found.store(WORDS)
    return found


def typed(shell: Shell, words: str, *command: str) -> Result:
    """Run a command with this on stdin."""
    return CliRunner().invoke(main, list(command), env=shell.environ, input=words)


def done(result: Result) -> str:
    assert result.exit_code == 0, result.output
    assert WORDS not in result.output
    return result.output


def test_follow_ups_are_listed_assigned_and_closed(shell: Shell) -> None:
    lines = done(shell.run("follow-ups", "list")).splitlines()
    assert len(lines) == 4
    assert "nobody yet" in lines[0]
    assert "worker w1" in lines[0]
    first = lines[0].split()[0]
    done(shell.run("follow-ups", "assign", first, "--to", "王敏"))
    assert "王敏" in done(shell.run("follow-ups", "list")).splitlines()[-1]
    assert (
        done(typed(shell, "她挺好\n", "follow-ups", "done", first, "--by", "王敏", "--outcome", "reached", "--note"))
        == "done\n"
    )
    assert len(done(shell.run("follow-ups", "list")).splitlines()) == 3
    last = done(shell.run("follow-ups", "list", "--all")).splitlines()[-1]
    assert "reached" in last
    assert "她挺好" not in last
    _refused(shell.run("follow-ups", "done", first, "--by", "李静", "--outcome", "other"), "closed by 王敏")
    _refused(shell.run("follow-ups", "assign", "99", "--to", "王敏"), "follow-up 99")


def _let_be_due(shell: Shell, at: dt.datetime, *hours: int) -> None:
    """Follow-ups of these hours become due then; all of them where none are named. The commands go by the real clock."""

    def change(session: Session) -> None:
        session.execute(update(FollowUp).where(FollowUp.hours.in_(hours) if hours else true()).values(due_at=at))
        session.commit()

    with make_root(shell.settings) as root:
        root.call(change)


def test_what_is_overdue_is_marked_in_its_list(shell: Shell) -> None:
    today, day = dt.datetime.now(dt.timezone.utc), dt.timedelta(days=1)
    _let_be_due(shell, today + day)
    assert "OVERDUE" not in done(shell.run("alerts", "list")) + done(shell.run("follow-ups", "list"))

    def say_so(session: Session) -> None:
        session.execute(update(Alert).values(overdue_at=NOW))
        session.commit()

    with make_root(shell.settings) as root:
        root.call(say_so)
    _let_be_due(shell, today - day, 24)
    assert ["OVERDUE" in line for line in done(shell.run("follow-ups", "list")).splitlines()] == [True, False, False, False]
    (alert,) = done(shell.run("alerts", "list")).splitlines()
    assert "OVERDUE" in alert
    assert "worker w1" in alert


def test_a_level_is_shown_and_lowered_by_a_name(shell: Shell) -> None:
    assert done(shell.run("level", "show", "w1")).startswith("high")
    assert shell.run("level", "lower", "w1", "--to", "watch", "--by", "王敏").exit_code == 2
    assert done(shell.run("level", "lower", "w1", "--to", "watch", "--by", "王敏", "--reason", "面谈过")) == "lowered\n"
    shown = done(shell.run("level", "show", "w1"))
    assert "high -> watch  by 王敏" in shown
    assert "面谈过" not in shown
    with make_root(shell.settings) as root:
        assert root.call_reading(levels.show, "w1", NOW).level.value == "watch"
    _refused(shell.run("level", "lower", "w1", "--to", "high", "--by", "王敏", "--reason", "面谈过"), "not lower")
    _refused(shell.run("level", "show", "nobody"), "nobody")


def test_a_mark_is_added_listed_shown_reviewed_and_exported(shell: Shell, tmp_path: Path) -> None:
    added = typed(shell, "是玩笑\n", "marks", "add", "1", "--verdict", "false_alarm", "--by", "王敏", "--note")
    assert "mark 1" in done(added)
    line = done(shell.run("marks", "list"))
    assert "message 1  false_alarm should be watch" in line
    assert "open" in line
    opened = shell.run("marks", "show", "1", "--by", "李静", "--reason", "复核").output
    assert WORDS in opened
    assert "note: 是玩笑" in opened
    assert shell.run("marks", "review", "1", "--by", "李静").exit_code == 2
    _refused(shell.run("marks", "review", "1", "--accept", "--by", "王敏"), "another person")
    assert done(shell.run("marks", "review", "1", "--accept", "--by", "李静")) == "accepted\n"
    target = tmp_path / "rows.jsonl"
    _refused(shell.run("marks", "export", str(target), "--by", "周航"), "1 accepted marks, none with a standing consent")
    with make_root(shell.settings) as root:
        consent = Consent(worker_id="w1", kind=IMPROVEMENT, version="1", granted_at=NOW)
        root.call(lambda session: (session.add(consent), session.commit()))
    assert "1 written" in done(shell.run("marks", "export", str(target), "--by", "周航"))
    assert json.loads(target.read_text("utf-8")) == {"text": WORDS, "expect": {"at_most": "watch"}}
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_the_ids_that_a_mark_needs_are_shown_with_the_messages(shell: Shell) -> None:
    shown = shell.run("alerts", "show", "1", "--by", "王敏", "--reason", "值班").output.splitlines()
    assert shown[1].split()[0] == "1"
    assert shown[1].endswith(WORDS)


def test_a_mark_can_name_its_level_and_is_rejected_by_another(shell: Shell) -> None:
    done(shell.run("marks", "add", "1", "--verdict", "missed", "--expect", "imminent", "--by", "王敏"))
    assert done(shell.run("marks", "review", "1", "--reject", "--by", "李静")) == "rejected\n"
    assert "rejected by 李静" in done(shell.run("marks", "list"))


def test_the_report_is_read_by_people_and_by_programs(shell: Shell) -> None:
    said = done(shell.run("report", "safety", "--days", "3660"))
    assert "follow-ups: planned 4, done 0, overdue 0, unreached 0" in said
    assert "suicide 1" in said
    found = json.loads(done(shell.run("report", "safety", "--days", "3660", "--json")))
    assert found["activations"]["high"] == {"suicide": 1}
    assert found["follow_ups_planned"] == 4
    assert [row["reason"] for row in found["alerts"]] == ["risk"]
