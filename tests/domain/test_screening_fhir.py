"""Questionnaires and runs as FHIR: what the standard's own model takes, and what stands in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.questionnaire import Questionnaire as FhirQuestionnaire
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse
from screening_talk import scales

from bot.domain.screening_fhir import Completion, ExportedRun, Json, bundle, questionnaire_resource, response_resource
from bot.domain.screening_version import digest_of
from bot.questionnaires.files import CONFIRMED_LOINC

RUN_ID = "1a2b3c4d-0000-4000-8000-000000000000"
ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
NO_SCORE = {"value": None, "band": None, "label": None, "is_prorated": False, "is_minimum": False}


def questionnaire_of(name: str) -> Json:
    return questionnaire_resource(scales()[name], digest_of(scales()[name]))


def response_of(
    name: str,
    answers: Mapping[str, int | None],
    found: Mapping[str, Any] | None = None,
    completion: Completion = Completion.COMPLETED,
) -> Json:
    run = ExportedRun(RUN_ID, "study:sleep", "ab" * 16, completion, "2026-11-22", answers, found or {})
    return response_resource(scales()[name], digest_of(scales()[name]), run)


def items_of(resource: Json) -> Iterator[Json]:
    for item in resource["item"]:
        yield item
        yield from items_of(item) if "item" in item else ()


def ordinals(item: Json) -> list[tuple[str, float]]:
    codings = [each["valueCoding"] for each in item.get("answerOption", item.get("answer"))]
    return [(each["code"], each["extension"][0]["valueDecimal"]) for each in codings if each["extension"][0]["url"] == ORDINAL]


@pytest.mark.parametrize("name", sorted(scales()))
def test_every_questionnaire_and_a_run_of_it_are_taken_by_fhirs_own_model(name: str) -> None:
    answers = {item.link_id: item.options[-1].score for item in scales()[name].items}
    value = {"value": 3.5, "band": None, "label": None, "is_prorated": True, "is_minimum": False}
    resources = [questionnaire_of(name), response_of(name, answers, {scale.id: value for scale in scales()[name].scales})]
    FhirQuestionnaire.parse_obj(resources[0])
    QuestionnaireResponse.parse_obj(resources[1])
    assert len(Bundle.parse_raw(json.dumps(bundle(resources))).entry) == 2


@pytest.mark.parametrize("name", sorted(scales()))
def test_the_answers_of_a_run_are_options_of_its_questionnaire(name: str) -> None:
    options = {
        item["linkId"]: [json.dumps(each["valueCoding"], sort_keys=True) for each in item.get("answerOption", ())]
        for item in items_of(questionnaire_of(name))
    }
    assert len(options) == len(list(items_of(questionnaire_of(name)))), "a link id stands twice"
    for item in items_of(response_of(name, {each.link_id: each.options[-1].score for each in scales()[name].items})):
        for answer in item.get("answer", ()):
            assert json.dumps(answer["valueCoding"], sort_keys=True) in options[item["linkId"]]


def test_loinc_stands_at_the_four_confirmed_panels_and_nowhere_else() -> None:
    coded = {name: questionnaire_of(name).get("code") for name in scales()}
    expected = {name: [{"system": "http://loinc.org", "code": code}] for name, code in CONFIRMED_LOINC.items()}
    assert {name: code for name, code in coded.items() if code} == expected
    for name in scales():
        assert "loinc" not in json.dumps(questionnaire_of(name)["item"])


def test_the_ninth_item_leaves_as_a_coded_option_with_its_ordinal_value() -> None:
    response = response_of("phq-9", {"9": 2})
    (nine,) = response["item"]
    assert nine["linkId"] == "9"
    assert nine["answer"] == [
        {
            "valueCoding": {
                "extension": [{"url": ORDINAL, "valueDecimal": 2}],
                "system": "urn:xinyi:options:phq-9:9",
                "code": "2",
                "display": "一半以上的天数",
            }
        }
    ]


def test_the_ordinal_of_a_reversed_item_is_what_it_adds_and_the_functional_item_has_none() -> None:
    reversed_item = next(item for item in items_of(questionnaire_of("cbi-work")) if item["linkId"] == "7")
    assert ordinals(reversed_item)[0] == ("100", 0)
    functional = next(item for item in items_of(questionnaire_of("phq-9")) if item["linkId"] == "F")
    assert all("extension" not in each["valueCoding"] for each in functional["answerOption"])
    assert (functional["enableBehavior"], len(functional["enableWhen"])) == ("any", 9 * 3)


def test_a_skipped_item_says_so_one_never_asked_is_left_out_and_one_ruled_out_does_not_leave() -> None:
    skipped = response_of("phq-9", {"1": None, "2": 0})
    assert [item["linkId"] for item in skipped["item"]] == ["1", "2"]
    assert skipped["item"][0]["extension"][0]["valueCode"] == "asked-declined"
    assert "answer" not in skipped["item"][0]
    assert [item["linkId"] for item in response_of("audit-c", {"1": 0, "2": 4, "3": 4})["item"]] == ["1"]


def test_a_value_leaves_with_its_band_and_how_it_was_counted_and_no_score_leaves_as_none() -> None:
    value = {"value": 18, "band": "moderately_severe", "label": "中重度", "is_prorated": True, "is_minimum": False}
    found = {item["linkId"]: item for item in items_of(response_of("phq-9", {"1": 2}, {"total": value}))}
    assert found["_value.total"]["answer"] == [{"valueDecimal": 18}]
    assert found["_band.total"]["answer"][0]["valueCoding"]["code"] == "moderately_severe"
    assert found["_counting.total"]["answer"][0]["valueCoding"]["code"] == "prorated"
    assert [item["linkId"] for item in response_of("phq-9", {"1": 2}, {"total": NO_SCORE})["item"]] == ["1"]


@pytest.mark.parametrize("completion", list(Completion))
def test_a_run_names_its_own_version_its_state_and_only_a_pseudonym(completion: Completion) -> None:
    response = response_of("gad-7", {"1": 1}, completion=completion)
    questionnaire = questionnaire_of("gad-7")
    assert response["questionnaire"] == f"{questionnaire['url']}|{questionnaire['version']}"
    assert response["status"] == completion.value
    assert response["subject"] == {
        "type": "Patient",
        "identifier": {"system": "urn:xinyi:study:sleep", "value": "ab" * 16},
    }
