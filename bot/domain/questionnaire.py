"""Scores a questionnaire: values, bands, alerts and what to offer, the next item and how far it is; pure.

Answers are the scores of the chosen options by link id; None is a skipped item, an absent one was not asked yet.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Optional

from bot.domain.errors import UnknownChoice
from bot.domain.questionnaire_definition import (
    AlertRule,
    Band,
    Condition,
    Item,
    NextStep,
    Questionnaire,
    Scale,
    Sex,
    Suggestion,
)

Answers = Mapping[str, Optional[int]]


@dataclass(frozen=True)
class ScaleScore:
    """What a scale came to; `value` is None when too much is missing.

    `is_prorated`: missing items were replaced by the mean of the others, shown as 估算; `is_minimum`: items are missing, but what
    was answered reaches the top band already.
    """

    value: float | None
    band: Band | None
    missing: tuple[str, ...]
    is_prorated: bool = False
    is_minimum: bool = False


_NO_SCORE = ScaleScore(None, None, ())


@dataclass(frozen=True)
class Scored:
    """The result of a finished run; `whole` is empty where the questionnaire has no total."""

    whole: ScaleScore
    subscales: Mapping[str, ScaleScore]
    alerts: tuple[AlertRule, ...]
    suggestions: tuple[Suggestion, ...]
    missing: tuple[str, ...]

    @property
    def total(self) -> float | None:
        return self.whole.value

    @property
    def band(self) -> Band | None:
        return self.whole.band

    @property
    def is_prorated(self) -> bool:
        return self.whole.is_prorated

    @property
    def next_steps(self) -> tuple[NextStep, ...]:
        """What to offer, each once: what the score as a whole suggests first, then what the bands do."""
        bands = [each.band for each in (self.whole, *self.subscales.values()) if each.band]
        steps = [*(each.next_steps for each in self.suggestions), *(band.next_steps for band in bands)]
        return tuple(dict.fromkeys(step for each in steps for step in each))


@dataclass(frozen=True)
class Progress:
    """Items done and items in all, as far as the answers tell which are asked; questions outside the score are not counted."""

    done: int
    of: int


def score(questionnaire: Questionnaire, answers: Answers, sex: Sex = Sex.UNSAID) -> Scored:
    """The result of these answers; an item without an answer counts as skipped. Raises UnknownChoice for an answer that is none."""
    finished = _finished(questionnaire, answers)
    values = {scale.id: _scale_score(questionnaire, scale, finished, sex) for scale in questionnaire.scales}
    whole = values.pop(questionnaire.total.id) if questionnaire.total else _NO_SCORE
    known = {**values, questionnaire.total.id: whole} if questionnaire.total else values

    def holds(condition: Condition) -> bool:
        value = known[condition.scale_id].value if condition.scale_id else None
        is_in_range = value is not None and condition.spans(value)
        return is_in_range or _holds_for_items(condition, finished) or _is_reached(questionnaire, condition, finished)

    return Scored(
        whole,
        values,
        tuple(rule for rule in questionnaire.alerts if all(map(holds, rule.when))),
        tuple(each for each in questionnaire.suggestions if all(map(holds, each.when))),
        tuple(item.link_id for item in questionnaire.items if item.is_scored and finished.get(item.link_id) is None),
    )


def alerts_so_far(questionnaire: Questionnaire, answers: Answers) -> tuple[AlertRule, ...]:
    """The alerts that the raw answers give already, in the middle of a run: an item not asked yet is not a skipped one.

    Raises UnknownChoice for an answer that is none.
    """
    raw = standing_answers(questionnaire, answers)

    def holds(condition: Condition) -> bool:
        return _holds_for_items(condition, raw) or _is_reached(questionnaire, condition, raw)

    return tuple(rule for rule in questionnaire.alerts if all(map(holds, rule.when)))


def next_item(questionnaire: Questionnaire, answers: Answers) -> Item | None:
    """The first item in the given order that is to be asked and has no answer yet; None when the run is finished."""
    raw = standing_answers(questionnaire, answers)
    for item in questionnaire.items:
        if item.link_id not in raw and _is_asked(item, raw):
            return item
    return None


def progress(questionnaire: Questionnaire, answers: Answers) -> Progress:
    """How far the run is. An item whose condition is still open counts as one to come."""
    raw = standing_answers(questionnaire, answers)
    counted = [
        item.link_id for item in questionnaire.items if item.asked_when is None or (item.is_scored and _is_due(item, raw))
    ]
    return Progress(sum(link_id in raw for link_id in counted), len(counted))


def check_answer(questionnaire: Questionnaire, link_id: str, chosen: int | None) -> None:
    """Raises UnknownChoice unless this is a score of that item, or None for a skipped one."""
    item = questionnaire.by_link_id.get(link_id)
    if item is None:
        raise UnknownChoice(f"{questionnaire.id} has no such item")
    if chosen is not None and (isinstance(chosen, bool) or not isinstance(chosen, int) or chosen not in item.scores):
        raise UnknownChoice(f"{questionnaire.id}, item {link_id}: no option has this score")


def standing_answers(questionnaire: Questionnaire, answers: Answers) -> dict[str, int | None]:
    """The answers that still count: without those of items which an earlier answer has ruled out since."""
    for link_id, chosen in answers.items():
        check_answer(questionnaire, link_id, chosen)
    raw: dict[str, int | None] = {}
    for item in questionnaire.items:
        if item.link_id in answers and _is_asked(item, raw):
            raw[item.link_id] = answers[item.link_id]
    return raw


def _finished(questionnaire: Questionnaire, answers: Answers) -> dict[str, int | None]:
    """Every item with its answer: implied where an earlier answer rules it out, None where there is none."""
    finished = standing_answers(questionnaire, answers)
    for item in questionnaire.items:
        if item.link_id not in finished:
            finished[item.link_id] = item.implied_score if _is_ruled_out(item, finished) else None
    return finished


def _is_asked(item: Item, raw: Answers) -> bool:
    return item.asked_when is None or _holds_for_items(item.asked_when, raw)


def _is_ruled_out(item: Item, raw: Answers) -> bool:
    """Whether all that its condition looks at was answered otherwise; a skipped answer rules nothing out."""
    answered = item.asked_when is not None and all(raw.get(link_id) is not None for link_id in item.asked_when.link_ids)
    return answered and not _is_asked(item, raw)


def _is_due(item: Item, raw: Answers) -> bool:
    """Whether it is asked, or may still be: what its condition looks at was not all asked yet."""
    waits = item.asked_when is not None and any(link_id not in raw for link_id in item.asked_when.link_ids)
    return waits or _is_asked(item, raw)


def _holds_for_items(condition: Condition, raw: Answers) -> bool:
    """Whether any of its items was skipped, or answered in the range; never by a value put in for a missing one."""
    for link_id in condition.link_ids:
        if link_id in raw:
            chosen = raw[link_id]
            if condition.is_skipped if chosen is None else not condition.is_skipped and condition.spans(chosen):
                return True
    return False


def _is_reached(questionnaire: Questionnaire, condition: Condition, raw: Answers) -> bool:
    """Whether a sum reaches the bound with what was answered alone: more answers can only add to it."""
    if condition.scale_id is None or condition.at_least is None or condition.at_most is not None:
        return False
    scale = next(each for each in questionnaire.scales if each.id == condition.scale_id)
    if scale.is_mean:
        return False
    return sum(_points(questionnaire, scale, raw)) * scale.factor >= condition.at_least


def _points(questionnaire: Questionnaire, scale: Scale, raw: Answers) -> list[int]:
    chosen = ((questionnaire.by_link_id[link_id], raw.get(link_id)) for link_id in scale.link_ids)
    return [item.points(answer) for item, answer in chosen if answer is not None]


def _scale_score(questionnaire: Questionnaire, scale: Scale, finished: Answers, sex: Sex) -> ScaleScore:
    points = _points(questionnaire, scale, finished)
    missing = tuple(link_id for link_id in scale.link_ids if finished.get(link_id) is None)
    if len(missing) > scale.missing.most:
        least = sum(points) * scale.factor
        if scale.missing.counts_once_reached and least >= scale.bands[-1].low[sex]:
            return ScaleScore(least, scale.bands[-1], missing, is_minimum=True)
        return ScaleScore(None, None, missing)
    if scale.is_mean:
        mean = _half_up(Fraction(10 * sum(points), len(points))) / 10
        return ScaleScore(mean, scale.band_of(mean, sex), missing)
    value = _half_up(Fraction(sum(points) * len(scale.link_ids) * scale.factor, len(points)))
    return ScaleScore(value, scale.band_of(value, sex), missing, is_prorated=bool(missing))


def _half_up(exact: Fraction) -> int:
    """Rounded, a half upward: errs to the higher band (INSTRUMENTS.md, own convention)."""
    return math.floor(exact + Fraction(1, 2))
