"""Edits of intents: everything that names an intent follows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.domain.errors import Incomplete, InvalidInput
from bot.training.domain import name_nodes, read_domain
from bot.training.draft import Draft
from bot.training.example_edits import add_examples, without_lines
from bot.training.examples import blocks
from bot.training.folder import DOMAIN
from bot.training.names import require_intent, require_removable
from bot.training.stories import INTENTS_UNDER, Use, intent_nodes, intents_in_domain, told_in, uses_of_intents
from bot.training.surgery import Lines, walk
from bot.training.tree import Node, tree_of

FEWEST_EXAMPLES = 2  # Rasa warns below it, and cross-validation needs one on each side
_MOST_NAMED = 5


def add_intent(draft: Draft, intent: object, texts: Sequence[str]) -> str:
    """A new intent in the domain, its examples in a file of its own; gives its name. Raises InvalidInput or Incomplete."""
    name = require_intent(intent)
    if name in read_domain(draft.now()).intents:
        raise InvalidInput("intent", reader_text=f"已经有叫“{name}”的意图了。")
    if len(texts) < FEWEST_EXAMPLES:
        raise Incomplete(["examples"], reader_text=f"一个新意图至少要有 {FEWEST_EXAMPLES} 句例句。")
    draft.put(DOMAIN, with_name(draft.text(DOMAIN), "intents", name))
    add_examples(draft, name, texts)
    return name


def with_name(text: str | None, key: str, name: str) -> str:
    """domain.yml with one name more at the end of this list, written like the one before it."""
    lines = Lines(text if text is not None else 'version: "3.1"\n')
    root = tree_of(text) if text is not None else None
    listed = root.get(key) if root is not None else None
    if root is None or listed is None:
        lines.insert(len(lines), [f"{key}:", f"- {name}"])
    elif listed.kind == "seq" and listed.items and not listed.is_flow:
        last = listed.items[-1]
        named = last if last.kind != "map" or not last.pairs else last.pairs[0][0]
        raw = lines[named.line]
        rest = raw[named.end_column :].split(" #")[0].rstrip() if lines.last_line(last) == named.line else ""
        lines.insert(lines.last_line(last) + 1, [raw[: named.column].replace("'", "").replace('"', "") + name + rest])
    elif listed.kind == "seq" and listed.items:
        lines.replace(listed.end_line, listed.end_column - 1, listed.end_column - 1, f", {name}")
    elif not listed.is_null and listed.kind != "seq":
        raise InvalidInput(DOMAIN, reader_text=f"domain.yml 的“{key}:”下面应该是一列“- ”开头的项，请先改好这个文件。")
    else:
        line = next(found.line for found, value in root.pairs if value is listed)
        lines.replace(line, 0, len(lines[line]), f"{key}:")
        lines.insert(line + 1, [f"- {name}"])
    return lines.text()


def rename_intent(draft: Draft, intent: str, to: object) -> tuple[int, list[str]]:
    """The intent under another name wherever a file names it; gives how many places, and the code and content that still have the old name."""
    require_removable(intent)
    name = require_intent(to)
    if name in read_domain(draft.now()).intents:
        raise InvalidInput("to", reader_text=f"已经有叫“{name}”的意图了。要合成一个，请把例句移过去，再删掉这一个。")
    places = 0
    for path in draft.paths():
        if path != DOMAIN and not path.startswith(("data/", "tests/")):
            continue
        text = draft.text(path) or ""
        found = [node for node in _naming(path, text) if _names(node, intent)]
        if found:
            lines = Lines(text)
            for node in found:
                lines.replace_in(node, intent, name)
            draft.put(path, lines.text())
            places += len(found)
    return places, still_named(draft, intent)


def _naming(path: str, text: str) -> list[Node]:
    """The scalars of a file that name an intent, each once."""
    made = [block.intent for block in blocks(text)]
    made += [node for one in told_in(text) for step in one.steps for node in intent_nodes(step)]
    if path == DOMAIN:
        made += [*name_nodes(tree_of(text), "intents"), *(node for node, _ in intents_in_domain(text))]
    return list({id(node): node for node in made}.values())


def _names(node: Node, intent: str) -> bool:
    return re.fullmatch(rf"/?{re.escape(intent)}(?:[/@{{\s].*)?", node.value.strip(), re.DOTALL) is not None


def still_named(draft: Draft, name: str) -> list[str]:
    """The files that the studio does not change and that have this name as a word in quotes or as a button's payload."""
    word = re.compile(rf"""["']/?{re.escape(name)}["'{{]|payload:\s*["']?/{re.escape(name)}\b""")
    texts = {
        **draft.view.code_text(),
        **{path: draft.view.text(path) or "" for path in draft.paths() if path.startswith("content/")},
    }
    return [path for path, text in texts.items() if word.search(text)]


