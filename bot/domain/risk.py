"""What a screen says of one message: levels, subjects, kinds and the cues that explain them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


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
