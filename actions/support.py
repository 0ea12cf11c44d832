"""What a worker tells, nods to or declines, and the wish only to be heard: the actions of the conversation itself."""

from __future__ import annotations

from actions import answers, reflection, safety
from actions.base import SupportAction
from actions.exercises import CLEARED, finish, start_from_offer
from actions.handoff import request_counsellor
from actions.request import RequestAction
from actions.telling import encourage, heard_as_telling, reply_to_telling
from actions.turn import Outcome, Said, Turn
from bot.domain.asq_words import is_bare_nod

# Below these a yes, a no or a don't-know is more of the story; more words need a surer one.
SURE = 0.5
SURE_OF_MANY_WORDS = 0.8


class Support(SupportAction):
    """Any telling: the topics, 还有呢, and what was not understood."""

    action_name = "action_support"

    def respond(self, turn: Turn) -> Outcome:
        return reply_to_telling(turn)


class TakeAnswer(SupportAction):
    """嗯, 没有, 不知道: the answer to an offer when one stands, else a nod in a conversation."""

    action_name = "action_take_answer"

    def respond(self, turn: Turn) -> Outcome:
        if not turn.is_button and (
            turn.confidence < SURE or (turn.confidence < SURE_OF_MANY_WORDS and not answers.is_short(turn.words))
        ):
            return heard_as_telling(turn)
        offer = turn.slot("offer")
        if turn.intent == "affirm" and offer in ("exercise", "counsellor", "complaint"):
            return self._accept(turn, offer)
        if turn.slot("path") is not None or answers.wants_person(turn.words):
            return reply_to_telling(turn)
        if offer == "two_topics" or (offer == "mood" and turn.intent != "deny"):
            return reply_to_telling(turn)
        if offer and turn.intent == "affirm":
            return self._accept(turn, offer)
        if offer in ("exercise", "counsellor", "choices") and turn.intent == "deny":
            return Outcome((Said("utter_offer_declined"),), {"short_turns": 0})
        if not reflection.is_short_answer(turn.words) and reflection.is_long_telling(turn.words):
            return reply_to_telling(turn)
        if not turn.slot("topic") and turn.slot("mode") != "listen":
            return Outcome(
                (Said("utter_encourage"), Said("utter_ask_general")), {"short_turns": turn.number("short_turns") + 1}
            )
        return encourage(turn)

    def _accept(self, turn: Turn, offer: str) -> Outcome:
        if offer == "exercise":
            return start_from_offer(turn)
        if offer in ("counsellor", "complaint"):
            return request_counsellor(turn)
        if offer == "choices" and not is_bare_nod(turn.words):
            return Outcome((Said("utter_choose_which"),), {"short_turns": 0}, offer="choices")
        return encourage(turn)


class StartListening(RequestAction):
    """就想说说: from here on only listening."""

    action_name = "action_start_listening"

    def answer(self, turn: Turn) -> Outcome:
        if safety.is_own_life(turn):
            return safety.reply_in_path(turn) or Outcome((Said("utter_safety_stay"),))
        told = turn.slot("topic") or turn.slot("mode") == "listen"
        moment = "utter_start_listening_again" if told else "utter_start_listening"
        return Outcome((Said(moment),), {"mode": "listen", "listen_turns": 0, "short_turns": 0, "unclear": 0})


class FinishExercise(SupportAction):
    """After an exercise: how it is now, or straight on with what the worker told instead of an answer."""

    action_name = "action_finish_exercise"
    belongs_to_exercise = True

    def respond(self, turn: Turn) -> Outcome:
        outcome = finish(turn)
        if outcome is not None:
            return outcome
        told = reply_to_telling(turn)
        if turn.slot("exercise_state") == "paused":
            return told
        return Outcome(told.said, {**CLEARED, **told.slots}, told.offer)
