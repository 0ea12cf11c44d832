"""When a life, a body or a home is not safe: what is asked, one question at a time, after the gateway's safety text.

CLINICAL.md binds. At high and imminent the gateway has sent the fixed text with the hotlines before Rasa is asked, so
nothing here repeats it; below that level the direct question and the numbers come from here.
"""

from __future__ import annotations

from collections.abc import Mapping

from actions import answers, reflection
from actions.handoff import CARD
from actions.topics import GENERAL, question
from actions.turn import Outcome, Said, Turn

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
ASKED = "watch"  # the path while the direct question is open
TIRED, WISH = "tired", "wish"  # what the direct question was about: words that may be only exhaustion, or a wish
TURNS_BEFORE_ASKING_AGAIN = 10  # policy: tellings without a direct question after one
TELLINGS_BEFORE_COMING_BACK = 3  # policy: when the question was passed over
CHECK_EVERY = 3
CLOSE_TO_START = 2  # a depth at which the topic has questions of its own left
SURE = 0.85
DOUBTFUL = 0.35
HALF_SURE = 0.5


def is_own_life(turn: Turn) -> bool:
    """Whether the worker's own life is what the conversation is about."""
    return bool({turn.slot("path"), turn.slot("left_path")} & (OWN_LIFE | {ASKED}))


def reply_in_path(turn: Turn) -> Outcome | None:
    """The next step when a path is open; None when none is, or when the direct question was passed over for a telling."""
    if turn.risk.kind == "medical_emergency" and turn.risk.is_loud and turn.slot("path") != "medical":
        return begin("medical", turn, ())
    path = turn.slot("path")
    if path == ASKED:
        return _after_question(turn)
    if path in STEPS:
        return next_step(path, turn)
    return None


def due_question(turn: Turn) -> str | None:
    """The direct question that this message calls for, or None: no sign, or asked lately.

    A wish is asked about even soon after a question about tiredness; otherwise the question rests.
    """
    if turn.risk.level != "watch" or turn.risk.subject == "other" or turn.slot("path") in OWN_LIFE | {ASKED}:
        return None
    kind = TIRED if answers.may_be_tiredness(turn.words, turn.risk.cues) else WISH
    if turn.number("asked_rest") > 0 and not (kind == WISH and turn.slot("asked_about") == TIRED):
        return None
    return kind


def direct_question(turn: Turn, kind: str) -> tuple[Said, dict[str, object]]:
    """The question itself, in the worker's words where there are some, and what to remember of having asked."""
    words = answers.weary_words(turn.words)
    said = Said("utter_ask_tired", {"words": words} if words else {}) if kind == TIRED else Said("utter_ask_suicide")
    slots = {"path_step": 0, "asked_rest": TURNS_BEFORE_ASKING_AGAIN, "asked_about": kind, "ask_again": 0}
    return said, {**slots, **enter(ASKED, turn)}


def lines(turn: Turn, response: str, card: Mapping[str, object] | None = None) -> Said:
    """The numbers to call; other ones for a worker who said to be abroad."""
    abroad = answers.tells_abroad((*turn.earlier, turn.words))
    return Said(f"{response}_abroad" if abroad else response, card=card)


def come_back(turn: Turn) -> tuple[Said, dict[str, object]]:
    """The direct question once more, in other words, after it was passed over."""
    slots = {"path_step": 1, "asked_rest": TURNS_BEFORE_ASKING_AGAIN, "ask_again": 0}
    return Said("utter_ask_suicide_again"), {**slots, **enter(ASKED, turn)}


def disclosed(turn: Turn) -> Outcome | str | None:
    """The answer to disclose_self_harm: an outcome, the direct question to ask, or None when it is to be heard as telling."""
    path = turn.slot("path")
    if turn.risk.level == "imminent" and path != "imminent":
        return begin("imminent", turn, (Said("utter_safety_with_you"),))
    if path in OWN_LIFE:
        return next_step(path, turn)
    if turn.risk.is_loud:
        return begin("self", turn, (Said("utter_safety_with_you"),))
    if path == ASKED:
        return _after_question(turn)
    if turn.number("ask_again") > 0 and answers.answers_yes(turn.words):
        return _affirmed(turn)
    unsure = turn.confidence < DOUBTFUL and turn.risk.level == "none" and turn.slot("topic")
    if unsure or (turn.number("asked_rest") > 0 and turn.confidence < SURE):
        return None
    return TIRED if answers.may_be_tiredness(turn.words, turn.risk.cues) else WISH


def grieve_suicide(turn: Turn) -> Outcome:
    """Somebody was lost to suicide: grief first, then the question how the worker is."""
    said = (Said("utter_grief_suicide"), Said("utter_grief_suicide_ask"))
    _, slots = direct_question(turn, WISH)
    return Outcome(said, {**slots, "topic": "grief", "depth": 1})


