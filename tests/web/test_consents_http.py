"""Consents over HTTP: shown with their texts, switched by the worker alone, and every wrong request refused by name."""

from __future__ import annotations

from typing import Any

import pytest
from ground import Gateway

from bot.domain.consent import CONSENTS, CONSENTS_VERSION

PATH = "/api/me/consents"


async def _signed(gateway: Gateway) -> dict[str, str]:
    token = await gateway.token()
    await (await gateway.worker(token)).settle()
    return {"Authorization": f"Bearer {token}", "Origin": gateway.origin}


async def _get(gateway: Gateway, who: dict[str, str]) -> dict[str, Any]:
    async with gateway.http.get(gateway.url(PATH), headers=who) as response:
        assert response.status == 200
        assert response.headers["Cache-Control"] == "no-store"
        return dict(await response.json())


async def _put(gateway: Gateway, who: dict[str, str], **body: Any) -> tuple[int, dict[str, Any]]:
    async with gateway.http.put(gateway.url(PATH), headers=who, json=body) as response:
        return response.status, dict(await response.json())


async def test_the_switches_come_with_their_texts_and_change_one_at_a_time(gateway: Gateway) -> None:
    who = await _signed(gateway)
    shown = await _get(gateway, who)
    assert shown["version"] == CONSENTS_VERSION
    assert [(each["kind"], each["title"], each["granted_at"]) for each in shown["consents"]] == [
        (kind, text.title, None) for kind, text in CONSENTS.items()
    ]
    status, after = await _put(gateway, who, kind="research", granted=True, version=shown["version"])
    assert status == 200
    assert [each["kind"] for each in after["consents"] if each["granted_at"]] == ["research"]
    assert await _get(gateway, who) == after
    assert (await _put(gateway, who, kind="research", granted=False))[1] == shown


@pytest.mark.parametrize(
    "body",
    [
        {}, {"kind": "research"}, {"kind": "research", "granted": "yes", "version": CONSENTS_VERSION}, {"kind": "research", "granted": True},
        {"kind": "research", "granted": True, "version": "2020-01"}, {"kind": "chat", "granted": False}, {"kind": ["research"], "granted": False},
        {"kind": "assessment", "granted": True, "version": CONSENTS_VERSION},
    ],
)  # fmt: skip
async def test_cannot_switch_by_a_wrong_request(gateway: Gateway, body: dict[str, Any]) -> None:
    who = await _signed(gateway)
    status, answer = await _put(gateway, who, **body)
    assert (status, answer["error"]["code"]) == (400, "bad_field")
    assert not any(each["granted_at"] for each in (await _get(gateway, who))["consents"])


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff", b"null"])
async def test_cannot_switch_by_what_is_no_json_object(gateway: Gateway, data: bytes) -> None:
    who = await _signed(gateway)
    async with gateway.http.put(gateway.url(PATH), headers=who, data=data) as response:
        assert response.status == 400


async def test_cannot_switch_from_another_origin_or_without_a_session(gateway: Gateway) -> None:
    who = await _signed(gateway)
    wanted = {"kind": "research", "granted": True, "version": CONSENTS_VERSION}
    assert (await _put(gateway, {**who, "Origin": "https://evil.example"}, **wanted))[0] == 403
    assert (await _put(gateway, {"Origin": gateway.origin}, **wanted))[0] == 401
    async with gateway.http.get(gateway.url(PATH)) as response:
        assert response.status == 401
    assert not any(each["granted_at"] for each in (await _get(gateway, who))["consents"])
