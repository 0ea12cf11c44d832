"""Words that may be only exhaustion: the telling is heard first, the question is gentle, and it never becomes an interrogation."""

from __future__ import annotations

import pytest
from stage import Bubble, Stage

from actions.answers import answers_no, answers_yes, may_be_tiredness

WATCH = ("watch", "self", "suicide")
FIRST = "最近天天加班到十一点，回家还跟老公吵，感觉撑不住"
ASKING = {"utter_ask_tired", "utter_ask_suicide", "utter_ask_suicide_again"}


def names(bubbles: list[Bubble]) -> list[str]:
    return [bubble.response for bubble in bubbles]


def tell_first(stage: Stage) -> list[Bubble]:
    ranking = {"work_stress": 0.35, "burnout": 0.2, "relationship": 0.15}
    return stage.say(FIRST, "work_stress", 0.35, ranking, WATCH, ("passive_wish",), person="老公", time="最近")


def test_both_troubles_are_named_then_the_gentle_question_then_the_lines_in_short(stage: Stage) -> None:
    bubbles = tell_first(stage)
    assert names(bubbles) == ["utter_two_troubles", "utter_ask_tired", "utter_selfharm_line"]
    assert "加班" in bubbles[0].text
    assert "跟老公吵架" in bubbles[0].text
    assert "撑不住" in bubbles[1].text
    assert "累" in bubbles[1].text
    assert "不想活" in bubbles[1].text
    assert (stage.slots["topic"], stage.slots["second_topic"]) == ("work_stress", "relationship")


@pytest.mark.parametrize("answer", ["就是累", "没有不想活", "没那么严重", "没有，就是太累了", "不至于"])
@pytest.mark.parametrize("intent", ["burnout", "disclose_self_harm", "feel_better", "deny", "nlu_fallback"])
def test_only_tired_is_believed_and_not_asked_again_for_ten_tellings(stage: Stage, answer: str, intent: str) -> None:
    tell_first(stage)
    assert names(stage.say(answer, intent, 0.83)) == ["utter_only_tired", "utter_ask_work_stress"]
    for turn in range(9):
        said = names(stage.say(f"昨天又干到半夜{turn}点，真撑不住", "work_stress", 0.4, risk=WATCH))
        assert not ASKING & set(said)


def test_a_wish_is_asked_about_even_after_only_tired(stage: Stage) -> None:
    tell_first(stage)
    stage.say("就是累", "burnout")
    assert "utter_ask_suicide" in names(stage.say("有时候觉得活着没意思", "low_mood", risk=WATCH))


def test_the_question_passed_over_comes_back_once_later_in_other_words(stage: Stage) -> None:
    first = tell_first(stage)
    told = ["组长还在群里点名，说我效率低", "昨天改到一点半，眼睛都花了", "他说我不顾家，可家里的钱谁挣的"]
    replies = [stage.say(text, "work_stress", 0.4) for text in told]
    asked = [n for n, reply in enumerate(replies) if ASKING & set(names(reply))]
    assert asked == []
    again = stage.say("婆婆也站他那边", "nlu_fallback")
    assert names(again)[-1] == "utter_ask_suicide_again"
    assert again[-1].text != first[1].text
    assert "utter_suicide_left_open" in names(stage.say("周末又说要来住一个月，我都不敢回家", "nlu_fallback"))
    for turn in range(8):
        assert not ASKING & set(names(stage.say(f"后来又吵了{turn}回，谁也不让谁", "nlu_fallback")))


def test_a_no_to_another_question_in_between_is_not_read_as_the_answer(stage: Stage) -> None:
    tell_first(stage)
    stage.say("组长还在群里点名，说我效率低", "work_stress", 0.4)
    assert not {"utter_only_tired", "utter_suicide_denied"} & set(names(stage.say("没有", "deny")))


def test_joking_it_away_is_asked_once_more_and_then_left(stage: Stage) -> None:
    tell_first(stage)
    assert names(stage.say("哈哈开玩笑的", "nlu_fallback", 0.25, risk=WATCH)) == [
        "utter_safety_heard_joke",
        "utter_ask_suicide_again",
    ]
    assert names(stage.say("真没有，别多想", "deny"))[0] == "utter_only_tired"


def test_a_sign_inside_a_request_or_an_exercise_is_not_passed_over(stage: Stage) -> None:
    said = stage.say("我撑不住了，给我找个真人", "ask_counsellor", 0.95, risk=WATCH)
    assert names(said) == ["utter_counsellor_requested", "utter_counsellor_wait", "utter_ask_tired"]
    other = Stage()
    other.press('/start_exercise{"exercise": "thought_record"}')
    assert "utter_ask_tired" in names(other.say("我真的扛不住了", "burnout", risk=WATCH))
    assert other.loop is None
    assert other.slots["exercise_state"] == "paused"
    third = Stage()
    assert "utter_ask_tired" in names(third.say("先下了，顶不住了", "goodbye", 0.9, risk=WATCH))


@pytest.mark.parametrize("text", ["撑不住", "撑不下去了", "扛不住了", "快坚持不下去了", "我快熬不住了"])
def test_words_of_exhaustion(text: str) -> None:
    assert may_be_tiredness(text, ())


@pytest.mark.parametrize("text", ["撑不住了想死", "活着没意思", "撑不下去了，不如消失", "不想醒来"])
def test_words_of_a_wish_are_not_only_exhaustion(text: str) -> None:
    assert not may_be_tiredness(text, ("exhaustion",))


@pytest.mark.parametrize("text", ["没有不想活", "不是想死", "没想死", "没有，从来没想过死"])
def test_a_no_that_names_it_is_a_no(text: str) -> None:
    assert answers_no(text)
    assert not answers_yes(text)


@pytest.mark.parametrize("text", ["不想死但也不想活", "没有计划，但有时会想", "没想死，就是不想活了"])
def test_a_no_beside_a_yes_is_a_yes(text: str) -> None:
    assert answers_yes(text)
