"""Reads content/risk/lexicon.yml into compiled cues, with errors a clinician can act on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.domain.errors import ContentError
from bot.domain.risk import RiskKind, RiskLevel, RiskSubject

FILLER = (
    "(?:嗯|呃|额|啊|呀|呢|嘛|哈|那个|这个|真的?|真心|好|都|也|就是|就|还|又|再|总是|总|老是|老|一直|一下子|有点儿?|有些|特别|非常|很|太|挺|"
    "蛮|其实|只是|只|简直|干脆|已经|的|地|了|得|突然|常常|经常|时常|每天|天天|现在|真是|可能|是不是|马上|立刻|赶紧|快点|早点|一起|直接|"
    "偷偷|安静地?|悄悄|要|去|想|过|着|自己|一个人|彻底|永远|从此|这么|那么|这样|就这样|他妈的?|特么|tm){0,3}"
)
_FIELDS = {"name", "level", "kind", "patterns", "mention", "subject", "requires"}
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_NEEDED_WORDS = ("self", "kin")


@dataclass(frozen=True)
class CuePattern:
    """One named cue, compiled; `requires` names cues of which one must stand beside it."""

    name: str
    level: RiskLevel
    kind: RiskKind
    pattern: re.Pattern[str]
    is_mention: bool = False
    subject: RiskSubject = RiskSubject.NONE
    requires: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Lexicon:
    """All cues, the sayings that mask them, and the words for people."""

    version: str
    cues: tuple[CuePattern, ...]
    masks: re.Pattern[str]
    self_words: tuple[str, ...]
    kin_words: tuple[str, ...]


def load_lexicon(path: Path) -> Lexicon:
    """The lexicon of this file; raises ContentError naming file, cue and field."""
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise ContentError(f"{path}: can't be read as YAML: {error}") from error
    if not isinstance(data, dict):
        raise ContentError(f"{path}: must be a mapping")
    words = _words(path, data.get("words"))
    entries = data.get("cues")
    if not isinstance(entries, list) or not entries:
        raise ContentError(f"{path}: cues: at least one is needed")
    cues = tuple(_cue(path, entry, words) for entry in entries)
    _check_names(path, cues)
    masks = _compiled(path, "masks", _texts(path, "masks", data.get("masks")), words)
    return Lexicon(str(data.get("version", "")), cues, masks, tuple(words["self"]), tuple(words["kin"]))


def _words(path: Path, data: Any) -> dict[str, list[str]]:
    if not isinstance(data, dict):
        raise ContentError(f"{path}: words: must be a mapping of word lists")
    words = {str(name): _texts(path, f"words.{name}", items) for name, items in data.items()}
    for name in _NEEDED_WORDS:
        if name not in words:
            raise ContentError(f"{path}: words.{name}: is missing")
    return words


def _check_names(path: Path, cues: tuple[CuePattern, ...]) -> None:
    names = [cue.name for cue in cues]
    for cue in cues:
        if names.count(cue.name) > 1:
            raise ContentError(f"{path}: cues.{cue.name}: stands there twice")
        if not cue.requires <= set(names):
            raise ContentError(f"{path}: cues.{cue.name}.requires: no cue {sorted(cue.requires - set(names))}")


def _texts(path: Path, field: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not value or not all(isinstance(item, str) and item for item in value):
        raise ContentError(f"{path}: {field}: must be a list of texts")
    return value


def _cue(path: Path, entry: Any, words: Mapping[str, list[str]]) -> CuePattern:
    name = entry.get("name") if isinstance(entry, dict) else None
    if not isinstance(name, str):
        raise ContentError(f"{path}: cues: an entry has no name")
    unknown = set(entry) - _FIELDS
    if unknown:
        raise ContentError(f"{path}: cues.{name}: unknown field {sorted(map(str, unknown))}")
    try:
        level, kind = RiskLevel(entry["level"]), RiskKind(entry["kind"])
        subject = RiskSubject(entry.get("subject", "none"))
    except (KeyError, ValueError) as error:
        raise ContentError(f"{path}: cues.{name}: level, kind or subject: {error}") from error
    field = f"cues.{name}"
    requires = _texts(path, f"{field}.requires", entry["requires"]) if "requires" in entry else []
    pattern = _compiled(path, f"{field}.patterns", _texts(path, f"{field}.patterns", entry.get("patterns")), words)
    return CuePattern(name, level, kind, pattern, bool(entry.get("mention")), subject, frozenset(requires))


def _compiled(path: Path, field: str, patterns: list[str], words: Mapping[str, list[str]]) -> re.Pattern[str]:
    """One pattern that finds any of these; no group captures, so that their number does not matter."""
    ready: list[str] = []
    for pattern in _joined(patterns):
        for name in _PLACEHOLDER.findall(pattern):
            if name not in words:
                raise ContentError(f"{path}: {field}: no word list {{{name}}} in {pattern[:40]!r}")
            pattern = pattern.replace("{" + name + "}", any_of(words[name]))
        pattern = re.sub(r"(?<!\\)\((?!\?)", "(?:", pattern.replace("~", FILLER))
        try:
            re.compile(pattern)
        except re.error as error:
            raise ContentError(f"{path}: {field}: {pattern[:40]!r}: {error}") from error
        ready.append(pattern)
    return re.compile("|".join(ready))


def _joined(patterns: list[str]) -> list[str]:
    """The patterns that begin with the long list of people as one, so that each place is tried once."""
    begin = "{kin}"
    rest = [pattern.removeprefix(begin) for pattern in patterns if pattern.startswith(begin)]
    others = [pattern for pattern in patterns if not pattern.startswith(begin)]
    return [*others, begin + "(" + "|".join(rest) + ")"] if len(rest) > 1 else patterns


def any_of(words: list[str] | tuple[str, ...]) -> str:
    """A pattern for any of these words, the longest first."""
    return "(?:" + "|".join(sorted(map(re.escape, words), key=len, reverse=True)) + ")"
