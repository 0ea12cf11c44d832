"""What a safety plan is made of: its steps, where one worker stands in it, and the texts it is asked with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from bot.domain.errors import InvalidInput


class PlanStep(str, Enum):
    """The six steps of Stanley and Brown (2012) in their order, and what is worth living for as an extra."""

    WARNING_SIGNS = "warning_signs"
    ALONE = "alone"
    DISTRACTION = "distraction"
    PEOPLE = "people"
    PROFESSIONALS = "professionals"
    SAFE_PLACE = "safe_place"
    WORTH_LIVING = "worth_living"

    @property
    def number(self) -> int:
        """1 to 7, as a worker says it in 改第3步."""
        return STEPS.index(self) + 1


STEPS = tuple(PlanStep)


class PlanStatus(str, Enum):
    OFFERED = "offered"
    BUILDING = "building"
    PAUSED = "paused"
    FINISHED = "finished"
    DECLINED = "declined"


@dataclass(frozen=True)
class PlanState:
    """Where a plan stands; all of it is what a worker said or follows from it, so it is stored encrypted.

    `closed` are the steps answered or skipped; `asked` counts the wordings used, by name; `strays` counts messages since the
    last question that were no answer; `pending` is what was said after such a message and may be an answer.
    """

    status: PlanStatus = PlanStatus.OFFERED
    place: PlanStep = PlanStep.WARNING_SIGNS
    answers: Mapping[PlanStep, tuple[str, ...]] = field(default_factory=dict)
    closed: frozenset[PlanStep] = frozenset()
    asked: Mapping[str, int] = field(default_factory=dict)
    has_asked_more: bool = False
    strays: int = 0
    pending: str = ""

    def pieces(self, step: PlanStep) -> tuple[str, ...]:
        """What was answered at a step, in the worker's words, oldest first."""
        return self.answers.get(step, ())

    @property
    def pieces_count(self) -> int:
        return sum(map(len, self.answers.values()))

    def to_json(self) -> dict[str, Any]:
        """Plain values for an encrypted JSON column; `from_json` gives the same state back."""
        return {
            "status": self.status.value,
            "place": self.place.value,
            "answers": {step.value: list(self.answers[step]) for step in STEPS if self.pieces(step)},
            "closed": [step.value for step in STEPS if step in self.closed],
            "asked": dict(self.asked),
            "has_asked_more": self.has_asked_more,
            "strays": self.strays,
            "pending": self.pending,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PlanState:
        """The state that `to_json` gave; raises InvalidInput for anything else."""
        try:
            return cls(
                status=PlanStatus(data["status"]),
                place=PlanStep(data["place"]),
                answers={PlanStep(step): tuple(map(str, pieces)) for step, pieces in data["answers"].items()},
                closed=frozenset(map(PlanStep, data["closed"])),
                asked={str(name): int(count) for name, count in data["asked"].items()},
                has_asked_more=bool(data["has_asked_more"]),
                strays=int(data["strays"]),
                pending=str(data["pending"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            raise InvalidInput("not a stored safety plan") from None  # the cause could quote what is stored


@dataclass(frozen=True)
class StepTexts:
    """One step: its title on the plan, the wordings of its question, and examples of answers."""

    title: str
    questions: Sequence[str]
    examples: Sequence[str]


# Every set of wordings beside the questions, with the blanks it may hold.
PLAN_LINES: Mapping[str, tuple[str, ...]] = {
    "offer": (), "offer_resume": ("number", "step"), "offer_show": (), "declined": (), "nothing_yet": (),
    "opening": (), "who_sees": (), "heard": (), "heard_quote": ("words",), "heard_safe": (), "more": (), "also": (),
    "put_away": (), "skipped": (), "nobody": (), "nothing": (), "none_at_hand": (), "written": ("count",), "cleared": (),
    "dropped": (), "returned": (), "numbers": ("lines",), "resume": ("number", "step"), "stop": (), "so_far": (),
    "finished": (), "finished_empty": (), "shown": (), "keeping": (),
}  # fmt: skip
PLAN_BUTTONS = ("begin", "later", "skip", "done", "stop", "resume", "show", "clear", "keep")
PLAN_CARD = ("title", "note", "empty", "none_at_hand")


@dataclass(frozen=True)
class PlanMessages:
    """The texts of content/safety_plan.yml; wordings of a set are given in turn."""

    version: str
    steps: Mapping[PlanStep, StepTexts]
    lines: Mapping[str, Sequence[str]]
    buttons: Mapping[str, str]
    card: Mapping[str, str]
