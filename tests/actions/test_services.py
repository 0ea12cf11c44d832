"""Requests and courtesies: answered honestly with what works today, and back to the worker."""

from __future__ import annotations

import pytest
from stage import Bubble, Stage


def names(bubbles: list[Bubble]) -> list[str]:
    return [bubble.response for bubble in bubbles]


def test_asking_for_a_person_promises_no_time_and_names_the_lines(stage: Stage) -> None:
    bubbles = stage.say("转人工", "ask_counsellor")
    text = "".join(bubble.text for bubble in bubbles)
    assert "12356" in text
    assert "120" in text
    assert "马上来" not in text.replace("不想骗你说马上就来", "")


def test_a_questionnaire_is_led_by_the_gateway_which_is_signalled(stage: Stage) -> None:
    bubbles = stage.say("测抑郁", "start_screening")
    assert names(bubbles) == ["utter_screening_begin"]
    assert bubbles[0].card == {"kind": "start_screening"}


def test_a_mood_is_asked_for_then_kept_whatever_the_words(stage: Stage) -> None:
    assert names(stage.say("记心情", "log_mood")) == ["utter_mood_ask"]
    assert names(stage.say("阴天", "nlu_fallback")) == ["utter_mood_kept", "utter_ask_mood_why"]


def test_a_mood_told_at_once_is_kept_at_once(stage: Stage) -> None:
    assert names(stage.say("今天6分", "log_mood"))[0] == "utter_mood_kept"


@pytest.mark.parametrize(
    ("intent", "response"),
    [("are_you_human", "utter_are_you_human"), ("ask_privacy", "utter_ask_privacy"), ("chitchat", "utter_chitchat")],
)
def test_a_question_on_the_way_leads_back_to_the_topic(stage: Stage, intent: str, response: str) -> None:
    assert names(stage.say("问一句", intent)) == [response]
    stage.say("跟我爸又吵了一架", "family_conflict")
    assert names(stage.say("再问一句", intent)) == [response, "utter_back_to_topic"]


def test_a_complaint_is_taken_and_then_listened_to(stage: Stage) -> None:
    stage.say("跟我爸又吵了一架", "family_conflict")
    assert names(stage.say("翻来覆去就这几句", "complain")) == ["utter_complain", "utter_ask_complaint"]
    assert names(stage.say("你根本没听我说", "nlu_fallback")) == ["utter_complaint_heard", "utter_complaint_restart"]
    assert (stage.slots["mode"], stage.slots["topic"]) == ("listen", "family_conflict")


def test_curses_are_answered_calmly_and_never_alike(stage: Stage) -> None:
    texts = {stage.say("废物", "insult")[0].text for _ in range(3)}
    assert len(texts) == 3


def test_a_hello_in_the_middle_is_no_new_beginning(stage: Stage) -> None:
    assert names(stage.say("你好", "greet")) == ["utter_greet"]
    stage.say("睡不着三天了", "sleep_problem")
    assert names(stage.say("在吗", "greet")) == ["utter_greet_again"]


def test_feeling_better_is_reflected_without_applause(stage: Stage) -> None:
    stage.say("睡不着三天了", "sleep_problem")
    assert names(stage.say("好多了", "feel_better")) == ["utter_feel_better", "utter_ask_relief"]


def test_goodbye_and_thanks_and_stop_leave_the_door_open(stage: Stage) -> None:
    assert names(stage.say("谢谢", "thank")) == ["utter_thank"]
    assert names(stage.say("别问了", "stop")) == ["utter_stop"]
    assert names(stage.say("走了", "goodbye")) == ["utter_goodbye"]
