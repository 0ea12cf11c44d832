"""What a questionnaire is: items with their options, scales with bands, alert rules, and the facts about its text and licence; pure.

The content is content/questionnaires/*.yml, checked when it is read (bot/questionnaires.py). Source of every figure: INSTRUMENTS.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from bot.domain.risk import RiskLevel


class Offer(str, Enum):
    """Who may start it: the worker; only a counsellor, who opens the result with the worker; nobody until it is switched on."""

    SELF = "self"
    INVITE = "invite"
    OFF = "off"


class Wording(str, Enum):
    """Where the Chinese text comes from (INSTRUMENTS.md, `wording`)."""

    PUBLISHED = "published"
    COMMON = "common"
    OWN = "own_translation"


class Sex(str, Enum):
    """Asked only where a cut depends on it, and may be refused."""

    MALE = "male"
    FEMALE = "female"
    UNSAID = "unsaid"


class Numbers(str, Enum):
    """What a number in a free answer stands for: an option's score, an amount such as glasses or days, or nothing certain."""

    SCORE = "score"
    AMOUNT = "amount"
    NOTHING = "nothing"


class Step(str, Enum):
    """What may come after a result; EXERCISE and QUESTIONNAIRE name which, REPEAT in how many days."""

    EXERCISE = "exercise"
    QUESTIONNAIRE = "questionnaire"
    REPEAT = "repeat_days"
    COUNSELLOR = "counsellor"
    HOSPITAL = "hospital"


@dataclass(frozen=True)
class Option:
    """One answer of an item: its text word for word, its score, other ways to say it, and the amounts it covers (both included)."""

    text: str
    score: int
    says: tuple[str, ...] = ()
    amounts: tuple[int, int] | None = None


@dataclass(frozen=True)
class Condition:
    """Holds when any of `link_ids` was skipped or lies in the range, or when the scale's value does; bounds are included."""

    link_ids: tuple[str, ...] = ()
    scale_id: str | None = None
    at_least: float | None = None
    at_most: float | None = None
    is_skipped: bool = False

    def spans(self, value: float) -> bool:
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)


@dataclass(frozen=True)
class Item:
    """One question. `implied_score` counts when `asked_when` rules it out; `is_confirmed`: free words need a button to count.

    `is_pleasant`: it asks for something good, so that 一直都不开心 denies it, where 一直都睡不着 affirms what a trouble asks for.
    """

    link_id: str
    text: str
    options: tuple[Option, ...]
    explanation: str
    numbers: Numbers = Numbers.SCORE
    is_reversed: bool = False
    is_scored: bool = True
    is_confirmed: bool = False
    is_pleasant: bool = False
    asked_when: Condition | None = None
    implied_score: int | None = None

    @cached_property
    def scores(self) -> frozenset[int]:
        return frozenset(option.score for option in self.options)

    def points(self, score: int) -> int:
        """What an answer adds to its scale."""
        return min(self.scores) + max(self.scores) - score if self.is_reversed else score


@dataclass(frozen=True)
class NextStep:
    """Something to offer; `target`: the exercise, the questionnaire's id, or the days until a repeat."""

    step: Step
    target: str = ""


@dataclass(frozen=True)
class Band:
    """A range of a scale, both ends included; where sexes differ, so do the ends. `worker`: wordings of bubbles each."""

    id: str
    label: str
    low: Mapping[Sex, int]
    high: Mapping[Sex, int]
    worker: tuple[tuple[str, ...], ...]
    counsellor: str
    next_steps: tuple[NextStep, ...] = ()


@dataclass(frozen=True)
class MissingRule:
    """How many items may be missing before there is no score; `counts_once_reached`: an incomplete sum in the top band counts."""

    most: int
    counts_once_reached: bool = False


@dataclass(frozen=True)
class Scale:
    """The whole or a subscale: a sum of points times `factor`, or (`is_mean`) the mean of what was answered."""

    id: str
    title: str
    link_ids: tuple[str, ...]
    lowest: int
    highest: int
    missing: MissingRule
    bands: tuple[Band, ...]
    factor: int = 1
    is_mean: bool = False

    def band_of(self, value: float, sex: Sex) -> Band | None:
        """The band of this value; None when the scale has none."""
        return next((band for band in reversed(self.bands) if value >= band.low[sex]), None)


@dataclass(frozen=True)
class Cutoff:
    """A published or agreed cut of a scale with the people it was found in; shown to counsellors, never a diagnosis."""

    scale_id: str
    at_least: int | None
    at_most: int | None
    sex: Sex | None
    sample: str
    source: str
    is_verified: bool


@dataclass(frozen=True)
class AlertRule:
    """When all of `when` hold: the level it raises to (None: stays as it is) and whether the direct question is asked once."""

    id: str
    when: tuple[Condition, ...]
    level: RiskLevel | None
    is_asked: bool
    source: str


@dataclass(frozen=True)
class Suggestion:
    """When all of `when` hold in the finished score: what to offer, and wordings for the worker where the offer needs a reason."""

    id: str
    when: tuple[Condition, ...]
    next_steps: tuple[NextStep, ...]
    worker: tuple[tuple[str, ...], ...]
    source: str


@dataclass(frozen=True)
class Period:
    """The time asked about: its words, and its days (None where the scale names none)."""

    text: str
    days: int | None


@dataclass(frozen=True)
class Provenance:
    """Where text and figures come from, what is not confirmed, and on whose word it may be used."""

    wording: Wording
    wording_note: str
    source: str
    chinese_reference: str
    licence: str
    unverified: tuple[str, ...]
    review_status: str
    reviewed_by: str | None
    reviewed_on: dt.date | None


@dataclass(frozen=True)
class SwitchedOn:
    """A named person's word of a day that a questionnaire which is off may be used here (setting SCALES_ON)."""

    questionnaire_id: str
    by: str
    on_date: dt.date


@dataclass(frozen=True)
class Questionnaire:
    """One definition. `once_on` and `needs`: how it is offered after switching on, and what must be confirmed before."""

    id: str
    version: str
    title: str
    purpose: str
    minutes: int
    period: Period
    lead_in: str
    is_higher_better: bool
    offer: Offer
    once_on: Offer | None
    needs: str
    loinc: str | None
    provenance: Provenance
    items: tuple[Item, ...]
    total: Scale | None
    subscales: tuple[Scale, ...]
    cutoffs: tuple[Cutoff, ...]
    alerts: tuple[AlertRule, ...]
    suggestions: tuple[Suggestion, ...]

    @cached_property
    def by_link_id(self) -> Mapping[str, Item]:
        return {item.link_id: item for item in self.items}

    @cached_property
    def scales(self) -> tuple[Scale, ...]:
        return (*((self.total,) if self.total else ()), *self.subscales)

    @property
    def is_verified(self) -> bool:
        """Whether it may be used without a named person's word."""
        return self.offer is not Offer.OFF

    @cached_property
    def asks_sex(self) -> bool:
        """Whether a band's ends depend on the sex, so that it must be asked, for this score alone."""
        return any(len(set(band.low.values())) > 1 for scale in self.scales for band in scale.bands)

    def offered(self, switched_on: Iterable[SwitchedOn]) -> Offer:
        """How it is offered here; what is off stays off until a named person has switched it on."""
        if self.once_on is not None and any(each.questionnaire_id == self.id for each in switched_on):
            return self.once_on
        return self.offer
