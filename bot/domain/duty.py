"""Who is on duty at a moment, when somebody will be, and whom to offer a case; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.errors import Incomplete
from bot.domain.risk import RiskLevel

DAY_MINUTES = 1440
SEEN_WITHIN = dt.timedelta(seconds=45)  # policy: a console says that it is there every 15 seconds
LOOKED_AHEAD_DAYS = 28  # policy: further than four weeks no plan is trusted
_MOST_SPANS, _LONGEST_TITLE = 200, 64

Minutes = tuple[int, int]  # of a local day, the end not included, 1440 is midnight
Spell = tuple[dt.datetime, dt.datetime]  # UTC, the end not included


@dataclass(frozen=True)
class WeeklySpan:
    """On duty every week; `weekday` 1 is Monday."""

    weekday: int
    start_minute: int
    end_minute: int


@dataclass(frozen=True)
class DayException:
    """One day that differs: on duty (or not) from start to end, minutes of that local day."""

    on_date: dt.date
    is_working: bool
    start_minute: int = 0
    end_minute: int = DAY_MINUTES
    title: str = ""


@dataclass(frozen=True)
class Plan:
    """When one account is on duty, in its own time zone; `holidays` are everybody's, its own `exceptions` go before them."""

    timezone: str
    spans: tuple[WeeklySpan, ...] = ()
    exceptions: tuple[DayException, ...] = ()
    holidays: tuple[DayException, ...] = ()

    @property
    def is_set_up(self) -> bool:
        return bool(self.spans) or any(each.is_working for each in self.exceptions)


def minutes_on(plan: Plan, day: dt.date) -> list[Minutes]:
    """The spans of one local day, in order, none touching the next.

    A working day of everybody (调休) counts for who has shifts at all.
    """
    found = [(each.start_minute, each.end_minute) for each in plan.spans if each.weekday == day.isoweekday()]
    for exceptions in (plan.holidays if plan.spans else (), plan.exceptions):
        today = [each for each in exceptions if each.on_date == day]
        for each in today:
            if not each.is_working:
                found = _without(found, (each.start_minute, each.end_minute))
        found += [(each.start_minute, each.end_minute) for each in today if each.is_working]
    return _joined(found)


def spells(plan: Plan, since: dt.datetime, until: dt.datetime) -> Iterator[Spell]:
    """When the account is on duty between two moments, in UTC and in order; spans that meet at midnight are one.

    In the hour that a clock change repeats a span lasts from the first to the second; one that a change leaves out is moved on.
    """
    zone = ZoneInfo(plan.timezone)
    day, last = since.astimezone(zone).date() - dt.timedelta(days=1), until.astimezone(zone).date()
    current: Spell | None = None
    while day <= last:
        for start, end in minutes_on(plan, day):
            spell = _at(day, start, zone), _at(day, end, zone, is_end=True)
            if current is not None and spell[0] <= current[1]:
                current = current[0], max(current[1], spell[1])
                continue
            if current is not None and current[1] > since and current[0] < until:
                yield current
            current = spell
        day += dt.timedelta(days=1)
    if current is not None and current[1] > since and current[0] < until:
        yield current


def is_on_duty(plan: Plan, now: dt.datetime) -> bool:
    """Whether this moment lies in a span of the plan."""
    return any(start <= now < end for start, end in spells(plan, now, now + dt.timedelta(microseconds=1)))


def next_on_duty_at(plans: Iterable[Plan], now: dt.datetime) -> dt.datetime | None:
    """The first moment from now on at which one of them is on duty, `now` when one is; None within LOOKED_AHEAD_DAYS."""
    until = now + dt.timedelta(days=LOOKED_AHEAD_DAYS)
    firsts = [next(spells(plan, now, until), None) for plan in plans]
    return min((max(first[0], now) for first in firsts if first is not None), default=None)


@dataclass(frozen=True)
class Helper:
    """An account that could take a case. `load`: live cases it has; `busy_at`: when it last accepted one, None for never.

    `is_reserve`: a supervisor, asked when no counsellor is free.
    """

    account_id: str
    is_on_duty: bool
    is_present: bool
    load: int
    capacity: int
    gender: str | None = None
    skills: frozenset[str] = frozenset()
    busy_at: dt.datetime | None = None
    is_reserve: bool = False


@dataclass(frozen=True)
class Need:
    """What a case asks for; `skills`: its topic, `overseas`, a language such as `lang:yue`."""

    level: RiskLevel
    gender: str | None = None
    skills: frozenset[str] = frozenset()


