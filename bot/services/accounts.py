"""Signing in: password, second factor, lockout, and the sessions that follow."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from bot.db.staff_tables import Account, StaffSession
from bot.domain.account import POLICY, Failures, Role, StaffPolicy, typed_name
from bot.domain.errors import Locked, NotFound, NotSignedIn, SignInRefused
from bot.services import audit

ISSUER = "心驿"
_HASHER = PasswordHasher()  # argon2id with the library's figures, those of RFC 9106 for machines with little memory
_TOKEN_BYTES = 32
_STEP_SECONDS = 30
_STEPS_OFF = (-1, 0, 1)  # a phone's clock may be half a minute off
_USE_EVERY = dt.timedelta(minutes=1)
_KEPT = dt.timedelta(days=30)
_ENDED_TEXT = "登录已经结束，请重新登录。"


@dataclass(frozen=True)
class Checked:
    """A password compared with what an account has; `account_id` is None for a name that nobody has."""

    account_id: str | None
    password_hash: str
    fits: bool


@dataclass(frozen=True)
class Begun:
    """A sign-in that waits for its second factor: the cookie's token, and at the first time the secret to enrol."""

    token: str
    secret: str | None
    uri: str | None


@dataclass(frozen=True)
class Signed:
    """Who a confirmed session stands for."""

    account_id: str
    name: str
    shown_name: str
    role: str
    session_id: str
    is_available: bool = False
    capacity: int = 0
    has_temporary_password: bool = False
    used_at: dt.datetime | None = None

    @property
    def me(self) -> dict[str, Any]:
        """What the page says of its own account (docs/console.md)."""
        return {
            "id": self.account_id, "name": self.name, "shown_name": self.shown_name, "role": self.role,
            "is_available": self.is_available, "capacity": self.capacity,
        }  # fmt: skip


def hashed(password: str) -> str:
    """The argon2id hash of a password; takes some 50 ms and 64 MiB: never inside a transaction that writes."""
    return _HASHER.hash(_bytes(password))


def check(session: Session, name: str, password: str, now: dt.datetime) -> Checked:
    """Compare a password; a name that nobody has takes as long. Raises Locked. Only reads: `sign_in` notes what came of it."""
    account = session.scalar(select(Account).where(Account.name == typed_name(name), Account.disabled_at.is_(None)))
    return _checked(account, password, now)


def check_own(session: Session, account_id: str, password: str, now: dt.datetime) -> Checked:
    """`check` for somebody who is signed in."""
    return _checked(session.get_one(Account, account_id), password, now)


def _checked(account: Account | None, password: str, now: dt.datetime) -> Checked:
    nobodys = _nobodys_hash()
    if account is None:
        _fits(nobodys, password)
        return Checked(None, nobodys, False)
    fits = _fits(account.password_hash, password)  # also where it is shut, so that this too takes as long
    if _failures(account).is_locked(now):
        raise Locked(account.id)
    return Checked(account.id, account.password_hash, fits)


def sign_in(
    session: Session, checked: Checked, now: dt.datetime, policy: StaffPolicy = POLICY, *, old_token: str | None = None
) -> Begun:
    """Open a session that waits for the second factor; the one of `old_token`, from the same page, ends.

    Raises SignInRefused for a wrong name or password, Locked after too many.
    """
    if checked.account_id is None:
        raise SignInRefused("nobody")
    account = _held(session, checked.account_id)
    if _failures(account).is_locked(now):
        raise Locked(account.id)
    if account.disabled_at is not None or not checked.fits or account.password_hash != checked.password_hash:
        fail(session, account.id, now)
        raise SignInRefused(account.id)
    if old_token is not None:
        _end(session, now, StaffSession.id == _id_of(old_token))
    secret = uri = None
    if account.totp_confirmed_at is None:
        secret = account.totp_secret = pyotp.random_base32()
        uri = pyotp.TOTP(secret).provisioning_uri(name=account.name, issuer_name=ISSUER)
    token = _open(session, account.id, now, now + policy.second_factor, None)
    session.commit()
    return Begun(token, secret, uri)


