"""A questionnaire and a run of it as FHIR R4 resources, in plain JSON values; option codes only, never a person's words; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Optional

from bot.domain.questionnaire import standing_answers
from bot.domain.questionnaire_definition import Condition, Item, Questionnaire, Scale

Json = dict[str, Any]
_LOINC = "http://loinc.org"
_ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_SCORES = "_scores"  # no link id of a file can begin like this
_DIGEST = 8  # characters of a digest that tell two contents of one version apart


class Completion(str, Enum):
    """How far a run came, in FHIR's words (QuestionnaireResponse.status)."""

    COMPLETED = "completed"
    IN_PROGRESS = "in-progress"
    STOPPED = "stopped"


class Counting(str, Enum):
    """How a value came about: from every item, with missing ones replaced by the mean, or as the least it can be."""

    WHOLE = "whole"
    PRORATED = "prorated"
    AT_LEAST = "at_least"

    @classmethod
    def of(cls, scale: Mapping[str, Any]) -> Counting:
        """What a stored scale of a result says."""
        return cls.PRORATED if scale["is_prorated"] else cls.AT_LEAST if scale["is_minimum"] else cls.WHOLE


@dataclass(frozen=True)
class ExportedRun:
    """A run as it leaves the house: `id` (a UUID) and `person` are pseudonyms, `at` is a FHIR dateTime.

    `answers` are scores of options by link id, None for a skipped item; `scales` are those of a finished run's result.
    """

    id: str
    domain: str
    person: str
    completion: Completion
    at: str
    answers: Mapping[str, Optional[int]]
    scales: Mapping[str, Mapping[str, Any]]


def questionnaire_resource(questionnaire: Questionnaire, digest: str) -> Json:
    """The definition as a Questionnaire: link ids ours, LOINC only for the panel where the file has a confirmed code."""
    facts = questionnaire.provenance
    found: Json = {
        "resourceType": "Questionnaire",
        "id": f"{questionnaire.id}-{digest[:_DIGEST]}",
        "language": "zh-CN",
        "url": _url(questionnaire),
        "version": version_of(questionnaire, digest),
        "title": questionnaire.title,
        "status": "active" if questionnaire.is_verified else "draft",
        "subjectType": ["Patient"],
        "description": questionnaire.purpose,
        "copyright": facts.licence,
        "item": [
            {"linkId": "_lead_in", "text": questionnaire.lead_in, "type": "display"},
            *(_item(questionnaire, item) for item in questionnaire.items),
            {
                "linkId": _SCORES,
                "type": "group",
                "item": [part for scale in questionnaire.scales for part in _scale_items(questionnaire, scale)],
            },
        ],
    }
    if questionnaire.loinc:
        found["code"] = [{"system": _LOINC, "code": questionnaire.loinc}]
    if facts.reviewed_on:
        found["approvalDate"] = facts.reviewed_on.isoformat()
    return found


def response_resource(questionnaire: Questionnaire, digest: str, run: ExportedRun) -> Json:
    """The run as a QuestionnaireResponse; an answer that a later one has ruled out does not leave."""
    raw = standing_answers(questionnaire, run.answers)
    answered = [_answered(questionnaire, item, raw[item.link_id]) for item in questionnaire.items if item.link_id in raw]
    shown = [scale for scale in questionnaire.scales if scale.id in run.scales]
    scores = [part for scale in shown for part in _scored(questionnaire, scale, run.scales[scale.id])]
    return {
        "resourceType": "QuestionnaireResponse",
        "id": run.id,
        "language": "zh-CN",
        "questionnaire": f"{_url(questionnaire)}|{version_of(questionnaire, digest)}",
        "status": run.completion.value,
        "subject": {"type": "Patient", "identifier": {"system": f"urn:xinyi:{run.domain}", "value": run.person}},
        "authored": run.at,
        "item": [*answered, *([{"linkId": _SCORES, "item": scores}] if scores else [])],
    }


