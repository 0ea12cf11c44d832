"""Edits of examples: one example is one line of a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.domain.errors import Incomplete, InvalidInput
from bot.training.domain import read_domain
from bot.training.draft import Draft
from bot.training.examples import Block, blocks, examples, same_words
from bot.training.folder import HELD_BACK
from bot.training.surgery import Lines, quoted
from bot.training.tree import tree_of

MOST_LINES = 2_000
MOST_BYTES = 200_000
LONGEST_EXAMPLE = 1_000  # characters; sentence vectors read 120

_HEAD = 'version: "3.1"\nnlu:\n'
_HELD_BACK_HEAD = 'version: "3.1"\n\n# 留作考题的句子：只用来检验学得怎么样，从不拿来训练。\nnlu:\n'


def require_examples(given: object, field: str = "examples") -> list[str]:
    """The examples as lines for a file, equal ones once; raises Incomplete or InvalidInput."""
    listed = given.splitlines() if isinstance(given, str) else given
    if not isinstance(listed, Sequence) or not all(isinstance(one, str) for one in listed):
        raise Incomplete([field], reader_text="例句要一行一句。")
    if len(listed) > MOST_LINES or sum(len(one.encode("utf-8", "ignore")) for one in listed) > MOST_BYTES:
        raise InvalidInput(field, reader_text=f"一次最多贴 {MOST_LINES} 句、{MOST_BYTES // 1000} KB，请分几次来。")
    found = [_example(one) for one in listed]
    made = list(dict.fromkeys(one for one in found if one))
    if not made:
        raise Incomplete([field], reader_text="还没有写例句。")
    return made


def _example(given: str) -> str:
    """One example as a line: spaces joined, the dash of a pasted list gone."""
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in given).split())
    text = text.removeprefix("- ").strip()
    if len(text) > LONGEST_EXAMPLE:
        raise InvalidInput("examples", reader_text=f"有一句太长了（{len(text)} 字），一句最多 {LONGEST_EXAMPLE} 字。")
    if text.startswith("/"):
        raise InvalidInput("examples", reader_text="例句不能用 / 开头：程序会把它当成按钮。")
    return text


def require_taught(draft: Draft, intent: object, field: str = "intent") -> str:
    """The intent, when the domain knows it; raises Incomplete or InvalidInput."""
    if not isinstance(intent, str) or not intent:
        raise Incomplete([field], reader_text="还没有选意图。")
    if intent not in read_domain(draft.now()).intents:
        raise InvalidInput(field, reader_text=f"没有叫“{intent[:50]}”的意图，可能刚被改名或删掉了。")
    return intent


def add_examples(draft: Draft, intent: str, texts: Iterable[str]) -> int:
    """Put examples at the end of the intent's block; gives how many were new. Those the intent has already are left out."""
    known = {same_words(one.text) for one in examples(draft.now()) if one.intent == intent}
    new = _unknown(texts, known)
    if new:
        mine = [
            path for path in _nlu_paths(draft) if any(block.intent.value == intent for block in blocks(draft.text(path) or ""))
        ]
        by_line = [path for path in mine if _last_block(draft.text(path), intent) is not None]
        path = (by_line or mine or [f"data/nlu/{intent}.yml"])[-1]
        draft.put(path, _with_examples(draft.text(path), intent, new, _HEAD))
    return len(new)


def add_held_back(draft: Draft, intent: str, texts: Iterable[str]) -> int:
    """Put examples among those that are never trained on; gives how many were new."""
    text = draft.text(HELD_BACK)
    known = {same_words(words) for block in blocks(text or "") if block.intent.value == intent for _, words in block.lines}
    new = _unknown(texts, known)
    if new:
        draft.put(HELD_BACK, _with_examples(text, intent, new, _HELD_BACK_HEAD))
    return len(new)


def _unknown(texts: Iterable[str], known: set[str]) -> list[str]:
    made: dict[str, str] = {}
    for text in texts:
        if same_words(text) not in known:
            made.setdefault(same_words(text), text)
    return list(made.values())


def take_examples(draft: Draft, intent: str, texts: Sequence[str], *, may_empty: bool = False) -> list[str]:
    """Take examples away; gives them as they stood. Raises InvalidInput when one is not there, or when the last would go."""
    total, taken = 0, dict.fromkeys(texts, False)
    for path in _nlu_paths(draft):
        text = draft.text(path) or ""
        mine = [block for block in blocks(text) if block.intent.value == intent]
        total += sum(len(block.lines) for block in mine)
        going = {line for block in mine for line, words in block.lines if words in taken}
        if going:
            taken.update((words, True) for block in mine for _, words in block.lines if words in taken)
            total -= len(going)
            draft.put(path, without_lines(text, mine, going))
    missing = [words for words, was_there in taken.items() if not was_there]
    if missing:
        raise InvalidInput("examples", reader_text=f"“{intent}”里已经没有这句了：{missing[0][:60]}。刷新一下再试。")
    if not total and not may_empty:
        raise InvalidInput("examples", reader_text=f"“{intent}”至少要留一句例句；整个不要了，请删掉这个意图。")
    return list(taken)


