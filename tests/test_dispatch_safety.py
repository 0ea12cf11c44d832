"""The dispatcher in the safety conversation: how much Rasa is asked for, what comes before and after its words, and without it."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from fakes import FakeRasa, FakeScreen, turn_of
from ground import NOW, care, content
from sqlalchemy import select
from test_dispatch import SHANGHAI, Desk

from bot.bootstrap import Root
from bot.db.tables import Alert
from bot.dispatch import Dispatcher
from bot.domain.risk import RiskFinding, RiskKind, RiskLevel, RiskSubject
from bot.screen_loader import Screened
from bot.services import conversations, threads

ASQ = content().asq
HEARD = content().safety.lines["heard"]
OPENING = [f"bot:{ASQ.lead_in[0]}", f"bot:{ASQ.questions['1'][0]}"]


@pytest.fixture
async def desk(sqlite_root: Root, rasa: FakeRasa) -> AsyncIterator[Desk]:
    found = Desk(sqlite_root, rasa)
    yield found
    await found.dispatcher.drain()
    await found.client.close()


async def say(desk: Desk, text: str, external_id: str, payload: str | None = None) -> list[str]:
    """Say it and wait for the end of its turn; gives what was published after the worker's own words."""
    count = len(desk.published.told)
    await desk.dispatcher.handle(desk.inbound(text, external_id, payload), SHANGHAI)
    await desk.dispatcher.drain()
    told = desk.published.told[count:]
    assert told[0] == f"worker:{text}"
    return told[1:]


def answers_with(*messages: dict[str, Any]) -> Any:
    async def answer(_body: dict[str, Any]) -> web.StreamResponse:
        return turn_of(*messages)

    return answer


def payload_of(desk: Desk, title: str) -> str:
    """The payload of the newest button with this title."""
    message = next(each for each in reversed(desk.root.call_reading(threads.thread, desk.thread, 0)) if title in each.buttons)
    return desk.root.call_reading(threads.choice, desk.thread, message.id, message.buttons.index(title))[1]


async def test_rasa_is_asked_for_one_line_before_a_direct_question(desk: Desk, rasa: FakeRasa) -> None:
    rasa.answer = answers_with({"text": "我听着"})
    told = await say(desk, "活着没意思", "e1")
    assert told == ["typing:True", "bot:我听着", *OPENING, "typing:False"]
    metadata = rasa.asked[0]["metadata"]
    assert (metadata["voice"], metadata["carried"], metadata["rests"]) == ("brief", "watch", False)


async def test_while_the_gateway_speaks_alone_rasa_is_told_and_an_empty_answer_is_no_failure(
    desk: Desk, rasa: FakeRasa
) -> None:
    await say(desk, "活着没意思", "e1")
    rasa.answer = answers_with()
    told = await say(desk, "没有", "e2")
    assert told[-2:] == ["typing:True", "typing:False"]
    assert told[-3] == f"bot:{ASQ.questions['2'][0]}"
    assert [each.split(":")[0] for each in told[:3]] == ["bot"] * 3
    metadata = rasa.asked[1]["metadata"]
    assert (metadata["voice"], metadata["rests"], metadata["risk"]["level"]) == ("silent", True, "none")
    assert desk.count("xinyi_turns_total", outcome="safe_line") == 0
    assert desk.states()[-1] == ("没有", "answered")


@pytest.mark.parametrize("is_away", [True, False])
async def test_with_rasa_away_or_mute_a_sign_is_heard_and_asked_about_all_the_same(
    desk: Desk, rasa: FakeRasa, is_away: bool
) -> None:
    rasa.answer = answers_with()
    if is_away:
        await rasa.stop()
    told = await say(desk, "活着没意思", "e1")
    assert told[1].removeprefix("bot:") in HEARD
    assert told[2:] == [*OPENING, "typing:False"]


