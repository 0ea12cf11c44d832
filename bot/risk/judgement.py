"""From cues and chances to level, subject and kind: the rules of the screen, without I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.risk import RiskFinding, RiskKind, RiskLevel, RiskSubject
from bot.risk.cues import CueHit

if TYPE_CHECKING:
    from bot.risk.classifier import Chances

_OWN_LIFE = (RiskKind.SUICIDE, RiskKind.SELF_HARM)
# whose danger a kind is when no words say so: a threat is against others, violence is suffered by the writer
_USUAL_SUBJECT = {RiskKind.VIOLENCE_TO_OTHERS: RiskSubject.OTHER}


@dataclass(frozen=True)
class Thresholds:
    """Least probabilities; chosen by cross-validation on our own texts (docs/adr/0004-risk-screen.md).

    `_own`: beside a doubtful cue that the writer says of themselves; `_doubt`: beside any other doubtful cue; `_bare`: with none.
    """

    watch_own: float
    watch_doubt: float
    watch_bare: float
    high_own: float
    high_doubt: float
    high_bare: float
    imminent_doubt: float
    imminent_bare: float
    other: float = 0.50
    other_unnamed: float = 0.85


FULL = Thresholds(0.45, 0.90, 0.88, 0.30, 0.45, 0.90, 0.40, 0.90)
QUICK = Thresholds(0.60, 0.97, 0.97, 0.60, 0.80, 0.97, 0.60, 0.97)  # stricter: what it raises, the full look can't take back


def judge(hits: Sequence[CueHit], chances: Chances | None, limits: Thresholds) -> RiskFinding:
    """The finding without cues and versions; without chances the cues answer alone, and the doubtful ones count in full."""
    counting = [hit for hit in hits if chances is None or not hit.is_doubtful]
    doubtful = [hit for hit in hits if hit not in counting]
    level = _highest(hit.level for hit in counting)
    if chances is not None:
        level = _highest((level, _level_by_chances(doubtful, chances, limits)))
    if level is RiskLevel.NONE:
        return RiskFinding(score=_score(chances))
    kind = _kind(counting, doubtful, level, chances)
    subject = _subject(hits, kind, chances, limits)
    return RiskFinding(_level_for(level, subject), subject, kind, score=_score(chances))


def _highest(levels: Iterable[RiskLevel]) -> RiskLevel:
    return max(levels, key=lambda level: level.rank, default=RiskLevel.NONE)


def _score(chances: Chances | None) -> float | None:
    return None if chances is None else round(chances.risk, 4)


def _level_for(level: RiskLevel, subject: RiskSubject) -> RiskLevel:
    """About another person the first answer is how to help them: high is watch there, imminent stays."""
    return RiskLevel.WATCH if subject is RiskSubject.OTHER and level is RiskLevel.HIGH else level


def _level_by_chances(doubtful: Sequence[CueHit], chances: Chances, limits: Thresholds) -> RiskLevel:
    undenied = [hit for hit in doubtful if not hit.is_negated]
    if doubtful and not undenied:  # 没有想死: the classifier can't read a denial, so it may ask, but not alarm
        return RiskLevel.WATCH if chances.risk >= limits.watch_doubt else RiskLevel.NONE
    own = [hit for hit in undenied if hit.subject is RiskSubject.SELF]
    top = _highest(hit.level for hit in undenied)
    if chances.imminent >= (limits.imminent_doubt if top is RiskLevel.IMMINENT else limits.imminent_bare):
        return RiskLevel.IMMINENT if doubtful else RiskLevel.HIGH  # without any cue imminent could not explain itself
    if chances.high >= _least(own, undenied, RiskLevel.HIGH, (limits.high_own, limits.high_doubt, limits.high_bare)):
        return RiskLevel.HIGH
    if chances.risk >= _least(own, undenied, RiskLevel.WATCH, (limits.watch_own, limits.watch_doubt, limits.watch_bare)):
        return RiskLevel.WATCH
    return RiskLevel.NONE


def _least(
    own: Sequence[CueHit], doubtful: Sequence[CueHit], level: RiskLevel, limits: tuple[float, float, float]
) -> float:  # fmt: skip
    """The threshold that holds beside these doubtful cues of at least this level."""
    if any(hit.level.rank >= level.rank for hit in own):
        return limits[0]
    return limits[1] if any(hit.level.rank >= level.rank for hit in doubtful) else limits[2]


def _kind(
    counting: Sequence[CueHit], doubtful: Sequence[CueHit], level: RiskLevel, chances: Chances | None
) -> RiskKind:  # fmt: skip
    """The kind of the gravest cue; among equals, and without a cue of that level, the classifier's."""
    kinds = {hit.kind for hit in counting if hit.level.rank >= level.rank}
    if chances is None:
        gravest = max(counting, key=lambda hit: hit.level.rank)
        return gravest.kind
    if not kinds:
        kinds = {hit.kind for hit in counting} | {hit.kind for hit in doubtful if hit.level.rank >= level.rank}
        if level is RiskLevel.WATCH or not kinds:
            return chances.kind
    return max(kinds, key=lambda kind: chances.kinds[kind])


def _subject(hits: Sequence[CueHit], kind: RiskKind, chances: Chances | None, limits: Thresholds) -> RiskSubject:
    """Whose life: what the plain cues say, then the doubtful ones; what nobody is named for is the writer's own (想死)."""
    if kind not in _OWN_LIFE:
        return _USUAL_SUBJECT.get(kind, RiskSubject.SELF)
    of_kind = [hit for hit in hits if hit.kind in _OWN_LIFE]
    plain = [hit for hit in of_kind if not hit.is_doubtful]
    said = {hit.subject for hit in plain or of_kind}
    own, other = RiskSubject.SELF in said, RiskSubject.OTHER in said
    if chances is None or own != other:
        return RiskSubject.OTHER if other and not own else RiskSubject.SELF
    is_open = own or not plain or any(hit.is_unclear for hit in plain)
    return RiskSubject.OTHER if chances.other >= (limits.other if is_open else limits.other_unnamed) else RiskSubject.SELF
