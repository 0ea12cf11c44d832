"""Signing in to the console over HTTP: cookies, the second factor, guessing, and what a session that is over still opens."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyotp
import pytest
from console_ground import Staff
from ground import Gateway, MakeGateway
from sqlalchemy import select, update

from bot.db.staff_tables import Account, StaffSession
from bot.services import account_changes, accounts
from bot.services.account_changes import Password
from bot.web.auth import COOKIE
from bot.web.gate import Gate
from bot.web.keys import ROOT

PASSWORD = "松木-灯塔-七月-3914"
Answer = tuple[int, dict[str, Any], str | None]


class Visitor:
    """A page before the console: keeps its cookie as a browser does."""

    def __init__(self, gateway: Gateway, cookie: str | None = None) -> None:
        self.gateway = gateway
        self.cookie = cookie
        self.morsel: Any = None

    async def call(self, method: str, path: str, **body: Any) -> Answer:
        headers = {"Origin": self.gateway.origin, **({"Cookie": f"{COOKIE}={self.cookie}"} if self.cookie else {})}
        url = self.gateway.url(f"/api/console/{path}")
        async with self.gateway.http.request(method, url, headers=headers, json=body or None) as response:
            if COOKIE in response.cookies:
                self.morsel = response.cookies[COOKIE]
                self.cookie = self.morsel.value or None
            found = await response.json()
            return response.status, found, found.get("error", {}).get("code")

    async def enter(self, name: str = "lin") -> str:
        """Sign in for the first time; gives the secret of the second factor."""
        _, begun, _ = await self.call("POST", "sign-in", name=name, password=PASSWORD)
        status, _, _ = await self.call("POST", "totp", code=pyotp.TOTP(begun["secret"]).now())
        assert status == 200
        return str(begun["secret"])


def make(gateway: Gateway, *, is_temporary: bool = False) -> None:
    root = gateway.app[ROOT]
    fields = {"role": "counsellor", "shown_name": "林老师"}
    password = Password(accounts.hashed(PASSWORD), is_temporary)
    root.call(account_changes.create, "lin", fields, password, "test", dt.datetime.now(dt.timezone.utc))


@pytest.mark.parametrize("origin", [None, "https://xinyi.example.cn"])
async def test_signing_in_enrols_confirms_and_leaves(make_gateway: MakeGateway, origin: str | None) -> None:
    gateway = await make_gateway(**({"PUBLIC_ORIGIN": origin} if origin else {}))
    gateway.origin = origin or gateway.origin
    gateway.url = lambda path: f"http://127.0.0.1:{gateway.settings.port}{path}"
    make(gateway)
    page = Visitor(gateway, cookie="chosen-by-somebody-else")
    status, begun, _ = await page.call("POST", "sign-in", name="lin", password=PASSWORD)
    assert (status, begun["next"], set(begun)) == (200, "enrol", {"next", "uri", "secret"})
    waiting = page.cookie
    assert waiting not in (None, "chosen-by-somebody-else")
    _check_cookie(page.morsel, is_secure=origin is not None, lasts=600)
    for path in ("me", "queue", "counsellors"):
        assert (await page.call("GET", path))[::2] == (401, "not_signed_in")
    status, confirmed, _ = await page.call("POST", "totp", code=pyotp.TOTP(begun["secret"]).now())
    assert (status, confirmed["me"]["name"]) == (200, "lin")
    _check_cookie(page.morsel, is_secure=origin is not None, lasts=12 * 3600)
    signed = page.cookie
    assert signed != waiting
    assert (await Visitor(gateway, waiting).call("GET", "me"))[0] == 401, "the cookie before the second factor is worth nothing"
    status, mine, _ = await page.call("GET", "me")
    assert (status, mine["me"]["shown_name"], [each["is_this"] for each in mine["sessions"]]) == (200, "林老师", [True])
    assert mine["reasons"]["asked_for_person"]
    assert mine["outcomes"]["talked"]
    assert set(mine["levels"]) == {"none", "watch", "high", "imminent"}
    assert (await page.call("POST", "sign-out"))[0] == 200
    assert page.cookie is None
    assert (await Visitor(gateway, signed).call("GET", "me"))[::2] == (401, "not_signed_in"), "a stolen cookie after sign-out"
    status, again, _ = await Visitor(gateway).call("POST", "sign-in", name="lin", password=PASSWORD)
    assert (status, again) == (200, {"next": "totp"})


def _check_cookie(morsel: Any, *, is_secure: bool, lasts: int) -> None:
    found = (morsel["httponly"], morsel["samesite"], morsel["path"], morsel["domain"], bool(morsel["secure"]))
    assert found == (True, "Strict", "/", "", is_secure)
    assert int(morsel["max-age"]) == lasts


async def test_a_wrong_name_and_a_wrong_password_are_told_apart_by_nothing(gateway: Gateway) -> None:
    make(gateway)
    answers: dict[str, list[Answer]] = {"lin": [], "nobody": []}
    for name, found in answers.items():
        for typed in (name, name.upper(), f" {name}", name, name, name):
            found.append(await Visitor(gateway).call("POST", "sign-in", name=typed, password="falsch-falsch"))
    assert answers["lin"] == answers["nobody"]
    assert [(status, code) for status, _, code in answers["lin"]] == [(401, "sign_in_refused")] * 4 + [(429, "locked")] * 2
    status, _, code = await Visitor(gateway).call("POST", "sign-in", name="lin", password=PASSWORD)
    assert (status, code) == (429, "locked"), "the right password opens no locked account"


async def test_a_used_code_and_many_guesses_are_refused(gateway: Gateway) -> None:
    make(gateway)
    secret = await Visitor(gateway).enter()
    page = Visitor(gateway)
    await page.call("POST", "sign-in", name="lin", password=PASSWORD)
    used = gateway.read(lambda session: session.scalar(select(Account.totp_step)))
    assert (await page.call("POST", "totp", code=pyotp.TOTP(secret).generate_otp(used)))[::2] == (401, "sign_in_refused")
    codes = [(await page.call("POST", "totp", code="000000"))[::2] for _ in range(4)]
    assert codes == [(401, "sign_in_refused")] * 3 + [(429, "locked")]
    assert (await page.call("POST", "totp", code=pyotp.TOTP(secret).generate_otp(used + 1)))[::2] == (401, "not_signed_in")


async def test_one_address_may_try_only_so_often(make_gateway: MakeGateway) -> None:
    gateway = await make_gateway(STAFF_SIGN_INS="2")
    for code in ("000000", "111111"):
        assert (await Visitor(gateway).call("POST", "totp", code=code))[::2] == (401, "not_signed_in")
    for path, body in (("totp", {"code": "000000"}), ("sign-in", {"name": "lin", "password": PASSWORD})):
        assert (await Visitor(gateway).call("POST", path, **body))[::2] == (429, "rate_limited")


async def test_the_names_that_nobody_has_do_not_fill_the_memory(gateway: Gateway) -> None:
    gate, now = Gate(gateway.settings), dt.datetime.now(dt.timezone.utc)
    for number in range(10_050):
        gate.nobody(f"name{number}", now)
    assert len(gate._nobodies) == 10_000


@pytest.mark.parametrize(
    "body", ["", "x", "[]", "1", '{"name": "lin"}', '{"name": 1, "password": "x"}', '{"name": "lin", "password": null}']
)
async def test_what_is_no_sign_in_is_refused_clearly(gateway: Gateway, body: str) -> None:
    headers = {"Origin": gateway.origin, "Content-Type": "application/json"}
    async with gateway.http.post(gateway.url("/api/console/sign-in"), data=body, headers=headers) as response:
        assert response.status in (400, 422)
        assert set((await response.json())["error"]) <= {"code", "message", "fields"}


CHANGING = [
    ("POST", "sign-in"), ("POST", "totp"), ("POST", "sign-out"), ("PUT", "me/password"), ("DELETE", f"sessions/{'0' * 64}"),
    ("POST", "accounts"), ("PATCH", f"accounts/{'0' * 32}"), ("PUT", f"accounts/{'0' * 32}/shifts"), ("PUT", "holidays"),
]  # fmt: skip


async def test_cannot_change_anything_from_another_origin(gateway: Gateway) -> None:
    admin = Staff(gateway, "wang", "admin")
    for method, path in CHANGING:
        for origin in (
            {},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": gateway.origin + ".evil.example"},
        ):
            headers = {"Cookie": f"{COOKIE}={admin.token}", **origin}
            async with gateway.http.request(method, gateway.url(f"/api/console/{path}"), headers=headers, json={}) as response:
                assert response.status == 403, (method, path, origin)
                assert (await response.json())["error"]["code"] == "wrong_origin"
    assert (await admin.call("GET", "me")).status == 200


async def test_a_one_time_password_opens_nothing_but_its_own_change(gateway: Gateway) -> None:
    make(gateway, is_temporary=True)
    page = Visitor(gateway)
    await page.enter()
    for path in ("me", "queue", "counsellors"):
        assert (await page.call("GET", path))[::2] == (403, "password_due")
    for old, new, field in ((PASSWORD, "lin-2750-hehe", "new"), (PASSWORD, "kurz", "new"), (PASSWORD, PASSWORD, "new")):
        status, found, code = await page.call("PUT", "me/password", old=old, new=new)
        assert (status, code, found["error"]["fields"]) == (422, "incomplete", [field])
    status, _, _ = await page.call("PUT", "me/password", old=PASSWORD, new="河岸-纸鸢-清晨-2750")
    assert (status, (await page.call("GET", "me"))[0]) == (200, 200)


async def test_another_password_needs_the_old_one_and_ends_the_other_sessions(gateway: Gateway) -> None:
    make(gateway)
    page = Visitor(gateway)
    await page.enter()
    other = accounts.Signed(*gateway.read(lambda session: session.execute(
        select(Account.id, Account.name, Account.shown_name, Account.role)).one()), session_id="")  # fmt: skip
    root, now = gateway.app[ROOT], dt.datetime.now(dt.timezone.utc)
    opened = root.call(accounts.sign_in, accounts.Checked(other.account_id, _hash(gateway), True), now)
    for _ in range(4):
        status, found, _ = await page.call("PUT", "me/password", old="falsch", new="河岸-纸鸢-清晨-2750")
        assert (status, found["error"]["fields"]) == (422, ["old"])
    assert (await page.call("PUT", "me/password", old="falsch", new="河岸-纸鸢-清晨-2750"))[::2] == (429, "locked")
    root.call(lambda session: (session.execute(update(Account).values(failed_count=0, locked_until=None)), session.commit()))
    assert (await page.call("PUT", "me/password", old=PASSWORD, new="河岸-纸鸢-清晨-2750"))[0] == 200
    assert (await page.call("GET", "me"))[0] == 200
    assert (await Visitor(gateway, opened.token).call("POST", "totp", code="000000"))[::2] == (401, "not_signed_in")


def _hash(gateway: Gateway) -> str:
    return str(gateway.read(lambda session: session.scalar(select(Account.password_hash))))


async def test_one_ends_ones_own_sessions_and_nobody_elses(gateway: Gateway) -> None:
    lin, wu = Staff(gateway, "lin"), Staff(gateway, "wu")
    assert (await lin.call("DELETE", f"sessions/{wu.session_id}")).status == 404
    assert (await wu.call("GET", "me")).status == 200
    assert (await lin.call("DELETE", f"sessions/{lin.session_id}")).status == 200
    assert (await lin.call("GET", "me")).status == 401


async def test_use_over_http_keeps_a_session_alive(gateway: Gateway) -> None:
    lin = Staff(gateway, "lin")
    signed = lin.root.call_reading(accounts.who, lin.token, dt.datetime.now(dt.timezone.utc))
    assert signed.used_at is not None
    earlier = signed.used_at - dt.timedelta(minutes=100)

    def age(session: Any) -> None:
        session.get_one(StaffSession, lin.session_id).used_at = earlier
        session.commit()

    lin.root.call(age)
    assert (await lin.call("GET", "me")).status == 200
    later = lin.root.call_reading(accounts.who, lin.token, dt.datetime.now(dt.timezone.utc))
    assert later.used_at is not None
    assert later.used_at > earlier + dt.timedelta(minutes=99)


async def test_no_answer_of_the_console_is_kept_by_a_browser(gateway: Gateway) -> None:
    lin = Staff(gateway, "lin")
    for path in ("me", "counsellors", "accounts"):
        response = await lin.call("GET", path)
        assert response.headers["Cache-Control"] == "no-store"
