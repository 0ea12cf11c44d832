"""The answer to a telling: reflect, ask, go deeper with what was just said, and offer something small when it is time."""

from __future__ import annotations

from dataclasses import replace

from actions import answers, reflection, safety, topics
from actions.handoff import LOST, not_here_yet, request_counsellor
from actions.turn import Outcome, Said, Turn
from bot.domain.asq_words import may_be_tiredness, weary_words

CHECK_IN_EVERY = 8
LISTEN_QUESTION_EVERY = 3
CHOICES_AT = 3
CHOICES_EVERY = 6
SECOND_TOPIC_AT = 8
HINTS = 4


def reply_to_telling(turn: Turn) -> Outcome:
    """The answer to anything that is neither a request nor a courtesy."""
    ways = (not_here_yet, _after_asking_for_person, safety.reply_in_path, _after_offer, _after_age,
            _after_winding_down, _after_apology, _after_complaint, _listen_only)  # fmt: skip
    for way in ways:
        outcome = way(turn)
        if outcome is not None:
            break
    else:
        outcome = _by_topic(turn)
    rest = turn.number("choices_rest")  # tellings until the choices may come again
    rests = {"choices_rest": rest - 1} if rest > 0 else {}
    return Outcome(outcome.said, {**rests, **outcome.slots}, outcome.offer, outcome.next_action)


def heard_as_telling(turn: Turn) -> Outcome:
    """The answer when what the classifier took for a request or a courtesy is only more of the story."""
    return reply_to_telling(replace(turn, intent="nlu_fallback"))


def _after_asking_for_person(turn: Turn) -> Outcome | None:
    return request_counsellor(turn) if answers.wants_person(turn.words) else None


def hear_before_question(turn: Turn) -> Outcome:
    """One bubble that hears what was told; the gateway's direct question follows."""
    heard, slots = _hear_before_asking(turn)
    return Outcome((heard,), {**slots, "mode": "support", "unclear": 0})


def _hear_before_asking(turn: Turn) -> tuple[Said, dict[str, object]]:
    current, told = turn.slot("topic"), topics.told_topic(turn)
    pair = topics.two_troubles(turn)
    slots: dict[str, object] = {}
    if current in (None, topics.GENERAL) and (pair or told):
        slots = _fresh(turn, pair[0][0] if pair else str(told)) | {
            "second_topic": pair[1][0] if pair else turn.slot("second_topic")
        }
    elif not current:
        slots = {"topic": topics.GENERAL, "depth": 1}
    if pair:
        return Said("utter_two_troubles", {"first": pair[0][1], "second": pair[1][1]}), slots
    followed = reflection.follow_content(turn)
    if turn.risk.level == "none":  # the question comes again: what was told since is heard
        return (followed[0], {**slots, **followed[1]}) if followed else (Said("utter_listen"), slots)
    if not may_be_tiredness(turn.words, turn.risk.cues):
        return Said("utter_selfharm_notice"), slots
    if followed and "quote" in followed[1] and weary_words(str(followed[1]["quote"])):
        followed = None  # the question gives these words back already
    if followed and current:
        return followed[0], {**slots, **followed[1]}
    if told and reflection.is_long_telling(turn.words):
        return Said(_moment("reflect", turn, told), _said_now(turn, told)), slots
    return Said("utter_tired_notice", _said_now(turn, topics.GENERAL)), slots


def _after_winding_down(turn: Turn) -> Outcome | None:
    return Outcome((Said("utter_stop"),), {"short_turns": 0}) if reflection.winds_down(turn.words) else None


def _after_age(turn: Turn) -> Outcome | None:
    """Under 18: no scale, a human and the youth line, said once (CLINICAL.md)."""
    if turn.is_set("minor") or not answers.tells_minor_age(turn.words):
        return None
    slots = {"minor": True, "topic": turn.slot("topic") or topics.GENERAL, "depth": max(1, turn.number("depth"))}
    return Outcome((Said("utter_minor"),), {**slots, "short_turns": 0}, offer="counsellor")


def _after_complaint(turn: Turn) -> Outcome | None:
    return complaint(turn) if reflection.complains(turn.words) and not turn.is_button else None


