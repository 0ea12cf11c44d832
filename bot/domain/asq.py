"""The direct questions of the safety conversation: which comes next, what an answer means, and the level it gives; pure.

Source: ASQ (NIMH), by ../shared/INSTRUMENTS.md 7; levels are `policy` there. No score is kept and nothing here diagnoses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from bot.domain.asq_words import Reading
from bot.domain.risk import RiskLevel

TIRED, WHEN = "tired", "when"
_OPENING = ("1", "2", "3", "4")
_NOW = "5"
QUESTIONS = (TIRED, *_OPENING, WHEN, _NOW)
RECENT, OLDER, UNSAID = "recent", "older", "unsaid"
_MOST_ASKED = 2  # an answer that is none twice over counts as no answer
_MOST_PASSED = 2  # tellings instead of an answer, each after the question was asked
_REFUSED_IN_A_ROW = 2


class Verdict(str, Enum):
    """What a finished row of questions came to."""

    TIRED = "tired"
    NONE = "none"
    WATCH = "watch"
    HIGH = "high"
    IMMINENT = "imminent"


@dataclass(frozen=True)
class Asq:
    """Where the questions stand.

    `answers`: question -> yes, no or refused; `when` -> recent, older or unsaid; `open`: the question asked last, None when it is
    over; `asked`: how often each was asked; `passed`: messages since then that told something else.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    open: str | None = None
    asked: Mapping[str, int] = field(default_factory=dict)
    passed: int = 0

    @property
    def turns(self) -> int:
        """How many questions were asked so far, to let wordings take turns."""
        return sum(self.asked.values())

    def to_json(self) -> dict[str, Any]:
        return {"answers": dict(self.answers), "open": self.open, "asked": dict(self.asked), "passed": self.passed}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Asq:
        return cls(dict(data["answers"]), data["open"], dict(data["asked"]), int(data["passed"]))


def begin(*, is_tiredness: bool, said: tuple[str, ...] = ()) -> Asq:
    """The first question is open; `said` are questions (1 to 4) that the worker's words have answered with yes already."""
    answers = dict.fromkeys(said, Reading.YES.value)
    first = TIRED if is_tiredness and not said else _next(answers, {})
    return _ask(Asq(answers), first)


def answered(asq: Asq, reading: Reading) -> Asq:
    """The state after an answer to the open question, the next one open; an unclear one is asked again once."""
    question = asq.open
    if question is None:
        return asq
    if reading in (Reading.UNSURE, Reading.JOKE):
        if asq.asked.get(question, 0) < _MOST_ASKED:
            return _ask(asq, question)
        reading = Reading.REFUSED
    if question == WHEN:
        value = {Reading.RECENT: RECENT, Reading.OLDER: OLDER}.get(reading, UNSAID)
        return _go_on(replace(asq, answers={**asq.answers, WHEN: value}))
    plain = {Reading.YES: "yes", Reading.NO: "no"}.get(reading, "refused")
    if question == TIRED:
        if plain == "no":
            return replace(asq, answers={**asq.answers, TIRED: "yes"}, open=None, passed=0)
        return _go_on(replace(asq, answers={**asq.answers, "1": plain}))
    return _go_on(replace(asq, answers={**asq.answers, question: plain}))


def corrected(asq: Asq, question: str, reading: Reading) -> Asq:
    """An answer to an earlier question, as by a button further up: it can only make things graver, never take a yes back."""
    if question in _OPENING + (_NOW,) and reading is Reading.YES and asq.answers.get(question) != "yes":
        return replace(asq, answers={**asq.answers, question: "yes"})
    return asq


def passed_over(asq: Asq) -> Asq:
    """Something else was told: heard in full once, then the question comes again; passed over twice it counts as no answer.

    The row ends there, it is not pressed on: a person who tells their story is not to be cross-examined. The fifth stays
    without an answer: silence keeps the level, only a refusal raises it.
    """
    if asq.open is None:
        return asq
    if asq.asked.get(asq.open, 0) >= _MOST_PASSED and asq.passed:
        question = "1" if asq.open == TIRED else asq.open
        value = UNSAID if question == WHEN else Reading.REFUSED.value
        answers = asq.answers if question == _NOW else {**asq.answers, question: value}
        return replace(asq, answers=answers, open=None, passed=0)
    if asq.passed:
        return _ask(asq, asq.open)
    return replace(asq, passed=1)


def level_of(asq: Asq) -> RiskLevel:
    """The level by INSTRUMENTS.md 7: 5 yes imminent; 3 yes, a recent or undated attempt, an older one beside 1 or 2 high."""
    found = asq.answers
    wishes = found.get("1") == "yes" or found.get("2") == "yes"
    tried = found.get("4") == "yes"
    level = RiskLevel.NONE
    if any(found.get(each) in ("yes", "refused") for each in _OPENING):
        level = RiskLevel.WATCH
    if found.get("3") == "yes" or (tried and (found.get(WHEN, UNSAID if asq.open != WHEN else OLDER) != OLDER or wishes)):
        level = RiskLevel.HIGH
    if found.get(_NOW) == "yes":
        return RiskLevel.IMMINENT
    if found.get(_NOW) == "refused":
        return max(RiskLevel.HIGH, level.raised(), key=lambda each: each.rank)
    return level


def verdict(asq: Asq) -> Verdict:
    """What the finished row says: for the closing words, and for how the level may fade."""
    if asq.answers.get(TIRED) == "yes":
        return Verdict.TIRED
    return Verdict(level_of(asq).value)


def is_clear(asq: Asq) -> bool:
    """A negative screen: 1 to 4 all answered no, so that the fifth does not apply."""
    return asq.open is None and all(asq.answers.get(each) == "no" for each in _OPENING)


def _go_on(asq: Asq) -> Asq:
    following = _next(asq.answers, asq.asked)
    return replace(asq, open=None, passed=0) if following is None else _ask(asq, following)


def _ask(asq: Asq, question: str | None) -> Asq:
    if question is None:
        return replace(asq, open=None, passed=0)
    return replace(asq, open=question, passed=0, asked={**asq.asked, question: asq.asked.get(question, 0) + 1})


def _next(answers: Mapping[str, str], asked: Mapping[str, int]) -> str | None:
    """What is still to be asked; after a wish said outright the thought comes first, after two refusals only the fifth is left."""
    if _NOW in answers:
        return None
    if answers.get("4") == "yes" and WHEN not in answers:
        return WHEN
    still = [each for each in _OPENING if each not in answers]
    refused = sum(answers.get(each) == "refused" for each in _OPENING)
    if still and refused < _REFUSED_IN_A_ROW:
        return "3" if "3" in still and "1" in answers and "1" not in asked else still[0]
    positive = any(answers.get(each) in ("yes", "refused") for each in _OPENING)
    return _NOW if positive else None
