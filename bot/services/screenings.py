"""Runs of questionnaires: which one is open, keeping it turn by turn, results over time, sharing and deleting one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.db.tables import Consent, QuestionnaireVersion, Screening
from bot.domain.consent import ASSESSMENT
from bot.domain.errors import InvalidInput, NotFound
from bot.domain.questionnaire import ScaleScore, score
from bot.domain.questionnaire_definition import Band, Questionnaire, Scale, Sex
from bot.domain.screening_picture import drawn
from bot.domain.screening_state import LIVE, OPEN, RunStatus, ScreeningState
from bot.domain.screening_talk import ScreeningTurn
from bot.domain.screening_version import definition_from_json, definition_to_json, digest_of
from bot.services import workers

RESTS = dt.timedelta(days=7)  # policy: a run left longer is not gone on with, its answers would mix two times asked about
_SHARED_WITHIN = dt.timedelta(days=1)  # policy: as long the question whether to share stands open
_LED = OPEN | {RunStatus.CONSENTING}
_RECENT = select(Screening).where(
    Screening.worker_id == bindparam("worker"),
    Screening.status.in_([status.value for status in (*LIVE, RunStatus.FINISHED)]),
    Screening.updated_at > bindparam("since"),
)


@dataclass(frozen=True)
class Run:
    """A run as it stands, with the definition it began with."""

    state: ScreeningState
    questionnaire: Questionnaire


@dataclass(frozen=True)
class Result:
    """A finished run; `scales` holds value, band and range of each scale by its id, `total` the scale that stands for the whole.

    `is_overlapping`: finished sooner than the time it asks about after the last one that does not overlap itself (时间窗重叠), so
    no change is drawn to it; a run without a score stands in no other's way.
    """

    run_id: str
    questionnaire_id: str
    version: str
    finished_at: dt.datetime
    scales: Mapping[str, Mapping[str, Any]]
    total: str | None
    is_invited: bool
    is_overlapping: bool
    shared_at: dt.datetime | None


def has_consent(session: Session, worker_id: str) -> bool:
    """Whether the worker has agreed to assessment."""
    return workers.has_consent(session, worker_id, ASSESSMENT)


def current(session: Session, worker_id: str, questionnaires: Mapping[str, Questionnaire], now: dt.datetime) -> Run | None:
    """The run that a message may belong to: the one that is led now, else the newest that waits or asks whether to share; else None.

    `questionnaires` are today's; where the file has changed since, the run comes with the definition it began with.
    """
    rows = session.scalars(_RECENT, {"worker": worker_id, "since": now - RESTS}).all()
    led = {status.value for status in _LED}
    for row in sorted(rows, key=lambda each: (each.status in led, each.updated_at), reverse=True):
        is_over = row.status == RunStatus.FINISHED.value
        if is_over and (row.updated_at <= now - _SHARED_WITHIN or not row.state["offers"]):
            continue
        return _run(session, row, questionnaires)
    return None


def run_of(session: Session, worker_id: str, run_id: str, questionnaires: Mapping[str, Questionnaire]) -> Run:
    """One run of this worker, as a button names it; raises NotFound for another's or none."""
    return _run(session, _row(session, worker_id, run_id), questionnaires)


def live(session: Session, worker_id: str, questionnaires: Mapping[str, Questionnaire], now: dt.datetime) -> list[Run]:
    """The runs that wait or are led, newest first, and a counsellor's invitations, which do not grow old."""
    query = select(Screening).where(Screening.worker_id == worker_id, Screening.status.in_([status.value for status in LIVE]))
    rows = session.scalars(query.order_by(Screening.updated_at.desc(), Screening.id)).all()
    return [
        _run(session, row, questionnaires)
        for row in rows
        if row.updated_at > now - RESTS or (row.status == RunStatus.OFFERED.value and row.state["is_invited"])
    ]


def keep(
    session: Session, worker_id: str, conversation_id: str, turn: ScreeningTurn, questionnaire: Questionnaire, now: dt.datetime,
    *, consent_version: str,
) -> None:  # fmt: skip
    """Store what a turn changed: the run, the consent just given, the result, the choice to share; other open runs wait.

    The caller holds the worker's row and commits.
    """
    state = turn.state
    row = session.get(Screening, state.run_id)
    if row is None:
        digest = _stored_version(session, questionnaire)
        row = Screening(
            id=state.run_id, worker_id=worker_id, conversation_id=conversation_id, questionnaire=questionnaire.id,
            version=questionnaire.version, digest=digest, started_at=now,
        )  # fmt: skip
    elif row.worker_id != worker_id:
        raise NotFound(state.run_id)
    if state.status in _LED:
        _let_others_wait(session, worker_id, state.run_id)
    row.status, row.state, row.updated_at = state.status.value, state.to_json(), now
    session.add(row)
    if state.status is RunStatus.FINISHED and row.finished_at is None:
        row.finished_at, row.result = now, _result(questionnaire, state)
    if turn.is_shared is not None:
        row.shared_at = now if turn.is_shared else None
    if turn.is_consent and not has_consent(session, worker_id):
        session.add(Consent(worker_id=worker_id, kind=ASSESSMENT, version=consent_version, granted_at=now))
    session.flush()


