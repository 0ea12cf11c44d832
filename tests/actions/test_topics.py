"""Which topic a message is about: one, two, a change, or the same story going on."""

from __future__ import annotations

from typing import Any

from actions import topics
from actions.turn import Turn


def turn(intent: str, p: float = 0.9, text: str = "我今天在站里又被扣了钱还挨骂", **rest: Any) -> Turn:
    return Turn(text=text, intent=intent, confidence=p, **rest)


def test_two_topics_need_a_strong_second_and_a_real_sentence() -> None:
    ranking = (("work_stress", 0.45), ("relationship", 0.3), ("anxiety", 0.1))
    assert topics.two_topics(turn("work_stress", ranking=ranking)) == ("work_stress", "relationship")
    assert topics.two_topics(turn("work_stress", text="又累又吵", ranking=ranking)) is None
    assert topics.two_topics(turn("work_stress", ranking=(("work_stress", 0.7), ("anxiety", 0.25)))) is None
    assert topics.two_topics(turn("greet", ranking=ranking)) is None


def test_a_clear_other_topic_is_a_change() -> None:
    assert topics.changed_topic(turn("family_conflict", 0.6), "work_stress") == "family_conflict"
    assert topics.changed_topic(turn("family_conflict", 0.5), "work_stress") is None
    assert topics.changed_topic(turn("family_conflict", 0.9, text="我妈"), "work_stress") is None
    assert topics.changed_topic(turn("work_stress"), "work_stress") is None


def test_a_state_of_mind_is_mostly_the_same_story() -> None:
    assert topics.changed_topic(turn("anxiety", 0.7), "work_stress") is None
    assert topics.changed_topic(turn("anxiety", 0.8), "work_stress") == "anxiety"


def test_a_button_always_chooses() -> None:
    pressed = Turn(text="/grief", intent="grief", confidence=1.0)
    assert topics.changed_topic(pressed, "work_stress") == "grief"


def test_the_chosen_of_two_is_read_from_intent_or_words() -> None:
    pair = ("work_stress", "relationship")
    assert topics.chosen_of(turn("relationship"), *pair) == "relationship"
    assert topics.chosen_of(turn("nlu_fallback", text="先说第二个"), *pair) == "relationship"
    assert topics.chosen_of(turn("nlu_fallback", text="上班那个吧"), *pair) == "work_stress"
    assert topics.chosen_of(turn("affirm", text="都行"), *pair) == "work_stress"
    assert topics.chosen_of(turn("nlu_fallback", text="头疼"), *pair) is None


def test_every_topic_has_a_plain_name() -> None:
    assert len(topics.TOPICS) == 13
    assert all(topics.label(name) != topics.label("?") for name in topics.TOPICS)
