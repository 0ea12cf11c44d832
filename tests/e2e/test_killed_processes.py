"""Processes killed at the worst moments: no message lost, no answer doubled, never silence."""

from __future__ import annotations

import signal

import pytest
from stack import Stack, WorkerPage

pytestmark = pytest.mark.usefixtures("whole_again")


def _answers(stack: Stack, message_id: int) -> int:
    return int(stack.rows(f"SELECT count(*) FROM messages WHERE in_reply_to = {message_id} AND author = 'bot'")[0][0])


async def test_rasa_killed_in_the_middle_of_a_turn_gives_the_safe_line_and_the_next_turn_works(stack: Stack) -> None:
    async with WorkerPage(stack) as page:
        await page.say("领导老是针对我")
        stack.kill("rasa", signal.SIGSTOP)
        stored = await page.send("今天又当众骂我")
        stack.kill("rasa")
        assert await page.replies()
        assert _answers(stack, stored["id"]) == 1
    stack.start("rasa")
    stack.wait_for(rasa=True)
    async with WorkerPage(stack, page.token) as again:
        assert await again.say("我都不想去上班了，一想到他就烦")
        assert _answers(stack, stored["id"]) == 1
        states = stack.rows("SELECT DISTINCT turn_state FROM messages WHERE author = 'worker'")
        assert states == [("answered",)]


async def test_action_server_killed_still_gives_an_answer(stack: Stack) -> None:
    async with WorkerPage(stack) as page:
        await page.say("孩子不听话，愁死了")
        stack.kill("actions")
        assert await page.say("一说他就摔门")
        stack.start("actions")


async def test_gateway_killed_between_storing_and_answering_answers_once_after_restart(stack: Stack) -> None:
    page = WorkerPage(stack)
    async with page:
        await page.say("晚上老睡不着")
        stack.kill("rasa", signal.SIGSTOP)
        stored = await page.send("翻来覆去到三点")
        stack.kill("gateway")
    stack.kill("rasa", signal.SIGCONT)
    stack.start("gateway")
    stack.wait_for(ready=True, rasa=True)
    async with WorkerPage(stack, page.token) as again:
        assert [frame for frame in again.shown if frame["text"] == "翻来覆去到三点"]
        if not _answers(stack, stored["id"]):
            await again.replies()
        assert await again.say("白天上班都没精神")
    assert _answers(stack, stored["id"]) >= 1
    asked = stack.rows(f"SELECT turn_state FROM messages WHERE id = {stored['id']}")
    assert asked == [("answered",)]


async def test_with_rasa_away_a_crisis_gets_the_fixed_text_and_an_alert(stack: Stack) -> None:
    stack.kill("rasa")
    before = stack.rows("SELECT count(*) FROM alerts WHERE level = 'high'")[0][0]
    async with WorkerPage(stack) as page:
        said = await page.say("我想死，真的不想活了")
        assert [bubble["author"] for bubble in said] == ["safety"] * 3 + ["system"]  # who is here, or that nobody is
    assert stack.rows("SELECT count(*) FROM alerts WHERE level = 'high'")[0][0] == before + 1
