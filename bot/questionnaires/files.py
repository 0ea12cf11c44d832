"""Reads and checks content/questionnaires/*.yml; every error names file, line and field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from bot.domain.answer_words import ASKED_AGAIN
from bot.domain.errors import ContentError, SettingError
from bot.domain.questionnaire_definition import (
    Item,
    Numbers,
    Offer,
    Option,
    Period,
    Provenance,
    Questionnaire,
    Scale,
    Step,
    SwitchedOn,
    Wording,
)
from bot.questionnaires.marked_yaml import Field, read_marked
from bot.questionnaires.scales import read_alerts, read_asked_when, read_cutoffs, read_scale, read_suggestions

FOLDER = "questionnaires"
# INSTRUMENTS.md: the codes that were confirmed; no other may stand in a file
CONFIRMED_LOINC = {"phq-9": "44249-1", "gad-7": "69737-5", "phq-4": "69724-3", "audit-c": "72109-2"}
_SAFETY_FLOW = "asq"  # CLINICAL.md, instruments: the safety flow's own questions, no entry among the scales
_ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_LINK_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,19}")
_LONG = 400
_NEEDED = (
    "id", "version", "title", "purpose", "minutes", "period", "lead_in", "higher_is_better", "offer", "loinc", "wording", "source",
    "chinese_reference", "licence", "unverified", "review", "options", "items",
)  # fmt: skip
_OPTIONAL = ("once_on", "needs", "wording_note", "total", "subscales", "cut_offs", "alerts", "suggestions")


def load_questionnaires(folder: Path) -> dict[str, Questionnaire]:
    """All definitions of `folder`/questionnaires by id, in the order of their file names; raises ContentError."""
    found = {path.stem: load_questionnaire(path) for path in sorted((folder / FOLDER).glob("*.yml"))}
    if not found:
        raise ContentError(f"{folder / FOLDER}: no questionnaire stands there")
    for name, questionnaire in found.items():
        for step in _steps(questionnaire):
            if step not in found:
                raise ContentError(f"{folder / FOLDER / name}.yml: next: suggests the questionnaire {step}, which has no file")
    return found


def check_switches(questionnaires: Mapping[str, Questionnaire], switched_on: Iterable[SwitchedOn]) -> None:
    """Raises SettingError when SCALES_ON names what has no file or is not off."""
    for each in switched_on:
        questionnaire = questionnaires.get(each.questionnaire_id)
        if questionnaire is None:
            raise SettingError(f"SCALES_ON: {each.questionnaire_id}: there is no such questionnaire")
        if questionnaire.once_on is None:
            raise SettingError(f"SCALES_ON: {each.questionnaire_id}: is not off, its offer is {questionnaire.offer.value}")


def load_questionnaire(path: Path) -> Questionnaire:
    """One definition; raises ContentError naming file, line and field."""
    file = read_marked(path)
    part = file.fields(_NEEDED, _OPTIONAL)
    own_id = _id(path, part["id"])
    is_higher_better = part["higher_is_better"].flag()
    items = _items(part["items"], _families(part["options"]), is_higher_better)
    by_id = {item.link_id: item for item in items}
    total = read_scale(part["total"], by_id, "total") if "total" in part else None
    named = part["subscales"].by_name() if "subscales" in part else {}
    if "total" in named:
        raise named["total"].refused("total is the name of the whole")
    subscales = tuple(read_scale(field, by_id, name) for name, field in named.items())
    scales = {each.id: each for each in (*((total,) if total else ()), *subscales)}
    _check_counted(part["items"], items, scales.values())
    offer, once_on = _offer(part)
    return Questionnaire(
        id=own_id,
        version=part["version"].text(20),
        title=part["title"].text(40),
        purpose=part["purpose"].text(90),
        minutes=part["minutes"].whole(1, 60),
        period=_period(part["period"]),
        lead_in=part["lead_in"].text(90),
        is_higher_better=is_higher_better,
        offer=offer,
        once_on=once_on,
        needs=part["needs"].text(_LONG) if "needs" in part else "",
        loinc=_loinc(own_id, part["loinc"]),
        provenance=_provenance(part),
        items=items,
        total=total,
        subscales=subscales,
        cutoffs=read_cutoffs(part.get("cut_offs"), scales),
        alerts=read_alerts(part.get("alerts"), scales, by_id),
        suggestions=read_suggestions(part.get("suggestions"), scales, by_id),
    )


def _steps(questionnaire: Questionnaire) -> list[str]:
    """The ids of the questionnaires it suggests."""
    of_bands = [step for scale in questionnaire.scales for band in scale.bands for step in band.next_steps]
    suggested = [step for each in questionnaire.suggestions for step in each.next_steps]
    return [step.target for step in (*of_bands, *suggested) if step.step is Step.QUESTIONNAIRE]


def _id(path: Path, field: Field) -> str:
    own_id = field.text(30)
    if own_id == _SAFETY_FLOW:
        raise field.refused("asq belongs to the safety flow (content/asq.yml) and is no questionnaire")
    if not _ID.fullmatch(own_id) or own_id != path.stem:
        raise field.refused(f"must be the file's name in small letters, {path.stem}")
    return own_id


def _offer(part: Mapping[str, Field]) -> tuple[Offer, Offer | None]:
    offer = part["offer"].choice(Offer)
    if offer is not Offer.OFF:
        for name in ("once_on", "needs"):
            if name in part:
                raise part[name].refused('only what is "off" can be switched on')
        return offer, None
    for name in ("once_on", "needs"):
        if name not in part:
            raise part["offer"].refused(f'"off" needs {name}: how it is offered once switched on, and what must be confirmed')
    once_on = part["once_on"].choice(Offer)
    if once_on is Offer.OFF:
        raise part["once_on"].refused('must be "self" or "invite"')
    return offer, once_on


def _period(field: Field) -> Period:
    part = field.fields(("text", "days"))
    return Period(part["text"].text(20), None if part["days"].is_null else part["days"].whole(1, 366))


def _loinc(own_id: str, field: Field) -> str | None:
    code = None if field.is_null else field.text(10)
    if code is not None and code != CONFIRMED_LOINC.get(own_id):
        raise field.refused(f"{code} is not confirmed for {own_id}: write null")
    return code


def _provenance(part: Mapping[str, Field]) -> Provenance:
    review = part["review"].fields(("status", "by", "date"))
    by, date = review["by"], review["date"]
    return Provenance(
        part["wording"].choice(Wording),
        part["wording_note"].text(_LONG) if "wording_note" in part else "",
        part["source"].text(_LONG),
        part["chinese_reference"].text(_LONG),
        part["licence"].text(_LONG),
        tuple(each.text(_LONG) for each in part["unverified"].entries()),
        review["status"].text(60),
        None if by.is_null else by.text(60),
        None if date.is_null else date.date(),
    )


def _families(field: Field) -> dict[str, tuple[Numbers, tuple[Option, ...]]]:
    return {name: _family(inner) for name, inner in field.by_name().items()}


def _family(field: Field) -> tuple[Numbers, tuple[Option, ...]]:
    part = field.fields(("numbers", "choices"))
    numbers = part["numbers"].choice(Numbers)
    options: list[Option] = []
    taken: dict[str, str] = {}
    for entry in part["choices"].entries(2):
        each = entry.fields(("text", "score", "says"), ("amounts",))
        text, score = each["text"].text(30), each["score"].whole(0, 100)
        if any(score == other.score for other in options):
            raise each["score"].refused(f"the score {score} stands twice")
        says = each["says"].entries()
        _check_says(text, (each["text"], *says), taken)
        if (numbers is Numbers.AMOUNT) != ("amounts" in each):
            raise entry.refused("amounts: [from, to] stands at each option where numbers are an amount, else nowhere")
        amounts = _amounts(each["amounts"], options) if "amounts" in each else None
        options.append(Option(text, score, tuple(place.text(30) for place in says), amounts))
    return numbers, tuple(options)


def _amounts(field: Field, earlier: Iterable[Option]) -> tuple[int, int]:
    entries = field.entries(2)
    if len(entries) != 2:
        raise field.refused("must be [from, to]")
    low, high = (bound.whole(0, 999) for bound in entries)
    if low > high or any(other.amounts and other.amounts[1] >= low for other in earlier):
        raise field.refused("must rise from one option to the next")
    return low, high


def _items(
    field: Field, families: Mapping[str, tuple[Numbers, tuple[Option, ...]]], is_higher_better: bool
) -> tuple[Item, ...]:
    items: dict[str, Item] = {}
    for entry in field.entries(1):
        item = _item(entry, families, items, is_higher_better)
        if item.link_id in items:
            raise entry.by_name()["link_id"].refused(f"the link id {item.link_id} stands twice")
        items[item.link_id] = item
    return tuple(items.values())


def _item(
    entry: Field,
    families: Mapping[str, tuple[Numbers, tuple[Option, ...]]],
    earlier: Mapping[str, Item],
    is_higher_better: bool,
) -> Item:
    optional = ("reverse", "scored", "confirm", "asked_when", "implied_score", "also_says")
    part = entry.fields(("link_id", "text", "options", "explain"), optional)
    link_id, family = part["link_id"].text(20), part["options"].text(30)
    if not _LINK_ID.fullmatch(link_id):
        raise part["link_id"].refused("letters, digits, dots and dashes only")
    if family not in families:
        raise part["options"].refused(f"{family} is none of options: {', '.join(families)}")
    numbers, options = families[family]
    is_reversed = "reverse" in part and part["reverse"].flag()
    is_scored = "scored" not in part or part["scored"].flag()
    if ("implied_score" in part) != ("asked_when" in part and is_scored):
        raise entry.refused("implied_score stands beside asked_when where the item is scored, and nowhere else")
    return Item(
        link_id=link_id,
        text=part["text"].text(200),
        options=_with_own_words(options, part["also_says"]) if "also_says" in part else options,
        explanation=part["explain"].text(90),
        numbers=numbers,
        is_reversed=is_reversed,
        is_scored=is_scored,
        is_confirmed="confirm" in part and part["confirm"].flag(),
        is_pleasant=is_higher_better != is_reversed,
        asked_when=read_asked_when(part["asked_when"], earlier) if "asked_when" in part else None,
        implied_score=part["implied_score"].whole(0, 100) if "implied_score" in part else None,
    )


def _with_own_words(options: tuple[Option, ...], field: Field) -> tuple[Option, ...]:
    """The family's options with what is said to this item alone, by their score."""
    own = field.by_name()
    by_score = {str(option.score): option for option in options}
    taken = {word: option.text for option in options for word in (option.text, *option.says)}
    for score, says in own.items():
        if score not in by_score:
            raise says.refused(f"{score} is no score of its options")
        _check_says(by_score[score].text, says.entries(1), taken)
    return tuple(
        replace(option, says=(*option.says, *(place.text(30) for place in own[score].entries()))) if score in own else option
        for score, option in by_score.items()
    )


def _check_says(text: str, places: Iterable[Field], taken: dict[str, str]) -> None:
    """Refuse a word that names another option already or that must be asked again; `taken` grows by what is new."""
    for place in places:
        word = place.text(30)
        if word in taken:
            raise place.refused(f"{word} stands twice, also at {taken[word]}")
        if word in ASKED_AGAIN and not text.startswith(word.removesuffix("候")):
            raise place.refused(f"{word} names no option and must be asked again")
        taken[word] = text


def _check_counted(field: Field, items: Iterable[Item], scales: Iterable[Scale]) -> None:
    counted = {link_id for scale in scales for link_id in scale.link_ids}
    for item, entry in zip(items, field.entries(), strict=True):
        if item.is_scored != (item.link_id in counted):
            raise entry.refused(
                f"item {item.link_id} " + ("is in no scale" if item.is_scored else "is not scored, yet in a scale")
            )
