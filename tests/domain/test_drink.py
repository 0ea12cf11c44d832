"""Drink that somebody has had just now, and what only looks like it."""

from __future__ import annotations

import pytest

from bot.domain.drink import drinking_words

NOW = (
    "喝了点酒", "我刚喝了半斤白酒", "今晚喝多了", "喝了两瓶啤酒睡不着", "一个人在喝闷酒", "有点醉了", "酒劲上来了", "三瓶下肚了", "喝高了哈哈",
    "借着酒跟你说几句", "醉醺醺的，字都打不清", "喝得断片了", "饮咗酒", "不想说了，喝了酒头疼", "他走了我就喝了一瓶二锅头",
)  # fmt: skip
NONE = (
    "我没喝酒", "我不喝酒的", "戒酒三年了", "老公又喝多了打我", "他喝了酒就骂人", "昨天喝多了", "以前喝醉过", "你喝酒吗", "喝了点水", "酒店的活太累",
    "我爸天天喝酒", "领导喝高了让我敬酒", "每天喝酒才睡得着", "能喝酒吗？", "去年喝多了摔了一跤",
)  # fmt: skip


@pytest.mark.parametrize("text", NOW)
def test_own_drink_of_this_evening_is_heard(text: str) -> None:
    assert drinking_words(text) is not None


@pytest.mark.parametrize("text", NONE)
def test_drink_denied_past_habitual_or_anothers_is_none(text: str) -> None:
    assert drinking_words(text) is None
