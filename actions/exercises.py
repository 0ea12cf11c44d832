"""Exercises step by step: breathing, grounding 5-4-3-2-1, and the three-column thought record.

One form with one slot that is asked again until the exercise is done. Where it stands is in slots, so that a pause, a
crisis or a closed page loses nothing: exercise, exercise_kind (of breathing), exercise_state, exercise_step, exercise_notes.
"""

from __future__ import annotations

from collections.abc import Mapping

from actions.base import SupportAction
from actions.reflection import clip, is_long_telling
from actions.turn import Outcome, Said, Turn

FORM = "exercise_form"
# States: choosing (which one), resuming (go on or start again), running, done, declined, left (the worker told something else).
FIRST_STEP = 1
LAST_STEP = {"breathing": 1, "grounding": 5, "thought_record": 3}
BREATHING = {
    "478": {"kind": "breathing", "inhale": 4, "hold": 7, "exhale": 8, "rest": 0, "rounds": 4},
    "box": {"kind": "breathing", "inhale": 4, "hold": 4, "exhale": 4, "rest": 4, "rounds": 4},
}
NAMED_IN_WORDS = {
    "breathing": ("呼吸", "吸气", "478"),
    "grounding": ("五样", "54321", "着陆", "看周围", "接地"),
    "thought_record": ("想法", "念头", "三栏", "三步", "记录"),
}
ECHO_CHARACTERS = 20
_FINISHED_WORDS = ("做完", "好了", "完了", "完成", "结束")


def choose(turn: Turn, wish: str | None) -> dict[str, object]:
    """The exercise slots after somebody asks for an exercise; `wish` is an exercise, a kind of it, or what a button says."""
    current, step = turn.slot("exercise"), turn.number("exercise_step")
    unfinished = bool(current) and turn.slot("exercise_state") in ("paused", "running", "resuming") and step >= FIRST_STEP
    if wish == "resume" and current:
        return {"exercise_state": "running"}
    if wish == "restart" and current:
        return _from_start(current, turn.slot("exercise_kind"))
    if wish in ("breathing_478", "breathing_box"):
        return _from_start("breathing", wish.removeprefix("breathing_"))
    if wish in LAST_STEP and not (unfinished and wish == current):
        return _from_start(wish, None)
    if wish != "other" and unfinished:
        return {"exercise_state": "resuming"}
    return {"exercise": None, "exercise_kind": None, "exercise_state": "choosing", "exercise_step": 0, "exercise_notes": []}


def _from_start(exercise: str, kind: str | None) -> dict[str, object]:
    return {
        "exercise": exercise,
        "exercise_kind": kind,
        "exercise_state": "running",
        "exercise_step": FIRST_STEP,
        "exercise_notes": [],
    }


def start_from_offer(turn: Turn) -> Outcome:
    """A 好 to an offered exercise: the form begins at once."""
    return Outcome((), choose(turn, turn.entities.get("exercise")), next_action=FORM)


def ask(turn: Turn) -> tuple[Said, ...]:
    """What the form asks where it stands now."""
    state, exercise, step = turn.slot("exercise_state"), turn.slot("exercise"), turn.number("exercise_step")
    if state == "resuming":
        return (Said("utter_exercise_resume"),)
    if state != "running" or exercise is None:
        return (Said("utter_exercise_choose"),)
    if exercise == "breathing":
        kind = turn.slot("exercise_kind")
        if kind not in BREATHING:
            return (Said("utter_breathing_choose"),)
        return (Said(f"utter_breathing_{kind}"), Said("utter_breathing_card", card=BREATHING[kind]))
    opening = (Said(f"utter_{exercise}_intro"),) if step == FIRST_STEP and not turn.items("exercise_notes") else ()
    return (*opening, Said(f"utter_{exercise}_{step}"))


def take_reply(turn: Turn, reply: str) -> Outcome:
    """One answer inside the exercise: what to say of it, and the slots after it."""
    state = turn.slot("exercise_state")
    if state == "choosing" or (turn.slot("exercise") == "breathing" and turn.slot("exercise_kind") not in BREATHING):
        return _take_choice(turn, reply)
    if state == "resuming":
        return _take_resume(turn, reply)
    if turn.slot("exercise") == "breathing":
        return _take_breathing(turn, reply)
    return _take_note(turn, reply)


def _take_choice(turn: Turn, reply: str) -> Outcome:
    if turn.slot("exercise") == "breathing":
        kind = "box" if any(word in reply for word in ("方", "四秒", "后", "第二", "box")) else "478"
        declined = turn.intent == "deny"
        return Outcome((), {"exercise_state": "declined"} if declined else {"exercise_kind": kind})
    wish = turn.entities.get("exercise") or _named(reply)
    if wish in LAST_STEP:
        return Outcome((), _from_start(wish, None))
    if turn.intent in ("affirm", "unsure"):
        return Outcome((Said("utter_exercise_pick_for_you"),), _from_start("breathing", "478"))
    return Outcome((), {"exercise_state": "declined" if turn.intent == "deny" else "left"})


