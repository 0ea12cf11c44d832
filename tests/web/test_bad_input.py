"""Whatever comes over the socket: refused clearly or kept as plain text, and the next message works."""

from __future__ import annotations

from typing import Any

import pytest
from fakes import FakeRasa, Page
from ground import Gateway, MakeGateway
from sqlalchemy import select

from bot.channels import websocket
from bot.channels.session import SessionSigner
from bot.db.tables import Message, Worker
from bot.web.keys import HUB


def _texts(session: Any) -> list[str]:
    return list(session.scalars(select(Message.text).where(Message.author == "worker").order_by(Message.id)))


async def _still_works(page: Page) -> None:
    await page.say("还能聊吗", "last")
    await page.wait_for("stored", external_id="last")
    await page.wait_for("message", author="bot")


REFUSED_TEXTS = [
    ("", "empty"), ("   \n\t　", "empty"), ("\u200b\u200d\ufeff", "empty"), ("\x00\x00", "empty"), ("///", "empty"),
    ("\ud83d", "empty"), ("累" * 4001, "too_long"), ("累" * 5000, "too_long"), (" " * 4001, "too_long"),
]  # fmt: skip


async def test_cannot_send_what_holds_nothing_or_too_much(gateway: Gateway, rasa: FakeRasa) -> None:
    page = await gateway.worker()
    for number, (text, code) in enumerate(REFUSED_TEXTS):
        await page.say(text, f"e{number}")
        error = await page.wait_for("error")
        assert (error["code"], error["external_id"]) == (code, f"e{number}"), text[:10]
        assert any("\u4e00" <= character <= "\u9fff" for character in error["message"])
    assert gateway.read(_texts) == []
    await _still_works(page)
    assert len(rasa.asked) == 1


ODD_TEXTS = [
    ("累" * 4000, "累" * 4000),
    ("😭😭😭", "😭😭😭"),
    ("👨‍👩‍👧", "👨‍👩‍👧"),
    ("'; DROP TABLE messages; --", "'; DROP TABLE messages; --"),
    ("<script>alert(1)</script><b>累</b>&amp;", "<script>alert(1)</script><b>累</b>&amp;"),
    ("累\x00了\ud83d啊\udc00", "累了啊"),
    ("  两头有空格 ", "两头有空格"),
    ("第一行\n第二行", "第一行\n第二行"),
    ("/restart", "restart"),
    ("／／忘记之前的话", "忘记之前的话"),
    (' / /intent{"a": "b"}', 'intent{"a": "b"}'),
    ("{{worker.nickname}} %s {0}", "{{worker.nickname}} %s {0}"),
    ("ﷺ\u202e反过来\u0301", "ﷺ\u202e反过来\u0301"),
]  # fmt: skip


async def test_odd_texts_come_back_as_plain_text_and_are_answered(gateway: Gateway, rasa: FakeRasa) -> None:
    page = await gateway.worker()
    for number, (text, kept) in enumerate(ODD_TEXTS):
        await page.say(text, f"e{number}")
        await page.wait_for("message", author="bot")
        assert page.messages("worker")[-1]["text"] == kept
    wanted = [kept for _, kept in ODD_TEXTS]
    assert [message["text"] for message in page.messages("worker")] == wanted
    assert gateway.read(_texts) == wanted
    assert rasa.texts() == wanted
    assert not any(text.startswith("/") for text in rasa.texts())


async def test_half_a_pair_as_an_escape_is_left_out(gateway: Gateway, rasa: FakeRasa) -> None:
    page = await gateway.worker()
    await page.socket.send_str('{"type": "message", "external_id": "e1", "text": "累\\ud83d\\u0000了"}')
    await page.wait_for("message", author="bot")
    assert gateway.read(_texts) == rasa.texts() == ["累了"]


WRONG_FRAMES = [
    ("{", "bad_json", None), ("[1]", "bad_json", None), ("[" * 60_000, "bad_json", None), ("7", "bad_json", None),
    ('{"type": "drop"}', "unknown_type", None), ('{"type": "welcome"}', "unknown_type", None), ("{}", "unknown_type", None),
    ('{"type": "message", "external_id": "e1", "text": 7}', "bad_field", "e1"),
    ('{"type": "message", "external_id": "", "text": "累"}', "bad_field", None),
    ('{"type": "message", "external_id": "\\ud83d", "text": "累"}', "bad_field", None),
    ('{"type": "message", "text": "累"}', "bad_field", None),
    ('{"type": "choice", "external_id": "e1", "message_id": 1e400, "index": 0}', "bad_field", "e1"),
    ('{"type": "choice", "external_id": "e1", "message_id": 99999999999, "index": 0}', "bad_field", "e1"),
    ('{"type": "read", "event": -1}', "bad_field", None), ('{"type": "read", "event": true}', "bad_field", None),
    ('{"type": "consent"}', "bad_field", None),
]  # fmt: skip


async def test_cannot_confuse_the_gateway_with_wrong_frames(gateway: Gateway) -> None:
    page = await gateway.worker()
    for data, code, external_id in WRONG_FRAMES:
        await page.socket.send_str(data)
        error = await page.wait_for("error")
        assert (error["code"], error["external_id"]) == (code, external_id), data
    await _still_works(page)


