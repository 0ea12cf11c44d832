"""What the staff is told of a case outside the console, to whom, and how often a delivery is tried; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from bot.domain.handoff import BREACH_TIERS
from bot.domain.risk import RiskLevel

_ON_CALL_TIER = BREACH_TIERS.index("on_call") + 1
_SUPERVISOR_TIER = BREACH_TIERS.index("supervisor") + 1


class Channel(str, Enum):
    """A way out of the product."""

    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    WEBHOOK = "webhook"
    EMAIL = "email"


ROBOTS = (Channel.WECOM, Channel.DINGTALK, Channel.FEISHU)


@dataclass(frozen=True)
class Target:
    """Where one notice goes: `who` tells targets of one channel apart, `address` is a mailbox or a phone number."""

    channel: Channel
    who: str = ""
    address: str | None = None


@dataclass(frozen=True)
class Facts:
    """All that a notice says of a case: never a word of the worker.

    `since`: from when they have waited; `tier`: how many breaches; `is_taken`: a counsellor has it, and the level rose.
    """

    level: RiskLevel
    reason: str
    tier: int
    since: dt.datetime
    is_taken: bool = False

    def packed(self) -> dict[str, str | int]:
        return {
            "level": self.level.value, "reason": self.reason, "tier": self.tier, "since": self.since.isoformat(),
            "is_taken": self.is_taken,
        }  # fmt: skip

    @classmethod
    def unpacked(cls, packed: dict[str, str | int]) -> Facts:
        since = dt.datetime.fromisoformat(str(packed["since"]))
        return cls(RiskLevel(packed["level"]), str(packed["reason"]), int(packed["tier"]), since, bool(packed["is_taken"]))


@dataclass(frozen=True)
class Colleague:
    """Somebody who may be told by mail or phone; `on_call_rank` is the place in the on-call chain, 1 first."""

    id: str
    is_counsellor: bool
    is_supervisor: bool
    is_on_duty: bool
    email: str | None = None
    phone: str | None = None
    on_call_rank: int | None = None


def targets_of(tier: int, level: RiskLevel, colleagues: Sequence[Colleague], *, asked: Collection[str] = ()) -> list[Target]:
    """Whom to tell: nobody outside the console at an ordinary request, the robots at high, every channel at imminent (CLINICAL.md).

    Each breach of the clock goes on to the next: a second counsellor on duty (not one of `asked`), the supervisors, then the on-call
    chain, one more of it at each further breach; who was told stays told. In danger with nobody on duty the chain starts at once.
    """
    is_danger = level >= RiskLevel.HIGH
    if tier == 0 and not is_danger:
        return []
    found = [Target(each) for each in ROBOTS]
    if tier == 0 and level is RiskLevel.IMMINENT:
        found += [Target(Channel.WEBHOOK), *_mails(each for each in colleagues if each.is_supervisor)]
    if tier >= 1:
        found += _mails(each for each in colleagues if each.is_counsellor and each.is_on_duty and each.id not in asked)
    if tier >= _SUPERVISOR_TIER:
        found += _mails(each for each in colleagues if each.is_supervisor)
    links = tier - _ON_CALL_TIER + 1
    if is_danger and not any(each.is_on_duty for each in colleagues):
        links = max(links, tier + 1)
    if links > 0:
        chain = sorted((each for each in colleagues if each.on_call_rank is not None), key=lambda each: each.on_call_rank or 0)[
            :links
        ]
        found += _mails(chain)
        found += [Target(Channel.WEBHOOK, each.id, each.phone) for each in chain if each.phone]
        found.append(Target(Channel.WEBHOOK))
    return list(dict.fromkeys(found))


def _mails(colleagues: Iterable[Colleague]) -> list[Target]:
    return [Target(Channel.EMAIL, each.id, each.email) for each in colleagues if each.email]


MOST_ATTEMPTS = 12  # some 25 minutes of trying; then it is a dead letter that the console shows
LEASE = dt.timedelta(seconds=30)  # longer than a delivery may take, so that nobody else sends what is on its way
_FIRST = dt.timedelta(seconds=2)
_LONGEST = dt.timedelta(minutes=5)


def pause_after(attempts: int, chance: float) -> dt.timedelta:
    """How long to wait after so many failed attempts: doubling from two seconds to five minutes.

    `chance` (0 to 1) takes up to half of it off, so that a robot that was away does not meet everything at once.
    """
    whole = min(_FIRST * (1 << min(attempts - 1, 16)), _LONGEST)
    return whole * (1 - chance / 2)
