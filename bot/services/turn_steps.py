"""What one message leads to beside its storing: the way through it, its finding kept, its alert and handoff, the lines due by time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

from sqlalchemy.orm import Session

from bot.db.tables import Conversation, Message, RiskAssessment, Worker
from bot.domain.conversation import HANDOFF, NOT_UNDERSTOOD, START_SCREENING, ConversationState, Reply, Understanding
from bot.domain.follow_up import POLICY, CarePolicy
from bot.domain.handoff import HandoffReason, reason_for
from bot.domain.handoff_talk import HandoffDesk, gender_asked_for, wants_to_cancel
from bot.domain.protocol import Known, Place, SafetyDesk, Step, Voice
from bot.domain.risk import RiskFinding, RiskLevel, RiskSubject
from bot.domain.screening_words import FIRST_SCREEN, wanted_scale
from bot.services import (
    alerts,
    follow_ups,
    handoff_steps,
    handoff_waiting,
    handoffs,
    levels,
    safety_records,
    screening_turns,
    workers,
)
from bot.services.screening_turns import Moment, Scales

_PAUSE = dt.timedelta(minutes=15)
HUMAN_WANTED = frozenset({HANDOFF, NOT_UNDERSTOOD})


@dataclass(frozen=True)
class Care:
    """What is said and done without Rasa: the protocol's desk, the lines that come by time, and the figures clinicians set."""

    desk: SafetyDesk
    reminder: Reply
    welcome_back: Sequence[str]
    remind_after: dt.timedelta
    handoff: HandoffDesk
    policy: CarePolicy = POLICY
    scales: Scales | None = None


def step(
    session: Session, moment: Moment, conversation: Conversation, finding: RiskFinding, care: Care
) -> Step:  # fmt: skip
    """The way through a message that the program answers."""
    is_waiting = conversation.state == ConversationState.WAITING.value
    found = handoff_steps.open_of(session, conversation.id) if is_waiting else None
    cancels = wants_to_cancel(moment.text, moment.payload, found.id if found is not None else None)
    if cancels is not None and finding.level is RiskLevel.NONE:
        now, desk = moment.place.now, care.handoff
        said = handoff_waiting.cancel(session, moment.worker, conversation, cancels, now, desk)
        return Step(finding, finding, first=(said,), voice=Voice.SILENT)
    step = care.desk.step(moment.text, moment.payload, finding, moment.known, moment.place)
    return step if care.scales is None else screening_turns.take(session, moment, step, care.desk, care.scales)


def beside_counsellor(session: Session, moment: Moment, finding: RiskFinding, care: Care) -> Step:
    """The same while a counsellor leads; a run that they invited to goes on between its items."""
    level = _level_of_case(session, moment.conversation_id)
    step = care.desk.beside_counsellor(moment.text, moment.payload, finding, moment.known, moment.place, level)
    if care.scales is None or step.finding.level >= RiskLevel.HIGH:
        return step
    return screening_turns.take_invited(session, moment, step, care.desk, care.scales)


def late_step(
    session: Session, conversation: Conversation, message: Message, finding: RiskFinding, known: Known, care: Care, place: Place
) -> Step:  # fmt: skip
    """The way through a finding that came late, whoever leads now."""
    if conversation.state != ConversationState.COUNSELLOR.value:
        return care.desk.late(message.text, finding, known, place)
    return care.desk.beside_counsellor(message.text, None, finding, known, place, _level_of_case(session, conversation.id))


def _level_of_case(session: Session, conversation_id: str) -> RiskLevel:
    found = handoff_steps.open_of(session, conversation_id)
    return RiskLevel.NONE if found is None else RiskLevel(found.level)


