"""The direct questions over a real socket, with buttons and with words, while Rasa answers and while it is away."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web
from fakes import FakeRasa, Page, turn_of
from ground import Gateway, MakeGateway, content
from sqlalchemy import select

from bot.db.tables import Alert, Message, SafetyRecord, Worker

QUESTIONS = content().asq.questions
TITLES = {"yes": "有", "no": "没有", "refused": "不想回答"}


async def _answer(body: dict[str, Any]) -> web.StreamResponse:
    if body["metadata"]["voice"] == "silent":
        return turn_of()
    return turn_of({"text": "我听着" if body["metadata"]["voice"] == "brief" else f"听到了：{body['message']}"})


class Row:
    """A worker's page on which the questions are answered by their buttons."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.turns = 0

    async def say(self, text: str) -> None:
        self.turns += 1
        await self.page.say(text, f"s{self.turns}")
        await self.page.wait_for("typing", active=False)

    async def press(self, question: dict[str, Any], answer: str) -> None:
        self.turns += 1
        index = question["buttons"].index(answer)
        await self.page.send(type="choice", external_id=f"c{self.turns}", message_id=question["id"], index=index)
        await self.page.wait_for("message", author="worker", text=answer)
        await self.page.wait_for("typing", active=False)

    def newest(self) -> dict[str, Any]:
        """The newest bubble with buttons."""
        return next(each for each in reversed(self.page.messages()) if each["buttons"])

    async def answer(self, name: str, answer: str) -> None:
        """Press this answer under the open question, which must be the one of this name."""
        asked = self.newest()
        assert asked["text"] == QUESTIONS[name][0]
        await self.press(asked, answer)


@pytest.fixture(params=["Rasa answers", "Rasa is away"])
async def row(request: pytest.FixtureRequest, gateway: Gateway, rasa: FakeRasa) -> Row:
    rasa.answer = _answer
    if request.param == "Rasa is away":
        await rasa.stop()
    return Row(await gateway.worker())


def _rows(table: Any) -> Any:
    return lambda session: list(session.scalars(select(table).order_by(*table.__table__.primary_key)))


async def test_a_whole_row_by_buttons_to_high(row: Row, gateway: Gateway) -> None:
    await row.say("活着没意思")
    opening = row.page.messages("bot")
    assert len(opening) == 3
    assert row.newest()["buttons"] == list(TITLES.values())
    await row.answer("1", "有")
    helping = row.page.messages("bot")[-2]
    assert {line["number"] for line in helping["custom"]["lines"]} >= {"120", "110", "12356"}
    await row.answer("2", "没有")
    assert row.page.messages("safety") == []
    await row.answer("3", "有")
    fixed = row.page.messages("safety")
    assert len(fixed) == 2
    assert "120" in fixed[-1]["text"]
    assert fixed[-1]["event"] < row.newest()["event"], "the fixed text first, then the next question"
    await row.answer("4", "有")
    assert row.newest()["buttons"] == ["三个月以内", "更早", "不想说"]
    await row.answer("when", "更早")
    await row.answer("5", "没有")
    assert row.page.messages("bot")[-1]["buttons"] == []
    assert [alert.level for alert in gateway.read(_rows(Alert))] == ["watch", "watch", "high"]
    (worker,) = gateway.read(_rows(Worker))
    assert worker.risk_level == "high"
    states = {message.turn_state for message in gateway.read(_rows(Message)) if message.author == "worker"}
    assert states == {"answered"}
    (record,) = gateway.read(_rows(SafetyRecord))
    assert record.asq["open"] is None
    assert record.asq["answers"] == {"1": "yes", "2": "no", "3": "yes", "4": "yes", "when": "older", "5": "no"}


async def test_no_payload_and_no_signal_of_the_questions_reaches_the_page(row: Row) -> None:
    await row.say("活着没意思")
    await row.answer("1", "没有")
    shown = str([frame for frame in row.page.frames if frame["type"] == "message"])
    assert "/asq" not in shown
    assert "ask_directly" not in shown


async def test_the_fifth_yes_gives_the_numbers_first_and_asks_nothing_more(row: Row, gateway: Gateway) -> None:
    await row.say("活着没意思")
    for name, answer in (("1", "有"), ("2", "没有"), ("3", "没有"), ("4", "没有"), ("5", "有")):
        await row.answer(name, answer)
    fixed = row.page.messages("safety")
    assert "120" in fixed[0]["text"]
    assert row.newest()["text"] == QUESTIONS["5"][0], "no question follows"
    assert gateway.read(_rows(Alert))[-1].level == "imminent"


async def test_words_and_buttons_answer_the_same_row(row: Row) -> None:
    await row.say("活着没意思")
    await row.say("没有")
    await row.answer("2", "没有")
    await row.say("没想过")
    await row.answer("4", "没有")
    closing = {text for wording in content().asq.closing["none"] for text in wording[:1]}
    assert {message["text"] for message in row.page.messages("bot")} & closing


async def test_a_second_tab_goes_on_where_the_first_stands(make_gateway: MakeGateway, rasa: FakeRasa) -> None:
    rasa.answer = _answer
    gateway = await make_gateway()
    token = await gateway.token()
    first = Row(await gateway.worker(token))
    await first.say("活着没意思")
    await first.answer("1", "没有")
    second = Row(await gateway.open())
    await second.page.hello(token=token)
    assert second.newest()["text"] == QUESTIONS["2"][0]
    await second.press(second.newest(), "没有")
    await first.page.wait_for("message", author="bot", text=QUESTIONS["3"][0])


async def test_a_gateway_that_was_stopped_goes_on_with_the_open_question(make_gateway: MakeGateway, rasa: FakeRasa) -> None:
    rasa.answer = _answer
    gateway = await make_gateway()
    token = await gateway.token()
    row = Row(await gateway.worker(token))
    await row.say("活着没意思")
    await gateway.stop()
    again = Row(await (await make_gateway()).open())
    await again.page.hello(token=token)
    await again.press(again.newest(), "没有")
    assert again.newest()["text"] == QUESTIONS["2"][0]


async def test_rasa_reads_the_title_of_an_answer_and_never_its_payload(gateway: Gateway, rasa: FakeRasa) -> None:
    rasa.answer = _answer
    row = Row(await gateway.worker())
    await row.say("活着没意思")
    await row.answer("1", "不想回答")
    assert rasa.texts() == ["活着没意思", "不想回答"]
    assert [body["metadata"]["voice"] for body in rasa.asked] == ["brief", "silent"]


async def test_typing_ends_after_the_question_stands_there(gateway: Gateway, rasa: FakeRasa) -> None:
    rasa.answer = _answer
    row = Row(await gateway.worker())
    await row.say("活着没意思")
    types = [(frame["type"], frame.get("text")) for frame in row.page.frames if frame["type"] in ("message", "typing")]
    assert types[-2:] == [("message", QUESTIONS["1"][0]), ("typing", None)]


async def test_an_answer_pressed_twice_at_once_is_one_answer(gateway: Gateway, rasa: FakeRasa) -> None:
    rasa.answer = _answer
    row = Row(await gateway.worker())
    await row.say("活着没意思")
    asked = row.newest()
    for external_id in ("x1", "x2"):
        await row.page.send(type="choice", external_id=external_id, message_id=asked["id"], index=1)
    for external_id in ("x1", "x2"):
        await row.page.wait_for("stored", external_id=external_id)
    await asyncio.wait_for(row.page.settle(), 8)
    (record,) = gateway.read(_rows(SafetyRecord))
    assert (record.asq["open"], record.asq["answers"]) == ("2", {"1": "no"})
