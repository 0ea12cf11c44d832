"""Asking for a human: said honestly, and signalled once to the gateway, which tells the counsellors."""

from __future__ import annotations

from actions.answers import asks_when
from actions.turn import Outcome, Said, Turn
from bot.domain.conversation import HANDOFF, NOT_UNDERSTOOD

CARD = {"kind": HANDOFF}  # read by the gateway, never shown to the worker
LOST = {"kind": NOT_UNDERSTOOD}  # the same: a person is to look, because this program did not understand


def not_here_yet(turn: Turn) -> Outcome | None:
    """The answer to 人呢 or 多久啊 after a request: honest, and no second signal."""
    if not _is_awaited(turn) or not asks_when(turn.words):
        return None
    return Outcome((Said("utter_counsellor_not_yet"),), {"unclear": 0})


def request_counsellor(turn: Turn) -> Outcome:
    """Says what really happens after asking for a person; the first bubble carries the signal."""
    first = "utter_counsellor_again" if _is_awaited(turn) else "utter_counsellor_requested"
    said = (Said(first, card=CARD), Said("utter_counsellor_wait"))
    return Outcome(said, {"unclear": 0, "short_turns": 0, "handoffs": turn.number("handoffs") + 1})


def _is_awaited(turn: Turn) -> bool:
    """Whether a person was asked for and has not come: by the gateway's word, else by what was asked here."""
    return bool(turn.number("handoffs")) if turn.waits is None else turn.waits
