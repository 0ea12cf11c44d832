"""The staff's shifts, who is on duty and present, and whom to offer a case."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, delete, func, select
from sqlalchemy.orm import Session

from bot.db.handoff_tables import Handoff
from bot.db.staff_tables import Account, Shift, ShiftException
from bot.db.tables import Worker
from bot.domain import duty as rules
from bot.domain.account import Role
from bot.domain.account_fields import OVERSEAS
from bot.domain.duty import DayException, Helper, Need, Plan, WeeklySpan
from bot.domain.errors import NotFound
from bot.domain.handoff import ACTIVE
from bot.domain.risk import RiskLevel
from bot.services import audit, safety_records

HELPING = (Role.COUNSELLOR.value, Role.SUPERVISOR.value)  # who may work cases
_SEEN_EVERY = dt.timedelta(seconds=10)


@dataclass(frozen=True)
class DutyLine:
    """One of those who may work cases, and whether they are on duty, there, and have room."""

    account_id: str
    name: str
    shown_name: str
    role: str
    on_duty: bool
    is_present: bool
    load: int
    capacity: int
    skills: tuple[str, ...]
    gender: str | None
    busy_at: dt.datetime | None


def team(session: Session, now: dt.datetime) -> list[DutyLine]:
    """Everybody who may work cases, by the name that workers read.

    As long as nobody has any shift, whoever is present counts as on duty: a small team works without a plan.
    """
    accounts = session.scalars(_helping().order_by(Account.shown_name, Account.id)).all()
    plans = _plans(session, accounts, now)
    has_plan = any(plan.is_set_up for plan in plans.values())
    loads, busy = _loads(session), _busy(session, [each.id for each in accounts])
    return [
        DutyLine(
            each.id, each.name, each.shown_name, each.role,
            rules.is_on_duty(plans[each.id], now) if has_plan else _is_present(each, now),
            _is_present(each, now), loads.get(each.id, 0), each.capacity, tuple(each.skills), each.gender, busy.get(each.id),
        )
        for each in accounts
    ]  # fmt: skip


def on_duty(session: Session, now: dt.datetime) -> list[DutyLine]:
    """Who is on duty now by the plan, present or not."""
    return [line for line in team(session, now) if line.on_duty]


def next_on_duty_at(session: Session, now: dt.datetime) -> dt.datetime | None:
    """When somebody will be on duty by the plan, `now` when somebody is; None when no plan says so."""
    accounts = session.scalars(_helping()).all()
    return rules.next_on_duty_at(_plans(session, accounts, now).values(), now)


def note_presence(session: Session, account_id: str, is_available: bool | None, now: dt.datetime) -> None:
    """A console of this account is open; `is_available`: takes cases or not, None: as before. Raises NotFound."""
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound(account_id)
    is_news = is_available is not None and is_available != account.is_available
    if not is_news and account.seen_at is not None and abs(now - account.seen_at) < _SEEN_EVERY:
        return
    account.seen_at = now
    account.is_available = account.is_available if is_available is None else is_available
    session.commit()


def candidates(session: Session, handoff: Handoff, now: dt.datetime, excluding: Collection[str] = ()) -> list[str]:
    """Whom to offer this case, the best first (bot.domain.duty): ids of accounts; `excluding` are those who declined it just now."""
    worker = session.get_one(Worker, handoff.worker_id)
    wanted = [handoff.topic, OVERSEAS if safety_records.is_abroad(session, worker) else None]
    skills = frozenset(filter(None, wanted))
    helpers = [
        Helper(
            line.account_id, line.on_duty, line.is_present, line.load, line.capacity, line.gender, frozenset(line.skills),
            line.busy_at, is_reserve=line.role == Role.SUPERVISOR.value,
        )
        for line in team(session, now)
    ]  # fmt: skip
    return rules.candidates(helpers, Need(RiskLevel(handoff.level), handoff.wanted_gender, skills), excluding)


def week_of(session: Session, account_id: str) -> tuple[str, list[WeeklySpan], list[DayException]]:
    """An account's time zone, weekly shifts and exceptions; raises NotFound."""
    account = _account(session, account_id)
    spans = session.scalars(select(Shift).where(Shift.account_id == account_id).order_by(Shift.weekday, Shift.start_minute))
    return account.timezone, [_span(row) for row in spans], _exceptions(session, account_id)


