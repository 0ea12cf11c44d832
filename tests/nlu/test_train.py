"""A training tells its phases and gives a whole archive, or one Chinese sentence and nothing; a proof measures what came of it."""

from __future__ import annotations

import errno
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from model_ground import write_archive
from small_project import NLU, RULES, write_project

from bot.domain.model_figures import Figures
from bot.nlu.fingerprint import component_fingerprint, current_archive, fingerprint
from bot.nlu.progress import JobError, Progress, refuse
from bot.rasa_jobs import nlu_environ
from bot.settings import ROOT

TEST_STORIES = """version: "3.1"
stories:
- story: 说再见就道别
  steps:
  - intent: bye
  - action: utter_bye
- story: 说再见却问睡眠
  steps:
  - intent: bye
  - action: utter_sleep
"""
HELD_BACK = NLU.replace("你好", "你好啊").replace("再见", "再见啦").replace("睡不着", "夜里睡不着")


def _run(module: str, *arguments: object) -> tuple[list[dict[str, Any]], int, str]:
    """The JSON lines, the exit code and the log of a command."""
    command = [sys.executable, "-m", f"bot.nlu.{module}", *map(str, arguments), "--progress"]
    done = subprocess.run(command, cwd=ROOT, env=nlu_environ(), capture_output=True, text=True, check=False)
    return [json.loads(line) for line in done.stdout.splitlines()], done.returncode, done.stderr


def _refused(module: str, *arguments: object) -> dict[str, Any]:
    lines, code, _ = _run(module, *arguments)
    assert code == 1
    return lines[-1]


@pytest.mark.rasa
def test_a_project_is_trained_told_and_measured(tmp_path: Path) -> None:
    project, models = write_project(tmp_path / "project"), tmp_path / "models"
    (project / "tests" / "dialogue").mkdir(parents=True)
    (project / "tests" / "dialogue" / "talks.yml").write_text(TEST_STORIES, "utf-8")
    (project / "tests" / "understanding").mkdir()
    (project / "tests" / "understanding" / "held_back.yml").write_text(HELD_BACK, "utf-8")
    (models / ".training-999999999").mkdir(parents=True)  # of a training that was killed
    lines, code, log = _run("train", "--project", project, "--out", models, "--cached", "--cache", tmp_path / "cache")
    assert code == 0, log
    told = [line["progress"] for line in lines if "phase" in line]
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert {"importing", "reading", "understanding", "packing"} <= {line.get("phase") for line in lines}
    result = lines[-1]
    archive = Path(result["archive"])
    assert current_archive(models, fingerprint(project)) == archive
    assert result["warnings"][0] == "「ask_sleep」只有 2 条例句，太少了，很难认得准。"
    assert sorted(path.suffix for path in models.iterdir()) == [".gz", ".json"]
    assert "睡不着" not in log

    lines, code, log = _run("prove", "--project", project, "--model", archive)
    assert code == 0, log
    figures = Figures.of_json(lines[-1])
    assert figures.stories_total == 2
    (failed,) = figures.stories_failed
    assert (failed.name, failed.path, failed.line) == ("说再见却问睡眠", "tests/dialogue/talks.yml", 7)
    assert (failed.expected, failed.got) == ("utter_sleep", "utter_bye")
    assert {row.intent for row in figures.held_back} == {"greet", "bye", "ask_sleep"}
    assert {"imminent", "idiom"} <= {group.group for group in figures.crisis}  # the house's own, where the project has none
    assert figures.cross_validation is None  # no kernel classifier in this model
    assert "睡不着" not in log


@pytest.mark.rasa
def test_contradicting_rules_are_named_both_and_leave_nothing(tmp_path: Path) -> None:
    rules = RULES + "- rule: 挽留\n  steps:\n  - intent: bye\n  - action: utter_sleep\n"
    project, models = write_project(tmp_path / "project", rules=rules), tmp_path / "models"
    refused = _refused("train", "--project", project, "--out", models)
    assert refused["error"] == "contradicting_rules"
    assert "说再见" in refused["message"]
    assert "挽留" in refused["message"]
    assert list(models.iterdir()) == []


def test_without_any_example_nothing_is_trained(tmp_path: Path) -> None:
    project = write_project(tmp_path / "project", nlu=None)
    refused = _refused("train", "--project", project, "--out", tmp_path / "models")
    assert refused["error"] == "no_examples"
    assert "一条例句也没有" in refused["message"]


def test_a_broken_file_is_told_with_its_line(tmp_path: Path) -> None:
    project = write_project(tmp_path / "project", nlu="nlu:\n- intent： greet\n  examples: |\n    - 你好\n")
    refused = _refused("train", "--project", project, "--out", tmp_path / "models")
    assert refused["error"] == "broken_yaml"
    assert refused["message"].startswith("data/nlu.yml：第 3 行")


@pytest.mark.parametrize(("version", "code", "told"), [("3.5.0", "version", "Rasa 3.5.0"), (None, "archive", "坏了")])
def test_an_archive_that_can_not_run_here_is_told_without_a_traceback(
    tmp_path: Path, version: str | None, code: str, told: str
) -> None:
    archive = write_archive(tmp_path, "old.tar.gz", version)
    if version is None:
        archive.write_bytes(archive.read_bytes()[:40])
    lines, exit_code, log = _run("prove", "--project", write_project(tmp_path / "project"), "--archive", archive)
    assert exit_code == 1
    assert lines[-1]["error"] == code
    assert told in lines[-1]["message"]
    assert "Traceback" not in log


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/models/某句话"), "disk_full"),
        (JobError("no_examples", "没有例句。"), "no_examples"),
        (RuntimeError("某句话"), "failed"),
    ],
)
def test_whatever_ends_a_job_is_one_line_in_chinese(error: Exception, code: str, caplog: pytest.LogCaptureFixture) -> None:
    out = io.StringIO()
    assert refuse(out, error) == 1
    told = json.loads(out.getvalue())
    assert told["error"] == code
    assert told["message"]
    assert "某句话" not in out.getvalue() + caplog.text


def test_progress_of_the_whole_never_falls() -> None:
    out = io.StringIO()
    progress = Progress(out, {"a": 1, "b": 3}, is_shown=True)
    for phase, share in [("a", 0.0), ("b", 0.5), ("a", 0.5), ("b", 0.2), ("a", 1.0), ("b", 1.0)]:
        progress.tell(phase, share)
    told = [json.loads(line)["progress"] for line in out.getvalue().splitlines()]
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_the_fingerprint_of_a_project_is_its_files_and_our_code(tmp_path: Path) -> None:
    project = write_project(tmp_path / "one")
    copied = shutil.copytree(project, tmp_path / "two")
    assert fingerprint(project) == fingerprint(copied)
    before = component_fingerprint(copied)
    (copied / "data" / "nlu.yml").write_text(NLU + "    - 又醒了\n", "utf-8")
    assert fingerprint(project) != fingerprint(copied)
    assert component_fingerprint(copied) == before
    (copied / "content" / "jieba").mkdir(parents=True)
    (copied / "content" / "jieba" / "words.txt").write_text("夜班\n", "utf-8")
    assert component_fingerprint(copied) != before
