"""Finishes turns that a stopped gateway left between storing and answering."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging

from bot.bootstrap import Root
from bot.dispatch import Dispatcher, utc_now
from bot.domain.errors import XinyiError
from bot.services import conversations

log = logging.getLogger(__name__)
_EVERY_SECONDS = 5.0
_GRACE_SECONDS = 10.0


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
    before = utc_now() if is_alone else utc_now() - patience
    while True:
        try:
            count = await recover(root, dispatcher, before)
            if count:
                log.info("finished %d turns left behind", count)
        except XinyiError as error:
            log.error("recovery failed: %s", error.code)
        except Exception as error:  # noqa: BLE001 - this loop is what keeps promises after a crash: it must not end
            log.error("recovery failed: %s", type(error).__name__)
        await asyncio.sleep(_EVERY_SECONDS)
        before = utc_now() - patience
