"""What the studio works with in a gateway: the training folder, its index and check, and the one writer at a time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator

from aiohttp import web

from bot.bootstrap import Root
from bot.dispatch import utc_now
from bot.services import change_set_applying
from bot.services.change_set_applying import Desk
from bot.settings import ROOT as PROJECT
from bot.training.folder import TrainingFolder
from bot.web.keys import CHECKER, DESK, FOLDER, INDEX, ROOT
from bot.web.studio_check import Checker, RasaCheck, sweep
from bot.web.studio_index import TaughtIndex

log = logging.getLogger(__name__)
RECOVERY: web.AppKey[asyncio.Task[None]] = web.AppKey("recovery", asyncio.Task)
_WRITING = web.AppKey("writing", asyncio.Lock)
_SHELF = "vectors.npz"  # the one that training fills


def add_desk(app: web.Application, root: Root, rasa: RasaCheck | None = None) -> None:
    """Put the studio's things on the application; what a killed process left half written is finished at the start."""
    settings = root.settings
    app[FOLDER] = TrainingFolder(settings.training_dir, PROJECT)
    app[DESK] = Desk(app[FOLDER], settings.var_dir / "studio")
    app[INDEX] = TaughtIndex(settings.models_dir / _SHELF)
    app[CHECKER] = Checker(settings.var_dir / "studio", root.readers, rasa)
    app[_WRITING] = asyncio.Lock()
    app.cleanup_ctx.append(_working)


@contextlib.asynccontextmanager
async def alone(app: web.Application) -> AsyncIterator[None]:
    """One writer of the folder in this process, and with a lock on a file one among all processes."""
    async with app[_WRITING]:
        loop, readers = asyncio.get_running_loop(), app[ROOT].readers
        lock = change_set_applying.alone(app[DESK])
        await loop.run_in_executor(readers, lock.__enter__)
        try:
            yield
        finally:
            lock.__exit__(None, None, None)


async def _working(app: web.Application) -> AsyncIterator[None]:
    """What was left is finished beside the start, which workers do not wait for; whoever applies finishes it first as well."""
    app[RECOVERY] = asyncio.ensure_future(_finish_left(app))
    yield
    app[RECOVERY].cancel()
    await asyncio.gather(app[RECOVERY], return_exceptions=True)
    await app[CHECKER].close()


async def _finish_left(app: web.Application) -> None:
    try:
        await asyncio.get_running_loop().run_in_executor(app[ROOT].readers, sweep, app[DESK].place, time.time())
        async with alone(app):
            count = await app[ROOT].run_sync(change_set_applying.recover, app[DESK], utc_now())
    except Exception as error:  # noqa: BLE001 - the folder's trouble is no reason to stop answering workers; the next apply tells it
        log.error("change sets that were left could not be finished: %s", type(error).__name__)
        return
    if count:
        log.warning("%d change sets were left half applied; each is applied or reviewed again", count)
