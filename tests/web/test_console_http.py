"""Every call of the console: refused without a session, with the wrong role, at another's case and from another origin; and what it does."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from console_ground import Staff, ask_for_human
from fakes import Page
from ground import Gateway

from bot.domain.risk import RiskLevel
from bot.web import console
from bot.web.auth import COOKIE

XSS = "<img src=x onerror=alert(1)>“'&amp; javascript:alert(1)"
OWN_DEEDS: dict[str, dict[str, Any]] = {
    "release": {"reason": "不需要真人了"}, "transfer": {"to": None, "reason": "换班了"},
    "level": {"level": "imminent", "reason": "说了今晚"}, "close": {"outcome": "talked", "summary": ""},
    "notes": {"text": "一条备注"}, "acts": {"act": "called_emergency", "reason": "人在楼顶"},
    "screening": {"questionnaire": "phq-9"}, "marks": {"message_id": 1, "verdict": "missed"}, "flags": {"message_id": 1},
}  # fmt: skip
OF_ALL = {"accept": {}, "decline": {}, **OWN_DEEDS}
OF_SUPERVISOR: dict[str, dict[str, Any]] = {
    "assign": {"to": "x", "reason": "他更合适"}, "listen": {"reason": "新同事第一例"}
}  # fmt: skip


@pytest.fixture
async def worker(gateway: Gateway) -> Page:
    page = await gateway.worker()
    await page.say(XSS, "w1")
    await page.wait_for("message", author="bot")
    return page


@pytest.fixture
def lin(gateway: Gateway) -> Staff:
    return Staff(gateway, "lin")


@pytest.fixture
async def case_id(gateway: Gateway, worker: Page) -> int:
    return await ask_for_human(gateway, worker)


def _calls(case_id: int) -> list[tuple[str, str, dict[str, Any]]]:
    posts = [("POST", f"cases/{case_id}/{name}", body) for name, body in {**OF_ALL, **OF_SUPERVISOR}.items()]
    reads = ("queue", "canned", f"cases/{case_id}", f"cases/{case_id}/messages")
    return [*(("GET", path, {}) for path in reads), *posts]


async def _error(response: Any) -> str:
    body = await response.json()
    assert any("\u4e00" <= character <= "\u9fff" for character in body["error"]["message"])
    return str(body["error"]["code"])


async def test_nothing_is_served_without_a_session(gateway: Gateway, lin: Staff, case_id: int) -> None:
    lin.token = "forged"
    for method, path, body in _calls(case_id):
        response = await lin.call(method, path, **body)
        assert (response.status, await _error(response)) == (401, "not_signed_in"), path


@pytest.mark.parametrize("role", ["trainer", "clinician", "admin"])
async def test_nothing_is_served_without_case_rights(gateway: Gateway, case_id: int, role: str) -> None:
    wu = Staff(gateway, "wu", role)
    for method, path, body in _calls(case_id):
        response = await wu.call(method, path, **body)
        assert (response.status, await _error(response)) == (403, "forbidden"), path


async def test_a_counsellor_can_do_nothing_that_is_a_supervisors(lin: Staff, case_id: int) -> None:
    for name, body in OF_SUPERVISOR.items():
        response = await lin.call("POST", f"cases/{case_id}/{name}", **body)
        assert (response.status, await _error(response)) == (403, "forbidden"), name


async def test_nothing_is_changed_from_another_origin(gateway: Gateway, lin: Staff, case_id: int) -> None:
    headers = {"Origin": "https://evil.example", "Cookie": f"{COOKIE}={lin.token}"}
    for method, path, body in _calls(case_id):
        if method == "POST":
            response = await gateway.http.post(gateway.url(f"/api/console/{path}"), headers=headers, json=body)
            assert (response.status, await _error(response)) == (403, "wrong_origin"), path
    assert (await lin.get("queue"))["rows"][0]["status"] == "waiting"


async def test_anothers_case_is_not_there(gateway: Gateway, lin: Staff, case_id: int) -> None:
    chen = Staff(gateway, "chen")
    await chen.post(f"cases/{case_id}/accept")
    assert (await lin.get("queue"))["rows"] == []
    for path in (f"cases/{case_id}", f"cases/{case_id}?reason=supervision", f"cases/{case_id}/messages"):
        response = await lin.call("GET", path)
        assert (response.status, await _error(response)) == (404, "not_found"), path
    for name, body in OWN_DEEDS.items():
        response = await lin.call("POST", f"cases/{case_id}/{name}", **body)
        assert (response.status, await _error(response)) == (404, "not_found"), name
    row = (await chen.get("queue"))["rows"][0]
    assert (row["status"], row["accepted_by"], row["level"]) == ("active", chen.id, "none")


@pytest.mark.parametrize("case", ["999999", "999999999"])
async def test_a_case_that_never_was_is_not_found(lin: Staff, case: str) -> None:
    calls = [("GET", f"cases/{case}", {}), ("GET", f"cases/{case}/messages", {})]
    for method, path, body in [*calls, *(("POST", f"cases/{case}/{name}", body) for name, body in OF_ALL.items())]:
        response = await lin.call(method, path, **body)
        assert response.status == 404, path


@pytest.mark.parametrize("case", ["1e3", "-1", "0x1", "1'--", "9999999999", "%00"])
async def test_a_case_number_is_digits(lin: Staff, case: str) -> None:
    assert (await lin.call("GET", f"cases/{case}")).status == 404


async def test_two_accept_and_one_is_told_who_was_first(gateway: Gateway, lin: Staff, case_id: int) -> None:
    chen = Staff(gateway, "chen")
    row = await lin.post(f"cases/{case_id}/accept")
    assert (row["status"], row["accepted_by"], row["counsellor_name"]) == ("active", lin.id, "lin老师")
    response = await chen.call("POST", f"cases/{case_id}/accept")
    body = await response.json()
    assert (response.status, body["error"]["code"]) == (409, "already_accepted")
    assert "lin老师" in body["error"]["message"]
    assert (await lin.post(f"cases/{case_id}/accept"))["accepted_by"] == lin.id


async def test_a_workers_markup_comes_back_as_plain_text_everywhere(lin: Staff, worker: Page, case_id: int) -> None:
    await lin.post(f"cases/{case_id}/accept")
    found = await lin.get(f"cases/{case_id}")
    assert found["own_words"]["last"][0]["text"] == XSS
    assert (await lin.get(f"cases/{case_id}/messages"))["messages"][0]["text"] == XSS
    note = await lin.post(f"cases/{case_id}/notes", text=XSS)
    assert (note["text"], note["who"]) == (XSS, "lin老师")
    response = await lin.call("GET", f"cases/{case_id}")
    assert response.content_type == "application/json"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"


async def test_a_case_goes_from_accept_to_close_and_back_to_the_assistant(lin: Staff, worker: Page, case_id: int) -> None:
    await lin.post(f"cases/{case_id}/accept")
    response = await lin.call("POST", f"cases/{case_id}/close", summary="")
    body = await response.json()
    assert (response.status, body["error"]["code"], body["error"]["fields"]) == (422, "incomplete", ["outcome"])
    row = await lin.post(f"cases/{case_id}/close", outcome="talked", summary="聊开了", follow_ups=[])
    assert (row["status"], row["accepted_by"]) == ("closed", lin.id)
    assert (await lin.get("queue"))["rows"] == []
    assert [each["step"] for each in (await lin.get(f"cases/{case_id}"))["timeline"]][-1] == "closed"
    await worker.say("谢谢", "w9")
    await worker.wait_for("message", author="bot", text="听到了：谢谢")


async def test_a_grave_case_does_not_close_without_its_fields(gateway: Gateway, lin: Staff, worker: Page) -> None:
    await worker.say("药已经吞了", "w2")
    await worker.wait_for("stored", external_id="w2")
    case_id = (await lin.get("queue"))["rows"][0]["id"]
    await lin.post(f"cases/{case_id}/accept")
    response = await lin.call("POST", f"cases/{case_id}/close", outcome="talked", summary="")
    assert (await response.json())["error"]["fields"] == ["level_after", "follow_up", "summary"]
    due = (dt.datetime.now(dt.timezone.utc) + dt.timedelta(days=1)).isoformat().replace("+00:00", "Z")
    row = await lin.post(
        f"cases/{case_id}/close", outcome="hospital", level_after="imminent", summary="送到了医院", referral="市精神卫生中心",
        follow_ups=[{"assigned_to": lin.id, "due_at": due}],
    )  # fmt: skip
    assert row["status"] == "closed"


@pytest.mark.parametrize("follow_ups", [
    "明天", [{}], [{"assigned_to": "x"}], [{"assigned_to": "x", "due_at": "明天"}], [{"assigned_to": "x", "due_at": "2026-11-23T08:00:00"}],
    [None], [{"assigned_to": "x", "due_at": "2026-11-23T08:00:00Z"}] * 11,
])  # fmt: skip
async def test_a_follow_up_that_cannot_be_read_is_named(lin: Staff, case_id: int, follow_ups: Any) -> None:
    await lin.post(f"cases/{case_id}/accept")
    response = await lin.call("POST", f"cases/{case_id}/close", outcome="talked", summary="x", follow_ups=follow_ups)
    assert (response.status, (await response.json())["error"]["fields"]) == (422, ["follow_up"])


@pytest.mark.parametrize(("name", "body", "field"), [
    ("level", {"level": "grave", "reason": "不知道"}, "level"), ("level", {"level": "high", "reason": "急"}, "reason"),
    ("acts", {"act": "sent_a_drone", "reason": "没有这一项"}, "act"), ("acts", {"act": "called_emergency"}, "reason"),
    ("close", {"outcome": "won", "summary": "x"}, "outcome"), ("close", {"outcome": "talked", "summary": 7}, "summary"),
    ("notes", {"text": " "}, "text"), ("notes", {"text": "长" * 4001}, "text"), ("notes", {"text": ["a"]}, "text"),
    ("marks", {"message_id": "1", "verdict": "missed"}, "message_id"), ("marks", {"message_id": 1, "verdict": "x"}, "verdict"),
    ("marks", {"message_id": 1, "verdict": "missed", "expected": "huge"}, "expected"),
    ("flags", {"message_id": "1"}, "message_id"), ("flags", {"message_id": 10**30}, "message_id"), ("flags", {"message_id": True}, "message_id"),
])  # fmt: skip
async def test_a_field_that_is_missing_or_wrong_is_named(
    lin: Staff, case_id: int, name: str, body: dict[str, Any], field: str
) -> None:
    await lin.post(f"cases/{case_id}/accept")
    response = await lin.call("POST", f"cases/{case_id}/{name}", **body)
    assert (response.status, await _error(response)) == (422, "incomplete")
    assert (await response.json())["error"]["fields"] == [field]


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"\xff\xfe", b"[" * 50_000], ids=["empty", "list", "half", "bytes", "deep"])
async def test_a_body_that_is_no_object_is_refused(gateway: Gateway, lin: Staff, case_id: int, raw: bytes) -> None:
    response = await gateway.http.post(gateway.url(f"/api/console/cases/{case_id}/notes"), headers=lin._headers(), data=raw)
    assert response.status == 400
    assert await _error(response)


async def test_a_level_is_raised_at_once_and_imminent_waits_for_a_second_person(
    gateway: Gateway, lin: Staff, case_id: int
) -> None:
    zhou = Staff(gateway, "zhou", "supervisor")
    await lin.post(f"cases/{case_id}/accept")
    assert await lin.post(f"cases/{case_id}/level", level="imminent", reason="说了今晚") == {
        "level": "imminent", "is_waiting_for_second": False,
    }  # fmt: skip
    lowered = await lin.post(f"cases/{case_id}/level", level="watch", reason="家人已到身边")
    assert lowered["is_waiting_for_second"]
    assert (await lin.call("POST", f"cases/{case_id}/level", level="watch", reason="再说一遍")).status == 409
    await zhou.get(f"cases/{case_id}?reason=supervision")
    assert not (await zhou.post(f"cases/{case_id}/level", level="watch", reason="我也听了，同意"))["is_waiting_for_second"]


async def test_a_supervisor_assigns_and_listens(gateway: Gateway, lin: Staff, case_id: int) -> None:
    zhou = Staff(gateway, "zhou", "supervisor")
    row = await zhou.post(f"cases/{case_id}/assign", to=lin.id, reason="她熟悉这个厂")
    assert row["offered_to"] == lin.id
    await lin.post(f"cases/{case_id}/accept")
    assert (await zhou.call("GET", f"cases/{case_id}")).status == 422
    await zhou.post(f"cases/{case_id}/listen", reason="新同事第一例")
    assert (await zhou.get(f"cases/{case_id}?reason=supervision"))["timeline"][-1]["step"] == "listened"


async def test_transfer_and_release_move_the_case_on(gateway: Gateway, lin: Staff, case_id: int) -> None:
    chen = Staff(gateway, "chen")
    await lin.post(f"cases/{case_id}/accept")
    row = await lin.post(f"cases/{case_id}/transfer", to=chen.id, reason="换班了")
    assert (row["status"], row["offered_to"]) == ("waiting", chen.id)
    await chen.post(f"cases/{case_id}/accept")
    assert (await chen.post(f"cases/{case_id}/release", reason="不需要真人了"))["status"] == "closed"


async def test_an_invitation_appears_on_the_workers_page(lin: Staff, worker: Page, case_id: int) -> None:
    await lin.post(f"cases/{case_id}/accept")
    await lin.post(f"cases/{case_id}/screening", questionnaire="phq-9")
    while True:
        bubble = await worker.wait_for("message", author="bot")
        if "咨询师" in bubble["text"] and bubble["buttons"]:
            break
    assert bubble["buttons"][0] == "开始"
    assert (await lin.call("POST", f"cases/{case_id}/screening", questionnaire="no-such")).status == 400


async def test_a_mark_is_stored_once_a_person(lin: Staff, worker: Page, case_id: int) -> None:
    await lin.post(f"cases/{case_id}/accept")
    message_id = worker.messages("worker")[0]["id"]
    marked = await lin.post(f"cases/{case_id}/marks", message_id=message_id, verdict="missed", expected="high", note=None)
    assert marked["id"]
    assert (await lin.call("POST", f"cases/{case_id}/marks", message_id=message_id, verdict="missed")).status == 400


async def test_messages_page_back_from_a_number(lin: Staff, case_id: int) -> None:
    newest = await lin.get(f"cases/{case_id}/messages")
    first = newest["messages"][0]["id"]
    assert (await lin.get(f"cases/{case_id}/messages?before={first}")) == {"messages": [], "has_more": False}
    for odd in ("x", "", "9" * 40, "-1"):
        assert (await lin.get(f"cases/{case_id}/messages?before={odd}"))["messages"] == newest["messages"]


async def test_canned_replies_come_with_their_blanks(lin: Staff) -> None:
    replies = (await lin.get("canned"))["replies"]
    assert set(replies[0]) == {"id", "title", "group", "text"}
    assert any("{称呼}" in each["text"] or "{我}" in each["text"] for each in replies)


async def test_the_page_is_served_or_says_that_it_is_not_built(gateway: Gateway, lin: Staff) -> None:
    response = await gateway.http.get(gateway.url("/console"))
    assert response.status == (200 if console._PAGE.exists() else 503)
    assert response.content_type == "text/html"
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert response.headers["X-Frame-Options"] == "DENY"


async def test_a_waiting_case_rises_in_the_queue_with_its_level(gateway: Gateway, lin: Staff, case_id: int) -> None:
    other = await gateway.worker()
    await other.say("你好", "o1")
    await other.wait_for("message", author="bot")
    second = await ask_for_human(gateway, other)
    assert [row["id"] for row in (await lin.get("queue"))["rows"]] == [case_id, second]
    await ask_for_human(gateway, other, RiskLevel.IMMINENT)
    assert [row["id"] for row in (await lin.get("queue"))["rows"]] == [second, case_id]
