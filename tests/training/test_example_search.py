"""Examples found by word and by meaning; what repeats and contradicts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.training.examples import Example
from bot.training.folder import TrainingFolder
from bot.training.search import ExampleIndex, index_of
from bot.vectors import SHARED

SAID = {
    "night_shift": ["夜班上到天亮人都傻了", "倒班倒得白天睡不着", "值完大夜班心慌", "转人工坐席值夜班"],
    "homesick": ["好久没回老家，想爸妈", "过年买不到回家的票", "想家想得掉眼泪", "想家的时候就看照片"],
    "ask_person": ["有没有真人", "我要找真人聊", "转人工", "想家想得掉眼泪！"],
}


def _index(said: dict[str, list[str]]) -> ExampleIndex:
    listed = [
        Example(text, text, intent, "data/nlu/x.yml", number)
        for intent, texts in said.items()
        for number, text in enumerate(texts, 1)
    ]
    return ExampleIndex(listed, SHARED.of_many([one.plain for one in listed]))


@pytest.fixture(scope="module")
def index() -> ExampleIndex:
    return _index(SAID)


def test_every_word_must_be_there_whatever_its_width(index: ExampleIndex) -> None:
    assert [hit.example.text for hit in index.by_word("想家 照片")] == ["想家的时候就看照片"]
    assert len(index.by_word("想家", most=2)) == 2
    assert index.by_word("  ") == []
    assert _index({"a": ["ＥＭＯ了"]}).by_word("emo")


def test_meaning_finds_what_shares_no_word(index: ExampleIndex) -> None:
    hits = index.by_meaning("不在父母身边的日子难过", most=3)
    assert {hit.example.intent for hit in hits[:2]} == {"homesick"}
    assert [hit.similarity for hit in hits] == sorted((hit.similarity for hit in hits), reverse=True)
    assert index.by_meaning(" ") == []


def test_the_nearest_of_one_intent(index: ExampleIndex) -> None:
    hits = index.nearest(SHARED.of("夜班上到天亮"), "night_shift", 2)
    assert hits[0].example.text == "夜班上到天亮人都傻了"
    assert len(hits) == 2
    assert index.nearest(SHARED.of("x"), "nobody") == []


def test_the_same_sentence_in_two_intents_comes_first(index: ExampleIndex) -> None:
    first = index.neighbours()[0]
    assert (first.kind, first.example.intent, first.other.intent) == ("same_text", "ask_person", "homesick")


def test_near_duplicates_and_examples_in_the_wrong_intent_are_found() -> None:
    rows = {"a": [(1, 0, 0), (0.98, 0.2, 0), (0, 0, 1)], "b": [(0, 1, 0), (0, 0.9, 0.1), (0.99, 0.1, 0)]}
    listed = [
        Example(f"{name}{number}", f"{name}{number}", name, "x", number)
        for name, made in rows.items()
        for number in range(len(made))
    ]
    vectors = np.zeros((6, 384), dtype=np.float32)
    vectors[:, :3] = [row for made in rows.values() for row in made]
    found = {(pair.kind, pair.example.text, pair.other.text) for pair in ExampleIndex(listed, vectors).neighbours()}
    assert ("near_duplicate", "b2", "a0") in found
    assert ("nearer_to_other", "b2", "a0") in found


def test_an_empty_folder_has_nothing_to_find() -> None:
    empty = ExampleIndex([], np.zeros((0, 384), dtype=np.float32))
    assert (empty.by_word("x"), empty.by_meaning("x"), empty.neighbours()) == ([], [], [])


def test_an_index_is_kept_for_the_same_texts_and_made_anew_for_others(folder: TrainingFolder, tmp_path: Path) -> None:
    shelf = tmp_path / "models" / "vectors.npz"
    first = index_of(folder.view(), shelf)
    assert index_of(folder.view(), shelf) is first
    changed = index_of(
        folder.view({"data/nlu/talk.yml": (folder.view().text("data/nlu/talk.yml") or "") + "    - 晚上看什么片子\n"}), shelf
    )
    assert len(changed.examples) == len(first.examples) + 1
    assert changed.by_word("片子")[0].example.intent == "out_of_scope"
