"""Stories and rules against each other: what contradicts, what is said twice, where nobody answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations, zip_longest

from bot.training.folder import View
from bot.training.issues import Issue, Place
from bot.training.stories import Told, intent_named, story_paths, told_in
from bot.training.tree import Node, data_of

_MOST_WAYS = 16  # of one story, where `or` multiplies them

_Fact = tuple[str, str]


@dataclass(frozen=True)
class Event:
    """One thing that happens: `kind` is intent, action, slot, loop or checkpoint; `facts` are entities or slots."""

    kind: str
    name: str
    facts: frozenset[_Fact] = frozenset()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Way:
    """One way through a story or rule; `line` counts from 1."""

    path: str
    kind: str
    name: str
    line: int
    events: tuple[Event, ...]
    loop: str | None  # of a rule's condition: the form that must be open, "" for none, None where it does not say
    slots: frozenset[_Fact]
    goes_on: bool


def story_issues(view: View) -> list[Issue]:
    """What is wrong between the stories and rules below data/."""
    ways = [way for path in story_paths(view) if path.startswith("data/") for way in ways_in(path, view.text(path) or "")]
    rules = [way for way in ways if way.kind == "rule"]
    stories = [way for way in ways if way.kind == "story"]
    between = list(_rules_against_rules(rules))
    at_odds = {
        place for one in between if one.code == "rules_contradict" for place in (*one.related, Place(one.path, one.line))
    }
    # A story can't go with two rules that contradict each other: those come first.
    agreed = [rule for rule in rules if not any(Place(rule.path, event.line) in at_odds for event in rule.events)]
    found = [
        *_same_names(ways),
        *_unanswered(ways),
        *between,
        *_stories_against_rules(stories, agreed),
        *_stories_against_stories(stories),
    ]
    return list({(one.code, one.path, one.line, one.related): one for one in found}.values())


@lru_cache(maxsize=256)
def ways_in(path: str, text: str) -> tuple[Way, ...]:
    """The ways through the stories and rules of one text."""
    return tuple(way for one in told_in(text) for way in _ways(path, one))


def _ways(path: str, one: Told) -> Iterator[Way]:
    loop: str | None = None
    slots: frozenset[_Fact] = frozenset()
    for condition in one.condition:
        held = condition.get("active_loop")
        if held is not None:
            loop = "" if held.is_null else held.value
        slots |= _slots(condition.get("slot_was_set"))
    ways: list[tuple[Event, ...]] = [()]
    for step in one.steps:
        ways = [way + (event,) for way in ways for event in _events(step)][:_MOST_WAYS] if list(_events(step)) else ways
    for way in ways:
        yield Way(path, one.kind, one.name, one.node.line + 1, way, loop, slots, one.goes_on)


def _events(step: Node) -> Iterator[Event]:
    """What this step may be: one event, several under `or`."""
    line = step.line + 1
    either = step.get("or")
    for part in either.items if either is not None else ():
        yield from _events(part)
    said, action, loop, slots = (
        step.get("intent") or step.get("user"),
        step.get("action"),
        step.get("active_loop"),
        step.get("slot_was_set"),
    )
    if said is not None:
        yield Event("intent", intent_named(said.value), _entities(step.get("entities")), line)
    elif action is not None:
        yield Event("action", action.value, line=line)
    elif loop is not None:
        yield Event("loop", "" if loop.is_null else loop.value, line=line)
    elif slots is not None:
        yield Event("slot", "", _slots(slots), line)
    elif (checkpoint := step.get("checkpoint")) is not None:
        yield Event("checkpoint", checkpoint.value, line=line)


def _slots(node: Node | None) -> frozenset[_Fact]:
    made: set[_Fact] = set()
    for item in [*(node.items if node is not None else ()), *([node] if node is not None and node.pairs else ())]:
        made |= {(key.value, repr(data_of(value))) for key, value in item.keyed()}
        made |= {(item.value, "")} if item.kind == "scalar" else set()
    return frozenset(made)


def _entities(node: Node | None) -> frozenset[_Fact]:
    return _slots(node)


def _same_names(ways: Sequence[Way]) -> Iterator[Issue]:
    first: dict[tuple[str, str], Way] = {}
    for way in ways:
        other = first.setdefault((way.kind, way.name), way)
        if (other.path, other.line) != (way.path, way.line):
            told = f"“{way.name}”这个名字用了两次，看报告时会分不清，请改一个。"
            yield Issue("warning", "same_name", way.path, way.line, 1, told, (Place(other.path, other.line),))


def _unanswered(ways: Sequence[Way]) -> Iterator[Issue]:
    for way in ways:
        spoken = [event for event in way.events if event.kind in ("intent", "action", "checkpoint")]
        for event, following in zip_longest(spoken, spoken[1:]):
            if event.kind == "intent" and following is None:
                told = f"“{way.name}”停在对方这句话（{event.name}）上，没有人回应。请在后面加一步回应。"
                yield Issue("warning", "dead_end", way.path, event.line, 1, told)
            elif event.kind == "intent" and following is not None and following.kind == "intent":
                told = f"“{way.name}”里对方连说了两句，{event.name} 之后没有回应。"
                yield Issue("warning", "dead_end", way.path, event.line, 1, told)
        if way.kind == "rule" and sum(event.kind == "intent" for event in spoken) > 1:
            told = f"规则“{way.name}”里对方说了不止一句；一条规则只能从一句话开始，多轮的请写成故事。"
            yield Issue("error", "rule_of_two_turns", way.path, way.line, 1, told)


def _rules_against_rules(rules: Sequence[Way]) -> Iterator[Issue]:
    for one, other in combinations(rules, 2):
        if (one.path, one.line) == (other.path, other.line) or (one.loop, one.slots) != (other.loop, other.slots):
            continue
        at = next(
            (n for n, (a, b) in enumerate(zip(one.events, other.events, strict=False)) if a != b),
            min(len(one.events), len(other.events)),
        )
        if not at:
            continue
        a, b = _at(one, at), _at(other, at)
        place = Place(one.path, one.line)
        start = f"规则“{other.name}”和规则“{one.name}”开头一样（{_told_start(other)}）"
        if a is None and b is None:
            yield Issue("warning", "rule_repeated", other.path, other.line, 1, f"{start}，后面也一样，留一条就够。", (place,))
        elif _clash(one, a, b) or _clash(other, b, a):
            line = b.line if b is not None else other.line
            told = f"{start}，接下来却不一样：一条要{_told(b, other)}，另一条要{_told(a, one)}。程序不知道听谁的，请改掉一条。"
            yield Issue(
                "error",
                "rules_contradict",
                other.path,
                line,
                1,
                told,
                (Place(one.path, a.line if a is not None else one.line),),
            )


def _clash(rule: Way, mine: Event | None, theirs: Event | None) -> bool:
    """Whether what a rule does next can't go with what the other does: another action, or waiting instead of one."""
    if mine is None:
        return not rule.goes_on and theirs is not None and theirs.kind == "action"
    return mine.kind == "action" and theirs is not None and theirs.kind in ("action", "intent")


