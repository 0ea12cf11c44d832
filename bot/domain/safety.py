"""Which fixed safety text a finding asks for, and how its blanks are filled; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.hotline import ShownLine
from bot.domain.risk import RiskFinding, RiskKind, RiskLevel, RiskSubject

SAFETY_SETS = (
    "high_self", "high_self_harm", "imminent_self", "high_other", "imminent_other", "violence", "violence_to_others", "medical",
    "asq_high", "asq_unsaid", "imminent_act",
)  # fmt: skip
_ACT = "act_under_way"  # the cue of content/risk/lexicon.yml for something taken or a wound: 120 first, no advice beyond that
_LONGEST_QUOTE = 14
LONGEST_NUMBERS = {"urgent": "当地的112或999", "talk": "想说话打12356（可能不在服务时间）"}


@dataclass(frozen=True)
class SafetyMessages:
    """Sets of wordings (each one to three bubbles) and single lines, by name."""

    version: str
    sets: Mapping[str, Sequence[Sequence[str]]]
    lines: Mapping[str, Sequence[str]]


def safety_set(finding: RiskFinding) -> str | None:
    """The name of the set for this finding, or None when no fixed text is due.

    Fixed texts go out from `high` up; violence that is suffered or threatened and medical emergencies are left to the
    conversation below that.
    """
    if finding.level < RiskLevel.HIGH:
        return None
    if finding.kind is RiskKind.VIOLENCE_SUFFERED:
        return "violence"
    if finding.kind is RiskKind.VIOLENCE_TO_OTHERS:
        return "violence_to_others"
    if finding.kind is RiskKind.MEDICAL_EMERGENCY:
        return "medical"
    if finding.subject is RiskSubject.OTHER:
        return "imminent_other" if finding.level is RiskLevel.IMMINENT else "high_other"
    if finding.level is RiskLevel.IMMINENT:
        return "imminent_act" if any(cue.name == _ACT for cue in finding.cues) else "imminent_self"
    return "high_self_harm" if finding.kind is RiskKind.SELF_HARM else "high_self"


def quotable(text: str, finding: RiskFinding) -> str:
    """The worker's own words that were the sign, short enough to say back, or an empty text."""
    spans = sorted((cue.end - cue.start, cue.start, cue.end) for cue in finding.cues if cue.end > cue.start)
    for length, start, end in reversed(spans):
        if length <= _LONGEST_QUOTE:
            return text[start:end].strip(" ，。,.!！?？")
    return ""


def bubbles(
    messages: SafetyMessages, name: str, turn: int, *, words: str, urgent: str, talk: str, person: str = "身边的人"
) -> list[str]:
    """The bubbles of a set's next wording; `turn` counts the safety replies this conversation already had.

    Wordings whose {words} can't be filled are left out, and the others take turns.
    """
    wordings = messages.sets[name]
    fitting = [each for each in wordings if words or not any("{words}" in bubble for bubble in each)] or list(wordings)
    chosen = fitting[turn % len(fitting)]
    values = {"words": words or "这些", "urgent": urgent, "talk": talk, "person": person}
    return [bubble.format_map(values) for bubble in chosen]


def spoken_numbers(lines: Sequence[ShownLine], is_mainland: bool) -> dict[str, str]:
    """The blanks of a text: {urgent}, the emergency numbers, and {talk}, a clause that says whom to call to talk.

    Abroad there is no line to talk to that is known to be reached; the consular line is named for what it is.
    """
    if is_mainland:
        return {"urgent": "120或110", "talk": "想说话打12356（可能不在服务时间）"}
    local = dict.fromkeys(line.number for line in lines[:2] if line.number and "12308" not in line.number)
    consular = next((line.number for line in lines if "12308" in line.number), "+86-10-12308")
    return {"urgent": f"当地的{'或'.join(local)}" if local else "当地急救电话", "talk": f"要领事帮忙打{consular}"}
