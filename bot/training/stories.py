"""Stories, rules and test stories: what stands where, and which of it uses an intent, an action or a response."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

from bot.domain.errors import InvalidInput
from bot.training.draft import Draft, Edited
from bot.training.folder import DOMAIN, FileKind, View, kind_of, require_path
from bot.training.names import require_story_name
from bot.training.surgery import Lines, walk
from bot.training.tree import BrokenYaml, Node, data_of, readable_tree, tree_of

PAYLOAD = re.compile(r"/([A-Za-z0-9_]+)(?:/[A-Za-z0-9_]+)?\s*(?:@.*)?(?=$|\{)")
MOST_STEPS = 200
_HEAD = 'version: "3.1"\n'
_KEYS = (("stories", "story"), ("rules", "rule"))
INTENTS_UNDER = ("intent", "not_intent", "ignored_intents")  # of slot mappings and forms


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


@dataclass(frozen=True)
class Told:
    """A story or rule as it is written: `kind` is story or rule, `name` its node, `steps` and `condition` lists of nodes."""

    kind: str
    name: str
    node: Node
    steps: tuple[Node, ...]
    condition: tuple[Node, ...]
    goes_on: bool  # a rule that does not wait for the worker at its end


def story_files(view: View) -> list[StoryFile]:
    """The files with stories, rules or test stories and what is in them."""
    made: list[StoryFile] = []
    for path in story_paths(view):
        items = tuple(StoryItem(one.name, one.node.line + 1, len(one.steps)) for one in told_in(view.text(path) or ""))
        if items or kind_of(path) in (FileKind.STORIES, FileKind.RULES):
            made.append(StoryFile(path, kind_of(path), items))
    return made


@lru_cache(maxsize=256)
def told_in(text: str) -> tuple[Told, ...]:
    """The stories and rules of one text; none when it is broken."""
    root = readable_tree(text) if "steps" in text else None
    made: list[Told] = []
    for listed, key in _KEYS:
        found = root.get(listed) if root is not None else None
        for item in found.items if found is not None else ():
            name, steps, condition = item.get(key), item.get("steps"), item.get("condition")
            if name is not None and name.kind == "scalar":
                waits = item.get("wait_for_user_input")
                made.append(
                    Told(
                        key,
                        name.value,
                        item,
                        tuple(steps.items) if steps is not None else (),
                        tuple(condition.items) if condition is not None else (),
                        waits is not None and data_of(waits) is False,
                    )
                )
    return tuple(made)


def uses_of_intents(view: View) -> dict[str, list[Use]]:
    """Where each intent is used: stories, rules, test stories, buttons, slots."""
    made: dict[str, list[Use]] = {}
    for path in story_paths(view):
        for name, use in _intents_told(path, view.text(path) or ""):
            made.setdefault(name, []).append(use)
    for node, use in intents_in_domain(view.text(DOMAIN) or ""):
        made.setdefault(intent_named(node.value), []).append(use)
    return made


def uses_of_actions(view: View) -> dict[str, list[Use]]:
    """Where each action, form and response is used: stories, rules, test stories."""
    made: dict[str, list[Use]] = {}
    for path in story_paths(view):
        for name, use in _actions_told(path, view.text(path) or ""):
            made.setdefault(name, []).append(use)
    return made


def intent_nodes(step: Node) -> Iterator[Node]:
    """The scalars of a step that name an intent, those of `or` and of a test's `user: /intent` as well."""
    for key, value in step.keyed():
        if value.kind == "scalar" and (key.value == "intent" or (key.value == "user" and PAYLOAD.match(value.value.strip()))):
            yield value
        elif key.value == "or":
            for part in value.items:
                yield from intent_nodes(part)


def intents_in_domain(text: str) -> Iterator[tuple[Node, Use]]:
    """The scalars of domain.yml that use an intent: payloads of buttons, mappings of slots, forms."""
    root = readable_tree(text)
    for place, kind in (("slots", "slot"), ("forms", "slot")) if root is not None else ():
        for name, held in _pairs(root, place):
            for mapping in walk(held):
                for key, value in mapping.keyed():
                    if key.value in INTENTS_UNDER:
                        for node in [value, *value.items]:
                            if node.kind == "scalar" and not node.is_null:
                                yield node, Use(DOMAIN, node.line + 1, kind, name.value)
    for name, wordings in _pairs(root, "responses"):
        for wording in wordings.items:
            buttons = wording.get("buttons")
            for button in buttons.items if buttons is not None else ():
                payload = button.get("payload")
                if payload is not None and PAYLOAD.match(payload.value):
                    yield payload, Use(DOMAIN, payload.line + 1, "button", name.value)


def _pairs(root: Node | None, key: str) -> Iterator[tuple[Node, Node]]:
    found = root.get(key) if root is not None else None
    return found.keyed() if found is not None else iter(())


