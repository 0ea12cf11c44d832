"""One worker before the protocol's desk: say or press something, and what is known moves on as the database would keep it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from ground import NOW, content, desk

from bot.domain.conversation import Reply
from bot.domain.protocol import Known, Place, Step, Voice
from bot.domain.risk import Cue, RiskFinding, RiskKind, RiskLevel, RiskSubject

SHANGHAI, TOKYO = "Asia/Shanghai", "Asia/Tokyo"
CALM = RiskFinding()


def found(
    level: RiskLevel, subject: RiskSubject = RiskSubject.SELF, kind: RiskKind = RiskKind.SUICIDE, cue: str = "wish"
) -> RiskFinding:
    return RiskFinding(level, subject, kind, (Cue(cue, 0, 2),))


WATCH, HIGH, IMMINENT = found(RiskLevel.WATCH), found(RiskLevel.HIGH), found(RiskLevel.IMMINENT)


class Talk:
    """Keeps what `Known` holds, the steps, and every bubble that the gateway said."""

    def __init__(self, timezone: str = SHANGHAI) -> None:
        self.known = Known()
        self.timezone = timezone
        self.now = NOW
        self.steps: list[Step] = []
        self.bubbles: list[Reply] = []

    @property
    def place(self) -> Place:
        return Place(self.timezone, self.now)

    @property
    def open(self) -> str | None:
        return self.known.asq.open if self.known.asq is not None else None

    def say(self, text: str, finding: RiskFinding = CALM, payload: str | None = None) -> Step:
        step = desk().step(text, payload, finding, self.known, self.place)
        self._keep(step)
        return step

    def signal(self, *signals: str, text: str = "就这样") -> Step | None:
        step = desk().signalled(frozenset(signals), text, self.known, self.now)
        if step is not None:
            self._keep(step)
        return step

    def press(self, title: str, question: str | None = None) -> Step:
        """The button with this title under the newest question, or under the newest one that is `question` (a text)."""
        asked = next(each for each in reversed(self.bubbles) if each.buttons and question in (None, each.text))
        payload = next(button.payload for button in asked.buttons if button.title == title)
        return self.say(title, payload=payload)

    def later(self, **time: float) -> None:
        self.now += dt.timedelta(**time)

    def _keep(self, step: Step) -> None:
        level = self.known.level
        if step.finding.subject is RiskSubject.SELF:
            level = max(level, step.finding.level)
        moved = step.asq is not None
        self.known = replace(
            self.known, asq=step.asq if moved else self.known.asq, asq_at=self.now if moved else self.known.asq_at,
            plan=step.plan or self.known.plan, level=level, safety_turns=self.known.safety_turns + (step.safety_set is not None),
        )  # fmt: skip
        self.steps.append(step)
        self.bubbles += [*step.first, *step.after]


def texts(*replies: Reply) -> list[str]:
    return [reply.text for reply in replies]


def questions_in(step: Step) -> list[str]:
    """The direct questions among the bubbles of a step, by name."""
    said = texts(*step.first, *step.after)
    return [
        name
        for text in said
        for name, wordings in content().asq.questions.items()
        if any(
            text == each or ("{words}" in each and text.startswith("你说“") and text.endswith(each[-8:])) for each in wordings
        )
    ]


def numbers_in(*replies: Reply) -> str:
    """Every text and every number of a card, as one string to look into."""
    cards = [line for reply in replies if reply.custom for line in reply.custom.get("lines", [])]  # type: ignore[attr-defined]
    return " ".join([*texts(*replies), *(str(line["number"]) for line in cards)])


def is_silent(step: Step) -> bool:
    return step.voice is Voice.SILENT
