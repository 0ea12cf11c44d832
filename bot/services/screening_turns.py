"""A message as part of a screening: one that begins a run, answers it or tells something else; danger always goes first."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from bot.db.tables import Worker
from bot.domain import screening
from bot.domain.conversation import Reply
from bot.domain.errors import IllegalTransition, NotFound
from bot.domain.protocol import Known, Place, SafetyDesk, Step, Voice
from bot.domain.questionnaire_definition import AlertRule, Questionnaire
from bot.domain.risk import Cue, RiskFinding, RiskKind, RiskLevel, RiskSubject
from bot.domain.screening import Said
from bot.domain.screening_state import OPEN, RunStatus, ScreeningMessages
from bot.domain.screening_talk import PAYLOAD, Nearest, Paper, ScreeningTurn
from bot.services import screenings
from bot.services.screenings import Run

WAITING = OPEN | {RunStatus.PAUSED}


@dataclass(frozen=True)
class Scales:
    """What can be filled in here: all definitions, the ids that a worker may begin, the texts, and what compares meanings."""

    questionnaires: Mapping[str, Questionnaire]
    offered: frozenset[str]
    messages: ScreeningMessages
    nearest: Nearest | None
    consent_version: str

    def paper(self, questionnaire: Questionnaire) -> Paper:
        return Paper(questionnaire, self.messages, self.nearest)


@dataclass(frozen=True)
class Moment:
    """One message as the safety desk left it."""

    worker: Worker
    conversation_id: str
    text: str
    payload: str | None
    known: Known
    place: Place


def take(session: Session, moment: Moment, step: Step, desk: SafetyDesk, scales: Scales) -> Step:
    """The step with what a screening adds; the caller holds the worker's row and commits.

    While the safety conversation speaks the run waits at its item; after it, a run that waits is offered again. An alert of
    an answer opens the safety conversation in the same turn.
    """
    if step.told.level >= RiskLevel.HIGH or step.voice is not Voice.WHOLE or step.first:
        return _let_wait(session, moment, step, scales)
    if moment.payload is not None and not moment.payload.startswith(PAYLOAD):
        return step
    found = _turn(session, moment, scales)
    if found is None:
        return step
    run, turn = found
    if turn.is_handled or turn.is_story or turn.state != run.state:
        _keep(session, moment, turn, run.questionnaire, scales)
    alarm = _alarm(turn.alerts, moment, desk, step)
    if alarm is not None:
        if alarm.safety_set is not None:  # the safety text goes first, and nothing stands beside it
            return replace(alarm, voice=Voice.SILENT)
        spoken = (*alarm.first, *alarm.after)
        if not spoken and turn.state.status is RunStatus.PAUSED:  # asked directly a short while ago: the run goes on
            resumed = screening.resume(turn.state, scales.paper(run.questionnaire))
            _keep(session, moment, resumed, run.questionnaire, scales)
            spoken = resumed.bubbles
        return replace(alarm, first=(*turn.bubbles, *spoken), after=(), voice=Voice.SILENT)
    if turn.is_handled:
        return replace(step, first=turn.bubbles, voice=Voice.SILENT)
    return replace(step, after=turn.bubbles, voice=Voice.BRIEF if turn.is_story else Voice.WHOLE)


def take_invited(session: Session, moment: Moment, step: Step, desk: SafetyDesk, scales: Scales) -> Step:
    """`take` while a counsellor leads: only a run that they invited to is led on, and only by what answers it."""
    run = _run(session, moment, Said("" if moment.payload else moment.text, moment.payload), scales)
    is_led = moment.payload is not None or (run is not None and run.state.status in {*OPEN, RunStatus.CONSENTING})
    if run is None or not run.state.is_invited or not is_led:
        return step
    spoken = take(session, moment, replace(step, voice=Voice.WHOLE), desk, scales)
    return replace(spoken, after=(), voice=Voice.SILENT)


def begin(session: Session, moment: Moment, questionnaire_id: str, scales: Scales) -> tuple[Reply, ...]:
    """Begin a run that the dialogue asked for; no bubbles when this questionnaire can't be begun here."""
    run = _fresh(session, moment.worker.id, questionnaire_id, scales, moment.place.now)
    if run is None:
        return ()
    _keep(session, moment, run[1], run[0].questionnaire, scales)
    return run[1].bubbles


