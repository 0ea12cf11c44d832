"""The console's web socket: signed in or ended, the queue first, then every change to whom it concerns and to nobody else."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from console_ground import Staff, ask_for_human
from fakes import Page
from ground import Gateway, MakeGateway

from bot.domain.risk import RiskLevel
from bot.services import accounts
from bot.web.keys import CONSOLE, FEED, ROOT


@pytest.fixture
async def worker(gateway: Gateway) -> Page:
    page = await gateway.worker()
    await page.say("我想找人说说话", "w1")
    await page.wait_for("message", author="bot")
    return page


async def _quiet(page: Page, gateway: Gateway) -> list[dict[str, Any]]:
    """What this console was told so far, once the feed has told everything."""
    await gateway.app[FEED].look()
    await page.settle()
    return page.frames


def _rows(page: Page) -> list[tuple[int, str]]:
    return [(frame["row"]["id"], frame["row"]["status"]) for frame in page.frames if frame["type"] == "row"]


async def test_without_a_session_it_says_ended_and_closes(gateway: Gateway) -> None:
    page = await (Staff(gateway, "lin")).socket(is_signed=False)
    assert await page.wait_for("ended")
    assert await page.end() == 4401


async def test_cannot_be_opened_from_another_origin(gateway: Gateway) -> None:
    page = await Staff(gateway, "lin").socket(origin="https://evil.example")
    assert await page.end() == 4403
    assert page.frames == []


@pytest.mark.parametrize(
    "first", [{"type": "queue"}, {"type": "present", "is_available": True}, {"type": "hello", "protocol": 1}]
)
async def test_cannot_begin_without_a_hello(gateway: Gateway, first: dict[str, Any]) -> None:
    page = await Staff(gateway, "lin").socket()
    await page.send(**first)
    assert await page.end() == 4408


async def test_it_welcomes_and_shows_the_queue_in_order(gateway: Gateway, worker: Page) -> None:
    ordinary = await ask_for_human(gateway, worker)
    other = await gateway.worker()
    await other.say("药已经吞了", "o1")
    await other.wait_for("stored")
    page = await Staff(gateway, "lin").console()
    welcome, queue = page.frames[0], page.frames[1]
    assert (welcome["type"], welcome["protocol"], welcome["me"]["shown_name"]) == ("welcome", 1, "lin老师")
    assert [row["level"] for row in queue["rows"]] == ["imminent", "none"]
    assert queue["rows"][1]["id"] == ordinary
    assert queue["event"] >= welcome["event"] > 0


async def test_a_crisis_rings_at_once_and_carries_no_word_of_the_worker(gateway: Gateway, worker: Page) -> None:
    page = await Staff(gateway, "lin").console()
    await worker.say("药已经吞了", "w2")
    alert = await page.wait_for("alert")
    row = next(frame["row"] for frame in page.frames if frame["type"] == "row")
    assert (alert["level"], alert["tier"], alert["case_id"]) == ("imminent", 0, row["id"])
    assert page.types().index("row") < page.types().index("alert")
    assert "药" not in str([frame for frame in page.frames if frame["type"] in ("row", "alert")])


async def test_what_rang_while_away_rings_again_once_after_the_reconnect(gateway: Gateway, worker: Page) -> None:
    lin = Staff(gateway, "lin")
    first = await lin.console()
    seen = first.frames[1]["event"]
    await first.socket.close()
    case_id = await ask_for_human(gateway, worker, RiskLevel.IMMINENT)
    again = await lin.console(after=seen)
    alert = await again.wait_for("alert", case_id=case_id)
    await again.settle()
    assert again.types().count("alert") == 1
    third = await lin.console(after=alert["event"])
    await third.settle()
    assert "alert" not in third.types()
    fresh = await lin.console()
    await fresh.settle()
    assert [frame["event"] for frame in fresh.frames if frame["type"] == "alert"] == [alert["event"]]


async def test_a_case_taken_by_another_is_gone_from_a_counsellor_and_stays_with_the_supervisor(
    gateway: Gateway, worker: Page
) -> None:
    lin, chen, zhou = Staff(gateway, "lin"), Staff(gateway, "chen"), Staff(gateway, "zhou", "supervisor")
    case_id = await ask_for_human(gateway, worker)
    of_lin, of_chen, of_zhou = await lin.console(), await chen.console(), await zhou.console()
    await of_chen.send(type="open", case_id=case_id, after=0)
    await of_chen.wait_for("message", text="我想找人说说话")
    await lin.post(f"cases/{case_id}/accept")
    assert (await _row(of_lin, "active"))["accepted_by"] == lin.id
    assert await _row(of_chen, "gone") == {"id": case_id, "status": "gone"}
    assert (await _row(of_zhou, "active"))["counsellor_name"] == "lin老师"
    await worker.say("这句只给接的人看", "w2")
    await of_lin.send(type="open", case_id=case_id, after=0)
    await of_lin.wait_for("message", text="这句只给接的人看")
    assert "这句只给接的人看" not in str(await _quiet(of_chen, gateway))
    assert "这句只给接的人看" not in str(await _quiet(of_zhou, gateway))


async def _row(page: Page, status: str) -> dict[str, Any]:
    while True:
        row: dict[str, Any] = (await page.wait_for("row"))["row"]
        if row["status"] == status:
            return row


@pytest.mark.parametrize("role", ["trainer", "clinician", "admin"])
async def test_without_case_rights_there_are_no_rows_and_no_bubbles(gateway: Gateway, worker: Page, role: str) -> None:
    case_id = await ask_for_human(gateway, worker)
    page = await Staff(gateway, "wu", role).console()
    assert page.frames[1]["rows"] == []
    await page.send(type="open", case_id=case_id, after=0)
    assert (await page.wait_for("error"))["code"] == "forbidden"
    await page.send(type="say", external_id="s1", case_id=case_id, text="让我来")
    assert (await page.wait_for("error", external_id="s1"))["code"] == "forbidden"
    await worker.say("药已经吞了", "w2")
    await worker.wait_for("stored", external_id="w2")
    assert {frame["type"] for frame in await _quiet(page, gateway)} == {"welcome", "queue", "error", "pong"}


async def test_a_bubble_reaches_the_worker_and_comes_back_with_its_signs(gateway: Gateway, worker: Page) -> None:
    lin = Staff(gateway, "lin")
    case_id = await ask_for_human(gateway, worker)
    await lin.post(f"cases/{case_id}/accept")
    page = await lin.console()
    await page.send(type="open", case_id=case_id, after=0)
    await page.send(type="say", external_id="s1", case_id=case_id, text="<b>我在</b>，你慢慢说")
    stored = await page.wait_for("stored", external_id="s1")
    shown = await worker.wait_for("message", author="counsellor", text="<b>我在</b>，你慢慢说")
    assert shown["id"] == stored["id"]
    own = next(frame for frame in await _quiet(page, gateway) if frame["type"] == "message" and frame["id"] == stored["id"])
    assert (own["author"], own["name"], own["external_id"], own["event"]) == ("counsellor", "lin老师", "s1", stored["event"])
    assert stored["id"] in (await _delivered(page, stored["id"]))["message_ids"]
    await worker.send(type="read", event=shown["event"])
    assert (await page.wait_for("seen", case_id=case_id))["event"] >= shown["event"]


async def _delivered(page: Page, message_id: int) -> dict[str, Any]:
    while True:
        frame = await page.wait_for("delivered")
        if message_id in frame["message_ids"]:
            assert dt.datetime.fromisoformat(frame["at"]).tzinfo is not None
            return frame


async def test_saying_it_twice_stores_and_shows_it_once(gateway: Gateway, worker: Page) -> None:
    lin = Staff(gateway, "lin")
    case_id = await ask_for_human(gateway, worker)
    await lin.post(f"cases/{case_id}/accept")
    page = await lin.console()
    for _ in range(2):
        await page.send(type="say", external_id="s1", case_id=case_id, text="我在")
    first, second = await page.wait_for("stored"), await page.wait_for("stored")
    assert first == second
    await worker.wait_for("message", text="我在")
    await _quiet(page, gateway)
    await worker.settle()
    assert [frame["text"] for frame in worker.messages("counsellor")].count("我在") == 1


async def test_cannot_speak_in_a_case_that_is_not_ones_own(gateway: Gateway, worker: Page) -> None:
    lin, chen = Staff(gateway, "lin"), Staff(gateway, "chen")
    case_id = await ask_for_human(gateway, worker)
    page = await chen.console()
    await page.send(type="say", external_id="s1", case_id=case_id, text="还没接就说话")
    assert (await page.wait_for("error", external_id="s1"))["code"] == "not_found"
    await lin.post(f"cases/{case_id}/accept")
    for kind in ({"type": "say", "external_id": "s2", "text": "别人的"}, {"type": "typing", "active": True}):
        await page.send(case_id=case_id, **kind)
        assert (await page.wait_for("error"))["code"] == "not_found"
    await page.send(type="open", case_id=case_id, after=0)
    assert (await page.wait_for("error"))["code"] == "not_found"
    assert [frame["text"] for frame in worker.messages("counsellor") if "别人的" in frame["text"]] == []


async def test_an_empty_or_endless_bubble_is_refused_by_name(gateway: Gateway, worker: Page) -> None:
    lin = Staff(gateway, "lin")
    case_id = await ask_for_human(gateway, worker)
    await lin.post(f"cases/{case_id}/accept")
    page = await lin.console()
    for external_id, text, code in (("s1", " ", "empty"), ("s2", "长" * 4001, "too_long")):
        await page.send(type="say", external_id=external_id, case_id=case_id, text=text)
        assert (await page.wait_for("error", external_id=external_id))["code"] == code


async def test_the_counsellors_typing_sign_shows_and_ends_with_a_broken_line(gateway: Gateway, worker: Page) -> None:
    lin = Staff(gateway, "lin")
    case_id = await ask_for_human(gateway, worker)
    await lin.post(f"cases/{case_id}/accept")
    page = await lin.console()
    await worker.settle()
    await page.send(type="typing", case_id=case_id, active=True)
    await worker.wait_for("typing", active=True)
    await page.socket.close()
    await worker.wait_for("typing", active=False)


async def test_the_workers_typing_sign_shows_to_who_follows(gateway: Gateway, worker: Page) -> None:
    lin, chen = Staff(gateway, "lin"), Staff(gateway, "chen")
    case_id = await ask_for_human(gateway, worker)
    page, other = await lin.console(), await chen.console()
    await page.send(type="open", case_id=case_id, after=0)
    await page.settle()
    await worker.send(type="typing", active=True)
    assert (await page.wait_for("typing"))["case_id"] == case_id
    assert "typing" not in [frame["type"] for frame in await _quiet(other, gateway)]


async def test_a_supervisor_follows_a_live_case_only_after_opening_it_with_a_reason(gateway: Gateway, worker: Page) -> None:
    lin, zhou = Staff(gateway, "lin"), Staff(gateway, "zhou", "supervisor")
    case_id = await ask_for_human(gateway, worker)
    await lin.post(f"cases/{case_id}/accept")
    page = await zhou.console()
    await page.send(type="open", case_id=case_id, after=0)
    assert (await page.wait_for("error"))["code"] == "not_found"
    await zhou.post(f"cases/{case_id}/listen", reason="新同事第一例")
    await page.send(type="open", case_id=case_id, after=0)
    await page.wait_for("message", text="我想找人说说话")
    await worker.say("接着说下去", "w2")
    await page.wait_for("message", text="接着说下去")
    await page.send(type="leave", case_id=case_id)
    await page.settle()
    await worker.say("这句不再跟了", "w3")
    await worker.wait_for("stored", external_id="w3")
    assert "这句不再跟了" not in str(await _quiet(page, gateway))


async def test_what_another_process_writes_is_shown_to_console_and_worker(gateway: Gateway, worker: Page) -> None:
    from bot.domain.conversation import Reply
    from bot.services import threads

    lin = Staff(gateway, "lin")
    case_id = await ask_for_human(gateway, worker)
    page = await lin.console()
    await page.send(type="open", case_id=case_id, after=0)
    await page.settle()
    conversation_id = page.frames[1]["rows"][0]["conversation_id"]

    def say(session) -> None:
        threads.add(session, conversation_id, "web", [Reply("夜里补发的一句")], dt.datetime.now(dt.timezone.utc))
        session.commit()

    gateway.app[ROOT].call(say)
    await worker.wait_for("message", text="夜里补发的一句")
    await page.wait_for("message", text="夜里补发的一句")


async def test_reading_counts_down_the_unread_of_the_one_in_charge(gateway: Gateway, worker: Page) -> None:
    lin = Staff(gateway, "lin")
    case_id = await ask_for_human(gateway, worker)
    await lin.post(f"cases/{case_id}/accept")
    await worker.say("你在吗，我还没说完", "w2")
    await worker.wait_for("stored", external_id="w2")
    page = await lin.console()
    row = page.frames[1]["rows"][0]
    assert row["unread"] == 1
    await page.send(type="read", case_id=case_id, event=page.frames[1]["event"])
    while (await page.wait_for("row"))["row"]["unread"]:
        pass


async def test_a_session_that_was_ended_closes_its_console(gateway: Gateway) -> None:
    gateway.app[CONSOLE]._current_seconds = 0.05
    lin = Staff(gateway, "lin")
    page = await lin.console()
    gateway.app[ROOT].call(accounts.end, lin.token, dt.datetime.now(dt.timezone.utc))
    assert await page.wait_for("ended")
    assert await page.end() == 4401
    assert gateway.app[FEED].consoles == []


async def test_presence_is_noted_and_can_be_taken_back(gateway: Gateway) -> None:
    lin = Staff(gateway, "lin", is_available=False)
    page = await lin.console()
    await page.send(type="present", is_available=True)
    await page.settle()
    assert (await lin.get("me"))["me"]["is_available"]
    await page.send(type="present", is_available=False)
    await page.settle()
    assert not (await lin.get("me"))["me"]["is_available"]


@pytest.mark.parametrize("bad", [
    "{", "[]", '{"type": "rm"}', '{"type": "open", "case_id": "1", "after": 0}', '{"type": "say", "case_id": 1, "text": "无编号"}',
    '{"type": "typing", "case_id": 1, "active": 1}', '{"type": "open", "case_id": 99, "after": 0}',
])  # fmt: skip
async def test_a_bad_frame_is_refused_and_the_console_goes_on(gateway: Gateway, bad: str) -> None:
    page = await Staff(gateway, "lin").console()
    await page.socket.send_str(bad)
    error = await page.wait_for("error")
    assert any("\u4e00" <= character <= "\u9fff" for character in error["message"])
    await page.settle()


async def test_a_slow_console_is_closed_to_resync_and_holds_up_nobody(gateway: Gateway) -> None:
    page, other = await Staff(gateway, "lin").console(), await Staff(gateway, "chen").console()
    console = gateway.app[FEED].consoles[0]
    for _ in range(600):
        console.put({"type": "pong"})
    await other.settle()
    assert await page.end() == 1013


async def test_a_console_comes_back_after_a_restart_of_the_gateway(make_gateway: MakeGateway) -> None:
    gateway = await make_gateway()
    worker = await gateway.worker()
    await worker.say("药已经吞了", "w1")
    await worker.wait_for("stored")
    lin = Staff(gateway, "lin")
    page = await lin.console()
    case_id = page.frames[1]["rows"][0]["id"]
    await gateway.stop()
    lin.gateway = await make_gateway()
    again = await lin.console()
    assert [row["id"] for row in again.frames[1]["rows"]] == [case_id]
    await again.settle()
