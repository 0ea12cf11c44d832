"""Amounts of drink at AUDIT-C: converted where drink and volume are clear, asked again with the measure where they are not."""

from __future__ import annotations

import json

import pytest
from screening_talk import Run, scales

from bot.domain.answer_words import read_option
from bot.domain.screening_answers import option_of
from bot.domain.standard_glasses import standard_glasses

AMOUNT = scales()["audit-c"].by_link_id["2"]


# INSTRUMENTS.md 10: the table of standard glasses
@pytest.mark.parametrize(
    ("words", "glasses"), [("啤酒500毫升", 1.6), ("白酒一两", 2.08), ("红酒150毫升", 1.44), ("黄酒250毫升", 3.0)]
)
def test_the_table_of_standard_glasses_comes_out(words: str, glasses: float) -> None:
    assert standard_glasses(words) == pytest.approx(glasses)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("白酒二两", "3-4杯"), ("二两白酒", "3-4杯"), ("每次喝白酒三两", "5-6杯"), ("白酒一两半", "3-4杯"), ("白酒四两吧", "7-9杯"), ("半斤白酒", "10杯或更多"),
        ("52度白酒二两", "3-4杯"), ("黄酒半斤", "3-4杯"), ("大概一斤黄酒", "5-6杯"), ("两罐330毫升啤酒", "1-2杯"), ("500毫升的啤酒两瓶", "3-4杯"), ("1000ml啤酒", "3-4杯"),
        ("十二两白酒", "10杯或更多"), ("一两杯", "1-2杯"), ("三四杯", "3-4杯"), ("2", "1-2杯"),
    ],
)  # fmt: skip
def test_a_drink_with_its_volume_is_an_answer(words: str, text: str) -> None:
    option = read_option(AMOUNT, words)
    assert option is not None
    assert option.text == text


@pytest.mark.parametrize(
    "words",
    [
        # a volume without a drink, a drink without a volume, a glass or bottle of no certain size
        "二两", "一两", "三两", "喝二两", "半斤", "两斤", "500毫升", "三瓶", "啤酒", "52度", "白酒几两", "两瓶啤酒", "红酒一杯", "白酒一两杯", "啤酒三四杯", "半瓶白酒", "一口白酒",
        # a drink of no certain kind, two of them, other times, denials, doubt, between two options
        "二两白的", "白酒二两啤酒一瓶", "白酒二两，有时三两", "以前白酒二两", "不到二两白酒", "没喝白酒二两", "白酒二三两", "1.5两白酒", "差不多二两白酒", "啤酒1400毫升", "二两杯",
    ],
)  # fmt: skip
def test_an_amount_that_is_not_clear_is_asked_again(words: str) -> None:
    assert option_of(AMOUNT, words, None) is None


def test_a_number_keeps_its_point_however_it_is_read() -> None:
    assert option_of(AMOUNT, "1.5", None) is None
    assert option_of(scales()["phq-9"].by_link_id["1"], "0.3", None) is None


def test_what_a_glass_is_stands_beside_the_options_when_an_amount_is_asked_again() -> None:
    run = Run("audit-c")
    run.answer(2)
    again = run.say("二两")
    assert again.state.place == "2"
    assert AMOUNT.explanation in run.text
    assert [json.loads(button.payload[10:])["score"] for button in run.buttons] == [0, 1, 2, 3, 4]
    assert run.say("白酒二两").state.answers == {"1": 2, "2": 1}
