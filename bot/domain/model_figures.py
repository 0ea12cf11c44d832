"""What a proof measures of one model, as it is stored and summed up; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """A text, the intent it has, and the one that was understood."""

    text: str
    intent: str
    got: str
    confidence: float = 0.0

    @property
    def is_right(self) -> bool:
        return self.intent == self.got


@dataclass(frozen=True)
class IntentFigures:
    """Of one intent, by cross-validation; `examples` are those it was trained from."""

    examples: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class Score:
    """Accuracy and macro F1, from 0 to 1, over so many rows."""

    rows: int
    accuracy: float
    f1: float


@dataclass(frozen=True)
class CrisisGroup:
    """Texts of one kind kept apart from all training.

    Of a risky group `seen` counts those that the screen gives the wanted level or more, `understood` those that the model alone takes
    for danger, `caught` those that either does. Of a calm group they count what is rightly left calm (`caught`: by both).
    """

    group: str
    title: str
    is_risky: bool
    rows: int
    seen: int
    understood: int
    caught: int


@dataclass(frozen=True)
class FailedStory:
    """A test story that the model does not follow, and its first difference."""

    name: str
    path: str
    line: int
    expected: str
    got: str


@dataclass(frozen=True)
class PersonaVerdict:
    """A persona and what was wrong in its talk: checks by name, and each in a Chinese sentence."""

    id: str
    who: str
    faults: tuple[str, ...]
    checks: tuple[str, ...]


@dataclass(frozen=True)
class Figures:
    """Everything a proof measured of one model.

    `cross_right` and `cross_wrong` are the cross-validated examples: of those taken rightly only the keys are kept.
    """

    rasa_version: str
    cross_validation: Score | None
    intents: Mapping[str, IntentFigures]
    cross_right: frozenset[str]
    cross_wrong: Mapping[str, Row]
    held_back: tuple[Row, ...]
    crisis: tuple[CrisisGroup, ...]
    stories_total: int
    stories_failed: tuple[FailedStory, ...]
    p50_ms: float
    p95_ms: float
    personas: tuple[PersonaVerdict, ...] | None = None

    @property
    def held_back_score(self) -> Score:
        return score((row.intent, row.got) for row in self.held_back)

    @property
    def crisis_recall(self) -> float:
        """The share of risky texts that screen or model catch; 1 where there are none."""
        risky = [group for group in self.crisis if group.is_risky]
        rows = sum(group.rows for group in risky)
        return sum(group.caught for group in risky) / rows if rows else 1.0

    @property
    def stories_passed(self) -> int:
        return self.stories_total - len(self.stories_failed)

    def as_json(self) -> dict[str, Any]:
        """As it is stored; the first five are the figures of a model's line."""
        return {
            "f1": None if self.cross_validation is None else round(self.cross_validation.f1, 4),
            "held_back": round(self.held_back_score.accuracy, 4) if self.held_back else None,
            "crisis_recall": round(self.crisis_recall, 4),
            "stories": round(self.stories_passed / self.stories_total, 4) if self.stories_total else None,
            "latency_ms": self.p50_ms,
            "rasa_version": self.rasa_version,
            "cross_validation": None if self.cross_validation is None else asdict(self.cross_validation),
            "intents": {name: asdict(each) for name, each in self.intents.items()},
            "cross_right": sorted(self.cross_right),
            "cross_wrong": {key: asdict(row) for key, row in self.cross_wrong.items()},
            "held_back_rows": [asdict(row) for row in self.held_back],
            "crisis": [asdict(group) for group in self.crisis],
            "stories_total": self.stories_total,
            "stories_failed": [asdict(story) for story in self.stories_failed],
            "p50_ms": self.p50_ms,
            "p95_ms": self.p95_ms,
        }

    @classmethod
    def of_json(cls, stored: Mapping[str, Any]) -> Figures:
        """What `as_json` gave, with the personas' verdicts where they were added as `personas`."""
        cross, personas = stored["cross_validation"], stored.get("personas")
        return cls(
            rasa_version=stored["rasa_version"],
            cross_validation=None if cross is None else Score(**cross),
            intents={name: IntentFigures(**each) for name, each in stored["intents"].items()},
            cross_right=frozenset(stored["cross_right"]),
            cross_wrong={key: Row(**row) for key, row in stored["cross_wrong"].items()},
            held_back=tuple(Row(**row) for row in stored["held_back_rows"]),
            crisis=tuple(CrisisGroup(**group) for group in stored["crisis"]),
            stories_total=stored["stories_total"],
            stories_failed=tuple(FailedStory(**story) for story in stored["stories_failed"]),
            p50_ms=stored["p50_ms"],
            p95_ms=stored["p95_ms"],
            personas=None if personas is None else tuple(_persona(each) for each in personas),
        )


def _persona(stored: Mapping[str, Any]) -> PersonaVerdict:
    return PersonaVerdict(stored["id"], stored["who"], tuple(stored["faults"]), tuple(stored.get("checks") or stored["faults"]))


def score(pairs: Iterable[tuple[str, str]]) -> Score:
    """Accuracy and macro F1 of pairs of wanted and found; the macro is over the labels wanted."""
    rows = list(pairs)
    if not rows:
        return Score(0, 0.0, 0.0)
    by_label = figures_by_label(rows)
    right = sum(wanted == found for wanted, found in rows)
    return Score(len(rows), right / len(rows), sum(each.f1 for each in by_label.values()) / len(by_label))


def figures_by_label(rows: Sequence[tuple[str, str]]) -> dict[str, IntentFigures]:
    """Precision, recall and F1 of each label wanted."""
    wanted: dict[str, int] = {}
    found: dict[str, int] = {}
    right: dict[str, int] = {}
    for label, got in rows:
        wanted[label] = wanted.get(label, 0) + 1
        found[got] = found.get(got, 0) + 1
        right[label] = right.get(label, 0) + (label == got)
    figures = {}
    for label, count in sorted(wanted.items()):
        precision = right[label] / found[label] if found.get(label) else 0.0
        recall = right[label] / count
        f1 = 2 * precision * recall / (precision + recall) if right[label] else 0.0
        figures[label] = IntentFigures(count, round(precision, 4), round(recall, 4), round(f1, 4))
    return figures
