"""Reads and checks content/*.yml and gives domain objects; every error names file and field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.domain.errors import ContentError
from bot.domain.hotline import EmergencyNumbers, Hotline, OpenSpan
from bot.domain.safety import SAFETY_SETS, SafetyMessages

MAX_BUBBLE = 90
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster where it is built
_BLANKS = ("words", "urgent", "line", "person")
_LINE_BLANKS = ("urgent", "line")
_LINES = {"safe", "safe_watch", "reminder"}


@dataclass(frozen=True)
class Content:
    """All that clinicians own and the gateway says by itself."""

    hotlines: tuple[Hotline, ...]
    emergency_by_timezone: Mapping[str, EmergencyNumbers]
    safety: SafetyMessages


def load_content(folder: Path) -> Content:
    """The content of this folder; raises ContentError."""
    return Content(
        load_hotlines(folder / "hotlines.yml"),
        load_emergency_numbers(folder / "emergency_numbers.yml"),
        load_safety_messages(folder / "safety_messages.yml"),
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
                )
            )
        except (KeyError, TypeError, ValueError) as error:
            name = entry.get("id") if isinstance(entry, dict) else entry
            raise ContentError(f"{path}: hotlines.{name}: {type(error).__name__}: {error}") from error
    if {"120", "110"} - {line.id for line in lines}:
        raise ContentError(f"{path}: hotlines: 120 and 110 must stand there")
    return tuple(lines)


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
        if len(bubble) > MAX_BUBBLE:
            raise ContentError(f"{path}: {field}: {len(bubble)} characters, at most {MAX_BUBBLE}: {bubble[:20]}…")
        try:
            bubble.format_map(dict.fromkeys(blanks, ""))
        except (KeyError, IndexError, ValueError, AttributeError) as error:  # found now, not while somebody waits for it
            raise ContentError(f"{path}: {field}: a blank that can't be filled, {error}: {bubble[:20]}…") from error
