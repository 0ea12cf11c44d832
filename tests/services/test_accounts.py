"""Signing in: passwords, the second factor, the lock, and sessions that end."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

import pyotp
import pytest
from ground import NOW
from sqlalchemy import func, select, update

from bot.bootstrap import Root
from bot.db.staff_tables import Account, StaffSession
from bot.db.tables import AuditEntry
from bot.domain.account import StaffPolicy
from bot.domain.errors import Locked, NotFound, NotSignedIn, SignInRefused, XinyiError
from bot.services import account_changes, accounts
from bot.services.account_changes import Password

PASSWORD = "松木-灯塔-七月-3914"
SECOND, MINUTE, HOUR = dt.timedelta(seconds=1), dt.timedelta(minutes=1), dt.timedelta(hours=1)


@lru_cache(maxsize=1)
def password_hash() -> str:
    return accounts.hashed(PASSWORD)


class Desk:
    """One account and its ways in."""

    def __init__(self, root: Root) -> None:
        self.root = root
        fields = {"role": "counsellor", "shown_name": "林老师"}
        made = root.call(account_changes.create, "lin", fields, Password(password_hash(), False), "test", NOW)
        self.id = made.id
        self.secret = ""

    def check(self, password: str = PASSWORD, name: str = "lin", now: dt.datetime = NOW) -> accounts.Checked:
        return self.root.call_reading(accounts.check, name, password, now)

    def compared(self, *, fits: bool = True) -> accounts.Checked:
        """What `check` gives for the right or a wrong password, without its half second of work."""
        return accounts.Checked(self.id, password_hash(), fits)

    def begin(self, now: dt.datetime = NOW, **named: Any) -> str:
        begun = self.root.call(accounts.sign_in, self.compared(), now, **named)
        self.secret = begun.secret or self.secret
        return begun.token

    def code(self, now: dt.datetime = NOW) -> str:
        return pyotp.TOTP(self.secret).at(now)

    def enter(self, now: dt.datetime = NOW) -> tuple[accounts.Signed, str]:
        token = self.begin(now=now)
        return self.root.call(accounts.confirm, token, self.code(now), now)

    def who(self, token: str | None, now: dt.datetime = NOW) -> accounts.Signed:
        return self.root.call_reading(accounts.who, token, now)

    def row(self) -> Account:
        return self.root.call_reading(lambda session: session.get_one(Account, self.id))

    def audited(self) -> list[str]:
        return self.root.call_reading(lambda session: list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))))


@pytest.fixture
def desk(root: Root) -> Desk:
    return Desk(root)


def test_signing_in_takes_a_password_and_a_code_and_gives_a_fresh_session(desk: Desk) -> None:
    waiting = desk.begin()
    signed, token = desk.root.call(accounts.confirm, waiting, desk.code(), NOW)
    assert token != waiting
    assert signed.me == {
        "id": desk.id, "name": "lin", "shown_name": "林老师", "role": "counsellor", "is_available": True, "capacity": 3,
    }  # fmt: skip
    assert desk.who(token) == signed
    with pytest.raises(NotSignedIn):
        desk.who(waiting)
    assert desk.audited() == ["account.created", "account.enrolled", "account.signed_in"]


def test_the_table_holds_no_token_and_no_password(desk: Desk) -> None:
    _, token = desk.enter()
    ids = desk.root.call_reading(lambda session: list(session.scalars(select(StaffSession.id))))
    assert token not in ids
    assert desk.row().password_hash.startswith("$argon2id$")


def test_a_waiting_session_opens_nothing_and_waits_ten_minutes(desk: Desk) -> None:
    waiting = desk.begin()
    with pytest.raises(NotSignedIn):
        desk.who(waiting)
    late = NOW + 10 * MINUTE
    with pytest.raises(NotSignedIn):
        desk.root.call(accounts.confirm, waiting, desk.code(late), late)


def test_the_secret_is_told_until_the_first_code_and_never_again(desk: Desk) -> None:
    desk.begin()
    first = desk.secret
    begun = desk.root.call(accounts.sign_in, desk.compared(), NOW)
    assert begun.secret not in (None, first)
    assert begun.uri is not None
    assert begun.uri.startswith("otpauth://totp/")
    desk.enter()
    begun = desk.root.call(accounts.sign_in, desk.compared(), NOW)
    assert (begun.secret, begun.uri) == (None, None)


@pytest.mark.parametrize("off", [-30, 0, 30])
def test_a_clock_may_be_half_a_minute_off(desk: Desk, off: int) -> None:
    waiting = desk.begin()
    signed, _ = desk.root.call(accounts.confirm, waiting, desk.code(NOW + off * SECOND), NOW)
    assert signed.account_id == desk.id


@pytest.mark.parametrize("code", ["", "000000x", "12345", "١٢٣٤٥٦", "\ud83d", "abcdef", "0" * 5000])
def test_a_wrong_code_is_refused(desk: Desk, code: str) -> None:
    waiting = desk.begin()
    with pytest.raises(SignInRefused):
        desk.root.call(accounts.confirm, waiting, code, NOW)
    assert desk.row().failed_count == 1


def test_blanks_and_full_width_digits_of_a_code_do_not_matter(desk: Desk) -> None:
    waiting = desk.begin()
    code = desk.code()
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    desk.root.call(accounts.confirm, waiting, f" {wide[:3]} {wide[3:]} ", NOW)


def test_a_code_serves_once_and_an_older_one_not_after_it(desk: Desk) -> None:
    desk.enter()
    for older in (NOW, NOW - 30 * SECOND):
        waiting = desk.begin()
        with pytest.raises(SignInRefused):
            desk.root.call(accounts.confirm, waiting, desk.code(older), NOW)
    desk.enter(NOW + 30 * SECOND)


def test_the_same_code_at_once_from_two_pages_lets_one_in(desk: Desk, pool: ThreadPoolExecutor) -> None:
    desk.enter(NOW - MINUTE)
    waiting = [desk.begin(), desk.begin()]

    def confirm(token: str) -> bool:
        try:
            desk.root.call(accounts.confirm, token, desk.code(), NOW)
        except SignInRefused:
            return False
        return True

    assert sorted(pool.map(confirm, waiting)) == [False, True]


def test_the_right_password_fits_and_a_wrong_one_does_not(desk: Desk) -> None:
    assert desk.check() == desk.compared()
    assert desk.check("松木-灯塔-七月-3915") == desk.compared(fits=False)
    own = desk.root.call_reading(accounts.check_own, desk.id, PASSWORD, NOW)
    assert own == desk.compared()


@pytest.mark.parametrize("name", ["nobody", "a\x00b", "\ud83d"])
def test_a_name_that_nobody_has_is_compared_too_and_refused_alike(desk: Desk, name: str) -> None:
    checked = desk.check(name=name)
    assert (checked.account_id, checked.fits) == (None, False)
    assert checked.password_hash.startswith("$argon2id$")
    with pytest.raises(SignInRefused) as unknown:
        desk.root.call(accounts.sign_in, checked, NOW)
    with pytest.raises(SignInRefused) as wrong:
        desk.root.call(accounts.sign_in, desk.compared(fits=False), NOW)
    assert unknown.value.reader_text == wrong.value.reader_text


def test_name_and_password_may_be_typed_in_full_width(desk: Desk) -> None:
    assert desk.check("松木-灯塔-七月-３９１４", name=" ＬＩＮ ").fits


def test_five_failures_of_either_kind_lock_even_the_right_password(desk: Desk) -> None:
    waiting = desk.begin()
    for _ in range(2):
        with pytest.raises(SignInRefused):
            desk.root.call(accounts.confirm, waiting, "000000", NOW)
    for _ in range(2):
        with pytest.raises(SignInRefused):
            desk.root.call(accounts.sign_in, desk.compared(fits=False), NOW)
    with pytest.raises(Locked):
        desk.root.call(accounts.sign_in, desk.compared(fits=False), NOW)
    with pytest.raises(Locked):
        desk.check()
    with pytest.raises(NotSignedIn):
        desk.root.call(accounts.confirm, waiting, desk.code(), NOW)
    assert desk.audited()[-1] == "account.locked"
    desk.enter(NOW + 15 * MINUTE)
    assert (desk.row().failed_count, desk.row().locked_until) == (0, None)


def test_a_right_password_alone_does_not_forget_the_failures(desk: Desk) -> None:
    for _ in range(4):
        with pytest.raises(SignInRefused):
            desk.root.call(accounts.sign_in, desk.compared(fits=False), NOW)
    waiting = desk.begin()
    with pytest.raises(Locked):
        desk.root.call(accounts.confirm, waiting, "000000", NOW)


def test_many_guesses_at_once_count_one_by_one_and_none_comes_through_after_the_lock(
    desk: Desk, pool: ThreadPoolExecutor
) -> None:
    wrong, right = desk.compared(fits=False), desk.compared()  # all compared before any is counted

    def guess(checked: accounts.Checked) -> type[XinyiError] | None:
        try:
            desk.root.call(accounts.sign_in, checked, NOW)
        except XinyiError as error:
            return type(error)
        return None

    found = list(pool.map(guess, [wrong] * 12))
    assert (found.count(SignInRefused), found.count(Locked)) == (4, 8)
    assert guess(right) is Locked
    assert desk.row().failed_count == 5


def test_a_password_changed_between_comparing_and_signing_in_does_not_fit(desk: Desk) -> None:
    checked = desk.compared()
    desk.root.call(account_changes.reset_password, desk.id, Password("another", True), "admin", NOW)
    with pytest.raises(SignInRefused):
        desk.root.call(accounts.sign_in, checked, NOW)


def test_a_session_ends_after_twelve_hours_or_two_without_use(desk: Desk) -> None:
    signed, token = desk.enter()
    with pytest.raises(NotSignedIn):
        desk.who(token, NOW + 2 * HOUR)
    now = NOW
    while now < NOW + 11 * HOUR:
        now += HOUR
        assert desk.root.call(accounts.is_current, signed.session_id, now)
    assert desk.who(token, NOW + 12 * HOUR - SECOND).used_at == now
    with pytest.raises(NotSignedIn):
        desk.who(token, NOW + 12 * HOUR)
    assert not desk.root.call(accounts.is_current, signed.session_id, NOW + 12 * HOUR)


def test_how_long_a_session_lasts_is_a_setting(desk: Desk) -> None:
    policy = StaffPolicy(session=HOUR, idle=10 * MINUTE)
    waiting = desk.begin()
    signed, token = desk.root.call(accounts.confirm, waiting, desk.code(), NOW, policy)
    with pytest.raises(NotSignedIn):
        desk.root.call_reading(accounts.who, token, NOW + 10 * MINUTE, policy)
    with pytest.raises(NotSignedIn):
        desk.who(token, NOW + HOUR)
    assert not desk.root.call(accounts.is_current, signed.session_id, NOW + 10 * MINUTE, policy)


def test_use_is_noted_once_a_minute(desk: Desk) -> None:
    signed, token = desk.enter()
    assert not accounts.is_used_long_ago(signed, NOW + 59 * SECOND)
    assert accounts.is_used_long_ago(signed, NOW + MINUTE)
    desk.root.call(accounts.is_current, signed.session_id, NOW + 59 * SECOND)
    assert desk.who(token).used_at == NOW
    desk.root.call(accounts.is_current, signed.session_id, NOW + MINUTE)
    assert desk.who(token).used_at == NOW + MINUTE


def test_an_ended_session_is_refused_at_once(desk: Desk) -> None:
    signed, token = desk.enter()
    desk.root.call(accounts.end, token, NOW)
    with pytest.raises(NotSignedIn):
        desk.who(token)
    assert not desk.root.call(accounts.is_current, signed.session_id, NOW)
    assert not desk.root.call(accounts.is_current, "0" * 64, NOW)


@pytest.mark.parametrize("token", [None, "", "x", "\ud83d", "a" * 5000])
def test_a_forged_cookie_is_nobody(desk: Desk, token: str | None) -> None:
    with pytest.raises(NotSignedIn):
        desk.who(token)
    with pytest.raises(NotSignedIn):
        desk.root.call(accounts.confirm, token, "000000", NOW)
    desk.root.call(accounts.end, token, NOW)


def test_the_id_in_the_table_is_no_cookie(desk: Desk) -> None:
    signed, _ = desk.enter()
    with pytest.raises(NotSignedIn):
        desk.who(signed.session_id)


def test_a_disabled_account_is_out_at_once(desk: Desk) -> None:
    signed, token = desk.enter()
    waiting = desk.begin()
    desk.root.call(lambda session: (session.execute(update(Account).values(disabled_at=NOW)), session.commit()))
    with pytest.raises(NotSignedIn):
        desk.who(token)
    assert not desk.root.call(accounts.is_current, signed.session_id, NOW)
    with pytest.raises(SignInRefused):
        desk.root.call(accounts.confirm, waiting, desk.code(NOW + 30 * SECOND), NOW + 30 * SECOND)
    assert desk.check().account_id is None


def test_signing_in_again_on_the_same_page_ends_the_session_it_replaces(desk: Desk) -> None:
    _, token = desk.enter()
    desk.begin(old_token=token)
    with pytest.raises(NotSignedIn):
        desk.who(token)


def test_ones_own_sessions_are_listed_and_ended_and_nobody_elses(desk: Desk) -> None:
    first, first_token = desk.enter()
    second, second_token = desk.enter(NOW + MINUTE)
    desk.begin(now=NOW + MINUTE)
    shown = desk.root.call_reading(accounts.sessions_of, first, NOW + MINUTE)
    assert [(each["id"], each["is_this"]) for each in shown] == [(second.session_id, False), (first.session_id, True)]
    with pytest.raises(NotFound):
        desk.root.call(accounts.end_own, "another", second.session_id, NOW)
    desk.root.call(accounts.end_own, desk.id, second.session_id, NOW)
    with pytest.raises(NotFound):
        desk.root.call(accounts.end_own, desk.id, second.session_id, NOW)
    assert desk.who(first_token)
    with pytest.raises(NotSignedIn):
        desk.who(second_token)


def test_another_password_ends_all_other_sessions_and_the_one_time_one(desk: Desk) -> None:
    _, other = desk.enter()
    signed, token = desk.enter(NOW + MINUTE)
    desk.root.call(lambda session: (session.execute(update(Account).values(has_temporary_password=True)), session.commit()))
    assert desk.who(token).has_temporary_password
    checked = desk.compared()
    desk.root.call(accounts.set_password, signed, checked, "another hash", NOW)
    assert not desk.who(token).has_temporary_password
    with pytest.raises(NotSignedIn):
        desk.who(other)
    assert desk.row().password_hash == "another hash"
    with pytest.raises(SignInRefused):
        desk.root.call(accounts.set_password, signed, checked, "another", NOW)


def test_sessions_long_over_are_forgotten(desk: Desk) -> None:
    desk.enter()
    desk.enter(NOW + dt.timedelta(days=31))
    rows = desk.root.call_reading(lambda session: session.scalar(select(func.count()).select_from(StaffSession)))
    assert rows == 2  # the new one and what waited for it
