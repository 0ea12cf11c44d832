"""Names against the domain: an intent, action, slot, form or entity that nobody knows, and what is known but never used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import lru_cache

from bot.training.domain import Domain, reached, read_domain
from bot.training.examples import blocks, entities_of
from bot.training.folder import DOMAIN, HELD_BACK, View
from bot.training.issues import Issue, Place
from bot.training.names import NEEDED_INTENTS
from bot.training.stories import Use, intent_named, intent_nodes, intents_in_domain, story_paths, told_in, uses_of_intents
from bot.training.surgery import walk
from bot.training.tree import Node, readable_tree

LONGEST_BUBBLE = 90  # characters of a wording, as in content/
_DEFAULT_ACTIONS = frozenset(
    f"action_{name}"
    for name in (
        "listen", "restart", "session_start", "default_fallback", "deactivate_loop", "revert_fallback_events", "default_ask_affirmation",
        "default_ask_rephrase", "two_stage_fallback", "unlikely_intent", "back", "extract_slots",
    )
)  # fmt: skip


def name_issues(view: View) -> list[Issue]:
    """All names that lead nowhere."""
    domain = read_domain(view)
    made = [*_in_stories(view, domain), *_in_examples(view, domain), *_in_domain(view, domain), *_unreached(view, domain)]
    return made


def _unknown(code: str, what: str, path: str, node: Node, known: Iterable[str], name: str | None = None) -> Issue:
    said = name if name is not None else node.value
    near = get_close_matches(said, list(known), 1, 0.7)
    hint = f"是不是想写 {near[0]}？" if near else "先在 domain.yml 里加上，或者改成已有的。"
    return Issue("error", code, path, node.line + 1, node.column + 1, f"没有叫“{said}”的{what}。{hint}")


def _in_stories(view: View, domain: Domain) -> Iterator[Issue]:
    responses = {one.name for one in domain.responses}
    actions = {*domain.actions, *domain.forms, *responses, *_DEFAULT_ACTIONS}
    slots = {*(slot.name for slot in domain.slots), "requested_slot"}
    for path in story_paths(view):
        for kind, name, node in _names_told(view.text(path) or ""):
            if kind == "intent" and name not in domain.intents and name not in NEEDED_INTENTS:
                yield _unknown("unknown_intent", "意图", path, node, domain.intents, name)
            elif kind == "action" and name not in actions:
                yield _unknown("unknown_action", "回复" if name.startswith("utter_") else "动作", path, node, actions)
            elif kind == "slot" and name not in slots:
                yield _unknown("unknown_slot", "词槽", path, node, slots)
            elif kind == "form" and name not in domain.forms:
                yield _unknown("unknown_form", "表单", path, node, domain.forms)
            elif kind == "entity" and name not in domain.entities:
                yield _unknown("unknown_entity", "实体", path, node, domain.entities)


@lru_cache(maxsize=256)
def _names_told(text: str) -> tuple[tuple[str, str, Node], ...]:
    """What the stories and rules of a text name: (kind, name, where)."""
    made: list[tuple[str, str, Node]] = []
    for one in told_in(text):
        for step in [*one.steps, *one.condition]:
            made += [("intent", intent_named(node.value), node) for node in intent_nodes(step)]
            for node in walk(step):
                for key, value in node.keyed():
                    if key.value in ("action", "active_loop") and value.kind == "scalar" and not value.is_null:
                        made.append(("action" if key.value == "action" else "form", value.value, value))
                    elif key.value in ("slot_was_set", "entities"):
                        kind = "slot" if key.value == "slot_was_set" else "entity"
                        for item in value.items:
                            keys = (
                                [item]
                                if item.kind == "scalar"
                                else [name for name, _ in item.keyed() if name.value not in ("role", "group")]
                            )
                            made += [(kind, name.value, name) for name in keys]
    return tuple(made)


def _in_examples(view: View, domain: Domain) -> Iterator[Issue]:
    taught: dict[str, int] = {}
    for path in view.paths():
        if not path.startswith("data/") and path != HELD_BACK:
            continue
        for block in blocks(view.text(path) or ""):
            name = block.intent.value.split("/")[0]
            if path != HELD_BACK:
                taught[name] = taught.get(name, 0) + len(block.lines)
            if name not in domain.intents and name not in NEEDED_INTENTS:
                yield _unknown("unknown_intent", "意图", path, block.intent, domain.intents, name)
        for line, entity in _annotated(view.text(path) or ""):
            if entity not in domain.entities:
                told = f"例句里标了“{entity}”，可是没有这个实体。"
                yield Issue("error", "unknown_entity", path, line, 1, told)
    uses = uses_of_intents(view)
    for name, line in domain.intents.items():
        if name in NEEDED_INTENTS and name not in taught:
            continue
        used = [use for use in uses.get(name, ()) if use.kind in ("story", "rule", "button")]
        if not taught.get(name):
            is_error = bool(used) and not any(use.kind == "button" for use in used)
            told = f"意图“{name}”一句例句也没有，永远听不出来。"
            yield Issue("error" if is_error else "warning", "no_examples", DOMAIN, line, 1, told, _places(used))
        elif taught[name] < 2:
            yield Issue("warning", "few_examples", DOMAIN, line, 1, f"意图“{name}”只有一句例句，学不会，请多写几句。")


@lru_cache(maxsize=256)
def _annotated(text: str) -> tuple[tuple[int, str], ...]:
    return tuple(
        (line + 1, entity)
        for block in blocks(text)
        for line, words in block.lines
        if "[" in words
        for entity in entities_of(words)
    )


def _places(uses: Iterable[Use]) -> tuple[Place, ...]:
    return tuple(Place(use.path, use.line) for use in list(uses)[:3])


def _in_domain(view: View, domain: Domain) -> Iterator[Issue]:
    text = view.text(DOMAIN) or ""
    for node, use in intents_in_domain(text):
        name = intent_named(node.value)
        if name not in domain.intents and name not in NEEDED_INTENTS:
            where = f"回复“{use.name}”的按钮" if use.kind == "button" else f"“{use.name}”"
            told = f"{where}指向的意图“{name}”不存在。"
            yield Issue("error", "unknown_intent", DOMAIN, node.line + 1, node.column + 1, told)
    slots = {slot.name for slot in domain.slots}
    root = readable_tree(text)
    forms = root.get("forms") if root is not None else None
    for form, held in forms.keyed() if forms is not None else ():
        required = held.get("required_slots")
        for node in [*required.items, *(name for name, _ in required.keyed())] if required is not None else ():
            if node.kind == "scalar" and node.value not in slots:
                yield _unknown("unknown_slot", f"词槽（表单“{form.value}”要问它）", DOMAIN, node, slots)
    code = "\n".join(view.code_text().values())
    for name, line in domain.actions.items():
        if (
            code
            and name.startswith("action_")
            and name not in _DEFAULT_ACTIONS
            and f'"{name}"' not in code
            and f"'{name}'" not in code
        ):
            told = f"动作“{name}”还没有程序，做到这一步会卡住。请找维护程序的同事。"
            yield Issue("warning", "action_without_code", DOMAIN, line, 1, told)


def _unreached(view: View, domain: Domain) -> Iterator[Issue]:
    said = reached(view)
    for response in domain.responses:
        if not response.wordings:
            yield Issue("error", "no_wording", DOMAIN, response.line, 1, f"回复“{response.name}”一种说法也没有。")
        if response.name not in said:
            told = f"回复“{response.name}”没有故事、规则或程序用到它，永远不会说出来。"
            yield Issue("warning", "never_reached", DOMAIN, response.line, 1, told)
        for wording in response.wordings:
            if len(wording.text) > LONGEST_BUBBLE:
                told = f"回复“{response.name}”的这句有 {len(wording.text)} 个字，超过 {LONGEST_BUBBLE} 个字，手机上读着累，拆成两句好些。"
                yield Issue("warning", "long_wording", DOMAIN, wording.line, 1, told)
