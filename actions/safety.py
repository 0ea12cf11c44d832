"""When a life, a body or a home is not safe: what is asked, one question at a time, after the gateway's safety text.

CLINICAL.md binds. At high and imminent the gateway has sent the fixed text with the hotlines before Rasa is asked, so
nothing here repeats it; the direct questions (ASQ) and the safety plan are the gateway's too, so that they hold without Rasa.
"""

from __future__ import annotations

from dataclasses import replace

from actions import answers, reflection
from actions.handoff import CARD
from actions.topics import GENERAL
from actions.turn import Outcome, Said, Turn
from bot.domain.asq_words import answers_no, answers_yes, is_unsure
from bot.domain.conversation import ASK_DIRECTLY, OFFER_PLAN

# A path is a row of questions, each asked once; the step's response is utter_<path>_<step>.
STEPS = {
    "self": ("company", "plan", "time", "means", "distance", "intent", "barrier", "person", "steps"),
    "imminent": ("where", "distance", "company", "barrier", "person", "steps"),
    "other": ("ask", "keep", "yourself"),
    "violence": ("place", "evidence", "rights"),
    "threat": ("distance", "person"),
    "injury": ("evidence", "rights", "feeling"),
    "medical": ("stay",),
}
ANSWERS = ("drink", "joke", "only_thought", "burden", "alone", "with", "past", "strong", "number")  # utter_safety_heard_<kind>
OWN_LIFE = frozenset({"self", "imminent"})
ASK = {"kind": ASK_DIRECTLY}  # signals to the gateway, as cards
PLAN = {"kind": OFFER_PLAN}
CHECK_EVERY = 3
DOUBTFUL = 0.5  # below this the classifier alone is no reason to ask directly: 想死你了


def is_own_life(turn: Turn) -> bool:
    """Whether the worker's own life is what the conversation is about."""
    return bool({turn.slot("path"), turn.slot("left_path")} & OWN_LIFE)


def slots_when_lowered(turn: Turn) -> dict[str, object]:
    """The slots that close the row of safety questions when a human has lowered the level since; else nothing."""
    if turn.carried not in ("none", "watch") or turn.risk.is_loud or not is_own_life(turn):
        return {}
    return {"path": None, "path_step": 0, "left_path": None, "left_step": 0}


def reply_in_path(turn: Turn) -> Outcome | None:
    """The next step when a path is open; None when none is."""
    if turn.risk.kind == "medical_emergency" and turn.risk.is_loud and turn.slot("path") != "medical":
        return begin("medical", turn, ())
    path = turn.slot("path")
    return next_step(path, turn) if path in STEPS else None


def disclosed(turn: Turn) -> Outcome | None:
    """The answer to disclose_self_harm; None when it is to be heard as telling.

    Where the screen found no danger but the words were understood so, the gateway is signalled to ask directly.
    """
    path = turn.slot("path")
    if turn.risk.level == "imminent" and path != "imminent":
        return begin("imminent", turn, (Said("utter_safety_with_you"),))
    if path in OWN_LIFE:
        return next_step(path, turn)
    if turn.risk.is_loud:
        is_minor = answers.tells_minor_age(turn.words) and not turn.is_set("minor")
        opened = begin("self", turn, (Said("utter_minor_safety" if is_minor else "utter_safety_with_you"),))
        return replace(opened, slots={**opened.slots, "minor": True}) if is_minor else opened
    if turn.risk.level == "none" and (turn.confidence < DOUBTFUL or path in STEPS):
        return None
    if turn.rests:
        return None
    return Outcome((Said("utter_selfharm_notice", card=ASK),), {"mode": "support", "unclear": 0})


def grieve_suicide(turn: Turn) -> Outcome:
    """Somebody was lost to suicide: grief first, then the gateway asks how the worker is."""
    return Outcome((Said("utter_grief_suicide", card=None if turn.rests else ASK),), {"topic": "grief", "depth": 1})


def enter(path: str, turn: Turn) -> dict[str, object]:
    """The slots when `path` opens; one that is not finished waits behind it, and a life always waits."""
    left = turn.slot("path")
    if path in OWN_LIFE:
        return {"path": path, "left_path": None, "left_step": 0}
    if left in OWN_LIFE:
        return {"path": path, "left_path": left, "left_step": turn.number("path_step")}
    return {"path": path}