async def test_with_rasa_away_the_whole_row_is_asked_to_its_end(desk: Desk, rasa: FakeRasa) -> None:
    await rasa.stop()
    await say(desk, "活着没意思", "e0")
    for number, question in enumerate(("2", "3", "4", "5"), start=1):
        assert f"bot:{ASQ.questions[question][0]}" in await say(desk, "没有" if number != 1 else "有", f"e{number}")
    told = await say(desk, "有", "e9")
    fixed = [each for each in told if each.startswith("safety:")]
    assert len(fixed) == 3
    assert "120" in fixed[0]
    assert [each for each in told if each.startswith("bot:")] == [], "after a fixed text nothing weaker is said"
    levels = desk.root.call_reading(lambda session: list(session.scalars(select(Alert.level).order_by(Alert.id))))
    assert levels[-1] == "imminent"


async def test_a_plain_message_without_an_answer_gets_the_safe_line(desk: Desk, rasa: FakeRasa) -> None:
    rasa.answer = answers_with()
    told = await say(desk, "累", "e1")
    assert told[1].removeprefix("bot:") in content().safety.lines["safe"]


async def test_what_is_told_instead_is_answered_in_full_and_the_lines_follow(desk: Desk, rasa: FakeRasa) -> None:
    await say(desk, "活着没意思", "e1")
    rasa.answer = answers_with({"text": "组长这样真不好受"})
    told = await say(desk, "组长在群里点名", "e2")
    assert told[1] == "bot:组长这样真不好受"
    assert "12356" in told[2]
    assert rasa.asked[1]["metadata"]["voice"] == "whole"


async def test_the_gateways_own_button_reaches_rasa_as_its_title(desk: Desk, rasa: FakeRasa) -> None:
    await say(desk, "活着没意思", "e1")
    payload = payload_of(desk, "没有")
    assert payload.startswith("/asq")
    told = await say(desk, "没有", "e2", payload)
    assert f"bot:{ASQ.questions['2'][0]}" in told
    assert rasa.texts() == ["活着没意思", "没有"]
    await say(desk, "不想回答", "e3", payload_of(desk, "不想回答"))
    assert rasa.texts()[-1] == "不想回答"
    await say(desk, "就想说说", "e4", "/just_listen")
    assert rasa.texts()[-1] == "/just_listen"


async def test_a_button_of_the_plan_reaches_rasa_as_its_title_too(desk: Desk, rasa: FakeRasa) -> None:
    rasa.answer = answers_with({"text": "我在"}, {"custom": {"kind": "offer_plan"}})
    await say(desk, "说不好", "e1")
    title = content().plan.buttons["begin"]
    payload = payload_of(desk, title)
    rasa.answer = answers_with()
    told = await say(desk, title, "e2", payload)
    assert len([each for each in told if each.startswith("bot:")]) == 3
    assert rasa.texts()[-1] == title


async def test_a_signal_opens_the_question_after_rasas_words_and_is_never_shown(desk: Desk, rasa: FakeRasa) -> None:
    rasa.answer = answers_with({"text": "我听到了"}, {"custom": {"kind": "ask_directly"}})
    told = await say(desk, "真想一了百了", "e1")
    assert told == ["typing:True", "bot:我听到了", *OPENING, "typing:False"]
    rasa.answer = answers_with()
    assert f"bot:{ASQ.questions['2'][0]}" in await say(desk, "有", "e2")
    levels = desk.root.call_reading(lambda session: list(session.scalars(select(Alert.level))))
    assert levels == ["watch"]


async def test_a_signal_without_words_is_a_question_all_the_same(desk: Desk, rasa: FakeRasa) -> None:
    rasa.answer = answers_with({"custom": {"kind": "ask_directly"}})
    told = await say(desk, "真想一了百了", "e1")
    assert told[-3:] == [*OPENING, "typing:False"]


async def test_high_by_an_answer_is_told_to_rasa_and_counted(desk: Desk, rasa: FakeRasa) -> None:
    await say(desk, "活着没意思", "e1")
    for number in range(2):
        await say(desk, "没有", f"n{number}")
    told = await say(desk, "有", "e2")
    assert [each.split(":")[0] for each in told[:3]] == ["safety", "safety", "bot"]
    metadata = rasa.asked[-1]["metadata"]
    assert (metadata["risk"]["level"], metadata["risk"]["cues"], metadata["carried"]) == ("high", ["asq_3"], "high")
    assert desk.metrics.registry.get_sample_value("xinyi_safety_replies_total", {"name": "asq_high"}) == 1


