"""Asking for a human: said honestly, and signalled once to the gateway, which tells the counsellors."""

from __future__ import annotations

from actions.answers import asks_when
from actions.turn import Outcome, Said, Turn
from bot.domain.conversation import HANDOFF

CARD = {"kind": HANDOFF}  # read by the gateway, never shown to the worker


def not_here_yet(turn: Turn) -> Outcome | None:
    """The answer to 人呢 or 多久啊 after a request: honest, and no second signal."""
    if not turn.number("handoffs") or not asks_when(turn.words):
        return None
    return Outcome((Said("utter_counsellor_not_yet"),), {"unclear": 0})


def request_counsellor(turn: Turn) -> Outcome:
    """Says what really happens after asking for a person; the first bubble carries the signal."""
    asked_before = turn.number("handoffs")
    first = "utter_counsellor_again" if asked_before else "utter_counsellor_requested"
    said = (Said(first, card=CARD), Said("utter_counsellor_wait"))
    return Outcome(said, {"unclear": 0, "short_turns": 0, "handoffs": asked_before + 1})
