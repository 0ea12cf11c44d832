"""A screening, one run of a questionnaire, led in the conversation: what is said next, what is kept, and which alerts it gives.

Danger in words is not judged here: the screen reads every message first, and `pause` is what it calls. Alerts of answers are
given in the turn in which the answer is (INSTRUMENTS.md, rules for all); the run then waits for the safety conversation.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.domain import screening_course as course
from bot.domain.asq_words import is_bare_nod
from bot.domain.conversation import Button
from bot.domain.errors import UnknownChoice
from bot.domain.screening_answers import answer_in_words, change_answer, press
from bot.domain.screening_state import LIVE, OPEN, RunStatus, ScreeningState
from bot.domain.screening_talk import PAYLOAD, Paper, ScreeningTurn, Talk
from bot.domain.screening_words import RunWish, read_wish, says_minor, wanted_scale


@dataclass(frozen=True)
class Said:
    """One message of the worker: typed words, or the payload of a button of ours."""

    words: str = ""
    payload: str | None = None


def asked_for(said: Said) -> str | None:
    """The id of the questionnaire that this message asks to begin, by a button or in words; None for any other."""
    if said.payload is None:
        return wanted_scale(said.words)
    data = read_payload(said.payload)
    wanted = data.get("questionnaire") if data.get("do") == RunWish.BEGIN.value and "run" not in data else None
    return wanted if isinstance(wanted, str) else None


def offer(paper: Paper, run_id: str, *, has_consent: bool = False, is_invited: bool = False) -> ScreeningTurn:
    """The offer of a questionnaire, or a counsellor's invitation to one: only a yes to it begins the run."""
    talk = Talk(_new(paper, run_id, has_consent, is_invited), paper)
    course.offer_to_begin(talk)
    return talk.turn()


def begin(paper: Paper, run_id: str, *, has_consent: bool = False, is_invited: bool = False) -> ScreeningTurn:
    """A new run: how long, no diagnosis, who sees it; then the first item, or once the question of consent to assessment."""
    talk = Talk(_new(paper, run_id, has_consent, is_invited), paper)
    course.open_run(talk)
    return talk.turn()


def _new(paper: Paper, run_id: str, has_consent: bool, is_invited: bool) -> ScreeningState:
    definition = paper.questionnaire
    return ScreeningState(run_id, definition.id, definition.version, has_agreed=has_consent, is_invited=is_invited)


def pause(state: ScreeningState) -> ScreeningState:
    """The run waits at its item with every answer; an open offer is no longer taken by a bare 好."""
    return state.paused()


def offer_resume(state: ScreeningState, paper: Paper) -> ScreeningTurn:
    """Asks whether to go on with a run that waits; other runs are left as they are, in silence."""
    talk = Talk(state, paper)
    if state.status is RunStatus.PAUSED:
        course.offer_to_resume(talk)
    return talk.turn()


def resume(state: ScreeningState, paper: Paper) -> ScreeningTurn:
    """Goes on where the run stood: the question of consent, the open item, or the result when nothing is left to ask."""
    _require_fitting(state, paper)
    talk = Talk(replace(state, strays=0, failures=0), paper)
    if state.status in LIVE:
        course.resume(talk)
    return talk.turn()


def show_where(state: ScreeningState, paper: Paper) -> ScreeningTurn:
    """Which question it is, of how many; the question follows, or the offer to go on."""
    talk = Talk(state, paper)
    if state.status is RunStatus.PAUSED:
        return offer_resume(state, paper)
    if state.status in OPEN:
        talk.say("where", filled=talk.where())
        talk.ask()
    return talk.turn()


def advance(state: ScreeningState, said: Said, paper: Paper) -> ScreeningTurn:
    """The turn after one message. A button of ours is always handled; words that are not for the run never are."""
    _require_fitting(state, paper)
    talk = Talk(state, paper)
    if said.payload is not None:
        press(talk, read_payload(said.payload))
        return talk.turn()
    if state.status in LIVE and says_minor(said.words):
        talk.change(status=RunStatus.STOPPED, pending=None, offers="")
        talk.say("minor", [Button(paper.messages.buttons["counsellor"], "/ask_counsellor")])
        return talk.turn()
    if state.status in OPEN:
        return answer_in_words(talk, said.words)
    return _outside(talk, said.words)


def _require_fitting(state: ScreeningState, paper: Paper) -> None:
    definition = paper.questionnaire
    if (state.questionnaire_id, state.version) != (definition.id, definition.version):
        raise UnknownChoice("a run is led by the version of the definition that it began with")


def read_payload(payload: str) -> Mapping[str, Any]:
    """What a button of ours says; nothing for any other text."""
    try:
        data = json.loads(payload.removeprefix(PAYLOAD))
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _outside(talk: Talk, words: str) -> ScreeningTurn:
    wanted = read_wish(words)
    wish = wanted.wish if wanted and not is_bare_nod(words) else None
    status, is_next = talk.state.status, not talk.state.strays
    says_yes = is_next and wish in (RunWish.GO_ON, RunWish.RIGHT, RunWish.BEGIN)
    says_no = is_next and wish in (RunWish.LATER, RunWish.NOT_RIGHT, RunWish.STOP, RunWish.SKIP)
    if status is RunStatus.OFFERED and says_yes:
        course.open_run(talk)
    elif status is RunStatus.CONSENTING and (wish is RunWish.AGREE or says_yes):
        course.agree(talk)
    elif status is RunStatus.CONSENTING and is_bare_nod(words):  # 嗯 agrees to nothing
        course.ask_consent(talk)
    elif status is RunStatus.CONSENTING and wish in (RunWish.WHO_SEES, RunWish.HOW_LONG, RunWish.NO_DIAGNOSIS):
        course.inform(talk, wish)
        course.ask_consent(talk)
    elif (status is RunStatus.OFFERED and says_no) or (status is RunStatus.CONSENTING and (says_no or wish is RunWish.DECLINE)):
        course.decline(talk)
    elif status is RunStatus.PAUSED and (wish is RunWish.RESUME or (talk.state.offers == course.RESUME and says_yes)):
        course.resume(talk)
    elif status is RunStatus.PAUSED and wanted and wish is RunWish.CHANGE and talk.state.has_agreed:
        change_answer(talk, wanted)
    elif status is RunStatus.PAUSED and wish is RunWish.WHERE:
        return show_where(talk.state, talk.paper)
    elif status is RunStatus.PAUSED and talk.state.offers == course.RESUME and says_no:
        course.stop(talk)
    elif status is RunStatus.FINISHED and wish is not None and course.decide_sharing(talk, wish):
        pass
    else:
        return ScreeningTurn(replace(talk.state, strays=1, offers=""), is_handled=False)
    return talk.turn()
