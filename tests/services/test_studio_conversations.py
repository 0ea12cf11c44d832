"""What was predicted in a conversation, by which policy, masked; and stories made of its turns."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from ground import NOW
from inbox_ground import SURE, TRAINER, agree, agreeing, say, withdraw
from sqlalchemy.orm import Session
from worker_thread import Thread

from bot.bootstrap import Root
from bot.db.studio_tables import InboxGroup, InboxItem
from bot.domain.errors import InvalidInput, NotFound
from bot.services import studio_conversations, tracker_turns
from bot.services.studio_conversations import Turn


def tracked(
    thread: Thread, message_id: int, text: str, *events: dict[str, Any], intent: str = "work_stress", **parsed: Any
) -> None:
    """One turn as Rasa's tracker store keeps it."""
    parse_data = {"text": text, "intent": {"name": intent, "confidence": 0.9}, "entities": [], **parsed}
    user = {
        "event": "user",
        "text": text,
        "parse_data": parse_data,
        "metadata": {"message_id": message_id},
        "timestamp": NOW.timestamp(),
    }
    listen = {"event": "action", "name": "action_listen", "policy": None, "confidence": None}
    thread.root.call(tracker_turns.append, thread.id, [user, *events, listen], {}, {})


def action(name: str, policy: str = "policy_0_RulePolicy", confidence: float = 1.0) -> dict[str, Any]:
    return {"event": "action", "name": name, "policy": policy, "confidence": confidence}


def turns(thread: Thread) -> list[Turn]:
    return studio_conversations.turns_of(thread.root.call_reading(studio_conversations.read, thread.id))


@pytest.fixture
def thread(root: Root) -> Thread:
    return agreeing(root)


def test_each_step_is_shown_with_its_policy_what_it_said_and_what_it_set(thread: Thread) -> None:
    message_id = say(thread, "组长张伟又骂我", SURE)
    tracked(
        thread, message_id, "组长张伟又骂我",
        {"event": "slot", "name": "topic", "value": "work_stress"}, action("action_support", "policy_2_TEDPolicy", 0.87),
        {"event": "bot", "text": "张伟这样说你，难受吧"}, {"event": "slot", "name": "quote", "value": "张伟又骂我"},
        {"event": "active_loop", "name": "exercise_form"},
    )  # fmt: skip
    (turn,) = turns(thread)
    assert (turn.message_id, turn.text, turn.loop) == (message_id, "组长某甲又骂我", "exercise_form")
    before, step = turn.as_json()["actions"]
    assert before["slots"] == [{"name": "topic", "value": "work_stress"}]
    assert step == {
        "name": "action_support", "policy": "TEDPolicy", "confidence": 0.87, "texts": ["某甲这样说你，难受吧"],
        "slots": [{"name": "quote", "value": "某甲又骂我"}],
    }  # fmt: skip


def test_entities_stand_where_they_are_in_the_masked_words(thread: Thread) -> None:
    said = "李志强说我老公在东莞"
    start = said.index("老公")
    found = [{"entity": "person", "value": "老公", "start": start, "end": start + 2}]
    tracked(thread, say(thread, said, SURE), said, action("action_support"), entities=found)
    (turn,) = turns(thread)
    (entity,) = turn.entities
    assert turn.text == "某甲说我老公在某地"
    assert turn.text[entity["start"] : entity["end"]] == "老公"


def test_turns_from_before_the_consent_and_messages_without_words_are_left_out(root: Root) -> None:
    thread = Thread(root)
    tracked(thread, say(thread, "这句还没有同意", SURE), "这句还没有同意", action("action_support"))
    agreeing(root)
    late = NOW + dt.timedelta(minutes=1)
    withdraw(root, "w1")
    with pytest.raises(NotFound):
        root.call_reading(studio_conversations.read, thread.id)
    agree(root, "w1", at=late)
    tracked(thread, say(thread, "这句是后来说的", SURE, now=late), "这句是后来说的", action("action_support"))
    assert [turn.text for turn in turns(thread)] == ["这句是后来说的"]


