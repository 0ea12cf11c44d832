"""The safety plan of Stanley and Brown, built step by step in the conversation: what is said next, and what is kept.

Structure: Stanley B, Brown GK (2012), Safety Planning Intervention, Cognitive and Behavioral Practice 19:256-264. Danger is
not judged here: the screen reads every message first, and `pause` is what it calls. Nothing here asks for or lists methods.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.asq_words import is_bare_nod
from bot.domain.hotline import ShownLine
from bot.domain.safety_plan_state import STEPS, PlanMessages, PlanState, PlanStatus, PlanStep
from bot.domain.safety_plan_talk import PAYLOAD, PlanTurn, Talk
from bot.domain.safety_plan_words import (
    Wanted,
    Wish,
    is_put_away,
    is_telling,
    read_wish,
    says_nobody,
    says_none,
    short_quote,
    split_end,
)  # fmt: skip

# Short words that after a telling may answer what the conversation asked in between.
_COULD_ANSWER_ANYTHING = frozenset({Wish.YES, Wish.NO, Wish.NONE, Wish.MORE, Wish.DONE, Wish.UNSURE})
_EXAMPLES_BEFORE_SKIPPING = 2  # policy: a third 不知道 leaves the step empty


@dataclass(frozen=True)
class Said:
    """One message of the worker: typed words, or the payload of a button of ours."""

    words: str = ""
    payload: str | None = None


def offer(state: PlanState, messages: PlanMessages) -> PlanTurn:
    """The offer to make a plan, to go on with one, or to look at one; the status changes only by the worker's answer."""
    talk = Talk(replace(state, strays=0), messages, ())
    if state.status is PlanStatus.FINISHED:
        talk.say("offer_show", buttons=(Wish.SHOW, Wish.LATER))
    elif state.status in (PlanStatus.PAUSED, PlanStatus.BUILDING):
        talk.say("offer_resume", buttons=(Wish.RESUME, Wish.LATER), filled=talk.where())
    else:
        talk.change(status=PlanStatus.OFFERED)
        talk.say("offer", buttons=(Wish.BEGIN, Wish.LATER))
    return talk.turn()


def begin(state: PlanState, messages: PlanMessages, lines: Sequence[ShownLine]) -> PlanTurn:
    """The first question, with what a plan is and who sees it; one that is begun goes on, one that is finished is shown.

    `lines` are the lines open now for this worker's place, emergency numbers first (`hotline.lines_for`).
    """
    if state.status is PlanStatus.FINISHED:
        return show(state, messages, lines)
    if state.status in (PlanStatus.BUILDING, PlanStatus.PAUSED):
        return resume(state, messages, lines)
    talk = Talk(replace(state, status=PlanStatus.BUILDING, strays=0), messages, lines)
    talk.say("opening")
    talk.say("who_sees")
    talk.ask()
    return talk.turn()


def pause(state: PlanState) -> PlanState:
    """The plan waits at its step with all that was said; an open offer is no longer taken by a bare 好."""
    if state.status is PlanStatus.BUILDING:
        return replace(state, status=PlanStatus.PAUSED, strays=0)
    return replace(state, strays=1) if state.status is PlanStatus.OFFERED else state


def resume(state: PlanState, messages: PlanMessages, lines: Sequence[ShownLine]) -> PlanTurn:
    """One line that says where the plan stands, and the question of that step in other words than the last time."""
    if state.status not in (PlanStatus.BUILDING, PlanStatus.PAUSED):
        return begin(state, messages, lines)
    talk = Talk(replace(state, status=PlanStatus.BUILDING, strays=0), messages, lines)
    talk.say("resume", filled=talk.where())
    talk.ask()
    return talk.turn()


def show(state: PlanState, messages: PlanMessages, lines: Sequence[ShownLine]) -> PlanTurn:
    """The plan as a card, as far as it is; while it is being made the open question follows, and one that waits is offered."""
    talk = Talk(replace(state, strays=0), messages, lines)
    if state.status is PlanStatus.BUILDING:
        talk.say("so_far", card=talk.card())
        talk.ask()
    elif state.status is PlanStatus.PAUSED:
        talk.say("so_far", card=talk.card())
        talk.say("offer_resume", buttons=(Wish.RESUME, Wish.LATER), filled=talk.where())
    elif state.status is PlanStatus.FINISHED:
        talk.say("shown", card=talk.card())
    else:
        talk.say("nothing_yet", buttons=(Wish.BEGIN, Wish.LATER))
        talk.change(status=PlanStatus.OFFERED)
    return talk.turn()


