"""Which lines are shown where and when: emergency first, closed ones never, unknown hours never claimed as open."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.domain.hotline import EmergencyNumbers, Hotline, OpenSpan, is_mainland, lines_for

WEEK = frozenset(range(1, 8))
KINDS = frozenset({"emergency", "psychological"})


def _line(number: str, kind: str = "psychological", spans: tuple[OpenSpan, ...] | None = None, **changes: object) -> Hotline:
    plain: dict[str, object] = {
        "id": number, "number": number, "name": f"线{number}", "what": "", "kind": kind, "timezone": "Asia/Shanghai", "spans": spans,
        "is_verified": True, "is_for_mainland": True, "numbers_abroad": (),
    }  # fmt: skip
    return Hotline(**{**plain, **changes})  # type: ignore[arg-type]


def _at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    """November 2026 in Beijing; the 23rd is a Monday."""
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=dt.timezone(dt.timedelta(hours=8)))


ALWAYS = (OpenSpan(WEEK, 0, 1440),)
OFFICE = (OpenSpan(frozenset({1, 2, 3, 4, 5}), 510, 690), OpenSpan(frozenset({1, 2, 3, 4, 5}), 870, 1050))


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (_at(23, 8, 29), False), (_at(23, 8, 30), True), (_at(23, 11, 29), True), (_at(23, 11, 30), False), (_at(23, 15), True),
        (_at(28, 9), False), (_at(22, 15), False), (_at(23, 9).astimezone(dt.timezone.utc), True),
    ],
)  # fmt: skip
def test_a_line_is_open_in_its_own_hours(moment: dt.datetime, is_open: bool) -> None:
    assert _line("1", spans=OFFICE).is_open(moment) is is_open


def test_a_line_with_unknown_hours_is_neither_open_nor_closed() -> None:
    assert _line("12356").is_open(_at(23, 9)) is None
    assert _line("120", spans=ALWAYS).is_open(_at(22, 23, 59)) is True


def test_emergency_numbers_stand_first_and_unknown_hours_say_so() -> None:
    lines = [_line("12356"), _line("120", "emergency", ALWAYS), _line("7", spans=OFFICE)]
    shown = lines_for(lines, None, "Asia/Shanghai", _at(23, 9), kinds=KINDS)
    assert [(line.number, line.open_now) for line in shown] == [("120", True), ("12356", None), ("7", True)]
    assert [line.hours for line in shown] == ["24小时", "可能不在服务时间", "现在开着"]


def test_closed_unverified_foreign_and_other_kinds_of_lines_are_left_out() -> None:
    lines = [
        _line("120", "emergency", ALWAYS), _line("closed", spans=OFFICE), _line("unsure", is_verified=False),
        _line("abroad", is_for_mainland=False), _line("12348", "rights"),
    ]  # fmt: skip
    assert [line.number for line in lines_for(lines, None, "Asia/Shanghai", _at(23, 3), kinds=KINDS)] == ["120"]


CONSULAR = _line("12308", "rights", ALWAYS, numbers_abroad=("+86-10-12308", "+86-10-65612308"))


def test_abroad_the_local_numbers_come_first_then_the_consular_line() -> None:
    local = EmergencyNumbers("日本", police="110", ambulance="119")
    shown = lines_for([_line("120", "emergency", ALWAYS), CONSULAR], local, "Asia/Tokyo", _at(23, 9), kinds=KINDS)
    assert [(line.number, line.name) for line in shown] == [
        ("119", "日本急救"), ("110", "日本报警"), ("+86-10-12308", "线12308"),
    ]  # fmt: skip


def test_in_an_unknown_country_the_reader_is_told_to_ask() -> None:
    shown = lines_for([_line("120", "emergency", ALWAYS), CONSULAR], None, "Antarctica/Troll", _at(23, 9), kinds=KINDS)
    assert [(line.number, line.name) for line in shown] == [("", "当地急救电话"), ("+86-10-12308", "线12308")]


@pytest.mark.parametrize(
    ("zone", "expected"), [("Asia/Shanghai", True), ("Asia/Urumqi", True), ("Asia/Hong_Kong", False), ("UTC", False)]
)
def test_the_mainland_is_told_by_its_time_zones(zone: str, expected: bool) -> None:
    assert is_mainland(zone) is expected
