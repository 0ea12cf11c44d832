"""What a gateway does by the clock: finishes turns that were left, and says what is overdue."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable

from bot.bootstrap import Root
from bot.dispatch import Clock, Dispatcher, utc_now
from bot.domain.errors import XinyiError
from bot.metrics import Metrics
from bot.services import alerts, conversations, follow_ups, report

log = logging.getLogger(__name__)
_EVERY_SECONDS = 5.0
_GRACE_SECONDS = 10.0
_CLOCK_SECONDS = 30.0


async def recover(root: Root, dispatcher: Dispatcher, before: dt.datetime) -> int:
    """Answer every turn created before this moment that has no answer; gives how many there were."""
    left = await root.run_reading(conversations.left_behind, before)
    for turn in left:
        await dispatcher.finish(turn)
    return len(left)


async def run_recovery(root: Root, dispatcher: Dispatcher) -> None:
    """Look for left turns until cancelled.

    On SQLite this gateway is the only one, so the first look takes all that is there; with PostgreSQL another gateway may be
    at work on a young turn, so only those older than Rasa's time limit are taken. Each turn is claimed by a compare-and-set.
    """
    is_alone = root.engine.dialect.name == "sqlite"
    patience = dt.timedelta(seconds=root.settings.rasa_timeout_seconds + _GRACE_SECONDS)
    first = utc_now() if is_alone else None

    async def look() -> None:
        nonlocal first
        before, first = first or utc_now() - patience, None
        count = await recover(root, dispatcher, before)
        if count:
            log.info("finished %d turns left behind", count)

    await _repeat("recovery", look, _EVERY_SECONDS)


async def raise_overdue(root: Root, metrics: Metrics, now: dt.datetime) -> int:
    """Alert of follow-ups past their time, mark watch alerts nobody read in time, show the counts; gives how many were late.

    Each is claimed by a compare-and-set, so gateways side by side say it once; what is due stands in the database.
    """
    said = 0
    for follow_up_id in await root.run_reading(follow_ups.overdue, now):
        said += await root.run_sync(follow_ups.raise_overdue, follow_up_id, now)
    for alert_id in await root.run_reading(alerts.overdue, now):
        said += await root.run_sync(alerts.mark_overdue, alert_id, now)
    metrics.show(await root.run_reading(report.totals))
    return said


async def run_clocks(root: Root, metrics: Metrics, clock: Clock = utc_now, seconds: float = _CLOCK_SECONDS) -> None:
    """Say what is overdue, every so many seconds until cancelled."""

    async def look() -> None:
        count = await raise_overdue(root, metrics, clock())
        if count:
            log.warning("%d follow-ups or alerts are overdue", count)

    await _repeat("clocks", look, seconds)


async def _repeat(name: str, look: Callable[[], Awaitable[None]], seconds: float) -> None:
    """Do this every so many seconds until cancelled; a failure is logged by its name and ends nothing."""
    while True:
        try:
            await look()
        except XinyiError as error:
            log.error("%s failed: %s", name, error.code)
        except Exception as error:  # noqa: BLE001 - these loops keep promises after a crash: they must not end
            log.error("%s failed: %s", name, type(error).__name__)
        await asyncio.sleep(seconds)
