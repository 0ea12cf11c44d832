"""What a worker hears of a finished run: bands of symptoms with their ranges, what to do next, and whether to share it; pure."""

from __future__ import annotations

import json

from bot.domain.conversation import Button
from bot.domain.questionnaire import ScaleScore, Scored, score
from bot.domain.questionnaire_definition import NextStep, Scale, Sex, Step
from bot.domain.screening_picture import drawn, result_card
from bot.domain.screening_state import RunStatus
from bot.domain.screening_talk import Talk, packed
from bot.domain.screening_words import RunWish

SHARE = "share"
_MOST_STEPS = 3  # buttons beside those about sharing


def finish(talk: Talk) -> None:
    """The run is over: the result, its words, and the next steps as buttons; an invited one is opened with the counsellor."""
    talk.change(status=RunStatus.FINISHED, pending=None, place="", offers="")
    if talk.state.is_invited:
        talk.say("result_invited")
        talk.say("ending_invited", [_counsellor(talk)])
        return
    scored = score(talk.paper.questionnaire, talk.state.answers, talk.state.sex or Sex.UNSAID)
    _tell_scores(talk, scored)
    for suggestion in [each for each in scored.suggestions if each.worker][:2]:
        for text in suggestion.worker[talk.seed % len(suggestion.worker)]:
            talk.say_text(text)
    talk.change(offers=SHARE)
    talk.say("ending", [talk.button(RunWish.SHARE), talk.button(RunWish.KEEP), *_steps(talk, scored)])


def _tell_scores(talk: Talk, scored: Scored) -> None:
    questionnaire = talk.paper.questionnaire
    shown = [(questionnaire.total, scored.whole)] if questionnaire.total else []
    shown = shown or [(scale, scored.subscales[scale.id]) for scale in questionnaire.subscales]
    told = [(scale, each) for scale, each in shown if each.value is not None]
    if not told:
        talk.say("result_none")
        return
    for scale, each in told:
        _tell_score(talk, scale, each)
    pictures = [drawn(scale, each, talk.state.sex or Sex.UNSAID) for scale, each in told]
    talk.show(result_card(talk.paper.name, pictures, is_higher_better=questionnaire.is_higher_better))
    if questionnaire.is_higher_better:
        talk.say("result_higher")
    gravest = max((each for _, each in told if each.band), key=lambda each: _rank(questionnaire.scales, each), default=None)
    if gravest is not None and gravest.band is not None and gravest.band.worker:
        for text in gravest.band.worker[talk.seed % len(gravest.band.worker)]:
            talk.say_text(text)


def _tell_score(talk: Talk, scale: Scale, found: ScaleScore) -> None:
    """The value never stands without its range (issue 4, the result)."""
    value = f"{found.value:g}"
    blanks = {"scale": scale.title, "value": value, "lowest": str(scale.lowest), "highest": str(scale.highest)}
    if found.band is not None:
        talk.say("result", filled={**blanks, "band": found.band.label})
    else:
        talk.say("result_plain", filled=blanks)
    if found.is_prorated or found.is_minimum:
        talk.say("result_estimated" if found.is_prorated else "result_least")


def _rank(scales: tuple[Scale, ...], found: ScaleScore) -> int:
    """The place of a band among those of its scale."""
    return next((scale.bands.index(found.band) for scale in scales if found.band in scale.bands), 0) if found.band else 0


def _steps(talk: Talk, scored: Scored) -> list[Button]:
    """The next steps that a button can begin; what the hospital is for stands in the band's words."""
    buttons = [_step(talk, step) for step in scored.next_steps]
    return [button for button in buttons if button is not None][:_MOST_STEPS]


def _step(talk: Talk, step: NextStep) -> Button | None:
    if step.step is Step.COUNSELLOR:
        return _counsellor(talk)
    if step.step is Step.EXERCISE and step.target in talk.paper.messages.buttons:
        title = talk.paper.messages.buttons[step.target]
        return Button(title, "/start_exercise" + json.dumps({"exercise": step.target}, separators=(",", ":")))
    if step.step is Step.QUESTIONNAIRE:
        name = talk.paper.messages.names.get(step.target, step.target)
        return Button(name, packed({"do": RunWish.BEGIN.value, "questionnaire": step.target}))
    return None


def _counsellor(talk: Talk) -> Button:
    return Button(talk.paper.messages.buttons["counsellor"], "/ask_counsellor")
