"""What words mean about a screening: wishes never take an option's place, and only a screening is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from screening_talk import scales

from bot.domain.screening_answers import at_open_item
from bot.domain.screening_words import (
    RunWish,
    read_wish,
    says_minor,
    tells_something,
    wanted_scale,
    wants_person,
    wants_screening,
)


def test_no_way_to_say_an_option_is_read_as_a_wish_or_a_story() -> None:
    for questionnaire in scales().values():
        for item in questionnaire.items:
            for option in item.options:
                for said in (option.text, *option.says):
                    wanted = read_wish(said)
                    assert wanted is None or not at_open_item(wanted.wish), (questionnaire.id, said)
                    assert not wants_person(said)
                    assert not says_minor(said)


@pytest.mark.parametrize(
    ("words", "wish"),
    [
        ("上一题", RunWish.BACK), ("返回上一题", RunWish.BACK), ("上一题选错了", RunWish.BACK), ("刚才那题答错了", RunWish.BACK), ("什么意思", RunWish.MEANING),
        ("这题什么意思啊", RunWish.MEANING), ("没看懂", RunWish.MEANING), ("啥叫急切", RunWish.MEANING), ("两三天算哪个", RunWish.MEANING), ("先停一下", RunWish.STOP),
        ("我先去忙", RunWish.STOP), ("来单了", RunWish.STOP), ("不做了", RunWish.STOP), ("不想答了", RunWish.STOP), ("改天再做吧", RunWish.STOP), ("退出测评", RunWish.STOP),
        ("不想答这个", RunWish.SKIP), ("这题跳过", RunWish.SKIP), ("不想说", RunWish.SKIP), ("下一题", RunWish.SKIP), ("做到哪了", RunWish.WHERE), ("第几题了", RunWish.WHERE),
        ("还剩多少", RunWish.WHERE), ("还要多久", RunWish.HOW_LONG), ("公司能看到吗", RunWish.WHO_SEES), ("保密吗", RunWish.WHO_SEES), ("这算诊断吗", RunWish.NO_DIAGNOSIS),
        ("接着做测评", RunWish.RESUME), ("继续做刚才的测评", RunWish.RESUME), ("同意", RunWish.AGREE), ("不同意", RunWish.DECLINE), ("给咨询师看", RunWish.SHARE),
    ],
)  # fmt: skip
def test_a_wish_is_read_in_its_many_forms(words: str, wish: RunWish) -> None:
    wanted = read_wish(words)
    assert wanted is not None
    assert wanted.wish is wish


@pytest.mark.parametrize(
    ("words", "number", "answer"),
    [
        ("改第3题", 3, ""), ("第三题改一下", 3, ""), ("回到第二十一题", 21, ""), ("我想改第12题", 12, ""), ("第2题改成几乎每天", 2, "几乎每天"),
        ("第5题我选错了", 5, ""), ("第一题应该选好几天", 1, "好几天"),
    ],
)  # fmt: skip
def test_a_correction_names_its_question_and_maybe_its_answer(words: str, number: int, answer: str) -> None:
    wanted = read_wish(words)
    assert wanted is not None
    assert (wanted.wish, wanted.number, wanted.answer) == (RunWish.CHANGE, number, answer)


@pytest.mark.parametrize(
    "words", ["第三个", "第2个", "2", "每天", "没有", "不会", "有时候", "今天改了三次排班", "老板让我改第三版方案", "改第3步"]
)
def test_an_answer_or_a_story_is_no_wish(words: str) -> None:
    wanted = read_wish(words)
    assert wanted is None or not at_open_item(wanted.wish)


@pytest.mark.parametrize(
    "words",
    ["昨天被组长当众骂了", "我跟你说个事，我老婆要走", "你是真人吗", "我好难受", "后来他摔门走了", "在宿舍坐了一宿没合眼"],
)
def test_a_story_is_told_apart(words: str) -> None:
    assert tells_something(words)


@pytest.mark.parametrize("words", ["有时候", "还好吧", "看情况", "不多不少", "说不准", "偶尔来一下", "隔三差五", "时好时坏的"])
def test_an_unclear_answer_is_no_story(words: str) -> None:
    assert not tells_something(words)


@pytest.mark.parametrize(
    ("words", "scale"),
    [
        ("我想测测是不是抑郁", "phq-9"), ("做个PHQ9", "phq-9"), ("做个 phq-9 吧", "phq-9"), ("最近睡不好能测一下吗", "jenkins-4"), ("想测一下焦虑", "gad-7"),
        ("GAD-7量表有吗，我想做", "gad-7"), ("帮我测下倦怠程度", "cbi-work"), ("有没有测孤独的量表", "ucla-3"), ("我这喝酒算不算多，有题能测吗", "audit-c"),
        ("做一份WHO-5", "who-5"), ("我想做K6", "k6"), ("能帮我测一测压力吗", "k6"), ("先来个四道题的小测评，phq4那个", "phq-4"), ("抑郁自评", "phq-9"),
        ("考试前焦虑得不行，能做个焦虑测评吗", "gad-7"), ("体检说我有点抑郁倾向，能测抑郁吗", "phq-9"),
    ],
)  # fmt: skip
def test_a_named_scale_is_found(words: str, scale: str) -> None:
    assert wants_screening(words)
    assert wanted_scale(words) == scale


@pytest.mark.parametrize(
    "words",
    ["做个测评", "有没有心理测试", "想做个心理测试", "能帮我评估一下现在的状态吗", "给我来套题测测", "测一下", "想测测自己"],
)
def test_a_screening_without_a_name_is_wanted_all_the_same(words: str) -> None:
    assert wants_screening(words)
    assert wanted_scale(words) is None


@pytest.mark.parametrize(
    "words",
    [
        "明天要体检，好烦", "去做个体检测一下血压", "今天又要测核酸", "排队测核酸排了俩小时", "仪器检测报告出来了", "这批零件检测不合格", "车辆检测没过", "车子要去检测站测一下尾气",
        "考试测验没及格", "明天有个测验", "软件测试天天加班", "我是做测试的，经常熬夜", "测试环境又崩了", "上线前压测", "量了一下体温三十八度", "测了个血糖偏高",
        "客户让我填满意度问卷", "领导让填一份调查问卷", "驾照科目二考试测了三次", "测速拍到我超速了", "评估报告写不完", "绩效评估又垫底了", "风险评估要交了", "测绘队的活太苦了",
        "孩子测验考砸了", "房子评估价低", "不想做测评", "别给我测了", "我要退出测评", "小镇做题家", "公司看得到我的测评吗", "心理测试说我中度抑郁，靠谱不", "能不能只删测试", "上次测的结果呢", "测评结果出来了吗", "这种测评有用吗", "我焦虑", "心里压力好大", "最近总睡不好",
        "听说要做DNA检测", "质检天天挑刺", "面试评估没过", "算命测字准吗", "测一下听力", "公司内测系统卡死了", "验孕棒测了两条杠",
    ],
)  # fmt: skip
def test_another_test_is_no_screening(words: str) -> None:
    assert not wants_screening(words)
    assert wanted_scale(words) is None


def test_what_rasa_found_names_the_scale_by_itself() -> None:
    assert wanted_scale("做一个", "phq-9") == "phq-9"
    assert wanted_scale("做一个", "压力") == "k6"
    assert wanted_scale("想要这个", "whatever") is None


@given(st.text(max_size=200))
def test_any_text_can_be_read(words: str) -> None:
    read_wish(words)
    tells_something(words)
    wanted_scale(words)
    says_minor(words)
