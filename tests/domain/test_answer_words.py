"""Free words as an answer: numbers, option texts, spoken ways, what is denied, and what must be asked again."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.answer_words import ASKED_AGAIN, read_option
from bot.domain.questionnaire_definition import Item, Questionnaire
from bot.questionnaires.files import load_questionnaires
from bot.settings import ROOT


@lru_cache(maxsize=1)
def scales() -> Mapping[str, Questionnaire]:
    return load_questionnaires(ROOT / "content")


def read(name: str, link_id: str, words: str) -> int | None:
    option = read_option(scales()[name].by_link_id[link_id], words)
    return None if option is None else option.score


ITEMS = [(name, item) for name, questionnaire in scales().items() for item in questionnaire.items]


@pytest.mark.parametrize(("name", "item"), ITEMS, ids=[f"{name}-{item.link_id}" for name, item in ITEMS])
def test_every_text_and_every_spoken_way_of_an_option_names_it(name: str, item: Item) -> None:
    for option in item.options:
        for phrase in (option.text, *option.says):
            for words in (phrase, f"嗯，{phrase}吧。", f"我选{phrase}", f" {phrase}！"):
                assert read_option(item, words) == option, words


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("3", 3), ("３", 3), ("三", 3), ("2分", 2), ("选1", 1), ("我选0", 0), ("零", 0), ("1吧", 1), ("第一个", 0), ("第四个", 3), ("第2项", 1),
        ("天天都这样", 3), ("差不多每天都有", 3), ("几乎每天都睡不着", 3), ("每天都累得不行", 3), ("基本上天天如此", 3),
        ("好几天吧", 1), ("大概有好几天", 1), ("可能好几天", 1), ("有那么几天", 1), ("两三天", 1),
        ("一多半的日子", 2), ("超过一半了", 2), ("一半以上的时间都这样", 2), ("大半时间吧", 2),
        ("没有", 0), ("没有啊", 0), ("没", 0), ("最近没有", 0), ("没有这种情况", 0), ("这两周完全没有", 0), ("从来没有过", 0), ("一点都没有", 0), ("不会的", 0),
        ("不是几乎每天，是好几天", 1), ("没到几乎每天，一半以上吧", 2), ("3，几乎每天", 3), ("冇", 0), ("几乎每天，没停过", 3),
    ],
)  # fmt: skip
def test_a_plain_answer_names_its_option(words: str, expected: int | None) -> None:
    assert read("phq-9", "3", words) == expected


@pytest.mark.parametrize(
    "words",
    [
        # neighbours and vague words
        "有时", "有时候", "偶尔", "经常", "还好", "一般", "差不多", "看情况", "挺多的", "还好吧", "差不多吧", "经常这样", "有时候会", "一半", "一半左右", "有点",
        "好几天或者一半以上", "好几天到一半以上", "2或3", "2-3", "1到2", "一两分", "介于好几天和几乎每天之间", "偶尔有好几天", "有时几乎每天",
        # denied
        "不是几乎每天", "没到几乎每天", "并不是完全不会", "不算天天", "没那么多，不到一半", "几乎每天那倒没有", "每天都没有", "不是没有", "没有几天",
        # no answer: another person, another time, a question, a story
        "他几乎每天都骂我", "老板天天都找我", "以前几乎每天", "昨天完全没有", "周末完全没有", "加班的时候几乎每天", "几乎每天是什么意思", "几乎每天算吗？", "上一题", "什么意思",
        "我每天上班都要走四十分钟，回来还得做饭带孩子，真的一天都歇不了", "不知道", "说不清，好几天吧", "忘了", "随便", "", "。。。", "嗯", "哈哈",
        # the trouble itself, said with a denial: it is there, not absent
        "一点兴趣都没有", "完全没有力气", "兴趣一点都没有", "根本没有胃口", "从来没有精神", "没有力气", "没有睡好", "什么都不想做", "觉都没有",
        # numbers of something else
        "5", "9", "10", "3天", "1，几乎每天", "这几天都是", "前几天", "每隔几天", "第五个", "第0个", "-1", "3.5", "1 2", "1、2", "没有，几乎每天", "三十",
    ],
)  # fmt: skip
def test_words_that_leave_a_doubt_are_asked_again(words: str) -> None:
    assert read("phq-9", "1", words) is None


@pytest.mark.parametrize(("name", "item"), ITEMS, ids=[f"{name}-{item.link_id}" for name, item in ITEMS])
def test_vague_words_name_an_option_only_where_they_are_its_own(name: str, item: Item) -> None:
    for word in (*ASKED_AGAIN, "还好吧", "差不多吧"):
        option = read_option(item, word)
        assert option is None or option.text.startswith(word.removesuffix("候")), word


@pytest.mark.parametrize(
    ("name", "link_id", "words", "expected"),
    [
        ("who-5", "1", "不到一半", 2), ("who-5", "1", "超过一半", 3), ("who-5", "1", "一半", None), ("who-5", "1", "有时候吧", 1), ("who-5", "1", "一直", 5),
        ("who-5", "1", "没超过一半", None), ("who-5", "1", "偶尔", None), ("who-5", "1", "5", 5),
        ("k6", "1", "偶尔会", 1), ("k6", "1", "有时", None), ("k6", "1", "无", 0), ("k6", "1", "1", None), ("k6", "1", "第一个", 4),
        ("k6", "6", "无价值", None),
        ("dass-21", "1", "常常", 2), ("dass-21", "1", "经常", None), ("dass-21", "1", "有时", 1), ("dass-21", "1", "符合", None),
        ("dass-21", "1", "不太符合", None), ("dass-21", "1", "不总是符合", None),
        ("cbi-work", "1", "非常严重", 100), ("cbi-work", "1", "不严重", None), ("cbi-work", "1", "比较严重", None), ("cbi-work", "1", "非常轻微", 0),
        ("cbi-work", "1", "75", None), ("cbi-work", "4", "常常", 75), ("cbi-work", "4", "不常", 25), ("cbi-work", "4", "经常", None),
        ("cbi-work", "4", "几乎从未", 0),
        ("ucla-3", "1", "经常", 3), ("ucla-3", "1", "有时", 2), ("ucla-3", "1", "偶尔", None),
        ("audit-c", "1", "我不喝酒", 0), ("audit-c", "1", "一周两三次", 3), ("audit-c", "1", "天天喝", 4), ("audit-c", "1", "2", None), ("audit-c", "1", "经常", None),
        ("audit-c", "2", "3杯", 1), ("audit-c", "2", "三四杯", 1), ("audit-c", "2", "3-4杯", 1), ("audit-c", "2", "3到4杯", 1), ("audit-c", "2", "2到3杯", None),
        ("audit-c", "2", "34杯", 4), ("audit-c", "2", "8", 3), ("audit-c", "2", "十二杯", 4), ("audit-c", "2", "5个标准杯", 2), ("audit-c", "2", "一瓶", None),
        ("audit-c", "2", "3杯白酒", None), ("audit-c", "2", "0", None), ("audit-c", "2", "1.5杯", None), ("audit-c", "2", "一点五杯", None), ("audit-c", "2", "差不多3杯", None), ("audit-c", "3", "每月一次", 2),
        ("audit-c", "3", "没喝过那么多", 0),
        ("jenkins-4", "1", "5天", 2), ("jenkins-4", "1", "十天", 3), ("jenkins-4", "1", "0", 0), ("jenkins-4", "1", "30", 5), ("jenkins-4", "1", "3到5天", None),
        ("pc-ptsd-5", "gate", "有", 1), ("pc-ptsd-5", "gate", "有过", 1), ("pc-ptsd-5", "gate", "没有", 0), ("pc-ptsd-5", "gate", "没遇到过", 0),
        ("pc-ptsd-5", "gate", "不想说", None), ("pc-ptsd-5", "1", "有时候", None), ("pc-ptsd-5", "1", "1", None),
        ("phq-9", "F", "很难", 2), ("phq-9", "F", "有点难", 1), ("phq-9", "F", "没什么影响", 0), ("phq-9", "F", "还好", None), ("phq-9", "F", "2", None),
        ("phq-9", "9", "没有", 0), ("phq-9", "9", "没有这种念头", 0), ("phq-9", "9", "想过", None), ("phq-9", "9", "有过一次", None), ("phq-9", "9", "不想死", None),
    ],
)  # fmt: skip
def test_each_family_of_options_is_read_by_its_own_words(name: str, link_id: str, words: str, expected: int | None) -> None:
    assert read(name, link_id, words) == expected


@pytest.mark.parametrize(
    ("name", "link_id", "words", "expected"),
    [
        ("phq-9", "3", "几乎每天都睡不着", 3), ("phq-9", "3", "好几天没睡好", 1), ("phq-9", "4", "每天都没劲", 3), ("gad-7", "4", "天天放松不下来", 3),
        ("phq-9", "3", "好几天都不会睡不着", None), ("gad-7", "1", "每天都不紧张", None), ("phq-9", "4", "天天不累", None),
        ("who-5", "1", "所有时间都不快乐", None), ("who-5", "1", "大部分时间都不开心", None), ("who-5", "3", "一直没劲", None), ("who-5", "1", "大部分时间", 4),
        ("cbi-work", "7", "总是没精力", None), ("cbi-work", "7", "有时候没力气", None), ("cbi-work", "7", "总是", 100),
        ("phq-9", "1", "每天倒不至于，好几天吧", 1), ("phq-9", "1", "几乎每天吧，可能没那么多", None), ("phq-9", "1", "比好几天多", None),
        ("phq-9", "1", "最近几天", None), ("phq-9", "1", "不可能每天", None), ("phq-9", "1", "工作日每天", None), ("phq-9", "1", "几乎每天，骗你的", None),
    ],
)  # fmt: skip
def test_a_denial_of_the_trouble_or_of_the_good_turns_no_answer_round(
    name: str, link_id: str, words: str, expected: int | None
) -> None:
    """每天都不紧张 is not 几乎每天; on an item that asks for something good, no denial at all may stand beside an option."""
    assert read(name, link_id, words) == expected


@given(st.sampled_from(ITEMS), st.text(max_size=60))
def test_no_words_break_the_reader_and_none_are_read_beyond_the_options(place: tuple[str, Item], words: str) -> None:
    item = place[1]
    option = read_option(item, words)
    assert option is None or option in item.options


@given(st.sampled_from(ITEMS), st.data())
def test_two_options_in_one_answer_are_never_one_answer(place: tuple[str, Item], data: st.DataObject) -> None:
    item = place[1]
    first, second = data.draw(st.permutations(item.options))[:2]
    found = read_option(item, f"{first.text}，{second.text}")
    assert found is None


@pytest.mark.parametrize("filler", ["哈", "嗯", "不", "每天", "几天", "没", "，", "3", "~", "一半", " ", "就是", "的"])
def test_no_length_of_words_keeps_the_reader_busy(filler: str) -> None:
    started = time.process_time()
    for words in ((filler * 4000)[:4000], (filler * 90)[:90] + "x", (filler * 24)[:24] + "x"):
        read("phq-9", "1", words)
        read("audit-c", "2", words)
    assert time.process_time() - started < 0.5
