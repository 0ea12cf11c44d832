"""Requests and courtesies are answered only when they are meant; a human who is asked for is signalled exactly once."""

from __future__ import annotations

import pytest
from stage import Bubble, Stage

from actions.request import MEANT_IN_DANGER
from actions.safety import STEPS

HIGH = ("high", "self", "suicide")
WATCH = ("watch", "self", "suicide")
SHORT = ["没有计划，就是想想", "7", "在家", "一个人", "喝了点酒", "明天", "没有", "不知道", "就是想想", "有过一次", "帮帮我"]
REQUESTS = [
    "start_programme", "find_station", "union_service", "see_result", "export_my_data", "delete_my_data", "book_appointment",
    "log_mood", "ask_capability", "chitchat", "out_of_scope", "complain", "insult", "goodbye", "stop", "thank", "help", "greet",
    "start_screening", "start_exercise", "ask_hotline", "ask_privacy", "are_you_human", "just_listen", "feel_better",
    "report_work_injury", "report_violence", "worry_about_other",
]  # fmt: skip


def names(bubbles: list[Bubble]) -> list[str]:
    return [bubble.response for bubble in bubbles]


def signals(stage: Stage) -> int:
    return sum((bubble.card or {}).get("kind") == "handoff" for bubble in stage.bubbles)


@pytest.mark.parametrize("text", SHORT)
@pytest.mark.parametrize(
    "intent", ["start_programme", "homesickness", "log_mood", "ask_capability", "thank", "nlu_fallback", "help"]
)
def test_in_a_crisis_a_short_answer_is_an_answer(text: str, intent: str) -> None:
    stage = Stage()
    stage.say("我不想活了", "disclose_self_harm", risk=HIGH)
    bubbles = stage.say(text, intent, 0.85)
    assert names(bubbles)[0].startswith("utter_safety_heard")
    assert names(bubbles)[-1] == "utter_self_plan"


@pytest.mark.parametrize("intent", REQUESTS)
def test_in_a_crisis_a_doubtful_request_is_an_answer(intent: str) -> None:
    for risk, path in ((HIGH, "self"), (("imminent", "self", "suicide"), "imminent")):
        stage = Stage()
        stage.say("我不想活了", "disclose_self_harm", risk=risk)
        assert names(stage.say("说不好", intent, 0.8))[-1] == f"utter_{path}_{STEPS[path][1]}"
        assert stage.loop is None


@pytest.mark.parametrize("intent", REQUESTS)
def test_an_answer_to_the_direct_question_is_never_taken_for_a_request(stage: Stage, intent: str) -> None:
    stage.say("活着没意思", "low_mood", risk=WATCH, voice="brief")
    before = dict(stage.slots)
    assert stage.say("有过一次", intent, 0.95, voice="silent") == []
    assert (stage.slots, stage.loop) == (before, None)


@pytest.mark.parametrize("intent", sorted(MEANT_IN_DANGER))
def test_a_sure_request_is_taken_at_its_word_in_a_crisis_and_the_life_stays_the_matter(stage: Stage, intent: str) -> None:
    stage.say("我不想活了", "disclose_self_harm", risk=HIGH)
    assert not names(stage.say("我要这个", intent, 0.95))[-1].startswith("utter_self_")
    if stage.loop:
        stage.press("/stop")
    for _ in range(5):
        stage.say("就这么个情况", "nlu_fallback")
    assert stage.slots["path"] == "self"


def test_answers_are_heard_for_what_they_say(stage: Stage) -> None:
    stage.say("我不想活了", "disclose_self_harm", risk=HIGH)
    heard = [
        names(stage.say(text, "nlu_fallback", 0.25))[0] for text in ("就我一个人", "没有计划，就是想想", "喝了点酒", "没有")
    ]
    kinds = ["alone", "only_thought", "drink", "no"]
    assert heard == [f"utter_safety_heard_{kind}" for kind in kinds]


