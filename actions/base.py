"""The base of all actions: reads the turn, utters the outcome, and is the one error boundary."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Any

from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions import safety
from actions.telling import hear_before_question
from actions.turn import Outcome, Said, Turn, read_turn

logger = logging.getLogger(__name__)

Events = list[dict[str, Any]]


class SupportAction(Action, ABC):
    """An action that only decides: `respond` maps a turn to an outcome, without I/O, clock or chance.

    Run twice for one message it gives the same, because all state stands in slots. An action outside the exercise that
    runs while the exercise is open pauses it (its slots stay, so it can be taken up again).
    """

    action_name = ""
    belongs_to_exercise = False
    keeps_offer = False

    def name(self) -> str:
        return self.action_name

    @abstractmethod
    def respond(self, turn: Turn) -> Outcome:
        """What to say and to remember for this turn."""

    def brief(self, turn: Turn) -> Outcome:
        """One line of hearing, before the gateway's direct question."""
        return hear_before_question(turn)

    def silent(self, turn: Turn) -> Outcome:
        """What is remembered of a turn in which the gateway speaks alone."""
        return Outcome()

    def _spoken(self, turn: Turn) -> Outcome:
        """The answer at the length the gateway leaves to it; after a human lowered the level the old path is closed."""
        closed = safety.slots_when_lowered(turn)
        turn = replace(turn, slots={**turn.slots, **closed})
        if turn.voice == "silent":
            outcome = replace(self.silent(turn), leaves_exercise=True)
        elif turn.voice == "brief":
            outcome = replace(self.brief(turn), leaves_exercise=True)
        else:
            outcome = self.respond(turn)
        return replace(outcome, slots={**closed, **outcome.slots})

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        try:
            turn = _turn(tracker)
            outcome = self._spoken(turn)
        except Exception as error:  # noqa: BLE001 - the worker must get an answer whatever happens; texts never reach the log
            logger.error("%s failed: %s, conversation %s", self.name(), type(error).__name__, tracker.sender_id)
            dispatcher.utter_message(response="utter_safe_line")
            return [ActiveLoop(None), SlotSet("requested_slot", None)] if tracker.active_loop else []
        for said in outcome.said:
            _utter(dispatcher, said)
        return self._events(turn, outcome)

    def _events(self, turn: Turn, outcome: Outcome) -> Events:
        events: Events = [SlotSet(name, value) for name, value in outcome.slots.items()]
        if not self.keeps_offer and turn.slots.get("offer") != outcome.offer:
            events.append(SlotSet("offer", outcome.offer))
        if turn.active_loop and (outcome.leaves_exercise or not self.belongs_to_exercise):
            events += [ActiveLoop(None), SlotSet("requested_slot", None)]
        if outcome.next_action:
            events.append(FollowupAction(outcome.next_action))
        return events


def _turn(tracker: Tracker) -> Turn:
    loop = (tracker.active_loop or {}).get("name")
    return read_turn(tracker.latest_message or {}, tracker.slots, tracker.events, loop)


def _utter(dispatcher: CollectingDispatcher, said: Said) -> None:
    values: dict[str, Any] = dict(said.values)
    buttons = [{"title": title, "payload": payload} for title, payload in said.buttons]
    card = dict(said.card) if said.card else None
    dispatcher.utter_message(response=said.response, buttons=buttons, json_message=card, **values)
