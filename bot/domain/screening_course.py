"""The course of a screening: consent, the next item, an answer and the alerts it gives, waiting and going on, sharing; pure."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.questionnaire import alerts_so_far, next_item, score
from bot.domain.questionnaire_definition import AlertRule, Item, Option
from bot.domain.risk import RiskLevel
from bot.domain.screening_result import SHARE, finish
from bot.domain.screening_state import OPEN, RunStatus, ScreeningState
from bot.domain.screening_talk import SEX_PLACE, SEXES, Paper, Talk
from bot.domain.screening_words import RunWish

RESUME = "resume"
_UNCONFIRMED = "-unconfirmed"


def offer_to_begin(talk: Talk) -> None:
    paper = talk.paper
    buttons = [talk.button(RunWish.BEGIN), talk.button(RunWish.LATER)]
    filled = {"name": paper.name, "minutes": str(paper.questionnaire.minutes)}
    talk.say("invitation" if talk.state.is_invited else "offer", buttons, filled=filled)


def offer_to_resume(talk: Talk) -> None:
    talk.change(offers=RESUME)
    talk.say(
        "offer_resume",
        [talk.button(RunWish.RESUME), talk.button(RunWish.LATER)],
        filled={"name": talk.paper.name, **talk.where()},
    )


def open_run(talk: Talk) -> None:
    minutes = str(talk.paper.questionnaire.minutes)
    talk.say("intro_invited" if talk.state.is_invited else "intro", filled={"minutes": minutes})
    if talk.state.has_agreed:
        go_on(talk)
    else:
        ask_consent(talk)


def ask_consent(talk: Talk) -> None:
    talk.change(status=RunStatus.CONSENTING, strays=0)
    talk.say("consent", [talk.button(RunWish.AGREE), talk.button(RunWish.DECLINE)])


def agree(talk: Talk) -> None:
    talk.change(has_agreed=True, strays=0)
    talk.is_consent = True
    talk.say("how")
    go_on(talk)


def resume(talk: Talk) -> None:
    if not talk.state.has_agreed:
        open_run(talk)
        return
    item = _next(talk)
    if item is None and talk.state.place != SEX_PLACE:
        go_on(talk)
        return
    talk.change(place=talk.state.place or (item.link_id if item else SEX_PLACE))
    talk.say("resume", filled=talk.where())
    talk.ask(with_lead=True)


def _next(talk: Talk) -> Item | None:
    return next_item(talk.paper.questionnaire, talk.state.answers)


def go_on(talk: Talk) -> None:
    """The first item without an answer, then the sex where the band needs it, then the result."""
    item = _next(talk)
    if item is None and not talk.needs_sex():
        finish(talk)
        return
    talk.change(place=item.link_id if item else SEX_PLACE, failures=0, strays=0)
    talk.ask()


def take_answer(talk: Talk, item: Item, chosen: int | None) -> None:
    """Keeps an answer (None: skipped) and goes on; where it gives an alert the run waits and only that is said."""
    if item.link_id == SEX_PLACE:
        talk.change(sex=SEXES[-1 if chosen is None else chosen])
        go_on(talk)
        return
    talk.change(answers={**talk.state.answers, item.link_id: chosen}, pending=None, failures=0, strays=0)
    _raise(talk)
    if not talk.alerts:
        go_on(talk)
        return
    following = _next(talk)
    talk.change(status=RunStatus.PAUSED, place=following.link_id if following else "", offers="")
    talk.say("turn_aside")


def _raise(talk: Talk) -> None:
    """Takes up the alerts of the answers as they are now; with the last answer also those of the finished score."""
    definition, answers = talk.paper.questionnaire, talk.state.answers
    rules = alerts_so_far(definition, answers)
    if _next(talk) is None:
        rules = tuple({rule.id: rule for rule in (*rules, *score(definition, answers).alerts)}.values())
    new = turning(talk.state, talk.paper, rules)
    talk.alerts += new
    talk.change(alerted=(*talk.state.alerted, *(rule.id for rule in new)))


def turning(state: ScreeningState, paper: Paper, rules: tuple[AlertRule, ...]) -> tuple[AlertRule, ...]:
    """Those that change anything: a higher level than before, or the direct question that no earlier alert has called for."""
    earlier = [rule for rule in paper.questionnaire.alerts if rule.id in state.alerted]
    level = max((_level(rule) for rule in earlier), default=RiskLevel.NONE)
    return tuple(
        rule for rule in rules if rule.id not in state.alerted and (_level(rule) > level or (rule.is_asked and not earlier))
    )


def _level(rule: AlertRule) -> RiskLevel:
    return rule.level or RiskLevel.NONE


def note_unconfirmed(talk: Talk, item: Item, option: Option) -> None:
    """A sign of danger in free words is seen by a human even when its button is never pressed; nothing is asked before it is."""
    rules = alerts_so_far(talk.paper.questionnaire, {**talk.state.answers, item.link_id: option.score})
    for rule in turning(talk.state, talk.paper, rules):
        marked = replace(rule, id=rule.id + _UNCONFIRMED, level=RiskLevel.WATCH, is_asked=False)
        if marked.id not in talk.state.alerted:
            talk.alerts += (marked,)
            talk.change(alerted=(*talk.state.alerted, marked.id))


def stop(talk: Talk) -> None:
    talk.state = talk.state.paused()
    talk.say("stop", [talk.button(RunWish.RESUME)], filled=talk.where())


def decline(talk: Talk) -> None:
    talk.change(status=RunStatus.STOPPED, offers="")
    talk.say("declined")


def decide_sharing(talk: Talk, wish: RunWish) -> bool:
    """给咨询师看 or not; a plain yes or no counts only right after it was asked. False for any other wish."""
    is_asked = talk.state.offers == SHARE
    if wish is RunWish.SHARE or (is_asked and wish in (RunWish.GO_ON, RunWish.RIGHT, RunWish.AGREE)):
        talk.is_shared = True
    elif wish is RunWish.KEEP or (is_asked and wish in (RunWish.LATER, RunWish.NOT_RIGHT, RunWish.DECLINE)):
        talk.is_shared = False
    else:
        return False
    talk.change(offers="")
    talk.say("shared" if talk.is_shared else "kept")
    return True


def inform(talk: Talk, wish: RunWish) -> None:
    if wish is RunWish.WHO_SEES:
        talk.say("who_sees")
    elif wish is RunWish.HOW_LONG:
        talk.say("how_long", filled={"minutes": str(talk.paper.questionnaire.minutes)})
    else:
        talk.say("no_diagnosis")


def stands(talk: Talk) -> None:
    """For a button that does not fit any more, or never did: nothing changes, and where things are is said again."""
    status = talk.state.status
    if status in OPEN:
        talk.say("late")
        talk.ask()
    elif status is RunStatus.PAUSED:
        offer_to_resume(talk)
    elif status is RunStatus.CONSENTING:
        ask_consent(talk)
    elif status is RunStatus.OFFERED:
        offer_to_begin(talk)
    else:
        talk.say("over")
