"""What a worker writes is in no log record, whatever happens to it on its way through the gateway."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from aiohttp import web
from fakes import FakeRasa, turn_of
from ground import MakeGateway

from bot.logs import _JsonLines

WORD = "木棉花开那天我没去上班"


def _written(caplog: pytest.LogCaptureFixture) -> str:
    """All that a handler could write of the records: message, arguments, and traceback."""
    formatter = logging.Formatter("%(name)s %(message)s")
    return "\n".join(f"{formatter.format(record)} {record.args!r}" for record in caplog.records)


async def test_a_marked_sentence_is_in_no_log_record(
    make_gateway: MakeGateway, rasa: FakeRasa, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    gateway = await make_gateway(RASA_TIMEOUT_SECONDS="1", LOG_LEVEL="DEBUG")

    async def offer(body: dict[str, Any]) -> web.StreamResponse:
        return turn_of({"text": f"你说{body['message']}", "buttons": [{"title": WORD, "payload": f"/say{WORD}"}]})

    async def fail(body: dict[str, Any]) -> web.StreamResponse:
        return web.json_response({"error": body["message"], "messages": [WORD]}, status=500)

    async def odd(body: dict[str, Any]) -> web.StreamResponse:
        return web.json_response({"messages": [body["message"]]})

    rasa.answer = offer
    token = await gateway.token()
    page = await gateway.open()
    await page.hello(token=token)
    await page.send(type="consent", version="2026-11", nickname=WORD)
    await page.say(WORD, "e1")
    offered = await page.wait_for("message", author="bot")
    await page.send(type="choice", external_id="e2", message_id=offered["id"], index=0)
    await page.wait_for("message", author="bot")
    for number, answer in enumerate((fail, odd)):
        rasa.answer = answer
        await page.say(f"{WORD}自杀" if number else WORD, f"f{number}")
        await page.wait_for("typing", active=False)
    await page.socket.send_str(f'{{"type": "message", "text": "{WORD}"')
    await page.socket.send_str(json.dumps({"type": WORD}))
    await page.socket.send_str(json.dumps({"type": "message", "external_id": "e9", "text": WORD * 500}))
    await page.send(type="choice", external_id=WORD, message_id=1, index=0)
    await page.settle()
    headers = {"Authorization": f"Bearer {token}", "Origin": gateway.origin}
    for path in ("/api/me/export", f"/{WORD}", f"/api/hotlines?timezone={WORD}"):
        (await gateway.http.get(gateway.url(path), headers=headers)).release()
    (await gateway.http.delete(gateway.url("/api/me"), headers=headers)).release()
    await gateway.stop()

    assert any(record.name.startswith("bot.") for record in caplog.records), "the gateway did log something"
    assert WORD[:6] not in _written(caplog)
    assert json.dumps(WORD[:6]).strip('"') not in _written(caplog)
    printed = capfd.readouterr()
    assert WORD[:6] not in printed.out + printed.err


def test_a_log_line_is_json_with_the_class_of_an_error_and_not_its_words() -> None:
    try:
        raise ValueError(WORD)
    except ValueError:
        import sys

        record = logging.LogRecord("bot.x", logging.ERROR, __file__, 1, "turn %s failed", (7,), sys.exc_info())
    line = json.loads(_JsonLines().format(record))
    assert (line["level"], line["logger"], line["message"], line["error"]) == ("ERROR", "bot.x", "turn 7 failed", "ValueError")
    assert WORD not in str(line)
