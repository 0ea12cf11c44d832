"""What only Rasa knows of a draft comes as issues with file and line in plain Chinese, from one process that stays."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from small_project import DOMAIN, NLU, RULES, STORIES, write_project

from bot.rasa_jobs import nlu_environ
from bot.settings import ROOT

pytestmark = pytest.mark.rasa


class Warm:
    """The validator, asked line by line."""

    def __init__(self, log: Path) -> None:
        self.log = log
        with log.open("wb") as lines:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot.nlu.validate", "--lines"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=lines,
                cwd=ROOT, env=nlu_environ(),
            )  # fmt: skip

    def read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        return dict(json.loads(self.process.stdout.readline()))

    def ask(self, project: Path) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"id": "1", "project": str(project)}).encode() + b"\n")
        self.process.stdin.flush()
        return self.read()

    def issues(self, project: Path) -> list[dict[str, Any]]:
        return list(self.ask(project)["issues"])

    def only(self, project: Path) -> dict[str, Any]:
        (issue,) = self.issues(project)
        return issue


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    found = Warm(tmp_path_factory.mktemp("validator") / "log")
    assert found.read() == {"ready": True}
    yield found
    assert found.process.stdin is not None
    assert found.process.stdout is not None
    found.process.stdin.close()
    assert found.process.wait(timeout=60) == 0
    found.process.stdout.close()


def test_a_sound_project_has_no_issues(warm: Warm, tmp_path: Path) -> None:
    assert warm.issues(write_project(tmp_path)) == []


def test_two_stories_that_contradict_are_explained_with_both_lines(warm: Warm, tmp_path: Path) -> None:
    other = (
        STORIES
        + """- story: 问好之后说再会
  steps:
  - intent: greet
  - action: utter_greet
  - intent: ask_sleep
  - action: utter_greet
