"""Reads the scales, bands, cuts and rules of one questionnaire's file; every error names file, line and field."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from bot.domain.questionnaire_definition import (
    AlertRule,
    Band,
    Condition,
    Cutoff,
    Item,
    MissingRule,
    NextStep,
    Scale,
    Sex,
    Step,
    Suggestion,
)
from bot.domain.risk import RiskLevel
from bot.questionnaires.marked_yaml import Field

_MAX_BUBBLE = 90  # CLINICAL.md
_MOST_BUBBLES = 3
_FEWEST_WORDINGS = 2
_HIGHEST = 100_000
_LONG = 400


class _Method(str, Enum):
    SUM = "sum"
    MEAN = "mean"


class _Exercise(str, Enum):
    BREATHING = "breathing"
    GROUNDING = "grounding"
    THOUGHT_RECORD = "thought_record"


class _AlertLevel(str, Enum):
    WATCH = "watch"
    HIGH = "high"


def read_scale(field: Field, items: Mapping[str, Item], scale_id: str) -> Scale:
    """One scale; its bands must cover its whole range, for each sex, without a gap or an overlap."""
    part = field.fields(("title", "items", "method", "missing"), ("factor", "bands"))
    link_ids: list[str] = []
    for entry in part["items"].entries(1):
        link_id = entry.text(20)
        if link_id not in items or link_id in link_ids:
            raise entry.refused(f"{link_id} is no item" if link_id not in items else f"{link_id} stands twice")
        link_ids.append(link_id)
    is_mean = part["method"].choice(_Method) is _Method.MEAN
    factor = part["factor"].whole(2, 100) if "factor" in part else 1
    if is_mean and factor != 1:
        raise part["factor"].refused("a mean has no factor")
    scores = [items[link_id].scores for link_id in link_ids]
    lowest, highest = (sum(map(end, scores)) * factor for end in (min, max))
    if is_mean:
        lowest, highest = min(map(min, scores)), max(map(max, scores))
    bands = tuple(_band(entry, lowest, highest) for entry in (part["bands"].entries(2) if "bands" in part else ()))
    scale = Scale(
        scale_id, part["title"].text(20), tuple(link_ids), lowest, highest, _missing(part["missing"], len(link_ids)), bands,
        factor, is_mean,
    )  # fmt: skip
    if bands:
        _check_cover(part["bands"], scale)
    if scale.missing.counts_once_reached and not bands:
        raise part["missing"].refused("counts_once_reached needs bands")
    return scale


def _missing(field: Field, items: int) -> MissingRule:
    part = field.fields(("most", "source"), ("counts_once_reached",))
    part["source"].text(_LONG)
    return MissingRule(part["most"].whole(0, items - 1), "counts_once_reached" in part and part["counts_once_reached"].flag())


def _check_cover(field: Field, scale: Scale) -> None:
    entries = field.entries()
    names = [band.id for band in scale.bands]
    for place, (entry, band) in enumerate(zip(entries, scale.bands, strict=True)):
        if band.id in names[:place]:
            raise entry.refused(f"the band {band.id} stands twice")
        for sex in Sex:
            begins = scale.bands[place - 1].high[sex] + 1 if place else scale.lowest
            if band.low[sex] != begins:
                raise entry.refused(f"must begin at {begins}, begins at {band.low[sex]}: a gap or an overlap ({sex.value})")
            if place == len(entries) - 1 and band.high[sex] != scale.highest:
                raise entry.refused(f"the last band must end at {scale.highest} ({sex.value})")


def _band(field: Field, lowest: int, highest: int) -> Band:
    part = field.fields(("id", "label", "from", "to", "worker", "counsellor", "next"))
    low, high = _edge(part["from"], lowest, highest), _edge(part["to"], lowest, highest)
    if any(low[sex] > high[sex] for sex in Sex):
        raise part["to"].refused("ends before it begins")
    return Band(
        part["id"].text(30), part["label"].text(20), low, high, _worker(part["worker"]), part["counsellor"].text(_LONG),
        _next(part["next"]),
    )  # fmt: skip


def _edge(field: Field, lowest: int, highest: int) -> dict[Sex, int]:
    """One end of a band: a number, or one for each sex where the cut differs."""
    if not field.is_mapping:
        return dict.fromkeys(Sex, field.whole(lowest, highest))
    part = field.fields([sex.value for sex in Sex])
    return {sex: part[sex.value].whole(lowest, highest) for sex in Sex}


def _worker(field: Field) -> tuple[tuple[str, ...], ...]:
    """Wordings that take turns, each of one to three bubbles."""
    wordings = []
    for entry in field.entries(_FEWEST_WORDINGS):
        bubbles = tuple(bubble.text(_MAX_BUBBLE) for bubble in entry.entries(1))
        if len(bubbles) > _MOST_BUBBLES:
            raise entry.refused(f"at most {_MOST_BUBBLES} bubbles")
        if bubbles in wordings:
            raise entry.refused("the same wording stands twice")
        wordings.append(bubbles)
    return tuple(wordings)


def _next(field: Field) -> tuple[NextStep, ...]:
    steps = []
    for entry in field.entries():
        if not entry.is_mapping:
            step = entry.choice(Step)
            if step not in (Step.COUNSELLOR, Step.HOSPITAL):
                raise entry.refused(f"{step.value} needs a value: {{{step.value}: ...}}")
            steps.append(NextStep(step))
            continue
        part = entry.fields((), [step.value for step in Step])
        if len(part) != 1:
            raise entry.refused("must be one step")
        ((name, inner),) = part.items()
        if name == Step.EXERCISE.value:
            steps.append(NextStep(Step.EXERCISE, inner.choice(_Exercise).value))
        elif name == Step.REPEAT.value:
            steps.append(NextStep(Step.REPEAT, str(inner.whole(1, 366))))
        elif name == Step.QUESTIONNAIRE.value:
            steps.append(NextStep(Step.QUESTIONNAIRE, inner.text(30)))
        else:
            raise inner.refused(f"{name} takes no value")
    return tuple(steps)


def read_asked_when(field: Field, earlier: Mapping[str, Item]) -> Condition:
    """When an item is asked: by answers to items before it."""
    part = field.fields(("items",), ("at_least", "at_most"))
    return Condition(_link_ids(part["items"], earlier), None, *_bounds(field, part))


def read_cutoffs(field: Field | None, scales: Mapping[str, Scale]) -> tuple[Cutoff, ...]:
    """The cuts with their samples, in the file's order."""
    cutoffs = []
    for entry in field.entries() if field else ():
        part = entry.fields(("scale", "sample", "source"), ("at_least", "at_most", "sex", "verified"))
        low, high = _bounds(entry, part)
        cutoffs.append(
            Cutoff(
                _scale_id(part["scale"], scales), low, high, part["sex"].choice(Sex) if "sex" in part else None,
                part["sample"].text(_LONG), part["source"].text(_LONG), "verified" not in part or part["verified"].flag(),
            )
        )  # fmt: skip
    return tuple(cutoffs)


