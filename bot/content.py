"""Reads and checks content/*.yml and gives domain objects; every error names file and field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.domain.asq import QUESTIONS, TIRED, WHEN, Verdict
from bot.domain.canned import CANNED_BLANKS, CANNED_GROUPS, CannedReply
from bot.domain.errors import ContentError
from bot.domain.handoff_talk import HANDOFF_BUTTONS, HANDOFF_LINES, HandoffMessages
from bot.domain.hotline import EmergencyNumbers, Hotline, OpenSpan
from bot.domain.protocol import AsqMessages
from bot.domain.safety import LONGEST_NUMBERS, SAFETY_SETS, SafetyMessages
from bot.domain.safety_plan_state import PLAN_BUTTONS, PLAN_CARD, PLAN_LINES, PlanMessages, PlanStep, StepTexts
from bot.domain.safety_plan_words import LONGEST_QUOTE
from bot.domain.screening_state import DANGER_IS_SEEN, SCREENING_BUTTONS, SCREENING_LINES, ScreeningMessages

MAX_BUBBLE = 90
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster where it is built
_BLANKS = ("words", "urgent", "talk", "person")
_LINE_BLANKS = ("urgent", "talk")
_LINES = {"safe", "safe_watch", "heard", "reminder", "welcome_back"}
_FEWEST_WORDINGS = 3
_LONGEST_TITLE = 12  # of a step or a button, in characters
_LONGEST_ITEM = 80  # of a questionnaire, in characters; a longer one is cut into bubbles
_LONGEST_IN_SCREENING = {
    "name": "长" * _LONGEST_TITLE, "minutes": "60", "number": "21", "of": "21", "item": "长" * _LONGEST_ITEM, "option": "长" * _LONGEST_TITLE,
    "scale": "长" * _LONGEST_TITLE, "value": "100", "lowest": "0", "highest": "100", "band": "长" * _LONGEST_TITLE,
}  # fmt: skip
_LONGEST_CALLED = 12  # a name in a canned reply; a longer one is rare, and the counsellor reads the draft
_LONGEST_IN_HANDOFF = {
    "minutes": "120", "ahead": "99", "when": "12月31日23:59", "name": "长" * _LONGEST_TITLE, **LONGEST_NUMBERS,
}  # fmt: skip
_LONGEST_NUMBERS = 24  # around {lines}: the lines need the rest of the bubble


@dataclass(frozen=True)
class Content:
    """All that clinicians own and the gateway says by itself."""

    hotlines: tuple[Hotline, ...]
    emergency_by_timezone: Mapping[str, EmergencyNumbers]
    safety: SafetyMessages
    plan: PlanMessages
    asq: AsqMessages
    screening: ScreeningMessages
    handoff: HandoffMessages
    canned: tuple[CannedReply, ...]


def load_content(folder: Path) -> Content:
    """The content of this folder; raises ContentError."""
    return Content(
        load_hotlines(folder / "hotlines.yml"),
        load_emergency_numbers(folder / "emergency_numbers.yml"),
        load_safety_messages(folder / "safety_messages.yml"),
        load_safety_plan(folder / "safety_plan.yml"),
        load_asq(folder / "asq.yml"),
        load_screening(folder / "screening.yml"),
        load_handoff(folder / "handoff.yml"),
        load_canned(folder / "canned_replies.yml"),
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        data = yaml.load(path.read_text("utf-8"), Loader=_LOADER)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ContentError(f"{path}: can't be read as YAML: {error}") from error
    if not isinstance(data, dict):
        raise ContentError(f"{path}: must be a mapping")
    return data


def load_hotlines(path: Path) -> tuple[Hotline, ...]:
    """The lines of hotlines.yml, in its order."""
    lines: list[Hotline] = []
    for entry in _read(path).get("hotlines") or []:
        try:
            hours = entry["hours"]
            reachable = set(entry["reachable_from"])
            lines.append(
                Hotline(
                    id=entry["id"],
                    number=entry["number"],
                    name=entry["name"],
                    what=entry["for"],
                    kind=entry["kind"],
                    timezone=hours["timezone"] if hours else "Asia/Shanghai",
                    spans=tuple(_span(span) for span in hours["weekly"]) if hours else None,
                    is_verified=entry["status"] == "show",
                    is_for_mainland="mainland_mobile" in reachable,
                    numbers_abroad=tuple(entry["numbers_abroad"]),
                    hours_text=entry["hours_text"],
                    source=entry["source"],
                    last_verified=_day(entry["last_verified"]),
                )
            )
        except (KeyError, TypeError, ValueError) as error:
            name = entry.get("id") if isinstance(entry, dict) else entry
            raise ContentError(f"{path}: hotlines.{name}: {type(error).__name__}: {error}") from error
    if {"120", "110"} - {line.id for line in lines}:
        raise ContentError(f"{path}: hotlines: 120 and 110 must stand there")
    return tuple(lines)


def _day(value: object) -> dt.date | None:
    """A day as YAML reads `2026-11-22`, without quotes; None for one that is not there yet."""
    if value is not None and (not isinstance(value, dt.date) or isinstance(value, dt.datetime)):
        raise ValueError(f"{value!r} is no day such as 2026-11-22")
    return value


def _span(span: dict[str, Any]) -> OpenSpan:
    return OpenSpan(frozenset(span["days"]), _minutes(span["from"]), _minutes(span["to"]))


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    total = int(hours) * 60 + int(minutes)
    if not 0 <= total <= 1440:
        raise ValueError(f"{clock} is no time of day")
    return total


def load_emergency_numbers(path: Path) -> dict[str, EmergencyNumbers]:
    """Local emergency numbers by time zone."""
    found: dict[str, EmergencyNumbers] = {}
    for entry in _read(path).get("countries") or []:
        try:
            numbers = EmergencyNumbers(entry["name"], entry["police"], entry["ambulance"])
            found.update(dict.fromkeys(entry["timezones"], numbers))
        except (KeyError, TypeError) as error:
            raise ContentError(f"{path}: countries: {entry}: {error}") from error
    return found


def load_safety_messages(path: Path) -> SafetyMessages:
    """The fixed texts; checks that every set is there, has two wordings and no bubble is too long."""
    data = _read(path)
    sets: dict[str, tuple[tuple[str, ...], ...]] = {}
    for name in SAFETY_SETS:
        wordings = (data.get("sets") or {}).get(name)
        if not isinstance(wordings, list) or len(wordings) < 2:
            raise ContentError(f"{path}: sets.{name}: at least two wordings are needed")
        for number, bubbles in enumerate(wordings):
            _check_bubbles(path, f"sets.{name}[{number}]", bubbles, 3, _BLANKS)
        sets[name] = tuple(tuple(bubbles) for bubbles in wordings)
    lines = data.get("lines") or {}
    for name in _LINES:
        _check_bubbles(path, f"lines.{name}", lines.get(name), 100, _LINE_BLANKS)
    return SafetyMessages(str(data.get("version", "")), sets, {name: tuple(lines[name]) for name in _LINES})


def _check_bubbles(path: Path, field: str, bubbles: Any, most: int, blanks: tuple[str, ...]) -> None:
    if not isinstance(bubbles, list) or not 1 <= len(bubbles) <= most or not all(isinstance(each, str) for each in bubbles):
        raise ContentError(f"{path}: {field}: must be a list of 1 to {most} texts")
    for bubble in bubbles:
        try:
            filled = bubble.format_map({**dict.fromkeys(blanks, ""), **(LONGEST_NUMBERS if "talk" in blanks else {})})
        except (KeyError, IndexError, ValueError, AttributeError) as error:  # found now, not while somebody waits for it
            raise ContentError(f"{path}: {field}: a blank that can't be filled, {error}: {bubble[:20]}…") from error
        if len(filled) > MAX_BUBBLE:
            raise ContentError(f"{path}: {field}: {len(filled)} characters when filled, at most {MAX_BUBBLE}: {bubble[:20]}…")


def load_safety_plan(path: Path) -> PlanMessages:
    """The texts of the safety plan; checks that each is there, in enough wordings, and short also when its blanks are filled."""
    data = _read(path)
    card = _titles(path, "card", data.get("card"), PLAN_CARD)
    buttons = _titles(path, "buttons", data.get("buttons"), PLAN_BUTTONS)
    steps = {step: _step(path, step, (data.get("steps") or {}).get(step.value)) for step in PlanStep}
    title = max((texts.title for texts in steps.values()), key=len)
    longest = {"words": "长" * LONGEST_QUOTE, "number": "7", "step": title, "count": "99", "lines": "{lines}"}
    lines = data.get("lines") or {}
    for name, blanks in PLAN_LINES.items():
        _check_wordings(path, f"lines.{name}", lines.get(name), {blank: longest[blank] for blank in blanks})
    for wording in lines["numbers"]:
        if "{lines}" not in wording or len(wording) > _LONGEST_NUMBERS:
            raise ContentError(
                f"{path}: lines.numbers: needs {{lines}}, at most {_LONGEST_NUMBERS} characters: {wording[:20]}…"
            )
    return PlanMessages(str(data.get("version", "")), steps, {name: tuple(lines[name]) for name in PLAN_LINES}, buttons, card)


def _step(path: Path, step: PlanStep, texts: Any) -> StepTexts:
    field = f"steps.{step.value}"
    if not isinstance(texts, dict):
        raise ContentError(f"{path}: {field}: must be a mapping of title, questions and examples")
    title = _titles(path, field, texts, ("title",))["title"]
    for name in ("questions", "examples"):
        _check_wordings(path, f"{field}.{name}", texts.get(name), {})
    return StepTexts(title, tuple(texts["questions"]), tuple(texts["examples"]))


def _titles(path: Path, field: str, texts: Any, names: tuple[str, ...]) -> dict[str, str]:
    for name in names:
        text = texts.get(name) if isinstance(texts, dict) else None
        if not isinstance(text, str) or not 0 < len(text) <= _LONGEST_TITLE:
            raise ContentError(f"{path}: {field}.{name}: must be a text of at most {_LONGEST_TITLE} characters")
    return {name: texts[name] for name in names}


def _check_wordings(path: Path, field: str, wordings: Any, longest: Mapping[str, str]) -> None:
    """Wordings that take turns: enough of them, all different, none too long with its blanks at their longest."""
    _check_bubbles(path, field, wordings, 100, tuple(longest))
    if len(set(wordings)) < max(_FEWEST_WORDINGS, len(wordings)):
        raise ContentError(f"{path}: {field}: at least {_FEWEST_WORDINGS} wordings are needed, each another one")
    _check_bubbles(path, field, [wording.format_map(longest).replace("{lines}", "") for wording in wordings], 100, ())


def load_asq(path: Path) -> AsqMessages:
    """The texts of the direct questions; checks that every question, moment, ending and button is there and short."""
    data = _read(path)
    asked = data.get("questions") or {}
    for question in QUESTIONS:
        blanks = {"words": "长" * 8} if question == TIRED else {}
        _check_wordings(path, f"questions.{question}", asked.get(question), blanks)
    if all("{words}" in wording for wording in asked[TIRED]):
        raise ContentError(f"{path}: questions.{TIRED}: one wording must do without {{words}}")
    moments = {"again": ("unsure", "joke"), "heard": ("yes", "no", "refused")}
    for group, names in moments.items():
        for name in names:
            _check_wordings(path, f"{group}.{name}", (data.get(group) or {}).get(name), {})
    _check_bubbles(path, "lead_in", data.get("lead_in"), 100, ())
    _check_wordings(path, "help", data.get("help"), LONGEST_NUMBERS)
    endings = [each.value for each in Verdict if each is not Verdict.IMMINENT]
    for name in endings:
        wordings = (data.get("closing") or {}).get(name)
        if not isinstance(wordings, list) or len(wordings) < _FEWEST_WORDINGS:
            raise ContentError(f"{path}: closing.{name}: at least {_FEWEST_WORDINGS} wordings are needed")
        for number, bubbles in enumerate(wordings):
            _check_bubbles(path, f"closing.{name}[{number}]", bubbles, 3, _LINE_BLANKS)
    buttons = data.get("buttons") or {}
    for group, answers in {
        "answer": ("yes", "no", "refused"),
        TIRED: ("yes", "no", "refused"),
        WHEN: ("recent", "older", "unsaid"),
    }.items():
        _titles(path, f"buttons.{group}", buttons.get(group), answers)
    return AsqMessages(
        str(data.get("version", "")), tuple(data["lead_in"]), asked, data["again"], data["heard"], tuple(data["help"]),
        {name: data["closing"][name] for name in endings}, buttons,
    )  # fmt: skip


def load_screening(path: Path) -> ScreeningMessages:
    """The texts around a questionnaire; checks each line, its length with the longest blanks, and what must be said before it."""
    data = _read(path)
    buttons = _titles(path, "buttons", data.get("buttons"), SCREENING_BUTTONS)
    lines = data.get("lines") or {}
    for name, blanks in SCREENING_LINES.items():
        longest = {blank: _LONGEST_IN_SCREENING[blank] for blank in blanks}
        _check_wordings(path, f"lines.{name}", lines.get(name), longest)
        for wording in lines[name]:
            lacking = [blank for blank in blanks if f"{{{blank}}}" not in wording]
            if lacking and name in ("ask", "ask_extra", "confirm", "heard", "changed", "result", "result_plain"):
                raise ContentError(f"{path}: lines.{name}: needs {{{lacking[0]}}}: {wording[:20]}…")
            if name in ("intro", "intro_invited") and (DANGER_IS_SEEN not in wording or "不是诊断" not in wording):
                raise ContentError(f"{path}: lines.{name}: needs 不是诊断 and {DANGER_IS_SEEN}: {wording[:20]}…")
    named = {group: data.get(group) or {} for group in ("names", "meant")}
    for group, texts in named.items():
        _titles(path, group, texts, tuple(texts) if isinstance(texts, dict) else ("",))
    return ScreeningMessages(
        str(data.get("version", "")), {name: tuple(lines[name]) for name in SCREENING_LINES}, buttons, **named
    )  # fmt: skip


def load_canned(path: Path) -> tuple[CannedReply, ...]:
    """The counsellors' ready-made sentences, in the order of the file; every group has some, no two share an id or a title."""
    entries = _read(path).get("replies") or []
    found: list[CannedReply] = []
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
            raise ContentError(f"{path}: replies[{number}]: must be a mapping with an id")
        field = f"replies.{entry['id']}"
        if entry.get("group") not in CANNED_GROUPS:
            raise ContentError(f"{path}: {field}.group: must be one of {' '.join(CANNED_GROUPS)}")
        title = _titles(path, field, entry, ("title",))["title"]
        _check_bubbles(path, f"{field}.text", [entry.get("text")], 1, CANNED_BLANKS)
        longest = entry["text"].format_map(dict.fromkeys(CANNED_BLANKS, "长" * _LONGEST_CALLED))
        _check_bubbles(path, f"{field}.text", [longest], 1, ())
        if entry["id"] in {each.id for each in found} or (entry["group"], title) in {
            (each.group, each.title) for each in found
        }:
            raise ContentError(f"{path}: {field}: this id or this title stands there twice")
        found.append(CannedReply(entry["id"], title, entry["group"], entry["text"]))
    for group in CANNED_GROUPS:
        if group not in {each.group for each in found}:
            raise ContentError(f"{path}: replies: none of the group {group}")
    return tuple(found)


def load_handoff(path: Path) -> HandoffMessages:
    """What a worker is told of human help; checks each line, its blanks and its length, and that it says who speaks."""
    data = _read(path)
    lines = data.get("lines") or {}
    for name, blanks in HANDOFF_LINES.items():
        _check_wordings(path, f"lines.{name}", lines.get(name), {blank: _LONGEST_IN_HANDOFF[blank] for blank in blanks})
        for wording in lines[name]:
            lacking = [blank for blank in blanks if f"{{{blank}}}" not in wording]
            if lacking:
                raise ContentError(f"{path}: lines.{name}: needs {{{lacking[0]}}}: {wording[:20]}…")
    for name, words in (("accepted", "现在是真人。"), ("ended", "现在换回小程序助手")):
        if not all(wording.startswith(words) for wording in lines[name]):
            raise ContentError(f"{path}: lines.{name}: must begin with {words}")
    buttons = _titles(path, "buttons", data.get("buttons"), HANDOFF_BUTTONS)
    return HandoffMessages(str(data.get("version", "")), {name: tuple(lines[name]) for name in HANDOFF_LINES}, buttons)
