"""The action server: a token, and errors that say nothing of what a person wrote."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

from actions.server import make_app

TOKEN = "a" * 32
GOOD = {"Authorization": f"Bearer {TOKEN}"}
WORD = "木棉花开那天"


class ActionBreakInTests(Action):
    def name(self) -> str:
        return "action_break_in_tests"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        raise ValueError(tracker.latest_message["text"])


class ActionRejectInTests(Action):
    def name(self) -> str:
        return "action_reject_in_tests"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        raise ActionExecutionRejection(self.name(), WORD)


def _call(action: str) -> dict[str, Any]:
    tracker = {
        "sender_id": "c",
        "slots": {},
        "latest_message": {"text": WORD},
        "events": [],
        "paused": False,
        "active_loop": {},
    }
    return {"next_action": action, "sender_id": "c", "tracker": tracker, "domain": {}, "version": "3.6.21"}


@pytest.fixture
async def client() -> AsyncIterator[TestClient]:
    async with TestClient(TestServer(make_app(TOKEN))) as found:
        yield found


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer "}, {"Authorization": TOKEN}, {"Authorization": f"Bearer {TOKEN}x"},
                                     {"Authorization": "Bearer 密"}])  # fmt: skip
async def test_cannot_run_an_action_without_the_token(client: TestClient, headers: dict[str, str]) -> None:
    response = await client.post("/webhook", json=_call("action_break_in_tests"), headers=headers)
    assert (response.status, await response.json()) == (401, {"error": "unauthorized"})


async def test_an_empty_token_lets_nobody_in() -> None:
    async with TestClient(TestServer(make_app(""))) as client:
        response = await client.post("/webhook", json=_call("action_break_in_tests"), headers={"Authorization": "Bearer "})
        assert response.status == 401


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"7", b"{}", b"\xff", b'{"tracker": {}}'])
async def test_cannot_run_what_is_no_call(client: TestClient, data: bytes) -> None:
    response = await client.post("/webhook", data=data, headers=GOOD)
    assert (response.status, await response.json()) == (400, {"error": "bad_request"})


async def test_an_unknown_action_is_named(client: TestClient) -> None:
    response = await client.post("/webhook", json=_call("action_unknown"), headers=GOOD)
    assert (response.status, await response.json()) == (404, {"error": "no such action", "action_name": "action_unknown"})


@pytest.mark.parametrize(
    ("action", "status", "error"), [("action_break_in_tests", 500, "failed"), ("action_reject_in_tests", 400, "rejected")]
)
async def test_an_action_that_fails_says_nothing_of_what_was_written(
    client: TestClient, caplog: pytest.LogCaptureFixture, action: str, status: int, error: str
) -> None:
    response = await client.post("/webhook", json=_call(action), headers=GOOD)
    assert (response.status, await response.json()) == (status, {"error": error, "action_name": action})
    assert WORD not in await response.text()
    assert WORD not in caplog.text


async def test_a_call_without_a_tracker_fails_quietly(client: TestClient) -> None:
    response = await client.post("/webhook", json={"next_action": "action_break_in_tests", "sender_id": WORD}, headers=GOOD)
    assert response.status >= 400
    assert WORD not in await response.text()


async def test_a_real_action_answers(client: TestClient) -> None:
    response = await client.post("/webhook", json=_call("action_support"), headers=GOOD)
    body = await response.json()
    assert response.status == 200
    assert body["responses"]


async def test_many_calls_at_once_are_all_answered(client: TestClient) -> None:
    calls = [client.post("/webhook", json=_call("action_support"), headers=GOOD) for _ in range(20)]
    assert {response.status for response in await asyncio.gather(*calls)} == {200}


async def test_health_tells_how_many_actions_there_are(client: TestClient) -> None:
    body = await (await client.get("/health")).json()
    assert body["status"] == "ok"
    assert body["actions"] > 10
