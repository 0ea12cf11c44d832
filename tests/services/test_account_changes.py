"""Making and changing accounts: names that are free, the last administrator, and what ends sessions."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from ground import NOW
from sqlalchemy import LargeBinary, select, type_coerce

from bot.bootstrap import Root
from bot.db.staff_tables import Account, StaffSession
from bot.db.tables import AuditEntry
from bot.domain.account import require_strong
from bot.domain.errors import IllegalTransition, Incomplete, NotFound
from bot.services import account_changes, audit, records
from bot.services.account_changes import Password

KEPT = Password("hash", is_temporary=True)


def make(root: Root, name: str, role: str = "counsellor", **fields: Any) -> Account:
    return root.call(account_changes.create, name, {"role": role, "shown_name": "林老师", **fields}, KEPT, "wang", NOW)


def open_session(root: Root, account_id: str) -> None:
    row = StaffSession(id=account_id, account_id=account_id, created_at=NOW, confirmed_at=NOW, used_at=NOW, expires_at=NOW)
    root.call(lambda session: (session.merge(row), session.commit()))


def is_signed_in(root: Root, account_id: str) -> bool:
    return root.call_reading(lambda session: session.get_one(StaffSession, account_id).ended_at is None)


def entries(root: Root) -> list[tuple[str, str, str]]:
    def read(session: Any) -> list[tuple[str, str, str]]:
        assert audit.first_broken(session) is None
        return [(row.actor, row.action, row.reason) for row in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]

    return root.call_reading(read)


def test_an_account_is_made_with_its_fields_and_an_entry(root: Root) -> None:
    made = make(root, "Lin", skills=["overseas"], timezone="Africa/Lagos", phone="13800000000")
    found = root.call_reading(account_changes.named, " LIN ")
    assert (found.id, found.name, found.timezone, found.skills, found.capacity) == (
        made.id,
        "lin",
        "Africa/Lagos",
        ["overseas"],
        3,
    )
    assert found.has_temporary_password
    assert entries(root) == [("wang", "account.created", "lin, counsellor")]


def test_cannot_be_made_twice_nor_without_a_role_and_a_shown_name(root: Root) -> None:
    make(root, "lin")
    for name, fields, named in (
        ("ＬＩＮ", {"role": "admin", "shown_name": "林"}, ["name"]), ("x", {"role": "admin", "shown_name": "林"}, ["name"]),
        ("wu", {"shown_name": "吴"}, ["role"]), ("wu", {}, ["role", "shown_name"]), ("wu", {"role": "god"}, ["role"]),
    ):  # fmt: skip
        with pytest.raises(Incomplete) as refused:
            root.call(account_changes.create, name, fields, KEPT, "wang", NOW)
        assert refused.value.fields == named
    assert len(entries(root)) == 1


def test_two_who_make_the_same_name_at_once_make_one(root: Root, pool: ThreadPoolExecutor) -> None:
    def attempt(_number: int) -> bool:
        try:
            make(root, "lin")
        except Incomplete:
            return False
        return True

    assert sorted(pool.map(attempt, range(4))) == [False, False, False, True]
    assert len(root.call_reading(account_changes.listing)) == 1


def test_a_change_names_its_fields_and_not_their_values_and_nothing_changed_is_no_entry(root: Root) -> None:
    made = make(root, "lin")
    fields = {"phone": "13800000000", "capacity": 3, "shown_name": "林 医生"}
    root.call(account_changes.change, made.id, fields, "wang", NOW)
    root.call(account_changes.change, made.id, fields, "wang", NOW)
    assert entries(root)[1:] == [("wang", "account.changed", "phone, shown_name")]


def test_another_role_counts_at_once(root: Root) -> None:
    made = make(root, "lin")
    open_session(root, made.id)
    root.call(account_changes.change, made.id, {"capacity": 5}, "wang", NOW)
    assert is_signed_in(root, made.id)
    root.call(account_changes.change, made.id, {"role": "supervisor"}, "wang", NOW)
    assert not is_signed_in(root, made.id)
    assert entries(root)[-1] == ("wang", "account.changed", "role counsellor -> supervisor")


@pytest.mark.parametrize("deed", ["disable", "reset_password", "reset_totp", "end_sessions"])
def test_what_shuts_an_account_ends_its_sessions_and_is_audited(root: Root, deed: str) -> None:
    made = make(root, "lin")
    open_session(root, made.id)
    password = [Password("new", True)] if deed == "reset_password" else []
    root.call(getattr(account_changes, deed), made.id, *password, "wang", NOW)
    assert not is_signed_in(root, made.id)
    assert len(entries(root)) == 2


def test_a_reset_password_opens_a_locked_account_and_a_reset_factor_is_enrolled_anew(root: Root) -> None:
    made = make(root, "lin")

    def lock(session: Any) -> None:
        row = session.get_one(Account, made.id)
        row.failed_count, row.locked_until, row.totp_secret, row.totp_confirmed_at, row.totp_step = 5, NOW, "secret", NOW, 9
        session.commit()

    root.call(lock)
    found = root.call(account_changes.reset_password, made.id, Password("new", True), "wang", NOW)
    assert (found.failed_count, found.locked_until, found.password_hash, found.totp_step) == (0, None, "new", 9)
    found = root.call(account_changes.reset_totp, made.id, "wang", NOW)
    assert (found.totp_secret, found.totp_confirmed_at, found.totp_step) == (None, None, 0)


def test_the_last_administrator_stays(root: Root) -> None:
    first, second = make(root, "first", "admin"), make(root, "second", "admin")
    root.call(account_changes.disable, second.id, "first", NOW)
    for deed, arguments in ((account_changes.disable, ()), (account_changes.change, ({"role": "counsellor"},))):
        with pytest.raises(IllegalTransition) as refused:
            root.call(deed, first.id, *arguments, "first", NOW)
        assert "最后一个管理员" in refused.value.reader_text
    root.call(account_changes.enable, second.id, "first", NOW)
    root.call(account_changes.change, first.id, {"role": "counsellor"}, "second", NOW)


def test_two_administrators_who_remove_each_other_at_once_leave_one(root: Root, pool: ThreadPoolExecutor) -> None:
    pair = [make(root, "first", "admin").id, make(root, "second", "admin").id]

    def remove(account_id: str) -> bool:
        try:
            root.call(account_changes.disable, account_id, "other", NOW)
        except IllegalTransition:
            return False
        return True

    assert sorted(pool.map(remove, pair)) == [False, True]


def test_nobody_is_changed_who_is_not_there(root: Root) -> None:
    for deed, arguments in (
        (account_changes.change, ({},)), (account_changes.disable, ()), (account_changes.enable, ()), (account_changes.reset_totp, ()),
        (account_changes.reset_password, (KEPT,)), (account_changes.end_sessions, ()),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            root.call(deed, "0" * 32, *arguments, "wang", NOW)
    with pytest.raises(NotFound):
        root.call_reading(account_changes.named, "nobody")


def test_one_time_passwords_are_strong_and_never_the_same() -> None:
    made = {account_changes.one_time_password() for _ in range(200)}
    assert len(made) == 200
    for each in made:
        assert re.fullmatch(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", each)
        require_strong(each, "lin")


def test_address_phone_and_secret_are_sealed_and_sealed_again_with_a_new_key(root: Root) -> None:
    made = make(root, "lin", email="lin@example.cn", phone="13800000000")

    def raw(session: Any) -> bytes:
        return bytes(session.scalar(select(type_coerce(Account.phone, LargeBinary))))

    before = root.call_reading(raw)
    assert b"138" not in before
    root.ring.rotate()
    root.call(records.reseal)
    assert root.call_reading(raw) != before
    root.ring.drop_others()  # the ring of the shared database is left as it was found
    assert root.call_reading(lambda session: session.get_one(Account, made.id).phone) == "13800000000"
