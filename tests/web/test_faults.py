"""Things that break in the middle: Rasa, the database, the gateway itself; the worker gets one answer or one safe line."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pytest
from aiohttp import web
from fakes import FakeRasa, turn_of
from ground import Gateway, MakeGateway, care, content
from sqlalchemy import event, func, select

from bot.bootstrap import make_root
from bot.db.tables import Alert, Event, Message, RiskAssessment
from bot.services import conversations, workers
from bot.services.conversations import Inbound
from bot.web.keys import HUB, METRICS
from bot.web.keys import ROOT as ROOT_KEY

SAFE_LINES = content().safety.lines["safe"]
Spoiled = Any


def _count(gateway: Gateway) -> list[int]:
    tables = (Message, Event, RiskAssessment, Alert)
    return gateway.read(lambda session: [session.scalar(select(func.count()).select_from(table)) for table in tables])


def _messages(session: Any) -> list[tuple[str, str, str | None]]:
    return [(row.author, row.text, row.turn_state) for row in session.scalars(select(Message).order_by(Message.id))]


def _is_safe_line(text: str) -> bool:
    return text in [line.format(urgent="120或110", line="12356（可能不在服务时间）") for line in SAFE_LINES]


async def _slow(body: dict[str, Any]) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError("never")


async def _dies(body: dict[str, Any]) -> web.StreamResponse:
    raise ConnectionResetError


def _json(body: Any, status: int = 200) -> Any:
    async def answer(_body: dict[str, Any]) -> web.StreamResponse:
        return web.json_response(body, status=status)

    return answer


def _text(body: str, content_type: str = "application/json") -> Any:
    async def answer(_body: dict[str, Any]) -> web.StreamResponse:
        return web.Response(text=body, content_type=content_type)

    return answer


@pytest.mark.parametrize(
    "broken",
    [
        _json({"messages": [], "understanding": None}), _json([]), _json({}), _json({"error": "turn_failed"}, 500),
        _json({"error": "storage"}, 503), _json({"error": "unauthorized"}, 401), _text("<html>"), _text("{", "application/json"),
        _text("ok", "text/plain"), _json({"messages": [{"recipient_id": "x"}]}), _json({"messages": [{"text": ""}]}), _json({"messages": "x"}),
        _json({"messages": ["x"]}), _json({"messages": [{"text": "好", "buttons": [{"title": "缺了"}]}]}),
        _json({"messages": [{"custom": {"kind": "handoff"}}]}), _dies, _slow,
        _json({"messages": [{"text": "好"}], "understanding": {"intent": "x", "confidence": "很高"}}),
        _json({"messages": [{"text": "好"}], "understanding": {"intent": "x", "confidence": [], "entities": 5}}),
    ],
    ids=["empty", "list", "no messages", "500", "503", "401", "html", "broken json", "plain", "no text", "blank", "text for messages",
         "text for a message", "half a button", "handoff alone", "dies", "slow", "odd confidence", "odd entities"],
)  # fmt: skip
async def test_when_rasa_fails_the_safe_line_is_given_once_and_the_next_turn_works(
    make_gateway: MakeGateway, rasa: FakeRasa, broken: Any
) -> None:
    gateway = await make_gateway(RASA_TIMEOUT_SECONDS="1")
    page = await gateway.worker()
    rasa.answer = broken
    await page.say("累", "e1")
    reply = await page.wait_for("message", author="bot")
    assert _is_safe_line(reply["text"])
    await page.wait_for("typing", active=False)
    assert [frame["active"] for frame in page.frames if frame["type"] == "typing"] == [True, False]
    rasa.answer = FakeRasa.echo
    await page.say("还在吗", "e2")
    await page.wait_for("message", author="bot", text="听到了：还在吗")
    await page.settle()
    assert [message["text"] for message in page.messages("bot")] == [reply["text"], "听到了：还在吗"]
    assert [len(rasa.asked), rasa.texts()[-1]] == [2, "还在吗"]
    assert gateway.app[METRICS].registry.get_sample_value("xinyi_turns_total", {"outcome": "safe_line"}) == 1


async def test_while_rasa_is_away_the_worker_is_answered_and_after_its_restart_too(gateway: Gateway, rasa: FakeRasa) -> None:
    await rasa.stop()
    page = await gateway.worker()
    await page.say("累", "e1")
    assert _is_safe_line((await page.wait_for("message", author="bot"))["text"])
    await rasa.start()
    await page.say("还在吗", "e2")
    await page.wait_for("message", author="bot", text="听到了：还在吗")
    assert rasa.texts() == ["还在吗"]


async def test_two_safe_lines_running_are_not_the_same(gateway: Gateway, rasa: FakeRasa) -> None:
    await rasa.stop()
    page = await gateway.worker()
    for number in range(3):
        await page.say("累", f"e{number}")
        await page.wait_for("message", author="bot")
    texts = [message["text"] for message in page.messages("bot")]
    assert texts[0] != texts[1] != texts[2]


@pytest.mark.parametrize("text", ["我想自杀", "药已经吞了"])
async def test_a_crisis_text_is_answered_and_alerted_with_rasa_away(gateway: Gateway, rasa: FakeRasa, text: str) -> None:
    await rasa.stop()
    page = await gateway.worker()
    await page.say(text, "e1")
    await page.wait_for("typing", active=False)
    await page.settle()
    said = page.messages("safety")
    assert {"120", "110", "12356"} <= {line["number"] for line in said[-1]["custom"]["lines"]}
    assert page.messages("bot") == []  # the fixed text is the answer; nothing weaker comes after it
    assert gateway.read(_messages)[0] == ("worker", text, "answered")
    assert [author for author, _, _ in gateway.read(_messages)] == ["worker", *["safety"] * len(said), "system"]
    assert gateway.read(lambda session: list(session.scalars(select(Alert.level)))) == [
        "high" if text == "我想自杀" else "imminent"
    ]


async def test_a_text_to_watch_is_heard_and_asked_about_when_rasa_is_away_and_the_numbers_follow(
    gateway: Gateway, rasa: FakeRasa
) -> None:
    await rasa.stop()
    page = await gateway.worker()
    await page.say("活着没意思", "e1")
    await page.wait_for("typing", active=False)
    heard, lead_in, question = page.messages("bot")
    assert heard["text"] in content().safety.lines["heard"]
    assert lead_in["text"] in content().asq.lead_in
    assert question["text"] == content().asq.questions["1"][0]
    await page.say("没有", "e2")
    await page.wait_for("typing", active=False)
    answer, helping, _ = page.messages("bot")[3:]
    assert answer["text"] in content().asq.heard["no"]
    assert all(number in helping["text"] for number in ("120", "12356"))
    assert {line["number"] for line in helping["custom"]["lines"]} >= {"120", "110", "12356"}


async def test_a_watch_that_is_not_asked_about_gets_a_safe_line_with_numbers_when_rasa_is_away(
    gateway: Gateway, rasa: FakeRasa
) -> None:
    await rasa.stop()
    page = await gateway.worker()
    await page.say("他老是动手推我", "e1")
    reply = await page.wait_for("message", author="bot")
    assert "120" in reply["text"] or "12356" in reply["text"]
    assert "{" not in reply["text"]


def _spoil(gateway: Gateway, *statements: str) -> Spoiled:
    """Make every new database connection of this gateway refuse to write."""
    engine = gateway.app[ROOT_KEY].engine
    engine.dispose()

    def prepare(connection: Any, _record: object) -> None:
        for statement in statements:
            connection.execute(statement)

    event.listen(engine, "connect", prepare)
    return engine, prepare


def _mend(spoiled: Spoiled) -> None:
    engine, prepare = spoiled
    event.remove(engine, "connect", prepare)
    engine.dispose()


async def test_when_nothing_can_be_stored_the_page_is_told_and_may_send_again(gateway: Gateway, rasa: FakeRasa) -> None:
    page = await gateway.worker()
    await page.settle()
    spoiled = _spoil(gateway, "PRAGMA query_only=ON")
    await page.say("累", "e1")
    error = await page.wait_for("error")
    assert (error["code"], error["external_id"]) == ("storage", "e1")
    assert all(number in error["message"] for number in ("120", "110", "12356"))
    assert _count(gateway) == [0, 0, 0, 0]
    assert rasa.asked == []
    _mend(spoiled)
    await page.say("累", "e1")
    await page.wait_for("stored", external_id="e1")
    await page.wait_for("message", author="bot")
    assert len(rasa.asked) == 1


async def test_a_crisis_text_that_cannot_be_stored_still_gets_the_fixed_words(gateway: Gateway, rasa: FakeRasa) -> None:
    page = await gateway.worker()
    await page.settle()
    spoiled = _spoil(gateway, "PRAGMA query_only=ON")
    await page.say("我想自杀", "e1")
    error = await page.wait_for("error")
    assert (error["code"], error["external_id"]) == ("storage", "e1")
    assert "120" in error["message"]
    assert "12356" in error["message"]
    _mend(spoiled)
    await page.say("我想自杀", "e1")
    await page.wait_for("message", author="safety")
    assert gateway.read(lambda session: list(session.scalars(select(Alert.level)))) == ["high"]


async def test_cannot_say_hello_if_the_database_refuses_and_the_page_is_told_to_come_back(gateway: Gateway) -> None:
    token = await gateway.token()
    spoiled = _spoil(gateway, "PRAGMA query_only=ON")
    page = await gateway.open()
    await page.send(type="hello", protocol=1, after=0, timezone="Asia/Shanghai", token=token)
    assert await page.end() == 1013
    assert [(frame["type"], frame["code"]) for frame in page.frames] == [("error", "storage")]
    _mend(spoiled)
    await gateway.worker(token)


async def test_an_answer_that_cannot_be_stored_is_made_up_for_after_the_restart(
    make_gateway: MakeGateway, rasa: FakeRasa
) -> None:
    gateway = await make_gateway()
    token = await gateway.token()
    page = await gateway.worker(token)
    spoiled: list[Spoiled] = []

    async def answer(body: dict[str, Any]) -> web.StreamResponse:
        spoiled.append(_spoil(gateway, "PRAGMA query_only=ON"))
        return turn_of({"text": "存不下的回答"})

    rasa.answer = answer
    await page.say("累", "e1")
    await page.wait_for("stored")
    await page.wait_for("typing", active=True)
    while not spoiled:
        await page.settle()
    await gateway.stop()
    _mend(spoiled[0])
    assert gateway.read(_messages) == [("worker", "累", "asked")]
    again = await make_gateway()
    back = await again.worker(token)
    assert _is_safe_line(
        back.messages("bot")[0]["text"] if back.messages("bot") else (await back.wait_for("message", author="bot"))["text"]
    )
    assert len(rasa.asked) == 1


def _leave_behind(gateway: Gateway, text: str, *, is_asked: bool) -> str:
    """A message that a gateway stored, and perhaps sent to Rasa, before it was killed; gives the worker's token."""
    signer_token = ""
    with make_root(gateway.settings) as root:
        from bot.channels.session import SessionSigner

        signer_token = SessionSigner("s" * 32).fresh()
        worker_id = SessionSigner("s" * 32).read(signer_token).worker_id
        now = dt.datetime.now(dt.timezone.utc) - dt.timedelta(minutes=3)
        root.call(workers.ensure, worker_id, 0, "Asia/Shanghai", now)
        conversation_id = root.call(workers.conversation_of, worker_id, "web", now)
        root.call(workers.grant, worker_id, "2026-11", None, now)
        from fakes import finding_of

        inbound = Inbound(conversation_id, worker_id, "web", "left", text)
        stored = root.call(conversations.receive, inbound, finding_of(text), care(), "Asia/Shanghai", now)
        if is_asked:
            assert root.call(conversations.claim, stored.message.id, now)
    return signer_token


