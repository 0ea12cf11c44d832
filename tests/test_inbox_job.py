"""The gateway's own look for messages worth a trainer's: in batches, masked, and without those who took their consent back."""

from __future__ import annotations

import asyncio
import contextlib

from inbox_ground import LATER, agreeing, reasons, say, withdraw

from bot.bootstrap import Root
from bot.jobs import collect, run_inbox


async def test_the_job_collects_what_is_new_once(root: Root) -> None:
    message_id = say(agreeing(root), "哪儿能修手机")
    assert await collect(root, LATER) == 1
    assert await collect(root, LATER) == 0
    assert reasons(root) == {message_id: {"fallback"}}


async def test_the_job_takes_away_what_is_no_longer_agreed_to(root: Root) -> None:
    thread = agreeing(root)
    say(thread, "哪儿能修手机")
    await collect(root, LATER)
    withdraw(root, thread.worker_id)
    job = asyncio.ensure_future(run_inbox(root, lambda: LATER, 0.0))
    while reasons(root):
        await asyncio.wait({job}, timeout=0.01)
    job.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await job
    assert reasons(root) == {}
