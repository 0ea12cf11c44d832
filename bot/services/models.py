"""Trained models: which there are, from what and by whom, how they stand, and which one is live."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.studio_tables import ChangeSet, Experiment, Model, Publication, ServingSlot, TrainingJob
from bot.domain.errors import NotFound
from bot.domain.publication import CANDIDATE, DRAINING, LIVE, OPEN
from bot.services import archives

_ID = re.compile(r"[0-9a-f]{32}")
KEPT = 10  # archives of the studio beside those in use


@dataclass(frozen=True)
class ModelLine:
    """One model as the list shows it; `changes` are the change sets applied since the model before."""

    id: str
    archive: str
    created_at: dt.datetime
    trained_by: str | None
    rasa_version: str
    change_set: dict[str, Any] | None
    changes: list[dict[str, Any]]
    verdict: str
    figures: dict[str, Any] | None
    role: str | None
    unfit: str | None

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id, "archive": self.archive, "created_at": self.created_at.isoformat(), "trained_by": self.trained_by,
            "rasa_version": self.rasa_version, "change_set": self.change_set, "changes": self.changes, "verdict": self.verdict,
            "figures": summary(self.figures), "role": self.role, "is_runnable": self.unfit is None, "why_not": self.unfit,
        }  # fmt: skip


def register(
    session: Session, archive: str, fingerprint: str, rasa_version: str, now: dt.datetime,
    *, change_set_id: int | None = None, trained_by: str | None = None,
) -> Model:  # fmt: skip
    """Add a model, unproven; the caller commits."""
    row = Model(
        archive=archive, fingerprint=fingerprint, rasa_version=rasa_version, change_set_id=change_set_id, trained_by=trained_by,
        created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def register_made(session: Session, models_dir: Path, now: dt.datetime) -> str | None:
    """Add the newest archive of `make model` where it is not known yet, so that there is something to compare with; gives its id."""
    name = archives.newest_made(models_dir)
    if name is None:
        return None
    known = session.scalar(select(Model.id).where(Model.archive == name))
    if known is not None:
        return known
    made = register(session, name, archives.fingerprint_of(models_dir, name), archives.look(models_dir, name).rasa_version, now)
    session.commit()
    return made.id


def live(session: Session, models_dir: Path) -> Model | None:
    """The model that workers talk to: the live slot's, else the newest archive of `make model` where it is registered."""
    row = live_slot(session)
    if row is not None:
        return session.get_one(Model, row.model_id)
    name = archives.newest_made(models_dir)
    return None if name is None else session.scalar(select(Model).where(Model.archive == name))


def live_slot(session: Session) -> ServingSlot | None:
    """The row of the live slot; None while nothing was ever published."""
    return session.scalar(select(ServingSlot).where(ServingSlot.purpose == LIVE, ServingSlot.state != DRAINING))


def get(session: Session, model_id: str) -> Model:
    """This model; raises NotFound."""
    row = session.get(Model, model_id) if _ID.fullmatch(model_id) else None
    if row is None:
        raise NotFound("model", reader_text="没有这个模型，可能已经清理掉了。")
    return row


def listing(session: Session, models_dir: Path) -> list[ModelLine]:
    """All models, newest first."""
    rows = list(session.scalars(select(Model).order_by(Model.created_at.desc(), Model.id)))
    sets = {each.id: each for each in session.scalars(select(ChangeSet))}
    roles = _roles(session, models_dir)
    return [
        _line(
            row, sets, _changes(list(sets.values()), row, rows[place + 1] if place + 1 < len(rows) else None), roles, models_dir
        )
        for place, row in enumerate(rows)
    ]


def one(session: Session, models_dir: Path, model_id: str) -> ModelLine:
    """This model as the list shows it; raises NotFound."""
    found = next((line for line in listing(session, models_dir) if line.id == model_id), None)
    if found is None:
        get(session, model_id)
        raise NotFound(model_id)
    return found


def forget_old(session: Session, models_dir: Path) -> int:
    """Remove archives of the studio beyond the last ten, never one in use or to go back to; gives how many. Their rows stay."""
    needed = _needed(session, models_dir)
    rows = list(session.scalars(select(Model).order_by(Model.created_at.desc(), Model.id)))
    made_here = [row for row in rows if row.archive.startswith(f"{archives.STUDIO}/")]
    old = [row for row in made_here[KEPT:] if row.id not in needed and (models_dir / row.archive).exists()]
    for row in old:
        archives.remove(models_dir, row.archive)
    return len(old)


def remove_strays(session: Session, models_dir: Path) -> int:
    """Remove files of the studio's folder that no model knows, as a kill between file and row leaves them; gives how many."""
    known: Collection[str] = set(session.scalars(select(Model.archive)))
    folder = models_dir / archives.STUDIO
    strays = [path.name for path in folder.glob("*.tar.gz") if f"{archives.STUDIO}/{path.name}" not in known]
    for name in strays:
        archives.remove(folder, name)
    return len(strays)


def summary(figures: dict[str, Any] | None) -> dict[str, Any] | None:
    """The five figures of a model's line, out of everything a proof measured."""
    if figures is None:
        return None
    return {name: figures.get(name) for name in ("f1", "held_back", "crisis_recall", "stories", "latency_ms")}


def _needed(session: Session, models_dir: Path) -> set[str]:
    """Models that something serves, goes to, compares with, or may go back to."""
    needed = set(session.scalars(select(ServingSlot.model_id)))
    now_live = live(session, models_dir)
    if now_live is not None:
        needed.add(now_live.id)
    newest = session.execute(
        select(Publication.model_id, Publication.previous_id).order_by(Publication.id.desc()).limit(KEPT)
    ).all()
    for model_id, previous_id in newest:
        needed |= {model_id, previous_id} - {None}
    waiting = select(TrainingJob.model_id).where(TrainingJob.state.in_(["queued", "running"]))
    needed |= {each for each in session.scalars(waiting) if each is not None}
    return needed


def _roles(session: Session, models_dir: Path) -> dict[str, str]:
    roles = {row.model_id: row.purpose for row in session.scalars(select(ServingSlot).where(ServingSlot.state != DRAINING))}
    opened = session.scalar(select(Publication).where(Publication.state.in_(OPEN)))
    running = session.scalar(select(Experiment).where(Experiment.ended_at.is_(None)))
    if opened is not None:
        roles.setdefault(opened.model_id, CANDIDATE)
    if running is not None:
        roles.setdefault(running.candidate_id, CANDIDATE)
    now_live = live(session, models_dir)
    if now_live is not None:
        roles[now_live.id] = LIVE
    return roles


def _changes(sets: list[ChangeSet], row: Model, before: Model | None) -> list[dict[str, Any]]:
    since = before.created_at if before is not None else None
    fitting = [
        each
        for each in sets
        if each.applied_at is not None and each.applied_at <= row.created_at and (since is None or each.applied_at > since)
    ]
    return [{"id": each.id, "title": each.title} for each in sorted(fitting, key=lambda each: each.id)]


def _line(
    row: Model, sets: dict[int, ChangeSet], changes: list[dict[str, Any]], roles: dict[str, str], models_dir: Path
) -> ModelLine:
    own = sets.get(row.change_set_id) if row.change_set_id is not None else None
    return ModelLine(
        row.id, row.archive, row.created_at, row.trained_by, row.rasa_version,
        None if own is None else {"id": own.id, "title": own.title}, changes, row.verdict, row.figures, roles.get(row.id),
        archives.look(models_dir, row.archive).unfit,
    )  # fmt: skip
