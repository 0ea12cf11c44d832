"""Broken files are told with their line in plain Chinese, and names are found where they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.nlu.places import Place, Places

DOMAIN = """version: "3.1"
intents:
  - greet
  - bye
slots:
  name:
    type: text
responses:
  utter_greet:
    - text: 你好
"""
NLU = """version: "3.1"
nlu:
- intent: greet
  examples: |
    - 你好
    - 您好
- intent: greet
  examples:
    - text: 早
"""
STORIES = """version: "3.1"
stories:
- story: 打招呼
  steps:
  - intent: greet
  - slot_was_set:
    - name: 小王
  - action: utter_greet
  - or:
    - intent: bye
    - intent: greet
"""


def _project(folder: Path, **files: str) -> Path:
    wanted = {"domain": DOMAIN, "nlu": NLU, "stories": STORIES, **files}
    (folder / "data").mkdir()
    (folder / "domain.yml").write_text(wanted.pop("domain"), "utf-8")
    for name, text in wanted.items():
        (folder / "data" / f"{name}.yml").write_text(text, "utf-8")
    return folder


def test_names_are_found_with_their_lines(tmp_path: Path) -> None:
    places = Places()
    places.read(_project(tmp_path))
    assert places.broken == []
    assert places.examples == {"greet": 3}
    assert places.of("intents", "bye") == Place("domain.yml", 4, 5)
    assert places.of("slots", "name") == Place("domain.yml", 6, 3)
    assert places.of("responses", "utter_greet") == Place("domain.yml", 9, 3)
    assert places.of("nlu", "greet") == Place("data/nlu.yml", 3, 11)
    assert places.block("打招呼 > 别的") == Place("data/stories.yml", 3, 10)
    assert places.step("slot", "name") == Place("data/stories.yml", 7, 7)
    assert places.step("intent", "bye") == Place("data/stories.yml", 10, 15)
    assert places.after("打招呼", "greet", "utter_greet") == Place("data/stories.yml", 8, 13)
    assert places.of("intents", "nobody") is None


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("version: '3.1'\nnlu:\n- intent： greet\n  examples: |\n    - 你好\n", 4, "冒号"),
        ("version: '3.1'\nnlu:\n\t- intent: a\n", 3, "Tab"),
        ("nlu:\n- intent: 'a\n", 3, "引号"),
        ("nlu: []\nnlu: []\n", 2, "写了两次"),
        ("- a\n- b\n", 1, "最外层"),
        ("nlu:\n- intent: a\n  examples: [你好\n", 4, "括号"),
        ("a: \x01\n", 1, "控制字符"),
    ],
)
def test_a_broken_file_is_told_with_its_line(tmp_path: Path, text: str, line: int, told: str) -> None:
    places = Places()
    places.read(_project(tmp_path, nlu=text))
    (broken,) = places.broken
    assert (broken.place.path, broken.place.line) == ("data/nlu.yml", line)
    assert told in broken.message


def test_a_file_of_another_encoding_is_told(tmp_path: Path) -> None:
    project = _project(tmp_path)
    (project / "data" / "nlu.yml").write_bytes("nlu:\n- intent: 你好\n".encode("gbk"))
    places = Places()
    places.read(project)
    assert "UTF-8" in places.broken[0].message


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    project, places = _project(tmp_path), Places()
    places.read(project)
    (project / "data" / "nlu.yml").write_text(NLU.replace("您好", "您好\n    - 嗨"), "utf-8")
    places.read(project)
    assert places.examples == {"greet": 4}
