"""Whom a waiting case is told to outside the console, tier by tier, and how deliveries are spaced."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.domain.notification import MOST_ATTEMPTS, ROBOTS, Channel, Colleague, Target, pause_after, targets_of
from bot.domain.risk import RiskLevel

LIN = Colleague("lin", True, False, True, "lin@x.cn")
ZHOU = Colleague("zhou", True, False, True, "zhou@x.cn", "139")
OFF = Colleague("off", True, False, False, "off@x.cn")
GU = Colleague("gu", False, True, False, "gu@x.cn", "138", on_call_rank=2)
HEAD = Colleague("head", False, False, False, "head@x.cn", "137", on_call_rank=1)
TEAM = [LIN, ZHOU, OFF, GU, HEAD]


def _told(
    tier: int, level: RiskLevel, team: list[Colleague] | None = None, **named: list[str]
) -> tuple[set[Channel], set[str], list[str]]:
    """Channels without a person, mailboxes, and phones in order."""
    found = targets_of(tier, level, TEAM if team is None else team, **named)  # type: ignore[arg-type]
    assert len(set(found)) == len(found)
    plain = {each.channel for each in found if each.address is None}
    mails = {str(each.address) for each in found if each.channel is Channel.EMAIL}
    return plain, mails, [str(each.address) for each in found if each.channel is Channel.WEBHOOK and each.address]


def test_a_request_stays_in_the_console_unless_it_is_danger() -> None:
    assert targets_of(0, RiskLevel.NONE, TEAM) == targets_of(0, RiskLevel.WATCH, TEAM) == []
    assert targets_of(0, RiskLevel.HIGH, TEAM) == [Target(each) for each in ROBOTS]


def test_imminent_is_told_by_every_channel_at_once() -> None:
    assert _told(0, RiskLevel.IMMINENT) == ({*ROBOTS, Channel.WEBHOOK}, {"gu@x.cn"}, [])


def test_each_breach_goes_on_to_the_next_and_who_was_told_stays_told() -> None:
    assert _told(1, RiskLevel.NONE, asked=["lin"]) == ({*ROBOTS}, {"zhou@x.cn"}, [])
    assert _told(2, RiskLevel.NONE, asked=["lin"]) == ({*ROBOTS}, {"zhou@x.cn", "gu@x.cn"}, [])
    assert _told(3, RiskLevel.HIGH) == ({*ROBOTS, Channel.WEBHOOK}, {"lin@x.cn", "zhou@x.cn", "gu@x.cn", "head@x.cn"}, ["137"])
    assert _told(4, RiskLevel.HIGH)[2] == _told(9, RiskLevel.HIGH)[2] == ["137", "138"]


@pytest.mark.parametrize("level", [RiskLevel.HIGH, RiskLevel.IMMINENT])
def test_in_danger_with_nobody_on_duty_the_on_call_chain_is_told_at_once(level: RiskLevel) -> None:
    away = [OFF, GU, HEAD]
    assert _told(0, level, away)[2] == ["137"]
    assert _told(1, level, away)[2] == ["137", "138"]
    assert _told(0, level, [])[0] == {*ROBOTS, Channel.WEBHOOK}


def test_an_ordinary_request_with_nobody_on_duty_wakes_nobody() -> None:
    assert _told(1, RiskLevel.NONE, [OFF, GU, HEAD]) == ({*ROBOTS}, set(), [])


def test_pauses_double_up_to_five_minutes_and_chance_only_shortens_them() -> None:
    whole = [pause_after(each, 0.0).total_seconds() for each in range(1, 12)]
    assert whole == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    assert pause_after(3, 1.0) == dt.timedelta(seconds=4)
    assert (
        dt.timedelta(minutes=15)
        < sum((pause_after(each, 0.5) for each in range(1, MOST_ATTEMPTS)), dt.timedelta())
        < dt.timedelta(minutes=30)
    )