def take_back(draft: Draft, intent: str, texts: Iterable[str]) -> int:
    """Take away what only the draft has, taught or held back; gives how many went. What the folder has itself, or nobody has, is passed over."""
    wanted, taken = set(texts), 0
    for path in [*_nlu_paths(draft), HELD_BACK]:
        text = draft.text(path) or ""
        own = {
            words
            for block in blocks(draft.view.base_text(path) or "")
            if block.intent.value == intent
            for _, words in block.lines
        }
        mine = [block for block in blocks(text) if block.intent.value == intent]
        going = {line for block in mine for line, words in block.lines if words in wanted - own}
        if going:
            draft.put(path, without_lines(text, mine, going))
            taken += len(going)
    return taken


def without_lines(text: str, mine: Sequence[Block], going: set[int]) -> str | None:
    """The text without these examples; blocks that are left empty go as a whole, None when nothing is taught any more."""
    lines = Lines(text)
    empty = [block for block in mine if {line for line, _ in block.lines} <= going]
    for block in mine:
        if block in empty:
            lines.delete(block.item.line, lines.last_line(block.item) + 1)
        elif block.examples is not None and block.examples.style == "|":
            for line in going & {line for line, _ in block.lines}:
                lines.delete(line, line + 1)
        else:
            for item in block.examples.items if block.examples is not None else ():
                if item.line in going:
                    lines.delete(item.line, lines.last_line(item) + 1)
    if empty and len(empty) == len(_items(text)):
        root = tree_of(text)
        others = [name.value for name, _ in root.pairs if name.value not in ("version", "nlu")] if root is not None else []
        if not others:
            return None
        lines.replace(_key_line(text, "nlu"), 0, len(lines[_key_line(text, "nlu")]), "nlu: []")
    return lines.text()


def change_example(draft: Draft, intent: str, old: str, new: str) -> None:
    """Put other words in an example's line; raises InvalidInput when it is not there."""
    for path in _nlu_paths(draft):
        text = draft.text(path) or ""
        for block in blocks(text):
            at = next((line for line, words in block.lines if words == old), None)
            if block.intent.value == intent and at is not None and block.examples is not None:
                lines = Lines(text)
                if block.examples.style == "|":
                    start = lines[at].index(old, lines[at].index("-"))
                    lines.replace(at, start, start + len(old), new)
                else:
                    item = next(item for item in block.examples.items if item.line == at)
                    said = item.get("text") if item.kind == "map" else item
                    if said is None or said.line != said.end_line:
                        raise InvalidInput("old", reader_text="这一句在文件里占了好几行，请直接改文件。")
                    lines.replace(said.line, said.column, said.end_column, quoted(new))
                draft.put(path, lines.text())
                return
    raise InvalidInput("old", reader_text=f"“{intent}”里已经没有这句了：{old[:60]}。刷新一下再试。")


def _nlu_paths(draft: Draft) -> list[str]:
    return [path for path in draft.paths() if path.startswith("data/") and blocks(draft.text(path) or "")]


def _last_block(text: str | None, intent: str) -> Block | None:
    found = [block for block in blocks(text or "") if block.intent.value == intent]
    return next((block for block in reversed(found) if block.examples is not None and block.examples.style == "|"), None)


def _with_examples(text: str | None, intent: str, new: Sequence[str], head: str) -> str:
    block = _last_block(text, intent)
    lines = Lines(text if text is not None else head)
    if block is not None and block.lines and block.examples is not None:
        last = block.lines[-1][0]
        indent = lines[last][: lines[last].index("-")]
        lines.insert(last + 1, [f"{indent}- {words}" for words in new])
        return lines.text()
    root = tree_of(text) if text is not None else None
    listed = root.get("nlu") if root is not None else None
    if listed is not None and (listed.is_flow or listed.is_null):
        lines.replace(_key_line(text or "", "nlu"), 0, len(lines[_key_line(text or "", "nlu")]), "nlu:")
    elif listed is None and text is not None:
        lines.insert(len(lines), ["nlu:"])
    margin = " " * (listed.column if listed is not None and listed.items else 0)
    made = [f"{margin}- intent: {intent}", f"{margin}  examples: |", *(f"{margin}    - {words}" for words in new)]
    lines.insert(lines.last_line(listed) + 1 if listed is not None else len(lines), made)
    return lines.text()


def _items(text: str) -> list[object]:
    root = tree_of(text)
    listed = root.get("nlu") if root is not None else None
    return list(listed.items) if listed is not None else []


def _key_line(text: str, key: str) -> int:
    root = tree_of(text)
    return next((name.line for name, _ in root.pairs if name.value == key), 0) if root is not None else 0