def begin(path: str, turn: Turn, opening: tuple[Said, ...]) -> Outcome:
    said = (*opening, Said(f"utter_{path}_{STEPS[path][0]}"))
    return Outcome(said, {**enter(path, turn), "path_step": 1, "mode": "support", "unclear": 0})


def closed(turn: Turn, depth: int) -> dict[str, object]:
    """The slots when a path ends: back to the one that waits, else the telling goes on, at least at `depth`."""
    topic = turn.slot("topic") or GENERAL
    left = {"path": turn.slot("left_path"), "path_step": turn.number("left_step"), "left_path": None, "left_step": 0}
    return {**left, "topic": topic, "depth": max(depth, turn.number("depth"))}


def next_step(path: str, turn: Turn) -> Outcome:
    if path == "other" and answers.is_myself(turn.words):
        return Outcome((Said("utter_selfharm_notice", card=None if turn.rests else ASK),), closed(turn, depth=1))
    if path == "other" and answers.is_at_the_edge(turn.words):
        said = (Said("utter_other_edge", card=CARD), Said("utter_other_now"))
        return Outcome(said, {"handoffs": turn.number("handoffs") + 1})
    if path == "self" and answers.is_at_the_edge(turn.words):
        now = begin("imminent", turn, (Said("utter_safety_edge", card=CARD),))
        return Outcome(now.said, {**now.slots, "handoffs": turn.number("handoffs") + 1})
    steps, step = STEPS[path], turn.number("path_step")
    if step < len(steps) and steps[step] == "distance" and steps[step - 1] == "means" and answers_no(turn.words):
        step += 1
    if step >= len(steps):
        return _after_steps(path, turn)
    heard, slots = _heard(turn, path, steps[step - 1] if step else None)
    return Outcome((heard, Said(f"utter_{path}_{steps[step]}")), {**slots, "path_step": step + 1})


def _heard(turn: Turn, path: str, step: str | None) -> tuple[Said, dict[str, object]]:
    """The acknowledgement that follows what was just answered."""
    kind = answers.answer_kind(turn.words, step) if path in OWN_LIFE else None
    if kind:
        return Said(f"utter_safety_heard_{kind}"), {}
    followed = reflection.follow_content(turn)
    if followed and (path not in OWN_LIFE or reflection.is_long_telling(turn.words) or "feeling" in followed[1]):
        return followed
    short = turn.is_button or answers.is_short(turn.words)
    if is_unsure(turn.words) or (short and turn.intent == "unsure"):
        return Said("utter_safety_heard_unsure"), {}
    if (short and turn.intent == "affirm") or answers_yes(turn.words):
        return Said("utter_safety_heard_yes"), {}
    if (short and turn.intent == "deny") or answers_no(turn.words):
        return Said("utter_safety_heard_no"), {}
    return Said("utter_safety_heard" if path in OWN_LIFE else "utter_path_heard"), {}


def _after_steps(path: str, turn: Turn) -> Outcome:
    """Own life: stays, hears what is told, with a gentle check now and then. Otherwise the path is closed."""
    beyond = turn.number("path_step") - len(STEPS[path]) + 1
    stay = "utter_safety_stay" if path in OWN_LIFE else "utter_listen"
    said, slots = reflection.follow_content(turn) or reflection.echo(turn) or (Said(stay), {})
    if path == "self" and beyond == 1:
        said = replace(said, card=PLAN)
    if path not in OWN_LIFE:
        follow_up = () if turn.slot("left_path") in OWN_LIFE else (Said("utter_ask_need"),)
        return Outcome((said, *follow_up), {**slots, **closed(turn, depth=4)})
    follow_up = ()
    if reflection.asks_advice(turn.words):
        follow_up = (Said("utter_safety_next"),)
    elif beyond % CHECK_EVERY == 0:
        follow_up = (Said("utter_safety_check"),)
    return Outcome((said, *follow_up), {**slots, "path_step": turn.number("path_step") + 1})
