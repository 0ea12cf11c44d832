"""Personas: invented workers in a bad hour who talk to the running system, and the table of what the rubric finds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.channels.client import WorkerClient
from bot.domain.conversation import Author
from bot.domain.errors import ContentError, XinyiError
from bot.domain.risk import RiskLevel
from bot.rehearsal.rubric import CHECKS, Talk
from bot.rehearsal.talk import RESEND_SECONDS, Exchange, exchange, side_by_side

FEWEST_TURNS, MOST_TURNS = 6, 12
LEVEL = "level"
_FIELDS = {"who", "shown", "voice", "timezone", "level", "at_most", "checks", "turns", "answers"}
_YES, _NO, _SPARED = "✓", "✗", "–"


@dataclass(frozen=True)
class Answer:
    """What the persona says, once, when the bubbles just read match `when`; of several, the one that matches last."""

    when: re.Pattern[str]
    say: str


@dataclass(frozen=True)
class Persona:
    """One file: fixed turns in order, answers that go before the next of them, and what must come of it.

    `level` must be reached and `at_most` not be passed; `checks` are the duties of the rubric that matter here, bounds always do.
    """

    id: str
    who: str
    voice: str
    timezone: str
    level: RiskLevel
    at_most: RiskLevel
    checks: frozenset[str]
    turns: tuple[str, ...]
    answers: tuple[Answer, ...]
    shown: str = ""  # who it is, as trainers read it


@dataclass(frozen=True)
class Verdict:
    """A persona's conversation and what is wrong with it by check; an empty `faults` is what is wanted."""

    persona: Persona
    talk: Talk
    faults: dict[str, str]

    def cell(self, name: str) -> str:
        """✓, ✗ or – (does not matter for this persona) for a check, or for the level."""
        if name in self.faults:
            return _NO
        return _YES if name == LEVEL or name in self.persona.checks or CHECKS[name].is_bound else _SPARED


def load_personas(folder: Path) -> list[Persona]:
    """The personas of a folder, by file name; raises ContentError naming file and field."""
    paths = sorted(folder.glob("*.yml"))
    if not paths:
        raise ContentError(f"{folder}: no personas there")
    return [load_persona(path) for path in paths]


def load_persona(path: Path) -> Persona:
    """One persona file; raises ContentError naming file and field."""
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ContentError(f"{path}: can't be read as YAML: {error}") from error
    if not isinstance(data, dict) or data.keys() - _FIELDS:
        raise ContentError(f"{path}: a mapping with the fields {', '.join(sorted(_FIELDS))} is wanted")
    duties = {name for name, check in CHECKS.items() if not check.is_bound}
    checks = frozenset(data.get("checks") or ())
    if checks - duties:
        raise ContentError(f"{path}: checks: unknown or no duty: {', '.join(sorted(checks - duties))}")
    turns = data.get("turns")
    if (
        not isinstance(turns, list)
        or not FEWEST_TURNS <= len(turns) <= MOST_TURNS
        or not all(isinstance(t, str) for t in turns)
    ):
        raise ContentError(f"{path}: turns: {FEWEST_TURNS} to {MOST_TURNS} texts")
    try:
        level = RiskLevel(data["level"])
        at_most = RiskLevel(data.get("at_most", RiskLevel.IMMINENT.value))
        answers = tuple(Answer(re.compile(each["when"]), str(each["say"])) for each in data.get("answers") or ())
        who, voice = str(data["who"]), str(data["voice"])
    except (KeyError, TypeError, ValueError, re.error) as error:
        raise ContentError(f"{path}: {type(error).__name__}: {error}") from error
    timezone = str(data.get("timezone", "Asia/Shanghai"))
    return Persona(path.stem, who, voice, timezone, level, at_most, checks, tuple(turns), answers, str(data.get("shown", "")))


async def rehearse(
    personas: Iterable[Persona],
    origin: str,
    *,
    at_once: int = 4,
    patience_seconds: float = 60.0,
    resend_seconds: float = RESEND_SECONDS,
) -> list[Verdict]:
    """Let each persona talk as a new worker and judge the conversation; their alerts are real."""

    async def one(persona: Persona) -> Verdict:
        return judge(persona, await _talk(persona, origin, patience_seconds, resend_seconds))

    return await side_by_side(one, personas, at_once)


