"""Which wordings a clinician has read: a review stands for the very words that were read and for no others."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.studio_tables import ResponseReview
from bot.domain.account import Role
from bot.domain.case_access import Viewer
from bot.domain.errors import Forbidden
from bot.services import audit
from bot.training.domain import Response


@dataclass(frozen=True)
class ReviewLine:
    """How a response stands: `state` is reviewed, changed (since the last reading) or never."""

    state: str
    author: str | None = None
    reviewed_by: str | None = None
    reviewed_at: dt.datetime | None = None


def digest_of(response: Response) -> str:
    """A hash of the words and buttons that a worker would read, in their order, 64 hex digits."""
    said = [[each.text, [[button.title, button.payload] for button in each.buttons]] for each in response.wordings]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


def note(session: Session, response: Response, author: str, by: str, now: dt.datetime) -> None:
    """These wordings were read; the caller commits."""
    session.merge(
        ResponseReview(response=response.name, digest=digest_of(response), author=author, reviewed_by=by, reviewed_at=now)
    )


def review(session: Session, response: Response, actor: Viewer, now: dt.datetime) -> ReviewLine:
    """A clinician has read the wordings as they stand; raises Forbidden for everybody else."""
    if actor.role != Role.CLINICIAN.value:
        raise Forbidden(actor.role, reader_text="只有临床审核能确认读过。")
    known = session.get(ResponseReview, (response.name, digest_of(response)))
    author = known.author if known is not None else ""
    note(session, response, author, actor.name, now)
    audit.append(session, actor.name, "response.reviewed", f"response:{response.name}"[:64], "", now)
    session.commit()
    return ReviewLine("reviewed", author, actor.name, now)


def states(session: Session, responses: Iterable[Response]) -> dict[str, ReviewLine]:
    """How each response stands, by name."""
    rows: dict[str, list[ResponseReview]] = {}
    for row in session.scalars(select(ResponseReview).order_by(ResponseReview.reviewed_at)):
        rows.setdefault(row.response, []).append(row)
    return {each.name: _state(rows.get(each.name, []), digest_of(each)) for each in responses}


def _state(rows: list[ResponseReview], digest: str) -> ReviewLine:
    if not rows:
        return ReviewLine("never")
    fitting = next((row for row in rows if row.digest == digest), None)
    shown = fitting or rows[-1]
    return ReviewLine("changed" if fitting is None else "reviewed", shown.author, shown.reviewed_by, shown.reviewed_at)