def _at(way: Way, number: int) -> Event | None:
    return way.events[number] if number < len(way.events) else None


def _told_start(way: Way) -> str:
    first = way.events[0]
    return f"对方说 {first.name}" if first.kind == "intent" else f"程序做 {first.name}"


def _told(event: Event | None, way: Way) -> str:
    if event is None:
        return "停下来等对方说话"
    return f"做 {event.name}" if event.kind == "action" else "等对方说话"


def _stories_against_rules(stories: Sequence[Way], rules: Sequence[Way]) -> Iterator[Issue]:
    by_start: dict[str, list[Way]] = {}
    for rule in rules:
        if rule.events and rule.events[0].kind == "intent":
            by_start.setdefault(rule.events[0].name, []).append(rule)
    for story in stories:
        loop, slots = "", dict[str, str]()
        for at, event in enumerate(story.events):
            if event.kind == "loop":
                loop = event.name
            elif event.kind == "slot":
                slots.update(event.facts)
            elif event.kind == "intent":
                fitting = [rule for rule in by_start.get(event.name, ()) if _fits(rule, event, loop, slots)]
                most = max((_weight(rule) for rule in fitting), default=0)
                for rule in fitting:
                    if _weight(rule) == most:
                        yield from _followed(story, at, rule, loop)


def _fits(rule: Way, said: Event, loop: str, slots: dict[str, str]) -> bool:
    has_loop = rule.loop == loop if rule.loop is not None else loop == ""
    return has_loop and rule.events[0].facts <= said.facts and all(slots.get(name) == value for name, value in rule.slots)


def _weight(rule: Way) -> int:
    return len(rule.slots) + (rule.loop is not None) + len(rule.events[0].facts)


def _is_broken(rule: Way, wanted: Event | None, mine: Event, loop: str) -> bool:
    """Whether the story's next step breaks the rule; at a rule's end an open form may go on by itself, and the worker may speak."""
    if wanted is None:
        return mine.kind == "action" and not rule.goes_on and mine.name != loop
    return wanted.kind == "action"


def _followed(story: Way, at: int, rule: Way, loop: str) -> Iterator[Issue]:
    """Where the story, from this step on, does something else than the rule that holds there."""
    told, number = at + 1, 1
    while told < len(story.events):
        mine, wanted = story.events[told], _at(rule, number)
        loop = mine.name if mine.kind == "loop" else loop
        if wanted is not None and mine == wanted:
            told, number = told + 1, number + 1
        elif mine.kind in ("slot", "loop") and (wanted is None or wanted.kind != mine.kind):
            told += 1  # the story tells more than the rule needs to know
        elif mine.kind == "checkpoint" or not _is_broken(rule, wanted, mine, loop):
            return
        else:
            text = (
                f"故事“{story.name}”和规则“{rule.name}”矛盾：对方说 {rule.events[0].name} 以后，规则要{_told(wanted, rule)}，"
                f"故事里却{_told(mine, story)}。规则说了算，请改故事或者改规则。"
            )
            place = Place(rule.path, wanted.line if wanted is not None else rule.line)
            yield Issue("error", "story_contradicts_rule", story.path, mine.line, 1, text, (place,))
            return


def _stories_against_stories(stories: Sequence[Way]) -> Iterator[Issue]:
    first: dict[tuple[Event, ...], tuple[Way, Event]] = {}
    for story in stories:
        for at, event in enumerate(story.events):
            if event.kind == "action" and at and not any(one.kind == "checkpoint" for one in story.events[:at]):
                other, done = first.setdefault(story.events[:at], (story, event))
                if done.name != event.name and (other.path, other.line) != (story.path, story.line):
                    told = (
                        f"故事“{story.name}”和故事“{other.name}”到这里为止一模一样，接下来却不一样：一个做 {event.name}，一个做 {done.name}。"
                        "程序分不清该走哪条，请改掉一个，或者在前面加上能区分的一步。"
                    )
                    yield Issue("error", "stories_contradict", story.path, event.line, 1, told, (Place(other.path, done.line),))
                    break
