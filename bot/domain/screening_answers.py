"""What a button or a worker's words do at the open item of a screening; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.domain import screening_course as course
from bot.domain.answer_words import read_option
from bot.domain.questionnaire import alerts_so_far
from bot.domain.questionnaire_definition import Item, Numbers, Option
from bot.domain.screening_state import OPEN, RunStatus
from bot.domain.screening_talk import FAILURES_BEFORE_SKIPPING, SEX_PLACE, Nearest, ScreeningTurn, Talk, number_of, numbered
from bot.domain.screening_words import RunWish, Wanted, in_common_words, may_be_near, read_wish, tells_something, wants_person

NEAR_ENOUGH = 0.01  # lead of the nearest option in cosine; measured by `python -m bench.screening_answers`
_MOST_STRAYS = 2  # stories in a row after which the run waits instead of asking again


def press(talk: Talk, data: Mapping[str, Any]) -> None:
    state = talk.state
    if "do" in data:
        wish = next((each for each in RunWish if each.value == data["do"]), None)
        is_ours = data.get("run") == state.run_id and data.get("item", state.place) == state.place
        if wish is None or not is_ours or not _wish_pressed(talk, wish):
            course.stands(talk)
        return
    link_id, chosen = data.get("item"), data.get("score")
    item = talk.paper.item(link_id) if isinstance(link_id, str) else None
    is_ours = (data.get("run"), data.get("questionnaire")) == (state.run_id, state.questionnaire_id)
    if item is None or not is_ours or not isinstance(chosen, int) or isinstance(chosen, bool) or chosen not in item.scores:
        course.stands(talk)
        return
    is_open = state.status in OPEN or (state.status is RunStatus.PAUSED and state.has_agreed)
    if is_open and item.link_id == state.place:
        course.take_answer(talk, item, chosen)
        return
    if item.link_id != SEX_PLACE and state.answers.get(item.link_id) != chosen:  # too late to count, but not to be cared for
        _raise_late(talk, item, chosen)
    if not talk.alerts:
        course.stands(talk)


def _raise_late(talk: Talk, item: Item, chosen: int) -> None:
    """A sign of danger pressed on an item that is past: its answer stays, the alert is given."""
    rules = alerts_so_far(talk.paper.questionnaire, {**talk.state.answers, item.link_id: chosen})
    rules = tuple(rule for rule in rules if any(item.link_id in condition.link_ids for condition in rule.when))
    talk.alerts = course.turning(talk.state, talk.paper, rules)
    if talk.alerts:
        alerted = (*talk.state.alerted, *(rule.id for rule in talk.alerts))
        talk.change(alerted=alerted)
        talk.state = talk.state.paused()
        talk.say("turn_aside")


def _wish_pressed(talk: Talk, wish: RunWish) -> bool:
    """Does what a button wants; False when it does not fit any more."""
    status = talk.state.status
    if status is RunStatus.FINISHED:
        return course.decide_sharing(talk, wish)
    if status is RunStatus.OFFERED and wish is RunWish.BEGIN:
        course.open_run(talk)
    elif status is RunStatus.OFFERED and wish is RunWish.LATER:
        course.decline(talk)
    elif status is RunStatus.CONSENTING and wish is RunWish.AGREE:
        course.agree(talk)
    elif status in (RunStatus.CONSENTING, RunStatus.PAUSED) and wish is RunWish.DECLINE and not talk.state.has_agreed:
        course.decline(talk)
    elif status is RunStatus.PAUSED and wish in (RunWish.RESUME, RunWish.AGREE):
        course.resume(talk)
    elif status is RunStatus.PAUSED and wish in (RunWish.LATER, RunWish.STOP):
        course.stop(talk)
    elif status in OPEN and wish in _INSIDE:
        _INSIDE[wish](talk, Wanted(wish))
    else:
        return False
    return True


def answer_in_words(talk: Talk, words: str) -> ScreeningTurn:
    item = talk.item
    if item is None:
        course.go_on(talk)
        return talk.turn()
    wanted = read_wish(words)
    is_refused = wanted is not None and wanted.wish is RunWish.NOT_RIGHT and talk.state.status is RunStatus.CONFIRMING
    if wanted is not None and (is_refused or at_open_item(wanted.wish)):
        talk.change(strays=0)
        _INSIDE[wanted.wish](talk, wanted)
    elif wants_person(words):
        return ScreeningTurn(talk.state.paused(), is_handled=False)
    elif (option := option_of(item, words, talk.paper.nearest)) is not None:
        _take(talk, item, option)
    elif tells_something(words):
        return _heard_story(talk)
    else:
        _fail(talk, "press" if talk.state.status is RunStatus.CONFIRMING else "not_sure")
    return talk.turn()


def option_of(item: Item, words: str, nearest: Nearest | None) -> Option | None:
    """The option the words name, or the one they come clearly nearest to; an item that is confirmed goes by words alone."""
    option = read_option(item, words) or read_option(item, in_common_words(words))
    closed = item.is_confirmed or item.link_id == SEX_PLACE or item.numbers is Numbers.AMOUNT  # 三杯到五杯 is no likeness
    if option is not None or nearest is None or closed or not may_be_near(words):
        return option
    found = nearest(words, item.options)
    return item.options[found[0]] if found is not None and found[1] >= NEAR_ENOUGH else None


def _take(talk: Talk, item: Item, option: Option) -> None:
    if not item.is_confirmed:
        talk.say("heard", filled={"option": option.text})
        course.take_answer(talk, item, option.score)
        return
    course.note_unconfirmed(talk, item, option)
    talk.confirm(item, option)


def _heard_story(talk: Talk) -> ScreeningTurn:
    """Something is told: it is heard first and the question comes again; told on and on, the run waits."""
    strays = talk.state.strays + 1
    if strays > _MOST_STRAYS:
        paused = Talk(talk.state.paused(), talk.paper)
        paused.say("stop", [paused.button(RunWish.RESUME)], filled=paused.where())
        return replace(paused.turn(), is_handled=False)
    talk.say("returned")
    talk.ask()
    talk.change(strays=strays)
    return replace(talk.turn(), is_handled=False, is_story=True)


def _fail(talk: Talk, name: str) -> None:
    """Asks again with the options explained; from the second time on with the way to skip or stop."""
    talk.change(failures=talk.state.failures + 1, strays=0)
    talk.say(name)
    if talk.state.failures >= FAILURES_BEFORE_SKIPPING:
        talk.say("offer_skip")
    else:
        talk.explain_options()
    talk.ask()


def _stop(talk: Talk, wanted: Wanted) -> None:
    course.stop(talk)


def _skip(talk: Talk, wanted: Wanted) -> None:
    item = talk.item
    if item is not None:
        talk.say("skipped")
        course.take_answer(talk, item, None)


def _explain(talk: Talk, wanted: Wanted) -> None:
    item = talk.item
    if item is not None and item.link_id != SEX_PLACE:
        talk.say("meaning")
        talk.say_text(item.explanation)
    talk.ask()


def _back(talk: Talk, wanted: Wanted) -> None:
    items = [
        each
        for each in talk.paper.questionnaire.items
        if each.link_id in talk.state.answers or each.link_id == talk.state.place
    ]
    places = [each.link_id for each in items]
    at = places.index(talk.state.place) if talk.state.place in places else len(places)
    if at == 0:
        talk.say("first")
    else:
        talk.change(place=places[at - 1], failures=0)
        talk.say("back")
    talk.ask()


def change_answer(talk: Talk, wanted: Wanted) -> None:
    """改第3题, and 第3题改成几乎每天 at once where an item need not be confirmed."""
    item = next(
        (each for each in numbered(talk.paper, talk.state) if number_of(talk.paper, talk.state, each.link_id) == wanted.number),
        None,
    )
    if item is None:
        talk.say("not_yet")
        talk.ask()
        return
    talk.change(place=item.link_id, failures=0)
    option = read_option(item, wanted.answer) if wanted.answer else None
    if option is None:
        talk.say("back")
        talk.ask()
    elif item.is_confirmed:
        _take(talk, item, option)
    else:
        talk.say("changed", filled={"option": option.text})
        course.take_answer(talk, item, option.score)


def _tell(talk: Talk, wanted: Wanted) -> None:
    course.inform(talk, wanted.wish)
    talk.ask()


def _where(talk: Talk, wanted: Wanted) -> None:
    talk.say("where", filled=talk.where())
    talk.ask()


def _not_right(talk: Talk, wanted: Wanted) -> None:
    """Not what was meant: all options once more."""
    talk.change(pending=None)
    talk.say("again")
    talk.explain_options()
    talk.ask()


_INSIDE: Mapping[RunWish, Callable[[Talk, Wanted], None]] = {
    RunWish.SKIP: _skip, RunWish.STOP: _stop, RunWish.MEANING: _explain, RunWish.BACK: _back, RunWish.CHANGE: change_answer,
    RunWish.WHERE: _where, RunWish.RESUME: _where, RunWish.WHO_SEES: _tell, RunWish.HOW_LONG: _tell, RunWish.NO_DIAGNOSIS: _tell,
    RunWish.NOT_RIGHT: _not_right,
}  # fmt: skip


def at_open_item(wish: RunWish) -> bool:
    """Whether words of this wish are taken as one while an item is open; 不是 only where something is to be confirmed."""
    return wish in _INSIDE and wish is not RunWish.NOT_RIGHT
