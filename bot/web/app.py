"""The gateway's application: what is made at its start and closed at its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web

from bot.bootstrap import Root, make_root
from bot.channels.console_socket import ConsoleSocket
from bot.channels.feed import Feed
from bot.channels.session import SessionSigner
from bot.channels.sockets import Hub
from bot.channels.websocket import WorkerSocket
from bot.content import load_content
from bot.dispatch import Dispatcher, utc_now
from bot.domain.errors import StorageUnavailable
from bot.domain.publication import LIVE
from bot.jobs import run_clocks, run_deliveries, run_handoffs, run_inbox, run_recovery, run_retention
from bot.metrics import Metrics
from bot.model_switch import ModelSwitch, run_switch
from bot.notify.notifier import Notifier
from bot.rasa_client import RasaRouter
from bot.rasa_jobs import Validator
from bot.rasa_slots import Slots, SupervisorSlots
from bot.screen_loader import ScreenRunner
from bot.services import experiments
from bot.settings import Settings
from bot.web import middlewares
from bot.web.gate import Gate
from bot.web.keys import (
    CONSOLE,
    CONTENT,
    FEED,
    GATE,
    HANDOFF,
    HUB,
    METRICS,
    NOTIFIER,
    RASA,
    ROOT,
    SCALES,
    SCREEN,
    SIGNER,
    SLOTS,
    SOCKET,
)
from bot.web.routes import add_routes
from bot.web.studio_check import RasaCheck
from bot.web.studio_desk import add_desk

log = logging.getLogger(__name__)
DISPATCHER = web.AppKey("dispatcher", Dispatcher)
_STOP_SECONDS = 3.0


def make_app(
    settings: Settings, root: Root | None = None, screen: ScreenRunner | None = None, slots: Slots | None = None,
    rasa_check: RasaCheck | None = None,
) -> web.Application:  # fmt: skip
    """The application of these settings; raises XinyiError when database, keys or content are not fit to start."""
    chosen = root or make_root(settings)

    def origins() -> frozenset[str]:
        return settings.origins

    security = middlewares.make_security(settings, origins)
    app = web.Application(middlewares=[security, middlewares.errors], client_max_size=64 * 1024)
    app[ROOT] = chosen
    app[CONTENT] = load_content(settings.content_dir)
    app[HUB], app[METRICS] = Hub(), Metrics()
    app[GATE] = Gate(settings)
    app[NOTIFIER] = Notifier(settings)
    app[SCREEN] = screen or ScreenRunner(settings.content_dir, settings.models_dir)
    app[RASA] = RasaRouter(
        settings.rasa_port, settings.xinyi_rasa_token, settings.rasa_timeout_seconds, lambda *which: _arm_of(chosen, *which)
    )
    app[SLOTS] = slots or SupervisorSlots(Path(settings.xinyi_supervisor) if settings.xinyi_supervisor else None)
    app[SIGNER] = SessionSigner(settings.xinyi_session_secret or secrets.token_hex(32))
    app[DISPATCHER] = Dispatcher(chosen, app[CONTENT], app[SCREEN], app[RASA], app[HUB], app[METRICS])
    app[SCALES] = app[DISPATCHER].scales
    app[HANDOFF] = app[DISPATCHER].care.handoff
    app[FEED] = Feed(chosen, app[HUB])
    app[SOCKET] = WorkerSocket(chosen, app[HUB], app[DISPATCHER], app[SIGNER], origins, app[FEED])
    app[CONSOLE] = ConsoleSocket(chosen, app[FEED], app[HUB], app[HANDOFF], origins)
    app.cleanup_ctx.append(_running)
    add_desk(app, chosen, rasa_check)  # its end needs the threads that _running ends
    app.on_shutdown.append(_close_pages)
    add_routes(app)
    return app


async def _running(app: web.Application) -> AsyncIterator[None]:
    """Load the screen and finish left turns in the background; at the end let the turns under way come to theirs."""
    loading = asyncio.ensure_future(app[SCREEN].load())
    loading.add_done_callback(_note_failure)
    jobs = [
        asyncio.ensure_future(app[FEED].run()),
        asyncio.ensure_future(run_recovery(app[ROOT], app[DISPATCHER])),
        asyncio.ensure_future(run_clocks(app[ROOT], app[METRICS])),
        asyncio.ensure_future(run_handoffs(app[ROOT], app[HANDOFF])),
        asyncio.ensure_future(run_deliveries(app[ROOT], app[NOTIFIER])),
        asyncio.ensure_future(run_retention(app[ROOT])),
        asyncio.ensure_future(run_inbox(app[ROOT])),
        asyncio.ensure_future(run_switch(ModelSwitch(app[ROOT], app[SLOTS], app[RASA]))),
    ]
    yield
    for task in (loading, *jobs):
        task.cancel()
    for job in jobs:
        with contextlib.suppress(asyncio.CancelledError):
            await job
    await app[DISPATCHER].drain()
    await app[NOTIFIER].close()
    await app[SOCKET].close()
    await app[RASA].close()
    app[SCREEN].close()
    app[ROOT].close()


async def _arm_of(root: Root, conversation_id: str, experiment_id: int) -> str:
    """The arm of a conversation; where the database refuses, the live model answers."""
    try:
        return await root.run_sync(experiments.arm, conversation_id, experiment_id, utc_now())
    except StorageUnavailable:
        return LIVE


async def _close_pages(app: web.Application) -> None:
    """An open socket would hold up the stop until its time limit."""
    app[HUB].close_all()
    app[FEED].close_all()


def _note_failure(task: asyncio.Future[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("the risk screen did not load: %s", task.exception())


def run(settings: Settings) -> None:
    """Serve until stopped."""
    app = make_app(settings, rasa_check=Validator())
    web.run_app(app, host=settings.host, port=settings.port, access_log=None, shutdown_timeout=_STOP_SECONDS, print=None)
