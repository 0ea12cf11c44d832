"""What a gateway does by the clock: finishes turns that were left, and says what is overdue."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import random
from collections.abc import Awaitable, Callable
from functools import partial

from bot.bootstrap import Root
from bot.dispatch import Clock, Dispatcher, utc_now
from bot.domain.errors import NotificationFailed, XinyiError
from bot.domain.handoff_talk import HandoffDesk
from bot.domain.notification import Channel
from bot.metrics import Metrics
from bot.notify.notifier import Notifier
from bot.services import (
    alerts,
    conversations,
    follow_ups,
    handoff_clocks,
    inbox_collecting,
    inbox_items,
    notifications,
    report,
    retention,
)
from bot.services.notifications import Outgoing

log = logging.getLogger(__name__)
_EVERY_SECONDS = 5.0
_GRACE_SECONDS = 10.0
_CLOCK_SECONDS = 30.0
_BEAT_SECONDS = 1.0
_OUTBOX_SECONDS = 1.0
_FORGET_SECONDS = 60.0
_LAST_SECONDS = 1.0
_RETENTION_SECONDS = 3600.0
_INBOX_SECONDS = 20.0


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


async def deliver(
    root: Root, notifier: Notifier, channel: Channel, clock: Clock = utc_now, chance: Callable[[], float] = random.random
) -> int:  # fmt: skip
    """Send what is due on one channel, all at once; gives how much was taken. Each is leased, so gateways side by side send it once."""
    if not await root.run_reading(notifications.has_due, channel, clock()):
        return 0
    taken = await root.run_sync(notifications.take, channel, clock())

    async def send(sent: Outgoing) -> None:
        error = None
        try:
            await notifier.send(channel, sent.key, sent.facts, sent.handoff_id, sent.address, clock())
        except NotificationFailed as failure:
            error = str(failure)
            log.warning("notification %d by %s failed (attempt %d): %s", sent.id, channel.value, sent.attempts, error)
        await root.run_sync(notifications.settle, sent, error, chance(), clock())

    sending = asyncio.gather(*map(send, taken))
    try:
        await asyncio.shield(sending)
    except asyncio.CancelledError:  # what a robot has taken already should be noted, or it comes again after the restart
        await asyncio.wait({sending}, timeout=_LAST_SECONDS)
        sending.cancel()
        raise
    return len(taken)


async def run_deliveries(root: Root, notifier: Notifier, clock: Clock = utc_now, seconds: float = _OUTBOX_SECONDS) -> None:
    """Send what is due until cancelled: each channel by itself, so that one that hangs holds up no other."""

    async def look(channel: Channel) -> None:
        await deliver(root, notifier, channel, clock)

    async def forget() -> None:
        await root.run_sync(notifications.forget_others, notifier.channels)

    loops = [_repeat(f"{channel.value} deliveries", partial(look, channel), seconds) for channel in sorted(notifier.channels)]
    # with return_exceptions a stop waits for all of them, not for the first alone
    await asyncio.gather(_repeat("outbox", forget, _FORGET_SECONDS), *loops, return_exceptions=True)


async def run_retention(root: Root, clock: Clock = utc_now, seconds: float = _RETENTION_SECONDS) -> None:
    """Erase once a day what is older than it is kept, until cancelled; each worker is a commit of its own."""

    async def look() -> None:
        now = clock()
        if not await root.run_sync(retention.claim_run, now):
            return
        total = retention.Erased()
        for worker_id in await root.run_reading(retention.due, now):
            total += await root.run_sync(retention.erase_old, worker_id, now)
        await root.run_sync(retention.drop_notices, now)
        log.info("retention: %d messages, %d screenings, %d cases of %d workers", total.messages, total.screenings,
                 total.handoffs, total.workers)  # fmt: skip

    await _repeat("retention", look, seconds)


async def collect(root: Root, now: dt.datetime) -> int:
    """Put what came since the last look into the trainers' inbox, a batch; gives how many messages were new in it.

    Masks and vectors are made in a reader's thread, so that no turn waits for the one that writes.
    """
    batch = await root.run_reading(inbox_collecting.look, now)
    if batch.is_idle:
        return 0
    groups = await root.run_reading(inbox_collecting.open_groups) if batch.candidates else []
    grouped = await asyncio.get_running_loop().run_in_executor(root.readers, inbox_collecting.prepare, batch, groups)
    return await root.run_sync(inbox_collecting.store, batch, grouped, now)


async def run_inbox(root: Root, clock: Clock = utc_now, seconds: float = _INBOX_SECONDS) -> None:
    """Keep the trainers' inbox up to what is said and agreed to, until cancelled."""

    async def look() -> None:
        if await root.run_reading(inbox_items.has_unconsented):
            await root.run_sync(inbox_items.drop_unconsented)
        count = await collect(root, clock())
        if count:
            log.info("inbox: %d messages more", count)

    await _repeat("inbox", look, seconds)


async def beat(root: Root, desk: HandoffDesk, now: dt.datetime) -> int:
    """Do what the clocks of the handoffs ask for now; gives how much was done. One case that fails holds up no other."""
    done = 0
    for deed, handoff_id in await root.run_reading(handoff_clocks.due, now, desk.policy):
        try:
            done += await root.run_sync(deed, handoff_id, now, desk)
        except XinyiError as error:
            log.error("%s of handoff %d failed: %s", deed.__name__, handoff_id, error.code)
    return done


async def run_handoffs(root: Root, desk: HandoffDesk, clock: Clock = utc_now, seconds: float = _BEAT_SECONDS) -> None:
    """Keep the clocks of the handoffs, every so many seconds until cancelled."""

    async def look() -> None:
        await beat(root, desk, clock())

    await _repeat("handoffs", look, seconds)


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
