"""The labelled texts of content/risk: what the sentence classifier learns from, and the part kept apart."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.domain.errors import ContentError
from bot.domain.risk import RiskKind, RiskLevel, RiskSubject

CALM = "calm"  # the label of the examples that calm_texts.yml names
_KEPT_APART = 6  # every sixth text, chosen by its own hash, never trains
_ENTITY = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")


@dataclass(frozen=True)
class RiskText:
    """One text with its class (the file's name) and what the class means."""

    text: str
    label: str
    level: RiskLevel
    subject: RiskSubject
    kind: RiskKind

    @property
    def is_kept_apart(self) -> bool:
        return hashlib.sha256(self.text.encode("utf-8")).digest()[0] % _KEPT_APART == 0

    @property
    def is_risky(self) -> bool:
        return self.level is not RiskLevel.NONE


def read_texts(folder: Path) -> list[RiskText]:
    """Every text of every class file; raises ContentError naming file and field."""
    found: list[RiskText] = []
    for path in sorted(folder.glob("*.yml")):
        data = read_mapping(path)
        try:
            meaning = RiskLevel(data["level"]), RiskSubject(data["subject"]), RiskKind(data["kind"])
        except (KeyError, ValueError) as error:
            raise ContentError(f"{path}: level, subject or kind: {error}") from error
        texts = data.get("texts")
        if not isinstance(texts, list):
            raise ContentError(f"{path}: texts: must be a list")
        for number, text in enumerate(texts):
            if not isinstance(text, str) or not text.strip():
                raise ContentError(f"{path}: texts[{number}]: must be a text")
            found.append(RiskText(text, path.stem, *meaning))
    if not found:
        raise ContentError(f"{folder}: no texts")
    return found


def read_mapping(path: Path) -> dict[str, Any]:
    """The mapping that a YAML file holds; raises ContentError."""
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ContentError(f"{path}: can't be read as YAML: {error}") from error
    if not isinstance(data, dict):
        raise ContentError(f"{path}: must be a mapping")
    return data


def calm_files(folder: Path) -> list[Path]:
    """calm_texts.yml beside the class files' folder and the files it names; empty when there is none."""
    listing = folder.parent / "calm_texts.yml"
    if not listing.exists():
        return []
    source = folder.parents[2] / str(read_mapping(listing).get("folder") or "")
    return [listing, *sorted(source.glob("*.yml"))]


def read_calm_texts(folder: Path) -> list[RiskText]:
    """The examples of calm_texts.yml, each once; without that file, none."""
    found = calm_files(folder)
    if not found:
        return []
    listing, *files = found
    without = read_mapping(listing).get("without")
    if not isinstance(without, list):
        raise ContentError(f"{listing}: without: must be a list of intents")
    texts = dict.fromkeys(text for path in files for text in _examples(path, set(without)))
    return [RiskText(text, CALM, RiskLevel.NONE, RiskSubject.NONE, RiskKind.NONE) for text in texts]


def _examples(path: Path, without: set[str]) -> Iterator[str]:
    for entry in read_mapping(path).get("nlu") or []:
        if "intent" in entry and entry["intent"] not in without:
            for line in str(entry.get("examples") or "").splitlines():
                text = _ENTITY.sub(r"\1", line.strip().removeprefix("- ")).strip()
                if text:
                    yield text
