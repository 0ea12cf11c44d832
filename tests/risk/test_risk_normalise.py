"""Evasions become readable, and every place still points at the original text."""

from __future__ import annotations

import pytest

from bot.risk.normalise import is_dense, normalise, squeezed


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("想紫砂", "想自杀"),
        ("ＺＳ的心都有", "自杀的心都有"),
        ("想4了", "想死了"),
        ("想亖", "想死"),
        ("好想去si", "好想去死"),
        ("不想huo了", "不想活了"),
        ("bxhl", "不想活"),
        ("唔想活", "不想活"),
        ("有谂过", "有想过"),
        ("我想自殺", "我想自杀"),
        ("i want to die", "i 想死"),
        ("又自c了", "又自残了"),
        ("不想話了", "不想活了"),
    ],
)
def test_an_evasion_is_spelled_out(written: str, read: str) -> None:
    assert normalise(written).text == read


@pytest.mark.parametrize("text", ["紫砂壶不错", "4个人", "zs2024型号", "shopping", "想四处走走", "他是自助餐老板"])
def test_what_only_looks_like_one_stays(text: str) -> None:
    assert "死" not in normalise(text).text
    assert "自杀" not in normalise(text).text


def test_places_point_at_the_original_text() -> None:
    text = "昨晚又想 zi sha 了"
    found = normalise(text)
    start = found.text.index("自杀")
    first, last = found.span(start, start + 2)
    assert text[first:last] == "zi sha"


def test_signs_between_characters_are_taken_out() -> None:
    text = "不*想🙂活 了"
    close = squeezed(normalise(text))
    assert close.text == "不想活了"
    assert close.span(0, 3) == (0, 5)


def test_two_clauses_are_not_read_as_one() -> None:
    close = squeezed(normalise("什么都不想，每天都活在画里"))
    start = close.text.index("不想")
    assert not is_dense(close, start, close.text.index("活") + 1)


@pytest.mark.parametrize("text", ["", "\u200b", "\ud800", "́", "a" * 10, "\x00"])
def test_odd_texts_are_read(text: str) -> None:
    found = normalise(text)
    assert len(found.text) == len(found.origin)
    assert found.span(0, 0) == (0, 0)
