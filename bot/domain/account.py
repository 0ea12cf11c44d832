"""Rules of the staff's accounts: roles, names, passwords, lockout, and how long a sign-in lasts; pure."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

from bot.domain.errors import Incomplete

SHORTEST_PASSWORD, _LONGEST_PASSWORD = 12, 128
_LEAST_DIFFERENT = 6  # characters
_SHORTEST_RUN = 8  # characters in a row of the alphabet, the digits or a keyboard
_FAILURES_TO_LOCK = 5
_FIRST_LOCK, _LONGEST_LOCK = dt.timedelta(minutes=15), dt.timedelta(hours=24)
_NAME = re.compile(r"[\w.@-]{2,64}")
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm")
_COMMON = frozenset(
    {
        "password", "passwort", "letmein", "welcome", "admin", "administrator", "root", "iloveyou", "woaini", "woaiwojia", "mima",
        "woaizhongguo", "mimamima", "xinyi", "console", "counsellor", "counselor", "changeme", "qwerty", "abc", "test", "guest",
        "login", "secret", "master", "dragon", "monkey", "sunshine", "princess",
    }
)  # fmt: skip

_EDGES = "0123456789 !@#$%^&*()-_=+.,;:?/"
_LOOKALIKES = str.maketrans("013457@$!", "oleastasi")


class Role(str, Enum):
    """What an account may do: work cases, look after the team, teach the program, approve clinical words, or keep accounts and settings."""

    COUNSELLOR = "counsellor"
    SUPERVISOR = "supervisor"
    TRAINER = "trainer"
    CLINICIAN = "clinician"
    ADMIN = "admin"


@dataclass(frozen=True)
class StaffPolicy:
    """How long a sign-in lasts at most, how long without use, and how long one may wait for the second factor."""

    session: dt.timedelta = dt.timedelta(hours=12)
    idle: dt.timedelta = dt.timedelta(hours=2)
    second_factor: dt.timedelta = dt.timedelta(minutes=10)


POLICY = StaffPolicy()


@dataclass(frozen=True)
class Failures:
    """Wrong passwords and codes since the last whole sign-in, and until when the account is shut for them."""

    count: int = 0
    locked_until: dt.datetime | None = None

    def is_locked(self, now: dt.datetime) -> bool:
        return self.locked_until is not None and now < self.locked_until

    def one_more(self, now: dt.datetime) -> Failures:
        """Every fifth failure shuts the account: for a quarter of an hour, each time twice as long, a day at most."""
        count = self.count + 1
        times, rest = divmod(count, _FAILURES_TO_LOCK)
        if rest:
            return Failures(count, self.locked_until)
        return Failures(count, now + min(_FIRST_LOCK * 2 ** min(times - 1, 10), _LONGEST_LOCK))


def account_name(raw: str) -> str:
    """The name to sign in with: width and case make no difference; raises Incomplete unless 2 to 64 letters, digits, `.`, `-`, `_`, `@`."""
    name = typed_name(raw)
    if not name:
        raise Incomplete(["name"], reader_text="登录名要 2 到 64 个字母、汉字、数字、点或横线。")
    return name


def typed_name(raw: str) -> str:
    """The name as an account would have it, however it was typed; empty when no account can be called so."""
    name = _plain(raw)
    return name if _NAME.fullmatch(name) else ""


def require_strong(password: str, name: str, field: str = "new") -> None:
    """Raise Incomplete naming `field` and what is wrong with this password for the account of this name."""
    fault = _fault(password, name)
    if fault:
        raise Incomplete([field], reader_text=fault)


def _fault(password: str, name: str) -> str | None:
    plain = _plain(password)
    if len(plain) < SHORTEST_PASSWORD:
        return f"密码至少 {SHORTEST_PASSWORD} 个字符，现在只有 {len(plain)} 个。"
    if len(password) > _LONGEST_PASSWORD:
        return f"密码最多 {_LONGEST_PASSWORD} 个字符。"
    if len(set(plain)) < _LEAST_DIFFERENT or re.fullmatch(r"(.+?)\1+", plain):
        return "密码里重复的太多，换几个不一样的词连起来就好。"
    if name and name in plain:
        return "密码里不要有登录名。"
    if _is_run(plain):
        return "密码里不要有连着的字母、数字或键盘上挨着的一排。"
    if {re.sub(r"[\W\d_]+", "", plain), plain.strip(_EDGES).translate(_LOOKALIKES)} & _COMMON:
        return "这个密码太常见了，换几个不相干的词连起来就好。"
    return None


def _is_run(plain: str) -> bool:
    """Whether the password holds a long piece of a row, forwards or backwards."""
    rows = [row for one in _ROWS for row in (one, one[::-1])]
    pieces = (plain[at : at + _SHORTEST_RUN] for at in range(len(plain) - _SHORTEST_RUN + 1))
    return any(piece in row for piece in pieces for row in rows)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()
