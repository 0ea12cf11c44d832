"""Talking to a model beside the live one: one at a time, started by somebody, ended by them or by half an hour of silence."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from bot.db.studio_tables import ServingSlot
from bot.domain.errors import Busy, NotFound, PublishRefused
from bot.domain.publication import DRAFT, READY
from bot.services import audit, models, proofs, publications, slots
from bot.services.alone import alone

IDLE = dt.timedelta(minutes=30)
_KEPT_FRESH = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Draft:
    """The model under talk and the slot that serves it; `state` starting or ready."""

    model_id: str
    slot: int
    state: str


def start(session: Session, model_id: str, by: str, now: dt.datetime, models_dir: Path) -> Draft:
    """Have a model served beside the live one, to talk to; again while it starts, to hear how far it is.

    Raises NotFound, PublishRefused for one that can't run or is live, Busy while another person talks or a move is under way.
    """
    alone(session)
    model = models.get(session, model_id)
    standing = proofs.standing(session, model, models_dir)
    if standing.is_live:
        raise PublishRefused("live", reader_text="它就是正在用的模型，直接在工人的页面里聊就行。")
    if standing.unfit is not None:
        raise PublishRefused("unfit", reader_text=standing.unfit)
    present = slots.asked_for(session)
    if present is not None and present.model_id == model_id:
        return touch(session, now)
    publications.require_idle(session)
    if present is not None:
        if present.asked_by != by and now - present.changed_at < IDLE:
            raise Busy("a draft talk", reader_text=f"{present.asked_by} 正在和另一个模型试聊，等结束再来。")
        _end(session, present, now)
    slot = slots.place(session, model_id, DRAFT, by, now)
    if slot is None:
        session.commit()
        raise Busy("no slot", reader_text="三个位置都占着，过一会儿再试。")
    audit.append(session, by, "studio.draft", f"model {model_id}", "", now)
    session.commit()
    return _draft(session.get_one(ServingSlot, slot))


def touch(session: Session, now: dt.datetime) -> Draft:
    """The model under talk, which is talked to now; raises NotFound."""
    row = slots.asked_for(session)
    if row is None:
        raise NotFound("no draft", reader_text="试聊已经结束了，再点一次“试聊”就好。")
    if now - row.changed_at > _KEPT_FRESH:
        row.changed_at = now
    session.commit()
    return _draft(row)


def end(session: Session, now: dt.datetime) -> None:
    """End the talk and forget it; nothing when there is none."""
    row = slots.asked_for(session)
    if row is not None:
        _end(session, row, now)
    slots.forget_talks(session, slots.DRAFT_SENDER)
    session.commit()


def _end(session: Session, row: ServingSlot, now: dt.datetime) -> None:
    row.asked_by = None
    session.flush()
    if row.purpose == DRAFT:
        slots.drain(session, row.slot, now)


def _draft(row: ServingSlot) -> Draft:
    return Draft(row.model_id, row.slot, READY if row.state == READY else "starting")
