"""The worker's consents over HTTP: which stand, and switching one on or off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from aiohttp import web

from bot.domain.consent import CONSENTS_VERSION
from bot.domain.errors import InvalidInput
from bot.services import consents
from bot.services.consents import ConsentLine
from bot.web.keys import ROOT
from bot.web.worker import signed_in


async def list_consents(request: web.Request) -> web.Response:
    """Every switch with its text and whether it is on."""
    session = await signed_in(request)
    return _answer(await request.app[ROOT].run_reading(consents.switches, session.worker_id))


async def put_consent(request: web.Request) -> web.Response:
    """Switch one on or off, and give all of them as they stand then."""
    session = await signed_in(request)
    kind, version = await _wanted(request)
    root, now = request.app[ROOT], dt.datetime.now(dt.timezone.utc)
    if version is None:
        await root.run_sync(consents.withdraw, session.worker_id, kind, now)
    else:
        await root.run_sync(consents.grant, session.worker_id, kind, version, now)
    return _answer(await root.run_reading(consents.switches, session.worker_id))


async def _wanted(request: web.Request) -> tuple[str, str | None]:
    """The kind, and the version of the text agreed to; None to take it back."""
    try:
        body = await request.json()
    except ValueError:
        raise InvalidInput("no JSON") from None
    body = body if isinstance(body, dict) else {}
    kind, granted, version = body.get("kind"), body.get("granted"), body.get("version")
    if not isinstance(kind, str) or not isinstance(granted, bool) or (granted and not isinstance(version, str)):
        raise InvalidInput("kind, granted and version")
    return kind, str(version) if granted else None


def _answer(lines: Sequence[ConsentLine]) -> web.Response:
    shown = [
        {
            "kind": line.kind,
            "title": line.shown.title,
            "text": line.shown.text,
            "can_grant": line.shown.can_grant,
            "granted_at": None if line.granted_at is None else line.granted_at.isoformat(),
        }
        for line in lines
    ]
    return web.json_response({"version": CONSENTS_VERSION, "consents": shown}, headers={"Cache-Control": "no-store"})
