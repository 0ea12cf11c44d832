"""The trainers' page, who works in it, and what every call of the studio shares: its roles, its bodies, the draft it reads under."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web

from bot.domain.case_access import Viewer
from bot.domain.change_set import TEACHERS
from bot.domain.errors import Incomplete, InvalidInput, NotFound, TooLarge
from bot.services import account_changes, change_sets
from bot.training.folder import View
from bot.web import auth
from bot.web.keys import FOLDER, ROOT

_PAGE = Path(__file__).parent / "static" / "studio" / "index.html"
_NOT_BUILT = (
    "<!doctype html><html lang=zh-CN><meta charset=utf-8><title>心驿 · 训练工作室</title><p>页面还没有构建，请先运行 make run。"
)
MOST_BYTES = 2 * 1024 * 1024  # of a body: a whole file, or some ten thousand examples; other calls take 64 KB
_LONGEST_TEXT = 4000
_MOST_DIGITS = 9
_UNWRITABLE = re.compile(r"[\x00\ud800-\udfff]")  # neither a file nor the database takes them
E = TypeVar("E", bound=Enum)
T = TypeVar("T")


async def page(_request: web.Request) -> web.StreamResponse:
    """The studio itself; who is not signed in sees its first form."""
    if not _PAGE.exists():
        return web.Response(text=_NOT_BUILT, content_type="text/html", status=503)
    return web.FileResponse(_PAGE, headers={"Cache-Control": "no-cache"})


async def list_staff(request: web.Request) -> web.Response:
    """Trainers and clinicians who can sign in, to give messages to."""
    await require_trainer(request)
    rows = await request.app[ROOT].run_reading(account_changes.listing)
    shown = [
        {"id": row.id, "name": row.name, "shown_name": row.shown_name, "role": row.role}
        for row in rows
        if row.role in TEACHERS and row.disabled_at is None
    ]
    return web.json_response({"staff": shown})


async def require_trainer(request: web.Request) -> Viewer:
    """The trainer or clinician this request comes from; raises NotSignedIn, Forbidden, PasswordDue."""
    return await auth.require_viewer(request, *TEACHERS)


async def large_body_of(request: web.Request) -> dict[str, Any]:
    """The JSON object of a request of up to 2 MB; raises TooLarge before more is read, InvalidInput for anything else."""
    if (request.content_length or 0) > MOST_BYTES:
        raise TooLarge("content length")
    read = bytearray()
    async for part in request.content.iter_chunked(64 * 1024):
        read += part
        if len(read) > MOST_BYTES:
            raise TooLarge("body")
    try:
        body = json.loads(read)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise InvalidInput("no object", reader_text="这个请求没法识别，请刷新页面再试。")
    return body


async def reading(request: web.Request, work: Callable[..., T], *arguments: Any) -> T:
    """Do something with files in a thread; it has no database."""
    return await asyncio.get_running_loop().run_in_executor(request.app[ROOT].readers, work, *arguments)


async def view_of(request: web.Request) -> View:
    """The training folder with the draft that `change_set=ID` names laid over it; raises NotFound."""
    change_set_id = number_in_query(request, "change_set")
    if change_set_id is None:
        return request.app[FOLDER].view()
    overlay = await request.app[ROOT].run_reading(change_sets.overlay, change_set_id)
    return request.app[FOLDER].view(overlay)


def number_in_query(request: web.Request, name: str) -> int | None:
    """A number of the query, None where there is none; raises NotFound for what is no number."""
    raw = request.query.get(name, "")
    if not raw:
        return None
    if not (raw.isascii() and raw.isdecimal()) or len(raw) > _MOST_DIGITS:
        raise NotFound(name)
    return int(raw)


def number_in_path(request: web.Request, name: str) -> int:
    """A number that the path names; the route lets up to nine digits alone through."""
    return int(request.match_info[name])


def text_of(body: dict[str, Any], name: str, longest: int = _LONGEST_TEXT) -> str:
    """A text of the body, empty where it is missing; raises Incomplete naming it."""
    found = body.get(name, "")
    if not isinstance(found, str):
        raise Incomplete([name])
    if len(found) > longest:
        raise Incomplete([name], reader_text=f"太长了，最多 {longest} 字。")
    if _UNWRITABLE.search(found):
        raise Incomplete([name], reader_text="里面有存不了的字符，请删掉再试。")
    return found


def number_of(body: dict[str, Any], name: str) -> int | None:
    """A whole number of the body, None where it is missing; raises Incomplete naming it."""
    found = body.get(name)
    if found is None:
        return None
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found < 10**_MOST_DIGITS:
        raise Incomplete([name])
    return found


def choice_of(body: dict[str, Any], name: str, kind: type[E]) -> E:
    """A choice of the body; raises Incomplete naming it."""
    try:
        return kind(body.get(name))
    except ValueError:
        raise Incomplete([name]) from None
