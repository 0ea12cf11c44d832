"""Processes killed in each state of a handoff: no word lost, none doubled, and the case stays where it was."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from stack import ANSWER_SECONDS, Stack, WorkerPage

from bot.channels.counsellor_client import CounsellorClient

pytestmark = pytest.mark.usefixtures("whole_again")

_PASSWORD = "窗台上的薄荷又长高了一截"
Row = dict[str, Any]


@pytest.fixture
async def desk(stack: Stack) -> AsyncIterator[CounsellorClient]:
    """A counsellor at an open console."""
    name = f"fault-{uuid.uuid4().hex[:8]}"
    words = ("-m", "bot", "accounts", "create", name, "--role", "counsellor", "--shown-name", "周老师")
    stack.run(*words, typed=_PASSWORD)
    async with CounsellorClient(stack.origin, name, _PASSWORD) as client:
        yield client


async def _until(found: Callable[[], Any], what: str) -> Any:
    for _ in range(int(ANSWER_SECONDS * 10)):
        value = found()
        if value:
            return value
        await asyncio.sleep(0.1)
    raise AssertionError(f"in vain: {what}")


async def _row(desk: CounsellorClient, status: str, known: set[int]) -> Row:
    """The case that came after the known ones, in this state."""
    return dict(
        await _until(
            lambda: next((row for row in desk.rows.values() if row["id"] not in known and row["status"] == status), None),
            f"a case that is {status}",
        )
    )


def _restart(stack: Stack, name: str) -> None:
    stack.kill(name)
    stack.start(name)
    stack.wait_for(ready=True, rasa=True)


def _texts(page: WorkerPage, author: str) -> list[str]:
    in_order = sorted(page.shown, key=lambda bubble: bubble["event"])  # a live bubble may overtake the replay
    return [bubble["text"] for bubble in in_order if bubble["author"] == author]


async def test_a_gateway_killed_while_a_worker_waits_keeps_the_case_and_its_clock(stack: Stack, desk: CounsellorClient) -> None:
    known = set(desk.rows)
    async with WorkerPage(stack) as page:
        await page.say("我想死，脑子里全是这个念头")
        before = await _row(desk, "waiting", known)
        await asyncio.to_thread(_restart, stack, "gateway")
    await desk.online()
    after = desk.rows[before["id"]]
    assert {name: after[name] for name in ("status", "level", "due_at", "requested_at")} == {
        name: before[name] for name in ("status", "level", "due_at", "requested_at")
    }
    assert stack.rows(f"SELECT count(*) FROM handoff_steps WHERE handoff_id = {before['id']} AND step = 'requested'") == [(1,)]


async def test_a_gateway_killed_in_the_middle_of_a_talk_loses_and_doubles_no_bubble(
    stack: Stack, desk: CounsellorClient
) -> None:  # fmt: skip
    known = set(desk.rows)
    page = WorkerPage(stack)
    async with page:
        await page.say("我想找真人聊聊")
        case = await _row(desk, "waiting", known)
        await desk.call("POST", f"/cases/{case['id']}/accept")
        await desk.say(case["id"], "你好，我在。")
        saying = asyncio.ensure_future(desk.say(case["id"], "慢慢说，不急。"))
        await asyncio.to_thread(_restart, stack, "gateway")
        await saying
    async with WorkerPage(stack, page.token) as again:
        assert _texts(again, "counsellor") == ["你好，我在。", "慢慢说，不急。"]
        stored = await again.send("好，我说说看")
    assert stack.rows(f"SELECT turn_state FROM messages WHERE id = {stored['id']}") == [("answered",)]
    assert stack.rows(f"SELECT count(*) FROM messages WHERE in_reply_to = {stored['id']}") == [(0,)]  # a human leads
    assert stack.rows(f"SELECT status FROM handoffs WHERE id = {case['id']}") == [("active",)]


async def test_rasa_killed_while_a_counsellor_leads_is_not_even_noticed(stack: Stack, desk: CounsellorClient) -> None:
    known = set(desk.rows)
    page = WorkerPage(stack)
    async with page:
        await page.say("能不能转人工")
        case = await _row(desk, "waiting", known)
        await desk.call("POST", f"/cases/{case['id']}/accept")
        stack.kill("rasa")
        await page.send("我就想有个人听我说")
        await desk.say(case["id"], "我听着呢。")
    async with WorkerPage(stack, page.token) as again:
        assert _texts(again, "counsellor") == ["我听着呢。"]
    assert stack.rows(f"SELECT count(*) FROM handoff_steps WHERE handoff_id = {case['id']} AND step = 'accepted'") == [(1,)]
