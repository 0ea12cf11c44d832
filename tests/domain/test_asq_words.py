"""An answer to a direct question in a worker's own words: yes, no, refused, unsure, a joke, or something else told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.asq import QUESTIONS, TIRED, WHEN
from bot.domain.asq_words import (
    Reading,
    answers_no,
    answers_yes,
    is_bare_nod,
    is_unsure,
    jokes,
    may_be_tiredness,
    read_answer,
    said_already,
    says_tired,
    weary_words,
)

YES, NO, REFUSED, UNSURE, JOKE = Reading.YES, Reading.NO, Reading.REFUSED, Reading.UNSURE, Reading.JOKE
PLAIN = [each for each in QUESTIONS if each != WHEN]


@pytest.mark.parametrize(
    "text", ["有时候会想", "想过", "有", "都有", "偶尔闪过", "没有，但有时会想", "后者", "有过一次", "在", "还在"]
)
def test_reads_a_yes(text: str) -> None:
    assert answers_yes(text)
    assert not answers_no(text)


@pytest.mark.parametrize(
    "text",
    ["没有", "没想过", "从来没想过", "就是太累了", "不会的", "我没有想过不想活", "没", "没有过", "没有不想活", "不是想死", "没想死",
     "没有，从来没想过死", "没试过", "不在"],
)  # fmt: skip
def test_reads_a_no(text: str) -> None:
    assert answers_no(text)
    assert not answers_yes(text)


@pytest.mark.parametrize("text", ["不知道", "今天下雨", "嗯"])
def test_reads_neither(text: str) -> None:
    assert not answers_no(text)
    assert not answers_yes(text)


@pytest.mark.parametrize("text", ["不想死但也不想活", "没有计划，但有时会想", "没想死，就是不想活了"])
def test_a_no_beside_a_yes_is_a_yes(text: str) -> None:
    assert answers_yes(text)


@pytest.mark.parametrize("question", PLAIN)
@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("有", YES), (" 有。", YES), ("没有", NO), ("没有，从来没想过", NO), ("不想回答", REFUSED), ("不想说", REFUSED), ("别问了", REFUSED),
        ("问这个干嘛", REFUSED), ("跳过", REFUSED), ("不知道", UNSURE), ("说不清", UNSURE), ("什么意思", UNSURE), ("嗯", UNSURE),
        ("开玩笑的", JOKE), ("随口一说", JOKE), ("组长在群里点名说我效率低", None), ("今天下雨", None), ("", None),
    ],
)  # fmt: skip
def test_a_short_answer_means_the_same_at_each_question(question: str, text: str, reading: Reading | None) -> None:
    assert read_answer(question, text) is reading


@pytest.mark.parametrize(
    "text", ["就是累", "没那么严重", "不至于", "没有，就是太累了", "没有不想活", "没到那份上", "歇歇就好", "困"]
)
def test_only_tired_is_a_no_to_the_gentle_question(text: str) -> None:
    assert read_answer(TIRED, text) is NO


@pytest.mark.parametrize("text", ["有时会想到", "两样都有", "后者", "累，有时也不想活"])
def test_tired_and_more_is_a_yes_to_the_gentle_question(text: str) -> None:
    assert read_answer(TIRED, text) is YES


@pytest.mark.parametrize("text", ["组长还在群里点名", "我还在公司加班", "对了，明天要体检", "想想办法吧", "确实挺吵的"])
def test_a_telling_that_only_sounds_like_a_yes_is_none(text: str) -> None:
    assert read_answer("5", text) is None


def test_really_tired_is_tired() -> None:
    assert read_answer(TIRED, "确实挺累的") is NO


def test_words_of_tiredness_answer_no_other_question() -> None:
    assert read_answer("3", "今天站得好累") is None


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("没有，后来孩子哭了我就起来了，给他热奶，换尿布，折腾到三点半", None),
        ("有时候吧，他在的时候还好，他一走家里就剩我和孩子两个人对着墙", None),
        ("有，前天夜里一个人坐在床边的时候想过自杀，后来孩子哭了我才回过神来", YES),
        ("没有，我从来没想过自杀，我就是觉得这日子太难熬了，谁都不管我", NO),
    ],
)
def test_a_long_text_is_an_answer_only_when_it_names_the_matter(text: str, reading: Reading | None) -> None:
    assert len(text) > 24
    assert read_answer("3", text) is reading


@pytest.mark.parametrize("text", ["昨天", "上个月", "两个月前", "三个月以内", "最近", "就前几天", "前阵子"])
def test_within_three_months_is_recent(text: str) -> None:
    assert read_answer(WHEN, text) is Reading.RECENT


@pytest.mark.parametrize("text", ["去年", "三年前", "大学的时候", "小时候", "半年前", "更早", "很久了", "好几年了", "五个月前"])
def test_longer_ago_is_older(text: str) -> None:
    assert read_answer(WHEN, text) is Reading.OLDER


@pytest.mark.parametrize("text", ["不想说", "不知道", "记不清，不好说"])
def test_a_time_that_is_not_told_is_refused(text: str) -> None:
    assert read_answer(WHEN, text) is REFUSED


def test_a_time_that_is_none_is_something_else_told() -> None:
    assert read_answer(WHEN, "那次我妈哭了一夜") is None


@pytest.mark.parametrize("text", ["撑不住", "撑不下去了", "扛不住了", "快坚持不下去了", "我快熬不住了"])
def test_words_of_exhaustion(text: str) -> None:
    assert may_be_tiredness(text, ())


@pytest.mark.parametrize("text", ["撑不住了想死", "活着没意思", "撑不下去了，不如消失", "不想醒来"])
def test_words_of_a_wish_are_not_only_exhaustion(text: str) -> None:
    assert not may_be_tiredness(text, ("exhaustion",))


def test_work_and_the_alive_in_it_are_no_wish() -> None:
    assert may_be_tiredness("活儿太多，真扛不住了", ())


@pytest.mark.parametrize(
    ("text", "words"), [("最近真撑不住", "撑不住"), ("我扛不下去了", "扛不下去"), ("快坚持到极限了", None), ("今天下雨", None)]
)
def test_the_workers_own_words_are_found_to_be_given_back(text: str, words: str | None) -> None:
    assert weary_words(text) == words


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        ("有时候想死", ("1",)), ("真想消失", ("1",)), ("没了我家里人会更好", ("2",)), ("不想活了，没有我他们会轻松", ("1", "2")),
        ("活着没意思", ()), ("撑不住了", ()), ("没有不想活", ()),
    ],
)  # fmt: skip
def test_what_was_said_outright_is_not_asked_again(text: str, questions: tuple[str, ...]) -> None:
    assert said_already(text) == questions


@pytest.mark.parametrize(("text", "is_one"), [("嗯", True), ("嗯嗯。", True), ("哦", True), ("好", False), ("嗯有", False)])
def test_a_bare_nod_is_only_a_sound(text: str, is_one: bool) -> None:
    assert is_bare_nod(text) is is_one


@given(st.text(max_size=60), st.sampled_from(QUESTIONS))
def test_any_text_is_read_without_error_and_a_yes_is_never_a_no(text: str, question: str) -> None:
    assert not (answers_yes(text) and answers_no(text))
    reading = read_answer(question, text)
    if question == WHEN:
        assert reading in (None, Reading.RECENT, Reading.OLDER, REFUSED)
    else:
        assert reading not in (Reading.RECENT, Reading.OLDER)
    if reading is NO:
        assert not answers_yes(text)


@given(
    st.lists(
        st.sampled_from(["有", "没有", "想过", "不知道", "嗯", "哈哈", "累", "，", "但", "死", "不想", "别问"]), max_size=6
    )
)
def test_readings_of_joined_words_agree_with_their_readers(parts: list[str]) -> None:
    text = "".join(parts)
    reading = read_answer("3", text)
    assert reading is not YES or answers_yes(text)
    assert reading is not JOKE or jokes(text)
    assert reading is not UNSURE or is_unsure(text) or is_bare_nod(text)
    if read_answer(TIRED, text) is NO:
        assert answers_no(text) or says_tired(text)
