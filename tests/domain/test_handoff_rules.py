"""The rules of a handoff: the table of DESIGN 4 to the letter, the order of the queue, the clocks, and what a close needs."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from bot.domain.conversation import ConversationState
from bot.domain.errors import IllegalTransition
from bot.domain.handoff import (
    Deed,
    HandoffOutcome,
    HandoffPolicy,
    HandoffReason,
    Standing,
    after,
    missing_to_close,
    queue_rank,
    reason_for,
)
from bot.domain.risk import RiskLevel

BOT, WAITING, COUNSELLOR, CLOSED = ConversationState
FREE = Standing()
ALLOWED = {
    (BOT, Deed.REQUEST): WAITING, (BOT, Deed.CLOSE): CLOSED,
    (WAITING, Deed.REQUEST): WAITING, (WAITING, Deed.ACCEPT): COUNSELLOR, (WAITING, Deed.RELEASE): BOT, (WAITING, Deed.EXPIRE): BOT,
    (WAITING, Deed.CLOSE): CLOSED,
    (COUNSELLOR, Deed.REQUEST): COUNSELLOR, (COUNSELLOR, Deed.RELEASE): BOT, (COUNSELLOR, Deed.TRANSFER): WAITING,
    (COUNSELLOR, Deed.CLOSE): CLOSED,
    (CLOSED, Deed.REQUEST): WAITING, (CLOSED, Deed.REOPEN): BOT,
}  # fmt: skip
GUARDED = {(WAITING, Deed.RELEASE), (COUNSELLOR, Deed.RELEASE), (BOT, Deed.CLOSE), (WAITING, Deed.CLOSE)}
DANGER = [
    Standing(has_open_alert=True), Standing(level=RiskLevel.HIGH), Standing(level=RiskLevel.IMMINENT),
    Standing(has_open_alert=True, level=RiskLevel.HIGH, is_set_by_human=True),
]  # fmt: skip


@pytest.mark.parametrize(("state", "deed"), itertools.product(ConversationState, Deed))
def test_the_table_of_the_design_is_carried_out_to_the_letter(state: ConversationState, deed: Deed) -> None:
    if (state, deed) in ALLOWED:
        assert after(state, deed, FREE) is ALLOWED[state, deed]
    else:
        with pytest.raises(IllegalTransition):
            after(state, deed, FREE)


@pytest.mark.parametrize("standing", DANGER)
def test_what_a_star_guards_is_refused_in_danger_and_nothing_else(standing: Standing) -> None:
    for place in ALLOWED:
        if place in GUARDED:
            with pytest.raises(IllegalTransition):
                after(*place, standing)
        elif place[1] is not Deed.EXPIRE:
            assert after(*place, standing) is ALLOWED[place]


def test_a_level_that_a_human_has_set_guards_no_more() -> None:
    assert after(COUNSELLOR, Deed.RELEASE, Standing(level=RiskLevel.IMMINENT, is_set_by_human=True)) is BOT


@pytest.mark.parametrize("level", RiskLevel)
def test_only_below_high_a_wait_expires(level: RiskLevel) -> None:
    wanted = WAITING if level >= RiskLevel.HIGH else BOT
    assert after(WAITING, Deed.EXPIRE, Standing(level=level)) is wanted


def test_the_queue_goes_by_danger_first_then_by_what_was_asked() -> None:
    reasons = sorted(HandoffReason, key=lambda each: queue_rank(each, RiskLevel.NONE))
    assert reasons[:2] == [HandoffReason.IMMINENT, HandoffReason.HIGH]
    assert reasons[-1] is HandoffReason.WATCH_REVIEW
    assert queue_rank(HandoffReason.ASKED_FOR_PERSON, RiskLevel.IMMINENT) == 0
    assert queue_rank(HandoffReason.IMMINENT, RiskLevel.NONE) == 0
    assert queue_rank(HandoffReason.WATCH_REVIEW, RiskLevel.HIGH) == 4, "nobody waits for it"
    for low, high in itertools.pairwise(RiskLevel):
        assert queue_rank(HandoffReason.NOT_UNDERSTOOD, high) <= queue_rank(HandoffReason.NOT_UNDERSTOOD, low)


def test_the_clocks_are_those_of_the_yardstick() -> None:
    policy = HandoffPolicy()
    asked = HandoffReason.ASKED_FOR_PERSON
    within = [policy.accept_within(asked, level).total_seconds() for level in RiskLevel]
    assert within == [900, 900, 180, 60]
    assert policy.accept_within(HandoffReason.WATCH_REVIEW, RiskLevel.WATCH) == dt.timedelta(hours=24)


def test_the_reason_that_a_level_gives() -> None:
    assert [reason_for(level) for level in RiskLevel] == [
        HandoffReason.WATCH_REVIEW, HandoffReason.WATCH_REVIEW, HandoffReason.HIGH, HandoffReason.IMMINENT,
    ]  # fmt: skip


@pytest.mark.parametrize("level", RiskLevel)
def test_a_case_of_danger_needs_all_four_and_another_only_its_outcome(level: RiskLevel) -> None:
    wanted = ["outcome", "level_after", "follow_up", "summary"] if level >= RiskLevel.HIGH else ["outcome"]
    assert missing_to_close(level, None, None, False, " ") == wanted
    assert missing_to_close(level, HandoffOutcome.TALKED, RiskLevel.NONE, True, "谈过") == []
