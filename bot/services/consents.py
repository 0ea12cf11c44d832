"""The worker's own switches: which consents stand, giving one and taking it back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.db.tables import Consent, Screening
from bot.domain.consent import ASSESSMENT, CONSENTS, CONSENTS_VERSION, ConsentText
from bot.domain.errors import InvalidInput
from bot.domain.screening_state import LIVE, ScreeningState
from bot.services import workers


@dataclass(frozen=True)
class ConsentLine:
    """One switch; `granted_at` is empty while the consent does not stand."""

    kind: str
    shown: ConsentText
    granted_at: dt.datetime | None


def switches(session: Session, worker_id: str) -> list[ConsentLine]:
    """All consents that can be taken back by themselves, in the page's order."""
    query = select(Consent).where(Consent.worker_id == worker_id, Consent.withdrawn_at.is_(None)).order_by(Consent.id.desc())
    standing = {row.kind: row.granted_at for row in session.scalars(query)}
    return [ConsentLine(kind, shown, standing.get(kind)) for kind, shown in CONSENTS.items()]


def grant(session: Session, worker_id: str, kind: str, version: str, now: dt.datetime) -> None:
    """Note a consent to the text of this version, once; raises InvalidInput for another version or one not given here."""
    if not _text(kind).can_grant:
        raise InvalidInput(f"{kind} is not granted here", reader_text="这一项等你开始做测评的时候再问。")
    if version != CONSENTS_VERSION:
        raise InvalidInput("another text was agreed to", reader_text="这段说明更新过了，刷新一下，看过再选。")
    workers.lock_present(session, worker_id)
    if not workers.has_consent(session, worker_id, kind):
        session.add(Consent(worker_id=worker_id, kind=kind, version=version, granted_at=now))
    session.commit()


def withdraw(session: Session, worker_id: str, kind: str, now: dt.datetime) -> None:
    """Take a consent back; without the one to assessment every open run waits until it is given again. Raises InvalidInput."""
    _text(kind)
    workers.lock_present(session, worker_id)
    standing = update(Consent).where(Consent.worker_id == worker_id, Consent.kind == kind, Consent.withdrawn_at.is_(None))
    session.execute(standing.values(withdrawn_at=now))
    if kind == ASSESSMENT:
        _let_runs_wait(session, worker_id)
    session.commit()


def _text(kind: str) -> ConsentText:
    found = CONSENTS.get(kind)
    if found is None:
        raise InvalidInput("no such switch", reader_text="这一项在这里关不掉，想收回可以把记录全部删除。")
    return found


def _let_runs_wait(session: Session, worker_id: str) -> None:
    query = select(Screening).where(Screening.worker_id == worker_id)
    for row in session.scalars(query.where(Screening.status.in_([status.value for status in LIVE]))):
        waiting = replace(ScreeningState.from_json(row.state).paused(), has_agreed=False)
        row.status, row.state = waiting.status.value, waiting.to_json()