def enter(path: str, turn: Turn) -> dict[str, object]:
    """The slots when `path` opens; one that is not finished waits behind it, and a life always waits."""
    left = turn.slot("path")
    if path in OWN_LIFE:
        return {"path": path, "left_path": None, "left_step": 0}
    if left in OWN_LIFE or (path == ASKED and left in STEPS and turn.number("path_step") < len(STEPS[left])):
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
    if path == "self" and answers.is_at_the_edge(turn.words):
        now = begin("imminent", turn, (Said("utter_safety_edge", card=CARD),))
        return Outcome(now.said, {**now.slots, "handoffs": turn.number("handoffs") + 1})
    steps, step = STEPS[path], turn.number("path_step")
    if step < len(steps) and steps[step] == "distance" and steps[step - 1] == "means" and answers.answers_no(turn.words):
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
    if answers.is_unsure(turn.words) or (short and turn.intent == "unsure"):
        return Said("utter_safety_heard_unsure"), {}
    if (short and turn.intent == "affirm") or answers.answers_yes(turn.words):
        return Said("utter_safety_heard_yes"), {}
    if (short and turn.intent == "deny") or answers.answers_no(turn.words):
        return Said("utter_safety_heard_no"), {}
    return Said("utter_safety_heard" if path in OWN_LIFE else "utter_path_heard"), {}


def _after_steps(path: str, turn: Turn) -> Outcome:
    """Own life: stays, hears what is told, with a gentle check now and then. Otherwise the path is closed."""
    beyond = turn.number("path_step") - len(STEPS[path]) + 1
    stay = "utter_safety_stay" if path in OWN_LIFE else "utter_listen"
    said, slots = reflection.follow_content(turn) or reflection.echo(turn) or (Said(stay), {})
    if path not in OWN_LIFE:
        follow_up = () if turn.slot("left_path") in OWN_LIFE else (Said("utter_ask_need"),)
        return Outcome((said, *follow_up), {**slots, **closed(turn, depth=4)})
    follow_up = ()
    if reflection.asks_advice(turn.words):
        follow_up = (Said("utter_safety_next"),)
    elif beyond % CHECK_EVERY == 0:
        follow_up = (Said("utter_safety_check"),)
    return Outcome((said, *follow_up), {**slots, "path_step": turn.number("path_step") + 1})


def _after_question(turn: Turn) -> Outcome | None:
    again = turn.number("path_step") > 0
    if answers.answers_yes(turn.words) or (turn.intent == "affirm" and again):
        return _affirmed(turn)
    if answers.jokes(turn.words) and not again:
        return Outcome((Said("utter_safety_heard_joke"), Said("utter_ask_suicide_again")), {"path_step": 1})
    if answers.jokes(turn.words) and not answers.answers_no(turn.words):
        return Outcome((Said("utter_safety_heard_joke"), Said("utter_suicide_left_open")), closed(turn, depth=1))
    if answers.answers_no(turn.words) or turn.intent in ("deny", "feel_better"):
        return _denied(turn)
    if turn.intent == "disclose_self_harm" and turn.confidence >= HALF_SURE:
        return _affirmed(turn)
    tells = not (turn.intent in ("affirm", "unsure") or reflection.is_short_answer(turn.words))
    if not again:
        nod = "utter_safety_heard_unsure" if turn.intent == "unsure" else "utter_safety_heard"
        return None if tells else Outcome((Said(nod), Said("utter_ask_suicide_again")), {"path_step": 1})
    heard, slots = reflection.follow_content(turn) or (Said("utter_safety_heard"), {})
    return Outcome((heard, Said("utter_suicide_left_open")), {**slots, **closed(turn, depth=1)})


def _denied(turn: Turn) -> Outcome:
    """Thanked and believed; what was going on before goes on from where it was."""
    topic, depth, left = turn.slot("topic") or GENERAL, turn.number("depth"), turn.slot("left_path")
    tired = turn.slot("asked_about") == TIRED or answers.says_tired(turn.words)
    slots: dict[str, object] = {**closed(turn, depth=1), "asked_rest": TURNS_BEFORE_ASKING_AGAIN, "ask_again": 0}
    if left in STEPS and turn.number("left_step") < len(STEPS[left]):
        asks = f"utter_{left}_{STEPS[left][turn.number('left_step')]}"
        slots["path_step"] = turn.number("left_step") + 1
    elif topic == GENERAL:
        asks = "utter_ask_more"
    elif tired and depth > 1:
        asks = "utter_ask_weary"
    elif depth <= CLOSE_TO_START:
        asks = f"utter_ask_{topic}" if depth <= 1 else f"utter_explore_{topic}"
    else:
        asks, slots["asked"] = question(turn.number("asked")), turn.number("asked") + 1
    believed = "utter_only_tired" if tired else "utter_suicide_denied"
    return Outcome((Said(believed), Said(asks)), slots)


def _affirmed(turn: Turn) -> Outcome:
    """Yes to the direct question: without the gateway's alert for this message, the counsellors are told from here."""
    told = begin("self", turn, (Said("utter_suicide_affirmed"), lines(turn, "utter_crisis_lines", card=CARD)))
    return Outcome(told.said, {**told.slots, "ask_again": 0, "handoffs": turn.number("handoffs") + 1})