def confirm(
    session: Session, token: str | None, code: str, now: dt.datetime, policy: StaffPolicy = POLICY
) -> tuple[Signed, str]:
    """Confirm a waiting session by its code; gives who that is and the token of the fresh session that takes its place.

    Raises NotSignedIn when there is no such session, SignInRefused for a wrong or used code, Locked after too many.
    """
    waiting = session.get(StaffSession, _id_of(token or ""))
    if waiting is None:
        raise _ended()
    account = _held(session, waiting.account_id)
    session.refresh(waiting)
    if waiting.confirmed_at is not None or not _is_open(waiting, now, policy):
        raise _ended()
    step = _step_of(account, code, now)
    if account.disabled_at is not None or step is None:
        fail(session, account.id, now)
        raise SignInRefused(account.id)
    if account.totp_confirmed_at is None:
        account.totp_confirmed_at = now
        audit.append(session, account.name, "account.enrolled", account.id, "", now)
    account.totp_step, account.failed_count, account.locked_until = step, 0, None
    if account.role == Role.COUNSELLOR.value:
        account.is_available = (
            True  # who comes takes cases until they say otherwise: a forgotten switch must leave nobody waiting
        )
    _end(session, now, StaffSession.id == waiting.id)
    session.execute(delete(StaffSession).where(StaffSession.expires_at < now - _KEPT))
    fresh = _open(session, account.id, now, now + policy.session, now)
    audit.append(session, account.name, "account.signed_in", account.id, "", now)
    session.commit()
    return _signed(account, session.get_one(StaffSession, _id_of(fresh))), fresh


def fail(session: Session, account_id: str, now: dt.datetime) -> None:
    """Count a wrong password or code, and commit; raises Locked when the account is shut, and ends what still waits for its code."""
    account = _held(session, account_id)
    before = _failures(account)
    if not before.is_locked(now):
        after = before.one_more(now)
        account.failed_count, account.locked_until = after.count, after.locked_until
        if after.is_locked(now):
            _end(session, now, StaffSession.account_id == account.id, StaffSession.confirmed_at.is_(None))
            audit.append(session, account.name, "account.locked", account.id, f"{after.count} failures", now)
        session.commit()
    if _failures(account).is_locked(now):
        raise Locked(account.id)


def who(session: Session, token: str | None, now: dt.datetime, policy: StaffPolicy = POLICY) -> Signed:
    """Who a cookie's token stands for; raises NotSignedIn for none, a forged, unconfirmed, idle, old or ended one."""
    query = select(Account, StaffSession).join(StaffSession, StaffSession.account_id == Account.id)
    found = session.execute(query.where(StaffSession.id == _id_of(token or ""))).one_or_none()
    if found is None or found[0].disabled_at is not None or found[1].confirmed_at is None:
        raise _ended()
    if not _is_open(found[1], now, policy):
        raise _ended()
    return _signed(*found)


def is_used_long_ago(signed: Signed, now: dt.datetime) -> bool:
    """Whether `is_current` would note this use: once a minute is enough."""
    return signed.used_at is None or now - signed.used_at >= _USE_EVERY


def is_current(session: Session, session_id: str, now: dt.datetime, policy: StaffPolicy = POLICY) -> bool:
    """Whether a confirmed session still stands; asking counts as use of it, as an open console does."""
    found = session.get(StaffSession, session_id)
    if found is None or found.confirmed_at is None or not _is_open(found, now, policy):
        return False
    if session.get_one(Account, found.account_id).disabled_at is not None:
        return False
    if now - found.used_at >= _USE_EVERY:
        noted = update(StaffSession).where(StaffSession.id == session_id, StaffSession.ended_at.is_(None)).values(used_at=now)
        result = session.execute(noted)
        session.commit()
        return isinstance(result, CursorResult) and result.rowcount == 1
    return True


