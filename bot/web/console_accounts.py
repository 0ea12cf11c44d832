"""One's own account, the staff's accounts and shifts over HTTP (docs/console.md)."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from bot.db.staff_tables import Account
from bot.dispatch import utc_now
from bot.domain import account_fields
from bot.domain.account import Role
from bot.domain.duty import DayException, WeeklySpan, read_exceptions, read_week, shown_minutes
from bot.domain.errors import Incomplete
from bot.domain.handoff import HandoffOutcome
from bot.notify.notice import LEVELS, REASONS
from bot.services import account_changes, accounts, duty
from bot.services.account_changes import Password
from bot.settings import timezone_names
from bot.web import auth
from bot.web.keys import GATE, HANDOFF, ROOT

COUNSELLOR, SUPERVISOR, ADMIN = Role.COUNSELLOR.value, Role.SUPERVISOR.value, Role.ADMIN.value
_WITHOUT_CASES = (Role.TRAINER.value, Role.CLINICIAN.value, ADMIN)
OUTCOMES = {
    HandoffOutcome.TALKED: "聊过了",
    HandoffOutcome.UNREACHED: "没联系上",
    HandoffOutcome.CONTACT_TOLD: "已告诉紧急联系人",
    HandoffOutcome.EMERGENCY_CALLED: "已拨打120或110",
    HandoffOutcome.HOSPITAL: "已就医",
    HandoffOutcome.REVIEWED: "看过了，不用聊",
}


async def show_me(request: web.Request) -> web.Response:
    """Who one is here, where one is signed in, and the words for the codes of a case."""
    signed = await auth.require(request)
    root = request.app[ROOT]
    sessions = await root.run_reading(accounts.sessions_of, signed, utc_now(), root.settings.staff)
    words = {
        "reasons": {each.value: word for each, word in REASONS.items()},
        "outcomes": {each.value: word for each, word in OUTCOMES.items()},
        "levels": {each.value: word for each, word in LEVELS.items()},
    }
    return web.json_response({"me": signed.me, "sessions": sessions, **words})


async def end_session(request: web.Request) -> web.Response:
    """End one of one's own sessions."""
    signed = await auth.require(request)
    await request.app[ROOT].run_sync(accounts.end_own, signed.account_id, request.match_info["session_id"], utc_now())
    return web.json_response({})


async def list_accounts(request: web.Request) -> web.Response:
    """All accounts, disabled ones too."""
    await auth.require(request, ADMIN)
    rows = await request.app[ROOT].run_reading(account_changes.listing)
    return web.json_response({"accounts": [_account(row) for row in rows]})


async def create_account(request: web.Request) -> web.Response:
    """A new account with a one-time password, told this once."""
    signed = await auth.require(request, ADMIN)
    fields = await auth.body_of(request)
    name = fields.pop("name", None)
    if not isinstance(name, str):
        raise Incomplete(["name"])
    root = request.app[ROOT]
    plain, password = await _one_time_password(request)
    account = await root.run_sync(
        account_changes.create, name, fields, password, signed.name, utc_now(), root.settings.default_timezone
    )
    return web.json_response({"account": _account(account), "password": plain})


async def change_account(request: web.Request) -> web.Response:
    """Change fields, or one deed: `disabled` true or false, `reset_password`, `reset_totp`."""
    signed = await auth.require(request, ADMIN)
    fields, root, account_id, now = await auth.body_of(request), request.app[ROOT], request.match_info["account_id"], utc_now()
    deeds = {deed: fields.pop(deed) for deed in ("disabled", "reset_password", "reset_totp") if deed in fields}
    wrong = [deed for deed, value in deeds.items() if not isinstance(value, bool)]
    if wrong or (deeds and (fields or len(deeds) > 1)):
        raise Incomplete(wrong or deeds, reader_text="一次只能做一件事。")
    plain: str | None = None
    if deeds.get("reset_password"):
        plain, password = await _one_time_password(request)
        account = await root.run_sync(account_changes.reset_password, account_id, password, signed.name, now)
    elif deeds.get("reset_totp"):
        account = await root.run_sync(account_changes.reset_totp, account_id, signed.name, now)
    elif "disabled" in deeds:
        if deeds["disabled"]:
            await _give_back_cases(request)
        deed = account_changes.disable if deeds["disabled"] else account_changes.enable
        account = await root.run_sync(deed, account_id, signed.name, now)
    else:
        if account_fields.checked(fields, timezone_names()).get("role") in _WITHOUT_CASES:
            await _give_back_cases(request)
        account = await root.run_sync(account_changes.change, account_id, fields, signed.name, now)
    return web.json_response({"account": _account(account), **({} if plain is None else {"password": plain})})


