"""What a worker asks the service for: a person, an exercise, a questionnaire, a number; answered with what works today."""

from __future__ import annotations

import re
from dataclasses import replace

from actions import exercises, safety, telling
from actions.handoff import not_here_yet, request_counsellor
from actions.request import RequestAction
from actions.topics import GENERAL, label
from actions.turn import Outcome, Said, Turn
from bot.domain.conversation import START_SCREENING

_MOOD_TOLD = re.compile(
    r"\d+\s*分|[一二三四五六七八九十]分|(?:很|挺|有点|非常|特别|超)?(?:好|差|糟|低落|开心|高兴|平静|烦|丧|累|难过|焦虑|一般|还行)"
)


# Questions with one answer each; after it, a line back to what was being told.
ANSWERS = {
    "find_station": "utter_find_station",
    "union_service": "utter_union_service",
    "ask_hotline": "utter_ask_hotline",
    "ask_capability": "utter_ask_capability",
    "are_you_human": "utter_are_you_human",
    "ask_privacy": "utter_ask_privacy",
    "delete_my_data": "utter_delete_my_data",
    "export_my_data": "utter_export_my_data",
    "help": "utter_help",
    "thank": "utter_thank",
    "chitchat": "utter_chitchat",
    "out_of_scope": "utter_out_of_scope",
}
WITH_BUTTONS = frozenset({"ask_capability", "help"})
NO_WAY_BACK = WITH_BUTTONS | {"thank", "delete_my_data", "export_my_data"}
CAN_BE_ADDED_TO = frozenset(ANSWERS) - WITH_BUTTONS - {"thank", "chitchat", "out_of_scope"}


class RequestCounsellor(RequestAction):
    """A person is wanted."""

    action_name = "action_request_counsellor"

    def answer(self, turn: Turn) -> Outcome:
        outcome = not_here_yet(turn) or request_counsellor(turn)
        return Outcome(outcome.said, {**outcome.slots, **exercises.pause(turn)})

    def leaves_room(self, turn: Turn) -> bool:
        return True


class AnswerQuestion(RequestAction):
    """A question about the service, the lines or small talk: answered, and back to the worker."""

    action_name = "action_answer_question"

    def answer(self, turn: Turn) -> Outcome:
        said = (Said(ANSWERS[turn.intent]),)
        slots = exercises.pause(turn)
        if safety.is_own_life(turn):
            return Outcome((*said, Said("utter_safety_stay")), slots)
        topic = turn.slot("topic")
        if topic and topic != GENERAL and turn.intent not in NO_WAY_BACK:
            return Outcome((*said, Said("utter_back_to_topic", {"first": label(topic)})), slots)
        return Outcome(said, slots)

    def leaves_room(self, turn: Turn) -> bool:
        return turn.intent in CAN_BE_ADDED_TO


# 别跟我说深呼吸 names an exercise and wants none
_REFUSED = re.compile(
    r"(?:别(?!的|人|家)|不要|不想|不用|甭|莫|少|唔好|懒得|没心情|烦)(?:再|老|总|又)?(?:跟我|给我|让我|叫我|教我|劝我)?(?:说|提|讲|扯|做|来|搞|弄|整)?(?:什么|啥|那些|这些|个)?"
    r"[^，,。！？!?]{0,3}(?:呼吸|吸气|放松|冥想|着陆|练习)"
)


class ChooseExercise(RequestAction):
    """Sets which exercise comes next and that the form opens; it stays shut when no exercise was meant."""

    action_name = "action_choose_exercise"
    belongs_to_exercise = True

    def respond(self, turn: Turn) -> Outcome:
        is_refused = not turn.is_button and bool(_REFUSED.search(turn.text))
        outcome = telling.heard_as_telling(turn) if is_refused else super().respond(turn)
        heard = bool(outcome.said)
        return replace(outcome, slots={**outcome.slots, "exercise_opens": not heard}, leaves_exercise=heard)

    def answer(self, turn: Turn) -> Outcome:
        return Outcome((), exercises.choose(turn, turn.entities.get("exercise")))


SCREENING = {"kind": START_SCREENING}  # a signal to the gateway, never shown


class StartScreening(RequestAction):
    """A questionnaire is wanted: the gateway leads it, the card says so; its state stands in our database."""

    action_name = "action_start_screening"

    def answer(self, turn: Turn) -> Outcome:
        if turn.is_set("minor"):
            return Outcome((Said("utter_minor"),), {"unclear": 0}, offer="counsellor")
        return Outcome((Said("utter_screening_begin", card=SCREENING),), {"unclear": 0})


class ShowResult(RequestAction):
    """A result is wanted: it stands in the conversation where it was given."""

    action_name = "action_show_result"

    def answer(self, turn: Turn) -> Outcome:
        return Outcome((Said("utter_no_result"),), {"unclear": 0}, offer="choices")


class BookAppointment(RequestAction):
    """An appointment is wanted; today it goes through the counsellor on duty."""

    action_name = "action_book_appointment"

    def answer(self, turn: Turn) -> Outcome:
        return Outcome((Said("utter_appointment_how"),), {"unclear": 0}, offer="counsellor")


class LogMood(RequestAction):
    """A mood is to be noted, or was just told."""

    action_name = "action_log_mood"

    def answer(self, turn: Turn) -> Outcome:
        if "feeling" in turn.entities or _MOOD_TOLD.search(turn.words):
            return telling.keep_mood(turn)
        return Outcome((Said("utter_mood_ask"),), {"unclear": 0}, offer="mood")


class StartProgramme(RequestAction):
    """A programme of several days is wanted; today there are single exercises."""

    action_name = "action_start_programme"

    def answer(self, turn: Turn) -> Outcome:
        return Outcome((Said("utter_programme_today"),), {"unclear": 0}, offer="exercise")
