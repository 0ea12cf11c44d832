"""The labelled texts: read with clear errors, a part kept apart, and Rasa's calm examples beside them."""

from __future__ import annotations

from pathlib import Path

import pytest
from risk_ground import TEXTS

from bot.domain.errors import ContentError
from bot.domain.risk import RiskLevel
from bot.risk.texts import read_calm_texts, read_texts

GOOD = "level: high\nsubject: self\nkind: suicide\ntexts: [不想活了, 想死]\n"


def written(folder: Path, content: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "active.yml").write_text(content, "utf-8")
    return folder


def test_a_text_carries_what_its_class_means(tmp_path: Path) -> None:
    texts = read_texts(written(tmp_path, GOOD))
    assert [(item.text, item.label, item.level) for item in texts] == [
        ("不想活了", "active", RiskLevel.HIGH),
        ("想死", "active", RiskLevel.HIGH),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (GOOD.replace("high", "huge"), "huge"),
        (GOOD.replace("subject: self\n", ""), "subject"),
        (GOOD.replace("[不想活了, 想死]", "[不想活了, 4]"), "texts[1]"),
        (GOOD.replace("[不想活了, 想死]", "['  ']"), "texts[0]"),
        (GOOD.replace("[不想活了, 想死]", "不想活了"), "texts: must be a list"),
        ("texts: [", "YAML"),
        ("- 不想活了", "mapping"),
    ],
)
def test_an_error_names_file_and_field(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(ContentError) as raised:
        read_texts(written(tmp_path, content))
    assert said in str(raised.value)
    assert "active.yml" in str(raised.value)


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ContentError):
        read_texts(tmp_path)


def test_about_every_sixth_text_is_kept_apart_and_always_the_same_ones() -> None:
    texts = read_texts(TEXTS)
    apart = [item.text for item in texts if item.is_kept_apart]
    assert 0.12 < len(apart) / len(texts) < 0.22
    assert apart == [item.text for item in read_texts(TEXTS) if item.is_kept_apart]


def test_no_text_stands_in_two_classes() -> None:
    labels: dict[str, set[str]] = {}
    for item in read_texts(TEXTS):
        labels.setdefault(item.text, set()).add(item.label)
    assert {text: names for text, names in labels.items() if len(names) > 1} == {}


def test_calm_examples_come_without_marks_and_without_risky_intents(tmp_path: Path) -> None:
    folder = tmp_path / "content" / "risk" / "texts"
    folder.mkdir(parents=True)
    (folder.parent / "calm_texts.yml").write_text("folder: data/nlu\nwithout: [disclose_self_harm]\n", "utf-8")
    nlu = tmp_path / "data" / "nlu"
    nlu.mkdir(parents=True)
    (nlu / "a.yml").write_text(
        "nlu:\n- intent: sleep\n  examples: |\n    - 在[深圳](city)睡不着\n    - 睡不着\n    - 睡不着\n- intent: disclose_self_harm\n  examples: |\n    - 想死\n"
        "- synonym: 深圳\n  examples: |\n    - 鹏城\n",
        "utf-8",
    )
    assert [item.text for item in read_calm_texts(folder)] == ["在深圳睡不着", "睡不着"]


def test_without_a_listing_there_are_no_calm_examples(tmp_path: Path) -> None:
    assert read_calm_texts(tmp_path / "content" / "risk" / "texts") == []
