"""What domain.yml names: intents, entities, slots, actions, forms, responses with their wordings."""

from __future__ import annotations

from dataclasses import dataclass

from bot.training.folder import View
from bot.training.stories import Use


@dataclass(frozen=True)
class Button:
    title: str
    payload: str


@dataclass(frozen=True)
class Wording:
    """One way to say a response; `line` counts from 1."""

    text: str
    buttons: tuple[Button, ...]
    line: int


@dataclass(frozen=True)
class Response:
    name: str
    line: int
    wordings: tuple[Wording, ...]


@dataclass(frozen=True)
class Slot:
    name: str
    type: str
    line: int


@dataclass(frozen=True)
class Domain:
    """The names in the order of the file, each with its line."""

    intents: dict[str, int]
    entities: dict[str, int]
    slots: tuple[Slot, ...]
    actions: dict[str, int]
    forms: dict[str, int]
    responses: tuple[Response, ...]


def read_domain(view: View) -> Domain:
    """The domain of the folder; an empty one where domain.yml is missing or can't be read."""
    raise NotImplementedError


def reached(view: View) -> dict[str, list[Use]]:
    """The responses that stories, rules or actions give, each with where; a response that is not among them is never said."""
    raise NotImplementedError
