"""What the studio works with in a gateway: the training folder, its index and check, and the one writer at a time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from aiohttp import web

from bot.bootstrap import Root
from bot.dispatch import utc_now
from bot.domain.errors import XinyiError
from bot.services import change_set_applying
from bot.services.change_set_applying import Desk
from bot.training.folder import TrainingFolder
from bot.web.keys import CHECKER, DESK, FOLDER, INDEX, ROOT
from bot.web.studio_check import Checker, RasaCheck
from bot.web.studio_index import TaughtIndex

log = logging.getLogger(__name__)
_WRITING = web.AppKey("writing", asyncio.Lock)
_SHELF = "vectors.npz"  # the one that training fills


def add_desk(app: web.Application, root: Root, rasa: RasaCheck | None = None) -> None:
    """Put the studio's things on the application; what a killed process left half written is finished before it serves."""
    settings = root.settings
    app[FOLDER] = TrainingFolder(settings.training_dir)
    app[DESK] = Desk(app[FOLDER], settings.var_dir / "studio")
    app[INDEX] = TaughtIndex(settings.models_dir / _SHELF)
    app[CHECKER] = Checker(settings.var_dir / "studio", root.readers, rasa)
    app[_WRITING] = asyncio.Lock()
    app.on_startup.append(_finish_left)
    app.on_shutdown.append(_end_checks)


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


async def _finish_left(app: web.Application) -> None:
    """A folder or database that refuses is no reason not to answer workers: the next apply tries again."""
    try:
        async with alone(app):
            count = await app[ROOT].run_sync(change_set_applying.recover, app[DESK], utc_now())
    except (XinyiError, OSError) as error:
        log.error("left change sets could not be finished: %s", type(error).__name__)
        return
    if count:
        log.warning("%d change sets were left half applied; each is applied or reviewed again", count)


async def _end_checks(app: web.Application) -> None:
    await app[CHECKER].close()
