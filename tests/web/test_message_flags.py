"""A worker's thumbs down over the socket, and a counsellor's word that a message was taken wrongly."""

from __future__ import annotations

import pytest
from console_ground import Staff, ask_for_human
from fakes import Page
from ground import Gateway
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.studio_tables import MessageFlag


def _flags(session: Session) -> list[tuple[int, str, str]]:
    query = select(MessageFlag.message_id, MessageFlag.kind, MessageFlag.flagged_by).order_by(MessageFlag.id)
    return list(session.execute(query).tuples())


@pytest.fixture
async def worker(gateway: Gateway) -> Page:
    page = await gateway.worker()
    await page.say("哪儿能修手机", "w1")
    await page.wait_for("message", author="bot")
    return page


async def test_thumbs_down_on_a_bubble_is_kept_once_about_the_message_it_answers(gateway: Gateway, worker: Page) -> None:
    asked, answered = worker.messages("worker")[-1]["id"], worker.messages("bot")[-1]["id"]
    for _ in range(2):
        await worker.send(type="flag", message_id=answered)
        assert await worker.wait_for("flagged") == {"type": "flagged", "message_id": answered}
    assert gateway.read(_flags) == [(asked, "thumbs_down", "")]


async def test_thumbs_down_on_ones_own_words_or_anothers_thread_is_refused(gateway: Gateway, worker: Page) -> None:
    other = await gateway.worker()
    await other.say("食堂在哪", "o1")
    await other.wait_for("message", author="bot")
    for message_id in (worker.messages("worker")[-1]["id"], other.messages("bot")[-1]["id"], 99_999):
        await worker.send(type="flag", message_id=message_id)
        assert (await worker.wait_for("error"))["message"]
    for odd in ("1", None, -1, 10**30):
        await worker.send(type="flag", message_id=odd)
        assert (await worker.wait_for("error"))["code"] == "bad_field"
    assert gateway.read(_flags) == []


async def test_a_counsellor_flags_a_message_of_an_own_case_once(gateway: Gateway, worker: Page) -> None:
    lin, wen = Staff(gateway, "lin"), Staff(gateway, "wen")
    case_id = await ask_for_human(gateway, worker)
    await lin.post(f"cases/{case_id}/accept")
    asked, answered = worker.messages("worker")[-1]["id"], worker.messages("bot")[-1]["id"]
    assert await lin.post(f"cases/{case_id}/flags", message_id=asked) == {}
    assert await lin.post(f"cases/{case_id}/flags", message_id=asked) == {}
    assert (await lin.call("POST", f"cases/{case_id}/flags", message_id=answered)).status == 404
    assert (await wen.call("POST", f"cases/{case_id}/flags", message_id=asked)).status == 404
    assert gateway.read(_flags) == [(asked, "misread", "lin")]