class Guessing(FakeScreen):
    """A screen whose classifier is alarmed without a cue."""

    async def screen(self, text: str) -> Screened:
        return Screened(RiskFinding(RiskLevel.HIGH, RiskSubject.SELF, RiskKind.SUICIDE, score=0.9), None, None)


async def test_who_gets_no_second_fixed_text_is_not_left_without_a_word_when_rasa_is_away(desk: Desk, rasa: FakeRasa) -> None:
    await rasa.stop()
    guessing = Dispatcher(
        desk.root, content(), Guessing(), desk.client, desk.published, desk.metrics, lambda: desk.now,  # type: ignore[arg-type]
    )  # fmt: skip
    for external_id in ("e1", "e2"):
        count = len(desk.published.told)
        await guessing.handle(desk.inbound("我要走了", external_id), SHANGHAI)
        await guessing.drain()
        told = [each for each in desk.published.told[count:] if each.startswith(("safety:", "bot:"))]
        assert any("120" in each for each in told), external_id
    assert [each.split(":")[0] for each in told] == ["bot"]


async def test_a_turn_found_after_a_stop_goes_on_with_its_hearing_and_its_question(desk: Desk, rasa: FakeRasa) -> None:
    inbound = desk.inbound("活着没意思", "e1")
    finding = (await desk.screen.screen(inbound.text)).finding
    received = desk.root.call(conversations.receive, inbound, finding, care(), SHANGHAI, NOW)
    (left,) = desk.root.call_reading(conversations.left_behind, NOW + dt.timedelta(hours=1))
    await desk.dispatcher.finish(left)
    assert rasa.asked[0]["metadata"]["voice"] == "brief"
    assert desk.published.told == ["typing:True", "bot:听到了：活着没意思", *OPENING, "typing:False"]
    assert received.replies == ()


async def test_a_turn_asked_before_a_stop_gets_the_hearing_line_and_its_question(desk: Desk, rasa: FakeRasa) -> None:
    inbound = desk.inbound("活着没意思", "e1")
    finding = (await desk.screen.screen(inbound.text)).finding
    desk.root.call(conversations.receive, inbound, finding, care(), SHANGHAI, NOW, claims=True)
    (left,) = desk.root.call_reading(conversations.left_behind, NOW + dt.timedelta(hours=1))
    await desk.dispatcher.finish(left)
    assert rasa.asked == []
    assert desk.published.told[0].removeprefix("bot:") in HEARD
    assert desk.published.told[1:] == [*OPENING, "typing:False"]


async def test_what_is_typed_before_the_question_is_shown_is_no_answer_to_it(desk: Desk, rasa: FakeRasa) -> None:
    let_go = asyncio.Event()

    async def answer(_body: dict[str, Any]) -> web.StreamResponse:
        await let_go.wait()
        return turn_of({"text": "我听着"})

    rasa.answer = answer
    await desk.dispatcher.handle(desk.inbound("活着没意思", "e1"), SHANGHAI)
    await desk.dispatcher.handle(desk.inbound("没有人懂我", "e2"), SHANGHAI)
    assert [each for each in desk.published.told if "？" in each] == []
    let_go.set()
    await desk.dispatcher.drain()
    assert [each["metadata"]["voice"] for each in rasa.asked] == ["brief", "brief"]
    assert [each for each in desk.published.told if "？" in each] == [f"bot:{ASQ.questions['1'][0]}"]
    assert f"bot:{ASQ.questions['2'][0]}" in await say(desk, "没有", "e3")


async def test_an_answer_to_a_question_that_stands_there_is_taken_while_rasa_is_slow(desk: Desk, rasa: FakeRasa) -> None:
    await say(desk, "活着没意思", "e1")
    let_go = asyncio.Event()

    async def answer(_body: dict[str, Any]) -> web.StreamResponse:
        await let_go.wait()
        return turn_of()

    rasa.answer = answer
    for number, question in enumerate(("2", "3")):
        await desk.dispatcher.handle(desk.inbound("没有", f"n{number}"), SHANGHAI)
        assert f"bot:{ASQ.questions[question][0]}" in desk.published.told
    let_go.set()
    await desk.dispatcher.drain()
    assert [each["metadata"]["voice"] for each in rasa.asked[1:]] == ["silent", "silent"]