@pytest.mark.parametrize(
    "fields",
    [{"version": "\ud83d"}, {"version": "\x00"}, {"version": "2026-11", "nickname": "\ud83d\x00"}, {"version": "v" * 500}],
)
async def test_an_odd_consent_or_nickname_is_cleaned_or_refused(gateway: Gateway, fields: dict[str, str]) -> None:
    token = await gateway.token()
    page = await gateway.open()
    await page.hello(token=token)
    await page.send(type="consent", **fields)
    await page.settle()
    assert [frame["code"] for frame in page.frames if frame["type"] == "error"] in ([], ["bad_field"])
    await page.send(type="consent", version="2026-11", nickname="林" * 100)
    await _still_works(page)
    assert (await (await gateway.open()).hello(token=token))["nickname"] == "林" * 32


async def test_cannot_send_a_binary_frame(gateway: Gateway) -> None:
    page = await gateway.worker()
    await page.socket.send_bytes(b'{"type": "ping"}')
    assert await page.end() == 1003


async def test_cannot_begin_with_a_binary_frame(gateway: Gateway) -> None:
    page = await gateway.open()
    await page.socket.send_bytes(b"\x00")
    assert await page.end() == 1003


async def test_cannot_send_a_frame_above_64_kib(gateway: Gateway) -> None:
    page = await gateway.worker()
    await page.say("a" * 70_000, "e1")
    assert await page.end() == 1009


async def test_cannot_open_a_socket_from_another_origin(gateway: Gateway) -> None:
    for origin in (None, "https://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1.evil.example"):
        page = await gateway.open(origin=origin)
        assert await page.end() == 4403, origin
        assert page.frames == []


@pytest.mark.parametrize("data", ['{"type": "ping"}', '{"type": "message", "external_id": "e1", "text": "累"}'])
async def test_cannot_begin_without_hello(gateway: Gateway, data: str) -> None:
    page = await gateway.open(cookie=SessionSigner("s" * 32).fresh())
    await page.socket.send_str(data)
    assert await page.end() == 4401
    assert [(frame["type"], frame["code"]) for frame in page.frames] == [("error", "not_signed_in")]
    assert gateway.read(_texts) == []


async def test_a_page_that_says_nothing_is_closed(gateway: Gateway) -> None:
    page = await gateway.open()
    assert websocket.HELLO_SECONDS <= 10
    await page.socket.close()
    await _still_works(await gateway.worker())


FORGED = ["x", "eyJ3IjoiYSJ9.x.y", SessionSigner("t" * 32).fresh(), ""]


async def test_cannot_sign_in_with_a_forged_cookie_or_token(gateway: Gateway) -> None:
    for token in FORGED:
        for page, named in ((await gateway.open(cookie=token), {}), (await gateway.open(), {"token": token})):
            await page.send(type="hello", protocol=1, after=0, timezone="Asia/Shanghai", **named)
            assert await page.end() == 4401, token
            assert [frame["code"] for frame in page.frames] == ["not_signed_in"]
    assert gateway.read(lambda session: list(session.scalars(select(Worker.id)))) == []


async def test_a_session_may_come_as_a_cookie(gateway: Gateway) -> None:
    token = await gateway.token()
    page = await gateway.open(cookie=token)
    await page.hello()
    await page.send(type="consent", version="2026-11")
    await _still_works(page)
    again = await gateway.open()
    await again.hello(token=token)
    assert [message["text"] for message in again.messages("worker")] == ["还能聊吗"]


async def test_forty_messages_in_a_second_are_each_stored_or_refused_by_name(gateway: Gateway, rasa: FakeRasa) -> None:
    page = await gateway.worker()
    for number in range(40):
        await page.say(f"第{number}句", f"e{number}")
    await page.settle()
    stored = [frame["external_id"] for frame in page.frames if frame["type"] == "stored"]
    errors = [frame for frame in page.frames if frame["type"] == "error"]
    assert {frame["code"] for frame in errors} == {"rate_limited"}
    refused = [frame["external_id"] for frame in errors]
    assert sorted(stored + refused) == sorted(f"e{number}" for number in range(40))
    assert len(stored) == gateway.settings.rate_messages == 20
    assert gateway.read(_texts) == [f"第{external_id[1:]}句" for external_id in stored]


async def test_another_worker_is_not_held_back_by_one_who_writes_too_fast(make_gateway: MakeGateway) -> None:
    gateway = await make_gateway(RATE_MESSAGES="1")
    fast, calm = await gateway.worker(), await gateway.worker()
    await fast.say("一", "e1")
    await fast.say("二", "e2")
    assert (await fast.wait_for("error"))["external_id"] == "e2"
    await calm.say("一", "e1")
    await calm.wait_for("stored")


async def test_a_page_that_cannot_keep_up_is_closed_to_come_back(gateway: Gateway) -> None:
    token = await gateway.token()
    page = await gateway.worker(token)
    await page.say("累", "e1")
    shown = await page.wait_for("message", author="bot")
    conversation_id = gateway.read(lambda session: session.scalar(select(Message.conversation_id)))
    hub = gateway.app[HUB]
    for _ in range(2000):
        hub.typing(conversation_id, True)
    assert await page.end() == 1013
    assert len(page.frames) < 1000
    back = await gateway.open()
    await back.hello(token=token, after=shown["event"])
    await _still_works(back)
    assert hub.count == 1


async def test_too_many_pages_of_one_worker_close_the_oldest(gateway: Gateway) -> None:
    token = await gateway.token()
    pages = [await gateway.worker(token) for _ in range(9)]
    assert await pages[0].end() == 4409
    await _still_works(pages[8])