def complaint(turn: Turn) -> Outcome:
    """A complaint about this program: taken, without excuses, and a person offered."""
    if safety.is_own_life(turn):
        return Outcome((Said("utter_complain"), Said("utter_safety_stay")))
    return Outcome((Said("utter_complain"), Said("utter_ask_complaint")), {"mode": "support"}, offer="complaint")


def _by_topic(turn: Turn) -> Outcome:
    current, told = turn.slot("topic"), topics.told_topic(turn)
    if told == "grief" and reflection.tells_of_suicide_loss(turn.words):
        return safety.grieve_suicide(turn)
    if current in (None, topics.GENERAL):
        pair = topics.two_topics(turn)
        if pair:
            return _name_both(turn, *pair)
        if told:
            return open_topic(turn, told)
        return _deepen(turn, topics.GENERAL) if current else _untold(turn)
    drifted = topics.drifts_to(turn, current)
    if drifted:
        told_on = _deepen(turn, drifted)
        return Outcome(told_on.said, {**told_on.slots, "topic": drifted}, told_on.offer)
    changed = topics.changed_topic(turn, current)
    if changed:
        return _change(turn, current, changed)
    if turn.is_button and told:
        return open_topic(turn, told)
    if turn.intent == "nlu_fallback" and reflection.is_short_answer(turn.words) and not reflection.follow_content(turn):
        return encourage(turn)
    return _deepen(turn, current)


def open_topic(turn: Turn, topic: str, second: str | None = None) -> Outcome:
    """The first answer to a topic: what was heard, then one open question of its own."""
    values = _said_now(turn, topic)
    slots = _fresh(turn, topic) | {"second_topic": second or turn.slot("second_topic")}
    if turn.is_button or (not reflection.is_long_telling(turn.words) and turn.slot("offer") == "two_topics"):
        first = Said("utter_choose_topic", {"first": topics.label(topic)})
    else:
        first = Said(_moment("reflect", turn, topic), values)
    return Outcome((first, Said(_moment("ask", turn, topic), values)), slots)


def _fresh(turn: Turn, topic: str) -> dict[str, object]:
    return {
        "topic": topic,
        "depth": 1,
        "hints": 0,
        "unclear": 0,
        "short_turns": 0,
        "mode": "support",
        "feeling": None,
        "quote": None,
        **dict.fromkeys(("person", "duration")),
        **_said_now(turn, topic),
        "kept_words": reflection.pick_quote(turn.words),
    }


def _name_both(turn: Turn, first: str, second: str) -> Outcome:
    names = {"first": topics.label(first), "second": topics.label(second)}
    buttons = ((names["first"], f"/{first}"), (names["second"], f"/{second}"))
    slots = _fresh(turn, first) | {"second_topic": second, "depth": 0}
    return Outcome((Said("utter_two_topics", names, buttons),), slots, offer="two_topics")


def _change(turn: Turn, old: str, new: str) -> Outcome:
    if turn.is_button:
        return open_topic(turn, new, second=old)
    names = {"first": topics.label(old), "second": topics.label(new)}
    moment = "utter_topic_return" if new == turn.slot("second_topic") else "utter_topic_change"
    slots = _fresh(turn, new) | {"second_topic": old}
    followed = reflection.follow_content(turn)
    if new == "grief":  # a death is not one more item on a list
        moment, names = "utter_reflect_grief", _known(turn, new)
    if followed:
        return Outcome((followed[0], Said(moment, names)), slots | followed[1])
    return Outcome((Said(moment, names), Said(f"utter_ask_{new}")), slots)


def _after_offer(turn: Turn) -> Outcome | None:
    """What the last question was waiting for, when this message answers it."""
    offer, first, second = turn.slot("offer"), turn.slot("topic"), turn.slot("second_topic")
    if offer == "two_topics" and first and second:
        chosen = topics.chosen_of(turn, first, second) or (None if topics.told_topic(turn) else first)
        return open_topic(turn, chosen, second=second if chosen == first else first) if chosen else None
    if offer == "mood" and turn.words:
        return keep_mood(turn)
    if offer == "complaint" and turn.intent in ("nlu_fallback", "vent_more"):
        listening = {"mode": "listen", "listen_turns": 0, "topic": first or topics.GENERAL, "unclear": 0}
        return Outcome((Said("utter_complaint_heard"), Said("utter_complaint_restart")), listening)
    return None


