"""The clocks of a gateway: what is overdue is said once, over restarts and beside another gateway, and shown in /metrics."""

from __future__ import annotations

import asyncio
import datetime as dt
from contextlib import suppress

import pytest
from ground import NOW
from prometheus_client import generate_latest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.bootstrap import Root, make_root
from bot.db.tables import Alert, Conversation, Worker
from bot.domain.errors import StorageUnavailable
from bot.domain.risk import RiskFinding, RiskKind, RiskLevel, RiskSubject
from bot.jobs import raise_overdue, run_clocks
from bot.metrics import Metrics
from bot.services import alerts, follow_ups, workers
from bot.services.levels import raise_by

HOUR = dt.timedelta(hours=1)
SECRET = "心里的话"


def _store(root: Root, *levels: RiskLevel) -> None:
    """A worker whose messages raised alerts at these levels, the newest the highest."""
    root.call(workers.ensure, "w1", 0, "Asia/Shanghai", NOW)
    thread = root.call(workers.conversation_of, "w1", "web", NOW)

    def raise_all(session: Session) -> None:
        for level in levels:
            finding = RiskFinding(level, RiskSubject.SELF, RiskKind.SUICIDE)
            raise_by(session.get_one(Worker, "w1"), finding, NOW)
            review = HOUR * 24 if level is RiskLevel.WATCH else None
            conversation = session.get_one(Conversation, thread)
            follow_ups.plan(session, alerts.raise_alert(session, conversation, None, alerts.RISK, finding, NOW, review))
        session.commit()

    root.call(raise_all)


def _reasons(root: Root) -> list[str]:
    return root.call_reading(lambda session: list(session.scalars(select(Alert.reason).order_by(Alert.id))))


def _shown(metrics: Metrics) -> list[str]:
    lines = generate_latest(metrics.registry).decode().splitlines()
    return [
        line for line in lines if line.startswith(("xinyi_alerts", "xinyi_follow_ups", "xinyi_takeovers", "xinyi_screen_marks"))
    ]


async def test_what_is_late_is_said_once_whatever_is_restarted(root: Root) -> None:
    _store(root, RiskLevel.WATCH, RiskLevel.IMMINENT)
    assert await raise_overdue(root, Metrics(), NOW + 23 * HOUR) == 0
    assert await raise_overdue(root, Metrics(), NOW + 25 * HOUR) == 2
    with make_root(root.settings) as restarted:
        assert await raise_overdue(restarted, Metrics(), NOW + 26 * HOUR) == 0
    assert _reasons(root) == ["risk", "risk", "follow_up_overdue"]
    assert await raise_overdue(root, Metrics(), NOW + 73 * HOUR) == 1


async def test_two_gateways_at_the_same_moment_say_it_once(root: Root) -> None:
    _store(root, RiskLevel.WATCH, RiskLevel.HIGH)
    with make_root(root.settings) as second:
        late = NOW + 25 * HOUR
        said = await asyncio.gather(*(raise_overdue(each, Metrics(), late) for each in (root, second, root, second)))
    assert sum(said) == 2
    assert _reasons(root).count("follow_up_overdue") == 1


async def test_the_counts_of_the_database_stand_in_the_metrics(sqlite_root: Root) -> None:
    _store(sqlite_root, RiskLevel.WATCH, RiskLevel.HIGH)
    sqlite_root.call(alerts.acknowledge, 1, "王敏", NOW)
    metrics = Metrics()
    await raise_overdue(sqlite_root, metrics, NOW + 25 * HOUR)
    assert _shown(metrics) == [
        'xinyi_alerts{reason="follow_up_overdue"} 1.0', 'xinyi_alerts{reason="risk"} 2.0', "xinyi_takeovers 1.0",
        "xinyi_follow_ups_overdue 1.0",
    ]  # fmt: skip


async def test_the_clock_goes_on_after_a_failure_and_logs_no_words(sqlite_root: Root, caplog: pytest.LogCaptureFixture) -> None:
    _store(sqlite_root, RiskLevel.HIGH)
    times = iter([StorageUnavailable("full"), ValueError(SECRET)])

    def clock() -> dt.datetime:
        trouble = next(times, None)
        if trouble is not None:
            raise trouble
        return NOW + 25 * HOUR

    job = asyncio.ensure_future(run_clocks(sqlite_root, Metrics(), clock, 0.0))
    while "overdue" not in caplog.text:
        await asyncio.wait({job}, timeout=0.01)
    job.cancel()
    with suppress(asyncio.CancelledError):
        await job
    assert "clocks failed: storage" in caplog.text
    assert "clocks failed: ValueError" in caplog.text
    assert SECRET not in caplog.text
    assert _reasons(sqlite_root) == ["risk", "follow_up_overdue"]