def set_week(
    session: Session,
    account_id: str,
    spans: Sequence[WeeklySpan],
    exceptions: Sequence[DayException],
    by: str,
    now: dt.datetime,
) -> None:
    """Put these shifts and exceptions in place of an account's; raises NotFound."""
    _account(session, account_id)
    session.execute(delete(Shift).where(Shift.account_id == account_id))
    session.add_all(
        Shift(account_id=account_id, weekday=each.weekday, start_minute=each.start_minute, end_minute=each.end_minute)
        for each in spans
    )
    _replace_exceptions(session, account_id, exceptions)
    reason = f"{len(spans)} shifts, {len(exceptions)} exceptions"
    audit.append(session, by, "shifts.changed", account_id, reason, now)
    session.commit()


def holidays(session: Session) -> list[DayException]:
    """The exceptions of everybody, by date."""
    return _exceptions(session, None)


def set_holidays(session: Session, exceptions: Sequence[DayException], by: str, now: dt.datetime) -> None:
    """Put these holidays and working days in place of everybody's."""
    _replace_exceptions(session, None, exceptions)
    audit.append(session, by, "holidays.changed", "", f"{len(exceptions)} days", now)
    session.commit()


def _helping() -> Select[tuple[Account]]:
    return select(Account).where(Account.role.in_(HELPING), Account.disabled_at.is_(None))


def _is_present(account: Account, now: dt.datetime) -> bool:
    seen = account.seen_at
    return account.is_available and seen is not None and abs(now - seen) <= rules.SEEN_WITHIN


def _loads(session: Session) -> dict[str, int]:
    """Live cases by the account that has them."""
    active = select(Handoff.accepted_by, func.count()).where(Handoff.status == ACTIVE, Handoff.is_live.is_(True))
    return {row[0]: row[1] for row in session.execute(active.group_by(Handoff.accepted_by)) if row[0] is not None}


def _busy(session: Session, account_ids: Sequence[str]) -> dict[str, dt.datetime]:
    """When each last accepted a case, looked for at the index's end: past cases are many."""
    query = select(Handoff.accepted_at).where(Handoff.accepted_at.is_not(None)).order_by(Handoff.id.desc()).limit(1)
    found = {each: session.scalar(query.where(Handoff.accepted_by == each)) for each in account_ids}
    return {each: at for each, at in found.items() if at is not None}


def _plans(session: Session, accounts: Sequence[Account], now: dt.datetime) -> dict[str, Plan]:
    """The plan of each account, with the exceptions of the days that are looked at."""
    spans: dict[str, list[WeeklySpan]] = defaultdict(list)
    for row in session.scalars(select(Shift)):
        spans[row.account_id].append(_span(row))
    first = (now - dt.timedelta(days=3)).date().isoformat()
    exceptions: dict[str | None, list[DayException]] = defaultdict(list)
    for found in session.scalars(select(ShiftException).where(ShiftException.on_date >= first)):
        exceptions[found.account_id].append(_exception(found))
    common = tuple(exceptions[None])
    return {each.id: Plan(each.timezone, tuple(spans[each.id]), tuple(exceptions[each.id]), common) for each in accounts}


def _account(session: Session, account_id: str) -> Account:
    account = session.get(Account, account_id)
    if account is None or account.role not in HELPING:
        raise NotFound(account_id)
    return account


def _exceptions(session: Session, account_id: str | None) -> list[DayException]:
    rows = session.scalars(select(ShiftException).where(_whose(account_id)).order_by(ShiftException.on_date, ShiftException.id))
    return [_exception(row) for row in rows]


def _replace_exceptions(session: Session, account_id: str | None, exceptions: Sequence[DayException]) -> None:
    session.execute(delete(ShiftException).where(_whose(account_id)))
    session.add_all(
        ShiftException(
            account_id=account_id, on_date=each.on_date.isoformat(), is_working=each.is_working, start_minute=each.start_minute,
            end_minute=each.end_minute, title=each.title,
        )
        for each in exceptions
    )  # fmt: skip


def _whose(account_id: str | None) -> ColumnElement[bool]:
    return ShiftException.account_id.is_(None) if account_id is None else ShiftException.account_id == account_id


def _span(row: Shift) -> WeeklySpan:
    return WeeklySpan(row.weekday, row.start_minute, row.end_minute)


def _exception(row: ShiftException) -> DayException:
    return DayException(dt.date.fromisoformat(row.on_date), row.is_working, row.start_minute, row.end_minute, row.title)
