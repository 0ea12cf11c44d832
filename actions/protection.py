"""Somebody may be in danger: the four actions that open or go on with a path of `actions.safety`."""

from __future__ import annotations

from actions import safety
from actions.base import SupportAction
from actions.reflection import tells_of_suicide_loss
from actions.request import RequestAction
from actions.telling import heard_as_telling
from actions.turn import Outcome, Said, Turn


class SupportCrisis(SupportAction):
    """Stays with a worker whose own life is at stake."""

    action_name = "action_support_crisis"

    def respond(self, turn: Turn) -> Outcome:
        if tells_of_suicide_loss(turn.words) and turn.risk.subject != "self":
            return safety.grieve_suicide(turn)
        return safety.disclosed(turn) or heard_as_telling(turn)


class PathAction(RequestAction):
    """Opens a path, or goes on in it when it is open already."""

    def open_path(self, turn: Turn, path: str, said: tuple[Said, ...]) -> Outcome:
        if turn.slot("path") == path:
            return safety.reply_in_path(turn) or Outcome(said)
        return Outcome(said, {**safety.enter(path, turn), "path_step": 0, "mode": "support", "unclear": 0})


class SupportOther(PathAction):
    """Stays with a worker who fears for somebody else."""

    action_name = "action_support_other"

    def answer(self, turn: Turn) -> Outcome:
        if tells_of_suicide_loss(turn.words):
            return safety.grieve_suicide(turn)
        values = {"person": turn.entities["person"]} if "person" in turn.entities else {}
        lines = () if turn.risk.is_loud else (Said("utter_other_lines"),)
        return self.open_path(turn, "other", (Said("utter_other_heard", values), *lines, Said("utter_other_now")))


class SupportViolence(PathAction):
    """Violence suffered, or the wish to strike at somebody."""

    action_name = "action_support_violence"

    def answer(self, turn: Turn) -> Outcome:
        path = "threat" if turn.risk.kind == "violence_to_others" else "violence"
        lines = () if turn.risk.is_loud else (Said(f"utter_{path}_lines"),)
        return self.open_path(turn, path, (Said(f"utter_{path}_heard"), *lines, Said(f"utter_{path}_now")))


class SupportInjury(PathAction):
    """Hurt at work: bodies first, then evidence and rights, then how it sits."""

    action_name = "action_support_injury"

    def answer(self, turn: Turn) -> Outcome:
        return self.open_path(turn, "injury", (Said("utter_injury_heard"), Said("utter_injury_now")))
