"""Stories, rules and test stories: what stands where, and which of it uses an intent, an action or a response."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.training.edits import Edited
from bot.training.folder import FileKind, View


@dataclass(frozen=True)
class StoryItem:
    """One story or rule of a file; `line` counts from 1."""

    name: str
    line: int
    steps: int


@dataclass(frozen=True)
class StoryFile:
    path: str
    kind: FileKind
    items: tuple[StoryItem, ...]


@dataclass(frozen=True)
class Use:
    """Where a name is used: `kind` is story, rule, test, button, slot or code; `name` the story, response or slot it stands in."""

    path: str
    line: int
    kind: str
    name: str


def story_files(view: View) -> list[StoryFile]:
    """The files with stories, rules or test stories and what is in them."""
    raise NotImplementedError


def uses_of_intents(view: View) -> dict[str, list[Use]]:
    """Where each intent is used: stories, rules, test stories, buttons, slots."""
    raise NotImplementedError


def uses_of_actions(view: View) -> dict[str, list[Use]]:
    """Where each action, form and response is used: stories, rules, test stories."""
    raise NotImplementedError


def append_story(view: View, path: str, item: Mapping[str, Any] | str) -> Edited:
    """The file with one story (`{"story": name, "steps": [...]}` or its YAML) more at its end, made where it is none yet; raises InvalidInput."""
    raise NotImplementedError


def story_yaml(item: Mapping[str, Any]) -> str:
    """The story as it would stand in its file."""
    raise NotImplementedError
