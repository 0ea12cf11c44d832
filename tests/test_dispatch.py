"""The dispatcher alone: what is published in which order, what Rasa is sent, and what happens when a step fails."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from aiohttp import web
from fakes import RASA_TOKEN, FakeRasa, FakeScreen, finding_of, turn_of
from ground import NOW
from sqlalchemy import select

from bot.bootstrap import Root
from bot.content import load_content
from bot.db.tables import Alert, Message
from bot.dispatch import Dispatcher
from bot.domain.errors import ConsentRequired, EmptyText, StorageUnavailable
from bot.domain.risk import RiskFinding, RiskLevel
from bot.metrics import Metrics
from bot.rasa_client import RasaClient
from bot.services import conversations, workers
from bot.services.conversations import Inbound
from bot.settings import ROOT

CONTENT = load_content(ROOT / "content")
SHANGHAI = "Asia/Shanghai"


class Published:
    """A publisher that keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.grew = asyncio.Event()

    def publish(self, _conversation_id: str, messages: Sequence[Any]) -> None:
        self.told += [f"{message.author}:{message.text}" for message in messages]
        self.grew.set()

    def typing(self, _conversation_id: str, active: bool) -> None:
        self.told.append(f"typing:{active}")
        self.grew.set()

    async def until(self, wanted: str) -> None:
        while wanted not in self.told:
            self.grew.clear()
            await asyncio.wait_for(self.grew.wait(), 8)


