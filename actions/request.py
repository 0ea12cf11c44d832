"""Requests and courtesies: answered only when they are meant, because classifiers take half sentences for anything."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace

from actions import safety
from actions.base import SupportAction
from actions.telling import heard_as_telling
from actions.turn import Outcome, Turn

# While the own life is the matter, only these are taken at their word, and only when they are sure.
MEANT_IN_DANGER = frozenset(
    {
        "ask_counsellor",
        "ask_hotline",
        "are_you_human",
        "ask_privacy",
        "delete_my_data",
        "export_my_data",
        "start_exercise",
        "report_violence",
        "report_work_injury",
        "worry_about_other",
    }
)
# These have an answer of their own inside the safety conversation: it stays, and never leaves the worker.
SAFE_COURTESIES = frozenset({"goodbye", "stop", "greet", "insult", "complain"})
EASILY_MISTAKEN = frozenset({"chitchat", "out_of_scope", "feel_better"})  # in a story these must be surer
SURE_IN_DANGER = 0.85
SURE_IN_PATH = 0.7
SURE_IN_STORY = 0.5
SURE_AT_ALL = 0.35


def is_meant(turn: Turn) -> bool:
    """Whether the request or courtesy that was understood is to be answered as one."""
    if turn.risk.is_loud and turn.risk.kind == "medical_emergency":
        return False
    if turn.is_button or turn.risk.is_loud or turn.active_loop:
        return True
    if safety.is_own_life(turn):
        return turn.intent in MEANT_IN_DANGER | SAFE_COURTESIES and turn.confidence >= SURE_IN_DANGER
    if turn.slot("path"):
        return turn.confidence >= SURE_IN_PATH
    if turn.intent in EASILY_MISTAKEN and turn.slot("topic"):
        return turn.confidence >= SURE_IN_PATH
    open_story = turn.slot("topic") or turn.slot("mode") == "listen"
    return turn.confidence >= (SURE_IN_STORY if open_story else SURE_AT_ALL)


class RequestAction(SupportAction):
    """An action for something asked of the service: `answer` runs only when it is meant; else the words are heard as telling.

    Before a direct question of the gateway the answer is given when it leaves room for one.
    """

    def respond(self, turn: Turn) -> Outcome:
        return self.answer(turn) if is_meant(turn) else heard_as_telling(turn)

    def brief(self, turn: Turn) -> Outcome:
        if not (is_meant(turn) and self.leaves_room(turn)):
            return super().brief(turn)
        outcome = self.answer(turn)
        return replace(outcome, said=outcome.said[:1])

    @abstractmethod
    def answer(self, turn: Turn) -> Outcome:
        """What to say when the request is meant."""

    def leaves_room(self, turn: Turn) -> bool:
        """Whether the first bubble of the answer has no buttons and no question of its own."""
        return False
