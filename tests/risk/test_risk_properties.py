"""What must hold for any text: dress never hides an explicit sentence, and nothing makes the screen fail."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from risk_ground import cues_alone, finder, screen, vector_by_hash

from bot.domain.risk import RiskLevel

SENTENCES = (
    "我想死",
    "真的不想活了",
    "我想自杀",
    "不想活了",
    "想去死",
    "我要自杀",
    "想轻生",
    "活不下去了",
    "死了算了",
    "想跳楼",
    "我想割腕",
)
SIGNS = (" ", "　", "，", "。", "…", "*", "·", "~", "-", "_", "/", "、", "!", "🙂", "💔", "\u200b", "|", "#", "\n")
FILLERS = ("嗯", "那个", "呃", "其实", "真的", "就是", "唉，", "说实话，", "怎么说呢，")
OPENINGS = ("你好，", "您好，打扰了，", "麻烦问一下，", "不好意思，", "老师您好。", "在吗？", "谢谢你们，")
TRADITIONAL = str.maketrans("杀轻断这个过无没为从楼", "殺輕斷這個過無沒為從樓")
IDIOMS = (
    "笑死我了",
    "累死了",
    "热死人",
    "想死你了",
    "死党",
    "死机了",
    "气死我了",
    "急死了",
    "社死",
    "饿死了",
    "卡死了",
    "死磕",
    "秒杀",
    "跳槽",
    "羡慕死了",
)
calm = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


def is_high(text: str) -> bool:
    return cues_alone().quick(text).level.rank >= RiskLevel.HIGH.rank and any(
        not each.pattern.is_mention or each.level.rank >= RiskLevel.HIGH.rank for each in finder().find(text)
    )


@calm
@given(st.sampled_from(SENTENCES), st.lists(st.sampled_from(SIGNS), min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_signs_between_characters_hide_nothing(sentence: str, signs: list[str], dice: random.Random) -> None:
    text = "".join(character + (dice.choice(signs) if dice.random() < 0.7 else "") for character in sentence)
    assert is_high(text), text


@calm
@given(st.sampled_from(SENTENCES), st.sampled_from(SIGNS), st.integers(1, 5))
def test_one_sign_anywhere_hides_nothing(sentence: str, sign: str, place: int) -> None:
    assert is_high(sentence[:place] + sign + sentence[place:])


@calm
@given(st.sampled_from(SENTENCES), st.sampled_from(FILLERS), st.sampled_from(OPENINGS), st.booleans())
def test_an_opening_fillers_and_traditional_characters_hide_nothing(
    sentence: str, filler: str, opening: str, old: bool
) -> None:
    text = opening + filler + sentence
    assert is_high(text.translate(TRADITIONAL) if old else text), text


@calm
@given(
    st.sampled_from(IDIOMS),
    st.sampled_from(("", "哈哈", "今天", "真是", "同事都")),
    st.sampled_from(("", "了", "哈哈哈", "，下班")),
)
def test_a_saying_alone_never_reaches_high(idiom: str, before: str, behind: str) -> None:
    assert cues_alone().quick(before + idiom + behind).level.rank < RiskLevel.HIGH.rank


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.text(max_size=300))
def test_no_text_makes_the_screen_fail(text: str) -> None:
    found = cues_alone().quick(text)
    assert all(0 <= each.start <= each.end <= len(text) for each in found.cues)
    chosen = screen().for_vector(text)
    assert len(chosen) <= 120
    screen().quick(text)
    screen().full(text, vector_by_hash(chosen))


@pytest.mark.parametrize("seed", range(3))
def test_four_thousand_random_characters_are_read(seed: int) -> None:
    dice = random.Random(seed)
    text = "".join(
        chr(dice.choice((dice.randrange(0x20, 0x3000), dice.randrange(0x4E00, 0x9FFF), dice.randrange(0x1F300, 0x1F700))))
        for _ in range(4000)
    )
    assert len(screen().for_vector(text)) <= 120
    assert screen().quick(text).level in RiskLevel


@pytest.mark.parametrize("piece", ["想", "不", "我朋友说他", "死死死", "真的好想好想", "（", "没有", "我妈"])
def test_endless_repetition_is_read(piece: str) -> None:
    assert cues_alone().quick((piece * 4000)[:4000]).level in RiskLevel
