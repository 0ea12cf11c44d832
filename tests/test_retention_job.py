"""Retention by the clock and by command: once a day whatever happens, and a rehearsal changes nothing."""

from __future__ import annotations

import asyncio
import datetime as dt
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner
from ground import NOW, care
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.bootstrap import Root
from bot.cli import main
from bot.db.tables import AuditEntry, Message
from bot.domain.risk import RiskFinding
from bot.jobs import run_retention
from bot.services import conversations, retention, workers
from bot.services.conversations import Inbound

DAY = dt.timedelta(days=1)


@pytest.fixture
def old(sqlite_root: Root) -> Root:
    """A worker who wrote once, long ago."""
    at = NOW - 4000 * DAY
    sqlite_root.call(workers.ensure, "w1", 0, "Asia/Shanghai", at)
    thread = sqlite_root.call(workers.conversation_of, "w1", "web", at)
    sqlite_root.call(workers.grant, "w1", "2026-11", None, at)
    inbound = Inbound(thread, "w1", "web", "e1", "很久以前")
    sqlite_root.call(conversations.receive, inbound, RiskFinding(), care(), "Asia/Shanghai", at)
    sqlite_root.call(retention.settle, 365, None, "admin", at)
    return sqlite_root


def _erased(root: Root) -> int:
    query = select(func.count()).select_from(Message).where(Message.erased_at.is_not(None))
    return root.call_reading(lambda session: session.scalar(query))


def _runs(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "retention.ran")) or 0


async def test_the_job_runs_once_a_day(old: Root) -> None:
    looks = 0

    def clock() -> dt.datetime:
        nonlocal looks
        looks += 1
        return NOW

    job = asyncio.ensure_future(run_retention(old, clock, 0.0))
    while looks < 3:
        await asyncio.wait({job}, timeout=0.01)
    job.cancel()
    with suppress(asyncio.CancelledError):
        await job
    assert (_erased(old), old.call_reading(_runs), old.call_reading(retention.ran_at)) == (1, 1, NOW)


def test_the_command_counts_first_and_erases_then(old: Root, tmp_path: Path) -> None:
    environ = {"VAR_DIR": str(tmp_path), "DATABASE_URL": old.settings.database_url, "KEY_RING": str(old.settings.key_ring)}
    told = CliRunner().invoke(main, ["retention", "run", "--dry-run"], env=environ)
    assert "would be erased: 1 messages" in told.output
    assert _erased(old) == 0
    told = CliRunner().invoke(main, ["retention", "run"], env=environ)
    assert told.output.splitlines() == [
        "kept: messages 365, handling for good (days)", "erased: 1 messages, 0 screenings and words of 0 cases of 1 workers",
    ]  # fmt: skip
    assert _erased(old) == 1