def keep_mood(turn: Turn) -> Outcome:
    """Takes a mood that was told and asks what lies behind it."""
    slots: dict[str, object] = {"topic": turn.slot("topic") or topics.GENERAL, "depth": max(1, turn.number("depth"))}
    return Outcome((Said("utter_mood_kept"), Said("utter_ask_mood_why")), slots)


def _after_apology(turn: Turn) -> Outcome | None:
    if not turn.slot("topic") or not reflection.apologises(turn.words):
        return None
    return Outcome((Said("utter_no_need_to_apologise"),))


def _untold(turn: Turn) -> Outcome:
    """Nothing is open and no topic was understood: a long text is a story all the same, a short one is asked about."""
    if turn.intent == "vent_more" or reflection.is_long_telling(turn.words):
        return open_topic(turn, topics.GENERAL)
    feeling = reflection.named_feeling(turn)
    if feeling:
        slots = _fresh(turn, topics.GENERAL) | {"feeling": feeling}
        return Outcome((Said(f"utter_listen_{feeling}"), Said("utter_ask_general")), slots)
    unclear = turn.number("unclear")
    if unclear == 0:
        return Outcome((Said("utter_clarify"),), {"unclear": 1})
    if unclear == 1:
        return Outcome((Said("utter_clarify_again", card=LOST),), {"unclear": 2}, offer="counsellor")
    return Outcome((Said("utter_listen"), Said("utter_ask_general")), _fresh(turn, topics.GENERAL))


def _deepen(turn: Turn, topic: str) -> Outcome:
    """Goes on with an open topic: the worker's own content first, then what this depth is for."""
    depth, asked = max(1, turn.number("depth")), turn.number("asked")
    followed = reflection.follow_content(turn) or (reflection.echo(turn) if depth > CHOICES_AT else None)
    slots: dict[str, object] = {"depth": depth + 1, "short_turns": 0, "unclear": 0, **_remember(turn)}
    if followed:
        slots |= followed[1]
    heard = (followed[0],) if followed else ()
    if reflection.asks_advice(turn.words) and turn.number("hints") < HINTS:
        said = (*(heard or (Said("utter_hear_asking"),)), Said(_moment("hint", turn, topic)), Said("utter_ask_fit"))
        return Outcome(said, {**slots, "hints": turn.number("hints") + 1})
    if depth == 1:
        return Outcome(
            (*(heard or (Said(_moment("follow", turn, topic)),)), Said(_moment("explore", turn, topic), _known(turn, topic))),
            slots,
        )
    if depth == 2:
        question = "utter_ask_need" if "feeling" in slots else "utter_ask_feeling"
        return Outcome((*heard, Said(_moment("normalise", turn, topic)), Said(question)), slots)
    if depth == CHOICES_AT:
        slots["hints"] = turn.number("hints") + 1
        if turn.number("choices_rest") > 1:
            return Outcome((*heard, Said(_moment("hint", turn, topic)), Said("utter_ask_fit")), slots)
        return _offer_choices((*heard, Said(_moment("hint", turn, topic))), slots)
    return _keep_listening(turn, depth, asked, heard, slots)


def _keep_listening(turn: Turn, depth: int, asked: int, heard: tuple[Said, ...], slots: dict[str, object]) -> Outcome:
    kept, second = turn.slot("kept_words"), turn.slot("second_topic")
    if not heard and depth % 2 and kept:
        heard, slots = (Said("utter_recall_words", {"quote": kept}),), {**slots, "kept_words": None}
    heard = heard or (Said("utter_listen"),)
    if turn.number("choices_rest") <= 1:
        return _offer_choices(heard, slots)
    if depth == SECOND_TOPIC_AT and second:
        return Outcome((*heard, Said("utter_recall_second", {"second": topics.label(second)})), slots)
    if depth % 2 == 0:
        return Outcome((*heard, _question(asked)), {**slots, "asked": asked + 1})
    return Outcome(heard, slots)


