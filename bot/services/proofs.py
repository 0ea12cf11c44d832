"""What trainings and proofs leave behind: a model, its figures, and how it stands beside the live one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from bot.db.studio_tables import Model
from bot.domain.errors import PublishRefused
from bot.domain.model_proof import compare
from bot.domain.publication import PASSED, Standing
from bot.services import archives, change_sets, models, training_jobs
from bot.services.training_jobs import DONE, PROVE, Job


@dataclass(frozen=True)
class Trained:
    """What a training made: the archive's name below MODELS_DIR, and facts about the training itself."""

    archive: str
    fingerprint: str
    rasa_version: str
    facts: dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One model to measure; `measured_on` is the digest of what it was measured on before."""

    model_id: str
    archive: str
    measured_on: str | None


@dataclass(frozen=True)
class Plan:
    """What a proof measures: the new model, and the live one to compare it with; `change_set_id`: the draft laid over the folder."""

    steps: tuple[Step, ...]
    change_set_id: int | None


def overlay(session: Session, change_set_id: int | None) -> dict[str, str | None]:
    """The draft laid over the folder; nothing for one that stands in the folder already."""
    if change_set_id is None or change_sets.is_applied(session, change_set_id):
        return {}
    return change_sets.overlay(session, change_set_id)


def keep_training(session: Session, job: Job, trained: Trained, now: dt.datetime) -> bool:
    """The model's row, the end of its job and the proof that follows, in one commit; False when the job was ended by others."""
    model = models.register(
        session, trained.archive, trained.fingerprint, trained.rasa_version, now,
        change_set_id=job.change_set_id, trained_by=job.requested_by,
    )  # fmt: skip
    if not training_jobs.finish(session, job.id, DONE, now, result=trained.facts, model_id=model.id):
        session.rollback()
        return False
    training_jobs.add(session, PROVE, job.requested_by, now, model_id=model.id)
    session.commit()
    return True


def plan(session: Session, job: Job, models_dir: Path) -> Plan:
    """What this proof measures; raises NotFound, PublishRefused for an archive that can't run."""
    model = models.get(session, job.model_id or "")
    unfit = archives.look(models_dir, model.archive).unfit
    if unfit is not None:
        raise PublishRefused("unfit", reader_text=unfit)
    steps = [_step(model)]
    live = models.live(session, models_dir)
    if live is not None and live.id != model.id and archives.look(models_dir, live.archive).unfit is None:
        steps.append(_step(live))
    return Plan(tuple(steps), model.change_set_id)


def keep_proof(session: Session, job: Job, figures: dict[str, dict[str, Any]], models_dir: Path, now: dt.datetime) -> bool:
    """The figures of each model, the verdict, and the end of the job, in one commit; False when the job was ended by others."""
    for model_id, found in figures.items():
        models.get(session, model_id).figures = found
    session.flush()
    model = models.get(session, job.model_id or "")
    model.verdict = verdict(session, model, models_dir)
    if not training_jobs.finish(session, job.id, DONE, now, result={"verdict": model.verdict}):
        session.rollback()
        return False
    session.commit()
    return True


def standing(session: Session, model: Model, models_dir: Path) -> Standing:
    """What decides whether it may go live: its figures beside those of the model that is live now, not of the one at its proof."""
    live = models.live(session, models_dir)
    is_applied = model.change_set_id is None or change_sets.is_applied(session, model.change_set_id)
    now = model.verdict if model.figures is None else verdict(session, model, models_dir)
    unfit = archives.look(models_dir, model.archive).unfit
    return Standing(model.trained_by, now, is_applied, live is not None and live.id == model.id, unfit)


def verdict(session: Session, model: Model, models_dir: Path) -> str:
    """How a proven model stands beside the live one, or alone where the live one was never measured; beside itself it passes."""
    live = models.live(session, models_dir)
    if live is not None and live.id == model.id:
        return PASSED
    return str(compare(None if live is None else live.figures, model.figures or {})["verdict"])


def comparison(session: Session, model_id: str, with_id: str | None, models_dir: Path) -> dict[str, Any]:
    """Old beside new, as docs/studio.md shows it; raises NotFound, PublishRefused for a model that was not proven."""
    new = models.get(session, model_id)
    old = models.get(session, with_id) if with_id else models.live(session, models_dir)
    if new.figures is None:
        raise PublishRefused("unproven", reader_text="还没有验证过，先验证，才有对比可看。")
    lines = {line.id: line.as_json() for line in models.listing(session, models_dir)}
    compared = compare(None if old is None else old.figures, new.figures)
    return {"old": None if old is None else lines[old.id], "new": lines[new.id], **compared}


def _step(model: Model) -> Step:
    return Step(model.id, model.archive, (model.figures or {}).get("measured_on"))
