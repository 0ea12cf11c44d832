"""Two long conversations with people who are not easy, a third of the turns misunderstood as they would be."""

from __future__ import annotations

import itertools
from typing import Any

from stage import Bubble, Stage

WATCH = ("watch", "self", "suicide")
HIGH = ("high", "self", "suicide")
UNSURE = "nlu_fallback"
Row = tuple[str, str, float, dict[str, Any]]

MOTHER: list[Row] = [
    ("孩子三个月我就回产线了，奶涨得疼也没地方挤", "parenting", 0.9, {"duration": "三个月", "person": "孩子"}),
    ("厕所里挤，挤完倒掉", UNSURE, 0.25, {}),
    ("倒的时候我就哭", UNSURE, 0.25, {}),
    ("线长说又去厕所 扣我绩效", "log_mood", 0.3, {"person": "线长"}),
    ("婆婆带孩子，说我奶不好", "family_conflict", 0.6, {"person": "婆婆"}),
    ("老公就在旁边打游戏", "relationship", 0.55, {"person": "老公"}),
    ("一句话没有", "deny", 0.4, {}),
    ("夜里三趟，早上六点半打卡", "sleep_problem", 0.5, {}),
    ("天天就这么连轴转", "start_programme", 0.45, {}),
    ("撑不下去了", "burnout", 0.4, {"risk": WATCH, "voice": "brief"}),
    ("我是说真的太累了", "burnout", 0.6, {"voice": "silent"}),
    ("没想死，我还有孩子呢", "parenting", 0.5, {"person": "孩子"}),
    ("就是想睡一觉", "sleep_problem", 0.6, {}),
    ("跟我老公说过，他说谁家不是这样", "relationship", 0.7, {"person": "老公"}),
    ("气得我", UNSURE, 0.25, {}),
    ("嗯", "affirm", 1.0, {}),
    ("有没有什么法子", "help", 0.45, {}),
    ("他不会做的", "deny", 0.35, {}),
    ("算了", "stop", 0.45, {}),
    ("孩子醒了先不说了", "goodbye", 0.8, {"person": "孩子"}),
]
ENGINEER: list[Row] = [
    ("在拉各斯 项目上就我一个中国人", UNSURE, 0.25, {"place": "拉各斯"}),
    ("上个月办的离婚，在视频里签的字", "relationship", 0.6, {}),
    ("孩子判给她", "parenting", 0.6, {"person": "孩子"}),
    ("我出来五年，就为了这个家", "homesickness", 0.5, {"duration": "五年"}),
    ("她说跟没老公一样", "relationship", 0.5, {"person": "老公"}),
    ("说的也没错", "affirm", 0.45, {}),
    ("晚上停电，发电机轰轰响", "out_of_scope", 0.35, {}),
    ("一瓶威士忌喝到天亮", UNSURE, 0.25, {}),
    ("有时候觉得活着挺没意思的", "low_mood", 0.7, {"risk": WATCH, "voice": "brief"}),
    ("想过吧 也就想想", UNSURE, 0.25, {"voice": "silent"}),
    ("没有那样想过", "deny", 0.6, {"voice": "silent"}),
    ("有，就这周", UNSURE, 0.25, {"risk": HIGH, "voice": "silent"}),
    ("没有", "deny", 0.9, {"voice": "silent"}),
    ("现在没有", "disclose_self_harm", 1.0, {"risk": HIGH}),
    ("在营地，一个人", "loneliness", 0.9, {}),
    ("没有，没计划", "start_programme", 0.85, {}),
    ("没", "deny", 1.0, {}),
    ("没什么东西", "deny", 0.5, {}),
    ("3", UNSURE, 0.25, {}),
    ("怕麻烦人，国内都半夜", "thank", 0.4, {}),
    ("我哥吧", "family_conflict", 0.87, {"person": "哥哥"}),
    ("嗯", "affirm", 1.0, {}),
    ("女儿今天给我发了个语音，说爸爸早点回来", "see_result", 0.5, {"person": "女儿"}),
    ("我听了好几遍", "find_station", 0.6, {}),
]


def play(stage: Stage, rows: list[Row]) -> list[list[str]]:
    return [[bubble.response for bubble in stage.say(text, intent, sure, **rest)] for text, intent, sure, rest in rows]


def texts(bubbles: list[Bubble]) -> list[str]:
    return [bubble.text for bubble in bubbles]


def test_a_mother_back_on_the_line(stage: Stage) -> None:
    replies = play(stage, MOTHER)
    assert len(set(texts(stage.bubbles))) == len(stage.bubbles)
    assert all(one != two for one, two in itertools.pairwise(replies))
    said = [name for reply in replies for name in reply]
    assert replies[0] == ["utter_reflect_newborn", "utter_ask_newborn"]
    assert replies[3][-1] == "utter_offer_choices"
    assert replies[9] == ["utter_tired_notice"]
    assert replies[10] == []
    assert not {"utter_selfharm_notice", "utter_programme_today", "utter_help", "utter_mood_kept"} & set(said)
    assert replies[11][0].startswith("utter_listen")
    assert "utter_hint_newborn" in replies[16]
    assert replies[18] == ["utter_stop"]
    assert replies[19] == ["utter_goodbye"]


def test_an_engineer_abroad_after_a_divorce(stage: Stage) -> None:
    replies = play(stage, ENGINEER)
    assert len(set(texts(stage.bubbles))) == len(stage.bubbles)
    assert replies[8] == ["utter_selfharm_notice"]
    assert replies[9:13] == [[], [], [], []]
    assert replies[13] == ["utter_safety_with_you", "utter_self_company"]
    asked = [reply[-1].removeprefix("utter_self_") for reply in replies[13:21]]
    assert asked == ["company", "plan", "time", "means", "intent", "barrier", "person", "steps"]
    heard = [reply[0].removeprefix("utter_safety_heard_") for reply in replies[14:21]]
    assert heard == ["alone", "only_thought", "no", "no", "number", "burden", "with"]
    assert not {"utter_no_result", "utter_find_station", "utter_offer_choices"} & {
        name for reply in replies[9:] for name in reply
    }
    assert "12356" not in "".join(texts(stage.bubbles))
