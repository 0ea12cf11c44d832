"""When a counsellor must come back after a crisis, and the other figures that clinicians set for the time after; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from bot.domain.risk import CLEAR_LASTS, WATCH_LASTS, RiskLevel

FIRST_DAY_HOURS = 24  # CLINICAL.md: unreached at 24 hours after imminent goes to the supervisor


@dataclass(frozen=True)
class CarePolicy:
    """What clinical judgement decided without a published figure (CLINICAL.md, `policy`); each is a setting.

    `follow_up_hours`: after a crisis, rising, the first within a day. `review`: until a human has read a watch alert.
    `welcome_pause`: a pause after which a worker is asked how it has been. `watch_lasts`, `clear_lasts`: see `decayed`.
    `second_name`: how long the first name of a lowering from imminent waits for the second.
    """

    follow_up_hours: tuple[int, ...] = (24, 72, 168, 720)
    review: dt.timedelta = dt.timedelta(hours=24)
    welcome_pause: dt.timedelta = dt.timedelta(hours=12)
    watch_lasts: dt.timedelta = WATCH_LASTS
    clear_lasts: dt.timedelta = CLEAR_LASTS
    second_name: dt.timedelta = dt.timedelta(hours=24)


POLICY = CarePolicy()


class Outcome(str, Enum):
    """How a follow-up ended."""

    REACHED = "reached"
    UNREACHED = "unreached"
    DECLINED = "declined"
    OTHER = "other"


@dataclass(frozen=True)
class Place:
    """One follow-up of a plan: so many hours after the crisis, and the moment that makes."""

    hours: int
    due_at: dt.datetime


def planned(raised_at: dt.datetime, hours: Sequence[int]) -> list[Place]:
    """The follow-ups of a crisis, the earliest first."""
    return [Place(each, raised_at + dt.timedelta(hours=each)) for each in sorted(hours)]


def replanned(open_due: Sequence[dt.datetime], raised_at: dt.datetime, hours: Sequence[int]) -> list[Place | None]:
    """What a further crisis makes of the tasks still open (their due times, the earliest first).

    The i-th is due no later than the i-th of the new crisis: its new place, or None where it stays. What goes beyond
    the open ones is new. So nobody waits longer than after a first crisis, and no task stands there twice.
    """
    wanted = planned(raised_at, hours)
    moves = [place if place.due_at < due else None for due, place in zip(open_due, wanted, strict=False)]
    return [*moves, *wanted[len(open_due) :]]


def goes_to_supervisor(level: RiskLevel, hours: int, outcome: Outcome) -> bool:
    """Whether this end of a follow-up is for the supervisor: unreached on the first day after imminent."""
    return level is RiskLevel.IMMINENT and hours <= FIRST_DAY_HOURS and outcome is Outcome.UNREACHED
