"""Edits of responses: a wording that stays keeps its lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from bot.domain.errors import Incomplete, InvalidInput
from bot.training.domain import Button, name_nodes, reached, read_domain
from bot.training.draft import Draft
from bot.training.folder import DOMAIN
from bot.training.intent_edits import still_named, told
from bot.training.names import require_response
from bot.training.stories import PAYLOAD, told_in
from bot.training.surgery import Lines, quoted, scalar
from bot.training.tree import Node, data_of, tree_of

MOST_WORDINGS = 20
MOST_BUTTONS = 10
LONGEST_WORDING = 1_000  # characters; over 90 is only told, over this is no wording
LONGEST_TITLE = 40
LONGEST_PAYLOAD = 300

Said = tuple[str, tuple[Button, ...]]


def require_wordings(given: object, intents: Mapping[str, int]) -> list[Said]:
    """The wordings as (text, buttons); raises Incomplete or InvalidInput, naming the wording."""
    if not isinstance(given, Sequence) or isinstance(given, str) or not given:
        raise Incomplete(["wordings"], reader_text="至少要有一种说法。")
    if len(given) > MOST_WORDINGS:
        raise InvalidInput("wordings", reader_text=f"一条回复最多 {MOST_WORDINGS} 种说法。")
    made = [_wording(one, number, intents) for number, one in enumerate(given, 1)]
    if len(set(made)) < len(made):
        raise InvalidInput("wordings", reader_text="有两种说法一模一样，去掉一种。")
    return made


def _wording(given: object, number: int, intents: Mapping[str, int]) -> Said:
    held: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    text = held.get("text")
    if not isinstance(text, str) or not text.strip():
        raise Incomplete([f"wordings.{number}.text"], reader_text=f"第 {number} 种说法还没写。")
    if len(text) > LONGEST_WORDING or any(not sign.isprintable() and sign != "\n" for sign in text):
        raise InvalidInput(
            "wordings", reader_text=f"第 {number} 种说法太长（最多 {LONGEST_WORDING} 字），或者有看不见的控制字符。"
        )
    buttons = held.get("buttons") or ()
    if not isinstance(buttons, Sequence) or len(buttons) > MOST_BUTTONS:
        raise InvalidInput("wordings", reader_text=f"第 {number} 种说法的按钮最多 {MOST_BUTTONS} 个。")
    return text.strip(), tuple(_button(one, number, intents) for one in buttons)


def _button(given: object, number: int, intents: Mapping[str, int]) -> Button:
    held: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    title, payload = held.get("title"), held.get("payload")
    if not isinstance(title, str) or not title.strip() or not isinstance(payload, str) or not payload.strip():
        raise Incomplete(
            [f"wordings.{number}.buttons"], reader_text=f"第 {number} 种说法有个按钮没写全：要有字，也要选点了以后去哪儿。"
        )
    title, payload = title.strip(), payload.strip()
    if len(title) > LONGEST_TITLE or len(payload) > LONGEST_PAYLOAD or not (title + payload).isprintable():
        raise InvalidInput("wordings", reader_text=f"第 {number} 种说法有个按钮太长了：字最多 {LONGEST_TITLE} 个。")
    named = PAYLOAD.match(payload)
    if named is None or named[1] not in intents:
        raise InvalidInput("wordings", reader_text=f"按钮“{title}”指向的意图不存在：{payload[:60]}。要写成 /意图名。")
    return Button(title, payload)


def add_response(draft: Draft, response: object, given: object) -> str:
    """A new response at the end of the domain's; gives its name."""
    name = require_response(response)
    domain = read_domain(draft.now())
    if any(one.name == name for one in domain.responses):
        raise InvalidInput("response", reader_text=f"已经有叫“{name}”的回复了。")
    wordings = require_wordings(given, domain.intents)
    text = draft.text(DOMAIN)
    lines = Lines(text if text is not None else 'version: "3.1"\n')
    root = tree_of(text) if text is not None else None
    held = root.get("responses") if root is not None else None
    if held is None:
        lines.insert(len(lines), ["responses:"])
    elif held.is_flow or held.is_null:
        line = next(key.line for key, value in root.pairs if value is held) if root is not None else 0
        lines.replace(line, 0, len(lines[line]), "responses:")
    margin = " " * (held.column if held is not None and held.pairs and not held.is_flow else 2)
    made = [f"{margin}{name}:"]
    for said in wordings:
        made += _item(margin, said)
    lines.insert(lines.last_line(held) + 1 if held is not None else len(lines), made)
    draft.put(DOMAIN, lines.text())
    return name


