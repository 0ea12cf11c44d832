"""Search, follow-ups, team, retention, dead letters and audit over HTTP: for the right roles, and for nobody else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from console_ground import Staff
from ground import Gateway, MakeGateway
from sqlalchemy.orm import Session
from team_ground import case

from bot.db.handoff_tables import Handoff
from bot.db.staff_tables import Notification
from bot.db.tables import Alert, FollowUp
from bot.domain.notification import MOST_ATTEMPTS, Channel, Facts
from bot.domain.risk import RiskLevel
from bot.services import audit, notifications
from bot.services.notifications import Outgoing
from bot.web.keys import ROOT

NOW = dt.datetime.now(dt.timezone.utc)
DAY = dt.timedelta(days=1)
XSS = "<img src=x onerror=alert(1)>"
ROLES = ("counsellor", "supervisor", "trainer", "clinician", "admin")
CASES, TEAM, LOOK, SETTLE = {"counsellor", "supervisor"}, {"supervisor"}, {"supervisor", "admin"}, {"admin"}
ROUTES: list[tuple[str, str, set[str]]] = [
    ("GET", "search", CASES), ("GET", "follow-ups", CASES), ("POST", "follow-ups/1/done", CASES), ("GET", "team", TEAM),
    ("POST", "cases/1/quality", TEAM), ("GET", "hotlines", LOOK), ("GET", "retention", SETTLE), ("PUT", "retention", SETTLE),
    ("POST", "holds", SETTLE), ("DELETE", "holds/1", SETTLE), ("GET", "notifications", LOOK), ("POST", "notifications/1/retry", LOOK),
    ("GET", "audit", LOOK),
]  # fmt: skip


@pytest.fixture
def staff(gateway: Gateway) -> Callable[[str], Staff]:
    return lambda role: Staff(gateway, role, role)


async def _error(method: str, path: str, who: Staff, **body: Any) -> tuple[int, dict[str, Any]]:
    response = await who.call(method, path, **body)
    return response.status, (await response.json())["error"]


async def test_nobody_comes_in_without_a_session(gateway: Gateway) -> None:
    for method, path, _ in ROUTES:
        async with gateway.http.request(
            method, gateway.url(f"/api/console/{path}"), headers={"Origin": gateway.origin}, json={}
        ) as response:
            assert (path, response.status, (await response.json())["error"]["code"]) == (path, 401, "not_signed_in")


async def test_every_route_is_for_its_roles_alone(staff: Callable[[str], Staff]) -> None:
    for role in ROLES:
        who = staff(role)
        for method, path, allowed in ROUTES:
            response = await who.call(method, path)
            is_refused = response.status == 403
            assert is_refused == (role not in allowed), (role, method, path, response.status)
            if is_refused:
                assert (await response.json())["error"]["code"] == "forbidden"


async def test_what_changes_something_must_come_from_our_own_page(gateway: Gateway, staff: Callable[[str], Staff]) -> None:
    admin = staff("admin")
    cookie = {"Cookie": f"xinyi_staff={admin.token}"}
    for method, path, _ in ROUTES:
        if method == "GET":
            continue
        for origin in ({}, {"Origin": "https://evil.example.cn"}):
            async with gateway.http.request(
                method, gateway.url(f"/api/console/{path}"), headers={**cookie, **origin}, json={}
            ) as response:
                assert (response.status, (await response.json())["error"]["code"]) == (403, "wrong_origin")


async def test_search_gives_rows_and_a_nickname_just_as_it_was_written(gateway: Gateway, staff: Callable[[str], Staff]) -> None:
    root = gateway.app[ROOT]
    counsellor, supervisor = staff("counsellor"), staff("supervisor")
    own = case(root, "w1", nickname=XSS, accepted_by=counsellor.id, requested_at=NOW - DAY, closed_at=NOW, outcome="talked")
    other = case(root, "w2", nickname="石头", accepted_by=supervisor.id, status="active", requested_at=NOW)
    found = await supervisor.get("search")
    assert ([row["id"] for row in found["rows"]], found["total"]) == ([other, own], 2)
    assert (found["rows"][1]["nickname"], found["rows"][1]["outcome"]) == (XSS, "talked")
    assert [row["id"] for row in (await counsellor.get("search"))["rows"]] == [own]
    assert (await counsellor.get(f"search?counsellor={supervisor.id}"))["rows"] == []
    assert [row["id"] for row in (await supervisor.get("search?nickname=石&status=active&page=1"))["rows"]] == [other]
    assert (await supervisor.get("search?page=2"))["rows"] == []


@pytest.mark.parametrize(
    ("asked", "field"),
    [("level=worst", "level"), ("status=gone", "status"), ("from=2026-13-01", "from"), ("to=x", "to"), ("topic=%27--", "topic"),
     (f"nickname={'长' * 33}", "nickname"), ("from=9999-12-31&to=0001-01-01", "to")],
)  # fmt: skip
async def test_a_search_that_can_not_be_read_names_its_field(staff: Callable[[str], Staff], asked: str, field: str) -> None:
    status, error = await _error("GET", f"search?{asked}", staff("supervisor"))
    assert (status, error["code"]) == (422, "incomplete")
    assert field in error["fields"]


async def test_days_of_a_search_are_those_of_the_organisations_place(gateway: Gateway, staff: Callable[[str], Staff]) -> None:
    at = dt.datetime(2026, 11, 20, 16, 0, tzinfo=dt.timezone.utc)  # in Shanghai the 21st begins
    found = case(gateway.app[ROOT], "w1", requested_at=at)
    who = staff("supervisor")
    assert [row["id"] for row in (await who.get("search?from=2026-11-21&to=2026-11-21"))["rows"]] == [found]
    assert (await who.get("search?to=2026-11-20"))["total"] == 0


def _task(session: Session, handoff_id: int, assigned_to: str | None, due_at: dt.datetime) -> int:
    handoff = session.get_one(Handoff, handoff_id)
    alert = Alert(
        worker_id=handoff.worker_id, conversation_id=handoff.conversation_id, reason="risk", level="imminent", subject="self",
        kind="suicide", created_at=NOW,
    )  # fmt: skip
    session.add(alert)
    session.flush()
    task = FollowUp(
        worker_id=handoff.worker_id,
        alert_id=alert.id,
        level="imminent",
        hours=24,
        due_at=due_at,
        created_at=NOW,
        assigned_to=assigned_to,
    )
    session.add(task)
    session.commit()
    return task.id


async def test_follow_ups_are_ones_own_and_nobodys_and_a_supervisor_sees_all(
    gateway: Gateway, staff: Callable[[str], Staff]
) -> None:
    root, counsellor, supervisor = gateway.app[ROOT], staff("counsellor"), staff("supervisor")
    handoff_id = case(root, "w1", nickname="阿强")
    late = root.call(_task, handoff_id, "counsellor", NOW - DAY)
    free = root.call(_task, handoff_id, None, NOW + DAY)
    other = root.call(_task, handoff_id, "zhou", NOW + 2 * DAY)
    rows = (await counsellor.get("follow-ups"))["rows"]
    assert [(row["id"], row["is_overdue"], row["handoff_id"], row["nickname"]) for row in rows] == [
        (late, True, handoff_id, "阿强"), (free, False, handoff_id, "阿强"),
    ]  # fmt: skip
    assert [row["id"] for row in (await supervisor.get("follow-ups"))["rows"]] == [late, free, other]
    assert (await _error("POST", f"follow-ups/{other}/done", counsellor, outcome="reached"))[0] == 404
    assert (await _error("POST", f"follow-ups/{late}/done", counsellor, outcome="gone"))[1]["fields"] == ["outcome"]
    await counsellor.post(f"follow-ups/{late}/done", outcome="reached", note=XSS)
    assert (await _error("POST", f"follow-ups/{late}/done", counsellor, outcome="reached"))[0] == 409
    task = root.call_reading(lambda session: session.get_one(FollowUp, late))
    assert (task.done_by, task.outcome, task.note) == ("counsellor", "reached", XSS)


async def test_the_team_and_a_word_on_a_closed_case(gateway: Gateway, staff: Callable[[str], Staff]) -> None:
    root, supervisor = gateway.app[ROOT], staff("supervisor")
    at = NOW - 2 * DAY
    closed = case(
        root,
        "w1",
        level="high",
        requested_at=at,
        due_at=at + DAY,
        first_accepted_at=at,
        accepted_at=at,
        closed_at=at,
        outcome="talked",
    )
    found = await supervisor.get("team?days=3")
    assert found["waits"][1] == {"level": "high", "count": 1, "p50_seconds": 0.0, "p95_seconds": 0.0, "inside_share": 1.0}
    assert (len(found["by_day"]), found["outcomes"]) == (3, [{"outcome": "talked", "count": 1}])
    assert found["ratings"] == {"counts": [0, 0, 0], "latest": []}
    assert [row["id"] for row in found["quality_sample"]] == [closed]
    assert [len((await supervisor.get(f"team?days={days}"))["by_day"]) for days in ("0", "99999", "x")] == [1, 366, 7]
    assert (await supervisor.post(f"cases/{closed}/quality", quality="good", note="稳"))["quality"] == "good"
    assert (await _error("POST", f"cases/{closed}/quality", supervisor, quality="best"))[1]["fields"] == ["quality"]
    assert (await _error("POST", "cases/999/quality", supervisor, quality="good"))[0] == 404


async def test_hotlines_are_shown_with_their_age(staff: Callable[[str], Staff]) -> None:
    lines = {line["id"]: line for line in (await staff("admin").get("hotlines"))["hotlines"]}
    assert lines["120"]["is_stale"]
    assert (lines["120"]["age_days"], lines["120"]["status"]) == (None, "show")
    assert lines["400-161-9995"]["status"] == "unverified"


async def test_an_administrator_settles_the_days_and_holds_a_record(gateway: Gateway, staff: Callable[[str], Staff]) -> None:
    root, admin = gateway.app[ROOT], staff("admin")
    assert await admin.get("retention") == {"message_days": None, "handoff_days": None, "ran_at": None, "holds": []}
    response = await admin.call("PUT", "retention", message_days=180, handoff_days=None)
    assert ((await response.json())["message_days"], response.status) == (180, 200)
    assert (await _error("PUT", "retention", admin, message_days=7, handoff_days=90))[1]["fields"] == [
        "message_days",
        "handoff_days",
    ]
    handoff_id = case(root, "w1", nickname="阿强")
    hold = await admin.post("holds", handoff_id=handoff_id, reason="仲裁")
    assert (hold["nickname"], hold["placed_by"]) == ("阿强", "admin")
    assert (await _error("POST", "holds", admin, handoff_id=handoff_id + 1, reason="仲裁"))[0] == 404
    for wrong in (
        {"handoff_id": "1", "reason": "x"},
        {"handoff_id": True, "reason": "x"},
        {"handoff_id": 10**30, "reason": "x"},
    ):
        assert (await _error("POST", "holds", admin, **wrong))[1]["fields"] == ["handoff_id"]
    assert (await _error("POST", "holds", admin, handoff_id=handoff_id, reason=""))[1]["fields"] == ["reason"]
    assert [each["id"] for each in (await admin.get("retention"))["holds"]] == [hold["id"]]
    assert (await admin.call("DELETE", f"holds/{hold['id']}")).status == 200
    assert (await _error("DELETE", f"holds/{hold['id']}", admin))[0] == 404
    assert (await admin.get("retention"))["holds"] == []


async def test_a_dead_letter_is_shown_and_tried_again(make_gateway: MakeGateway) -> None:
    gateway = await make_gateway(NOTIFY_WECOM_URL="https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=geheim")
    root, admin = gateway.app[ROOT], Staff(gateway, "admin", "admin")
    handoff_id = case(root, "w1", status="waiting", level="high", reason="high")

    def bury(session: Session) -> int:
        row = Notification(
            key="k", channel="wecom", handoff_id=handoff_id, attempts=MOST_ATTEMPTS, next_at=NOW + DAY, created_at=NOW,
            facts=Facts(RiskLevel.HIGH, "high", 0, NOW).packed(),
        )  # fmt: skip
        session.add(row)
        session.flush()
        sent = Outgoing(row.id, "k", None, handoff_id, Facts.unpacked(row.facts), MOST_ATTEMPTS)
        notifications.settle(session, sent, "errcode 93000", 0.0, NOW)
        return row.id

    letter_id = root.call(bury)
    found = await admin.get("notifications")
    assert (found["pending"], found["channels"]) == (0, [Channel.WECOM.value])
    (letter,) = found["notifications"]
    assert (letter["id"], letter["channel"], letter["error"], letter["handoff_id"]) == (
        letter_id,
        "wecom",
        "errcode 93000",
        handoff_id,
    )
    assert "geheim" not in str(found)
    await admin.post(f"notifications/{letter_id}/retry")
    assert (await admin.get("notifications"))["notifications"] == []
    assert (await _error("POST", f"notifications/{letter_id}/retry", admin))[0] == 409
    assert (await _error("POST", "notifications/999/retry", admin))[0] == 404


async def test_the_audit_log_is_read_by_page_and_by_case_and_a_break_is_told(
    gateway: Gateway, staff: Callable[[str], Staff]
) -> None:
    root, supervisor = gateway.app[ROOT], staff("supervisor")
    handoff_id = case(root, "w1")

    def write(session: Session) -> None:
        for number in range(52):
            audit.append(session, "lin", "case.opened", "c-w1" if number < 2 else "c-other", "own_case", NOW)
        session.commit()

    root.call(write)
    first, second = await supervisor.get("audit"), await supervisor.get("audit?page=2")
    assert (len(first["entries"]), len(second["entries"]), first["total"], first["is_intact"], first["broken_id"]) == (
        50,
        2,
        52,
        True,
        None,
    )
    for subject in ("c-w1", str(handoff_id), f"%23{handoff_id}"):
        assert (await supervisor.get(f"audit?subject={subject}"))["total"] == 2

    def forge(session: Session) -> int:
        entry = session.get_one(audit.AuditEntry, second["entries"][0]["id"])
        entry.actor = "niemand"
        session.commit()
        return entry.id

    broken = root.call(forge)
    found = await supervisor.get("audit")
    assert (found["is_intact"], found["broken_id"]) == (False, broken)