def results(session: Session, worker_id: str) -> list[Result]:
    """The finished runs of a worker, oldest first, for lists and trends."""
    query = select(Screening).where(Screening.worker_id == worker_id, Screening.finished_at.is_not(None))
    found: list[Result] = []
    last: dict[str, dt.datetime] = {}
    for row in session.scalars(query.order_by(Screening.finished_at, Screening.id)):
        result, finished_at = row.result or {}, row.finished_at
        assert finished_at is not None
        days, before = result["days"], last.get(row.questionnaire)
        overlaps = bool(days and before and finished_at - before < dt.timedelta(days=days))
        if not overlaps and any(scale["value"] is not None for scale in result["scales"].values()):
            last[row.questionnaire] = finished_at
        found.append(
            Result(
                row.id, row.questionnaire, row.version, finished_at, result["scales"], result["total"], result["is_invited"],
                overlaps, row.shared_at,
            )
        )  # fmt: skip
    return found


def drawn_again(run: Run, scale: Scale, kept: Mapping[str, Any]) -> tuple[Band | None, dict[str, Any]]:
    """A scale of a finished run as it came out: its band, and what is drawn of it (`screening_picture`)."""
    band = next((each for each in scale.bands if each.id == kept["band"]), None)
    found = ScaleScore(kept["value"], band, tuple(kept["missing"]), kept["is_prorated"], kept["is_minimum"])
    return band, drawn(scale, found, run.state.sex or Sex.UNSAID)


def share(session: Session, worker_id: str, run_id: str, now: dt.datetime | None) -> None:
    """Let a counsellor see this result from `now` on, or (None) no longer; the question in the conversation is answered by it.

    Raises NotFound for another's run, InvalidInput for one that is not finished or that the counsellor opens in any case.
    """
    row = _row(session, worker_id, run_id)
    state = ScreeningState.from_json(row.state)
    if row.finished_at is None or state.is_invited:
        raise InvalidInput("nothing to share", reader_text="这一份不用在这里分享。")
    row.shared_at = now and (row.shared_at or now)
    row.state = replace(state, offers="").to_json()
    session.commit()


def open_invited(session: Session, worker_id: str, run_id: str, now: dt.datetime) -> None:
    """The counsellor opens the result of an invited run with the worker, whose page shows it from now on; the caller commits.

    Raises NotFound for another's run, InvalidInput for one that is not finished or that no counsellor invited to.
    """
    row = _row(session, worker_id, run_id)
    if row.finished_at is None or not ScreeningState.from_json(row.state).is_invited:
        raise InvalidInput("nothing to open", reader_text="这一份不是请对方做的，或者还没做完。")
    row.shared_at = row.shared_at or now


def delete_run(session: Session, worker_id: str, run_id: str) -> None:
    """Remove one run with its answers and its result; raises NotFound. Alerts it gave stay."""
    session.delete(_row(session, worker_id, run_id))
    session.commit()


def _row(session: Session, worker_id: str, run_id: str) -> Screening:
    row = session.get(Screening, run_id)
    if row is None or row.worker_id != worker_id:
        raise NotFound(run_id)
    return row


def _run(session: Session, row: Screening, questionnaires: Mapping[str, Questionnaire]) -> Run:
    state = ScreeningState.from_json(row.state)
    today = questionnaires.get(row.questionnaire)
    if today is not None and digest_of(today) == row.digest:
        return Run(state, today)
    return Run(state, definition_from_json(session.get_one(QuestionnaireVersion, row.digest).definition))


def _stored_version(session: Session, questionnaire: Questionnaire) -> str:
    digest = digest_of(questionnaire)
    if session.get(QuestionnaireVersion, digest) is None:
        row = QuestionnaireVersion(
            digest=digest, questionnaire=questionnaire.id, version=questionnaire.version,
            definition=definition_to_json(questionnaire),
        )  # fmt: skip
        with suppress(IntegrityError), session.begin_nested():  # another worker may begin with it at the same moment
            session.add(row)
    return digest


def _let_others_wait(session: Session, worker_id: str, run_id: str) -> None:
    """One run is led at a time: an open one waits at its item until it is taken up again."""
    query = select(Screening).where(Screening.worker_id == worker_id, Screening.id != run_id)
    for row in session.scalars(query.where(Screening.status.in_([status.value for status in _LED]))):
        waiting = ScreeningState.from_json(row.state).paused()
        row.status, row.state = waiting.status.value, waiting.to_json()


def _result(questionnaire: Questionnaire, state: ScreeningState) -> dict[str, Any]:
    """Values and bands as they came out, with the ranges they stand in."""
    scored = score(questionnaire, state.answers, state.sex or Sex.UNSAID)
    found = {**({questionnaire.total.id: scored.whole} if questionnaire.total else {}), **scored.subscales}
    return {
        "total": questionnaire.total.id if questionnaire.total else None,
        "scales": {scale.id: _scale(scale, found[scale.id]) for scale in questionnaire.scales},
        "days": questionnaire.period.days,
        "is_invited": state.is_invited,
    }


def _scale(scale: Scale, found: ScaleScore) -> dict[str, Any]:
    return {
        "title": scale.title,
        "value": found.value,
        "lowest": scale.lowest,
        "highest": scale.highest,
        "band": found.band.id if found.band else None,
        "label": found.band.label if found.band else None,
        "missing": list(found.missing),
        "is_prorated": found.is_prorated,
        "is_minimum": found.is_minimum,
    }