def set_response(draft: Draft, response: str, given: object) -> None:
    """Other wordings for a response: those that stay keep their lines, a changed text keeps what stands beside it."""
    _, held = _response(draft, response)
    wordings = require_wordings(given, read_domain(draft.now()).intents)
    if held.kind != "seq" or held.is_flow or not held.items:
        raise InvalidInput("response", reader_text=f"“{response}”在文件里写成了一行，请直接改文件。")
    lines = Lines(draft.text(DOMAIN) or "")
    margin = lines[held.items[0].line][: held.items[0].column].replace("-", " ")[:-2]
    behind = [item.line for item in held.items[1:]] + [lines.last_line(held) + 1]
    old = [(item, end, _said(item)) for item, end in zip(held.items, behind, strict=True)]
    left = [said for _, _, said in old]
    made: list[str] = []
    for place, said in enumerate(wordings):
        if said in left:
            item, end, _ = old[left.index(said)]
            left[left.index(said)] = ("", ())
            made += [lines[line] for line in range(item.line, end)]
        elif place < len(old) and left[place] not in (("", ()), *wordings):
            left[place] = ("", ())
            made += _changed(lines, margin, old[place][0], old[place][1], said)
        else:
            made += _item(margin, said)
    lines.delete(held.items[0].line, behind[-1])
    lines.insert(held.items[0].line, made)
    draft.put(DOMAIN, lines.text())


def _said(item: Node) -> Said:
    read = data_of(item) if item.kind == "map" else {}
    buttons = tuple(
        Button(str(one.get("title", "")), str(one.get("payload", "")))
        for one in read.get("buttons") or ()
        if isinstance(one, dict)
    )
    return str(read.get("text") or "").strip(), buttons


def _changed(lines: Lines, margin: str, item: Node, end: int, said: Said) -> list[str]:
    """The lines of a wording with another text or other buttons; its condition, channel and comments stay."""
    text, buttons = item.get("text"), item.get("buttons")
    is_first = bool(item.pairs) and item.pairs[0][1] is text
    if item.is_flow or text is None or not is_first or text.line != text.end_line:
        rest = {key: value for key, value in data_of(item).items() if key not in ("text", "buttons")}
        dumped = yaml.safe_dump(rest, allow_unicode=True, sort_keys=False, width=10_000).splitlines() if rest else []
        return _item(margin, said) + [f"{margin}  {line}" for line in dumped]
    made: list[str] = []
    gone = range(0)
    if buttons is not None and said[1] != _said(item)[1]:
        gone = range(next(key.line for key, value in item.pairs if value is buttons), lines.last_line(buttons) + 1)
    for number in range(item.line, end):
        line = lines[number]
        if number == text.line:
            made.append(
                line[: text.column]
                + (quoted(said[0]) if said[0] != text.value.strip() else line[text.column : text.end_column])
                + line[text.end_column :]
            )
            made += _buttons(margin, said[1]) if buttons is None or gone else []
        elif number not in gone:
            made.append(line)
    return made


def _item(margin: str, said: Said) -> list[str]:
    return [f"{margin}- text: {quoted(said[0])}", *_buttons(margin, said[1])]


def _buttons(margin: str, buttons: Sequence[Button]) -> list[str]:
    made = [f"{margin}  - {{title: {scalar(one.title)}, payload: {scalar(one.payload)}}}" for one in buttons]
    return [f"{margin}  buttons:", *made] if made else []


def rename_response(draft: Draft, response: str, to: object) -> tuple[int, list[str]]:
    """The response under another name in domain, stories, rules and test stories; gives how many places, and the code that still has the old name."""
    key, _ = _response(draft, response)
    name = require_response(to)
    if any(one.name == name for one in read_domain(draft.now()).responses):
        raise InvalidInput("to", reader_text=f"已经有叫“{name}”的回复了。")
    places = 0
    for path in draft.paths():
        text = draft.text(path) if path == DOMAIN or path.startswith(("data/", "tests/dialogue/")) else None
        found = (
            [key, *(node for node in name_nodes(tree_of(text or ""), "actions") if node.value == response)]
            if path == DOMAIN
            else []
        )
        for one in told_in(text or ""):
            for step in one.steps:
                action = step.get("action")
                found += [action] if action is not None and action.value == response else []
        if found:
            lines = Lines(text or "")
            for node in found:
                lines.replace_in(node, response, name)
            draft.put(path, lines.text())
            places += len(found)
    return places, still_named(draft, response)


def delete_response(draft: Draft, response: str, *, force: bool) -> None:
    """The response gone; raises Incomplete naming what says it, unless `force`."""
    key, held = _response(draft, response)
    uses = reached(draft.now()).get(response, [])
    if uses and not force:
        raise Incomplete(["force"], reader_text=f"还有地方用着“{response}”：{told(uses)}。先改掉它们再删。")
    lines = Lines(draft.text(DOMAIN) or "")
    lines.delete(key.line, max(lines.last_line(held), key.line) + 1)
    draft.put(DOMAIN, lines.text())


def _response(draft: Draft, response: object) -> tuple[Node, Node]:
    """Key and value of a response in domain.yml; raises Incomplete or InvalidInput."""
    if not isinstance(response, str) or not response:
        raise Incomplete(["response"], reader_text="还没有选回复。")
    root = tree_of(draft.text(DOMAIN) or "")
    held = root.get("responses") if root is not None else None
    for key, value in held.keyed() if held is not None else ():
        if key.value == response:
            return key, value
    raise InvalidInput("response", reader_text=f"没有叫“{response[:50]}”的回复，可能刚被改名或删掉了。")
