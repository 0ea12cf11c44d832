"""Deliveries by the clock: over failures, restarts and a second gateway each notice arrives, and a hanging robot holds up no other."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import pytest
from aiohttp import web
from fake_robots import FakeMailServer, FakeRobots
from fakes import PATIENCE_SECONDS
from ground import NOW, MakeGateway, settings_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from team_ground import account, case

from bot.bootstrap import Root, make_root
from bot.db.handoff_tables import Handoff
from bot.db.staff_tables import Notification
from bot.domain.notification import LEASE, Channel
from bot.jobs import deliver, run_deliveries
from bot.notify.notifier import Notifier
from bot.services import notifications

MakeNotifier = Callable[..., Notifier]


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> dt.datetime:
        return self.now


@pytest.fixture
async def make_notifier(tmp_path: Path, robots: FakeRobots) -> AsyncIterator[MakeNotifier]:
    made: list[Notifier] = []

    def make(seconds: float = 1.0, **environ: str) -> Notifier:
        made.append(Notifier(settings_for(tmp_path, **{**robots.environ(), **environ}), seconds))
        return made[-1]

    yield make
    for each in made:
        await each.close()


def _ring(root: Root, level: str = "imminent", tier: int = 0) -> int:
    """A worker in danger waits, and its notices are queued."""
    handoff_id = case(root, "w1", status="waiting", level=level, reason=level)

    def tell(session: Session) -> None:
        notifications.notify_handoff(session, session.get_one(Handoff, handoff_id), tier, NOW)
        session.commit()

    root.call(tell)
    return handoff_id


def _open(root: Root) -> int:
    return root.call_reading(notifications.pending)


async def _all(root: Root, notifier: Notifier, clock: Clock) -> int:
    counts = [await deliver(root, notifier, channel, clock, lambda: 0.0) for channel in sorted(notifier.channels)]
    return sum(counts)


async def test_every_channel_is_told_once(
    root: Root, robots: FakeRobots, mail_server: FakeMailServer, make_notifier: MakeNotifier
) -> None:
    account(root, "gu", "supervisor", email="gu@x.cn")
    _ring(root)
    notifier = make_notifier(**mail_server.environ())
    assert await _all(root, notifier, Clock()) == 5
    assert await _all(root, notifier, Clock()) == 0
    assert {name: len(told) for name, told in robots.told.items()} == {"wecom": 1, "dingtalk": 1, "feishu": 1, "webhook": 1}
    assert mail_server.recipients == ["gu@x.cn"]


async def test_what_a_robot_did_not_take_comes_later_with_the_time_waited_then(
    sqlite_root: Root, robots: FakeRobots, make_notifier: MakeNotifier
) -> None:
    _ring(sqlite_root, "high")

    async def error(_request: web.Request) -> web.StreamResponse:
        return web.json_response({}, status=503)

    notifier, clock, robots.answer = make_notifier(), Clock(), error
    assert await _all(sqlite_root, notifier, clock) == 4  # nobody is on duty: the hook too
    assert await _all(sqlite_root, notifier, clock) == 0  # not yet
    robots.answer, clock.now = None, NOW + dt.timedelta(seconds=2)
    assert await _all(sqlite_root, notifier, clock) == 4
    assert "已等：2 秒" in robots.told["wecom"][0]["text"]["content"]
    assert _open(sqlite_root) == 0


async def test_a_gateway_killed_while_sending_leaves_it_to_the_next(
    root: Root, robots: FakeRobots, make_notifier: MakeNotifier
) -> None:
    _ring(root, "high")

    async def hang(_request: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        return web.Response()

    robots.answer, clock = hang, Clock()
    sending = asyncio.ensure_future(deliver(root, make_notifier(60), Channel.WECOM, clock))
    await robots.called.wait()
    sending.cancel()
    with suppress(asyncio.CancelledError):
        await sending
    robots.answer = None
    with make_root(root.settings) as restarted:
        assert await deliver(restarted, make_notifier(), Channel.WECOM, clock) == 0
        clock.now = NOW + LEASE
        assert await deliver(restarted, make_notifier(), Channel.WECOM, clock) == 1
    assert len(robots.told["wecom"]) == 1


async def test_two_gateways_at_the_same_moment_tell_it_once(
    root: Root, robots: FakeRobots, make_notifier: MakeNotifier
) -> None:
    _ring(root)
    with make_root(root.settings) as second:
        counts = await asyncio.gather(*(_all(each, make_notifier(), Clock()) for each in (root, second, root, second)))
    assert sum(counts) == 4
    assert all(len(told) == 1 for told in robots.told.values())


async def test_a_robot_that_hangs_holds_up_no_other_and_channels_not_set_up_keep_nothing(
    sqlite_root: Root, robots: FakeRobots, make_notifier: MakeNotifier, caplog: pytest.LogCaptureFixture
) -> None:  # fmt: skip
    account(sqlite_root, "gu", "supervisor", email="gu@x.cn")
    _ring(sqlite_root)

    async def hang_wecom(request: web.Request) -> web.StreamResponse:
        if request.path == "/wecom":
            await asyncio.Event().wait()
        robots.told[request.path[1:]].append({})
        return web.json_response({"errcode": 0, "code": 0})

    robots.answer = hang_wecom
    job = asyncio.ensure_future(run_deliveries(sqlite_root, make_notifier(60), Clock(), 0.01))
    while _open(sqlite_root) != 1:
        await asyncio.wait({job}, timeout=0.01)
    job.cancel()
    with suppress(asyncio.CancelledError):
        await job
    left = sqlite_root.call_reading(
        lambda session: session.scalars(select(Notification.channel).where(Notification.sent_at.is_(None))).all()
    )
    assert left == ["wecom"]
    assert {name: len(told) for name, told in robots.told.items()} == {"wecom": 0, "dingtalk": 1, "feishu": 1, "webhook": 1}


async def test_the_log_tells_of_a_failure_without_address_or_secret(
    sqlite_root: Root, robots: FakeRobots, make_notifier: MakeNotifier, caplog: pytest.LogCaptureFixture
) -> None:  # fmt: skip
    _ring(sqlite_root, "high")
    await robots.stop()
    await _all(sqlite_root, make_notifier(), Clock())
    assert "by wecom failed (attempt 1): ClientConnectorError" in caplog.text
    assert not any(secret in caplog.text for secret in ("127.0.0.1", "693a91f6", "SEC-ding", "access_token"))


async def test_a_crisis_reaches_the_robots_through_a_running_gateway_and_its_restart_doubles_nothing(
    make_gateway: MakeGateway, robots: FakeRobots
) -> None:
    gateway = await make_gateway(**robots.environ())
    page = await gateway.worker()
    await page.say("药已经吞了", "e1")
    await page.wait_for("message", author="safety")
    while not all(robots.told.values()):
        robots.called.clear()
        await asyncio.wait_for(robots.called.wait(), PATIENCE_SECONDS)
    await gateway.stop()
    again = await make_gateway(**robots.environ())
    await (await again.worker()).settle()
    assert again.read(notifications.pending) == 0
    assert {name: len(told) for name, told in robots.told.items()} == {"wecom": 1, "dingtalk": 1, "feishu": 1, "webhook": 1}
    assert "药" not in str(robots.told)
    assert robots.told["webhook"][0]["level"] == "imminent"


async def test_a_robot_that_was_away_hears_of_the_crisis_when_it_is_back(make_gateway: MakeGateway, robots: FakeRobots) -> None:
    environ = {name: value for name, value in robots.environ().items() if "WECOM" in name}
    await robots.stop()
    gateway = await make_gateway(**environ)
    page = await gateway.worker()
    await page.say("药已经吞了", "e1")
    await page.wait_for("message", author="safety")
    await robots.start()
    robots.called.clear()
    await asyncio.wait_for(robots.called.wait(), PATIENCE_SECONDS)
    assert "危急" in robots.told["wecom"][0]["text"]["content"]
