"""What a worker may see and settle of their own record: who looked at it, and whom to call when a life is in danger."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from aiohttp import web

from bot.domain.emergency_contact import Contact, checked
from bot.domain.errors import InvalidInput
from bot.services import emergency_contacts, visits
from bot.web.keys import ROOT
from bot.web.worker import signed_in


async def list_visits(request: web.Request) -> web.Response:
    """Who looked, when, in which role and why."""
    session = await signed_in(request)
    found = await request.app[ROOT].run_reading(visits.visits, session.worker_id)
    return _answer({"visits": [{"at": each.at.isoformat(), "who": each.who, "why": each.why} for each in found]})


async def show_contact(request: web.Request) -> web.Response:
    """The emergency contact, or null."""
    session = await signed_in(request)
    return _contact(await request.app[ROOT].run_reading(emergency_contacts.show, session.worker_id))


async def put_contact(request: web.Request) -> web.Response:
    """Name an emergency contact."""
    session = await signed_in(request)
    try:
        body = await request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise InvalidInput("no object", reader_text="没有收到内容，再试一次。")
    contact = checked(body.get("name"), body.get("relation"), body.get("phone"))
    now = dt.datetime.now(dt.timezone.utc)
    await request.app[ROOT].run_sync(emergency_contacts.keep, session.worker_id, contact, now)
    return _contact(contact)


async def delete_contact(request: web.Request) -> web.Response:
    """Name nobody any more."""
    session = await signed_in(request)
    await request.app[ROOT].run_sync(emergency_contacts.remove, session.worker_id)
    return _contact(None)


def _contact(contact: Contact | None) -> web.Response:
    return _answer({"contact": None if contact is None else dataclasses.asdict(contact)})


def _answer(body: dict[str, Any]) -> web.Response:
    return web.json_response(body, headers={"Cache-Control": "no-store"})