def by_time(session: Session, worker: Worker, step: Step, care: Care, now: dt.datetime) -> list[Reply]:
    """The lines that time makes due: welcome back after a watch, and after hours of use that this is a program."""
    due: list[Reply] = []
    if step.told.level is RiskLevel.NONE and follow_ups.welcome_back_due(session, worker.id, now, care.policy):
        due.append(Reply(care.welcome_back[worker_turn(worker.id, len(care.welcome_back))]))
    reminded_at = worker.reminded_at
    if workers.note_use(worker, now, _PAUSE, care.remind_after):
        if step.safety_set is None:
            due.append(care.reminder)
        else:  # nothing stands beside a safety text: the reminder comes with the next message
            worker.reminded_at = reminded_at
    return due


def worker_turn(worker_id: str, wordings: int) -> int:
    """Which of several wordings this worker gets: not always the first."""
    return crc32(worker_id.encode()) % wordings if wordings else 0


def signalled(
    session: Session, worker: Worker, message: Message, understanding: Understanding | None, signals: frozenset[str], care: Care,
    now: dt.datetime,
) -> tuple[Reply, ...]:  # fmt: skip
    """The bubbles that the dialogue's signals call for, and what they change."""
    known = safety_records.known(session, worker.id, message.conversation_id, RiskFinding(), now, care.policy)
    step = care.desk.signalled(signals, message.text, known, now)
    if step is not None:
        safety_records.keep(session, worker, step, now)
        return step.after
    if START_SCREENING in signals and care.scales is not None:
        named = [
            str(each.get("value"))
            for each in (understanding.entities if understanding else ())
            if each.get("entity") == "scale"
        ]
        wanted = wanted_scale(message.text, next(iter(named), ""))
        wanted = wanted if wanted in care.scales.offered else FIRST_SCREEN
        moment = Moment(worker, message.conversation_id, message.text, None, known, Place(worker.timezone, now))
        return screening_turns.begin(session, moment, wanted, care.scales)
    return ()


def ask_for_human(
    session: Session, worker: Worker, conversation: Conversation, message: Message, signals: frozenset[str], care: Care,
    now: dt.datetime,
) -> None:  # fmt: skip
    """A person was asked for, or the program did not understand twice over: a handoff, and of a wish an alert as well."""
    if not signals & HUMAN_WANTED:
        return
    reason = HandoffReason.NOT_UNDERSTOOD
    level = levels.carried(session, worker.id, now, care.policy)
    if HANDOFF in signals:
        alerts.ask_for_person(session, conversation.id, message.id, now)
        reason = HandoffReason.WATCH_AGREED if level is RiskLevel.WATCH else HandoffReason.ASKED_FOR_PERSON
    handoffs.request(
        session, conversation, reason, level, now, care.handoff.policy, message_id=message.id,
        wanted_gender=gender_asked_for(message.text),
    )  # fmt: skip


def assess(
    session: Session, worker: Worker, conversation: Conversation, message_id: int, finding: RiskFinding, now: dt.datetime,
    care: Care,
) -> None:  # fmt: skip
    """Keep what the screen found; from watch up raise the worker's level, an alert, the follow-ups it asks for, and a handoff."""
    found = handoff_steps.open_of(session, conversation.id)
    if found is not None:
        handoff_waiting.note_word(found, now)
    session.add(
        RiskAssessment(
            message_id=message_id, level=finding.level.value, subject=finding.subject.value, kind=finding.kind.value,
            cues=[{"name": cue.name, "start": cue.start, "end": cue.end} for cue in finding.cues],
            score=finding.score, lexicon_version=finding.lexicon_version, model_version=finding.model_version, created_at=now,
        )
    )  # fmt: skip
    if finding.level is RiskLevel.NONE:
        return
    levels.raise_by(worker, finding, now, care.policy)
    review = care.policy.review if finding.level is RiskLevel.WATCH else None
    alert = alerts.raise_alert(session, conversation, message_id, alerts.RISK, finding, now, review)
    follow_ups.plan(session, alert, care.policy)
    if finding.level >= RiskLevel.HIGH or finding.subject is RiskSubject.SELF:
        reason = reason_for(finding.level)
        handoffs.request(session, conversation, reason, finding.level, now, care.handoff.policy, message_id=message_id)
