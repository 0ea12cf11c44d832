"""The lexicon's reader: what is wrong is said with file, cue and field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from risk_ground import CONTENT

from bot.domain.errors import ContentError
from bot.risk.lexicon import load_lexicon


def lexicon(tmp_path: Path, **changes: Any) -> Path:
    cue = {"name": "wish", "level": "high", "kind": "suicide", "patterns": ["想~死"]}
    data: dict[str, Any] = {
        "version": "1",
        "words": {"self": ["我"], "kin": ["朋友"], "tool": ["刀", "刀片"]},
        "masks": ["笑死"],
        "cues": [cue],
    }
    data.update(changes)
    path = tmp_path / "lexicon.yml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    return path


def cue(**changes: Any) -> dict[str, Any]:
    return {"name": "wish", "level": "high", "kind": "suicide", "patterns": ["想~死"], **changes}


def test_the_real_lexicon_loads() -> None:
    loaded = load_lexicon(CONTENT / "risk" / "lexicon.yml")
    assert loaded.version
    assert {"want_to_die", "not_want_to_live", "self_harm", "passive_wish", "other_suicidal"} <= {
        each.name for each in loaded.cues
    }


def test_a_tilde_stands_for_fillers_and_braces_for_a_word_list(tmp_path: Path) -> None:
    loaded = load_lexicon(lexicon(tmp_path, cues=[cue(patterns=["想~死", "拿{tool}"])]))
    pattern = loaded.cues[0].pattern
    assert pattern.search("想真的死")
    assert pattern.search("拿刀片").group() == "拿刀片"  # type: ignore[union-attr]


def test_patterns_that_begin_with_people_still_find_each_their_own(tmp_path: Path) -> None:
    loaded = load_lexicon(lexicon(tmp_path, cues=[cue(patterns=["{kin}想死", "不活", "{kin}.{0,2}割腕"])]))
    for text in ("朋友想死", "不活了", "朋友又割腕"):
        assert loaded.cues[0].pattern.search(text), text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cues": [cue(patterns=["想(死"])]}, "cues.wish.patterns"),
        ({"cues": [cue(patterns=["拿{knife}"])]}, "knife"),
        ({"cues": [cue(colour="red")]}, "unknown field ['colour']"),
        ({"cues": [cue(), cue()]}, "cues.wish: stands there twice"),
        ({"cues": [cue(level="huge")]}, "cues.wish: level"),
        ({"cues": [cue(kind="sadness")]}, "sadness"),
        ({"cues": [cue(patterns=[])]}, "cues.wish.patterns: must be a list"),
        ({"cues": [cue(patterns=["想死", 4])]}, "cues.wish.patterns: must be a list"),
        ({"cues": [cue(requires=["nobody"])]}, "cues.wish.requires"),
        ({"cues": [cue(requires="wish")]}, "cues.wish.requires"),
        ({"cues": [{"level": "high"}]}, "has no name"),
        ({"cues": []}, "at least one"),
        ({"masks": ["笑死["]}, "masks"),
        ({"masks": "笑死"}, "masks: must be a list"),
        ({"words": {"self": ["我"]}}, "words.kin: is missing"),
        ({"words": ["我"]}, "words: must be a mapping"),
    ],
)
def test_an_error_names_its_place(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    path = lexicon(tmp_path, **changes)
    with pytest.raises(ContentError) as raised:
        load_lexicon(path)
    assert said in str(raised.value)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize("content", ["cues: [", "- a list", "\x00"])
def test_what_is_no_yaml_mapping_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "lexicon.yml"
    path.write_text(content, "utf-8")
    with pytest.raises(ContentError):
        load_lexicon(path)


def test_a_missing_file_is_a_content_error(tmp_path: Path) -> None:
    with pytest.raises(ContentError):
        load_lexicon(tmp_path / "nothing.yml")
