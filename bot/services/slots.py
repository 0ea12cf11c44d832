"""The serving slots as rows: which model each Rasa process of ours serves and what for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sqlalchemy import delete, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from bot.db.studio_tables import Experiment, Model, ServingSlot
from bot.db.tables import TrackerSnapshot, TrackerTurn
from bot.domain.publication import CANDIDATE, DRAFT, DRAINING, LIVE, READY, STARTING, Routes, free_slot
from bot.services import archives, models

DRAFT_SENDER = "draft-"  # sender ids of talks that are no worker's begin like this


@dataclass(frozen=True)
class Slot:
    """One row: slot n serves `archive` on RASA_PORT + n."""

    slot: int
    model_id: str
    archive: str
    purpose: str
    state: str
    asked_by: str | None
    changed_at: dt.datetime

    @property
    def file_name(self) -> str:
        """The archive as Rasa names the model it serves."""
        return PurePosixPath(self.archive).name


def listing(session: Session) -> list[Slot]:
    """All rows, by slot."""
    query = select(ServingSlot, Model.archive).join(Model, Model.id == ServingSlot.model_id).order_by(ServingSlot.slot)
    return [
        Slot(row.slot, row.model_id, archive, row.purpose, row.state, row.asked_by, row.changed_at)
        for row, archive in session.execute(query)
    ]


def routes(session: Session) -> Routes:
    """Where the workers' turns go, as the rows say."""
    rows = listing(session)
    live = next((row.slot for row in rows if row.purpose == LIVE and row.state != DRAINING), 0)
    experiment = session.scalar(select(Experiment).where(Experiment.ended_at.is_(None)))
    if experiment is None:
        return Routes(live)
    candidate = next(
        (
            row.slot
            for row in rows
            if row.model_id == experiment.candidate_id and (row.purpose, row.state) == (CANDIDATE, READY)
        ),
        None,
    )
    return Routes(live, candidate, experiment.id, experiment.share)


def archive_to_serve(session: Session, slot: int, models_dir: Path) -> str | None:
    """The archive that the process of this slot serves; None when it has nothing to do."""
    rows = listing(session)
    own = next((row.archive for row in rows if row.slot == slot), None)
    if own is None and slot == 0 and not any(row.purpose == LIVE for row in rows):
        return archives.newest_made(models_dir)
    return own


def pin_live(session: Session, models_dir: Path, serving: str | None, now: dt.datetime) -> str | None:
    """The live model's id; before the first move it gets a row, so that a newer archive can't take its place by itself.

    `serving`: the file that slot 0 says it serves, when it answers. The caller commits.
    """
    row = models.live_slot(session)
    if row is not None:
        return row.model_id
    name = serving or archives.newest_made(models_dir)
    if name is None:
        return None
    known = session.scalar(select(Model).where(Model.archive == name))
    model = known or models.register(
        session, name, archives.fingerprint_of(models_dir, name), archives.look(models_dir, name).rasa_version, now
    )
    session.add(ServingSlot(slot=0, model_id=model.id, purpose=LIVE, state=READY, changed_at=now))
    session.flush()
    return model.id


def place(session: Session, model_id: str, purpose: str, asked_by: str | None, now: dt.datetime) -> int | None:
    """A slot that serves this model for this purpose: one that serves it already, else a free one.

    Without a free one a draft is told to end, for anything but a draft, and None is given: ask again later. The caller commits.
    """
    rows = {row.slot: row for row in session.scalars(select(ServingSlot))}
    same = next(
        (row for row in rows.values() if row.model_id == model_id and row.state != DRAINING and row.purpose != LIVE), None
    )
    if same is not None:
        if purpose != DRAFT:
            same.purpose = purpose
        same.asked_by, same.changed_at = asked_by or same.asked_by, now
        return same.slot
    slot = free_slot(rows, any(row.purpose == LIVE for row in rows.values()))
    if slot is None:
        if purpose != DRAFT:
            _drain(session, DRAFT, now)
        return None
    session.add(ServingSlot(slot=slot, model_id=model_id, purpose=purpose, state=STARTING, asked_by=asked_by, changed_at=now))
    session.flush()
    return slot


def make_live(session: Session, slot: int, now: dt.datetime) -> None:
    """Move the live pointer to this slot; whoever was live before drains. The caller commits."""
    old = ServingSlot.purpose == LIVE, ServingSlot.slot != slot
    session.execute(update(ServingSlot).where(*old).values(state=DRAINING, changed_at=now))
    session.execute(
        update(ServingSlot).where(ServingSlot.slot == slot).values(purpose=LIVE, state=READY, asked_by=None, changed_at=now)
    )


def set_ready(session: Session, slot: int, model_id: str, now: dt.datetime) -> bool:
    """This slot answers now; False when it was told to end meanwhile."""
    change = update(ServingSlot).where(
        ServingSlot.slot == slot, ServingSlot.model_id == model_id, ServingSlot.state.in_([STARTING, READY])
    )
    result = session.execute(change.values(state=READY, changed_at=now))
    session.commit()
    return isinstance(result, CursorResult) and result.rowcount == 1


def drain(session: Session, slot: int, now: dt.datetime) -> None:
    """Tell a slot to end after its turns under way; never the live one. The caller commits."""
    session.execute(
        update(ServingSlot)
        .where(ServingSlot.slot == slot, ServingSlot.purpose != LIVE, ServingSlot.state != DRAINING)
        .values(state=DRAINING, changed_at=now)
    )


def drain_candidates(session: Session, but_model: str | None, now: dt.datetime) -> None:
    """Tell the candidates to end, except one that serves this model. The caller commits."""
    _drain(session, CANDIDATE, now, but_model)


def drop(session: Session, slot: int) -> None:
    """Forget a slot that has drained and is stopped; what was said to a draft goes with it."""
    row = session.get(ServingSlot, slot)
    if row is not None and row.state == DRAINING:
        session.delete(row)
        session.flush()
        if asked_for(session) is None:
            forget_talks(session, DRAFT_SENDER)
    session.commit()


def asked_for(session: Session) -> ServingSlot | None:
    """The slot that somebody talks to beside the live one."""
    return session.scalar(
        select(ServingSlot).where(ServingSlot.asked_by.is_not(None), ServingSlot.purpose != LIVE, ServingSlot.state != DRAINING)
    )


def forget_talks(session: Session, sender: str) -> None:
    """Delete what Rasa's tracker keeps of talks that are no worker's, by the beginning of their sender ids. The caller commits."""
    if not sender.startswith(DRAFT_SENDER):
        raise ValueError("only talks with a draft are forgotten like this")
    for table in (TrackerTurn, TrackerSnapshot):
        session.execute(delete(table).where(table.sender_id.startswith(sender, autoescape=True)))


def end_talk(session: Session, sender: str) -> None:
    """Forget one talk."""
    forget_talks(session, sender)
    session.commit()


def end_idle(session: Session, slot: int, now: dt.datetime) -> None:
    """End a draft that nobody talks to any more."""
    drain(session, slot, now)
    session.commit()


def _drain(session: Session, purpose: str, now: dt.datetime, but_model: str | None = None) -> None:
    change = update(ServingSlot).where(ServingSlot.purpose == purpose, ServingSlot.state != DRAINING)
    if but_model is not None:
        change = change.where(ServingSlot.model_id != but_model)
    session.execute(change.values(state=DRAINING, changed_at=now))
