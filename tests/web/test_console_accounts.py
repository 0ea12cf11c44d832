"""Accounts, shifts and holidays over HTTP: who may, what is refused, and what is written down."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from console_ground import Staff, ask_for_human
from ground import Gateway
from sqlalchemy import select

from bot.db.handoff_tables import Handoff
from bot.db.staff_tables import Account, StaffSession
from bot.db.tables import AuditEntry
from bot.services import accounts
from bot.web.auth import COOKIE

ROLES = ("counsellor", "supervisor", "trainer", "clinician", "admin")
ID = "0" * 32
ROUTES = [
    ("GET", "me", ROLES), ("DELETE", f"sessions/{'0' * 64}", ROLES), ("PUT", "me/password", ROLES),
    ("GET", "accounts", ("admin",)), ("POST", "accounts", ("admin",)), ("PATCH", f"accounts/{ID}", ("admin",)),
    ("GET", f"accounts/{ID}/shifts", ("admin", "supervisor")), ("PUT", f"accounts/{ID}/shifts", ("admin", "supervisor")),
    ("GET", "holidays", ("admin", "supervisor")), ("PUT", "holidays", ("admin", "supervisor")),
    ("GET", "counsellors", ("counsellor", "supervisor", "admin")),
]  # fmt: skip


async def _code(response: Any) -> str | None:
    found = await response.json()
    return found.get("error", {}).get("code") if isinstance(found, dict) else None


@pytest.fixture
def staff(gateway: Gateway) -> dict[str, Staff]:
    return {role: Staff(gateway, role, role) for role in ROLES}


async def test_every_route_asks_for_its_role(gateway: Gateway, staff: dict[str, Staff]) -> None:
    for method, path, roles in ROUTES:
        for role, member in staff.items():
            response = await member.call(method, path)
            is_refused = (response.status, await _code(response)) == (403, "forbidden")
            assert is_refused == (role not in roles), (method, path, role)
            assert response.status != 500, (method, path, role)


async def test_every_route_is_shut_without_a_session_that_is_confirmed(gateway: Gateway, staff: dict[str, Staff]) -> None:
    admin, root = staff["admin"], staff["admin"].root
    now = dt.datetime.now(dt.timezone.utc)
    begun = root.call(accounts.sign_in, accounts.Checked(admin.id, "x", True), now)
    ended = Staff(gateway, "ended", "admin")
    root.call(accounts.end, ended.token, now)
    idle = Staff(gateway, "idle", "admin")

    def age(session: Any) -> None:
        session.get_one(StaffSession, idle.session_id).used_at = now - dt.timedelta(hours=3)
        session.commit()

    root.call(age)
    for method, path, _ in ROUTES:
        for cookie in (None, "", "forged", admin.session_id, begun.token, ended.token, idle.token):
            headers = {"Origin": gateway.origin, **({"Cookie": f"{COOKIE}={cookie}"} if cookie is not None else {})}
            url = gateway.url(f"/api/console/{path}")
            async with gateway.http.request(method, url, headers=headers, json={}) as response:
                assert (response.status, await _code(response)) == (401, "not_signed_in"), (method, path, cookie)


async def test_a_workers_session_opens_nothing_here(gateway: Gateway) -> None:
    token = await gateway.token()
    for cookie in (f"xinyi_session={token}", f"{COOKIE}={token}"):
        async with gateway.http.get(gateway.url("/api/console/me"), headers={"Cookie": cookie}) as response:
            assert response.status == 401


async def test_an_administrator_makes_changes_and_shuts_accounts(gateway: Gateway, staff: dict[str, Staff]) -> None:
    admin = staff["admin"]
    made = await admin.post(
        "accounts", name="Lin", role="counsellor", shown_name="林老师", email="lin@example.cn", skills=["overseas"]
    )
    account = made["account"]
    assert set(account) == {
        "id", "name", "shown_name", "introduction", "role", "gender", "skills", "capacity", "timezone", "email", "phone", "on_call_rank",
        "is_enrolled", "locked_until", "created_at", "disabled_at",
    }  # fmt: skip
    assert (account["name"], account["timezone"], account["is_enrolled"]) == ("lin", "Asia/Shanghai", False)
    row = gateway.read(lambda session: session.get_one(Account, account["id"]))
    assert row.has_temporary_password
    path = f"accounts/{account['id']}"
    changed = await (await admin.call("PATCH", path, capacity=5, phone="", gender="female")).json()
    assert (changed["account"]["capacity"], changed["account"]["phone"], changed["account"]["gender"]) == (5, None, "female")
    assert "password" not in changed
    reset = await (await admin.call("PATCH", path, reset_password=True)).json()
    assert reset["password"] != made["password"]
    disabled = await (await admin.call("PATCH", path, disabled=True)).json()
    assert disabled["account"]["disabled_at"]
    assert not (await (await admin.call("PATCH", path, disabled=False)).json())["account"]["disabled_at"]
    assert (await (await admin.call("PATCH", path, reset_totp=True)).json())["account"]["is_enrolled"] is False
    shown = await admin.get("accounts")
    assert [each["name"] for each in shown["accounts"]] == ["admin", "clinician", "counsellor", "lin", "supervisor", "trainer"]
    assert "password_hash" not in str(shown)
    actions = gateway.read(
        lambda session: [(row.actor, row.action) for row in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    )
    assert actions == [
        ("admin", f"account.{deed}") for deed in ("created", "changed", "password_reset", "disabled", "enabled", "totp_reset")
    ]  # fmt: skip


REFUSED: list[tuple[str, str, dict[str, Any], int, list[str]]] = [
    ("POST", "accounts", {"name": "lin", "role": "counsellor"}, 422, ["shown_name"]),
    ("POST", "accounts", {"role": "counsellor", "shown_name": "林"}, 422, ["name"]),
    ("POST", "accounts", {"name": 5, "role": "counsellor", "shown_name": "林"}, 422, ["name"]),
    ("POST", "accounts", {"name": "trainer", "role": "admin", "shown_name": "林"}, 422, ["name"]),
    ("POST", "accounts", {"name": "lin", "role": "admin", "shown_name": "林", "password_hash": "x"}, 422, ["password_hash"]),
    ("PATCH", "accounts/{id}", {"capacity": "many", "role": "god"}, 422, ["capacity", "role"]),
    ("PATCH", "accounts/{id}", {"name": "boss"}, 422, ["name"]),
    ("PATCH", "accounts/{id}", {"disabled": "yes"}, 422, ["disabled"]),
    ("PATCH", "accounts/{id}", {"disabled": True, "reset_totp": True}, 422, ["disabled", "reset_totp"]),
    ("PATCH", "accounts/{id}", {"disabled": True, "capacity": 1}, 422, ["disabled"]),
    ("PUT", "accounts/{id}/shifts", {"shifts": None}, 422, ["shifts"]),
    ("PUT", "accounts/{id}/shifts", {"shifts": [], "exceptions": [{}]}, 422, ["exceptions"]),
    ("PUT", "holidays", {"holidays": None}, 422, ["holidays"]),
]  # fmt: skip


async def test_what_does_not_fit_is_named_and_changes_nothing(gateway: Gateway, staff: dict[str, Staff]) -> None:
    admin = staff["admin"]
    for method, path, body, status, fields in REFUSED:
        response = await admin.call(method, path.format(id=staff["counsellor"].id), **body)
        error = (await response.json())["error"]
        assert (response.status, error["fields"]) == (status, fields), (path, body)
        assert any("\u4e00" <= character <= "\u9fff" for character in error["message"])
    assert gateway.read(lambda session: list(session.scalars(select(AuditEntry)))) == []


async def test_the_last_administrator_stays_and_nobody_unknown_is_changed(gateway: Gateway, staff: dict[str, Staff]) -> None:
    admin = staff["admin"]
    for body in ({"disabled": True}, {"role": "trainer"}):
        response = await admin.call("PATCH", f"accounts/{admin.id}", **body)
        assert (response.status, await _code(response)) == (409, "illegal_transition")
    assert (await admin.call("PATCH", f"accounts/{ID}", capacity=1)).status == 404
    assert (await admin.call("GET", f"accounts/{ID}/shifts")).status == 404
    assert (await admin.call("PATCH", "accounts/../me", capacity=1)).status in (404, 405)


@pytest.mark.parametrize("body", [{"disabled": True}, {"role": "trainer"}, {"role": "clinician"}])
async def test_whoever_stops_leaves_no_case_behind(gateway: Gateway, staff: dict[str, Staff], body: dict[str, Any]) -> None:
    lin = staff["counsellor"]
    worker = await gateway.worker()
    await worker.say("想找人说说", "e1")
    await worker.wait_for("message", author="bot")
    case_id = await ask_for_human(gateway, worker)
    await lin.post(f"cases/{case_id}/accept")
    assert (await staff["admin"].call("PATCH", f"accounts/{lin.id}", capacity=99, **body)).status == 422
    assert gateway.read(lambda session: session.get_one(Handoff, case_id).accepted_by) == lin.id
    assert (await staff["admin"].call("PATCH", f"accounts/{lin.id}", **body)).status == 200
    found = gateway.read(lambda session: session.get_one(Handoff, case_id))
    assert (found.status, found.accepted_by) == ("waiting", None)
    assert (await lin.call("GET", "me")).status == 401


async def test_shifts_and_holidays_come_back_as_they_were_put(gateway: Gateway, staff: dict[str, Staff]) -> None:
    supervisor, path = staff["supervisor"], f"accounts/{staff['counsellor'].id}/shifts"
    assert await supervisor.get(path) == {"timezone": "Asia/Shanghai", "shifts": [], "exceptions": []}
    week = {
        "shifts": [{"weekday": 1, "start": "09:00", "end": "12:00"}, {"weekday": 7, "start": "22:00", "end": "24:00"}],
        "exceptions": [{"on_date": "2026-11-30", "is_working": True, "start": "10:00", "end": "14:00", "title": "替班"}],
    }
    assert await (await supervisor.call("PUT", path, **week)).json() == {"timezone": "Asia/Shanghai", **week}
    assert await supervisor.get(path) == {"timezone": "Asia/Shanghai", **week}
    days = [{"on_date": "2027-02-06", "title": "春节"}]
    assert (await supervisor.call("PUT", "holidays", holidays=days)).status == 200
    assert (await staff["admin"].get("holidays"))["holidays"] == [
        {"on_date": "2027-02-06", "is_working": False, "start": "00:00", "end": "24:00", "title": "春节"}
    ]


async def test_the_list_for_transfers_shows_who_works_cases_and_who_is_there(gateway: Gateway, staff: dict[str, Staff]) -> None:
    await staff["counsellor"].console()
    shown = (await staff["supervisor"].get("counsellors"))["counsellors"]
    assert [(each["name"], each["role"]) for each in shown] == [("counsellor", "counsellor"), ("supervisor", "supervisor")]
    assert set(shown[0]) == {
        "id", "name", "shown_name", "role", "is_present", "on_duty", "load", "capacity", "skills", "gender",
    }  # fmt: skip
    assert shown[1]["is_present"] is False