class Desk:
    """A dispatcher with one worker who has consented."""

    def __init__(self, root: Root, rasa: FakeRasa) -> None:
        self.root = root
        self.screen = FakeScreen()
        self.published = Published()
        self.metrics = Metrics()
        self.client = RasaClient(f"http://127.0.0.1:{rasa.port}", RASA_TOKEN, 5)
        self.now = NOW
        self.dispatcher = Dispatcher(
            root, CONTENT, self.screen, self.client, self.published, self.metrics, lambda: self.now,  # type: ignore[arg-type]
        )  # fmt: skip
        root.call(workers.ensure, "w1", 0, SHANGHAI, NOW)
        self.thread: str = root.call(workers.conversation_of, "w1", "web", NOW)
        root.call(workers.grant, "w1", "2026-11", None, NOW)

    def inbound(self, text: str, external_id: str = "e1", payload: str | None = None) -> Inbound:
        return Inbound(self.thread, "w1", "web", external_id, text, payload)

    def states(self) -> list[tuple[str, str | None]]:
        query = select(Message.text, Message.turn_state).where(Message.author == "worker").order_by(Message.id)
        return self.root.call_reading(lambda session: [tuple(row) for row in session.execute(query)])

    def count(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(name, labels) or 0.0


@pytest.fixture
async def desk(sqlite_root: Root, rasa: FakeRasa) -> AsyncIterator[Desk]:
    found = Desk(sqlite_root, rasa)
    yield found
    await found.dispatcher.drain()
    await found.client.close()


async def test_the_message_is_published_before_rasa_is_asked_and_the_answer_after(desk: Desk, rasa: FakeRasa) -> None:
    async def answer(body: dict[str, Any]) -> web.StreamResponse:
        assert desk.published.told[0] == "worker:累"
        return turn_of({"text": "嗯"}, {"text": "你说"})

    rasa.answer = answer
    received = await desk.dispatcher.handle(desk.inbound("累"), SHANGHAI)
    assert (received.message.text, received.is_duplicate, received.replies) == ("累", False, ())
    await desk.published.until("bot:你说")
    assert desk.published.told == ["worker:累", "typing:True", "bot:嗯", "bot:你说", "typing:False"]


async def test_fixed_words_are_published_with_the_message_itself(desk: Desk) -> None:
    received = await desk.dispatcher.handle(desk.inbound("我想自杀"), SHANGHAI)
    said = [f"safety:{reply.text}" for reply in received.replies]
    assert said
    assert desk.published.told[: 1 + len(said)] == ["worker:我想自杀", *said]
    assert received.step.finding.level is RiskLevel.HIGH


async def test_a_typed_text_is_cleaned_and_a_button_keeps_its_payload(desk: Desk, rasa: FakeRasa) -> None:
    await desk.dispatcher.handle(desk.inbound(" /restart "), SHANGHAI)
    await desk.published.until("bot:听到了：restart")
    await desk.dispatcher.handle(desk.inbound("就想说说", "e2", "/just_listen"), SHANGHAI)
    await desk.published.until("bot:听到了：/just_listen")
    assert rasa.texts() == ["restart", "/just_listen"]
    assert desk.screen.seen == ["restart"]
    assert "vector" in rasa.asked[0]["metadata"]
    assert "vector" not in rasa.asked[1]["metadata"]


async def test_nothing_is_stored_screened_or_asked_for_an_empty_text(desk: Desk, rasa: FakeRasa) -> None:
    with pytest.raises(EmptyText):
        await desk.dispatcher.handle(desk.inbound(" / "), SHANGHAI)
    assert (desk.states(), desk.screen.seen, rasa.asked, desk.published.told) == ([], [], [], [])


async def test_without_consent_nothing_is_published(desk: Desk, rasa: FakeRasa) -> None:
    desk.root.call(workers.ensure, "w2", 0, SHANGHAI, NOW)
    thread = desk.root.call(workers.conversation_of, "w2", "web", NOW)
    with pytest.raises(ConsentRequired):
        await desk.dispatcher.handle(Inbound(thread, "w2", "web", "e1", "累"), SHANGHAI)
    assert (desk.published.told, rasa.asked) == ([], [])


@pytest.mark.parametrize("late", ["平常", "活着没意思"])
async def test_a_late_finding_that_is_no_higher_changes_nothing(desk: Desk, late: str) -> None:
    future: asyncio.Future[RiskFinding] = asyncio.get_running_loop().create_future()
    desk.screen.late["活着没意思"] = future
    await desk.dispatcher.handle(desk.inbound("活着没意思"), SHANGHAI)
    future.set_result(finding_of(late))
    await desk.dispatcher.drain()
    assert desk.root.call_reading(lambda session: list(session.scalars(select(Alert.level)))) == ["watch"]
    assert not any(told.startswith("safety:") for told in desk.published.told)


async def test_a_late_finding_that_fails_leaves_the_turn_alone(desk: Desk) -> None:
    future: asyncio.Future[RiskFinding] = asyncio.get_running_loop().create_future()
    desk.screen.late["平常"] = future
    await desk.dispatcher.handle(desk.inbound("平常"), SHANGHAI)
    future.set_exception(RuntimeError("vector"))
    await desk.published.until("bot:听到了：平常")


async def test_a_screen_that_fails_refuses_the_message_instead_of_storing_it_unseen(desk: Desk, rasa: FakeRasa) -> None:
    class BrokenScreen(FakeScreen):
        async def screen(self, text: str) -> Any:
            raise RuntimeError(text)

    broken = Dispatcher(desk.root, CONTENT, BrokenScreen(), desk.client, desk.published, desk.metrics)  # type: ignore[arg-type]
    with pytest.raises(RuntimeError):
        await broken.handle(desk.inbound("累"), SHANGHAI)
    assert (desk.states(), rasa.asked, desk.published.told) == ([], [], [])


async def test_one_message_handled_twice_at_once_is_one_turn(desk: Desk, rasa: FakeRasa) -> None:
    received = await asyncio.gather(*(desk.dispatcher.handle(desk.inbound("累"), SHANGHAI) for _ in range(5)))
    await desk.dispatcher.drain()
    assert sorted(each.is_duplicate for each in received) == [False, True, True, True, True]
    assert len(rasa.asked) == 1
    assert desk.published.told.count("worker:累") == 1
    assert desk.count("xinyi_messages_total", result="duplicate") == 4


async def test_a_turn_whose_answer_comes_late_after_recovery_gave_the_safe_line_says_nothing_more(
    desk: Desk, rasa: FakeRasa
) -> None:
    let_go = asyncio.Event()

    async def answer(body: dict[str, Any]) -> web.StreamResponse:
        await let_go.wait()
        return turn_of({"text": "迟到的回答"})

    rasa.answer = answer
    await desk.dispatcher.handle(desk.inbound("累"), SHANGHAI)
    await asyncio.wait_for(rasa.called.wait(), 5)
    (left,) = desk.root.call_reading(conversations.left_behind, NOW + dt.timedelta(hours=1))
    await desk.dispatcher.finish(left)
    let_go.set()
    await desk.dispatcher.drain()
    assert [told for told in desk.published.told if told.startswith("bot:")] != []
    assert "bot:迟到的回答" not in desk.published.told
    assert len([told for told in desk.published.told if told.startswith("bot:")]) == 1


async def test_when_the_database_refuses_a_crisis_text_the_error_carries_the_fixed_words(desk: Desk) -> None:
    inbound = Inbound("0" * 32, "w1", "web", "e1", "我想自杀")  # no such thread: the database refuses
    with pytest.raises(StorageUnavailable) as refused:
        await desk.dispatcher.handle(inbound, SHANGHAI)
    assert "120" in refused.value.reader_text
    with pytest.raises(StorageUnavailable) as plain:
        await desk.dispatcher.handle(Inbound("0" * 32, "w1", "web", "e1", "活着没意思"), SHANGHAI)
    assert plain.value.reader_text == StorageUnavailable.reader_text
    assert desk.count("xinyi_messages_total", result="refused") == 2


async def test_the_gateways_own_time_and_rasas_are_measured_apart(desk: Desk, rasa: FakeRasa) -> None:
    await desk.dispatcher.handle(desk.inbound("累"), SHANGHAI)
    await desk.published.until("bot:听到了：累")
    await desk.dispatcher.drain()
    assert desk.count("xinyi_rasa_seconds_count") == desk.count("xinyi_gateway_seconds_count") == 1
    assert desk.count("xinyi_gateway_seconds_sum") < 5
