"""Exercises: chosen, done step by step, paused, taken up again, broken off by what matters more."""

from __future__ import annotations

import pytest
from stage import Bubble, Stage


def names(bubbles: list[Bubble]) -> list[str]:
    return [bubble.response for bubble in bubbles]


def button(bubbles: list[Bubble], word: str) -> str:
    return next(payload for payload in bubbles[-1].buttons if word in payload)


def test_without_a_name_the_three_are_offered_by_buttons(stage: Stage) -> None:
    bubbles = stage.say("做个放松", "start_exercise")
    assert names(bubbles) == ["utter_exercise_choose"]
    assert len(bubbles[0].buttons) == 3
    assert stage.loop == "exercise_form"


def test_breathing_asks_which_and_sends_the_card_with_its_buttons_last(stage: Stage) -> None:
    which = stage.say("带我做呼吸", "start_exercise", exercise="breathing")
    assert names(which) == ["utter_breathing_choose"]
    bubbles = stage.press(button(which, "breathing_478"))
    card = {"kind": "breathing", "inhale": 4, "hold": 7, "exhale": 8, "rest": 0, "rounds": 4}
    assert bubbles[-1].card == card
    assert bubbles[-1].buttons == ["/affirm", "/stop"]
    assert names(stage.press("/affirm")) == ["utter_breathing_done"]
    assert stage.loop is None
    assert stage.slots["exercise"] is None


def test_box_breathing_by_words(stage: Stage) -> None:
    stage.say("带我做呼吸", "start_exercise", exercise="breathing")
    bubbles = stage.say("方形那个", "nlu_fallback")
    assert bubbles[-1].card is not None
    assert bubbles[-1].card["rest"] == 4


def test_grounding_gives_five_prompts_and_echoes_what_was_named(stage: Stage) -> None:
    stage.press('/start_exercise{"exercise": "grounding"}')
    prompts = []
    for named in ("桌子 手机 灯 鞋 水杯", "衣服 铁皮", "车声", "烟味"):
        bubbles = stage.say(named, "chitchat")
        assert bubbles[0].response == "utter_grounding_heard"
        prompts.append(bubbles[-1].response)
    assert prompts == [f"utter_grounding_{n}" for n in (2, 3, 4, 5)]
    assert names(stage.say("水", "nlu_fallback")) == ["utter_grounding_done"]


def test_naming_nothing_is_fine(stage: Stage) -> None:
    stage.press('/start_exercise{"exercise": "grounding"}')
    assert names(stage.say("想不出来", "unsure")) == ["utter_grounding_fewer", "utter_grounding_2"]


def test_the_thought_record_shows_the_three_sentences_at_the_end(stage: Stage) -> None:
    stage.press('/start_exercise{"exercise": "thought_record"}')
    stage.say("开会领导说我方案{差}", "workplace_conflict")
    stage.say("我真没用", "self_worth")
    bubbles = stage.say("一次没做好不等于没用", "nlu_fallback")
    assert names(bubbles) == ["utter_thought_record_summary", "utter_thought_record_done"]
    assert all(part in bubbles[0].text for part in ("开会领导说我方案（差）", "我真没用", "一次没做好不等于没用"))


def test_long_sentences_keep_the_summary_within_a_bubble(stage: Stage) -> None:
    stage.press('/start_exercise{"exercise": "thought_record"}')
    for _ in range(2):
        stage.say("那天早上" * 20, "nlu_fallback")
    bubbles = stage.say("那天早上" * 20, "nlu_fallback")
    assert bubbles[0].response == "utter_thought_record_summary"
    assert len(bubbles[0].text) <= 110


def test_stop_pauses_and_it_goes_on_where_it_was(stage: Stage) -> None:
    stage.press('/start_exercise{"exercise": "grounding"}')
    stage.say("桌子 手机", "nlu_fallback")
    assert names(stage.press("/stop")) == ["utter_exercise_paused"]
    assert stage.loop is None
    offered = stage.say("刚才的练习", "start_exercise")
    assert names(offered) == ["utter_exercise_resume"]
    assert names(stage.press(button(offered, "resume"))) == ["utter_grounding_2"]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [("restart", ["utter_grounding_intro", "utter_grounding_1"]), ("other", ["utter_exercise_choose"])],
)
def test_a_paused_exercise_can_start_again_or_give_way(stage: Stage, choice: str, expected: list[str]) -> None:
    stage.press('/start_exercise{"exercise": "grounding"}')
    stage.say("桌子", "nlu_fallback")
    stage.press("/stop")
    offered = stage.say("做练习", "start_exercise")
    assert names(stage.press(button(offered, choice))) == expected


def test_a_crisis_breaks_off_the_exercise_and_it_can_be_resumed(stage: Stage) -> None:
    stage.press('/start_exercise{"exercise": "grounding"}')
    stage.say("桌子 手机", "nlu_fallback")
    bubbles = stage.say("我不想活了", "disclose_self_harm", risk=("high", "self", "suicide"))
    assert bubbles[0].response == "utter_safety_with_you"
    assert stage.loop is None
    assert stage.slots["exercise_notes"] == ["桌子 手机"]
    assert names(stage.say("还想接着做刚才的", "start_exercise")) == ["utter_exercise_resume"]


@pytest.mark.parametrize("intent", ["ask_counsellor", "insult", "complain", "goodbye", "ask_hotline", "are_you_human"])
def test_what_is_not_an_answer_leaves_the_form(stage: Stage, intent: str) -> None:
    stage.press('/start_exercise{"exercise": "grounding"}')
    stage.say("随便一句", intent)
    assert stage.loop is None
    assert stage.slots["exercise"] == "grounding"


def test_a_story_instead_of_a_choice_is_listened_to(stage: Stage) -> None:
    stage.say("做个练习", "start_exercise")
    bubbles = stage.say("算了，我今天被领导骂了一顿心里难受", "workplace_conflict")
    assert names(bubbles) == ["utter_reflect_workplace_conflict", "utter_ask_workplace_conflict"]
    assert stage.loop is None


def test_a_no_to_the_choice_is_taken(stage: Stage) -> None:
    stage.say("做个练习", "start_exercise")
    assert names(stage.say("算了不做了", "deny")) == ["utter_exercise_declined"]


def test_anything_will_do_begins_with_the_easiest(stage: Stage) -> None:
    stage.say("做个练习", "start_exercise")
    bubbles = stage.say("随便", "unsure")
    assert bubbles[0].response == "utter_exercise_pick_for_you"
    assert bubbles[-1].card is not None


@pytest.mark.parametrize(
    "text", ["别跟我说深呼吸", "不要再叫我放松了", "我不想做什么呼吸练习", "烦死那些冥想了", "少给我提呼吸"]
)
def test_an_exercise_named_only_to_be_refused_is_not_begun(stage: Stage, text: str) -> None:
    bubbles = stage.say(text, "start_exercise", exercise="breathing")
    assert bubbles
    assert not stage.slots.get("exercise_opens")


@pytest.mark.parametrize("text", ["想放松一下", "别的练习有吗，呼吸我会了", "来做深呼吸吧"])
def test_an_exercise_asked_for_is_not_taken_for_a_refusal(stage: Stage, text: str) -> None:
    stage.say(text, "start_exercise", exercise="breathing")
    assert stage.slots.get("exercise_opens")
