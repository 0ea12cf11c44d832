"""What follows a sign of danger: asked directly, one question at a time, never left, never the same block again."""

from __future__ import annotations

import pytest
from stage import Bubble, Stage

from actions.safety import STEPS

WATCH = ("watch", "self", "suicide")
HIGH = ("high", "self", "suicide")
IMMINENT = ("imminent", "self", "suicide")
ABOUT_OTHER = ("high", "other", "suicide")
LINES = ("12356", "120", "110")


def names(bubbles: list[Bubble]) -> list[str]:
    return [bubble.response for bubble in bubbles]


def said(bubbles: list[Bubble]) -> str:
    return "".join(bubble.text for bubble in bubbles)


def test_below_high_it_is_heard_and_the_question_and_the_numbers_are_left_to_the_gateway(stage: Stage) -> None:
    bubbles = stage.say("我不想活了", "disclose_self_harm", risk=WATCH, voice="brief")
    assert names(bubbles) == ["utter_selfharm_notice"]
    assert not any(number in said(bubbles) for number in LINES)
    assert "没有吧" not in said(bubbles)


def test_at_high_the_hotline_block_is_not_repeated(stage: Stage) -> None:
    bubbles = stage.say("我不想活了", "disclose_self_harm", risk=HIGH)
    assert names(bubbles) == ["utter_safety_with_you", "utter_self_company"]
    assert not any(number in said(bubbles) for number in LINES)


def test_each_question_is_asked_once_and_then_it_stays(stage: Stage) -> None:
    asked = names(stage.say("我不想活了", "disclose_self_harm", risk=HIGH))
    for turn in range(14):
        bubbles = stage.say(f"说不好，脑子里乱，{turn}", "nlu_fallback")
        assert 1 <= len(bubbles) <= 2
        assert sum("？" in bubble.text for bubble in bubbles) <= 1
        asked += names(bubbles)
    questions = [f"utter_self_{step}" for step in STEPS["self"]]
    assert [name for name in asked if name in questions] == questions
    assert "utter_safety_check" in asked
    assert asked.count("utter_safety_stay") >= 4
    assert not any(name.startswith(("utter_offer", "utter_hint", "utter_explore")) for name in asked)
    texts = [bubble.text for bubble in stage.bubbles]
    assert len(texts) == len(set(texts))


def test_no_means_at_hand_skips_putting_them_away(stage: Stage) -> None:
    stage.say("我不想活了", "disclose_self_harm", risk=HIGH)
    for answer in ("一个人", "没有", "没有"):
        stage.say(answer, "deny")
    assert names(stage.say("没有", "deny"))[-1] == "utter_self_intent"


def test_an_unclear_answer_about_means_puts_them_away(stage: Stage) -> None:
    stage.say("我不想活了", "disclose_self_harm", risk=HIGH)
    for answer in ("一个人", "没有", "没有"):
        stage.say(answer, "deny")
    assert names(stage.say("抽屉里吧", "nlu_fallback"))[-1] == "utter_self_distance"


def test_a_disclosure_said_again_goes_on_instead_of_starting_over(stage: Stage) -> None:
    stage.say("我不想活了", "disclose_self_harm", risk=HIGH)
    assert names(stage.say("真的不想活了", "disclose_self_harm", risk=HIGH))[-1] == "utter_self_plan"


def test_imminent_first_asks_where_and_moves_away_from_danger(stage: Stage) -> None:
    stage.say("我不想活了", "disclose_self_harm", risk=HIGH)
    assert names(stage.say("我站在楼顶", "disclose_self_harm", risk=IMMINENT))[-1] == "utter_imminent_where"
    assert names(stage.say("城西", "nlu_fallback"))[-1] == "utter_imminent_distance"
    assert names(stage.say("退了", "nlu_fallback"))[-1] == "utter_imminent_company"


def test_a_row_of_direct_questions_that_ended_at_high_goes_on_with_company(stage: Stage) -> None:
    stage.say("活着没意思", "low_mood", risk=WATCH, voice="brief")
    for answer in ("有", "没有", "有", "没有"):
        stage.say(answer, "nlu_fallback", risk=HIGH, voice="silent")
    bubbles = stage.say("没有", "disclose_self_harm", risk=HIGH)
    assert names(bubbles) == ["utter_safety_with_you", "utter_self_company"]
    assert not any(number in said(bubbles) for number in LINES)


