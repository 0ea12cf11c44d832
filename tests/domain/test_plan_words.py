"""Asking for a safety plan and for a look at it in plain words, and what only sounds like it."""

from __future__ import annotations

import time

import pytest

from bot.content import load_safety_plan
from bot.domain.safety_plan_state import STEPS
from bot.domain.safety_plan_words import Wish, is_telling, read_wish, says_none, short_quote, shows_plan, split_end, starts_plan
from bot.settings import ROOT


@pytest.mark.parametrize(
    "words",
    [
        "做个安全计划", "我想做一个安全计划", "帮我写份安全计划吧", "能不能一起弄个安全计划？", "安全计划", "开始安全计划", "重新做安全计划", "安全计划怎么写",
        "那就做个我自己的安全计划", "继续做安全计划", "来一份安全计划", "要不要做个安全计划",
    ],
)  # fmt: skip
def test_a_plan_of_ones_own_is_asked_for(words: str) -> None:
    assert starts_plan(words)
    assert not shows_plan(words)


@pytest.mark.parametrize(
    "words",
    ["看看我的安全计划", "我想看我的安全计划", "把我的安全计划发我", "我的安全计划呢", "安全计划在哪", "再看一遍安全计划", "翻出我之前写的安全计划", "我的安全计划",
     "安全计划给我看看"],
)  # fmt: skip
def test_a_look_at_the_plan_is_asked_for(words: str) -> None:
    assert shows_plan(words)


@pytest.mark.parametrize(
    "words",
    [
        "做安全生产计划", "车间让我写安全计划", "领导催我做项目安全计划", "看看项目计划", "消防安全计划明天交", "写下个月的工作计划", "班组安全计划谁来写", "我不想做安全计划",
        "先不看安全计划", "写了三版安全计划，主管都给退回来了，我真的不知道还要怎么改，今天又让我加班到十点", "减肥计划", "安全计划是什么", "组长让我看看安全计划", "计划",
        "工地安全计划", "给公司做一个安全计划", "学习计划坚持不下去", "",
    ],
)  # fmt: skip
def test_plans_of_work_and_refusals_are_not_taken_for_it(words: str) -> None:
    assert not starts_plan(words)
    assert not shows_plan(words)


@pytest.mark.parametrize(
    "filler", ["哈", "嗯", "了", "快", "看", "的", "没", "，", "改第", "安全计划", "我", "一下", " ", "谢谢", "没了，"]
)
def test_no_length_of_words_keeps_the_reader_busy(filler: str) -> None:
    started = time.thread_time()  # this thread alone: others of the run keep busy too
    words = (filler * 4000)[:4000]
    for text in (words, words + "x", words[:60] + "x", words[:200] + "x"):
        read_wish(text)
        starts_plan(text)
        shows_plan(text)
        split_end(text)
        short_quote(text)
        for step in STEPS:
            is_telling(text, step)
            says_none(text, step)
    assert time.thread_time() - started < 1


@pytest.mark.parametrize("name", ["skip", "done", "stop", "clear", "keep", "resume", "show"])
def test_a_button_typed_instead_of_pressed_does_the_same(name: str) -> None:
    wanted = read_wish(load_safety_plan(ROOT / "content" / "safety_plan.yml").buttons[name])
    assert wanted is not None
    assert wanted.wish is Wish(name)