def read_alerts(field: Field | None, scales: Mapping[str, Scale], items: Mapping[str, Item]) -> tuple[AlertRule, ...]:
    """The alert rules, in the file's order; each raises a level, asks, or both."""
    rules = []
    for entry in field.entries() if field else ():
        part = entry.fields(("id", "when", "source"), ("level", "ask"))
        level = RiskLevel(part["level"].choice(_AlertLevel).value) if "level" in part else None
        is_asked = "ask" in part and part["ask"].flag()
        if level is None and not is_asked:
            raise entry.refused("needs level, ask or both")
        rules.append(
            AlertRule(
                part["id"].text(40), _conditions(part["when"], scales, items), level, is_asked, part["source"].text(_LONG)
            )
        )
    return tuple(rules)


def read_suggestions(field: Field | None, scales: Mapping[str, Scale], items: Mapping[str, Item]) -> tuple[Suggestion, ...]:
    """What finished scores offer beyond their band, in the file's order."""
    found = []
    for entry in field.entries() if field else ():
        part = entry.fields(("id", "when", "next", "worker", "source"))
        conditions = _conditions(part["when"], scales, items)
        found.append(
            Suggestion(
                part["id"].text(40), conditions, _next(part["next"]), _worker(part["worker"]), part["source"].text(_LONG)
            )
        )
    return tuple(found)


def _conditions(field: Field, scales: Mapping[str, Scale], items: Mapping[str, Item]) -> tuple[Condition, ...]:
    return tuple(_condition(entry, scales, items) for entry in field.entries(1))


def _condition(field: Field, scales: Mapping[str, Scale], items: Mapping[str, Item]) -> Condition:
    part = field.fields((), ("items", "scale", "at_least", "at_most", "skipped"))
    if ("items" in part) == ("scale" in part):
        raise field.refused("needs items or a scale, one of them")
    if "skipped" in part:
        if "items" not in part or len(part) != 2 or not part["skipped"].flag():
            raise part["skipped"].refused("stands as true beside items alone")
        return Condition(_link_ids(part["items"], items), is_skipped=True)
    low, high = _bounds(field, part)
    if "scale" in part:
        return Condition((), _scale_id(part["scale"], scales), low, high)
    return Condition(_link_ids(part["items"], items), None, low, high)


def _bounds(field: Field, part: Mapping[str, Field]) -> tuple[int | None, int | None]:
    low, high = (part[name].whole(0, _HIGHEST) if name in part else None for name in ("at_least", "at_most"))
    if low is None and high is None:
        raise field.refused("needs at_least, at_most or both")
    if low is not None and high is not None and low > high:
        raise part["at_most"].refused("lies below at_least")
    return low, high


def _link_ids(field: Field, items: Mapping[str, Item]) -> tuple[str, ...]:
    entries = field.entries(1)
    for entry in entries:
        if entry.text(20) not in items:
            raise entry.refused(f"{entry.text(20)} is no item that can stand here")
    return tuple(entry.text(20) for entry in entries)


def _scale_id(field: Field, scales: Mapping[str, Scale]) -> str:
    scale_id = field.text(30)
    if scale_id not in scales:
        raise field.refused(f"{scale_id} is no scale of this file: {', '.join(scales)}")
    return scale_id
