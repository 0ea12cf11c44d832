"""The results of screenings that a counsellor may see, each scale over time with its bands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from bot.domain.questionnaire_definition import Questionnaire, Scale
from bot.services import screenings
from bot.services.screenings import Result, Run


def shown_to_counsellor(session: Session, worker_id: str, questionnaires: Mapping[str, Questionnaire]) -> list[dict[str, Any]]:
    """One entry a scale, oldest point first: runs that the worker shares, that a counsellor invited to, or whose answer gave an alert.

    A run that is none of these is the worker's own business, also at high and imminent: what it said of danger stands in the cues.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for result in screenings.results(session, worker_id):
        run = screenings.run_of(session, worker_id, result.run_id, questionnaires)
        if result.shared_at is None and not result.is_invited and not run.state.alerted:
            continue
        for scale in _scales(run.questionnaire, result):
            entry = found.setdefault(
                (result.questionnaire_id, scale.id),
                {
                    "questionnaire": result.questionnaire_id,
                    "title": _title(run.questionnaire, scale),
                    "points": [],
                    "is_shared": False,
                    "is_higher_better": run.questionnaire.is_higher_better,
                },
            )
            entry["points"].append(_point(result, run, scale))
            entry["is_shared"] = entry["is_shared"] or result.shared_at is not None
    return list(found.values())


def _scales(definition: Questionnaire, result: Result) -> list[Scale]:
    """The scale that stands for the whole, or all where none does."""
    return [scale for scale in definition.scales if result.total in (None, scale.id) and scale.id in result.scales]


def _title(definition: Questionnaire, scale: Scale) -> str:
    return definition.title if definition.total is not None else f"{definition.title} · {scale.title}"


def _point(result: Result, run: Run, scale: Scale) -> dict[str, Any]:
    kept = result.scales[scale.id]
    _, picture = screenings.drawn_again(run, scale, kept)
    return {
        "run_id": result.run_id,
        "finished_at": result.finished_at.isoformat(),
        "value": picture["value"],
        "lowest": picture["lowest"],
        "highest": picture["highest"],
        "band": kept["band"],
        "label": picture["label"],
        "bands": picture["bands"],
        "is_invited": result.is_invited,
        "is_opened": result.shared_at is not None,
        "is_overlapping": result.is_overlapping,
    }
