"""The worker's client follows docs/protocol.md: it knows when a turn ends, and every refusal becomes an error."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from fake_gateway import Answer, FakeGateway, Frame, Line, bubble_frame, echo
from ground import Gateway

from bot.channels.client import LineLost, NoTurnEnd, Refused, WorkerClient

Start = Callable[..., Awaitable[tuple[FakeGateway, WorkerClient]]]
PATIENCE_SECONDS = 5.0


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """A fake gateway that answers so, and a client that has not said hello yet."""
    running: list[FakeGateway] = []

    async def make(
        answer: Answer = echo, *, consent_required: bool = True, patience: float = PATIENCE_SECONDS
    ) -> tuple[FakeGateway, WorkerClient]:
        gateway = FakeGateway(answer, consent_required=consent_required)
        running.append(gateway)
        return gateway, WorkerClient(await gateway.start(), timezone="Africa/Lagos", patience_seconds=patience)

    yield make
    for gateway in running:
        await gateway.server.close()


async def test_it_says_hello_with_token_and_place_and_consents_to_the_notice_it_was_shown(start: Start) -> None:
    gateway, client = await start()
    async with client as page:
        assert await page.say("你好")
    assert gateway.hellos == [{"type": "hello", "protocol": 1, "after": 0, "timezone": "Africa/Lagos", "token": "t"}]
    assert gateway.consents == ["2026-11"]


async def test_it_does_not_consent_twice(start: Start) -> None:
    gateway, client = await start(consent_required=False)
    async with client as page:
        await page.say("你好")
    assert gateway.consents == []


async def test_a_turn_gives_safety_bubbles_and_those_of_the_bot_but_never_the_workers_own(start: Start) -> None:
    async def answer(line: Line, frame: Frame) -> None:
        await line.bubble(frame["text"], "worker", external_id=frame["external_id"])
        await line.bubble("我在听", "safety")
        await line.store(frame)
        await line.turn("身边有人吗", "我不走")

    _, client = await start(answer)
    async with client as page:
        said = await page.say("难受")
        assert [(bubble["author"], bubble["text"]) for bubble in said] == [
            ("safety", "我在听"), ("bot", "身边有人吗"), ("bot", "我不走"),
        ]  # fmt: skip
        assert [bubble["author"] for bubble in page.shown] == ["worker", "safety", "bot", "bot"]


async def test_a_turn_without_an_answer_from_rasa_ends_too(start: Start) -> None:
    async def answer(line: Line, frame: Frame) -> None:
        await line.bubble("先打120", "safety")
        await line.store(frame)
        await line.turn()

    _, client = await start(answer)
    async with client as page:
        assert [bubble["text"] for bubble in await page.say("难受")] == ["先打120"]


async def test_two_messages_at_once_are_answered_when_both_turns_have_ended(start: Start) -> None:
    async def answer(line: Line, frame: Frame) -> None:
        await line.store(frame)
        if frame["text"] == "第二句":
            await line.turn("答一")
            await line.turn("答二")

    _, client = await start(answer)
    async with client as page:
        await page.send("第一句")
        await page.send("第二句")
        assert [bubble["text"] for bubble in await page.replies()] == ["答一", "答二"]


async def test_a_turn_taken_up_again_after_a_restart_does_not_end_the_one_just_begun(start: Start) -> None:
    async def answer(line: Line, frame: Frame) -> None:
        await line.put("typing", active=True)  # the older turn
        await line.store(frame)
        await line.bubble("补上的回答")
        await line.put("typing", active=False)
        await line.turn("这次的回答")

    _, client = await start(answer)
    async with client as page:
        assert [bubble["text"] for bubble in await page.say("还在吗")] == ["补上的回答", "这次的回答"]


async def test_an_answer_that_comes_without_a_message_of_ours_is_waited_for_after_the_history(start: Start) -> None:
    gateway, client = await start()
    gateway.history = [bubble_frame("昨天说的", "worker")]
    async with client as page:
        assert [bubble["text"] for bubble in page.shown] == ["昨天说的"]
        await gateway.line.bubble("重启后补上的")
        await gateway.line.put("typing", active=False)
        assert [bubble["text"] for bubble in await page.replies()] == ["重启后补上的"]


async def test_a_button_is_pressed_by_message_and_place(start: Start) -> None:
    gateway, client = await start()
    async with client as page:
        await page.choose(7, 1)
        assert await page.replies()
    pressed = gateway.got[0]
    assert (pressed["type"], pressed["message_id"], pressed["index"]) == ("choice", 7, 1)


async def test_a_refusal_is_raised_with_the_code_of_the_protocol_and_the_next_message_goes_on(start: Start) -> None:
    async def answer(line: Line, frame: Frame) -> None:
        await (line.refuse("too_long", frame) if frame["text"] == "长" else echo(line, frame))

    _, client = await start(answer)
    async with client as page:
        with pytest.raises(Refused) as refused:
            await page.say("长")
        assert refused.value.code == "too_long"
        assert refused.value.reader_text == "歇几秒再发"
        assert [bubble["text"] for bubble in await page.say("短")] == ["听到了：短"]


async def test_a_late_refusal_of_another_message_refuses_nothing(start: Start) -> None:
    async def answer(line: Line, frame: Frame) -> None:
        await line.refuse("storage", {"external_id": "an older one"})
        await echo(line, frame)

    _, client = await start(answer)
    async with client as page:
        assert [bubble["text"] for bubble in await page.say("在吗")] == ["听到了：在吗"]


async def test_a_socket_that_ends_is_a_lost_line_with_its_close_code_for_every_later_call(start: Start) -> None:
    async def answer(line: Line, _frame: Frame) -> None:
        await line.socket.close(code=4401)

    _, client = await start(answer)
    async with client as page:
        for call in (page.say("在吗"), page.replies(), page.say("在吗")):
            with pytest.raises(LineLost):
                await call
    with pytest.raises(LineLost, match="socket"):
        async with WorkerClient("http://127.0.0.1:9", "t"):
            pass


async def test_a_turn_that_never_ends_is_an_error_and_the_next_turn_stands_alone(start: Start) -> None:
    async def answer(line: Line, frame: Frame) -> None:
        if frame["text"] == "没人理":
            await line.store(frame)
        else:
            await echo(line, frame)

    _, client = await start(answer, patience=0.3)
    async with client as page:
        with pytest.raises(NoTurnEnd):
            await page.say("没人理")
        assert [bubble["text"] for bubble in await page.say("再试")] == ["听到了：再试"]


async def test_heartbeats_are_answered_while_nobody_waits_for_a_frame(start: Start) -> None:
    gateway, client = await start()
    async with client as page:
        await page.say("先说一句")
        await gateway.line.socket.ping()
        await asyncio.wait_for(gateway.ponged.wait(), PATIENCE_SECONDS)


async def test_record_and_erasure_are_asked_for_with_the_token(start: Start) -> None:
    gateway, client = await start()
    async with client as page:
        await page.say("想家")
        assert (await page.export())["conversations"]
        await page.erase()
        assert gateway.is_erased
        with pytest.raises(Refused, match="not_signed_in"):
            await page.export()


async def test_it_talks_to_the_real_gateway(gateway: Gateway) -> None:
    async with WorkerClient(gateway.origin, patience_seconds=PATIENCE_SECONDS) as page:
        said = await page.say("我想自杀")
        assert {bubble["author"] for bubble in said} == {"safety", "system", "bot"}  # the system tells that nobody is on duty
        assert [bubble["author"] for bubble in await page.say("谢谢")] == ["bot"]
        levels = [
            row["risk_level"] for row in (await page.export())["conversations"][0]["messages"] if row["author"] == "worker"
        ]
        assert levels[0] == "high"
