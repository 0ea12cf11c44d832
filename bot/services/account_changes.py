"""Making and changing the staff's accounts; every change stands in the audit log."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.db.handoff_tables import Handoff
from bot.db.staff_tables import Account
from bot.domain.account import Role, account_name
from bot.domain.account_fields import checked
from bot.domain.errors import IllegalTransition, Incomplete, NotFound
from bot.domain.handoff import ACTIVE
from bot.domain.handoff_talk import HandoffDesk
from bot.services import accounts, audit, handoffs
from bot.settings import timezone_names

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is read for something else
_GROUPS, _GROUP_LENGTH = 4, 4
_TAKEN = "这个登录名已经有人用了。"
_STOPPED = "账号停用或换了角色"
_LAST_ADMIN = "这是最后一个管理员，不能停用，也不能换角色。"


@dataclass(frozen=True)
class Password:
    """The hash of a password that an account gets; a one-time one must be replaced at the first sign-in."""

    password_hash: str
    is_temporary: bool


def one_time_password() -> str:
    """Sixteen characters that are easily read out, some 79 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))


def create(
    session: Session, name: str, fields: Mapping[str, Any], password: Password, by: str, now: dt.datetime,
    timezone: str = "Asia/Shanghai",
) -> Account:  # fmt: skip
    """A new account; raises Incomplete naming what is missing or wrong, a name that somebody has among it."""
    found = checked(fields, timezone_names())
    missing = [field for field in ("role", "shown_name") if field not in found]
    if missing:
        raise Incomplete(missing)
    account = Account(
        name=account_name(name), password_hash=password.password_hash, has_temporary_password=password.is_temporary,
        created_at=now, **{"timezone": timezone, **found},
    )  # fmt: skip
    if session.scalar(select(Account.id).where(Account.name == account.name)) is not None:
        raise Incomplete(["name"], reader_text=_TAKEN)
    session.add(account)
    try:
        session.flush()
    except IntegrityError:  # another administrator was first
        session.rollback()
        raise Incomplete(["name"], reader_text=_TAKEN) from None
    audit.append(session, by, "account.created", account.id, f"{account.name}, {account.role}", now)
    session.commit()
    return account


def change(session: Session, account_id: str, fields: Mapping[str, Any], by: str, now: dt.datetime) -> Account:
    """Set these fields; another role ends the account's sessions.

    Raises NotFound, Incomplete naming what does not fit, IllegalTransition where no administrator would be left.
    """
    found = checked(fields, timezone_names())
    account = _held_with_admins(session, account_id)
    changed = {field: value for field, value in found.items() if getattr(account, field) != value}
    what = ", ".join(f"role {account.role} -> {value}" if field == "role" else field for field, value in changed.items())
    if "role" in changed:
        _require_other_admin(session, account)
        _leave(session, account, now)
    for field, value in changed.items():
        setattr(account, field, value)
    if changed:
        audit.append(session, by, "account.changed", account.id, what, now)
    session.commit()
    return account


def disable(session: Session, account_id: str, by: str, now: dt.datetime) -> Account:
    """Nobody signs in with it any more; its sessions end. Raises NotFound, IllegalTransition for the last administrator."""
    account = _held_with_admins(session, account_id)
    if account.disabled_at is None:
        _require_other_admin(session, account)
        account.disabled_at = now
        _leave(session, account, now)
        audit.append(session, by, "account.disabled", account.id, account.name, now)
    session.commit()
    return account


def give_back_cases(session: Session, account_id: str, now: dt.datetime, desk: HandoffDesk) -> None:
    """Whoever stops working cases leaves none behind: each goes back to the queue, in a commit of its own."""
    mine = (
        select(Handoff.id).where(Handoff.status == ACTIVE, Handoff.accepted_by == account_id).order_by(Handoff.rank, Handoff.id)
    )
    for handoff_id in session.scalars(mine).all():
        handoffs.transfer(session, handoff_id, account_id, None, _STOPPED, now, desk)


def enable(session: Session, account_id: str, by: str, now: dt.datetime) -> Account:
    """Open a disabled account again; raises NotFound."""
    account = _held(session, account_id)
    if account.disabled_at is not None:
        account.disabled_at = None
        audit.append(session, by, "account.enabled", account.id, account.name, now)
    session.commit()
    return account


def reset_password(session: Session, account_id: str, password: Password, by: str, now: dt.datetime) -> Account:
    """Another password, and a locked account opens; all its sessions end. Raises NotFound."""
    account = _held(session, account_id)
    account.password_hash, account.has_temporary_password = password.password_hash, password.is_temporary
    account.failed_count, account.locked_until = 0, None
    _leave(session, account, now)
    audit.append(session, by, "account.password_reset", account.id, account.name, now)
    session.commit()
    return account


def reset_totp(session: Session, account_id: str, by: str, now: dt.datetime) -> Account:
    """The second factor is set up anew at the next sign-in; all sessions end. Raises NotFound."""
    account = _held(session, account_id)
    account.totp_secret, account.totp_confirmed_at, account.totp_step = None, None, 0
    _leave(session, account, now)
    audit.append(session, by, "account.totp_reset", account.id, account.name, now)
    session.commit()
    return account


def end_sessions(session: Session, account_id: str, by: str, now: dt.datetime) -> int:
    """End every session of an account; gives how many. Raises NotFound."""
    account = _held(session, account_id)
    ended = _leave(session, account, now)
    audit.append(session, by, "account.sessions_ended", account.id, account.name, now)
    session.commit()
    return ended


def listing(session: Session) -> list[Account]:
    """All accounts by name, disabled ones too."""
    return list(session.scalars(select(Account).order_by(Account.name)))


def named(session: Session, name: str) -> Account:
    """The account that signs in with this name; raises NotFound."""
    found = session.scalar(select(Account).where(Account.name == account_name(name)))
    if found is None:
        raise NotFound(f"no account {name}")
    return found


def _held(session: Session, account_id: str) -> Account:
    account = session.get(Account, account_id, with_for_update=True, populate_existing=True)
    if account is None:
        raise NotFound(account_id)
    return account


def _leave(session: Session, account: Account, now: dt.datetime) -> int:
    account.is_available = False
    return accounts.end_all(session, account.id, now)


def _held_with_admins(session: Session, account_id: str) -> Account:
    """The same behind all administrators, in one order, so that two who remove each other wait instead of both going through."""
    admins = select(Account.id).where(Account.role == Role.ADMIN.value, Account.disabled_at.is_(None)).order_by(Account.id)
    session.execute(admins.with_for_update())
    return _held(session, account_id)


def _require_other_admin(session: Session, account: Account) -> None:
    """Raise IllegalTransition when this is the last administrator who can sign in."""
    if account.role != Role.ADMIN.value or account.disabled_at is not None:
        return
    others = select(Account.id).where(Account.role == Role.ADMIN.value, Account.disabled_at.is_(None), Account.id != account.id)
    if session.scalar(others.limit(1)) is None:
        raise IllegalTransition("the last administrator", reader_text=_LAST_ADMIN)
