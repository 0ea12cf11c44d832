"""The worker's page of screenings: what can be begun, what waits, results over time, and what its button says in the conversation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from bot.domain.errors import NotFound, UnknownChoice
from bot.domain.protocol import SafetyDesk
from bot.domain.questionnaire import progress
from bot.domain.questionnaire_definition import Band, Scale
from bot.domain.risk import RiskFinding
from bot.domain.screening_state import RunStatus
from bot.domain.screening_talk import packed, seed_of
from bot.domain.screening_words import RunWish
from bot.services import safety_records, screenings
from bot.services.screening_turns import Scales
from bot.services.screenings import Result, Run

_BEGIN, _RESUME = "我想做“{name}”", "接着做“{name}”"
_NOT_HERE = "这份现在不能在这里做。想做别的，回“测评”看看，或者跟我说“做个测评”。"
_NOT_NOW = "聊天里还有一个要紧的问题没答，先回那一句，测评随时能做。"


@dataclass(frozen=True)
class _Shelf:
    """One worker's runs: those that are live, newest first, and the finished ones, oldest first."""

    live: Sequence[Run]
    results: Sequence[Result]

    def waiting(self, questionnaire_id: str) -> Run | None:
        return self._first(questionnaire_id, lambda run: run.state.status is not RunStatus.OFFERED)

    def invitation(self, questionnaire_id: str) -> Run | None:
        return self._first(questionnaire_id, lambda run: run.state.status is RunStatus.OFFERED and run.state.is_invited)

    def _first(self, questionnaire_id: str, fits: Callable[[Run], bool]) -> Run | None:
        return next((run for run in self.live if run.questionnaire.id == questionnaire_id and fits(run)), None)

    def of(self, questionnaire_id: str) -> list[Result]:
        return [each for each in self.results if each.questionnaire_id == questionnaire_id]


def overview(session: Session, worker_id: str, scales: Scales, now: dt.datetime) -> list[dict[str, Any]]:
    """Every questionnaire that this worker may begin, is invited to, left in the middle or has results of, as JSON values.

    `last` is the newest result with the scales that stand for the whole.
    """
    shelf = _shelf(session, worker_id, scales, now)
    found: list[dict[str, Any]] = []
    order = list(scales.messages.names)
    for name in sorted(scales.questionnaires, key=lambda each: order.index(each) if each in order else len(order)):
        results = shelf.of(name)
        head = _head(name, shelf, scales)
        if head["can_begin"] or head["waiting"] or results:
            last = _run(session, worker_id, results[-1], scales) if results else None
            if last is not None:
                total = results[-1].total
                last["scales"] = [each for each in last["scales"] if total in (None, each["id"])]
            found.append({**head, "last": last})
    return sorted(found, key=lambda each: not (each["is_invited"] or each["waiting"]))


def detail(session: Session, worker_id: str, questionnaire_id: str, scales: Scales, now: dt.datetime) -> dict[str, Any]:
    """One questionnaire with all its finished runs, oldest first, as JSON values; raises NotFound where there is nothing to show.

    Each scale has its value, range, bands and what its band means, in the words the conversation used. A run on invitation has
    its scales only once the counsellor has opened it: `shared_at` is the mark of that.
    """
    shelf = _shelf(session, worker_id, scales, now)
    if questionnaire_id not in scales.questionnaires:
        raise NotFound(questionnaire_id)
    head, results = _head(questionnaire_id, shelf, scales), shelf.of(questionnaire_id)
    if not (head["can_begin"] or head["waiting"] or results):
        raise NotFound(questionnaire_id)
    definition = scales.questionnaires[questionnaire_id]
    return {
        **head,
        "days": definition.period.days,
        "is_higher_better": definition.is_higher_better,
        "source": definition.provenance.source,
        "licence": definition.provenance.licence,
        "unverified": list(definition.provenance.unverified),
        "runs": [_run(session, worker_id, each, scales) for each in results],
    }