def judge(persona: Persona, talk: Talk) -> Verdict:
    """What the rubric finds wrong in a conversation of this persona."""
    faults: dict[str, str] = {}
    if not persona.level <= talk.level <= persona.at_most:
        faults[LEVEL] = f"reached {talk.level.value}, wanted {persona.level.value} to {persona.at_most.value}"
    for name, check in CHECKS.items():
        if check.is_bound or name in persona.checks:
            wrong = check.judge(talk)
            if wrong:
                faults[name] = wrong
    return Verdict(persona, talk, faults)


async def _talk(persona: Persona, origin: str, patience_seconds: float, resend_seconds: float) -> Talk:
    exchanges: list[Exchange] = []
    try:
        async with WorkerClient(origin, timezone=persona.timezone, patience_seconds=patience_seconds) as page:
            fixed, open_answers = list(persona.turns), list(persona.answers)
            while (text := _next_text(exchanges, fixed, open_answers)) is not None:
                exchanges.append(await exchange(page, text, resend_seconds))
            return Talk(tuple(exchanges), _levels(await page.export()))
    except XinyiError as error:
        return Talk(tuple(exchanges), (), error.code)


def _next_text(exchanges: Sequence[Exchange], fixed: list[str], answers: list[Answer]) -> str | None:
    """The answer that fits what was asked last in the bubbles just read, else the next fixed turn, taken out of its list."""
    read = "\n".join(exchanges[-1].texts) if exchanges else ""
    fitting = [(last.end(), answer) for answer in answers if (last := _last(answer.when, read))]
    if fitting:
        chosen = max(fitting, key=lambda each: each[0])[1]
        answers.remove(chosen)
        return chosen.say
    return fixed.pop(0) if fixed else None


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return max(pattern.finditer(text), key=lambda found: found.end(), default=None)


def _levels(record: dict[str, Any]) -> tuple[RiskLevel, ...]:
    """The screen's level of each message of the worker, in order, from the worker's own export."""
    messages = [message for thread in record["conversations"] for message in thread["messages"]]
    return tuple(
        RiskLevel(message["risk_level"] or RiskLevel.NONE.value)
        for message in messages
        if message["author"] == Author.WORKER.value
    )


def table(verdicts: Sequence[Verdict]) -> str:
    """Personas by checks, what each column is, and every fault in one line."""
    columns = [LEVEL, *CHECKS]
    width = max(len(verdict.persona.id) for verdict in verdicts)
    head = " " * width + "".join(f"{number:>3}" for number in range(len(columns)))
    rows = [f"{verdict.persona.id:<{width}}" + "".join(f"{verdict.cell(name):>3}" for name in columns) for verdict in verdicts]
    legend = [f"{0:>3}  {LEVEL:<20} the screen reaches the level wanted and none above"]
    legend += [
        f"{number:>3}  {name:<20} {CHECKS[name].area}: {CHECKS[name].about}" for number, name in enumerate(CHECKS, start=1)
    ]
    faults = [f"{verdict.persona.id}: {name}: {wrong}" for verdict in verdicts for name, wrong in verdict.faults.items()]
    good = sum(not verdict.faults for verdict in verdicts)
    return "\n".join([head, *rows, "", *legend, "", *faults, f"{good} of {len(verdicts)} personas without a fault"])


def transcript(verdict: Verdict) -> str:
    """The conversation of a persona, to be read; personas are invented, so their words may be shown."""
    lines = [f"== {verdict.persona.id}: {verdict.persona.who}"]
    for number, turn in enumerate(verdict.talk.exchanges, start=1):
        level = verdict.talk.levels[number - 1].value if number <= len(verdict.talk.levels) else "?"
        lines.append(f"{number:>3} {level:<8} {turn.said}")
        for bubble in turn.bubbles:
            buttons = f"  [{' | '.join(bubble['buttons'])}]" if bubble["buttons"] else ""
            card = f"  ({bubble['custom']['kind']})" if bubble["custom"] else ""
            lines.append(f"      {bubble['author']:<8} {bubble['text']}{buttons}{card}")
    return "\n".join(lines)
