"""Trainings and proofs as rows: asked for, taken by lease, told how far they are, ended once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from bot.db.studio_tables import ChangeSet, TrainingJob
from bot.domain.errors import Busy, IllegalTransition, Incomplete, NotFound
from bot.services import audit, models
from bot.services.alone import alone

TRAIN, PROVE = "train", "prove"
QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
OPEN = (QUEUED, RUNNING)
LEASE = dt.timedelta(seconds=30)
INTERRUPTED = {
    TRAIN: "训练被中断了，模型没有变，可以再训练一次。",
    PROVE: "验证被中断了，模型没有变，可以再验证一次。",
}
SHOWN = 50
_LONGEST_ERROR = 300
_WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Job:
    """One training or proof as it stands; `progress` from 0 to 1."""

    id: int
    kind: str
    state: str
    phase: str
    progress: float
    error: str | None
    requested_by: str
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    change_set_id: int | None
    model_id: str | None
    cancel_at: dt.datetime | None

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id, "kind": self.kind, "state": self.state, "phase": self.phase, "progress": round(self.progress, 3),
            "error": self.error, "requested_by": self.requested_by, "created_at": self.created_at.isoformat(),
            "started_at": _iso(self.started_at), "finished_at": _iso(self.finished_at), "change_set_id": self.change_set_id,
            "model_id": self.model_id,
        }  # fmt: skip


def request(
    session: Session, kind: object, by: str, now: dt.datetime, *, change_set_id: object = None, model_id: object = None
) -> Job:
    """Queue a training (of the folder, or of a draft laid over it) or a proof of a model.

    Raises Incomplete for what can't be read, NotFound, Busy while one of the kind waits or runs.
    """
    alone(session)
    if kind not in (TRAIN, PROVE):
        raise Incomplete(["kind"], reader_text="请选训练或验证。")
    chosen = _change_set(session, change_set_id) if kind == TRAIN else None
    model = _model(session, model_id) if kind == PROVE else None
    _require_none(session, str(kind))
    job = add(session, str(kind), by, now, change_set_id=chosen, model_id=model)
    audit.append(session, by, f"studio.{kind}", f"job {job.id}", "", now)
    session.commit()
    return job


def add(
    session: Session, kind: str, by: str, now: dt.datetime, *, change_set_id: int | None = None, model_id: str | None = None
) -> Job:
    """Queue a job of facts that were checked, also behind another of its kind. The caller commits."""
    row = TrainingJob(kind=kind, change_set_id=change_set_id, model_id=model_id, requested_by=by, created_at=now)
    session.add(row)
    session.flush()
    return _job(row)


def has_work(session: Session) -> bool:
    """Whether anything waits or runs: a look without a write lock."""
    return session.scalar(select(TrainingJob.id).where(TrainingJob.state.in_(OPEN)).limit(1)) is not None


def take(session: Session, now: dt.datetime) -> Job | None:
    """Take the oldest queued job by a compare-and-set; None when there is none, or another one runs: one at a time."""
    alone(session)
    if session.scalar(select(TrainingJob.id).where(TrainingJob.state == RUNNING).limit(1)) is not None:
        return None
    job_id = session.scalar(select(TrainingJob.id).where(TrainingJob.state == QUEUED).order_by(TrainingJob.id).limit(1))
    if job_id is None or not _move(session, job_id, QUEUED, state=RUNNING, started_at=now, leased_until=now + LEASE):
        return None
    session.commit()
    return get(session, job_id)


def renew(session: Session, job_id: int, now: dt.datetime, phase: str, progress: float) -> bool:
    """Tell how far a running job is and keep its lease; False when it shall stop: somebody cancelled it, or the lease was lost."""
    held = _move(session, job_id, RUNNING, leased_until=now + LEASE, phase=phase[:32], progress=min(max(progress, 0.0), 1.0))
    session.commit()
    return held and get(session, job_id).cancel_at is None


def finish(
    session: Session, job_id: int, state: str, now: dt.datetime, *, error: str | None = None,
    result: dict[str, Any] | None = None, model_id: str | None = None,
) -> bool:  # fmt: skip
    """End a running job, once; False when it was ended before. The caller commits."""
    facts: dict[str, Any] = {
        "state": state,
        "finished_at": now,
        "leased_until": None,
        "error": error and error[:_LONGEST_ERROR],
    }
    if state == DONE:
        facts |= {"progress": 1.0, "result": result}
    if model_id is not None:
        facts["model_id"] = model_id
    return _move(session, job_id, RUNNING, **facts)


def end(session: Session, job_id: int, state: str, now: dt.datetime, error: str | None) -> bool:
    """`finish`, committed."""
    ended = finish(session, job_id, state, now, error=error)
    session.commit()
    return ended


def cancel(session: Session, job_id: int, by: str, now: dt.datetime) -> Job:
    """Cancel a queued job at once, ask a running one to stop; raises NotFound, IllegalTransition when it has ended."""
    job = get(session, job_id)
    if not _move(session, job_id, QUEUED, state=CANCELLED, finished_at=now, cancel_at=now) and not _move(
        session, job_id, RUNNING, cancel_at=job.cancel_at or now
    ):
        raise IllegalTransition(f"job {job_id} has ended", reader_text="它已经结束了，不用取消。")
    audit.append(session, by, "studio.cancel", f"job {job_id}", "", now)
    session.commit()
    return get(session, job_id)


def expire(session: Session, now: dt.datetime) -> int:
    """End jobs whose runner was killed: their lease has run out; gives how many."""
    late = select(TrainingJob).where(TrainingJob.state == RUNNING, TrainingJob.leased_until < now)
    ended = 0
    for row in session.scalars(late).all():
        if row.cancel_at is not None:
            ended += finish(session, row.id, CANCELLED, now)
        else:
            ended += finish(session, row.id, FAILED, now, error=INTERRUPTED[row.kind])
    session.commit()
    return ended


def get(session: Session, job_id: int) -> Job:
    """This job; raises NotFound."""
    row = session.get(TrainingJob, job_id, populate_existing=True)
    if row is None:
        raise NotFound(f"job {job_id}", reader_text="没有这个任务。")
    return _job(row)


def listing(session: Session) -> list[Job]:
    """The last fifty, newest first."""
    return [_job(row) for row in session.scalars(select(TrainingJob).order_by(TrainingJob.id.desc()).limit(SHOWN))]


def _require_none(session: Session, kind: str) -> None:
    if session.scalar(select(TrainingJob.id).where(TrainingJob.kind == kind, TrainingJob.state.in_(OPEN)).limit(1)) is not None:
        word = "训练" if kind == TRAIN else "验证"
        raise Busy(f"{kind} under way", reader_text=f"已经有一个{word}在排队或进行，等它结束再来。")


def _change_set(session: Session, given: object) -> int | None:
    if given is None:
        return None
    is_id = isinstance(given, int) and not isinstance(given, bool) and 0 < given < 2**31
    row = session.get(ChangeSet, given) if is_id else None
    if row is None:
        raise NotFound(f"change set {given}", reader_text="没有这个改动单。")
    if row.state == _WITHDRAWN:
        raise IllegalTransition(f"change set {row.id} is withdrawn", reader_text="这个改动单已经撤回，不能拿来训练。")
    return row.id


def _model(session: Session, given: object) -> str:
    if not isinstance(given, str) or not given:
        raise Incomplete(["model_id"], reader_text="请选要验证的模型。")
    return models.get(session, given).id


def _move(session: Session, job_id: int, expected: str, **values: Any) -> bool:
    change = update(TrainingJob).where(TrainingJob.id == job_id, TrainingJob.state == expected).values(**values)
    result = session.execute(change.execution_options(synchronize_session=False))
    return isinstance(result, CursorResult) and result.rowcount == 1


def _job(row: TrainingJob) -> Job:
    return Job(
        row.id, row.kind, row.state, row.phase, row.progress, row.error, row.requested_by, row.created_at, row.started_at,
        row.finished_at, row.change_set_id, row.model_id, row.cancel_at,
    )  # fmt: skip


def _iso(at: dt.datetime | None) -> str | None:
    return None if at is None else at.isoformat()