@pytest.mark.parametrize(
    ("text", "intent", "expected"),
    [
        ("好点了", "feel_better", "utter_safety_heard"),
        ("先睡了", "goodbye", "utter_goodbye_safety"),
        ("别问了", "stop", "utter_stop_safety"),
        ("在吗", "greet", "utter_greet_safety"),
        ("闭嘴", "insult", "utter_insult"),
        ("只想说说", "just_listen", "utter_safety_heard"),
    ],
)
def test_no_courtesy_leaves_a_worker_in_danger(stage: Stage, text: str, intent: str, expected: str) -> None:
    stage.say("我不想活了", "disclose_self_harm", risk=HIGH)
    assert names(stage.say(text, intent))[0] == expected
    assert stage.slots["path"] == "self"


def test_fear_for_another_is_led_to_asking_keeping_safe_and_oneself(stage: Stage) -> None:
    first = stage.say("我室友说他不想活了", "worry_about_other", person="室友")
    assert names(first) == ["utter_other_heard", "utter_other_lines", "utter_other_now"]
    assert "室友" in first[0].text
    assert names(stage.say("在阳台", "nlu_fallback"))[-1] == "utter_other_ask"
    assert names(stage.say("我不敢", "deny"))[-1] == "utter_other_keep"
    assert names(stage.say("班长吧", "nlu_fallback"))[-1] == "utter_other_yourself"
    stage.say("我就是怕", "nlu_fallback", feeling="afraid")
    assert stage.slots["path"] is None


def test_the_lines_for_another_are_left_to_the_gateway_at_high(stage: Stage) -> None:
    assert names(stage.say("他吃药了", "worry_about_other", risk=ABOUT_OTHER)) == ["utter_other_heard", "utter_other_now"]


def test_a_loss_to_suicide_is_grief_and_the_gateway_asks_how_the_worker_is(stage: Stage) -> None:
    for intent in ("grief", "worry_about_other", "disclose_self_harm"):
        one = Stage()
        bubbles = one.say("我同事上周跳楼走了，天天跟我一个工位", intent, risk=("watch", "other", "suicide"))
        assert names(bubbles) == ["utter_grief_suicide"]
        assert bubbles[0].card == {"kind": "ask_directly"}
    (bubble,) = stage.say("我哥上个月自杀走了", "grief")
    assert bubble.card == {"kind": "ask_directly"}
    stage.say("没有，就是想不通", "deny", voice="silent")
    assert stage.slots["topic"] == "grief"
    assert names(stage.say("就是想他", "grief"))[-1] == "utter_explore_grief"


def test_violence_asks_for_safety_and_never_mediates(stage: Stage) -> None:
    bubbles = stage.say("老公又打我", "report_violence")
    assert names(bubbles) == ["utter_violence_heard", "utter_violence_lines", "utter_violence_now"]
    assert "110" in said(bubbles)
    asked = [names(stage.say("嗯嗯 是", "nlu_fallback"))[-1] for _ in range(3)]
    assert asked == ["utter_violence_place", "utter_violence_evidence", "utter_violence_rights"]
    assert "12338" in stage.bubbles[-1].text


def test_a_threat_to_others_has_its_own_path(stage: Stage) -> None:
    risk = ("high", "other", "violence_to_others")
    assert names(stage.say("我要捅了他", "report_violence", risk=risk)) == ["utter_threat_heard", "utter_threat_now"]


def test_a_work_injury_puts_the_body_first_then_evidence_and_rights(stage: Stage) -> None:
    assert "120" in said(stage.say("手被机器压了", "report_work_injury"))
    asked = [names(stage.say("包了一下", "nlu_fallback"))[-1] for _ in range(3)]
    assert asked == ["utter_injury_evidence", "utter_injury_rights", "utter_injury_feeling"]


def test_a_medical_emergency_sends_to_120_whatever_was_understood(stage: Stage) -> None:
    risk = ("imminent", "self", "medical_emergency")
    assert "120" in said(stage.say("胸口疼得喘不上气", "anxiety", risk=risk))


def test_questions_never_ask_for_methods_and_promise_nothing() -> None:
    from stage import domain

    texts = "".join(w["text"] for ws in domain()["responses"].values() for w in ws)
    for forbidden in ("已经派人", "马上就到", "保证不", "答应我", "保密", "用什么药", "多少片"):
        assert forbidden not in texts.replace("别替他保密", "")
