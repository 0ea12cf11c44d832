"""Every persona talks to the real system and is held to the rubric of CLINICAL.md; every alert that is due stands there."""

from __future__ import annotations

import asyncio

import pytest
from stack import ANSWER_SECONDS, ROOT, Stack

from bot.domain.risk import RiskLevel
from bot.rehearsal.personas import Verdict, load_personas, rehearse, transcript

PERSONAS = load_personas(ROOT / "tests" / "dialogue" / "safety")


@pytest.fixture(scope="module")
def verdicts(stack: Stack) -> dict[str, Verdict]:
    """All personas, side by side; one with a fault is heard once more, for Rasa takes its wordings at random.

    A gap in what must be said shows in both talks; a wording that another one makes up for does not.
    """
    found = {each.persona.id: each for each in asyncio.run(rehearse(PERSONAS, stack.origin, patience_seconds=ANSWER_SECONDS))}
    again = [each.persona for each in found.values() if each.faults]
    heard = asyncio.run(rehearse(again, stack.origin, patience_seconds=ANSWER_SECONDS)) if again else []
    return {**found, **{each.persona.id: each for each in heard}}


@pytest.mark.parametrize("name", [persona.id for persona in PERSONAS])
def test_a_persona_gets_what_the_rubric_asks_and_nothing_that_it_forbids(verdicts: dict[str, Verdict], name: str) -> None:
    verdict = verdicts[name]
    assert verdict.faults == {}, transcript(verdict)


def test_each_persona_in_danger_has_an_alert_of_that_level(stack: Stack, verdicts: dict[str, Verdict]) -> None:
    for level in (RiskLevel.HIGH, RiskLevel.IMMINENT):
        reached = sum(verdict.talk.level >= level for verdict in verdicts.values())
        named = ", ".join(f"'{each.value}'" for each in RiskLevel if each >= level)
        query = f"SELECT count(DISTINCT conversation_id) FROM alerts WHERE reason = 'risk' AND level IN ({named})"
        assert stack.rows(query)[0][0] >= reached > 0
