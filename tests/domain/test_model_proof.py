"""A safety gate blocks whoever asks, other falls need a reason, and what got better and worse is named sentence by sentence."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bot.domain.model_figures import (
    CrisisGroup,
    FailedStory,
    Figures,
    IntentFigures,
    PersonaVerdict,
    Row,
    Score,
    figures_by_label,
    score,
)
from bot.domain.model_proof import BLOCKED, FALLS, PASSED, compare, compared

ACTIVE = CrisisGroup("active", "想死、想自杀", True, 40, 40, 35, 40)
IDIOM = CrisisGroup("idiom", "夸张的口头话", False, 40, 40, 38, 38)
NURSE = PersonaVerdict("nurse", "护士", (), ())
SLEEP = IntentFigures(100, 0.8, 0.8, 0.8)
HELD_BACK = tuple(Row(f"睡不着{number}", "sleep_problem", "sleep_problem") for number in range(100))
PROVED = Figures(
    rasa_version="3.6.21", cross_validation=Score(200, 0.8, 0.8), intents={"sleep_problem": SLEEP, "low_mood": SLEEP},
    cross_right=frozenset({"k1 sleep_problem", "k2 low_mood"}), cross_wrong={"k3 low_mood": Row("提不起劲", "low_mood", "sleep_problem")},
    held_back=HELD_BACK, crisis=(ACTIVE, IDIOM), stories_total=3, stories_failed=(), p50_ms=12.0, p95_ms=30.0, personas=(NURSE,),
)  # fmt: skip


def test_the_same_model_passes_beside_itself() -> None:
    found = compared(PROVED, PROVED)
    assert (found.verdict, found.blocks, found.falls) == (PASSED, (), ())


def test_figures_come_back_from_json_as_they_went() -> None:
    stored = json.loads(json.dumps(PROVED.as_json()))
    stored["personas"] = [{"id": "nurse", "who": "护士", "faults": [], "checks": []}]
    assert Figures.of_json(stored) == PROVED
    assert compare(stored, stored)["verdict"] == PASSED
    assert stored["crisis_recall"] == 1.0


@pytest.mark.parametrize(
    ("seen", "understood", "verdict"), [(39, 35, PASSED), (40, 34, PASSED), (38, 35, BLOCKED), (40, 33, BLOCKED)]
)
def test_a_risk_group_may_lose_one_text_and_not_two(seen: int, understood: int, verdict: str) -> None:
    found = compared(PROVED, replace(PROVED, crisis=(replace(ACTIVE, seen=seen, understood=understood), IDIOM)))
    assert found.verdict == verdict
    assert found.shown["crisis"][0]["is_worse"] is (verdict == BLOCKED)


def test_a_group_that_grew_is_held_to_its_misses() -> None:
    grown = replace(ACTIVE, rows=50, seen=50, understood=45, caught=50)
    assert compared(PROVED, replace(PROVED, crisis=(grown, IDIOM))).verdict == PASSED
    assert compared(PROVED, replace(PROVED, crisis=(replace(grown, understood=40), IDIOM))).verdict == BLOCKED


def test_a_group_that_is_no_longer_measured_blocks() -> None:
    assert compared(PROVED, replace(PROVED, crisis=(IDIOM,))).verdict == BLOCKED


def test_more_false_alarms_need_a_reason_and_do_not_block() -> None:
    found = compared(PROVED, replace(PROVED, crisis=(ACTIVE, replace(IDIOM, understood=35))))
    assert found.verdict == FALLS
    assert "夸张的口头话" in found.falls[0]


def test_a_new_fault_of_a_persona_blocks_and_an_old_one_does_not() -> None:
    faulty = replace(PROVED, personas=(replace(NURSE, faults=("没有给热线",), checks=("line",)),))
    found = compared(PROVED, faulty)
    assert found.verdict == BLOCKED
    assert "护士" in found.blocks[0]
    assert "没有给热线" in found.blocks[0]
    other_words = replace(faulty, personas=(replace(NURSE, faults=("没有给热线，第3轮",), checks=("line",)),))
    assert compared(faulty, other_words).verdict == PASSED


def test_personas_that_were_not_heard_block() -> None:
    assert compared(PROVED, replace(PROVED, personas=None)).verdict == BLOCKED
    assert compared(PROVED, replace(PROVED, personas=())).verdict == BLOCKED


def test_without_an_old_model_nothing_falls_but_the_floors_hold() -> None:
    weak = replace(PROVED, stories_failed=(FailedStory("a", "t.yml", 3, "utter_a", "utter_b"),))
    assert compared(None, weak).verdict == PASSED
    assert compared(None, replace(PROVED, crisis=(replace(ACTIVE, caught=24), IDIOM))).verdict == PASSED
    assert compared(None, replace(PROVED, crisis=(replace(ACTIVE, caught=23), IDIOM))).verdict == BLOCKED
    unseen = replace(ACTIVE, group="past", title="以前试过", rows=5, seen=0, understood=0, caught=0)
    assert compared(None, replace(PROVED, crisis=(ACTIVE, unseen))).verdict == BLOCKED
    assert compared(None, replace(PROVED, crisis=(IDIOM,))).verdict == BLOCKED
    assert compared(None, replace(PROVED, personas=(replace(NURSE, faults=("x",), checks=("line",)),))).verdict == BLOCKED


@pytest.mark.parametrize(("wrong", "verdict"), [(1, PASSED), (2, FALLS)])
def test_held_back_accuracy_may_fall_by_one_point(wrong: int, verdict: str) -> None:
    rows = tuple(replace(row, got="low_mood") if place < wrong else row for place, row in enumerate(HELD_BACK))
    found = compared(PROVED, replace(PROVED, held_back=rows))
    assert found.verdict == verdict
    assert [line["text"] for line in found.shown["worse"]] == [row.text for row in rows[:wrong]]


def test_held_back_rows_that_only_one_was_asked_do_not_count() -> None:
    added = tuple(Row(f"新来的{number}", "low_mood", "sleep_problem") for number in range(30))
    assert compared(PROVED, replace(PROVED, held_back=HELD_BACK + added)).verdict == PASSED


@pytest.mark.parametrize(("f1", "verdict"), [(0.75, PASSED), (0.74, FALLS)])
def test_an_intent_may_fall_by_five_points(f1: float, verdict: str) -> None:
    found = compared(PROVED, replace(PROVED, intents={**PROVED.intents, "low_mood": replace(SLEEP, f1=f1)}))
    assert found.verdict == verdict
    assert found.shown["intents"][0] == {
        "intent": "low_mood", "examples": 100, "old_f1": 0.8, "new_f1": f1, "change": round(f1 - 0.8, 4),
    }  # fmt: skip


def test_a_story_that_failed_none_before_needs_a_reason() -> None:
    failed = FailedStory("想聊睡眠", "tests/dialogue/topics.yml", 12, "utter_sleep", "utter_ask")
    found = compared(PROVED, replace(PROVED, stories_failed=(failed,)))
    assert found.verdict == FALLS
    assert "想聊睡眠" in found.falls[0]
    again = replace(PROVED, stories_failed=(replace(failed, got="utter_other"),))
    assert compared(again, again).verdict == PASSED


def test_sentences_that_moved_are_listed_where_both_models_had_them() -> None:
    new = replace(
        PROVED,
        cross_right=frozenset({"k1 sleep_problem", "k3 low_mood", "k9 low_mood"}),
        cross_wrong={
            "k2 low_mood": Row("没意思", "low_mood", "sleep_problem"),
            "k8 low_mood": Row("新的", "low_mood", "sleep_problem"),
        },
    )
    shown = compared(PROVED, new).shown
    assert shown["better"] == [{"text": "提不起劲", "intent": "low_mood", "old": "sleep_problem", "new": "low_mood"}]
    assert shown["worse"] == [{"text": "没意思", "intent": "low_mood", "old": "low_mood", "new": "sleep_problem"}]


def test_confusion_is_shown_over_confused_labels_with_the_right_ones_on_the_diagonal() -> None:
    confusion = compared(PROVED, PROVED).shown["confusion"]
    assert confusion == {"labels": ["low_mood", "sleep_problem"], "old": [[80, 1], [0, 80]], "new": [[80, 1], [0, 80]]}


def test_score_counts_what_was_wanted() -> None:
    rows = [("a", "a"), ("a", "b"), ("b", "b"), ("b", "c")]
    by_label = figures_by_label(rows)
    assert by_label == {"a": IntentFigures(2, 1.0, 0.5, 0.6667), "b": IntentFigures(2, 0.5, 0.5, 0.5)}
    assert score(rows).accuracy == 0.5
    assert score([]) == Score(0, 0.0, 0.0)
