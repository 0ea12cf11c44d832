"""Cues: found in any dress, masked by sayings, doubted when denied, and put to the right person."""

from __future__ import annotations

import pytest
from risk_ground import cues_alone, finder

from bot.domain.risk import RiskLevel, RiskSubject
from bot.risk.cues import CueHit

EXPLICIT = [
    "想死", "我想死", "好想死", "真的想死了", "不想活了", "我不想活了", "活够了", "活腻了", "活不下去了", "想自杀", "我想自杀", "有自杀的念头",
    "想轻生", "想寻短见", "死了算了", "还不如死了", "一死了之", "一了百了", "想了结自己", "想结束自己的生命", "想离开这个世界", "想跳楼", "想从楼上跳下去",
    "想割腕", "想上吊", "怎么死不痛苦", "自我了断", "没有活下去的勇气", "生无可恋不想活了", "自残", "我又割自己了", "忍不住想伤害自己", "想去死", "求死",
    "就死给他看", "真想一头撞死", "我不活了", "没打算活到过年", "想4", "想紫砂", "想亖", "zs的念头", "想去si", "bxhl", "我想自殺", "不想活瞭",
    "唔想做人", "莫得活头了想死", "俺不想活咧", "i want to die",
]  # fmt: skip


def level(text: str) -> RiskLevel:
    return cues_alone().quick(text).level


def hit(text: str, name: str) -> CueHit:
    return next(each for each in finder().find(text) if each.cue.name == name)


@pytest.mark.parametrize("text", EXPLICIT)
def test_an_explicit_phrase_is_high(text: str) -> None:
    assert level(text).rank >= RiskLevel.HIGH.rank


@pytest.mark.parametrize(
    "text",
    ["不想醒来", "活着没意思", "我是累赘", "好想消失", "撑不下去了", "要是没出生就好了", "没有我他们会过得更好", "熬不动了", "活着好累",
     "死了就清净了", "下辈子不做人了", "怎么还没死", "谁来杀了我"],
)  # fmt: skip
def test_a_passive_wish_is_at_least_watch(text: str) -> None:
    assert level(text).rank >= RiskLevel.WATCH.rank


@pytest.mark.parametrize(
    "text",
    ["我已经吞了一整瓶安眠药", "农药我喝了", "人在天台，想跳", "我现在就去死", "遗书写好了", "今晚就从楼上跳下去，不想活了", "不想活了，刀就在手里",
     "手腕割开了，血止不住", "数到一百就跳"],
)  # fmt: skip
def test_an_act_a_near_time_or_a_farewell_is_imminent(text: str) -> None:
    assert level(text) is RiskLevel.IMMINENT


@pytest.mark.parametrize(
    "text",
    ["笑死我了", "累死了", "想死你了", "他是我死党", "今天真要命", "手机死机了", "死磕这个客户", "原地去世", "当场社死", "跳槽去隔壁厂", "秒杀抢到了",
     "这路口堵死了", "便宜得要死", "合同写死了", "打死我也不去", "作死小能手", "热死人了", "死活想不起密码", "猝死的新闻", "往死里学"],
)  # fmt: skip
def test_a_saying_alone_never_reaches_high(text: str) -> None:
    assert level(text).rank < RiskLevel.HIGH.rank


def test_negation_alone_does_not_clear_a_message() -> None:
    assert level("不想死但也不想活") is RiskLevel.HIGH
    assert level("没有想过自杀，可是真的不想活了") is RiskLevel.HIGH
    assert level("没有一天不想死") is RiskLevel.HIGH


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("没想过自杀", "want_suicide"),
        ("我不想死", "want_to_die"),
        ("从来没有过轻生的念头", "end_life"),
        ("想死那绝对没有", "want_to_die"),
    ],
)
def test_a_denied_cue_is_doubtful(text: str, name: str) -> None:
    assert hit(text, name).is_negated


@pytest.mark.parametrize(
    "text", ["每次吵架特别想自杀", "是不是死了才好", "大夫问有没有轻生的念头，我骗他说没有", "会不会想死啊我"]
)
def test_a_word_that_only_looks_like_a_denial_is_none(text: str) -> None:
    assert any(not each.is_negated and each.level.rank >= RiskLevel.HIGH.rank for each in finder().find(text))


def test_an_accident_is_doubtful() -> None:
    assert hit("切菜不小心割手了", "self_harm").is_doubtful


@pytest.mark.parametrize("text", ["我　 想…死", "不＊想＊活＊了", "自~殺", "昨天又 想 去 死 了"])
def test_spans_point_at_the_original_text(text: str) -> None:
    for each in finder().find(text):
        assert 0 <= each.cue.start < each.cue.end <= len(text)
    found = finder().find(text)[0].cue
    assert text[found.start : found.end][0] in "想不自"


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("我想死", RiskSubject.SELF),
        ("想死", RiskSubject.SELF),
        ("我朋友说不想活了", RiskSubject.OTHER),
        ("我同事想自杀", RiskSubject.OTHER),
        ("他跟我说想死", RiskSubject.OTHER),
        ("我妈抑郁很久了，总说活着没意思", RiskSubject.OTHER),
        ("他让我去死，我真的想死了", RiskSubject.SELF),
        ("老公出轨了，我想死", RiskSubject.SELF),
        ("跟室友拌嘴，气得想跳楼", RiskSubject.SELF),
        ("被老板骂了，不想活了", RiskSubject.SELF),
        ("我想从他公司楼上跳下去", RiskSubject.SELF),
        ("抱着孩子一起跳下去的念头", RiskSubject.SELF),
        ("19岁男生，老想割腕", RiskSubject.SELF),
        ("我怕我弟做傻事", RiskSubject.OTHER),
    ],
)
def test_the_person_nearest_to_the_cue_decides(text: str, subject: RiskSubject) -> None:
    assert cues_alone().quick(text).subject is subject


def test_what_a_cue_requires_must_stand_beside_it() -> None:
    assert level("刀就放在桌上") is RiskLevel.NONE
    assert level("刀就放在桌上，我不想活了") is RiskLevel.IMMINENT


def test_about_somebody_else_high_becomes_watch_and_imminent_stays() -> None:
    assert level("我同事想自杀") is RiskLevel.WATCH
    assert level("我朋友爬到楼顶栏杆上了") is RiskLevel.IMMINENT