def wish(
    session: Session, worker_id: str, conversation_id: str, questionnaire_id: str, desk: SafetyDesk, scales: Scales,
    now: dt.datetime,
) -> tuple[str, str]:  # fmt: skip
    """The worker's words and the payload of the button 开始 or 接着做 on the page.

    A run that waits is taken up at its question, an invitation accepted, else a new run begun. Raises UnknownChoice for what
    can't be begun here, and while a direct question of the safety conversation is open: its answer comes first.
    """
    known = safety_records.known(session, worker_id, conversation_id, RiskFinding(), now)
    if desk.is_asking(known, now):
        raise UnknownChoice("a direct question is open", reader_text=_NOT_NOW)
    if questionnaire_id not in scales.questionnaires:
        raise UnknownChoice("there is no such questionnaire", reader_text=_NOT_HERE)
    shelf = _shelf(session, worker_id, scales, now)
    waiting, invitation = shelf.waiting(questionnaire_id), shelf.invitation(questionnaire_id)
    text = (_RESUME if waiting else _BEGIN).format(name=_name(questionnaire_id, scales))
    if waiting is not None:
        return text, packed({"do": RunWish.RESUME.value, "run": waiting.state.run_id})
    if invitation is not None:
        return text, packed({"do": RunWish.BEGIN.value, "run": invitation.state.run_id})
    if questionnaire_id in scales.offered:
        return text, packed({"do": RunWish.BEGIN.value, "questionnaire": questionnaire_id})
    raise UnknownChoice("this questionnaire can't be begun", reader_text=_NOT_HERE)


def _shelf(session: Session, worker_id: str, scales: Scales, now: dt.datetime) -> _Shelf:
    return _Shelf(screenings.live(session, worker_id, scales.questionnaires, now), screenings.results(session, worker_id))


def _name(questionnaire_id: str, scales: Scales) -> str:
    """How it is called in talk."""
    return scales.messages.names.get(questionnaire_id) or scales.questionnaires[questionnaire_id].title


def _head(questionnaire_id: str, shelf: _Shelf, scales: Scales) -> dict[str, Any]:
    definition = scales.questionnaires[questionnaire_id]
    waiting, invitation = shelf.waiting(questionnaire_id), shelf.invitation(questionnaire_id)
    name = _name(questionnaire_id, scales)
    return {
        "id": questionnaire_id,
        "name": name,
        "title": definition.title,
        "purpose": definition.purpose,
        "minutes": definition.minutes,
        "period": definition.period.text,
        "can_begin": questionnaire_id in scales.offered or invitation is not None,
        "is_invited": invitation is not None,
        "says": (_RESUME if waiting else _BEGIN).format(name=name),
        "waiting": _waiting(waiting),
    }


def _waiting(run: Run | None) -> dict[str, Any] | None:
    if run is None:
        return None
    done = progress(run.questionnaire, run.state.answers)
    return {"run_id": run.state.run_id, "answered": done.done, "of": done.of}


def _run(session: Session, worker_id: str, result: Result, scales: Scales) -> dict[str, Any]:
    is_opened = not result.is_invited or result.shared_at is not None
    run = screenings.run_of(session, worker_id, result.run_id, scales.questionnaires)
    return {
        "run_id": result.run_id,
        "finished_at": result.finished_at.isoformat(),
        "is_invited": result.is_invited,
        "is_opened": is_opened,
        "is_overlapping": result.is_overlapping,
        "shared_at": result.shared_at.isoformat() if result.shared_at else None,
        "scales": [_scale(each, result.scales[each.id], run) for each in run.questionnaire.scales] if is_opened else [],
    }


def _scale(scale: Scale, kept: Mapping[str, Any], run: Run) -> dict[str, Any]:
    band, picture = screenings.drawn_again(run, scale, kept)
    return {**picture, "means": _means(band, run.state.run_id)}


def _means(band: Band | None, run_id: str) -> list[str]:
    """The wording of the band that this run was told in the conversation."""
    return list(band.worker[seed_of(run_id) % len(band.worker)]) if band and band.worker else []
