"""A/B of the live model with a candidate: who takes part, and how the two came out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session, aliased

from bot.db.handoff_tables import Handoff
from bot.db.studio_tables import Experiment, ExperimentArm, MessageFlag, ServingSlot
from bot.db.tables import Alert, Conversation, Message, UnderstandingRow
from bot.domain.conversation import Author
from bot.domain.errors import Busy, IllegalTransition, NotFound
from bot.domain.figures import percentile
from bot.domain.handoff import HandoffReason
from bot.domain.publication import CANDIDATE, CONTROL, DRAINING, LIVE, arm_of, require_publishable
from bot.domain.risk import RiskLevel
from bot.services import alerts, audit, models, proofs, publications, slots
from bot.services.alone import alone

_FALLBACK, _COMPLAINT, _THUMBS_DOWN = "nlu_fallback", "complain", "thumbs_down"
_CRISES = (RiskLevel.HIGH.value, RiskLevel.IMMINENT.value)


@dataclass(frozen=True)
class Outcome:
    """How one arm came out; shares from 0 to 1, of its messages or (a person asked for) of its conversations; None without any."""

    arm: str
    model_id: str
    conversations: int
    messages: int
    turns_a_conversation: float | None
    fallback_share: float | None
    not_understood_share: float | None
    thumbs_down_share: float | None
    asked_for_person_share: float | None
    crises: int
    seconds_p50: float | None


@dataclass(frozen=True)
class ExperimentLine:
    """One experiment with its table."""

    id: int
    share: int
    started_by: str
    started_at: dt.datetime
    ended_at: dt.datetime | None
    arms: tuple[Outcome, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id, "share": self.share, "started_by": self.started_by, "started_at": self.started_at.isoformat(),
            "ended_at": None if self.ended_at is None else self.ended_at.isoformat(), "arms": [asdict(arm) for arm in self.arms],
        }  # fmt: skip


def start(
    session: Session, model_id: str, share: int, by: str, reason: str, now: dt.datetime, models_dir: Path, serving: str | None
) -> ExperimentLine:
    """Let `share` percent of the new conversations talk to this model; the same rules and errors as publishing."""
    alone(session)
    publications.require_idle(session)
    if _open(session) is not None:
        raise Busy("experiment under way", reader_text="已经有一个对比试验在进行，先结束它。")
    model = models.get(session, model_id)
    control = slots.pin_live(session, models_dir, serving, now)
    require_publishable(proofs.standing(session, model, models_dir), by, reason)
    if control is None:
        raise NotFound("no live model", reader_text="现在没有在用的模型，没有可以对比的。")
    row = Experiment(control_id=control, candidate_id=model_id, share=share, started_by=by, started_at=now)
    session.add(row)
    session.flush()
    slots.place(session, model_id, CANDIDATE, None, now)
    audit.append(session, by, "studio.experiment", f"model {model_id}", reason, now)
    session.commit()
    return outcome(session, row.id)


def end(session: Session, experiment_id: int, by: str, now: dt.datetime) -> ExperimentLine:
    """End it: everybody talks to the live model again. Raises NotFound, IllegalTransition when it has ended."""
    if session.get(Experiment, experiment_id) is None:
        raise NotFound(f"experiment {experiment_id}", reader_text="没有这个对比试验。")
    change = update(Experiment).where(Experiment.id == experiment_id, Experiment.ended_at.is_(None))
    result = session.execute(change.values(ended_at=now, ended_by=by))
    if not isinstance(result, CursorResult) or result.rowcount != 1:
        raise IllegalTransition(f"experiment {experiment_id} has ended", reader_text="这个对比试验已经结束了。")
    opened = publications.under_way(session)
    slots.drain_candidates(session, opened.model_id if opened else None, now)
    audit.append(session, by, "studio.end_experiment", f"experiment {experiment_id}", "", now)
    session.commit()
    return outcome(session, experiment_id)


def newest(session: Session) -> ExperimentLine | None:
    """The experiment under way, else the last one; None when there never was one."""
    found = session.scalar(select(Experiment.id).order_by(Experiment.ended_at.is_(None).desc(), Experiment.id.desc()).limit(1))
    return None if found is None else outcome(session, found)


def lacks_slot(session: Session) -> bool:
    """Whether the candidate of an experiment under way has no slot."""
    running = _open(session)
    if running is None:
        return False
    served = select(ServingSlot.slot).where(ServingSlot.model_id == running.candidate_id, ServingSlot.state != DRAINING)
    return session.scalar(served.limit(1)) is None


def keep_candidate(session: Session, now: dt.datetime) -> None:
    """See to it that the candidate of an experiment under way has a slot."""
    running = _open(session)
    if running is not None:
        slots.place(session, running.candidate_id, CANDIDATE, None, now)
        session.commit()


def arm(session: Session, conversation_id: str, experiment_id: int, now: dt.datetime) -> str:
    """The arm of a conversation, noted at its first turn; LIVE for one that began before the experiment or after its end."""
    known = session.scalar(
        select(ExperimentArm.arm).where(
            ExperimentArm.conversation_id == conversation_id, ExperimentArm.experiment_id == experiment_id
        )
    )
    if known is not None:
        return known
    experiment = session.get(Experiment, experiment_id)
    conversation = session.get(Conversation, conversation_id)
    if experiment is None or conversation is None or experiment.ended_at is not None:
        return LIVE
    if conversation.created_at < experiment.started_at:
        return LIVE
    drawn = arm_of(conversation_id, experiment_id, experiment.share)
    session.merge(ExperimentArm(conversation_id=conversation_id, experiment_id=experiment_id, arm=drawn, created_at=now))
    session.commit()
    return drawn


def outcome(session: Session, experiment_id: int) -> ExperimentLine:
    """The table of an experiment; raises NotFound."""
    row = session.get(Experiment, experiment_id)
    if row is None:
        raise NotFound(f"experiment {experiment_id}", reader_text="没有这个对比试验。")
    arms = tuple(
        _outcome(session, experiment_id, name, model_id)
        for name, model_id in ((CONTROL, row.control_id), (CANDIDATE, row.candidate_id))
    )
    return ExperimentLine(row.id, row.share, row.started_by, row.started_at, row.ended_at, arms)


def _open(session: Session) -> Experiment | None:
    return session.scalar(select(Experiment).where(Experiment.ended_at.is_(None)).limit(1))


def _outcome(session: Session, experiment_id: int, name: str, model_id: str) -> Outcome:
    """Everything that was said by the workers of this arm until the experiment's end."""
    ended_at = session.get_one(Experiment, experiment_id).ended_at
    of_arm = select(ExperimentArm.conversation_id).where(
        ExperimentArm.experiment_id == experiment_id, ExperimentArm.arm == name
    )  # fmt: skip
    said = [Message.conversation_id.in_(of_arm), Message.author == Author.WORKER.value]
    if ended_at is not None:
        said.append(Message.created_at <= ended_at)
    conversations = session.scalar(select(func.count()).select_from(of_arm.subquery())) or 0
    messages = session.scalar(select(func.count(Message.id)).where(*said)) or 0
    understood = dict(session.execute(_by_intent().where(*said)).tuples().all())
    return Outcome(
        name, model_id, conversations, messages, _part(messages, conversations, 1),
        _part(understood.get(_FALLBACK, 0), messages), _part(understood.get(_COMPLAINT, 0), messages),
        _part(session.scalar(_disliked().where(*said)) or 0, messages),
        _part(session.scalar(_asked_for_person().where(Handoff.conversation_id.in_(of_arm))) or 0, conversations),
        session.scalar(_crises().where(Alert.conversation_id.in_(of_arm))) or 0, _median(_seconds(session, said)),
    )  # fmt: skip


