"""The dispatcher around a handoff: the program holds the line while somebody waits, and is silent while a person leads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from fakes import FakeRasa, turn_of
from ground import NOW
from sqlalchemy import select
from team_ground import account
from test_dispatch import SHANGHAI, Desk

from bot.bootstrap import Root
from bot.db.handoff_tables import Handoff
from bot.db.tables import Conversation
from bot.domain.risk import RiskFinding, RiskKind, RiskLevel, RiskSubject
from bot.services import handoffs


@pytest.fixture
async def desk(sqlite_root: Root, rasa: FakeRasa) -> AsyncIterator[Desk]:
    found = Desk(sqlite_root, rasa)
    yield found
    await found.dispatcher.drain()
    await found.client.close()


async def say(desk: Desk, text: str, external_id: str) -> list[str]:
    count = len(desk.published.told)
    await desk.dispatcher.handle(desk.inbound(text, external_id), SHANGHAI)
    await desk.dispatcher.drain()
    return desk.published.told[count + 1 :]


def case(desk: Desk) -> Handoff:
    return desk.root.call_reading(lambda session: session.scalars(select(Handoff)).one())


def accept(desk: Desk) -> str:
    taker = account(desk.root, "lin", shown_name="林老师")
    desk.root.call(handoffs.accept, case(desk).id, taker, NOW, desk.dispatcher.care.handoff)
    return taker


async def wants_person(_body: dict[str, object]) -> web.StreamResponse:
    return turn_of({"text": "我去叫"}, {"custom": {"kind": "handoff"}})


async def test_a_wish_for_a_person_is_a_case_and_the_wait_is_told_after_rasas_words(desk: Desk, rasa: FakeRasa) -> None:
    rasa.answer = wants_person
    told = await say(desk, "找真人", "e1")
    assert told[:2] == ["typing:True", "bot:我去叫"]
    assert [each.split(":")[0] for each in told[2:]] == ["system", "typing"]
    assert case(desk).reason == "asked_for_person"
    rasa.answer = rasa.echo
    assert await say(desk, "等着", "e2") == ["typing:True", "bot:听到了：等着", "typing:False"]


async def test_in_danger_the_wait_is_told_after_the_safety_text_and_before_rasas_question(desk: Desk, rasa: FakeRasa) -> None:
    told = await say(desk, "我想自杀", "e1")
    authors = [each.split(":")[0] for each in told]
    assert authors == ["safety", "safety", "safety", "typing", "system", "bot", "typing"]


async def test_while_a_counsellor_leads_rasa_is_not_asked_and_nothing_is_said(desk: Desk, rasa: FakeRasa) -> None:
    rasa.answer = wants_person
    await say(desk, "找真人", "e1")
    accept(desk)
    asked = len(rasa.asked)
    assert await say(desk, "老师你好", "e2") == []
    assert await say(desk, "活着没意思", "e3") == []
    assert len(rasa.asked) == asked
    assert [state for _, state in desk.states()] == ["answered"] * 3


async def test_a_late_finding_beside_a_counsellor_still_brings_the_fixed_text(desk: Desk, rasa: FakeRasa) -> None:
    rasa.answer = wants_person
    await say(desk, "找真人", "e1")
    accept(desk)
    late: asyncio.Future[RiskFinding] = asyncio.get_running_loop().create_future()
    screened = desk.screen.screen

    async def slow(text: str):
        found = await screened(text)
        return type(found)(found.finding, found.vector, late)

    desk.screen.screen = slow  # type: ignore[method-assign]
    await desk.dispatcher.handle(desk.inbound("看起来平常", "e2"), SHANGHAI)
    late.set_result(RiskFinding(RiskLevel.HIGH, RiskSubject.SELF, RiskKind.SUICIDE))
    await desk.dispatcher.drain()
    assert [each.split(":")[0] for each in desk.published.told[-3:]] == ["safety"] * 3
    assert case(desk).level == "high"


async def test_an_answer_that_comes_after_the_person_is_dropped(desk: Desk, rasa: FakeRasa) -> None:
    rasa.answer = wants_person
    await say(desk, "找真人", "e1")
    let_go = asyncio.Event()

    async def answer(_body: dict[str, object]) -> web.StreamResponse:
        await let_go.wait()
        return turn_of({"text": "我在听"})

    rasa.answer = answer
    await desk.dispatcher.handle(desk.inbound("等着", "e2"), SHANGHAI)
    accept(desk)
    let_go.set()
    await desk.dispatcher.drain()
    assert "bot:我在听" not in desk.published.told
    assert desk.published.told[-1] == "typing:False"


async def test_the_way_back_is_the_gateways_own_button(desk: Desk, rasa: FakeRasa) -> None:
    rasa.answer = wants_person
    await say(desk, "找真人", "e1")
    rasa.answer = rasa.echo
    payload = f'/handoff{{"do": "cancel", "handoff": {case(desk).id}}}'
    await desk.dispatcher.handle(desk.inbound("取消等待", "e2", payload), SHANGHAI)
    await desk.dispatcher.drain()
    assert rasa.texts()[-1] == "取消等待"
    assert rasa.asked[-1]["metadata"]["voice"] == "silent"
    state = desk.root.call_reading(lambda session: session.get_one(Conversation, desk.thread).state)
    assert state == "bot"
