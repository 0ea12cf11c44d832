"""What a screen says of one message: levels, subjects, kinds and the cues that explain them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

WATCH_LASTS = dt.timedelta(days=7)  # policy, CLINICAL.md: watch decays not before 7 days,
CLEAR_LASTS = dt.timedelta(hours=24)  # or 24 hours after five clear No to the ASQ questions
SAID_AGAIN_WITHIN = dt.timedelta(hours=72)  # CLINICAL.md, levels: a passive wish said again within 72 hours is high
SAME_STRETCH = dt.timedelta(hours=6)  # policy: what is said within 6 hours belongs to one talk and its questions
DRUNK = "drunk"  # the cue of drink beside a wish


class RiskLevel(str, Enum):
    """Levels of CLINICAL.md, in rising order.

    All four comparisons are written out: `str` brings its own, by letters, and functools.total_ordering would leave those in place.
    """

    NONE = "none"
    WATCH = "watch"
    HIGH = "high"
    IMMINENT = "imminent"

    @property
    def rank(self) -> int:
        return _ORDER.index(self)

    def __lt__(self, other: object) -> bool:
        return self.rank < other.rank if isinstance(other, RiskLevel) else NotImplemented

    def __le__(self, other: object) -> bool:
        return self.rank <= other.rank if isinstance(other, RiskLevel) else NotImplemented

    def __gt__(self, other: object) -> bool:
        return self.rank > other.rank if isinstance(other, RiskLevel) else NotImplemented

    def __ge__(self, other: object) -> bool:
        return self.rank >= other.rank if isinstance(other, RiskLevel) else NotImplemented

    def raised(self) -> RiskLevel:
        """The next level above, or this one when it is the highest."""
        return _ORDER[min(self.rank + 1, len(_ORDER) - 1)]

    def lowered(self) -> RiskLevel:
        """The next level below, or this one when it is the lowest."""
        return _ORDER[max(self.rank - 1, 0)]


_ORDER = [RiskLevel.NONE, RiskLevel.WATCH, RiskLevel.HIGH, RiskLevel.IMMINENT]


class RiskSubject(str, Enum):
    """Whose life it is about."""

    NONE = "none"
    SELF = "self"
    OTHER = "other"


class RiskKind(str, Enum):
    """What the danger is."""

    NONE = "none"
    SUICIDE = "suicide"
    SELF_HARM = "self_harm"
    VIOLENCE_TO_OTHERS = "violence_to_others"
    VIOLENCE_SUFFERED = "violence_suffered"
    MEDICAL_EMERGENCY = "medical_emergency"


@dataclass(frozen=True)
class Cue:
    """One thing that fired: its name in the lexicon and where it stands in the text (characters)."""

    name: str
    start: int
    end: int


@dataclass(frozen=True)
class RiskFinding:
    """The screen's answer for one message.

    `score` is the classifier's probability that the text is crisis talk (0 to 1), or None when it was not asked.
    """

    level: RiskLevel = RiskLevel.NONE
    subject: RiskSubject = RiskSubject.NONE
    kind: RiskKind = RiskKind.NONE
    cues: tuple[Cue, ...] = ()
    score: float | None = None
    lexicon_version: str = ""
    model_version: str = ""


def decayed(
    level: RiskLevel, raised_at: dt.datetime | None, now: dt.datetime, clear_no_at: dt.datetime | None,
    watch_lasts: dt.timedelta = WATCH_LASTS, clear_lasts: dt.timedelta = CLEAR_LASTS,
) -> RiskLevel:  # fmt: skip
    """What is left of a level by time alone: watch ends, high and imminent never do (CLINICAL.md; only a human lowers them).

    `clear_no_at`: when the five ASQ questions were all answered with a clear No; one from before the watch counts for nothing.
    """
    if level is not RiskLevel.WATCH or raised_at is None:
        return level
    is_over = now - raised_at >= watch_lasts
    is_clear = clear_no_at is not None and clear_no_at >= raised_at and now - clear_no_at >= clear_lasts
    return RiskLevel.NONE if is_over or is_clear else level


def is_own_wish(finding: RiskFinding) -> bool:
    """Whether it is the worker's own passive wish: a watch about their own life."""
    return finding.kind is RiskKind.SUICIDE and finding.subject is RiskSubject.SELF and finding.level is RiskLevel.WATCH


def escalated(finding: RiskFinding, earlier_watch_at: Iterable[dt.datetime], now: dt.datetime) -> RiskFinding:
    """The finding, at high when it is the worker's own passive wish said again within 72 hours (CLINICAL.md, levels).

    An earlier own watch of the last six hours is the same talk, or the answer to our own question: it counts for nothing.
    """
    if is_own_wish(finding) and any(SAME_STRETCH <= now - at <= SAID_AGAIN_WITHIN for at in earlier_watch_at):
        return replace(finding, level=RiskLevel.HIGH)
    return finding