async def show_shifts(request: web.Request) -> web.Response:
    """An account's week and the days that differ from it."""
    await auth.require(request, ADMIN, SUPERVISOR)
    return web.json_response(await _week(request))


async def put_shifts(request: web.Request) -> web.Response:
    """Put a week and its exceptions in place of the old ones."""
    signed = await auth.require(request, ADMIN, SUPERVISOR)
    body = await auth.body_of(request)
    spans, exceptions = read_week(body.get("shifts")), read_exceptions(body.get("exceptions", []), "exceptions")
    account_id = request.match_info["account_id"]
    await request.app[ROOT].run_sync(duty.set_week, account_id, spans, exceptions, signed.name, utc_now())
    return web.json_response(await _week(request))


async def show_holidays(request: web.Request) -> web.Response:
    """The days that differ for everybody."""
    await auth.require(request, ADMIN, SUPERVISOR)
    return web.json_response({"holidays": _exceptions(await request.app[ROOT].run_reading(duty.holidays))})


async def put_holidays(request: web.Request) -> web.Response:
    """Put these in their place."""
    signed = await auth.require(request, ADMIN, SUPERVISOR)
    found = read_exceptions((await auth.body_of(request)).get("holidays"), "holidays")
    await request.app[ROOT].run_sync(duty.set_holidays, found, signed.name, utc_now())
    return web.json_response({"holidays": _exceptions(found)})


async def list_counsellors(request: web.Request) -> web.Response:
    """Whom a case can go to, and whose shifts there are."""
    await auth.require(request, COUNSELLOR, SUPERVISOR, ADMIN)
    lines = await request.app[ROOT].run_reading(duty.team, utc_now())
    shown = [
        {
            "id": line.account_id, "name": line.name, "shown_name": line.shown_name, "role": line.role,
            "is_present": line.is_present, "on_duty": line.on_duty, "load": line.load, "capacity": line.capacity,
            "skills": list(line.skills), "gender": line.gender,
        }
        for line in lines
    ]  # fmt: skip
    return web.json_response({"counsellors": shown})


async def _one_time_password(request: web.Request) -> tuple[str, Password]:
    plain = account_changes.one_time_password()
    async with request.app[GATE].hashing:
        return plain, Password(await asyncio.to_thread(accounts.hashed, plain), is_temporary=True)


async def _give_back_cases(request: web.Request) -> None:
    app = request.app
    await app[ROOT].run_sync(account_changes.give_back_cases, request.match_info["account_id"], utc_now(), app[HANDOFF])


async def _week(request: web.Request) -> dict[str, Any]:
    timezone, spans, exceptions = await request.app[ROOT].run_reading(duty.week_of, request.match_info["account_id"])
    return {"timezone": timezone, "shifts": [_span(each) for each in spans], "exceptions": _exceptions(exceptions)}


def _span(span: WeeklySpan) -> dict[str, Any]:
    return {"weekday": span.weekday, "start": shown_minutes(span.start_minute), "end": shown_minutes(span.end_minute)}


def _exceptions(found: Sequence[DayException]) -> list[dict[str, Any]]:
    return [
        {
            "on_date": each.on_date.isoformat(), "is_working": each.is_working, "start": shown_minutes(each.start_minute),
            "end": shown_minutes(each.end_minute), "title": each.title,
        }
        for each in found
    ]  # fmt: skip


def _account(row: Account) -> dict[str, Any]:
    return {
        "id": row.id, "name": row.name, "shown_name": row.shown_name, "introduction": row.introduction, "role": row.role,
        "gender": row.gender, "skills": list(row.skills), "capacity": row.capacity, "timezone": row.timezone,
        "email": row.email, "phone": row.phone, "on_call_rank": row.on_call_rank,
        "is_enrolled": row.totp_confirmed_at is not None, "locked_until": _iso(row.locked_until),
        "created_at": _iso(row.created_at), "disabled_at": _iso(row.disabled_at),
    }  # fmt: skip


def _iso(at: dt.datetime | None) -> str | None:
    return None if at is None else at.isoformat()