def bundle(resources: Iterable[Json]) -> Json:
    """All of them in one collection."""
    entries = [{"fullUrl": each.get("url") or f"urn:uuid:{each['id']}", "resource": each} for each in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _url(questionnaire: Questionnaire) -> str:
    """The same in every deployment, so that what two of them export can be laid together."""
    return f"urn:xinyi:questionnaire:{questionnaire.id}"


def version_of(questionnaire: Questionnaire, digest: str) -> str:
    """The file's version, and what tells two contents of it apart."""
    return f"{questionnaire.version}-{digest[:_DIGEST]}"


def _item(questionnaire: Questionnaire, item: Item) -> Json:
    found: Json = {
        "linkId": item.link_id,
        "text": item.text,
        "type": "choice",
        "required": False,
        "repeats": False,
        "answerOption": [{"valueCoding": _coding(questionnaire, item, option.score, option.text)} for option in item.options],
    }
    if item.asked_when is not None:
        found["enableWhen"] = _enabled_when(questionnaire, item.asked_when)
        found["enableBehavior"] = "any"
    return found


def _enabled_when(questionnaire: Questionnaire, condition: Condition) -> list[Json]:
    """FHIR compares codings only for equality, so each option in the range is named."""
    return [
        {
            "question": link_id,
            "operator": "=",
            "answerCoding": {"system": _system(questionnaire, link_id), "code": str(option.score)},
        }
        for link_id in condition.link_ids
        for option in questionnaire.by_link_id[link_id].options
        if condition.spans(option.score)
    ]


def _system(questionnaire: Questionnaire, link_id: str) -> str:
    return f"urn:xinyi:options:{questionnaire.id}:{link_id}"


def _coding(questionnaire: Questionnaire, item: Item, score: int, text: str) -> Json:
    """The code is the option's score in the file; the ordinal is what it adds to its scale (a reversed item turns round)."""
    coding: Json = {"system": _system(questionnaire, item.link_id), "code": str(score), "display": text}
    return {"extension": [{"url": _ORDINAL, "valueDecimal": item.points(score)}], **coding} if item.is_scored else coding


def _scale_items(questionnaire: Questionnaire, scale: Scale) -> list[Json]:
    """Value, band and way of counting, as items that are read only."""
    items: list[Json] = [
        {"linkId": f"_value.{scale.id}", "text": scale.title, "type": "decimal"},
        {
            "linkId": f"_counting.{scale.id}",
            "type": "choice",
            "answerOption": [
                {"valueCoding": {"system": "urn:xinyi:counting", "code": each.value, "display": each.value}}
                for each in Counting
            ],
        },
    ]
    if scale.bands:
        options = [{"valueCoding": _band(questionnaire, scale, band.id, band.label)} for band in scale.bands]
        items.append({"linkId": f"_band.{scale.id}", "type": "choice", "answerOption": options})
    return [{**item, "readOnly": True} for item in items]


def _band(questionnaire: Questionnaire, scale: Scale, band_id: str, label: str) -> Json:
    return {"system": f"urn:xinyi:bands:{questionnaire.id}:{scale.id}", "code": band_id, "display": label}


def _answered(questionnaire: Questionnaire, item: Item, score: int | None) -> Json:
    """One item with its option; a skipped one says so in the standard way, where one never asked is left out."""
    named: Json = {"linkId": item.link_id, "text": item.text}
    if score is None:
        return {"extension": [{"url": _ABSENT, "valueCode": "asked-declined"}], **named}
    text = next(option.text for option in item.options if option.score == score)
    return {**named, "answer": [{"valueCoding": _coding(questionnaire, item, score, text)}]}


def _scored(questionnaire: Questionnaire, scale: Scale, stored: Mapping[str, Any]) -> list[Json]:
    if stored["value"] is None:
        return []
    counting = Counting.of(stored).value
    items: list[Json] = [
        {"linkId": f"_value.{scale.id}", "text": scale.title, "answer": [{"valueDecimal": stored["value"]}]},
        {
            "linkId": f"_counting.{scale.id}",
            "answer": [{"valueCoding": {"system": "urn:xinyi:counting", "code": counting, "display": counting}}],
        },
    ]
    if stored["band"] is not None:
        coding = _band(questionnaire, scale, stored["band"], stored["label"])
        items.append({"linkId": f"_band.{scale.id}", "answer": [{"valueCoding": coding}]})
    return items