def test_a_bridge_as_the_answer_is_danger_now(stage: Stage) -> None:
    stage.say("我不想活了", "disclose_self_harm", risk=HIGH)
    bubbles = stage.say("桥上", "nlu_fallback", 0.25)
    assert names(bubbles) == ["utter_safety_edge", "utter_imminent_where"]
    assert "110" in bubbles[0].text
    assert signals(stage) == 1


@pytest.mark.parametrize("intent", REQUESTS)
def test_in_the_middle_of_a_story_a_doubtful_request_is_more_of_it(stage: Stage, intent: str) -> None:
    stage.say("领导天天当众说我", "workplace_conflict")
    said = names(stage.say("后来他把我的工位也挪到了厕所边", intent, 0.45))
    assert said[-1] == "utter_explore_workplace_conflict"
    assert stage.loop is None


@pytest.mark.parametrize(
    ("first", "path"), [("report_violence", "violence"), ("worry_about_other", "other"), ("report_work_injury", "injury")]
)
def test_in_other_paths_a_doubtful_request_goes_on_with_them(stage: Stage, first: str, path: str) -> None:
    stage.say("出事了", first)
    assert names(stage.say("在楼下小卖部", "find_station", 0.6))[-1] == f"utter_{path}_{STEPS[path][0]}"


def _by_intent(stage: Stage) -> None:
    stage.say("转人工", "ask_counsellor")


def _by_button(stage: Stage) -> None:
    stage.press("/ask_counsellor")


def _by_words(stage: Stage) -> None:
    stage.say("跟我爸又吵了一架", "family_conflict")
    stage.say("叫个真人来吧", "nlu_fallback", 0.25)


def _after_complaint(stage: Stage) -> None:
    stage.say("翻来覆去就这几句", "complain")
    stage.say("好", "affirm")


def _after_not_understood(stage: Stage) -> None:
    stage.say("那啥", "nlu_fallback")
    stage.say("就那个嘛", "nlu_fallback")
    stage.say("行", "affirm")


def _after_appointment(stage: Stage) -> None:
    stage.say("想约个时间", "book_appointment")
    stage.say("要", "affirm")


def _in_crisis(stage: Stage) -> None:
    stage.say("我不想活了", "disclose_self_harm", risk=HIGH)
    stage.say("帮我找个真人", "ask_counsellor", 0.6)


def _while_asked(stage: Stage) -> None:
    stage.say("活着没意思", "low_mood", risk=WATCH, voice="brief")
    stage.say("我想找咨询师", "ask_counsellor", 0.95)


def _while_asked_again(stage: Stage) -> None:
    stage.say("活着没意思", "low_mood", risk=WATCH, voice="brief")
    stage.say("我想找咨询师", "ask_counsellor", 0.95, voice="brief")


def _beside_the_sign(stage: Stage) -> None:
    stage.say("撑不住了，帮我找个真人", "ask_counsellor", 0.95, risk=WATCH, voice="brief")


def _under_age(stage: Stage) -> None:
    stage.say("师傅骂我", "workplace_conflict")
    stage.say("我才十七", "nlu_fallback")
    stage.say("好", "affirm")


WAYS = [
    _by_intent, _by_button, _by_words, _after_complaint, _after_not_understood, _after_appointment, _in_crisis, _while_asked,
    _while_asked_again, _beside_the_sign, _under_age,
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_a_human_asked_for_or_accepted_is_signalled_exactly_once(stage: Stage, way) -> None:  # type: ignore[no-untyped-def]
    way(stage)
    assert signals(stage) == 1
    stage.say("嗯", "affirm")
    stage.say("人呢，多久啊", "ask_counsellor", 0.9)
    assert signals(stage) == 1


def test_not_wanting_a_human_signals_nothing(stage: Stage) -> None:
    stage.say("跟我爸又吵了一架", "family_conflict")
    stage.say("别找真人，我就跟你说", "nlu_fallback")
    assert signals(stage) == 0
