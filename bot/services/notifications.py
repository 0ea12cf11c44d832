"""The outbox: what robots, mailboxes and hooks are still to be told, kept in the database until it is delivered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from bot.db.handoff_tables import Handoff
from bot.db.staff_tables import Account, Notification
from bot.db.tables import Event
from bot.domain.account import Role
from bot.domain.errors import IllegalTransition, NotFound
from bot.domain.handoff import ACTIVE, WAITING
from bot.domain.notification import (
    LEASE,
    MOST_ATTEMPTS,
    Channel,
    Colleague,
    Facts,
    Target,
    pause_after,
    targets_of,
)
from bot.domain.risk import RiskLevel
from bot.services import audit, duty

NOTIFICATION_DEAD = "notification.dead"
_MOOT = "no longer waiting"
_AT_ONCE = 20
_OPEN = (Notification.sent_at.is_(None), Notification.dead_at.is_(None))


@dataclass(frozen=True)
class Outgoing:
    """One notice under lease; `attempts` counts this one too and names the lease at the end of it."""

    id: int
    key: str
    address: str | None
    handoff_id: int | None
    facts: Facts
    attempts: int


@dataclass(frozen=True)
class DeadLetter:
    """A notice that was given up, as the console lists it; no address."""

    id: int
    channel: str
    handoff_id: int | None
    level: str
    reason: str
    tier: int
    attempts: int
    error: str | None
    created_at: dt.datetime
    dead_at: dt.datetime


def notify_handoff(session: Session, handoff: Handoff, tier: int, now: dt.datetime) -> int:
    """Queue what a waiting case's tier tells outside the console; gives how many notices are new.

    Tier 0 is the request, and a rise to high or imminent also of a case that somebody has; 1 and up the breaches. To be called with the event it
    tells of; the caller commits, so that both stand or fall together.
    """
    level = RiskLevel(handoff.level)
    asked = {each for each in (handoff.offered_to,) if each is not None}
    targets = targets_of(tier, level, _colleagues(session, now), asked=asked)
    key = f"handoff:{handoff.id}:{tier}:{level.value}:{int(handoff.due_at.timestamp())}"
    facts = Facts(level, handoff.reason, tier, handoff.requested_at, is_taken=handoff.status == ACTIVE)
    return queue(session, key, facts, targets, handoff.id, now)


def _colleagues(session: Session, now: dt.datetime) -> list[Colleague]:
    here = {line.account_id for line in duty.on_duty(session, now)}
    rows = session.scalars(select(Account).where(Account.disabled_at.is_(None)).order_by(Account.id))
    return [
        Colleague(row.id, row.role == Role.COUNSELLOR.value, row.role == Role.SUPERVISOR.value, row.id in here, row.email, row.phone, row.on_call_rank)
        for row in rows
    ]  # fmt: skip


def queue(
    session: Session, key: str, facts: Facts, targets: Sequence[Target], handoff_id: int | None, now: dt.datetime
) -> int:  # fmt: skip
    """Put one notice for each target into the outbox; the same key and target once for all. Gives how many are new; the caller commits."""
    rows = [
        {
            "key": f"{key}:{target.channel.value}:{target.who}", "channel": target.channel.value, "target": target.address,
            "handoff_id": handoff_id, "facts": facts.packed(), "attempts": 0, "next_at": now, "created_at": now,
        }
        for target in targets
    ]  # fmt: skip
    if not rows:
        return 0
    # two gateways may queue the same at the same moment: a clash must not undo the crisis that it tells of
    if session.get_bind().dialect.name == "postgresql":
        adding = postgresql.insert(Notification).values(rows).on_conflict_do_nothing().returning(Notification.id)
    else:
        adding = sqlite.insert(Notification).values(rows).on_conflict_do_nothing().returning(Notification.id)
    return len(session.execute(adding).all())


def has_due(session: Session, channel: Channel, now: dt.datetime) -> bool:
    """Whether anything waits to be sent on this channel now."""
    return session.scalar(select(Notification.id).where(*_due(channel, now)).limit(1)) is not None


def forget_others(session: Session, channels: Collection[Channel]) -> int:
    """Drop what waits for channels that are not set up, lest it all comes at once when one of them is; gives how many."""
    named = [each.value for each in channels]
    done = session.execute(delete(Notification).where(*_OPEN, Notification.channel.not_in(named)))
    session.commit()
    return done.rowcount if isinstance(done, CursorResult) else 0


def take(session: Session, channel: Channel, now: dt.datetime) -> list[Outgoing]:
    """Lease what is due on a channel, the oldest first, each to one caller only.

    A lease counts as an attempt when it is taken: who is killed while sending leaves it to another after LEASE. What was tried
    before and tells of a case that somebody has taken meanwhile is not sent any more.
    """
    ids = session.scalars(select(Notification.id).where(*_due(channel, now)).order_by(Notification.id).limit(_AT_ONCE)).all()
    taken: list[Outgoing] = []
    for notification_id in ids:
        leasing = update(Notification).where(Notification.id == notification_id, *_due(channel, now))
        leased = session.execute(leasing.values(leased_until=now + LEASE, attempts=Notification.attempts + 1))
        if not isinstance(leased, CursorResult) or leased.rowcount != 1:
            continue
        row = session.get_one(Notification, notification_id, populate_existing=True)
        facts = Facts.unpacked(row.facts)
        if row.attempts > 1 and not facts.is_taken and _is_moot(session, row):
            row.sent_at, row.leased_until, row.error = now, None, _MOOT
            continue
        taken.append(Outgoing(row.id, row.key, row.target, row.handoff_id, facts, row.attempts))
    session.commit()
    return taken


def settle(session: Session, sent: Outgoing, error: str | None, chance: float, now: dt.datetime) -> None:
    """Note how a leased delivery ended: sent, to be tried again, or given up; nothing when its lease was lost to another."""
    mine = (Notification.id == sent.id, Notification.attempts == sent.attempts, Notification.sent_at.is_(None))
    values: dict[str, Any]
    if error is None:
        values = {"sent_at": now, "leased_until": None, "error": None}
    elif sent.attempts >= MOST_ATTEMPTS:
        values = {"dead_at": now, "leased_until": None, "error": error[:200]}
    else:
        values = {"next_at": now + pause_after(sent.attempts, chance), "leased_until": None, "error": error[:200]}
    done = session.execute(update(Notification).where(*mine, Notification.dead_at.is_(None)).values(**values))
    if "dead_at" in values and isinstance(done, CursorResult) and done.rowcount == 1:
        thread = select(Handoff.conversation_id).where(Handoff.id == sent.handoff_id)
        session.add(Event(kind=NOTIFICATION_DEAD, conversation_id=session.scalar(thread), message_id=None, created_at=now))
    session.commit()


def dead_letters(session: Session, limit: int = 200) -> list[DeadLetter]:
    """What was given up, newest first."""
    query = (
        select(Notification)
        .where(Notification.dead_at.is_not(None))
        .order_by(Notification.dead_at.desc(), Notification.id.desc())
    )
    return [_line(row) for row in session.scalars(query.limit(limit))]


def pending(session: Session) -> int:
    """How many notices are still to be delivered."""
    return session.scalar(select(func.count()).select_from(Notification).where(*_OPEN)) or 0


def retry(session: Session, notification_id: int, by: str, now: dt.datetime) -> None:
    """Try a dead letter again from the start; raises NotFound, IllegalTransition when it is none."""
    row = session.get(Notification, notification_id)
    if row is None:
        raise NotFound(f"notification {notification_id}")
    reviving = update(Notification).where(Notification.id == notification_id, Notification.dead_at.is_not(None))
    revived = session.execute(reviving.values(dead_at=None, attempts=0, next_at=now, leased_until=None))
    if not isinstance(revived, CursorResult) or revived.rowcount != 1:
        raise IllegalTransition(f"notification {notification_id} is no dead letter")
    audit.append(session, by, "notification.retried", f"notification {notification_id}", "", now)
    session.commit()


def _due(channel: Channel, now: dt.datetime) -> tuple[ColumnElement[bool], ...]:
    is_free = or_(Notification.leased_until.is_(None), Notification.leased_until <= now)
    return *_OPEN, Notification.channel == channel.value, Notification.next_at <= now, is_free


def _is_moot(session: Session, row: Notification) -> bool:
    status = session.scalar(select(Handoff.status).where(Handoff.id == row.handoff_id))
    return status is not None and status != WAITING


def _line(row: Notification) -> DeadLetter:
    facts = Facts.unpacked(row.facts)
    assert row.dead_at is not None
    return DeadLetter(
        row.id, row.channel, row.handoff_id, facts.level.value, facts.reason, facts.tier, row.attempts, row.error,
        row.created_at, row.dead_at,
    )  # fmt: skip