async def _thread_after_restart(gateway: Gateway, token: str, bubbles: int) -> list[tuple[str, str]]:
    page = await gateway.open()
    await page.hello(token=token)
    while len(page.messages()) < bubbles:
        await page.wait_for("message")
    await page.settle()
    in_order = sorted(page.messages(), key=lambda message: message["event"])  # a live one may overtake the replay
    return [(message["author"], message["text"]) for message in in_order]


async def test_a_message_stored_before_the_gateway_was_killed_is_answered_once_after_the_restart(
    make_gateway: MakeGateway, rasa: FakeRasa
) -> None:
    stopped = await make_gateway()
    await stopped.stop()
    token = _leave_behind(stopped, "没来得及回的话", is_asked=False)
    for _ in range(2):
        gateway = await make_gateway()
        assert await _thread_after_restart(gateway, token, 2) == [
            ("worker", "没来得及回的话"),
            ("bot", "听到了：没来得及回的话"),
        ]
        await gateway.stop()
    assert rasa.texts() == ["没来得及回的话"]


async def test_a_message_asked_before_the_gateway_was_killed_gets_the_safe_line_once_and_rasa_is_not_asked_again(
    make_gateway: MakeGateway, rasa: FakeRasa
) -> None:
    stopped = await make_gateway()
    await stopped.stop()
    token = _leave_behind(stopped, "问到一半的话", is_asked=True)
    shown = []
    for _ in range(2):
        gateway = await make_gateway()
        shown.append(await _thread_after_restart(gateway, token, 2))
        await gateway.stop()
    assert shown[0] == shown[1]
    assert [author for author, _ in shown[0]] == ["worker", "bot"]
    assert _is_safe_line(shown[0][1][1])
    assert rasa.asked == []


