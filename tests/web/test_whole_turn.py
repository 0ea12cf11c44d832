"""A message from the page to Rasa and back, over a real socket, with what stands in the database afterwards."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web
from fakes import UNDERSTANDING, FakeRasa, turn_of
from ground import Gateway, MakeGateway
from sqlalchemy import select

from bot.db.tables import Alert, Message, RiskAssessment, UnderstandingRow
from bot.services import alerts, threads
from bot.web.keys import SOCKET

HOTLINES = ("120", "110", "12356")


def _rows(table: Any) -> Any:
    return lambda session: list(session.scalars(select(table).order_by(*table.__table__.primary_key)))


async def test_a_message_is_stored_answered_and_shown_in_order(gateway: Gateway, rasa: FakeRasa) -> None:
    page = await gateway.worker()
    await page.say("最近天天加班到十一点，感觉撑不住", "e1")
    reply = await page.wait_for("message", author="bot")
    (own,), (stored,) = page.messages("worker"), [frame for frame in page.frames if frame["type"] == "stored"]
    assert (own["text"], own["external_id"]) == ("最近天天加班到十一点，感觉撑不住", "e1")
    assert stored == {"type": "stored", "external_id": "e1", "id": own["id"], "event": own["event"]}
    assert reply["event"] > own["event"]
    assert reply["external_id"] is None
    await page.wait_for("typing", active=False)
    assert [frame["active"] for frame in page.frames if frame["type"] == "typing"] == [True, False]
    (asked,) = rasa.asked
    assert asked["message"] == "最近天天加班到十一点，感觉撑不住"
    assert asked["metadata"]["message_id"] == own["id"]
    assert asked["metadata"]["risk"] == {"level": "none", "subject": "none", "kind": "none", "cues": []}
    assert len(asked["metadata"]["vector"]) == 1024

    worker, bot = gateway.read(_rows(Message))
    assert (worker.author, worker.turn_state, worker.external_id) == ("worker", "answered", "e1")
    assert (bot.author, bot.text, bot.in_reply_to) == ("bot", reply["text"], worker.id)
    (row,) = gateway.read(_rows(UnderstandingRow))
    assert (row.message_id, row.intent, row.confidence, row.entities, row.model) == (
        worker.id, UNDERSTANDING["intent"], UNDERSTANDING["confidence"], UNDERSTANDING["entities"], UNDERSTANDING["model"],
    )  # fmt: skip
    (risk,) = gateway.read(_rows(RiskAssessment))
    assert (risk.message_id, risk.level, risk.lexicon_version) == (worker.id, "none", "fake")


async def test_rasa_knows_a_worker_only_by_the_opaque_thread(gateway: Gateway, rasa: FakeRasa) -> None:
    token = await gateway.token()
    page = await gateway.worker(token)
    await page.say("累", "e1")
    await page.wait_for("message", author="bot")
    (message, _) = gateway.read(_rows(Message))
    assert rasa.asked[0]["sender"] == message.conversation_id
    assert rasa.asked[0]["sender"] not in token


async def test_the_welcome_tells_what_stays_between_us_and_that_this_is_a_program(gateway: Gateway) -> None:
    token = await gateway.token()
    page = await gateway.open()
    welcome = await page.hello(token=token)
    assert (welcome["protocol"], welcome["consent_required"], welcome["nickname"], welcome["unread"], welcome["resumed"]) == (
        1, True, None, 0, False,
    )  # fmt: skip
    assert "我是程序，不是真人" in "".join(welcome["notice"]["text"])
    await page.send(type="consent", version=welcome["notice"]["version"], nickname="  小林  ")
    await page.settle()
    again = await (await gateway.open()).hello(token=token)
    assert (again["consent_required"], again["nickname"]) == (False, "小林")


async def test_buttons_show_titles_and_send_payloads(gateway: Gateway, rasa: FakeRasa) -> None:
    async def offer(body: dict[str, Any]) -> web.StreamResponse:
        buttons = [
            {"title": "做个放松练习", "payload": "/start_exercise"},
            {"title": "就想说说", "payload": '/just_listen{"a": 1}'},
        ]
        return turn_of({"text": "想怎么来？", "buttons": buttons})

    rasa.answer = offer
    page = await gateway.worker()
    await page.say("累", "e1")
    asked = await page.wait_for("message", author="bot")
    assert asked["buttons"] == ["做个放松练习", "就想说说"]
    await page.send(type="choice", external_id="e2", message_id=asked["id"], index=1)
    chosen = await page.wait_for("message", author="worker", external_id="e2")
    await page.wait_for("message", author="bot")
    assert chosen["text"] == "就想说说"
    assert rasa.texts() == ["累", '/just_listen{"a": 1}']
    assert "/just_listen" not in str([frame for frame in page.frames if frame["type"] == "message"])


@pytest.mark.parametrize(
    ("message_id", "index"), [(0, 2), (999, 0), (-1, 0)], ids=["no such index", "no such message", "own message"]
)
async def test_cannot_choose_what_is_not_offered(gateway: Gateway, rasa: FakeRasa, message_id: int, index: int) -> None:
    async def offer(body: dict[str, Any]) -> web.StreamResponse:
        return turn_of(
            {"text": "想怎么来？", "buttons": [{"title": "好", "payload": "/affirm"}, {"title": "不", "payload": "/deny"}]}
        )

    rasa.answer = offer
    page = await gateway.worker()
    await page.say("累", "e1")
    offered = (await page.wait_for("message", author="bot"))["id"]
    await page.send(type="choice", external_id="e2", message_id=offered + message_id, index=index)
    error = await page.wait_for("error")
    assert (error["code"], error["external_id"]) == ("bad_field", "e2")
    assert len(rasa.asked) == 1


async def test_cannot_press_a_button_in_another_workers_thread(gateway: Gateway, rasa: FakeRasa) -> None:
    async def offer(body: dict[str, Any]) -> web.StreamResponse:
        return turn_of({"text": "想怎么来？", "buttons": [{"title": "好", "payload": "/affirm"}]})

    rasa.answer = offer
    mine, other = await gateway.worker(), await gateway.worker()
    await mine.say("累", "e1")
    offered = (await mine.wait_for("message", author="bot"))["id"]
    await other.send(type="choice", external_id="e2", message_id=offered, index=0)
    assert (await other.wait_for("error"))["code"] == "bad_field"
    assert len(rasa.asked) == 1


async def test_a_card_reaches_the_page_and_a_wish_for_a_person_raises_an_alert(gateway: Gateway, rasa: FakeRasa) -> None:
    breathing = {"kind": "breathing", "inhale": 4, "hold": 7, "exhale": 8, "rest": 0, "rounds": 3}

    async def answer(body: dict[str, Any]) -> web.StreamResponse:
        return turn_of({"text": "一起慢慢呼吸"}, {"custom": breathing}, {"custom": {"kind": "handoff"}})

    rasa.answer = answer
    page = await gateway.worker()
    await page.say("想找真人聊", "e1")
    reply = await page.wait_for("message", author="bot")
    assert (reply["text"], reply["custom"]) == ("一起慢慢呼吸", breathing)
    await page.settle()
    assert len(page.messages("bot")) == 1
    assert [line.reason for line in gateway.read(alerts.list_open)] == ["asked_for_person"]


async def test_messages_of_one_worker_reach_rasa_one_by_one_and_in_order(gateway: Gateway, rasa: FakeRasa) -> None:
    running, most = 0, 0
    let_go = asyncio.Event()

    async def answer(body: dict[str, Any]) -> web.StreamResponse:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await let_go.wait()
        running -= 1
        return turn_of({"text": f"答{body['message']}"})

    rasa.answer = answer
    page = await gateway.worker()
    for number in range(4):
        await page.say(f"第{number}句", f"e{number}")
        await page.wait_for("stored")
    let_go.set()
    for number in range(4):
        await page.wait_for("message", author="bot", text=f"答第{number}句")
    assert rasa.texts() == ["第0句", "第1句", "第2句", "第3句"]
    assert most == 1


async def test_one_workers_slow_turn_holds_up_nobody_else(gateway: Gateway, rasa: FakeRasa) -> None:
    let_go = asyncio.Event()

    async def answer(body: dict[str, Any]) -> web.StreamResponse:
        if body["message"] == "慢":
            await let_go.wait()
        return turn_of({"text": f"答{body['message']}"})

    rasa.answer = answer
    slow, quick = await gateway.worker(), await gateway.worker()
    await slow.say("慢", "e1")
    await slow.wait_for("typing", active=True)
    await quick.say("快", "e1")
    await quick.wait_for("message", author="bot", text="答快")
    assert slow.messages("bot") == []
    let_go.set()
    await slow.wait_for("message", author="bot", text="答慢")


async def test_both_pages_of_a_worker_see_each_message_once_and_a_stranger_none(gateway: Gateway) -> None:
    token = await gateway.token()
    one, two, stranger = await gateway.worker(token), await gateway.worker(token), await gateway.worker()
    await one.say("从第一个页面说", "e1")
    await two.wait_for("message", author="bot")
    await two.say("从第二个页面说", "e2")
    await one.wait_for("message", author="bot")
    await one.wait_for("message", author="bot")
    for page in (one, two):
        await page.settle()
        texts = [message["text"] for message in page.messages()]
        assert sorted(texts) == sorted(
            ["从第一个页面说", "听到了：从第一个页面说", "从第二个页面说", "听到了：从第二个页面说"]
        )  # fmt: skip
    assert [frame["external_id"] for frame in two.frames if frame["type"] == "stored"] == ["e2"]
    await stranger.settle()
    assert stranger.messages() == []


async def test_a_page_that_comes_back_gets_what_it_missed_and_nothing_twice(gateway: Gateway, rasa: FakeRasa) -> None:
    token = await gateway.token()
    page = await gateway.worker(token)
    await page.say("第一句", "e1")
    seen = await page.wait_for("message", author="bot")
    let_go = asyncio.Event()

    async def answer(body: dict[str, Any]) -> web.StreamResponse:
        await let_go.wait()
        return turn_of({"text": "断线时的回答"})

    rasa.answer = answer
    await page.say("第二句", "e2")
    await page.wait_for("stored", external_id="e2")
    await page.socket.close()
    other = await gateway.worker(token)
    let_go.set()
    await other.wait_for("message", text="断线时的回答")

    back = await gateway.open()
    welcome = await back.hello(token=token, after=seen["event"])
    assert welcome["resumed"] is True
    assert [message["text"] for message in back.messages()] == ["第二句", "断线时的回答"]
    replayed = next(frame for frame in back.frames if frame["type"] == "replayed")
    assert replayed["event"] == back.messages()[-1]["event"]
    fresh = await gateway.open()
    await fresh.hello(token=token)
    assert [message["text"] for message in fresh.messages()] == ["第一句", "听到了：第一句", "第二句", "断线时的回答"]
    caught_up = await gateway.open()
    await caught_up.hello(token=token, after=replayed["event"])
    assert caught_up.messages() == []


async def test_a_message_sent_again_is_confirmed_again_and_shown_and_answered_once(gateway: Gateway, rasa: FakeRasa) -> None:
    token = await gateway.token()
    page = await gateway.worker(token)
    await page.say("累", "e1")
    reply = await page.wait_for("message", author="bot")
    await page.say("累", "e1")
    await page.wait_for("stored", external_id="e1")
    first, again = [frame for frame in page.frames if frame["type"] == "stored"]
    assert first == again
    back = await gateway.open()
    await back.hello(token=token, after=reply["event"])
    await back.say("累", "e1")
    await back.wait_for("stored", external_id="e1")
    await back.settle()
    assert back.messages() == []
    assert len(page.messages("worker")) == 1
    assert len(rasa.asked) == 1
    assert len(gateway.read(_rows(Message))) == 2


async def test_unread_counts_what_came_while_nobody_looked(gateway: Gateway) -> None:
    token = await gateway.token()
    page = await gateway.worker(token)
    for number in range(2):
        await page.say(f"第{number}句", f"e{number}")
        reply = await page.wait_for("message", author="bot")
        if number == 0:
            await page.send(type="read", event=reply["event"])
    await page.settle()
    assert (await (await gateway.open()).hello(token=token))["unread"] == 1


@pytest.mark.parametrize(("text", "level"), [("我想自杀", "high"), ("药已经吞了", "imminent")])
async def test_a_crisis_text_gets_the_fixed_reply_at_once_and_rasa_is_asked_after(
    gateway: Gateway, rasa: FakeRasa, text: str, level: str
) -> None:
    let_go = asyncio.Event()

    async def answer(body: dict[str, Any]) -> web.StreamResponse:
        await let_go.wait()
        return turn_of({"text": "在这儿陪着"})

    rasa.answer = answer
    page = await gateway.worker()
    await page.say(text, "e1")
    await page.wait_for("typing", active=True)
    said = page.messages("safety")
    assert 1 <= len(said) <= 3
    assert all(number in "".join(each["text"] for each in said) for number in ("120", "12356"))
    assert set(HOTLINES) <= {line["number"] for line in said[-1]["custom"]["lines"]}
    (alert,) = gateway.read(_rows(Alert))
    assert (alert.level, alert.subject, alert.kind, alert.acknowledged_at) == (level, "self", "suicide", None)
    let_go.set()
    await page.wait_for("message", text="在这儿陪着")
    assert rasa.asked[0]["metadata"]["risk"] == {"level": level, "subject": "self", "kind": "suicide", "cues": ["plain_word"]}


async def test_a_second_crisis_text_gets_other_words(gateway: Gateway) -> None:
    page = await gateway.worker()
    for number in range(2):
        await page.say("我想自杀", f"e{number}")
        await page.wait_for("message", author="bot")
    texts = [message["text"] for message in page.messages("safety")]
    assert len(texts) == len(set(texts))
    assert len(gateway.read(_rows(Alert))) == 2


async def test_a_worker_abroad_gets_the_numbers_of_that_place(gateway: Gateway) -> None:
    page = await gateway.open()
    await page.hello(token=await gateway.token(), timezone="Asia/Tokyo")
    await page.say("我想自杀", "e1")
    await page.wait_for("message", author="bot")
    said = page.messages("safety")
    assert "119" in "".join(each["text"] for each in said)
    assert [line["number"] for line in said[-1]["custom"]["lines"]][:2] == ["119", "110"]


async def test_cannot_chat_before_consent_but_a_crisis_is_answered(gateway: Gateway, rasa: FakeRasa) -> None:
    page = await gateway.open()
    await page.hello(token=await gateway.token())
    await page.say("累", "e1")
    error = await page.wait_for("error")
    assert (error["code"], error["external_id"]) == ("consent_required", "e1")
    assert gateway.read(_rows(Message)) == []
    await page.say("我想自杀", "e2")
    await page.wait_for("stored", external_id="e2")
    await page.wait_for("message", author="bot")
    assert page.messages("safety")
    assert len(gateway.read(_rows(Alert))) == 1
    await page.send(type="consent", version="2026-11")
    await page.say("累", "e1")
    await page.wait_for("stored", external_id="e1")
    assert rasa.texts()[0] == "我想自杀"


async def test_what_a_slow_screen_finds_later_is_said_and_alerted_then(gateway: Gateway) -> None:
    from fakes import finding_of

    late = asyncio.get_running_loop().create_future()
    gateway.screen.late["看着平常的一句"] = late
    page = await gateway.worker()
    await page.say("看着平常的一句", "e1")
    await page.wait_for("message", author="bot")
    assert page.messages("safety") == []
    late.set_result(finding_of("我想自杀"))
    await page.wait_for("message", author="safety")
    assert [alert.level for alert in gateway.read(_rows(Alert))] == ["high"]


async def test_replies_are_noted_as_delivered(gateway: Gateway) -> None:
    page = await gateway.worker()
    await page.say("累", "e1")
    await page.wait_for("message", author="bot")
    await page.settle()
    await gateway.app[SOCKET].close()
    worker, bot = gateway.read(_rows(Message))
    assert bot.delivered_at is not None
    assert worker.delivered_at is None


async def test_after_a_long_stretch_the_page_says_again_that_this_is_a_program(make_gateway: MakeGateway) -> None:
    import datetime as dt

    from sqlalchemy import update

    from bot.bootstrap import make_root
    from bot.db.tables import Worker

    gateway = await make_gateway(CONSENT_REMINDER_SECONDS="7200")
    page = await gateway.worker()
    await page.say("第一句", "e1")
    await page.wait_for("message", author="bot")
    assert page.messages("system") == []

    def go_back(session: Any) -> None:
        begun = dt.datetime.now(dt.timezone.utc) - dt.timedelta(hours=2, minutes=1)
        session.execute(update(Worker).values(active_since=begun))
        session.commit()

    with make_root(gateway.settings) as root:
        root.call(go_back)
    for number in (2, 3):
        await page.say("又一句", f"e{number}")
        await page.wait_for("message", author="bot")
    assert [("程序" in message["text"]) for message in page.messages("system")] == [True]


async def test_the_thread_stands_in_the_database_as_it_was_shown(gateway: Gateway) -> None:
    page = await gateway.worker()
    for number in range(3):
        await page.say(f"第{number}句", f"e{number}")
        await page.wait_for("message", author="bot")
    conversation_id = gateway.read(_rows(Message))[0].conversation_id
    shown = [(message["id"], message["event"], message["text"]) for message in page.messages()]
    assert shown == [(each.id, each.event, each.text) for each in gateway.read(threads.thread, conversation_id, 0)]
