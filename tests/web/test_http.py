"""Pages, headers, a worker's own record over HTTP, and what machines ask."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from aiohttp import ClientResponse
from fakes import FakeRasa
from ground import Gateway, MakeGateway
from sqlalchemy import func, select

from bot.channels.session import SessionSigner
from bot.db.tables import Message, Worker
from bot.web.keys import ROOT as ROOT_KEY

PAGES = ("/", "/embed", "/widget.js", "/healthz", "/api/hotlines", "/nothing", "/api/me/export")


async def _get(gateway: Gateway, path: str, **headers: str) -> ClientResponse:
    return await gateway.http.get(gateway.url(path), headers=headers)


async def _error(response: ClientResponse) -> dict[str, str]:
    body = await response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message"}
    assert any("\u4e00" <= character <= "\u9fff" for character in body["error"]["message"])
    found: dict[str, str] = body["error"]
    return found


def _policy(response: ClientResponse) -> dict[str, str]:
    parts = [part.strip().split(" ", 1) for part in response.headers["Content-Security-Policy"].split(";")]
    return {part[0]: part[1] for part in parts}


async def _talk(gateway: Gateway) -> str:
    token = await gateway.token()
    page = await gateway.worker(token)
    await page.say("我自己的话", "e1")
    await page.wait_for("message", author="bot")
    return token


async def test_every_answer_carries_the_security_headers(gateway: Gateway) -> None:
    for path in PAGES:
        _check_headers(gateway, path, await _get(gateway, path))


def _check_headers(gateway: Gateway, path: str, response: ClientResponse) -> None:
    policy = _policy(response)
    assert (policy["default-src"], policy["script-src"], policy["style-src"]) == ("'self'", "'self'", "'self'")
    assert (policy["base-uri"], policy["object-src"], policy["frame-ancestors"]) == ("'none'", "'none'", "'none'")
    assert f"ws://127.0.0.1:{gateway.settings.port}" in policy["connect-src"].split()
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "camera=()" in response.headers["Permissions-Policy"]
    assert "Access-Control-Allow-Origin" not in response.headers
    assert ("X-Frame-Options" in response.headers) == (path != "/embed")


async def test_only_named_sites_may_frame_the_embedded_page_and_none_the_full_one(make_gateway: MakeGateway) -> None:
    gateway = await make_gateway(EMBED_ORIGINS="https://oa.example.cn, http://localhost:9000/")
    assert _policy(await _get(gateway, "/embed"))["frame-ancestors"] == "https://oa.example.cn http://localhost:9000"
    for path in ("/", "/widget.js", "/static/embed.html"):
        response = await _get(gateway, path)
        assert _policy(response)["frame-ancestors"] == "'none'"
        assert response.headers["X-Frame-Options"] == "DENY"


async def test_the_script_for_host_pages_may_be_loaded_from_other_sites_and_nothing_else(gateway: Gateway) -> None:
    policies = {path: (await _get(gateway, path)).headers["Cross-Origin-Resource-Policy"] for path in PAGES}
    assert policies == {path: "cross-origin" if path == "/widget.js" else "same-origin" for path in PAGES}


@pytest.mark.parametrize(("origin", "is_secure"), [("https://xinyi.example.cn", True), ("http://xinyi.example.cn", False)])
async def test_the_cookie_is_for_the_page_alone_and_secure_on_https(
    make_gateway: MakeGateway, origin: str, is_secure: bool
) -> None:
    gateway = await make_gateway(PUBLIC_ORIGIN=origin)
    response = await _get(gateway, "/")
    cookie = response.cookies["xinyi_session"]
    assert (cookie["httponly"], cookie["samesite"], bool(cookie["secure"]), cookie["path"]) == (True, "Lax", is_secure, "/")
    assert ("Strict-Transport-Security" in response.headers) == is_secure
    assert SessionSigner("s" * 32).read(cookie.value).epoch == 0


async def test_a_visitor_with_a_session_keeps_it_and_a_forged_one_is_replaced(gateway: Gateway) -> None:
    good = SessionSigner("s" * 32).fresh()
    assert "xinyi_session" not in (await _get(gateway, "/", Cookie=f"xinyi_session={good}")).cookies
    replaced = (await _get(gateway, "/", Cookie="xinyi_session=forged")).cookies["xinyi_session"].value
    assert SessionSigner("s" * 32).read(replaced).worker_id


async def test_looking_at_the_page_makes_no_row_and_the_frame_gets_no_cookie(gateway: Gateway) -> None:
    for path in ("/", "/embed", "/widget.js"):
        response = await _get(gateway, path)
        assert response.status == 200
        assert ("xinyi_session" in response.cookies) == (path == "/")
    await gateway.token()
    assert gateway.read(lambda session: session.scalar(select(func.count()).select_from(Worker))) == 0


@pytest.mark.parametrize("path", ["/", "/embed"])
async def test_all_that_a_page_loads_is_ours_and_there(gateway: Gateway, path: str) -> None:
    html = await (await _get(gateway, path)).text()
    assert re.search(r"href=.?tel:12[0]", html)
    wanted = re.findall(r"(?:src|href)=\"(?!data:|tel:|#)([^\"]+)\"", html)
    assert any(each.endswith(".js") for each in wanted)
    for each in wanted:
        assert each.startswith("/static/")
        assert (await _get(gateway, each)).status == 200
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", html), "an inline script would be blocked by the policy"


async def test_cannot_reach_files_outside_the_built_front_end(gateway: Gateway) -> None:
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2f..%2fsettings.py", "/static//etc/passwd"):
        assert (await _get(gateway, path)).status in (403, 404)


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/api/me"), ("POST", "/api/session")])
async def test_cannot_change_anything_from_another_origin(gateway: Gateway, method: str, path: str) -> None:
    token = await _talk(gateway)
    for origin in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        headers = {"Cookie": f"xinyi_session={token}", **origin}
        async with gateway.http.request(method, gateway.url(path), headers=headers) as response:
            assert response.status == 403, origin
            assert (await _error(response))["code"] == "wrong_origin"
    assert gateway.read(lambda session: session.scalar(select(Message.text))) == "我自己的话"


@pytest.mark.parametrize("by", ["cookie", "token"])
async def test_a_worker_may_export_and_erase_their_record(gateway: Gateway, by: str) -> None:
    token = await _talk(gateway)
    who = {"Cookie": f"xinyi_session={token}"} if by == "cookie" else {"Authorization": f"Bearer {token}"}
    exported = await _get(gateway, "/api/me/export", **who)
    record = json.loads(await exported.text())
    assert [row["text"] for row in record["conversations"][0]["messages"]] == ["我自己的话", "听到了：我自己的话"]
    assert exported.headers["Cache-Control"] == "no-store"
    assert "attachment" in exported.headers["Content-Disposition"]
    async with gateway.http.delete(gateway.url("/api/me"), headers={**who, "Origin": gateway.origin}) as response:
        assert response.status == 200
        assert response.cookies["xinyi_session"].value == ""
    again = await _get(gateway, "/api/me/export", **who)
    assert (again.status, (await _error(again))["code"]) == (401, "not_signed_in")
    assert gateway.read(lambda session: list(session.scalars(select(Message.text)))) == ["", ""]


async def test_the_page_gives_an_erased_worker_a_fresh_session(gateway: Gateway) -> None:
    token = await _talk(gateway)
    who = {"Cookie": f"xinyi_session={token}", "Origin": gateway.origin}
    (await gateway.http.delete(gateway.url("/api/me"), headers=who)).release()
    fresh = (await _get(gateway, "/", Cookie=f"xinyi_session={token}")).cookies["xinyi_session"].value
    assert SessionSigner("s" * 32).read(fresh).worker_id != SessionSigner("s" * 32).read(token).worker_id


async def test_cannot_export_or_erase_without_a_session(gateway: Gateway) -> None:
    for headers in ({}, {"Authorization": "Bearer forged"}, {"Authorization": "Basic eA=="}, {"Cookie": "xinyi_session=x"}):
        exported = await _get(gateway, "/api/me/export", **headers)
        assert (exported.status, (await _error(exported))["code"]) == (401, "not_signed_in"), headers
        erased = await gateway.http.delete(gateway.url("/api/me"), headers={**headers, "Origin": gateway.origin})
        assert (erased.status, (await _error(erased))["code"]) == (401, "not_signed_in"), headers


async def test_a_session_that_never_wrote_has_nothing_to_export(gateway: Gateway) -> None:
    response = await _get(gateway, "/api/me/export", Authorization=f"Bearer {await gateway.token()}")
    assert response.status == 401


async def test_errors_have_one_json_body(gateway: Gateway) -> None:
    for method, path, status in (("GET", "/nothing", 404), ("GET", "/api/session", 405), ("POST", "/", 405)):
        async with gateway.http.request(method, gateway.url(path), headers={"Origin": gateway.origin}) as response:
            assert response.status == status, path
            assert (await _error(response))["code"] == f"http_{status}"


async def test_an_error_of_ours_says_nothing_more(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    token = await _talk(gateway)
    gateway.app[ROOT_KEY].readers.shutdown()
    response = await _get(gateway, "/api/me/export", Authorization=f"Bearer {token}")
    assert (response.status, (await _error(response))["code"]) == (500, "internal")
    assert "RuntimeError" not in await response.text()
    assert "RuntimeError" in caplog.text
    assert all(record.exc_info is None for record in caplog.records if record.name.startswith("bot."))


async def test_a_refusing_database_gives_503(gateway: Gateway) -> None:
    token = await gateway.token()
    await (await gateway.worker(token)).settle()  # and nothing is under way that could hold a connection
    gateway.app[ROOT_KEY].engine.dispose()
    for path in gateway.settings.var_dir.glob("xinyi.db*"):
        path.unlink()
    (gateway.settings.var_dir / "xinyi.db").write_bytes(b"x" * 4096)
    response = await _get(gateway, "/api/me/export", Authorization=f"Bearer {token}")
    assert (response.status, (await _error(response))["code"]) == (503, "storage")
    assert (await _get(gateway, "/", Cookie=f"xinyi_session={token}")).status == 200
    ready = await (await _get(gateway, "/readyz")).json()
    assert (ready["ready"], ready["database"], ready["rasa"]) == (False, False, True)
    assert (await _get(gateway, "/healthz")).status == 200


async def test_readiness_names_database_rasa_and_screen(gateway: Gateway, rasa: FakeRasa) -> None:
    response = await _get(gateway, "/readyz")
    assert (response.status, await response.json()) == (
        200, {"ready": True, "database": True, "rasa": True, "model": "m1.tar.gz", "screen": "full"},
    )  # fmt: skip
    rasa.model = None
    gateway.screen.state = "loading"
    response = await _get(gateway, "/readyz")
    assert (response.status, await response.json()) == (
        503, {"ready": False, "database": True, "rasa": False, "model": None, "screen": "loading"},
    )  # fmt: skip
    await rasa.stop()
    assert (await (await _get(gateway, "/readyz")).json())["rasa"] is False
    assert (await _get(gateway, "/healthz")).status == 200


async def test_metrics_count_and_hold_no_word(gateway: Gateway) -> None:
    page = await gateway.worker()
    await page.say("我想自杀", "e1")
    await page.wait_for("message", author="bot")
    await page.settle()
    response = await _get(gateway, "/metrics")
    text = await response.text()
    assert response.headers["Content-Type"].startswith("text/plain")
    for line in (
        'xinyi_messages_total{result="stored"} 1.0', 'xinyi_turns_total{outcome="answered"} 1.0', "xinyi_connections 1.0",
        'xinyi_risk_findings_total{level="high"} 1.0', 'xinyi_safety_replies_total{name="high_self"} 1.0',
    ):  # fmt: skip
        assert line in text
    assert not re.search(r"[\u4e00-\u9fff]", text)
    await page.socket.close()


async def _numbers(gateway: Gateway, timezone: str) -> list[dict[str, Any]]:
    response = await gateway.http.get(gateway.url("/api/hotlines"), params={"timezone": timezone})
    found: list[dict[str, Any]] = (await response.json())["hotlines"]
    return found


async def test_hotlines_fit_the_place_and_none_that_is_closed_or_unverified_is_shown(gateway: Gateway) -> None:
    here = await _numbers(gateway, "Asia/Shanghai")
    numbers = [line["number"] for line in here]
    assert set(here[0]) == {"number", "name", "what", "hours", "open_now"}
    assert {"120", "110", "119"} == set(numbers[:3])
    assert "12356" in numbers
    assert not {"010-82951332", "400-161-9995"} & set(numbers)
    assert all(line["open_now"] is not False for line in here)
    assert [line["number"] for line in await _numbers(gateway, "Asia/Tokyo")][:2] == ["119", "110"]
    unknown = await _numbers(gateway, "Antarctica/Troll")
    assert (unknown[0]["number"], unknown[0]["name"]) == ("", "当地急救电话")
    assert await _numbers(gateway, "Mars/Base") == here
