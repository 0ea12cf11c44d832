"""Answers to the real questionnaires and what they come to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from bot.domain.questionnaire import Answers, Scored, score
from bot.domain.questionnaire_definition import Item, Questionnaire, Sex
from bot.questionnaires.files import load_questionnaires
from bot.settings import ROOT


@lru_cache(maxsize=1)
def scales() -> Mapping[str, Questionnaire]:
    return load_questionnaires(ROOT / "content")


IDS = sorted(scales())


def given_answers(name: str, *chosen: int | None) -> dict[str, int | None]:
    """These scores for the items in order; items beyond them have no answer."""
    return dict(zip([item.link_id for item in scales()[name].items], chosen))  # noqa: B905 - fewer answers than items is meant


def scored(name: str, *chosen: int | None, sex: Sex = Sex.UNSAID) -> Scored:
    return score(scales()[name], given_answers(name, *chosen), sex)


def band(name: str, *chosen: int | None, sex: Sex = Sex.UNSAID) -> str | None:
    found = scored(name, *chosen, sex=sex).band
    return found.id if found else None


def alerts(result: Scored) -> set[str]:
    return {rule.id for rule in result.alerts}


def ends(name: str) -> tuple[Answers, Answers]:
    def end(item: Item, highest: bool) -> int:
        return max(item.scores, key=item.points) if highest else min(item.scores, key=item.points)

    items = scales()[name].items
    return {item.link_id: end(item, False) for item in items}, {item.link_id: end(item, True) for item in items}


def dass(depression: tuple[int | None, ...]) -> Scored:
    answers: dict[str, int | None] = {str(number): 0 for number in range(1, 22)}
    answers.update(zip(("3", "5", "10", "13", "16", "17", "21"), depression, strict=True))
    return score(scales()["dass-21"], answers)
