"""Free words are read as the right option, hardly ever as a wrong one, and never so at item 9 (issue 4, bars)."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

import pytest

from bench.screening_answers import FRESH, TUNED, Read, of_set, read_all, sayings
from bot.questionnaires.files import load_questionnaires
from bot.questionnaires.nearest import nearest_by
from bot.settings import ROOT

RIGHT, WRONG = 0.95, 0.01


@lru_cache(maxsize=2)
def _read(with_meaning: bool) -> tuple[Read, ...]:
    return tuple(read_all(sayings(), load_questionnaires(ROOT / "content"), nearest_by() if with_meaning else None))


def test_the_sayings_are_many_and_from_many_voices() -> None:
    rows = sayings()
    assert len(rows) >= 150
    assert min(Counter(row.family for row in rows).values()) >= 12
    assert len({row.voice for row in rows}) >= 6
    assert len({(row.family, row.says) for row in rows}) == len(rows)
    answered = {(row.questionnaire, row.item) for row in rows}
    families = {item.options for each in load_questionnaires(ROOT / "content").values() for item in each.items}
    known = load_questionnaires(ROOT / "content")
    assert families == {known[name].by_link_id[item].options for name, item in answered}


def test_free_words_are_read_right_and_hardly_ever_wrong() -> None:
    read = of_set(_read(True), TUNED)
    assert sum(each.is_right for each in read) / len(read) >= RIGHT
    assert sum(each.is_wrong for each in read) / len(read) <= WRONG


def test_sayings_the_reader_was_not_made_for_are_asked_again_rather_than_read_wrong() -> None:
    read = of_set(_read(True), FRESH)
    assert len(read) >= 40
    assert not {each.saying.voice for each in read} & {each.saying.voice for each in of_set(_read(True), TUNED)}
    assert sum(each.is_wrong for each in read) / len(read) <= WRONG


@pytest.mark.parametrize("with_meaning", [True, False])
def test_no_words_at_item_9_are_read_as_a_wrong_option(with_meaning: bool) -> None:
    read = [each for each in _read(with_meaning) if (each.saying.questionnaire, each.saying.item) == ("phq-9", "9")]
    assert read
    assert not any(each.is_wrong for each in read)


def test_meaning_takes_nothing_away_that_words_have_decided() -> None:
    for by_words, by_meaning in zip(_read(False), _read(True), strict=True):
        assert by_words.score is None or by_words.score == by_meaning.score