def invite(
    session: Session, worker: Worker, conversation_id: str, questionnaire_id: str, scales: Scales, now: dt.datetime
) -> tuple[Reply, ...]:  # fmt: skip
    """A counsellor's invitation to a questionnaire; only the worker's yes to it begins the run.

    The caller holds the worker's row, puts the bubbles into the thread and commits. Raises IllegalTransition where a run of it
    waits or is led already.
    """
    live = screenings.live(session, worker.id, scales.questionnaires, now)
    if any(run.questionnaire.id == questionnaire_id for run in live):
        raise IllegalTransition("a run of it is live", reader_text="这份测评已经在对方手上了，还没做完。")
    definition = scales.questionnaires[questionnaire_id]
    has_consent = screenings.has_consent(session, worker.id)
    turn = screening.offer(scales.paper(definition), uuid.uuid4().hex, has_consent=has_consent, is_invited=True)
    screenings.keep(
        session, worker.id, conversation_id, turn, definition, now, consent_version=scales.consent_version
    )  # fmt: skip
    return turn.bubbles


def _turn(session: Session, moment: Moment, scales: Scales) -> tuple[Run, ScreeningTurn] | None:
    """The run that this message belongs to, as it was, and its turn; None when it belongs to none."""
    said = Said("" if moment.payload else moment.text, moment.payload)
    wanted = screening.asked_for(said)
    if wanted is not None:
        begun = _fresh(session, moment.worker.id, wanted, scales, moment.place.now)
        if begun is not None:
            return begun
    run = _run(session, moment, said, scales)
    return None if run is None else (run, screening.advance(run.state, said, scales.paper(run.questionnaire)))


def _run(session: Session, moment: Moment, said: Said, scales: Scales) -> Run | None:
    run_id = _named_run(said.payload) if said.payload else None
    if run_id is not None:
        try:
            return screenings.run_of(session, moment.worker.id, run_id, scales.questionnaires)
        except NotFound:
            return None
    return screenings.current(session, moment.worker.id, scales.questionnaires, moment.place.now)


def _named_run(payload: str) -> str | None:
    """The run that a button of ours belongs to."""
    found = screening.read_payload(payload).get("run")
    return found if isinstance(found, str) else None


def _fresh(
    session: Session, worker_id: str, questionnaire_id: str, scales: Scales, now: dt.datetime
) -> tuple[Run, ScreeningTurn] | None:
    """A new run and its opening, or the same questionnaire's run that waits, gone on with; None when it can't be begun here."""
    if questionnaire_id not in scales.offered:
        return None
    live = screenings.current(session, worker_id, scales.questionnaires, now)
    if live is not None and live.questionnaire.id == questionnaire_id and live.state.status in WAITING:
        return live, screening.resume(live.state, scales.paper(live.questionnaire))
    definition = scales.questionnaires[questionnaire_id]
    has_consent = screenings.has_consent(session, worker_id)
    turn = screening.begin(scales.paper(definition), uuid.uuid4().hex, has_consent=has_consent)
    return Run(turn.state, definition), turn


def _keep(session: Session, moment: Moment, turn: ScreeningTurn, definition: Questionnaire, scales: Scales) -> None:
    screenings.keep(
        session, moment.worker.id, moment.conversation_id, turn, definition, moment.place.now,
        consent_version=scales.consent_version,
    )  # fmt: skip


def _let_wait(session: Session, moment: Moment, step: Step, scales: Scales) -> Step:
    """An open run waits; when the direct questions have just ended without danger, it is offered again."""
    now = moment.place.now
    run = screenings.current(session, moment.worker.id, scales.questionnaires, now)
    if run is None:
        return step
    paper = scales.paper(run.questionnaire)
    if run.state.status in OPEN or run.state.status is RunStatus.CONSENTING:
        _keep(session, moment, ScreeningTurn(screening.pause(run.state)), run.questionnaire, scales)
        return step
    is_over = (
        step.asq is not None and step.asq.open is None and moment.known.asq is not None and moment.known.asq.open is not None
    )
    if run.state.status is RunStatus.PAUSED and is_over and max(step.told.level, moment.known.level) < RiskLevel.HIGH:
        turn = screening.offer_resume(run.state, paper)
        _keep(session, moment, turn, run.questionnaire, scales)
        return replace(step, first=(*step.first, *turn.bubbles))
    return step


def _alarm(alerts: tuple[AlertRule, ...], moment: Moment, desk: SafetyDesk, step: Step) -> Step | None:
    """The safety conversation that alert rules of the answers open: the direct question, or the fixed text."""
    if not alerts:
        return None
    level = max((rule.level or RiskLevel.NONE for rule in alerts), key=lambda each: each.rank)
    cues = tuple(Cue(f"screening_{rule.id}", 0, 0) for rule in alerts)
    finding = RiskFinding(level, RiskSubject.SELF, RiskKind.SUICIDE, cues) if level is not RiskLevel.NONE else step.finding
    return desk.asked_by_screening(finding, moment.known, moment.place, asks=any(rule.is_asked for rule in alerts))