def _by_intent() -> Select[tuple[str, int]]:
    counted = select(UnderstandingRow.intent, func.count(UnderstandingRow.message_id))
    return counted.join(Message, Message.id == UnderstandingRow.message_id).group_by(UnderstandingRow.intent)


def _disliked() -> Select[tuple[int]]:
    counted = select(func.count(func.distinct(MessageFlag.message_id))).where(MessageFlag.kind == _THUMBS_DOWN)
    return counted.join(Message, Message.id == MessageFlag.message_id)


def _asked_for_person() -> Select[tuple[int]]:
    return select(func.count(func.distinct(Handoff.conversation_id))).where(
        Handoff.reason == HandoffReason.ASKED_FOR_PERSON.value
    )  # fmt: skip


def _crises() -> Select[tuple[int]]:
    return select(func.count(func.distinct(Alert.message_id))).where(Alert.reason == alerts.RISK, Alert.level.in_(_CRISES))


def _seconds(session: Session, said: Collection[ColumnElement[bool]]) -> list[float]:
    """From each message to its first answer by the program, rising."""
    reply = aliased(Message)
    first: dict[int, tuple[dt.datetime, dt.datetime]] = {}
    query = (
        select(Message.id, Message.created_at, func.min(reply.created_at))
        .join(reply, reply.in_reply_to == Message.id)
        .where(*said, reply.author == Author.BOT.value)
        .group_by(Message.id, Message.created_at)
    )
    for message_id, asked_at, answered_at in session.execute(query):
        first[message_id] = (asked_at, answered_at)
    return sorted((answered - asked).total_seconds() for asked, answered in first.values())


def _median(ordered: list[float]) -> float | None:
    return round(percentile(ordered, 0.5), 3) if ordered else None


def _part(count: int, whole: int, digits: int = 4) -> float | None:
    return round(count / whole, digits) if whole else None