def advance(state: PlanState, said: Said, messages: PlanMessages, lines: Sequence[ShownLine]) -> PlanTurn:
    """The turn after one message of the worker. A button is always handled; words that are not for the plan never are."""
    if said.payload is not None:
        wanted = _read_payload(said.payload, state)
        turn = _outside(state, wanted, messages, lines) if state.status is not PlanStatus.BUILDING else None
        if turn is None and state.status is PlanStatus.BUILDING:
            turn = _inside(state, wanted, "", messages, lines)
        return turn or _stands(state, messages, lines)
    wanted = read_wish(said.words)
    if state.status is PlanStatus.OFFERED and is_bare_nod(said.words):
        wanted = None  # 嗯 may answer anything else: it begins no plan
    if state.status is PlanStatus.BUILDING:
        return _inside(state, wanted, said.words, messages, lines)
    return _outside(state, wanted, messages, lines) or PlanTurn(_passed_over(state), is_handled=False)


def _passed_over(state: PlanState) -> PlanState:
    return replace(state, strays=1) if state.status is PlanStatus.OFFERED else state


def _read_payload(payload: str, state: PlanState) -> Wanted | None:
    """The wish of a button; None for one of a step that is over, so that a late press skips nothing."""
    try:
        data = json.loads(payload.removeprefix(PAYLOAD))
        if data.get("at", state.place.value) != state.place.value:
            return None
        return Wanted(Wish(data["do"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _stands(state: PlanState, messages: PlanMessages, lines: Sequence[ShownLine]) -> PlanTurn:
    """For a button that does not fit any more: where things are."""
    return show(state, messages, lines) if state.status is PlanStatus.FINISHED else offer(state, messages)


def _outside(state: PlanState, wanted: Wanted | None, messages: PlanMessages, lines: Sequence[ShownLine]) -> PlanTurn | None:
    """The turn while no question is open; None when the message is not for the plan."""
    wish = wanted.wish if wanted else None
    is_offered = state.status is PlanStatus.OFFERED and not state.strays
    if wish is Wish.SHOW:
        return show(state, messages, lines)
    goes_on = wish is Wish.RESUME and state.status is PlanStatus.PAUSED  # 接着做 without a plan that waits means something else
    if wish is Wish.BEGIN or goes_on or (is_offered and wish in (Wish.YES, Wish.MORE)):
        return begin(state, messages, lines)
    if wish is Wish.LATER or (is_offered and wish in (Wish.NO, Wish.STOP, Wish.SKIP)):
        talk = Talk(state, messages, lines)
        if state.status is PlanStatus.OFFERED:
            talk.change(status=PlanStatus.DECLINED)
        talk.say("declined")
        return talk.turn()
    if wanted and wish is Wish.CHANGE and state.status in (PlanStatus.PAUSED, PlanStatus.FINISHED):
        return _inside(replace(state, status=PlanStatus.BUILDING), wanted, "", messages, lines)
    return None


def _inside(
    state: PlanState, wanted: Wanted | None, words: str, messages: PlanMessages, lines: Sequence[ShownLine]
) -> PlanTurn:
    """The turn while a question is open."""
    talk = Talk(state, messages, lines)
    none = says_none(words, state.place) if words else None
    if wanted is None and none is not None:
        wanted = Wanted(none)
    if words and wanted is not None and state.strays and wanted.wish in _COULD_ANSWER_ANYTHING:
        return _asked_again(talk)
    if wanted is not None:
        if wanted.wish is Wish.SHOW:
            return show(state, messages, lines)
        if wanted.wish in (Wish.BEGIN, Wish.RESUME):
            return resume(state, messages, lines)
        talk.change(strays=0)
        if wanted.wish is Wish.CHANGE:
            _go_to(talk, wanted.number)
        else:
            _WISHES[wanted.wish](talk, words)
        return talk.turn()
    if not words:
        talk.ask()
    elif is_telling(words, state.place):
        return PlanTurn(replace(state, strays=state.strays + 1), is_handled=False)
    elif state.strays:  # it may answer what was asked in between, so it is not written down unasked
        return _asked_again(talk, pending=words.strip())
    else:
        _write_down(talk, words)
    return talk.turn()


def _asked_again(talk: Talk, pending: str = "") -> PlanTurn:
    """After a telling: the question of the plan once more, with a button for words that may be its answer after all."""
    talk.change(strays=0, pending=pending)
    talk.say("returned")
    talk.ask(extra=(Wish.KEEP,) if pending else ())
    return talk.turn()


def _write_down(talk: Talk, words: str) -> None:
    step = talk.state.place
    piece, is_end = split_end(words)
    is_first = not talk.state.pieces(step)
    talk.add(piece)
    is_safe_place = step is PlanStep.SAFE_PLACE
    talk.tells_means = is_safe_place and not is_put_away(piece)
    quote = "" if is_safe_place else short_quote(piece)
    if talk.state.has_asked_more and not is_first and not is_end:
        talk.say("also", buttons=talk.answered())
        return
    if quote:
        talk.say("heard_quote", filled={"words": quote})
    else:
        talk.say("heard_safe" if is_safe_place else "heard")
    if is_end:
        talk.close()
        return
    talk.say("put_away" if talk.tells_means else "more", buttons=talk.answered())
    talk.change(has_asked_more=True)


def _skip(talk: Talk, words: str) -> None:
    if not talk.state.pieces(talk.state.place):
        talk.say("skipped")
    talk.close()


def _end(talk: Talk, words: str) -> None:
    """没了: the step is done where something stands there, else there is nothing to write."""
    step = talk.state.place
    if talk.state.pieces(step):
        talk.close()
        return
    if step is PlanStep.SAFE_PLACE and not talk.state.has_asked_more:
        talk.add(talk.messages.card["none_at_hand"])
        talk.say("none_at_hand")
    elif says_nobody(words) or (step is PlanStep.PEOPLE and words):
        talk.say("nobody")
    else:
        talk.say("nothing")
    talk.close()


def _refuse(talk: Talk, words: str) -> None:
    (_end if talk.state.has_asked_more else _skip)(talk, words)


def _agree(talk: Talk, words: str) -> None:
    """嗯 after 还有吗 moves on; before an answer it answers nothing."""
    if talk.state.pieces(talk.state.place):
        talk.close()
    else:
        talk.ask()


def _has_some(talk: Talk, words: str) -> None:
    """有: more is coming; at the last step it tells that means are at hand."""
    if talk.state.place is PlanStep.SAFE_PLACE and not talk.state.pieces(PlanStep.SAFE_PLACE):
        talk.tells_means = True
        talk.say("put_away", buttons=(Wish.SKIP, Wish.STOP))
        talk.change(has_asked_more=True)
    else:
        talk.ask()


def _unsure(talk: Talk, words: str) -> None:
    step = talk.state.place
    if talk.state.pieces(step):
        talk.close()
    elif talk.state.asked.get(f"example_{step.value}", 0) >= _EXAMPLES_BEFORE_SKIPPING:
        _skip(talk, words)
    else:
        talk.say_one_of(f"example_{step.value}", talk.messages.steps[step].examples)
        talk.ask()


def _back(talk: Talk, words: str) -> None:
    _go_to(talk, max(1, talk.state.place.number - 1))


def _go_to(talk: Talk, number: int | None) -> None:
    """Opens a step again with all that stands in it; a number that is no step only asks again."""
    if number is not None and 1 <= number <= len(STEPS):
        talk.move(STEPS[number - 1])
        count = len(talk.state.pieces(talk.state.place))
        if count:
            talk.say("written", filled={"count": str(count)})
    talk.ask()


def _clear(talk: Talk, words: str) -> None:
    talk.put(())
    talk.say("cleared")
    talk.ask()


def _drop(talk: Talk, words: str) -> None:
    """刚才那句不算: the newest piece goes."""
    pieces = talk.state.pieces(talk.state.place)
    if pieces:
        talk.put(pieces[:-1])
        talk.say("dropped")
    talk.ask()


def _keep(talk: Talk, words: str) -> None:
    """The words that may have answered something else are the answer after all."""
    if talk.state.pending:
        _write_down(talk, talk.state.pending)
    else:
        talk.ask()


def _stop(talk: Talk, words: str) -> None:
    talk.change(status=PlanStatus.PAUSED)
    talk.say("stop", buttons=(Wish.RESUME,))


def _tell_who_sees(talk: Talk, words: str) -> None:
    talk.say("who_sees")
    talk.ask()


_WISHES: Mapping[Wish, Callable[[Talk, str], None]] = {
    Wish.SKIP: _skip, Wish.DONE: _end, Wish.NONE: _end, Wish.NO: _refuse, Wish.YES: _agree, Wish.MORE: _has_some,
    Wish.UNSURE: _unsure, Wish.BACK: _back, Wish.CLEAR: _clear, Wish.DROP: _drop, Wish.KEEP: _keep, Wish.STOP: _stop,
    Wish.LATER: _stop, Wish.WHO_SEES: _tell_who_sees,
}  # fmt: skip
