"""Publishing and rolling back: asked for under the rules, worked through as states of a row, one at a time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from bot.db.studio_tables import Experiment, Publication, ServingSlot
from bot.domain.errors import Busy, NotFound
from bot.domain.publication import (
    CANDIDATE,
    DONE,
    FAILED,
    MOVED,
    OPEN,
    PUBLISH,
    ROLLBACK,
    STARTING,
    Move,
    model_before,
    require_publishable,
    require_rollback,
)
from bot.services import archives, audit, models, proofs, slots
from bot.services.alone import alone

LEASE = dt.timedelta(seconds=60)  # longer than a model's first answer and a slot's stop take together
_SHOWN = 50
_LONGEST_ERROR = 300


@dataclass(frozen=True)
class PublicationLine:
    """One move of the live pointer as it stands."""

    id: int
    kind: str
    model_id: str
    previous_id: str | None
    slot: int | None
    state: str
    published_by: str
    reason: str
    error: str | None
    created_at: dt.datetime
    moved_at: dt.datetime | None

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id, "kind": self.kind, "model_id": self.model_id, "previous_id": self.previous_id,
            "published_by": self.published_by, "reason": self.reason, "state": self.state, "error": self.error,
            "created_at": self.created_at.isoformat(), "moved_at": None if self.moved_at is None else self.moved_at.isoformat(),
        }  # fmt: skip


def publish(
    session: Session, model_id: str, by: str, reason: str, now: dt.datetime, models_dir: Path, serving: str | None
) -> PublicationLine:
    """Ask for a model to go live; raises NotFound, Busy, SecondPersonNeeded, PublishRefused.

    `serving`: the file that the live slot says it serves, when it answers.
    """
    alone(session)
    require_idle(session)
    model = models.get(session, model_id)
    previous = slots.pin_live(session, models_dir, serving, now)
    require_publishable(proofs.standing(session, model, models_dir), by, reason)
    return _begin(session, PUBLISH, model_id, previous, by, reason, now)


def rollback(
    session: Session, by: str, reason: str, now: dt.datetime, models_dir: Path, serving: str | None
) -> PublicationLine:
    """Ask for the model before; needs a reason and no proof. Raises Busy, Incomplete, PublishRefused."""
    alone(session)
    require_idle(session)
    previous = slots.pin_live(session, models_dir, serving, now)
    target = _before(session)
    unfit = None if target is None else archives.look(models_dir, models.get(session, target).archive).unfit
    return _begin(session, ROLLBACK, require_rollback(target, unfit, reason), previous, by, reason, now)


def require_idle(session: Session) -> None:
    """Raises Busy while a move is under way."""
    if session.scalar(select(Publication.id).where(Publication.state.in_(OPEN)).limit(1)) is not None:
        raise Busy("publication under way", reader_text="正在切换模型，等它结束再来。")


def under_way(session: Session) -> PublicationLine | None:
    """The move under way, if any."""
    row = session.scalar(select(Publication).where(Publication.state.in_(OPEN)).order_by(Publication.id).limit(1))
    return None if row is None else _line(row)


def hold(session: Session, publication_id: int, holder: str, now: dt.datetime) -> bool:
    """Take or keep the lease of a move; False while another gateway works on it."""
    free = or_(Publication.leased_by == holder, Publication.leased_until.is_(None), Publication.leased_until < now)
    change = update(Publication).where(Publication.id == publication_id, Publication.state.in_(OPEN), free)
    result = session.execute(change.values(leased_by=holder, leased_until=now + LEASE))
    session.commit()
    return isinstance(result, CursorResult) and result.rowcount == 1


def find_slot(session: Session, publication_id: int, now: dt.datetime) -> int | None:
    """The slot in which the model starts; None while every one is taken."""
    row = session.get_one(Publication, publication_id, with_for_update=True)
    if row.state == STARTING and (row.slot is None or session.get(ServingSlot, row.slot) is None):
        row.slot = slots.place(session, row.model_id, CANDIDATE, None, now)
    session.commit()
    return row.slot


def move(session: Session, publication_id: int, now: dt.datetime) -> bool:
    """Move the live pointer, in one commit; False when the move was ended before."""
    row = session.get_one(Publication, publication_id, with_for_update=True)
    if row.state != STARTING or row.slot is None:
        return False
    slots.make_live(session, row.slot, now)
    row.state, row.moved_at = MOVED, now
    session.commit()
    return True


def finish(session: Session, publication_id: int, now: dt.datetime) -> None:
    """The old slot is stopped: the move is done."""
    _end(session, publication_id, MOVED, DONE, None, now)
    session.commit()


def fail(session: Session, publication_id: int, error: str, now: dt.datetime) -> None:
    """The new model did not come up: the old one goes on, the slot ends."""
    row = session.get_one(Publication, publication_id)
    if _end(session, publication_id, STARTING, FAILED, error, now) and row.slot is not None:
        slots.drain(session, row.slot, now)
    session.commit()


def get(session: Session, publication_id: int) -> PublicationLine:
    """This move; raises NotFound."""
    row = session.get(Publication, publication_id)
    if row is None:
        raise NotFound(f"publication {publication_id}", reader_text="没有这次发布。")
    return _line(row)


def listing(session: Session) -> list[PublicationLine]:
    """The last fifty, newest first."""
    return [_line(row) for row in session.scalars(select(Publication).order_by(Publication.id.desc()).limit(_SHOWN))]


def _begin(
    session: Session, kind: str, model_id: str, previous: str | None, by: str, reason: str, now: dt.datetime
) -> PublicationLine:
    """The row and the end of an experiment under way: its control is no longer what is live."""
    session.execute(update(Experiment).where(Experiment.ended_at.is_(None)).values(ended_at=now, ended_by=by))
    slots.drain_candidates(session, model_id, now)
    row = Publication(kind=kind, model_id=model_id, previous_id=previous, published_by=by, reason=reason, created_at=now)
    session.add(row)
    session.flush()
    audit.append(session, by, f"studio.{kind}", f"model {model_id}", reason, now)
    session.commit()
    return _line(row)


def _before(session: Session) -> str | None:
    moved = select(Publication).where(Publication.state.in_([MOVED, DONE])).order_by(Publication.id)
    return model_before(Move(row.kind, row.model_id, row.previous_id) for row in session.scalars(moved))


def _end(session: Session, publication_id: int, expected: str, state: str, error: str | None, now: dt.datetime) -> bool:
    change = update(Publication).where(Publication.id == publication_id, Publication.state == expected)
    facts = {"state": state, "error": error and error[:_LONGEST_ERROR], "finished_at": now, "leased_until": None}
    result = session.execute(change.values(**facts).execution_options(synchronize_session=False))
    return isinstance(result, CursorResult) and result.rowcount == 1


def _line(row: Publication) -> PublicationLine:
    return PublicationLine(
        row.id, row.kind, row.model_id, row.previous_id, row.slot, row.state, row.published_by, row.reason, row.error,
        row.created_at, row.moved_at,
    )  # fmt: skip
