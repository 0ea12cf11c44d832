"""Says whether a newly trained classifier may take the old one's place, by the texts kept apart from both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.domain.risk import RiskLevel, RiskSubject
from bot.risk.screen import RiskScreen
from bot.risk.texts import RiskText, read_texts
from bot.vectors import SHARED, Vectors

ALLOWED_LOSS = 1  # texts a class may lose: one may turn by chance, two are a change


@dataclass(frozen=True)
class ClassFigures:
    """Texts of one class and how many each screen found: `seen` at watch or above, `loud` at high or above."""

    label: str
    is_risky: bool
    must_be_loud: bool
    texts: int
    seen_before: int
    seen_after: int
    loud_before: int
    loud_after: int

    @property
    def is_worse(self) -> bool:
        """Whether a risky class lost more than one text; more false alarms are shown, and are no reason to refuse."""
        lost_sight = self.seen_before - self.seen_after > ALLOWED_LOSS
        lost_voice = self.must_be_loud and self.loud_before - self.loud_after > ALLOWED_LOSS
        return self.is_risky and (lost_sight or lost_voice)


@dataclass(frozen=True)
class Comparison:
    """The figures of every class, and the classes for which the new screen is refused."""

    classes: tuple[ClassFigures, ...]

    @property
    def failing(self) -> tuple[str, ...]:
        return tuple(figures.label for figures in self.classes if figures.is_worse)


def kept_apart(folder: Path) -> list[RiskText]:
    """The texts of this folder that no classifier is trained on."""
    return [item for item in read_texts(folder) if item.is_kept_apart]


def compare(
    old: RiskScreen, new: RiskScreen, texts: Sequence[RiskText], vector_of: Callable[[str], Vectors] = SHARED.of
) -> Comparison:
    """Both screens on the same texts; `vector_of` gives the vector, shape (384,), of a text."""
    before = [level_of(old, item.text, vector_of) for item in texts]
    after = [level_of(new, item.text, vector_of) for item in texts]
    labels = sorted({item.label for item in texts})
    return Comparison(tuple(_figures(label, texts, before, after) for label in labels))


def level_of(screen: RiskScreen, text: str, vector_of: Callable[[str], Vectors]) -> RiskLevel:
    """What this screen says of a text, by cues alone when it has no classifier."""
    if not screen.has_classifier:
        return screen.quick(text).level
    return screen.full(text, vector_of(screen.for_vector(text))).level


def _figures(label: str, texts: Sequence[RiskText], before: list[RiskLevel], after: list[RiskLevel]) -> ClassFigures:
    places = [place for place, item in enumerate(texts) if item.label == label]
    example = texts[places[0]]

    def count(levels: list[RiskLevel], least: RiskLevel) -> int:
        return sum(levels[place].rank >= least.rank for place in places)

    return ClassFigures(
        label=label,
        is_risky=example.is_risky,
        must_be_loud=example.subject is RiskSubject.SELF and example.level.rank >= RiskLevel.HIGH.rank,
        texts=len(places),
        seen_before=count(before, RiskLevel.WATCH),
        seen_after=count(after, RiskLevel.WATCH),
        loud_before=count(before, RiskLevel.HIGH),
        loud_after=count(after, RiskLevel.HIGH),
    )