def test_an_opening_is_refused_without_a_consent(root: Root) -> None:
    thread = Thread(root)
    with pytest.raises(NotFound):
        root.call(studio_conversations.open_conversation, TRAINER, thread.id, NOW)


def test_turns_become_a_story_with_the_slots_that_policies_read(thread: Thread) -> None:
    tracked(thread, say(thread, "组长张伟又骂我", SURE), "组长张伟又骂我", action("action_support"))
    pressed = say(thread, "好，试试", SURE, payload="/start_exercise")
    tracked(
        thread, pressed, "/start_exercise", action("action_choose_exercise"), {"event": "slot", "name": "exercise_opens", "value": True},
        {"event": "slot", "name": "topic", "value": "x"}, action("exercise_form"), {"event": "active_loop", "name": "exercise_form"},
        {"event": "active_loop", "name": None}, intent="start_exercise",
    )  # fmt: skip
    story = studio_conversations.story_of(turns(thread), [1, 2], "先听，再练", False, {"exercise_opens"})
    assert story == {
        "story": "先听，再练",
        "steps": [
            {"intent": "work_stress"}, {"action": "action_support"}, {"intent": "start_exercise"}, {"action": "action_choose_exercise"},
            {"slot_was_set": [{"exercise_opens": True}]}, {"action": "exercise_form"}, {"active_loop": None},
        ],
    }  # fmt: skip
    test = studio_conversations.story_of(turns(thread), [2], "考练习", True, ())
    assert test["steps"][0] == {"user": "/start_exercise", "intent": "start_exercise"}


def test_a_test_story_says_the_masked_words_with_their_entities(thread: Thread) -> None:
    said = "在深圳的厂里，组长骂我"
    start = said.index("组长")
    found = [{"entity": "person", "value": "组长", "start": start, "end": start + 2}]
    tracked(thread, say(thread, said, SURE), said, action("action_support"), entities=found)
    story = studio_conversations.story_of(turns(thread), [1], "考组长", True, ())
    assert story["steps"][0]["user"] == "在某地的厂里，[组长](person)骂我"
    plain = studio_conversations.story_of(turns(thread), [1], "组长", False, ())
    assert plain["steps"][0] == {"intent": "work_stress", "entities": [{"person": "组长"}]}


def test_turns_that_are_not_there_make_no_story(thread: Thread) -> None:
    tracked(thread, say(thread, "累", SURE), "累", action("action_support"))
    for numbers in ([], [2], [1, 9]):
        with pytest.raises(InvalidInput):
            studio_conversations.story_of(turns(thread), numbers, "x", False, ())


def test_a_story_holds_the_intent_that_a_trainer_gave_a_message(thread: Thread) -> None:
    message_id = say(thread, "平台又改规则了", SURE)
    tracked(thread, message_id, "平台又改规则了", action("action_support"), intent="sleep_problem")
    thread.root.call(_corrected_to, message_id, thread, "work_stress")
    (turn,) = turns(thread)
    assert (turn.intent, turn.as_json()["corrected"]) == ("sleep_problem", "work_stress")
    story = studio_conversations.story_of([turn], [1], "平台", False, ())
    assert story["steps"] == [{"intent": "work_stress"}, {"action": "action_support"}]


def _corrected_to(session: Session, message_id: int, thread: Thread, intent: str) -> None:
    group = InboxGroup(centroid="x", newest_at=NOW)
    session.add(group)
    session.flush()
    session.add(
        InboxItem(
            message_id=message_id, worker_id=thread.worker_id, conversation_id=thread.id, group_id=group.id, reasons=["sample"], intent="sleep_problem",
            confidence=0.4, level="none", text="x", vector="x", decision={"kind": "intent", "intent": intent}, created_at=NOW,
        )
    )  # fmt: skip
    session.commit()
