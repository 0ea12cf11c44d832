"""Recovery: turns left by a stopped gateway are finished once, those under way are left alone, and failures do not end it."""

from __future__ import annotations

import asyncio
import datetime as dt
from contextlib import suppress
from typing import Any

import pytest
from ground import care, settings_for
from sqlalchemy import update

from bot.bootstrap import Root, make_root
from bot.db.tables import Message
from bot.dispatch import utc_now
from bot.domain.errors import StorageUnavailable
from bot.domain.risk import RiskFinding
from bot.jobs import recover, run_recovery
from bot.services import conversations, workers
from bot.services.conversations import Inbound, Unanswered

HOUR = dt.timedelta(hours=1)


class Desk:
    """Stands for the dispatcher: keeps which turns it was given."""

    def __init__(self, *, fails: bool = False) -> None:
        self.finished: list[str] = []
        self.fails = fails
        self.called = asyncio.Event()

    async def finish(self, left: Unanswered) -> None:
        self.finished.append(left.text)
        self.called.set()
        if self.fails:
            raise StorageUnavailable("full")


def _store(root: Root, *texts: str, age: dt.timedelta) -> None:
    now = utc_now() - age
    root.call(workers.ensure, "w1", 0, "Asia/Shanghai", now)
    thread = root.call(workers.conversation_of, "w1", "web", now)
    root.call(workers.grant, "w1", "2026-11", None, now)
    for text in texts:
        inbound = Inbound(thread, "w1", "web", text, text)
        root.call(conversations.receive, inbound, RiskFinding(), care(), "Asia/Shanghai", now)


async def test_turns_are_finished_in_the_order_they_came(root: Root) -> None:
    _store(root, "一", "二", "三", age=HOUR)
    desk = Desk()
    assert await recover(root, desk, utc_now()) == 3  # type: ignore[arg-type]
    assert desk.finished == ["一", "二", "三"]


async def test_a_turn_younger_than_the_moment_asked_for_is_left_alone(root: Root) -> None:
    _store(root, "年轻", age=dt.timedelta(seconds=5))
    desk = Desk()
    assert await recover(root, desk, utc_now() - dt.timedelta(seconds=30)) == 0  # type: ignore[arg-type]
    assert desk.finished == []


async def _first_look(root: Root, desk: Desk) -> None:
    job = asyncio.ensure_future(run_recovery(root, desk))  # type: ignore[arg-type]
    await asyncio.wait_for(desk.called.wait(), 5)
    job.cancel()
    with suppress(asyncio.CancelledError):
        await job


async def test_on_sqlite_the_first_look_takes_even_what_came_a_moment_ago(sqlite_root: Root) -> None:
    _store(sqlite_root, "刚刚", age=dt.timedelta(0))
    desk = Desk()
    await _first_look(sqlite_root, desk)
    assert desk.finished == ["刚刚"]


async def test_on_postgresql_the_first_look_leaves_turns_another_gateway_may_be_at(postgres_root: Root) -> None:
    _store(postgres_root, "旧的", age=HOUR)
    _store(postgres_root, "正在答的", age=dt.timedelta(seconds=3))
    desk = Desk()
    await _first_look(postgres_root, desk)
    assert desk.finished == ["旧的"]


async def test_a_failure_is_logged_without_words_and_the_job_goes_on(
    sqlite_root: Root, caplog: pytest.LogCaptureFixture
) -> None:
    _store(sqlite_root, "心里的话", age=HOUR)
    desk = Desk(fails=True)
    job = asyncio.ensure_future(run_recovery(sqlite_root, desk))  # type: ignore[arg-type]
    await asyncio.wait_for(desk.called.wait(), 5)
    while "recovery failed: storage" not in caplog.text:
        await asyncio.wait({job}, timeout=0.01)
    assert not job.done()
    assert "心里的话" not in caplog.text
    job.cancel()
    with suppress(asyncio.CancelledError):
        await job


async def test_a_turn_that_cannot_be_opened_is_reported_and_not_lost(sqlite_root: Root, tmp_path: Any) -> None:
    _store(sqlite_root, "一", age=HOUR)

    def spoil(session: Any) -> None:
        from sqlalchemy import LargeBinary, type_coerce

        session.execute(update(Message).values({Message.text: type_coerce(b"xx", LargeBinary)}))
        session.commit()

    sqlite_root.call(spoil)
    with pytest.raises(StorageUnavailable):
        await recover(sqlite_root, Desk(), utc_now())  # type: ignore[arg-type]
    with pytest.raises(StorageUnavailable, match="key ring"):
        make_root(settings_for(tmp_path))
