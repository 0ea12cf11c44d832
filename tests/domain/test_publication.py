"""Who may publish which model when, what a rollback goes back to, and which arm a conversation takes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import Incomplete, PublishRefused, SecondPersonNeeded
from bot.domain.publication import (
    BLOCKED,
    CANDIDATE,
    CONTROL,
    FALLS,
    PASSED,
    PUBLISH,
    ROLLBACK,
    UNPROVEN,
    Move,
    Standing,
    arm_of,
    free_slot,
    model_before,
    require_publishable,
    require_reason,
    require_rollback,
    require_share,
)

GOOD = Standing(trained_by="林老师", verdict=PASSED, is_applied=True, is_live=False)


def test_a_second_person_publishes_what_passed() -> None:
    require_publishable(GOOD, "王敏", "")


@pytest.mark.parametrize("by", ["林老师", " 林 老师 ", "林老师　"])
def test_cannot_publish_what_one_trained_oneself(by: str) -> None:
    with pytest.raises(SecondPersonNeeded):
        require_publishable(GOOD, by, "")


def test_anybody_publishes_what_nobody_of_the_studio_trained() -> None:
    require_publishable(replace(GOOD, trained_by=None), "林老师", "")


@pytest.mark.parametrize(
    ("standing", "word"),
    [
        (replace(GOOD, verdict=BLOCKED), "安全"),
        (replace(GOOD, verdict=UNPROVEN), "验证"),
        (replace(GOOD, verdict="something else"), "验证"),
        (replace(GOOD, is_applied=False), "改动单"),
        (replace(GOOD, is_live=True), "已经在用"),
        (replace(GOOD, unfit="模型文件坏了"), "坏了"),
        (replace(GOOD, verdict=FALLS), "为什么"),
    ],
)
def test_cannot_publish_without_all_of_it(standing: Standing, word: str) -> None:
    with pytest.raises(PublishRefused) as refused:
        require_publishable(standing, "王敏", "  ")
    assert word in refused.value.reader_text


def test_no_reason_opens_the_safety_gate() -> None:
    with pytest.raises(PublishRefused):
        require_publishable(replace(GOOD, verdict=BLOCKED), "王敏", "我觉得没事")


def test_a_fall_is_published_with_a_reason() -> None:
    require_publishable(replace(GOOD, verdict=FALLS), "王敏", "这个意图本来就要并掉")


def test_cannot_go_back_without_a_reason_or_a_model_before() -> None:
    with pytest.raises(Incomplete):
        require_rollback("m1", None, " ")
    with pytest.raises(PublishRefused, match="nothing before"):
        require_rollback(None, None, "答得不对")
    with pytest.raises(PublishRefused, match="unfit"):
        require_rollback("m1", "文件不在了", "答得不对")
    assert require_rollback("m1", None, "答得不对") == "m1"


def test_each_rollback_takes_one_publication_back() -> None:
    moves = [Move(PUBLISH, "b", "a"), Move(PUBLISH, "c", "b")]
    assert model_before(moves) == "b"
    moves.append(Move(ROLLBACK, "b", "c"))
    assert model_before(moves) == "a"
    moves.append(Move(ROLLBACK, "a", "b"))
    assert model_before(moves) is None
    moves.append(Move(PUBLISH, "d", "a"))
    assert model_before(moves) == "a"


def test_nothing_published_means_nothing_to_go_back_to() -> None:
    assert model_before([]) is None
    assert model_before([Move(PUBLISH, "a", None)]) is None


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=12))
def test_going_back_ends_at_the_first_model_whatever_was_published(names: list[str]) -> None:
    live, moves = "first", []
    for name in names:
        moves.append(Move(PUBLISH, name, live))
        live = name
    for _ in names:
        target = model_before(moves)
        assert target is not None
        moves.append(Move(ROLLBACK, target, live))
        live = target
    assert (live, model_before(moves)) == ("first", None)


@given(st.uuids(), st.integers(1, 50))
def test_a_conversation_keeps_its_arm_and_a_larger_share_only_adds(conversation: object, share: int) -> None:
    name = str(conversation)
    assert arm_of(name, 3, share) == arm_of(name, 3, share)
    if arm_of(name, 3, share) == CANDIDATE:
        assert arm_of(name, 3, share + 1) == CANDIDATE


@pytest.mark.parametrize("share", [1, 10, 50])
def test_the_share_is_about_what_was_asked(share: int) -> None:
    taken = sum(arm_of(f"{number:032x}", 7, share) == CANDIDATE for number in range(20_000))
    assert abs(taken / 200 - share) < 1.0
    assert arm_of("x", 1, 0) == CONTROL


@pytest.mark.parametrize("share", [0, 51, "10", True, None, 1.5])
def test_cannot_share_out_more_than_half_or_nonsense(share: object) -> None:
    with pytest.raises(Incomplete):
        require_share(share)


@pytest.mark.parametrize("reason", [7, ["x"], "长" * 501, "a\x00b", "\ud800"])
def test_cannot_give_a_reason_that_is_none(reason: object) -> None:
    with pytest.raises(Incomplete):
        require_reason(reason)


def test_slot_nought_is_taken_while_no_row_is_live() -> None:
    assert free_slot([], has_live_row=False) == 1
    assert free_slot([0], has_live_row=True) == 1
    assert free_slot([1, 2], has_live_row=True) == 0
    assert free_slot([1, 2], has_live_row=False) is None
