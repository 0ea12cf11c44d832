"""A worker's own screenings over HTTP: the list, one questionnaire with its results, sharing one, deleting one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from aiohttp import web

from bot.services import screening_pages, screenings
from bot.web.keys import ROOT, SCALES
from bot.web.worker import signed_in


async def list_screenings(request: web.Request) -> web.Response:
    """What this worker may begin, is invited to, left in the middle or has results of."""
    session, scales = await signed_in(request), request.app[SCALES]
    found = await request.app[ROOT].run_reading(screening_pages.overview, session.worker_id, scales, _now())
    return _answer({"screenings": found})


async def show_screening(request: web.Request) -> web.Response:
    """One questionnaire with all its results."""
    session, scales, name = await signed_in(request), request.app[SCALES], request.match_info["questionnaire"]
    return _answer(await request.app[ROOT].run_reading(screening_pages.detail, session.worker_id, name, scales, _now()))


async def delete_run(request: web.Request) -> web.Response:
    """Remove one run with its answers and its result."""
    session = await signed_in(request)
    await request.app[ROOT].run_sync(screenings.delete_run, session.worker_id, request.match_info["run_id"])
    return _answer({"deleted": True})


async def share_run(request: web.Request) -> web.Response:
    """Let a counsellor see one result."""
    return await _share(request, _now())


async def withdraw_run(request: web.Request) -> web.Response:
    """Take that back."""
    return await _share(request, None)


async def _share(request: web.Request, at: dt.datetime | None) -> web.Response:
    session = await signed_in(request)
    await request.app[ROOT].run_sync(screenings.share, session.worker_id, request.match_info["run_id"], at)
    return _answer({"shared": at is not None})


def _now() -> dt.datetime:
    return dt.datetime.now(dt.timezone.utc)


def _answer(body: dict[str, Any]) -> web.Response:
    return web.json_response(body, headers={"Cache-Control": "no-store"})
