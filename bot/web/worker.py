"""The worker's pages, session, hotlines and own record."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from aiohttp import web

from bot.channels.envelope import known_timezone
from bot.channels.session import WorkerSession
from bot.domain.errors import NotSignedIn, StorageUnavailable
from bot.domain.hotline import lines_for
from bot.services import records, workers
from bot.web.keys import CONTENT, HUB, ROOT, SIGNER, SOCKET

STATIC = Path(__file__).parent / "static"
COOKIE = "xinyi_session"
_COOKIE_SECONDS = 90 * 24 * 3600
_ALL_KINDS = frozenset({"emergency", "crisis", "psychological", "rights"})
_NOT_BUILT = (
    "<!doctype html><html lang=zh-CN><meta charset=utf-8><title>心驿</title><p>页面还没有构建，请先运行 make run。"
    "<p>急的话请直接拨打 <a href=tel:120>120</a>、<a href=tel:110>110</a>，心理援助热线 <a href=tel:12356>12356</a>。"
)


def _page(name: str) -> web.StreamResponse:
    path = STATIC / name
    if not path.exists():
        return web.Response(text=_NOT_BUILT, content_type="text/html", status=503)
    return web.FileResponse(path, headers={"Cache-Control": "no-cache"})


async def index(request: web.Request) -> web.StreamResponse:
    """The full page; a visitor without a valid session gets a fresh one."""
    response = _page("index.html")
    signer = request.app[SIGNER]
    try:
        session = signer.read(request.cookies.get(COOKIE))
        await request.app[ROOT].run_reading(workers.require_current, session.worker_id, session.epoch)
    except StorageUnavailable:
        pass  # the page opens all the same; its socket says what is wrong
    except NotSignedIn:
        _set_cookie(request, response, signer.fresh())
    return response


async def embed(_request: web.Request) -> web.StreamResponse:
    """The page for a frame: no cookie, its session is a token."""
    return _page("embed.html")


async def widget(_request: web.Request) -> web.StreamResponse:
    """The one script that a host page includes."""
    return _page("widget.js")


async def create_session(request: web.Request) -> web.Response:
    """A token for the frame."""
    return web.json_response({"token": request.app[SIGNER].fresh()})


async def list_hotlines(request: web.Request) -> web.Response:
    """The lines for the place of `timezone`, those that are closed now left out."""
    root, content = request.app[ROOT], request.app[CONTENT]
    timezone = known_timezone(request.query.get("timezone", ""), root.settings.default_timezone)
    now = dt.datetime.now(dt.timezone.utc)
    lines = lines_for(content.hotlines, content.emergency_by_timezone.get(timezone), timezone, now, kinds=_ALL_KINDS)
    shown = [
        {"number": line.number, "name": line.name, "what": line.what, "hours": line.hours, "open_now": line.open_now}
        for line in lines
    ]
    return web.json_response({"hotlines": shown})


async def export_me(request: web.Request) -> web.Response:
    """Everything kept of this worker, as a file."""
    session = await signed_in(request)
    record = await request.app[ROOT].run_reading(records.export, session.worker_id)
    body = json.dumps(record, ensure_ascii=False, indent=1)
    headers = {"Content-Disposition": 'attachment; filename="xinyi.json"', "Cache-Control": "no-store"}
    return web.Response(text=body, content_type="application/json", headers=headers)


async def erase_me(request: web.Request) -> web.Response:
    """Erase this worker's texts and end the session."""
    session = await signed_in(request)
    threads = await request.app[ROOT].run_sync(records.erase, session.worker_id, dt.datetime.now(dt.timezone.utc))
    for conversation_id in threads:
        request.app[HUB].end(conversation_id)
    response = web.json_response({"erased": True})
    response.del_cookie(COOKIE)
    return response


async def socket(request: web.Request) -> web.StreamResponse:
    """The web socket."""
    return await request.app[SOCKET].serve(request, request.cookies.get(COOKIE))


async def signed_in(request: web.Request) -> WorkerSession:
    """The worker of this request's token or cookie; raises NotSignedIn."""
    header = request.headers.get("Authorization", "")
    token = header.removeprefix("Bearer ") if header.startswith("Bearer ") else request.cookies.get(COOKIE)
    session = request.app[SIGNER].read(token)
    await request.app[ROOT].run_reading(workers.require, session.worker_id, session.epoch)
    return session


def _set_cookie(request: web.Request, response: web.StreamResponse, token: str) -> None:
    secure = request.app[ROOT].settings.is_secure
    response.set_cookie(COOKIE, token, max_age=_COOKIE_SECONDS, httponly=True, samesite="Lax", secure=secure, path="/")