def _offer_choices(said: tuple[Said, ...], slots: dict[str, object]) -> Outcome:
    return Outcome((*said, Said("utter_offer_choices")), {**slots, "choices_rest": CHOICES_EVERY}, offer="choices")


def _question(asked: int) -> Said:
    return Said(topics.question(asked))


def _said_now(turn: Turn, topic: str) -> dict[str, str]:
    said = {name: turn.entities[name] for name in ("person", "duration") if name in turn.entities}
    return {name: value for name, value in said.items() if name != "person" or topics.fits(topic, value)}


def _known(turn: Turn, topic: str) -> dict[str, str]:
    """Who and how long, said now or earlier about this topic."""
    known = {name: turn.entities.get(name) or turn.slot(name) for name in ("person", "duration")}
    return {name: value for name, value in known.items() if value and (name != "person" or topics.fits(topic, value))}


def _remember(turn: Turn) -> dict[str, object]:
    return {name: turn.entities[name] for name in ("duration",) if name in turn.entities}


def _moment(moment: str, turn: Turn, topic: str) -> str:
    """The response of a moment for a topic, or the closer one when the recent words call for it."""
    recent = _recent(turn)
    if moment == "hint" and reflection.faces_decision(turn.words):
        return "utter_weigh_telling" if reflection.weighs_telling(turn.words) else "utter_weigh"
    if moment != "ask" and reflection.tells_of_shock(turn.words, recent):
        return f"utter_{moment}_shock"
    if topic == "parenting" and reflection.tells_of_newborn(recent):
        return f"utter_{moment}_newborn"
    if topic in ("work_stress", "burnout") and reflection.tells_of_lost_job(recent):
        return f"utter_{moment}_jobless"
    if topic in ("sleep_problem", "anxiety", "general") and reflection.tells_of_shock(recent, recent):
        return f"utter_{moment}_shock"
    return f"utter_{moment}_{topic}"


def _recent(turn: Turn) -> str:
    return " ".join((*turn.earlier, turn.words))


def _listen_only(turn: Turn) -> Outcome | None:
    """While the worker only wants to be heard: no advice, no choices, a soft question at most every third turn."""
    if turn.slot("mode") != "listen" or turn.is_button:
        return None
    if reflection.asks_advice(turn.words):
        return None
    count = turn.number("listen_turns") + 1
    followed = reflection.follow_content(turn) or reflection.echo(turn)
    nod = "utter_encourage" if reflection.is_short_answer(turn.words) else "utter_listen_quiet"
    heard, slots = followed or (Said(nod), {})
    told = topics.told_topic(turn)
    slots = {**slots, "listen_turns": count, "topic": turn.slot("topic") or told or topics.GENERAL}
    if count % CHECK_IN_EVERY == 0:
        return Outcome((heard, Said("utter_listen_check_in")), slots)
    if count % LISTEN_QUESTION_EVERY == 0 and not reflection.is_short_answer(turn.words):
        return Outcome((heard, Said("utter_listen_ask")), slots)
    return Outcome((heard,), slots)


def encourage(turn: Turn) -> Outcome:
    """A nod, a no or a don't-know after an open question: room for more, and an easier question when it goes on."""
    short, asked = turn.number("short_turns"), turn.number("asked")
    slots: dict[str, object] = {"short_turns": short + 1}
    nod = {"deny": "utter_encourage_no", "unsure": "utter_encourage_unsure"}.get(turn.intent, "utter_encourage")
    if turn.slot("mode") == "listen":
        return Outcome((Said("utter_encourage"),), {**slots, "listen_turns": turn.number("listen_turns") + 1})
    if short % 3 == 2:
        return Outcome((Said("utter_offer_easier"),), slots, offer="choices")
    if short % 3 == 1 or nod == "utter_encourage_no":
        easier = Said("utter_ask_easier") if short % 3 == 1 else _question(asked)
        return Outcome((Said(nod), easier), {**slots, "asked": asked + 1})
    return Outcome((Said(nod),), slots)
