"""What a trainer changes, as edits of the files' own lines: an example more is one line more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.domain.errors import Incomplete, InvalidInput
from bot.training.draft import Draft
from bot.training.draft import Edited as Edited
from bot.training.example_edits import (
    add_examples,
    add_held_back,
    change_example,
    require_examples,
    require_taught,
    take_back,
    take_examples,
)
from bot.training.examples import examples
from bot.training.folder import View
from bot.training.intent_edits import add_intent, delete_intent, rename_intent, told
from bot.training.names import require_intent
from bot.training.response_edits import add_response, delete_response, rename_response, set_response

Edit = Mapping[str, Any]


def apply_edit(view: View, edit: Edit) -> Edited:
    """One edit of docs/studio.md: `edit` names it, its fields stand beside; raises InvalidInput or Incomplete and changes nothing."""
    make = _EDITS.get(str(edit.get("edit", "")))
    if make is None:
        raise InvalidInput("edit", reader_text="没有这种改法。")
    draft = Draft(view)
    summary = make(draft, edit)
    return draft.edited(summary)


def _add_examples(draft: Draft, edit: Edit) -> str:
    intent = require_taught(draft, edit.get("intent"))
    texts = require_examples(edit.get("examples"))
    added = add_examples(draft, intent, texts)
    return f"给“{intent}”加了 {added} 句" + (f"，{len(texts) - added} 句本来就有" if added < len(texts) else "")


def _remove_examples(draft: Draft, edit: Edit) -> str:
    intent = _text(edit, "intent")
    return f"从“{intent}”删了 {len(take_examples(draft, intent, _standing(edit)))} 句"


def _move_examples(draft: Draft, edit: Edit) -> str:
    source, target = _text(edit, "from"), require_taught(draft, edit.get("to"), "to")
    if source == target:
        raise InvalidInput("to", reader_text="要移到别的意图才算移。")
    moved = take_examples(draft, source, _standing(edit))
    added = add_examples(draft, target, moved)
    return f"从“{source}”移了 {len(moved)} 句到“{target}”" + (
        f"，其中 {len(moved) - added} 句那边本来就有" if added < len(moved) else ""
    )


def _change_example(draft: Draft, edit: Edit) -> str:
    intent, old = _text(edit, "intent"), _text(edit, "old")
    new = require_examples([edit.get("new")], "new")[0]
    if new != old and any(one.text == new and one.intent == intent for one in examples(draft.now())):
        raise InvalidInput("new", reader_text="这个意图里已经有改成的那一句了。")
    change_example(draft, intent, old, new)
    return f"改了“{intent}”的一句"


def _hold_back(draft: Draft, edit: Edit) -> str:
    intent = require_taught(draft, edit.get("intent"))
    texts = require_examples(edit.get("examples"))
    taught = {one.text for one in examples(draft.now()) if one.intent == intent}
    going = [text for text in texts if text in taught]
    if going:
        take_examples(draft, intent, going)
    held = add_held_back(draft, intent, texts)
    return f"把“{intent}”的 {held} 句留作考题" + (f"，其中 {len(going)} 句不再拿来训练" if going else "")


def _take_back(draft: Draft, edit: Edit) -> str:
    return f"撤回了 {take_back(draft, _text(edit, 'intent'), _standing(edit))} 句"


def _add_intent(draft: Draft, edit: Edit) -> str:
    require_intent(edit.get("intent"))
    texts = require_examples(edit.get("examples") or [])
    return f"新意图“{add_intent(draft, edit.get('intent'), texts)}”，{len(texts)} 句例句"


def _rename_intent(draft: Draft, edit: Edit) -> str:
    intent = require_taught(draft, edit.get("intent"))
    places, left = rename_intent(draft, intent, edit.get("to"))
    return f"意图“{intent}”改名为“{edit.get('to')}”，{places} 处跟着改了" + _left(left)


def _delete_intent(draft: Draft, edit: Edit) -> str:
    intent = require_taught(draft, edit.get("intent"))
    uses, left = delete_intent(draft, intent, force=edit.get("force") is True)
    buttons = [use for use in uses if use.kind == "button"]
    stories = {(use.path, use.name) for use in uses if use.kind != "button"}
    made = f"删了意图“{intent}”" + (f"和用到它的 {len(stories)} 个故事、规则" if stories else "")
    return made + (f"；还有按钮指着它，请改：{told(buttons)}" if buttons else "") + _left(left)


def _set_response(draft: Draft, edit: Edit) -> str:
    response = _text(edit, "response")
    set_response(draft, response, edit.get("wordings"))
    return f"改了回复“{response}”"


def _add_response(draft: Draft, edit: Edit) -> str:
    return f"新回复“{add_response(draft, edit.get('response'), edit.get('wordings'))}”"


def _rename_response(draft: Draft, edit: Edit) -> str:
    response = _text(edit, "response")
    places, left = rename_response(draft, response, edit.get("to"))
    return f"回复“{response}”改名为“{edit.get('to')}”，{places} 处跟着改了" + _left(left)


def _delete_response(draft: Draft, edit: Edit) -> str:
    response = _text(edit, "response")
    delete_response(draft, response, force=edit.get("force") is True)
    return f"删了回复“{response}”"


def _left(paths: Sequence[str]) -> str:
    return f"。注意：{'、'.join(paths)} 里还写着旧名字，工作室改不了，请找维护程序的同事一起改" if paths else ""


def _text(edit: Edit, field: str) -> str:
    found = edit.get(field)
    if not isinstance(found, str) or not found.strip():
        raise Incomplete([field])
    return found


def _standing(edit: Edit) -> list[str]:
    """Examples as they stand in a file: looked for letter by letter."""
    found = edit.get("examples")
    if not isinstance(found, Sequence) or isinstance(found, str) or not found or not all(isinstance(one, str) for one in found):
        raise Incomplete(["examples"], reader_text="还没有选例句。")
    return list(dict.fromkeys(found))


_EDITS: Mapping[str, Callable[[Draft, Edit], str]] = {
    "add_examples": _add_examples,
    "remove_examples": _remove_examples,
    "move_examples": _move_examples,
    "change_example": _change_example,
    "hold_back": _hold_back,
    "take_back": _take_back,
    "add_intent": _add_intent,
    "rename_intent": _rename_intent,
    "delete_intent": _delete_intent,
    "set_response": _set_response,
    "add_response": _add_response,
    "rename_response": _rename_response,
    "delete_response": _delete_response,
}
