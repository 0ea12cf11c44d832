"""Replays dialogues through the running system and counts what came back; no worker's text leaves this room."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.channels.client import Bubble, NoTurnEnd, Refused, WorkerClient
from bot.content import load_safety_messages
from bot.domain.conversation import Author
from bot.domain.errors import ContentError, XinyiError
from bot.rehearsal.talk import RESEND_SECONDS, Exchange, exchange, side_by_side

MOST_REPEATED = 0.02  # policy, issue 3: share of turns that may repeat a bubble of the turn before
_BLANK = re.compile(r"\{[a-z_]+\}")


@dataclass(frozen=True)
class Dialogue:
    """What one worker says, in order."""

    id: str
    turns: tuple[str, ...]


def read_dialogues(path: Path) -> list[Dialogue]:
    """The rows of a JSONL file with `id` and `turns`; raises ContentError naming the line."""
    found: list[Dialogue] = []
    for number, line in enumerate(path.read_text("utf-8").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            turns = row["turns"]
            if not isinstance(turns, list) or not turns or not all(isinstance(turn, str) for turn in turns):
                raise ValueError("turns must be texts")
        except (ValueError, KeyError, TypeError) as error:  # the row itself is a worker's: only what is wrong is told
            raise ContentError(f"{path}: line {number}: no dialogue, {type(error).__name__}") from None
        found.append(Dialogue(str(row.get("id", number)), tuple(turns)))
    return found


class Fallbacks:
    """Tells the safe line and the clarifying question from every other bubble, by their wordings."""

    def __init__(self, wordings: Mapping[str, Iterable[str]]) -> None:
        self._patterns = {
            name: re.compile("|".join(_with_blanks(text) for text in texts) or r"(?!)") for name, texts in wordings.items()
        }

    @classmethod
    def of_project(cls, root: Path) -> Fallbacks:
        """`safe_line` from content/safety_messages.yml, `clarifying` from the utter_clarify... responses of domain.yml."""
        lines = load_safety_messages(root / "content" / "safety_messages.yml").lines
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        responses = yaml.load((root / "domain.yml").read_text("utf-8"), Loader=loader)["responses"]
        asked = [each["text"] for name, texts in responses.items() if name.startswith("utter_clarify") for each in texts]
        return cls({"safe_line": [*lines["safe"], *lines["safe_watch"]], "clarifying": asked})

    def kind_of(self, bubble: Bubble) -> str | None:
        if bubble["author"] != Author.BOT.value:
            return None
        return next((name for name, pattern in self._patterns.items() if pattern.fullmatch(bubble["text"])), None)


def _with_blanks(text: str) -> str:
    return ".*".join(re.escape(part) for part in _BLANK.split(text))


@dataclass
class Report:
    """What a replay counted; `seconds` are those of answered turns."""

    dialogues: int = 0
    turns: int = 0
    answered: int = 0
    unanswered: int = 0
    followed: int = 0  # answered turns with an answered turn before them
    repeated: int = 0
    crises: int = 0
    fallbacks: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    @property
    def repeated_share(self) -> float:
        return self.repeated / self.followed if self.followed else 0.0

    @property
    def is_good(self) -> bool:
        return not self.errors and not self.unanswered and self.repeated_share <= MOST_REPEATED

    def percentile(self, share: float) -> float:
        ordered = sorted(self.seconds) or [0.0]
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def figures(self) -> dict[str, Any]:
        """All figures as JSON values."""
        return {
            "dialogues": self.dialogues,
            "turns": self.turns,
            "answered": self.answered,
            "unanswered": self.unanswered,
            "repeated": self.repeated,
            "repeated_share": round(self.repeated_share, 4),
            "safe_lines": self.fallbacks["safe_line"],
            "clarifying": self.fallbacks["clarifying"],
            "crises": self.crises,
            "errors": dict(self.errors),
            "p50_seconds": round(self.percentile(0.5), 3),
            "p95_seconds": round(self.percentile(0.95), 3),
        }

    def count(self, turn: Exchange, before: frozenset[str], fallbacks: Fallbacks) -> None:
        """One turn that ended; `before` are the texts of the reply just before it, empty when there was none."""
        if not turn.bubbles:
            self.unanswered += 1
            return
        self.answered += 1
        self.seconds.append(turn.seconds)
        self.followed += bool(before)
        self.repeated += bool(before & frozenset(turn.texts))
        self.crises += any(bubble["author"] == Author.SAFETY.value for bubble in turn.bubbles)
        self.fallbacks.update({kind for kind in map(fallbacks.kind_of, turn.bubbles) if kind})


async def replay(
    dialogues: Iterable[Dialogue],
    origin: str,
    fallbacks: Fallbacks,
    *,
    at_once: int = 4,
    patience_seconds: float = 60.0,
    resend_seconds: float = RESEND_SECONDS,
) -> Report:
    """Let one new worker say each dialogue; a turn refused is counted by its code and the next one is sent.

    Its alerts are real: never against a system whose counsellors are on duty.
    """
    report = Report()

    async def one(dialogue: Dialogue) -> None:
        report.dialogues += 1
        try:
            async with WorkerClient(origin, patience_seconds=patience_seconds) as page:
                await _talk(page, dialogue, report, fallbacks, resend_seconds)
        except XinyiError as error:
            report.errors[error.code] += 1

    await side_by_side(one, dialogues, at_once)
    return report


async def _talk(page: WorkerClient, dialogue: Dialogue, report: Report, fallbacks: Fallbacks, resend_seconds: float) -> None:
    before: frozenset[str] = frozenset()
    for text in dialogue.turns:
        report.turns += 1
        try:
            turn = await exchange(page, text, resend_seconds)
        except NoTurnEnd:
            report.unanswered += 1
            before = frozenset()
            continue
        except Refused as refused:
            report.errors[refused.code] += 1
            continue
        report.count(turn, before, fallbacks)
        before = frozenset(turn.texts)
