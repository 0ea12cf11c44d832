"""A wish for a person is answered by what the gateway knows: whether one is waited for now, not whether one was asked for once."""

from __future__ import annotations

import pytest

from actions.handoff import not_here_yet, request_counsellor
from actions.turn import Turn, read_turn


def asked(waits: bool | None, handoffs: int, text: str = "找真人") -> Turn:
    metadata = {} if waits is None else {"waits": waits}
    return read_turn({"text": text, "metadata": metadata}, {"handoffs": handoffs}, [], None)


@pytest.mark.parametrize(
    ("waits", "handoffs", "wanted"),
    [
        (False, 1, "utter_counsellor_requested"),  # a person came, and has gone again
        (True, 0, "utter_counsellor_again"),  # danger asked for them
        (True, 1, "utter_counsellor_again"),
        (None, 0, "utter_counsellor_requested"),
        (None, 1, "utter_counsellor_again"),
    ],
)
def test_again_is_said_only_while_somebody_is_waited_for(waits: bool | None, handoffs: int, wanted: str) -> None:
    outcome = request_counsellor(asked(waits, handoffs))
    assert outcome.said[0].response == wanted
    assert outcome.slots["handoffs"] == handoffs + 1


def test_where_they_stay_is_no_question_after_they_have_gone() -> None:
    assert not_here_yet(asked(False, 1, "怎么还没来")) is None
    assert not_here_yet(asked(True, 0, "怎么还没来")) is not None
