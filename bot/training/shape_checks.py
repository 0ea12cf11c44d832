"""One file by itself: is it YAML, has it the keys and lines that Rasa reads."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from bot.training.folder import DOMAIN, FileKind, kind_of
from bot.training.issues import Issue, Place
from bot.training.surgery import walk
from bot.training.tree import BrokenYaml, Node, tree_of

_TOP = {
    "domain": {
        "version",
        "session_config",
        "config",
        "intents",
        "entities",
        "slots",
        "forms",
        "actions",
        "responses",
        "e2e_actions",
    },
    "data": {"version", "nlu", "stories", "rules"},
    "tests/understanding": {"version", "nlu"},
    "tests/dialogue": {"version", "stories"},
}
_SEQUENCES = {"nlu", "stories", "rules", "intents", "entities", "actions"}
_MAPPINGS = {"slots", "forms", "responses", "session_config"}
_ITEM = {
    "nlu": {"intent", "synonym", "regex", "lookup", "examples", "metadata"},
    "stories": {"story", "steps", "metadata"},
    "rules": {"rule", "steps", "condition", "conversation_started", "wait_for_user_input", "metadata"},
}
_NAMED = {"nlu": ("intent", "synonym", "regex", "lookup"), "stories": ("story",), "rules": ("rule",)}
_STEP = {
    "intent", "user", "entities", "role", "group", "or", "action", "bot", "slot_was_set", "active_loop", "checkpoint", "slots",
}  # fmt: skip


@lru_cache(maxsize=512)
def shape_issues(path: str, text: str) -> tuple[Issue, ...]:
    """What is wrong with this text as this file."""
    if not path.endswith((".yml", ".yaml")):
        return ()
    try:
        root = tree_of(text)
    except BrokenYaml as error:
        return (Issue("error", "yaml", path, error.line, error.column, error.told),)
    made = list(_repeated_keys(path, root))
    place = _place(path)
    if place is not None:
        made += _top(path, root, _TOP[place]) if root is not None else ()
        for key, value in root.keyed() if root is not None and root.kind == "map" else ():
            made += _items(path, key, value) if key.value in _ITEM else ()
        if root is None:
            made.append(Issue("error", "empty_file", path, 1, 1, "这个文件是空的，不要的话请删掉它。"))
    return tuple(made)


def _place(path: str) -> str | None:
    """The kind of Rasa file; None for what Rasa does not read."""
    if path == DOMAIN:
        return "domain"
    if kind_of(path) is FileKind.CONTENT or path.startswith("tests/dialogue/safety/"):
        return None
    return "data" if path.startswith("data/") else "/".join(path.split("/")[:2])


def _repeated_keys(path: str, root: Node | None) -> Iterator[Issue]:
    for node in walk(root):
        seen: dict[str, Node] = {}
        for key, _ in node.keyed():
            first = seen.setdefault(key.value, key)
            if first is not key and key.value != "<<":
                told = f"“{key.value}”在这里写了两次（上一次在第 {first.line + 1} 行），后一个会盖掉前一个。"
                yield Issue("error", "repeated_key", path, key.line + 1, key.column + 1, told, (Place(path, first.line + 1),))


def _top(path: str, root: Node, known: set[str]) -> Iterator[Issue]:
    if root.kind != "map":
        yield Issue("error", "wrong_shape", path, root.line + 1, 1, f"文件最外层应该是“名字:”，这里可以用 {_listed(known)}。")
        return
    for key, value in root.keyed():
        if key.value not in known:
            told = f"这里不认识“{key.value}:”，可以用 {_listed(known)}。看看是不是放错了文件，或者缩进不对。"
            yield Issue("error", "wrong_key", path, key.line + 1, key.column + 1, told)
        elif key.value in _SEQUENCES and value.kind != "seq" and not value.is_null:
            yield Issue(
                "error", "wrong_shape", path, key.line + 1, key.column + 1, f"“{key.value}:”下面应该是一列“- ”开头的项。"
            )
        elif key.value in _MAPPINGS and value.kind != "map" and not value.is_null:
            yield Issue(
                "error", "wrong_shape", path, key.line + 1, key.column + 1, f"“{key.value}:”下面应该是“名字:”，不要用“- ”。"
            )


def _listed(keys: set[str]) -> str:
    return "、".join(f"{key}:" for key in sorted(keys))


def _items(path: str, key: Node, listed: Node) -> Iterator[Issue]:
    for item in listed.items:
        line, column = item.line + 1, item.column + 1
        if item.kind != "map":
            yield Issue(
                "error",
                "wrong_shape",
                path,
                line,
                column,
                f"“{key.value}:”下面每一项都要有名字，比如“- {_NAMED[key.value][0]}: …”。",
            )
            continue
        for name, _ in item.keyed():
            if name.value not in _ITEM[key.value]:
                told = f"这一项里不认识“{name.value}:”，看看有没有拼错、缩进对不对。"
                yield Issue("error", "wrong_key", path, name.line + 1, name.column + 1, told)
        named = next((found for name in _NAMED[key.value] if (found := item.get(name)) is not None), None)
        if named is None or named.kind != "scalar" or not named.value.strip():
            yield Issue("error", "no_name", path, line, column, f"这一项没有名字，要写成“- {_NAMED[key.value][0]}: 名字”。")
        yield from _examples(path, item) if key.value == "nlu" else _steps(path, item)


def _examples(path: str, item: Node) -> Iterator[Issue]:
    listed = item.get("examples")
    if listed is None or listed.is_null or (listed.kind == "scalar" and not listed.value.strip()):
        yield Issue(
            "error", "no_examples", path, item.line + 1, item.column + 1, "这一项下面没有例句，要么补上，要么整项删掉。"
        )
    elif listed.kind == "scalar" and listed.style != "|":
        yield Issue(
            "error",
            "wrong_shape",
            path,
            listed.line + 1,
            listed.column + 1,
            "“examples:”后面要有一个竖线“|”，例句从下一行开始，每句前面加“- ”。",
        )
    elif listed.kind == "scalar":
        for number, line in enumerate(listed.value.split("\n"), listed.line + 2):
            if line.strip() and not line.startswith("-"):
                yield Issue("error", "not_an_example", path, number, 1, "这一行前面少了“- ”，或者多缩进了，不会被学到。")


def _steps(path: str, item: Node) -> Iterator[Issue]:
    steps = item.get("steps")
    if steps is None or steps.kind != "seq" or not steps.items:
        yield Issue(
            "error",
            "no_steps",
            path,
            item.line + 1,
            item.column + 1,
            "还没有一步：“steps:”下面要有“- intent: …”和“- action: …”。",
        )
        return
    for step in steps.items:
        wrong = [key for key, _ in step.keyed() if key.value not in _STEP]
        if step.kind != "map" or wrong:
            at = wrong[0] if wrong else step
            told = f"这一步里不认识“{at.value}”。" if at.value else "这一步写得不对。"
            yield Issue(
                "error",
                "wrong_step",
                path,
                at.line + 1,
                at.column + 1,
                told + "可以用 intent、action、slot_was_set、active_loop、or、checkpoint。",
            )
