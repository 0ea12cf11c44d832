"""A worker's own say over HTTP: who looked, and the emergency contact, for that worker alone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from console_ground import Staff
from ground import Gateway
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.tables import Conversation
from bot.services import audit
from bot.web.keys import ROOT

CONTACT = {"name": "姐姐 王梅", "relation": "姐姐", "phone": "138-0000 0000"}
NOW = dt.datetime.now(dt.timezone.utc)


async def _signed(gateway: Gateway) -> dict[str, str]:
    token = await gateway.token()
    await (await gateway.worker(token)).settle()
    return {"Authorization": f"Bearer {token}", "Origin": gateway.origin}


async def _call(gateway: Gateway, method: str, path: str, who: dict[str, str], body: Any = None) -> tuple[int, dict[str, Any]]:
    async with gateway.http.request(method, gateway.url(f"/api/me/{path}"), headers=who, json=body) as response:
        return response.status, dict(await response.json())


async def test_a_contact_is_kept_changed_exported_and_taken_back(gateway: Gateway) -> None:
    who = await _signed(gateway)
    assert await _call(gateway, "GET", "emergency-contact", who) == (200, {"contact": None})
    kept = {**CONTACT, "phone": "13800000000"}
    assert await _call(gateway, "PUT", "emergency-contact", who, CONTACT) == (200, {"contact": kept})
    other = {"name": "老周", "relation": "工友", "phone": "+2348012345678"}
    await _call(gateway, "PUT", "emergency-contact", who, other)
    assert await _call(gateway, "GET", "emergency-contact", who) == (200, {"contact": other})
    assert (await _call(gateway, "GET", "export", who))[1]["emergency_contact"] == other
    assert await _call(gateway, "DELETE", "emergency-contact", who) == (200, {"contact": None})
    assert await _call(gateway, "GET", "emergency-contact", who) == (200, {"contact": None})


async def test_a_contact_is_the_workers_alone_and_goes_with_the_record(gateway: Gateway) -> None:
    who, stranger = await _signed(gateway), await _signed(gateway)
    await _call(gateway, "PUT", "emergency-contact", who, CONTACT)
    assert await _call(gateway, "GET", "emergency-contact", stranger) == (200, {"contact": None})
    async with gateway.http.delete(gateway.url("/api/me"), headers=who) as response:
        assert response.status == 200
    assert (await _call(gateway, "PUT", "emergency-contact", who, CONTACT))[0] == 401


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["name", "relation", "phone"]), ({**CONTACT, "phone": "12345"}, ["phone"]), ({**CONTACT, "phone": "打我电话"}, ["phone"]),
        ({**CONTACT, "phone": 13800000000}, ["phone"]), ({**CONTACT, "phone": "1" * 16}, ["phone"]), ({**CONTACT, "phone": "138+0000000"}, ["phone"]),
        ({**CONTACT, "name": "  "}, ["name"]), ({**CONTACT, "name": "长" * 33}, ["name"]), ({**CONTACT, "relation": None}, ["relation"]),
    ],
)  # fmt: skip
async def test_a_contact_that_can_not_be_called_is_refused_by_its_fields(
    gateway: Gateway, body: dict[str, Any], fields: list[str]
) -> None:
    who = await _signed(gateway)
    status, answer = await _call(gateway, "PUT", "emergency-contact", who, body)
    assert (status, answer["error"]["code"], answer["error"]["fields"]) == (422, "incomplete", fields)
    assert await _call(gateway, "GET", "emergency-contact", who) == (200, {"contact": None})


async def test_what_is_no_object_is_refused(gateway: Gateway) -> None:
    assert (await _call(gateway, "PUT", "emergency-contact", await _signed(gateway), ["x"]))[0] == 400


async def test_nobody_comes_in_without_a_session(gateway: Gateway) -> None:
    for method, path in (
        ("GET", "visits"),
        ("GET", "emergency-contact"),
        ("PUT", "emergency-contact"),
        ("DELETE", "emergency-contact"),
    ):
        assert (await _call(gateway, method, path, {"Origin": gateway.origin}, {}))[0] == 401


async def test_the_worker_reads_who_looked_and_why_without_names(gateway: Gateway) -> None:
    who = await _signed(gateway)
    root = gateway.app[ROOT]
    Staff(gateway, "wangmin")
    Staff(gateway, "gu", "supervisor")

    def look(session: Session) -> None:
        thread, worker = session.execute(select(Conversation.id, Conversation.worker_id)).one()
        audit.append(session, "wangmin", "case.opened", thread, "own_case", NOW)
        audit.append(session, "gu", "case.opened", thread, "break-glass: 家属来电", NOW)
        audit.append(session, "wangmin", "case.called_emergency", thread, "人在楼顶", NOW)
        audit.append(session, "guest", "screen_mark.opened", worker, "复核", NOW)
        audit.append(session, "wangmin", "follow_up.reached", worker, "follow-up 3", NOW)
        audit.append(session, "wangmin", "case.opened", "another", "own_case", NOW)
        session.commit()

    root.call(look)
    status, found = await _call(gateway, "GET", "visits", who)
    assert status == 200
    assert [(each["who"], each["why"]) for each in found["visits"]] == [
        ("工作人员", "核对安全筛查有没有听错"), ("咨询师", "替你拨打了 120 或 110：人在楼顶"), ("督导", "紧急查看：家属来电"), ("咨询师", "在接待你"),
    ]  # fmt: skip
    assert (await _call(gateway, "GET", "export", who))[1]["visits"] == found["visits"]
    assert (await _call(gateway, "GET", "visits", await _signed(gateway)))[1] == {"visits": []}
