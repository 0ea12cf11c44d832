"""The staff's sign-in over HTTP, and who a request comes from."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bot.dispatch import utc_now
from bot.domain.account import require_strong
from bot.domain.case_access import COUNSELLOR, SUPERVISOR, Viewer
from bot.domain.errors import Forbidden, Incomplete, InvalidInput, PasswordDue, SignInRefused
from bot.services import accounts
from bot.services.accounts import Signed
from bot.web.keys import GATE, ROOT

COOKIE = "xinyi_staff"


async def require(request: web.Request, *roles: str) -> Signed:
    """Who this request comes from; no role named: any.

    Raises NotSignedIn, Forbidden for a role that is not among `roles`, PasswordDue while a one-time password stands.
    """
    signed = await require_any(request)
    if signed.has_temporary_password:
        raise PasswordDue(signed.account_id)
    if roles and signed.role not in roles:
        raise Forbidden(f"{signed.role} on {request.path}")
    return signed


async def require_viewer(request: web.Request, *roles: str) -> Viewer:
    """`require` for those who work cases, counsellors and supervisors unless `roles` says otherwise."""
    return viewer_of(await require(request, *(roles or (COUNSELLOR, SUPERVISOR))))


def viewer_of(signed: Signed) -> Viewer:
    """A signed-in member of the staff, as far as cases are concerned."""
    return Viewer(signed.account_id, signed.name, signed.role)


async def require_any(request: web.Request) -> Signed:
    """`require` also with a one-time password: to replace it and to leave."""
    root, now = request.app[ROOT], utc_now()
    signed: Signed = await root.run_reading(accounts.who, request.cookies.get(COOKIE), now, root.settings.staff)
    if accounts.is_used_long_ago(signed, now):
        await root.run_sync(accounts.is_current, signed.session_id, now, root.settings.staff)
    return signed


async def body_of(request: web.Request) -> dict[str, Any]:
    """The JSON object of a request; raises InvalidInput for anything else."""
    try:
        body = json.loads(await request.text())
    except (ValueError, LookupError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise InvalidInput("no object", reader_text="这个请求没法识别，请刷新页面再试。")
    return body


async def sign_in(request: web.Request) -> web.Response:
    """Name and password; opens a session that waits for the second factor."""
    gate, root, now = request.app[GATE], request.app[ROOT], utc_now()
    gate.enter(request)
    body = await body_of(request)
    name, password = _text(body, "name"), _text(body, "password")
    async with gate.hashing:
        checked = await root.run_reading(accounts.check, name, password, now)
    if checked.account_id is None:
        gate.nobody(name, now)
        raise SignInRefused("nobody")
    begun = await root.run_sync(accounts.sign_in, checked, now, root.settings.staff, old_token=request.cookies.get(COOKIE))
    enrolment = {} if begun.secret is None else {"uri": begun.uri, "secret": begun.secret}
    response = web.json_response({"next": "enrol" if enrolment else "totp", **enrolment})
    _set_cookie(request, response, begun.token, root.settings.staff.second_factor)
    return response


async def confirm(request: web.Request) -> web.Response:
    """The second factor; the session goes on under a fresh cookie."""
    gate, root, now = request.app[GATE], request.app[ROOT], utc_now()
    gate.enter(request)
    code = _text(await body_of(request), "code")
    policy = root.settings.staff
    signed, token = await root.run_sync(accounts.confirm, request.cookies.get(COOKIE), code, now, policy)
    response = web.json_response({"me": signed.me})
    _set_cookie(request, response, token, policy.session)
    return response


async def sign_out(request: web.Request) -> web.Response:
    """End this session, confirmed or not."""
    await request.app[ROOT].run_sync(accounts.end, request.cookies.get(COOKIE), utc_now())
    response = web.json_response({})
    response.del_cookie(COOKIE, path="/")
    return response


async def change_password(request: web.Request) -> web.Response:
    """Another password of one's own; all other sessions end."""
    gate, root, now = request.app[GATE], request.app[ROOT], utc_now()
    signed = await require_any(request)
    gate.enter(request)
    body = await body_of(request)
    old, new = _text(body, "old"), _text(body, "new")
    async with gate.hashing:
        checked = await root.run_reading(accounts.check_own, signed.account_id, old, now)
    if not checked.fits:
        await root.run_sync(accounts.fail, signed.account_id, now)
        raise Incomplete(["old"], reader_text="现在的密码不对。")
    require_strong(new, signed.name)
    if new == old:
        raise Incomplete(["new"], reader_text="新密码和现在的一样。")
    async with gate.hashing:
        new_hash = await asyncio.to_thread(accounts.hashed, new)
    await root.run_sync(accounts.set_password, signed, checked, new_hash, now)
    return web.json_response({})


def _text(body: Mapping[str, Any], field: str) -> str:
    value = body.get(field)
    if not isinstance(value, str):
        raise Incomplete([field])
    return value


def _set_cookie(request: web.Request, response: web.Response, token: str, lasts: dt.timedelta) -> None:
    secure = request.app[ROOT].settings.is_secure
    response.set_cookie(
        COOKIE, token, max_age=int(lasts.total_seconds()), httponly=True, samesite="Strict", secure=secure, path="/"
    )
