"""Hello, goodbye, stop, a better day, and anger at the bot."""

from __future__ import annotations

from actions import exercises, safety
from actions.request import RequestAction
from actions.telling import complaint
from actions.turn import Outcome, Said, Turn


class GreetWorker(RequestAction):
    """A first hello is a welcome; a hello in the middle is not a new beginning."""

    action_name = "action_greet_worker"

    def answer(self, turn: Turn) -> Outcome:
        if safety.is_own_life(turn):
            return Outcome((Said("utter_greet_safety"),))
        known = turn.slot("topic") or turn.slot("mode") or turn.worker_turns > 1
        return Outcome((Said("utter_greet_again" if known else "utter_greet"),), {"unclear": 0})


class SayGoodbye(RequestAction):
    """Leaves the door open."""

    action_name = "action_say_goodbye"

    def answer(self, turn: Turn) -> Outcome:
        if safety.is_own_life(turn):
            return Outcome((Said("utter_goodbye_safety"),))
        return Outcome((Said("utter_goodbye"),), exercises.pause(turn))


class ReflectRelief(RequestAction):
    """It feels a little better: reflected, not applauded; in a crisis it changes nothing."""

    action_name = "action_reflect_relief"

    def answer(self, turn: Turn) -> Outcome:
        if safety.is_own_life(turn):
            return safety.reply_in_path(turn) or Outcome((Said("utter_safety_stay"),))
        if turn.slot("mode") == "listen":
            return Outcome((Said("utter_feel_better"),), {"listen_turns": turn.number("listen_turns") + 1})
        return Outcome((Said("utter_feel_better"), Said("utter_ask_relief")), {"short_turns": 0})


class StopHere(RequestAction):
    """Stops what is going on: pauses an exercise, leaves a topic alone, but never leaves a worker in danger."""

    action_name = "action_stop_here"

    def answer(self, turn: Turn) -> Outcome:
        if turn.active_loop:
            return Outcome((Said("utter_exercise_paused"),), exercises.pause(turn))
        if safety.is_own_life(turn):
            return Outcome((Said("utter_stop_safety"),))
        return Outcome((Said("utter_stop"),), {"short_turns": 0, "unclear": 0})


class ReceiveComplaint(RequestAction):
    """A complaint about the bot: taken, without excuses."""

    action_name = "action_receive_complaint"

    def answer(self, turn: Turn) -> Outcome:
        outcome = complaint(turn)
        return Outcome(outcome.said, {**outcome.slots, **exercises.pause(turn)}, outcome.offer)


class ReceiveInsult(RequestAction):
    """Curses: calm, no lecture; anger is welcome, and a person can be asked for."""

    action_name = "action_receive_insult"

    def answer(self, turn: Turn) -> Outcome:
        if safety.is_own_life(turn):
            return Outcome((Said("utter_insult"), Said("utter_safety_stay")))
        return Outcome((Said("utter_insult"),), exercises.pause(turn))