async def test_a_crisis_message_asked_before_the_kill_has_its_fixed_words_and_gets_nothing_weaker(
    make_gateway: MakeGateway, rasa: FakeRasa
) -> None:
    stopped = await make_gateway()
    await stopped.stop()
    token = _leave_behind(stopped, "我想自杀", is_asked=True)
    gateway = await make_gateway()
    for _ in range(200):
        if gateway.read(_messages)[0][2] == "answered":
            break
        await gateway.token()
    kept = [
        each for each in gateway.read(_messages) if each[0] != "system"
    ]  # nobody on duty, and late already, is said beside it
    assert kept[0] == ("worker", "我想自杀", "answered")
    assert [(author, state) for author, _, state in kept[1:]] == [("safety", None)] * 3
    shown = await _thread_after_restart(gateway, token, 5)
    assert [each for each in shown if each[0] != "system"] == [(author, text) for author, text, _ in kept]
    assert rasa.asked == []


async def test_after_a_restart_rasa_is_told_the_whole_finding_of_a_message_left_behind(
    make_gateway: MakeGateway, rasa: FakeRasa
) -> None:
    stopped = await make_gateway()
    await stopped.stop()
    _leave_behind(stopped, "他要自杀", is_asked=False)
    await make_gateway()
    await asyncio.wait_for(rasa.called.wait(), 5)
    assert rasa.asked[0]["metadata"]["risk"] == {"level": "high", "subject": "other", "kind": "suicide", "cues": []}