def candidates(helpers: Iterable[Helper], need: Need, excluding: Collection[str] = ()) -> list[str]:
    """Whom to offer a case, the best first: who is there, on duty, has room, and is not among `excluding`.

    The gender asked for comes first, then what they know of the need, then the least load, then the longest idle. At high and
    imminent a counsellor may have one case more than their capacity.
    """
    room = 1 if need.level >= RiskLevel.HIGH else 0

    def is_free(helper: Helper) -> bool:
        fits = helper.is_present and helper.is_on_duty and helper.load < helper.capacity + room
        return fits and helper.capacity > 0 and helper.account_id not in excluding

    def order(helper: Helper) -> tuple[bool, bool, int, int, float, str]:
        is_other_gender = need.gender is not None and helper.gender != need.gender
        known = len(need.skills & helper.skills)
        busy = helper.busy_at.timestamp() if helper.busy_at else float("-inf")
        return helper.is_reserve, is_other_gender, -known, helper.load, busy, helper.account_id

    return [helper.account_id for helper in sorted(filter(is_free, helpers), key=order)]


def read_minutes(text: object) -> int:
    """Minutes of a day from `HH:MM`, 24:00 is 1440; raises ValueError."""
    if not isinstance(text, str) or len(text) != 5 or text[2] != ":" or not (text[:2] + text[3:]).isascii():
        raise ValueError(text)
    hours, minutes = int(text[:2]), int(text[3:])
    if not (0 <= minutes < 60 and 0 <= hours * 60 + minutes <= DAY_MINUTES and text[:2].isdigit() and text[3:].isdigit()):
        raise ValueError(text)
    return hours * 60 + minutes


def shown_minutes(minute: int) -> str:
    """`HH:MM` of minutes of a day."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def read_week(raw: object) -> list[WeeklySpan]:
    """Weekly spans from the page, overlaps joined; an end at or before the start is the next morning. Raises Incomplete."""
    found: list[WeeklySpan] = []
    for each in _rows(raw, "shifts"):
        try:
            weekday, start, end = each["weekday"], read_minutes(each["start"]), read_minutes(each["end"])
        except (KeyError, TypeError, ValueError):
            raise _wrong("shifts") from None
        if not isinstance(weekday, int) or isinstance(weekday, bool) or not 1 <= weekday <= 7 or start == DAY_MINUTES:
            raise _wrong("shifts")
        parts = [(weekday, start, end)] if start < end else [(weekday, start, DAY_MINUTES), (weekday % 7 + 1, 0, end)]
        found += [WeeklySpan(*part) for part in parts if part[1] < part[2]]
    days = {day: [(each.start_minute, each.end_minute) for each in found if each.weekday == day] for day in range(1, 8)}
    return [WeeklySpan(day, start, end) for day, spans in days.items() for start, end in _joined(spans)]


def read_exceptions(raw: object, field: str) -> list[DayException]:
    """Days that differ, from the page, by date; without times the whole day, without `is_working` off. Raises Incomplete naming `field`."""
    found: list[DayException] = []
    for each in _rows(raw, field):
        try:
            on_date = dt.date.fromisoformat(each["on_date"])
            start, end = read_minutes(each.get("start", "00:00")), read_minutes(each.get("end", "24:00"))
        except (KeyError, TypeError, ValueError, AttributeError):
            raise _wrong(field) from None
        is_working, title = each.get("is_working", False), each.get("title") or ""
        if start >= end or not isinstance(is_working, bool) or not isinstance(title, str):
            raise _wrong(field)
        found.append(DayException(on_date, is_working, start, end, " ".join(title.split())[:_LONGEST_TITLE]))
    return sorted(found, key=lambda each: (each.on_date, each.start_minute, each.end_minute, each.is_working))


def _rows(raw: object, field: str) -> Sequence[dict[str, Any]]:
    if not isinstance(raw, list) or len(raw) > _MOST_SPANS or not all(isinstance(each, dict) for each in raw):
        raise _wrong(field)
    return raw


def _wrong(field: str) -> Incomplete:
    return Incomplete([field], reader_text="时间没写对：每段要有开始和结束，像 09:00 到 18:00，日期像 2026-11-22。")


def _at(day: dt.date, minute: int, zone: ZoneInfo, *, is_end: bool = False) -> dt.datetime:
    """The moment that a local clock shows this minute: of two the first, as an end the later."""
    local = dt.datetime.combine(day, dt.time.min) + dt.timedelta(minutes=minute)
    first = local.replace(tzinfo=zone).astimezone(dt.timezone.utc)
    return max(first, local.replace(tzinfo=zone, fold=1).astimezone(dt.timezone.utc)) if is_end else first


def _joined(spans: Iterable[Minutes]) -> list[Minutes]:
    found: list[Minutes] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _without(spans: Iterable[Minutes], hole: Minutes) -> list[Minutes]:
    parts = [part for start, end in spans for part in ((start, min(end, hole[0])), (max(start, hole[1]), end))]
    return [(start, end) for start, end in parts if start < end]