def sessions_of(session: Session, signed: Signed, now: dt.datetime, policy: StaffPolicy = POLICY) -> list[dict[str, Any]]:
    """One's own sessions that still stand, the latest use first (docs/console.md)."""
    query = select(StaffSession).where(
        StaffSession.account_id == signed.account_id, StaffSession.ended_at.is_(None), StaffSession.confirmed_at.is_not(None)
    )
    rows = session.scalars(query.order_by(StaffSession.used_at.desc(), StaffSession.id))
    return [
        {
            "id": row.id, "created_at": row.created_at.isoformat(), "used_at": row.used_at.isoformat(),
            "is_this": row.id == signed.session_id,
        }
        for row in rows
        if _is_open(row, now, policy)
    ]  # fmt: skip


def end(session: Session, token: str | None, now: dt.datetime) -> None:
    """End the session of a token, confirmed or not."""
    _end(session, now, StaffSession.id == _id_of(token or ""))
    session.commit()


def end_own(session: Session, account_id: str, session_id: str, now: dt.datetime) -> None:
    """End one of one's own sessions; raises NotFound for another's, or one that is over."""
    if not _end(session, now, StaffSession.id == session_id, StaffSession.account_id == account_id):
        raise NotFound(session_id)
    session.commit()


def end_all(session: Session, account_id: str, now: dt.datetime, *, but: str = "") -> int:
    """End every session of an account but one; gives how many. The caller commits."""
    return _end(session, now, StaffSession.account_id == account_id, StaffSession.id != but)


def set_password(session: Session, signed: Signed, checked: Checked, new_hash: str, now: dt.datetime) -> None:
    """Another password of one's own; all other sessions end. Raises SignInRefused when it was changed meanwhile."""
    account = _held(session, signed.account_id)
    if not checked.fits or account.password_hash != checked.password_hash:
        raise SignInRefused(account.id)
    account.password_hash, account.has_temporary_password = new_hash, False
    end_all(session, account.id, now, but=signed.session_id)
    audit.append(session, account.name, "account.password_changed", account.id, "", now)
    session.commit()


def _held(session: Session, account_id: str) -> Account:
    """The account as it is now, kept from other writers until the commit."""
    return session.get_one(Account, account_id, with_for_update=True, populate_existing=True)


def _open(
    session: Session, account_id: str, now: dt.datetime, expires_at: dt.datetime, confirmed_at: dt.datetime | None
) -> str:
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    row = StaffSession(
        id=_id_of(token), account_id=account_id, created_at=now, confirmed_at=confirmed_at, used_at=now, expires_at=expires_at
    )
    session.add(row)
    session.flush()
    return token


def _end(session: Session, now: dt.datetime, *which: Any) -> int:
    ended = session.execute(update(StaffSession).where(StaffSession.ended_at.is_(None), *which).values(ended_at=now))
    return ended.rowcount if isinstance(ended, CursorResult) else 0


def _is_open(row: StaffSession, now: dt.datetime, policy: StaffPolicy) -> bool:
    return row.ended_at is None and now < row.expires_at and now - row.used_at < policy.idle


def _ended() -> NotSignedIn:
    return NotSignedIn("no such session", reader_text=_ENDED_TEXT)


def _signed(account: Account, row: StaffSession) -> Signed:
    return Signed(
        account.id, account.name, account.shown_name, account.role, row.id, account.is_available, account.capacity,
        account.has_temporary_password, row.used_at,
    )  # fmt: skip


def _failures(account: Account) -> Failures:
    return Failures(account.failed_count, account.locked_until)


def _step_of(account: Account, code: str, now: dt.datetime) -> int | None:
    """The time step whose code this is, when none of it or later was used; None for a wrong code."""
    given = "".join(unicodedata.normalize("NFKC", code).split()).encode("utf-8", "surrogatepass")
    if account.totp_secret is None:
        return None
    totp, today = pyotp.TOTP(account.totp_secret), int(now.timestamp()) // _STEP_SECONDS
    steps = [today + off for off in _STEPS_OFF]
    right = [step for step in steps if hmac.compare_digest(totp.generate_otp(step).encode(), given)]
    return next((step for step in right if step > account.totp_step), None)


def _fits(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, _bytes(password))
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return hashed(secrets.token_urlsafe(_TOKEN_BYTES))


def _bytes(password: str) -> bytes:
    """One sequence for a password however it was typed: full width and composed letters are the same."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _id_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
