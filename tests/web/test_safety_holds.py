"""The fixed words in a crisis come whatever else is broken: too fast, before consent, an old session, a wrong clock, no classifier."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path

import pytest
from fakes import FakeRasa
from ground import Gateway, MakeGateway
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from sqlalchemy import select

from bot.db.tables import Alert
from bot.dispatch import Dispatcher
from bot.screen_loader import ScreenRunner
from bot.settings import ROOT
from bot.web import app as web_app

CRISIS = "我想自杀"
NUMBERS = ("120", "110", "12356")


def _levels(gateway: Gateway) -> list[str]:
    return gateway.read(lambda session: list(session.scalars(select(Alert.level))))  # type: ignore[no-any-return]


async def test_a_crisis_text_sent_too_fast_is_refused_with_the_fixed_words(make_gateway: MakeGateway, rasa: FakeRasa) -> None:
    gateway = await make_gateway(RATE_MESSAGES="1")
    page = await gateway.worker()
    await page.say("累", "e1")
    await page.wait_for("stored", external_id="e1")
    await page.say(CRISIS, "e2")
    error = await page.wait_for("error", external_id="e2")
    assert error["code"] == "rate_limited"
    assert all(number in error["message"] for number in NUMBERS)
    await page.say("还是累", "e3")
    plain = await page.wait_for("error", external_id="e3")
    assert "发得有点快" in plain["message"]


async def test_a_session_that_is_over_is_told_so_and_a_new_one_gets_the_fixed_words_before_consent(gateway: Gateway) -> None:
    class LongAgo(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(super().get_timestamp() - 91 * 24 * 3600)

    secret = gateway.settings.xinyi_session_secret
    old = URLSafeTimedSerializer(secret, salt="xinyi.worker-session", signer=LongAgo).dumps({"w": "a" * 32, "e": 0})
    page = await gateway.open()
    await page.send(type="hello", protocol=1, after=0, timezone="Asia/Shanghai", token=str(old))
    assert await page.end() == 4401
    fresh = await gateway.open()
    await fresh.hello(token=await gateway.token())
    await fresh.say(CRISIS, "e1")
    first = await fresh.wait_for("message", author="safety")
    assert first["text"]
    assert _levels(gateway) == ["high"]


@pytest.mark.parametrize("year", [1990, 2077])
async def test_a_clock_that_is_wrong_by_years_silences_nothing(make_gateway: MakeGateway, rasa: FakeRasa, year: int) -> None:
    gateway = await make_gateway()
    page = await gateway.worker()
    await page.say("累", "e1")
    await page.wait_for("message", author="bot")
    dispatcher: Dispatcher = gateway.app[web_app.DISPATCHER]
    dispatcher.clock = lambda: dt.datetime(year, 1, 1, 3, tzinfo=dt.timezone.utc)
    await page.say(CRISIS, "e2")
    texts = [(await page.wait_for("message", author="safety"))["text"] for _ in range(3)]
    assert any("120" in text for text in texts)
    assert _levels(gateway) == ["high"]


async def test_a_classifier_that_can_not_be_read_leaves_the_cues_in_charge(tmp_path: Path) -> None:
    (tmp_path / "risk-1-broken.joblib").write_bytes(b"no classifier")
    runner = ScreenRunner(ROOT / "content", tmp_path)
    try:
        await asyncio.wait_for(runner.load(), 30)
        assert runner.state == "cues"
        assert (await runner.screen(CRISIS)).finding.level.value == "high"
        assert (await runner.glance(CRISIS)).level.value == "high"
    finally:
        runner.close()
