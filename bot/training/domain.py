"""What domain.yml names: intents, entities, slots, actions, forms, responses with their wordings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from bot.training.folder import DOMAIN, View
from bot.training.stories import Use, uses_of_actions
from bot.training.tree import Node, readable_tree

_RESPONSE_IN_CODE = re.compile(r"(?:utter_[a-z0-9_]*(?:\{[^{}\n]*\}[a-z0-9_]*)*)")
_WORD_IN_CODE = re.compile(r"""["']([a-z0-9][a-z0-9_]*)["']|\b(\d{1,2})\b""")


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
    return domain_in(view.text(DOMAIN) or "")


@lru_cache(maxsize=64)
def domain_in(text: str) -> Domain:
    """The domain of this text."""
    root = readable_tree(text)
    return Domain(
        _names(root, "intents"),
        _names(root, "entities"),
        tuple(Slot(key.value, _value(held, "type"), key.line + 1) for key, held in _pairs(root, "slots")),
        _names(root, "actions"),
        _names(root, "forms"),
        tuple(Response(key.value, key.line + 1, tuple(map(_wording, held.items))) for key, held in _pairs(root, "responses")),
    )


def _names(root: Node | None, key: str) -> dict[str, int]:
    return {node.value: node.line + 1 for node in name_nodes(root, key)}


def name_nodes(root: Node | None, key: str) -> Iterator[Node]:
    """The scalars that name something in a list (`- name` or `- name: {...}`) or a mapping of the domain."""
    found = root.get(key) if root is not None else None
    if found is not None:
        yield from (name for name, _ in found.keyed())
        for item in found.items:
            if item.kind == "scalar":
                yield item
            yield from (name for name, _ in item.keyed())


def _pairs(root: Node | None, key: str) -> Iterator[tuple[Node, Node]]:
    found = root.get(key) if root is not None else None
    return found.keyed() if found is not None else iter(())


def _value(node: Node, key: str) -> str:
    found = node.get(key)
    return found.value if found is not None else ""


def _wording(node: Node) -> Wording:
    buttons = node.get("buttons")
    made = tuple(Button(_value(one, "title"), _value(one, "payload")) for one in buttons.items) if buttons is not None else ()
    return Wording(_value(node, "text"), made, node.line + 1)


def reached(view: View) -> dict[str, list[Use]]:
    """The responses that stories, rules or actions give, each with where; a response that is not among them is never said."""
    made = {name: list(uses) for name, uses in uses_of_actions(view).items() if name.startswith("utter_")}
    for name, use in _reached_by_code(view.text(DOMAIN) or "", tuple(view.code_text().items())):
        made.setdefault(name, []).append(use)
    return made


@lru_cache(maxsize=8)
def _reached_by_code(domain_text: str, code: tuple[tuple[str, str], ...]) -> tuple[tuple[str, Use], ...]:
    """The responses that actions name or put together, and those a form asks with."""
    domain = domain_in(domain_text)
    words = {*domain.intents, *domain.entities, *(slot.name for slot in domain.slots)}
    for _, text in code:
        words |= {quoted or number for quoted, number in _WORD_IN_CODE.findall(text)}
    made: list[tuple[str, Use]] = []
    for path, text in code:
        for pattern, line in _said_in_code(text):
            made += [
                (one.name, Use(path, line, "code", pattern)) for one in domain.responses if _is_named(one.name, pattern, words)
            ]
    for form, line in domain.forms.items():
        asked = {f"utter_ask_{before}{slot}" for slot in _slots_of(domain_text, form) for before in ("", f"{form}_")}
        made += [(one.name, Use(DOMAIN, line, "slot", form)) for one in domain.responses if one.name in asked]
    return tuple(made)


def _slots_of(domain_text: str, form: str) -> tuple[str, ...]:
    held = next((value for name, value in _pairs(readable_tree(domain_text), "forms") if name.value == form), None)
    required = held.get("required_slots") if held is not None else None
    return (
        tuple(node.value for node in [*required.items, *(name for name, _ in required.keyed())]) if required is not None else ()
    )


@lru_cache(maxsize=64)
def _said_in_code(text: str) -> tuple[tuple[str, int], ...]:
    """The names of responses in Python, parts put in by an f-string as {}; with their lines."""
    made: list[tuple[str, int]] = []
    for number, line in enumerate(text.split("\n"), 1):
        for found in _RESPONSE_IN_CODE.findall(line):
            made.append((re.sub(r"\{[^{}]*\}", "{}", found), number))
    return tuple(dict.fromkeys(made))


def _is_named(name: str, pattern: str, words: set[str]) -> bool:
    """Whether the pattern can give this name, each {} standing for a word that the code or the domain knows."""
    if "{}" not in pattern:
        return name == pattern
    fixed, rest = pattern.split("{}", 1)
    if not name.startswith(fixed):
        return False
    left = name[len(fixed) :]
    return any(left[:end] in words and _is_named(left[end:], rest, words) for end in range(1, len(left) + 1))