def delete_intent(draft: Draft, intent: str, *, force: bool) -> tuple[list[Use], list[str]]:
    """The intent, its examples and held-back examples gone; with `force` the stories and rules that use it as well.

    Gives those uses, and the files that still name it. Raises InvalidInput where stories, rules or buttons use it and `force` is not said.
    """
    require_removable(intent)
    uses = [use for use in uses_of_intents(draft.now()).get(intent, []) if use.kind != "slot"]
    if uses and not force:
        raise Incomplete(
            ["force"], reader_text=f"还有 {len(uses)} 处用着“{intent}”：{told(uses)}。先改掉它们，或者选择一起删掉。"
        )
    for path in draft.paths():
        if path.startswith(("data/", "tests/")):
            _drop_examples(draft, path, intent)
            _drop_stories(draft, path, intent)
    text = draft.text(DOMAIN) or ""
    lines = Lines(text)
    for node in _listed_in_domain(text, intent):
        lines.delete(node.line, lines.last_line(node) + 1)
    draft.put(DOMAIN, _without_empty_lists(lines.text()))
    return uses, still_named(draft, intent)


def _without_empty_lists(text: str) -> str:
    """domain.yml without `not_intent:` and the like whose last intent went: Rasa wants a list there or nothing."""
    lines = Lines(text)
    for node in walk(tree_of(text)):
        for key, value in node.keyed():
            if key.value in INTENTS_UNDER and value.is_null and lines[key.line].strip() == f"{key.value}:":
                lines.delete(key.line, key.line + 1)
    return lines.text()


def _listed_in_domain(text: str, intent: str) -> list[Node]:
    """The items of lists that are this intent; raises InvalidInput where a list is written in one line."""
    root = tree_of(text)
    listed = root.get("intents") if root is not None else None
    made = (
        [item for item in listed.items if (item if item.kind == "scalar" else item.pairs[0][0]).value == intent]
        if listed is not None
        else []
    )
    made += [node for node, use in intents_in_domain(text) if use.kind == "slot" and node.value == intent]
    lines = Lines(text)
    for node in made:
        if not lines[node.line].lstrip().startswith("- "):
            raise InvalidInput(
                DOMAIN, reader_text=f"domain.yml 第 {node.line + 1} 行把“{intent}”和别的写在同一行，请先直接改这个文件。"
            )
    return made


def _drop_examples(draft: Draft, path: str, intent: str) -> None:
    text = draft.text(path) or ""
    mine = [block for block in blocks(text) if block.intent.value == intent]
    if mine:
        draft.put(path, without_lines(text, mine, {line for block in mine for line, _ in block.lines}))


def _drop_stories(draft: Draft, path: str, intent: str) -> None:
    text = draft.text(path)
    found = told_in(text or "")
    going = [one for one in found if any(_names(node, intent) for step in one.steps for node in intent_nodes(step))]
    if not going or text is None:
        return
    lines = Lines(text)
    if len(going) == len(found):
        draft.put(path, None)
        return
    for one in going:
        behind = lines.last_line(one.node) + 1
        lines.delete(one.node.line, behind + 1 if behind < len(lines) and not lines[behind].strip() else behind)
    draft.put(path, lines.text())


def told(uses: Sequence[Use]) -> str:
    """The uses in Chinese, the first few by name."""
    kinds = {"story": "故事", "rule": "规则", "test": "测试故事", "button": "按钮，在回复", "slot": "词槽", "code": "程序"}
    named = list(dict.fromkeys(f"{kinds[use.kind]}“{use.name}”（{use.path} 第 {use.line} 行）" for use in uses))
    return "；".join(named[:_MOST_NAMED]) + (f"；等 {len(named)} 处" if len(named) > _MOST_NAMED else "")