async def test_a_gateway_that_stops_lets_the_turn_under_way_come_to_its_end(make_gateway: MakeGateway, rasa: FakeRasa) -> None:
    let_go = asyncio.Event()

    async def answer(body: dict[str, Any]) -> web.StreamResponse:
        await let_go.wait()
        return turn_of({"text": "说完再走"})

    rasa.answer = answer
    gateway = await make_gateway()
    page = await gateway.worker()
    await page.say("累", "e1")
    await asyncio.wait_for(rasa.called.wait(), 5)
    stopping = asyncio.ensure_future(gateway.server.close())
    assert await page.end() == 1001
    let_go.set()
    await asyncio.wait_for(stopping, 5)
    assert [text for _, text, _ in gateway.read(_messages)] == ["累", "说完再走"]


async def test_an_erased_worker_is_signed_out_everywhere(gateway: Gateway, rasa: FakeRasa) -> None:
    token = await gateway.token()
    one, two = await gateway.worker(token), await gateway.worker(token)
    await one.say("要删掉的话", "e1")
    await two.wait_for("message", author="bot")
    headers = {"Origin": gateway.origin, "Authorization": f"Bearer {token}"}
    async with gateway.http.delete(gateway.url("/api/me"), headers=headers) as response:
        assert (response.status, await response.json()) == (200, {"erased": True})
    assert [await one.end(), await two.end()] == [4401, 4401]
    back = await gateway.open()
    await back.send(type="hello", protocol=1, after=0, timezone="Asia/Shanghai", token=token)
    assert await back.end() == 4401
    assert gateway.app[HUB].count == 0
    assert [text for _, text, _ in gateway.read(_messages)] == ["", ""]
    async with gateway.http.get(gateway.url("/api/me/export"), headers=headers) as response:
        assert response.status == 401
