"""What a worker is told of a handoff: times as one says them where the worker is, and wishes to wait no longer."""

from __future__ import annotations

import datetime as dt

import pytest
from ground import NOW, handoff_desk

from bot.domain.conversation import Author
from bot.domain.handoff_talk import HANDOFF_PAYLOAD, Queueing, gender_asked_for, spoken_time, wants_to_cancel
from bot.domain.protocol import ABROAD, Place
from bot.domain.risk import RiskLevel

HOUR = dt.timedelta(hours=1)
PLACE = Place("Asia/Shanghai", NOW)  # 2026-11-22 is a Sunday, and it is noon


@pytest.mark.parametrize(
    ("hours", "timezone", "said"),
    [
        (2, "Asia/Shanghai", "今天14:00"),
        (12, "Asia/Shanghai", "明天0:00"),
        (21, "Asia/Shanghai", "明天9:00"),
        (45, "Asia/Shanghai", "周二9:00"),
        (6 * 24, "Asia/Shanghai", "周六12:00"),
        (7 * 24, "Asia/Shanghai", "11月29日12:00"),
        (2, "Africa/Lagos", "今天7:00"),
        (20, "America/New_York", "明天19:00"),
        (2.5, "Asia/Kathmandu", "今天12:15"),
    ],
)
def test_a_moment_is_said_in_the_readers_own_time(hours: float, timezone: str, said: str) -> None:
    assert spoken_time(NOW + hours * HOUR, timezone, NOW) == said


def test_over_the_change_of_the_clocks_the_local_hour_is_said() -> None:
    evening = dt.datetime(2026, 3, 28, 20, 0, tzinfo=dt.timezone.utc)
    assert spoken_time(evening + 12 * HOUR, "Europe/Berlin", evening) == "明天10:00"


@pytest.mark.parametrize(
    ("text", "payload", "waits_in", "wanted"),
    [
        ("取消等待", None, 7, 7),
        ("取消等待", None, None, None),
        ("不等了吧", None, 7, 7),
        ("我等不了了", None, 7, None),
        ("他说不等了", None, 7, None),
        ("取消等待", HANDOFF_PAYLOAD + '{"do": "cancel", "handoff": 3}', 7, 3),
        ("取消等待", "/just_listen", 7, None),
    ],
)
def test_a_wish_to_wait_no_longer(text: str, payload: str | None, waits_in: int | None, wanted: int | None) -> None:
    assert wants_to_cancel(text, payload, waits_in) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("想找个女咨询师", "female"), ("能不能换男老师来", "male"), ("女性的心理师有吗", "female"), ("找真人", None), ("我女儿的老师", None), ("不要男咨询师", None)],
)  # fmt: skip
def test_the_gender_asked_for_is_heard(text: str, wanted: str | None) -> None:
    assert gender_asked_for(text) == wanted


@pytest.mark.parametrize("level", RiskLevel)
@pytest.mark.parametrize("next_at", [None, NOW + 2 * HOUR])
@pytest.mark.parametrize("is_on_duty", [True, False])
@pytest.mark.parametrize("timezone", ["Asia/Shanghai", ABROAD, "Africa/Lagos"])
def test_every_standing_has_its_words_and_card(
    level: RiskLevel, next_at: dt.datetime | None, is_on_duty: bool, timezone: str
) -> None:
    standing = Queueing(5, level, 2, is_on_duty, next_at, can_cancel=level < RiskLevel.HIGH)
    told = handoff_desk().waiting(standing, Place(timezone, NOW))
    assert all(each.author is Author.SYSTEM and 0 < len(each.text) <= 90 and "{" not in each.text for each in told)
    assert (told[0].custom or {})["place"] == 3
    is_danger = level >= RiskLevel.HIGH
    assert bool(told[0].buttons) == (not is_danger)
    assert len(told) == (2 if is_danger and not is_on_duty else 1)
    if timezone == ABROAD:
        assert "你那边" not in told[0].text


def test_the_end_of_a_wait_tells_the_page_so_and_a_refusal_does_not() -> None:
    desk, place = handoff_desk(), Place("Asia/Shanghai", NOW)
    over = [desk.cancelled(1, is_review=False), desk.cancelled(1, is_review=True), desk.nothing_to_cancel(1)]
    assert [each.custom for each in over] == [{"kind": "waiting_over", "lines": []}] * 3
    expired = desk.expired(1, place).custom or {}
    assert expired["kind"] == "waiting_over"
    assert expired["lines"]
    assert (desk.cannot_cancel(1, place).custom or {})["kind"] == "hotlines"
    assert (desk.late(1, RiskLevel.NONE, place).custom or {})["kind"] == "hotlines"


def test_without_an_introduction_the_coming_of_a_person_is_one_bubble() -> None:
    desk = handoff_desk()
    assert len(desk.accepted(1, "林老师", "")) == 1
    assert [each.author for each in desk.accepted(1, "林老师", "你好")] == [Author.SYSTEM, Author.COUNSELLOR]
    assert [len(desk.ended(1, asks_rating=asks)) for asks in (True, False)] == [2, 1]
