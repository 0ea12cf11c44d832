"""Which messages are worth a look, and why."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.domain.conversation import Understanding
from bot.domain.inbox import REASONS, Before, Reason, group_score, is_protest, is_sampled, merged, reasons_of, telling

NOW = dt.datetime(2026, 11, 30, 4, 0, tzinfo=dt.timezone.utc)
UNSAMPLED = next(number for number in range(1, 100) if not is_sampled(number))


def reasons(understood: Understanding, before: Before | None = None) -> list[Reason]:
    return reasons_of(UNSAMPLED, understood, NOW, before)


def test_a_sure_understanding_gives_no_reason() -> None:
    assert reasons(Understanding("sleep_problem", 0.93, runner_up="anxiety", runner_up_confidence=0.04)) == []


def test_doubt_and_a_near_second_are_two_reasons() -> None:
    found = reasons(Understanding("union_service", 0.2, runner_up="find_station", runner_up_confidence=0.18))
    assert found == [Reason.LOW_CONFIDENCE, Reason.RUNNER_UP]
    assert reasons(Understanding("deny", 0.55, runner_up="complain", runner_up_confidence=0.41)) == [Reason.RUNNER_UP]


def test_a_fallback_is_no_low_confidence_as_well() -> None:
    assert reasons(Understanding("nlu_fallback", 0.18, runner_up="help", runner_up_confidence=0.17)) == [Reason.FALLBACK]


def test_an_intent_that_the_screen_set_raises_no_doubt() -> None:
    assert reasons(Understanding("disclose_self_harm", 1.0)) == []


def test_another_topic_within_minutes_is_a_turn_but_not_an_hour_later() -> None:
    anxious = Understanding("anxiety", 0.9)
    assert reasons(anxious, Before("work_stress", NOW - dt.timedelta(minutes=3))) == [Reason.CHANGED_TOPIC]
    assert reasons(anxious, Before("work_stress", NOW - dt.timedelta(hours=1))) == []
    assert reasons(anxious, Before("anxiety", NOW - dt.timedelta(minutes=3))) == []
    assert reasons(anxious, Before("greet", NOW - dt.timedelta(minutes=3))) == []


def test_about_one_message_in_fifty_is_sampled_and_always_the_same_ones() -> None:
    sampled = [number for number in range(10_000) if is_sampled(number)]
    assert 150 < len(sampled) < 250
    assert reasons_of(sampled[0], Understanding("greet", 1.0), NOW, None) == [Reason.SAMPLE]


@pytest.mark.parametrize(
    "text",
    [
        "你没听懂", "你没听懂我的意思", "不是这个意思", "我不是这个意思啊", "答非所问", "你理解错了", "听不懂人话吗", "我说的不是这个", "驴唇不对马嘴", "跟你说不是一回事",
        "你说的什么呀", "你到底在说什么", "你根本不明白我的意思", "没明白我说的", "我问的不是社保", "你误会我了", "扯远了吧",
    ],
)  # fmt: skip
def test_who_says_that_the_program_did_not_understand_is_heard(text: str) -> None:
    assert is_protest(text)


@pytest.mark.parametrize(
    "text",
    [
        "他没听懂我的意思就开骂", "老公听不懂我说什么", "孩子听不懂课", "你说得对", "我不是这个厂的", "领导说我理解错了", "我没什么意思", "谢谢你听我说",
        "培训的时候师傅讲得快我没听懂", "我跟组长说了三遍，他都没听明白，最后还怪我没说清楚", "你说我该怎么办",
    ],
)  # fmt: skip
def test_who_tells_of_others_is_not_taken_for_protesting(text: str) -> None:
    assert not is_protest(text)


def test_every_reason_has_its_words_and_its_weight() -> None:
    assert set(REASONS) == {reason.value for reason in Reason}
    assert all(telling([reason.value]) > 0 for reason in Reason)


def test_a_persons_word_outweighs_the_programs_doubt_and_number_counts_a_little() -> None:
    assert merged(["sample", "fallback"], ["thumbs_down", "fallback"]) == ["thumbs_down", "fallback", "sample"]
    doubts = group_score([telling(["low_confidence"])] * 4)
    assert group_score([telling(["low_confidence"])]) < doubts < group_score([telling(["thumbs_down"])])
    assert group_score([]) == 0.0