def _take_resume(turn: Turn, reply: str) -> Outcome:
    exercise = turn.slot("exercise") or "breathing"
    if any(word in reply for word in ("重新", "重来", "从头")):
        return Outcome((), _from_start(exercise, turn.slot("exercise_kind")))
    if turn.intent == "affirm" or any(word in reply for word in ("接着", "继续")):
        return Outcome((), {"exercise_state": "running"})
    if any(word in reply for word in ("换", "别的")):
        return Outcome((), {"exercise": None, "exercise_state": "choosing", "exercise_step": 0, "exercise_notes": []})
    return Outcome((), {"exercise_state": "declined" if turn.intent == "deny" else "left"})


def _take_breathing(turn: Turn, reply: str) -> Outcome:
    finished = turn.intent in ("affirm", "feel_better", "thank") or any(word in reply for word in _FINISHED_WORDS)
    if finished or not is_long_telling(reply):
        return Outcome((), {"exercise_state": "done"})
    return Outcome((), {"exercise_state": "left"})


def _take_note(turn: Turn, reply: str) -> Outcome:
    exercise, step = turn.slot("exercise") or "grounding", turn.number("exercise_step")
    notes = [*turn.items("exercise_notes"), clip(reply, 60)]
    last = step >= LAST_STEP[exercise]
    slots: dict[str, object] = {"exercise_notes": notes, "exercise_step": step + 1}
    if last:
        slots["exercise_state"] = "done"
    return Outcome(() if last else (_acknowledge(turn, exercise, step, reply),), slots)


def _acknowledge(turn: Turn, exercise: str, step: int, reply: str) -> Said:
    if exercise == "thought_record":
        return Said(f"utter_thought_record_heard_{step}")
    if turn.intent in ("deny", "unsure"):
        return Said("utter_grounding_fewer")
    return Said("utter_grounding_heard", {"quote": reply} if len(reply) <= ECHO_CHARACTERS else {})


def _named(reply: str) -> str | None:
    return next((name for name, words in NAMED_IN_WORDS.items() if any(word in reply for word in words)), None)


class AskExerciseReply(SupportAction):
    """Asks the current step of the exercise."""

    action_name = "action_ask_exercise_reply"
    belongs_to_exercise = True

    def respond(self, turn: Turn) -> Outcome:
        return Outcome(ask(turn))


class ValidateExercise(SupportAction):
    """Takes one answer, then empties the asked slot again until the exercise is over."""

    action_name = "validate_exercise_form"
    belongs_to_exercise = True
    keeps_offer = True

    def brief(self, turn: Turn) -> Outcome:
        """The exercise waits, the direct question does not."""
        return Outcome((), {"exercise_state": "paused", "exercise_reply": None, "requested_slot": None})

    def silent(self, turn: Turn) -> Outcome:
        return self.brief(turn)  # an answer to the gateway's question must not stay behind as one to the exercise

    def respond(self, turn: Turn) -> Outcome:
        reply = turn.slot("exercise_reply")
        if reply is None:
            return Outcome()
        outcome = take_reply(turn, "" if reply.startswith("/") else reply)
        state = outcome.slots.get("exercise_state", turn.slot("exercise_state"))
        slots: dict[str, object] = {**outcome.slots, "exercise_reply": None}
        if state in ("done", "declined", "left"):
            slots["requested_slot"] = None
        return Outcome(outcome.said, slots)


CLEARED: Mapping[str, object] = {
    "exercise": None,
    "exercise_kind": None,
    "exercise_state": None,
    "exercise_step": 0,
    "exercise_notes": [],
}


def finish(turn: Turn) -> Outcome | None:
    """After the form: the summary and how it is now; None when the worker told something else instead, or is to be asked."""
    state, exercise = turn.slot("exercise_state"), turn.slot("exercise")
    if state in ("left", "paused"):
        return None
    if state != "done":
        return Outcome((Said("utter_exercise_declined"),), CLEARED)
    notes = [clip(note) for note in turn.items("exercise_notes")]
    if exercise == "thought_record" and len(notes) >= LAST_STEP["thought_record"]:
        values = dict(zip(("situation", "thought", "fairer"), notes, strict=False))
        return Outcome((Said("utter_thought_record_summary", values), Said("utter_thought_record_done")), CLEARED)
    return Outcome((Said(f"utter_{exercise}_done"),), CLEARED)


def pause(turn: Turn) -> dict[str, object]:
    """The slots when an exercise is left in the middle."""
    return {"exercise_state": "paused"} if turn.slot("exercise_state") == "running" else {}