"""
    )
    issue = warm.only(write_project(tmp_path, stories=other))
    assert issue["code"] == "stories_contradict"
    assert issue["severity"] == "error"
    assert (issue["path"], issue["line"]) == ("data/stories.yml", 8)
    assert issue["related"] == [{"path": "data/stories.yml", "line": 14}]
    assert issue["message"].startswith(
        "在用户说到「ask_sleep」之后，「先问好再说睡眠」接“utter_sleep”，「问好之后说再会」接“utter_greet”，程序不知道该听哪个"
    )


def test_two_rules_that_contradict_name_both(warm: Warm, tmp_path: Path) -> None:
    issues = warm.issues(
        write_project(tmp_path, rules=RULES + "- rule: 挽留\n  steps:\n  - intent: bye\n  - action: utter_sleep\n")
    )
    assert {issue["code"] for issue in issues} == {"contradicting_rules"}
    assert any("说再见" in issue["message"] and "挽留" in issue["message"] for issue in issues)
    assert all(issue["path"] == "data/rules.yml" and issue["related"] for issue in issues)


def test_a_story_that_contradicts_a_rule_names_both(warm: Warm, tmp_path: Path) -> None:
    other = STORIES + "- story: 再见时问睡眠\n  steps:\n  - intent: bye\n  - action: utter_sleep\n"
    issue = warm.only(write_project(tmp_path, stories=other))
    assert issue["code"] == "contradicting_rules"
    assert "故事「再见时问睡眠」" in issue["message"]
    assert "规则「说再见」" in issue["message"]
    assert (issue["path"], issue["line"]) == ("data/stories.yml", 12)
    assert issue["related"] == [{"path": "data/rules.yml", "line": 3}]


def test_a_rule_with_two_turns_is_told(warm: Warm, tmp_path: Path) -> None:
    longer = RULES + "  - intent: greet\n  - action: utter_greet\n"
    issue = warm.only(write_project(tmp_path, rules=longer))
    assert (issue["code"], issue["path"], issue["line"]) == ("rule_too_long", "data/rules.yml", 3)


@pytest.mark.parametrize(
    ("name", "text", "code", "place"),
    [
        ("stories", STORIES.replace("intent: ask_sleep", "intent: ask_slep"), "unknown_intent", ("data/stories.yml", 7)),
        ("stories", STORIES.replace("utter_sleep", "utter_slep"), "unknown_response", ("data/stories.yml", 8)),
        (
            "stories",
            STORIES.replace("action: utter_sleep", "action: action_nothing"),
            "unknown_action",
            ("data/stories.yml", 8),
        ),
        ("nlu", NLU.replace("intent: bye", "intent: bey"), "unknown_intent", ("data/nlu.yml", 7)),
        ("domain", DOMAIN.replace("      - is_tired", "      - is_weary"), "unknown_slot", ("domain.yml", 15)),
    ],
)
def test_a_name_that_nobody_has_is_told_where_it_stands(
    warm: Warm, tmp_path: Path, name: str, text: str, code: str, place: tuple[str, int]
) -> None:
    issues = warm.issues(write_project(tmp_path, **{name: text}))
    assert (code, *place) in {(issue["code"], issue["path"], issue["line"]) for issue in issues if issue["severity"] == "error"}


def test_an_intent_that_nothing_answers_is_a_warning(warm: Warm, tmp_path: Path) -> None:
    domain = DOMAIN.replace("  - ask_sleep\n", "  - ask_sleep\n  - praise\n")
    nlu = NLU + "- intent: praise\n  examples: |\n    - 你真好\n    - 真不错\n"
    issue = warm.only(write_project(tmp_path, domain=domain, nlu=nlu))
    assert (issue["severity"], issue["code"], issue["path"], issue["line"]) == ("warning", "unused_intent", "domain.yml", 6)


@pytest.mark.parametrize(
    ("name", "text", "code", "path"),
    [
        ("nlu", "nlu:\n- intent： greet\n  examples: |\n    - 你好\n", "yaml", "data/nlu.yml"),
        ("domain", None, "no_domain", "domain.yml"),
        ("domain", DOMAIN.replace("  is_tired:\n    type: bool", "  is_tired:\n    tipe: bool"), "bad_structure", "domain.yml"),
        (
            "stories",
            STORIES.replace("- story: 先问好再说睡眠\n  steps:", "- stori: 先问好再说睡眠\n  steps:"),
            "bad_structure",
            "data/stories.yml",
        ),
    ],
)
def test_a_file_that_rasa_can_not_read_is_told(
    warm: Warm, tmp_path: Path, name: str, text: str | None, code: str, path: str
) -> None:
    issues = warm.issues(write_project(tmp_path, **{name: text}))
    assert (code, path) in {(issue["code"], issue["path"]) for issue in issues}


def test_a_folder_that_is_gone_costs_one_answer_and_the_next_is_right(warm: Warm, tmp_path: Path) -> None:
    gone = warm.ask(tmp_path / "nowhere")
    assert gone.get("error") or [issue["code"] for issue in gone["issues"]] == ["no_domain"]
    (tmp_path / "here").mkdir()
    assert warm.issues(write_project(tmp_path / "here")) == []


def test_an_edit_is_seen_and_undone(warm: Warm, tmp_path: Path) -> None:
    project = write_project(tmp_path)
    (project / "data" / "stories.yml").write_text(STORIES.replace("utter_sleep", "utter_slep"), "utf-8")
    assert warm.issues(project)
    (project / "data" / "stories.yml").write_text(STORIES, "utf-8")
    assert warm.issues(project) == []


def test_the_log_holds_no_words_of_the_examples(warm: Warm, tmp_path: Path) -> None:
    warm.issues(
        write_project(
            tmp_path,
            nlu=NLU.replace("    - 睡不着\n", "    - 睡不着\n    - 昨晚[又失](time)眠\n").replace(
                "    - 再见\n", "    - 睡不着\n"
            ),
        )
    )
    assert "睡不着" not in warm.log.read_text("utf-8", "replace")
    assert "失眠" not in warm.log.read_text("utf-8", "replace")
