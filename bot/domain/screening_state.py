"""Where one worker stands in one run of a questionnaire, and the texts that a run is led with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Optional

from bot.domain.errors import InvalidInput
from bot.domain.questionnaire_definition import Sex


class RunStatus(str, Enum):
    OFFERED = "offered"
    CONSENTING = "consenting"
    ASKING = "asking"
    CONFIRMING = "confirming"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"


OPEN = frozenset({RunStatus.ASKING, RunStatus.CONFIRMING})
LIVE = OPEN | {RunStatus.OFFERED, RunStatus.CONSENTING, RunStatus.PAUSED}


@dataclass(frozen=True)
class ScreeningState:
    """One run; stored encrypted. `answers`: chosen scores by link id, None for a skipped item; `place`: the item asked last.

    `pending` is the score read from free words that a button must confirm; `failures` counts unreadable answers to the open item,
    `strays` messages since that told something else; `asked` counts the wordings used; `alerted` are the alert rules given out
    already; `offers` is what a plain yes would accept now: resume, share or nothing.
    """

    run_id: str
    questionnaire_id: str
    version: str
    status: RunStatus = RunStatus.OFFERED
    answers: Mapping[str, Optional[int]] = field(default_factory=dict)
    place: str = ""
    pending: int | None = None
    failures: int = 0
    strays: int = 0
    asked: Mapping[str, int] = field(default_factory=dict)
    alerted: tuple[str, ...] = ()
    sex: Sex | None = None
    offers: str = ""
    is_invited: bool = False
    has_agreed: bool = False

    def paused(self) -> ScreeningState:
        """The same run, waiting at its item with every answer; an open offer is no longer taken by a bare 好."""
        waits = self.status in OPEN or self.status is RunStatus.CONSENTING
        status = RunStatus.PAUSED if waits else self.status
        strays = self.strays + (self.status is RunStatus.OFFERED)
        return replace(self, status=status, pending=None, offers="", strays=strays)

    def to_json(self) -> dict[str, Any]:
        """Plain values for an encrypted JSON column; `from_json` gives the same state back."""
        return {
            "run_id": self.run_id,
            "questionnaire_id": self.questionnaire_id,
            "version": self.version,
            "status": self.status.value,
            "answers": dict(self.answers),
            "place": self.place,
            "pending": self.pending,
            "failures": self.failures,
            "strays": self.strays,
            "asked": dict(self.asked),
            "alerted": list(self.alerted),
            "sex": self.sex.value if self.sex else None,
            "offers": self.offers,
            "is_invited": self.is_invited,
            "has_agreed": self.has_agreed,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ScreeningState:
        """The state that `to_json` gave; raises InvalidInput for anything else."""
        try:
            return cls(
                run_id=str(data["run_id"]),
                questionnaire_id=str(data["questionnaire_id"]),
                version=str(data["version"]),
                status=RunStatus(data["status"]),
                answers={str(link): None if score is None else int(score) for link, score in data["answers"].items()},
                place=str(data["place"]),
                pending=None if data["pending"] is None else int(data["pending"]),
                failures=int(data["failures"]),
                strays=int(data["strays"]),
                asked={str(name): int(count) for name, count in data["asked"].items()},
                alerted=tuple(map(str, data["alerted"])),
                sex=None if data["sex"] is None else Sex(data["sex"]),
                offers=str(data["offers"]),
                is_invited=bool(data["is_invited"]),
                has_agreed=bool(data["has_agreed"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            raise InvalidInput("not a stored screening") from None  # the cause could quote what is stored


# Must stand word for word before the first item (INSTRUMENTS.md, rules for all).
DANGER_IS_SEEN = "如果你的回答提到伤害自己，值班咨询师会看到并联系你"
# Every set of wordings, with the blanks it may hold.
SCREENING_LINES: Mapping[str, tuple[str, ...]] = {
    "offer": ("name", "minutes"), "invitation": ("name", "minutes"), "offer_resume": ("name", "number", "of"), "declined": (),
    "intro": ("minutes",), "intro_invited": ("minutes",), "consent": (), "minor": (), "how": (), "ask": ("number", "of", "item"),
    "ask_extra": ("item",), "sex": (), "heard": ("option",), "again": (), "not_sure": (), "offer_skip": (), "confirm": ("option",),
    "press": (), "meaning": (), "skipped": (), "back": (), "first": (), "changed": ("option",), "not_yet": (), "where": ("number", "of"),
    "resume": ("number", "of"), "stop": ("number", "of"), "returned": (), "late": (), "over": (), "who_sees": (), "how_long": ("minutes",),
    "no_diagnosis": (), "turn_aside": (), "result": ("scale", "value", "lowest", "highest", "band"), "result_plain": ("scale", "value", "lowest", "highest"),
    "result_estimated": (), "result_least": (), "result_none": (), "result_higher": (), "result_invited": (), "ending": (),
    "ending_invited": (), "shared": (), "kept": (),
}  # fmt: skip
SCREENING_BUTTONS = (
    "begin", "later", "agree", "decline", "skip", "stop", "resume", "right", "not_right", "share", "keep", "counsellor",
    "male", "female", "unsaid", "breathing", "grounding", "thought_record",
)  # fmt: skip


@dataclass(frozen=True)
class ScreeningMessages:
    """The texts of content/screening.yml; wordings are given in turn. `names`: spoken names of questionnaires by id, `meant`:

    what an option's text means, by that text.
    """

    version: str
    lines: Mapping[str, Sequence[str]]
    buttons: Mapping[str, str]
    names: Mapping[str, str]
    meant: Mapping[str, str]