def intent_named(value: str) -> str:
    match = PAYLOAD.match(value.strip())
    return match[1] if match else value


def story_paths(view: View) -> list[str]:
    return [path for path in view.paths() if path.startswith(("data/", "tests/dialogue/"))]


@lru_cache(maxsize=256)
def _intents_told(path: str, text: str) -> tuple[tuple[str, Use], ...]:
    return tuple(
        (intent_named(node.value), Use(path, node.line + 1, use_kind(path, one), one.name))
        for one in told_in(text)
        for step in one.steps
        for node in intent_nodes(step)
    )


@lru_cache(maxsize=256)
def _actions_told(path: str, text: str) -> tuple[tuple[str, Use], ...]:
    made: list[tuple[str, Use]] = []
    for one in told_in(text):
        for step in one.steps:
            for node in (step.get("action"), step.get("active_loop")):
                if node is not None and node.kind == "scalar" and not node.is_null:
                    made.append((node.value, Use(path, node.line + 1, use_kind(path, one), one.name)))
    return tuple(made)


def use_kind(path: str, one: Told) -> str:
    """story, rule or test."""
    return "test" if path.startswith("tests/") else one.kind


def append_story(view: View, path: str, item: Mapping[str, Any] | str) -> Edited:
    """The file with one story (`{"story": name, "steps": [...]}` or its YAML) more at its end, made where it is none yet; raises InvalidInput."""
    require_path(path)
    kind = kind_of(path)
    if kind not in (FileKind.STORIES, FileKind.RULES, FileKind.TESTS):
        raise InvalidInput("path", reader_text="故事要放在 data/stories/、data/rules/ 或 tests/dialogue/ 里。")
    listed, key = _KEYS[1 if kind is FileKind.RULES else 0]
    held = _required_item(item, key)
    draft = Draft(view)
    text = draft.text(path)
    if any(one.name == held[key] and one.kind == key for one in told_in(text or "")):
        raise InvalidInput("name", reader_text=f"这个文件里已经有叫“{held[key]}”的了，请换一个名字。")
    draft.put(path, _with_item(text, listed, _dumped(held) if not isinstance(item, str) else _listed(item)))
    return draft.edited(f"在 {path} 里加了“{held[key]}”")


def story_yaml(item: Mapping[str, Any]) -> str:
    """The story as it would stand in its file."""
    return _dumped(item)


def _required_item(item: Mapping[str, Any] | str, key: str) -> dict[str, Any]:
    if isinstance(item, str):
        try:
            read = data_of(tree_of(_listed(item)))
        except BrokenYaml as error:
            raise InvalidInput("yaml", reader_text=f"这段故事读不出来，{error.reader_text}") from error
        if not isinstance(read, list) or len(read) != 1:
            raise InvalidInput("yaml", reader_text="一次加一个故事。")
        item = read[0]
    held = dict(item) if isinstance(item, Mapping) else {}
    steps = held.get("steps")
    if not isinstance(steps, list) or not steps or not all(isinstance(step, Mapping) and step for step in steps):
        raise InvalidInput("steps", reader_text="故事里还没有一步。")
    if len(steps) > MOST_STEPS:
        raise InvalidInput("steps", reader_text=f"一个故事最多 {MOST_STEPS} 步。")
    held[key] = require_story_name(held.get(key))
    return held


def _dumped(item: Mapping[str, Any]) -> str:
    return yaml.safe_dump([dict(item)], allow_unicode=True, sort_keys=False, width=10_000)


def _listed(text: str) -> str:
    """The YAML as an item of a list that starts in the first column."""
    lines = [line.rstrip() for line in text.strip("\n").split("\n")]
    indent = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
    lines = [line[indent:] for line in lines]
    if not next((line for line in lines if line and not line.startswith("#")), "").startswith("-"):
        lines = [("- " if not number else "  ") + line if line else line for number, line in enumerate(lines)]
    return "\n".join(lines) + "\n"


def _with_item(text: str | None, listed: str, item: str) -> str:
    root = tree_of(text) if text is not None else None
    if root is None:
        return f"{text or _HEAD}\n{listed}:\n{item}"
    lines = Lines(text or "")
    found = root.get(listed)
    new = item.rstrip("\n").split("\n")
    if found is None:
        lines.insert(len(lines), ["", f"{listed}:", *new])
    elif found.kind == "seq" and found.items and not found.is_flow:
        last = lines.last_line(found)
        lines.insert(last + 1, ["", *(" " * found.column + line if line else line for line in new)])
    elif found.is_null or (found.kind == "seq" and not found.items):
        key = next(name for name, value in root.pairs if value is found)
        lines.delete(key.line, max(found.end_line, key.line) + 1 if not found.is_null else key.line + 1)
        lines.insert(key.line, [f"{listed}:", *new])
    else:
        raise InvalidInput("path", reader_text=f"这个文件的“{listed}:”下面不是一列故事，请先改好。")
    return lines.text()
