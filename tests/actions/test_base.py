"""The one error boundary, and that an action run twice for one message says the same."""

from __future__ import annotations

import asyncio
import logging

import pytest
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from stage import Stage

from actions.base import SupportAction
from actions.turn import Outcome, Turn, read_turn


class Broken(SupportAction):
    action_name = "action_break_for_test"

    def respond(self, turn: Turn) -> Outcome:
        raise ValueError(turn.text)


def test_an_error_gives_the_safe_line_and_logs_no_text(caplog: pytest.LogCaptureFixture) -> None:
    dispatcher = CollectingDispatcher()
    tracker = Tracker("c7", {}, {"text": "这是心里话"}, [], False, None, {"name": "exercise_form"}, None)
    with caplog.at_level(logging.ERROR):
        events = asyncio.run(Broken().run(dispatcher, tracker, {}))  # type: ignore[typeddict-item]
    assert [message["response"] for message in dispatcher.messages] == ["utter_safe_line"]
    assert [event["event"] for event in events] == ["active_loop", "slot"]
    assert "c7" in caplog.text
    assert "ValueError" in caplog.text
    assert "心里话" not in caplog.text


def test_an_action_run_twice_for_one_message_gives_the_same(stage: Stage) -> None:
    stage.say("天天加班，领导还嫌慢", "work_stress")
    stage.message = {"text": "我真的撑得很累", "intent": {"name": "vent_more", "confidence": 0.8}}
    assert stage.run_once("action_support") == stage.run_once("action_support")


def test_a_message_with_nothing_in_it_is_read_harmlessly() -> None:
    turn = read_turn({}, {}, [], None)
    assert (turn.text, turn.intent, turn.risk.level, turn.worker_turns) == ("", "", "none", 1)


def test_metadata_is_read_from_the_event_when_the_message_lacks_it() -> None:
    event = {"event": "user", "metadata": {"message_id": 5, "risk": {"level": "high", "subject": "self", "kind": "suicide"}}}
    turn = read_turn({"text": "x"}, {}, [event], None)
    assert turn.risk.is_loud
    assert turn.message_id == 5
