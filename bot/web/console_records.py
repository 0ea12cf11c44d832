"""What administrators and supervisors settle and check: retention, legal holds, hotlines, dead letters, the audit log."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.dispatch import utc_now
from bot.domain.account import Role
from bot.domain.case_access import SUPERVISOR
from bot.domain.errors import Incomplete
from bot.services import audit, notifications, retention, search
from bot.services.retention import Hold
from bot.web import auth
from bot.web.console_team import json_of, page_of
from bot.web.keys import CONTENT, NOTIFIER, ROOT

_ADMIN = Role.ADMIN.value
_LONGEST_CASE = 9  # digits


async def list_hotlines(request: web.Request) -> web.Response:
    """Every line with the age of its last check."""
    await auth.require(request, _ADMIN, SUPERVISOR)
    today = utc_now().astimezone(ZoneInfo(request.app[ROOT].settings.default_timezone)).date()
    shown = [
        {
            "id": line.id, "number": line.number, "name": line.name, "kind": line.kind, "what": line.what, "hours_text": line.hours_text,
            "status": "show" if line.is_verified else "unverified", "source": line.source, "age_days": line.age_days(today),
            "last_verified": None if line.last_verified is None else line.last_verified.isoformat(), "is_stale": line.is_stale(today),
        }
        for line in request.app[CONTENT].hotlines
    ]  # fmt: skip
    return json_of({"hotlines": shown})


async def show_retention(request: web.Request) -> web.Response:
    """The days that records are kept, when it last ran, and the legal holds that stand."""
    await auth.require(request, _ADMIN)
    return await _retention(request)


async def put_retention(request: web.Request) -> web.Response:
    """Settle the days."""
    signed, body = await auth.require(request, _ADMIN), await auth.body_of(request)
    days = body.get("message_days"), body.get("handoff_days")
    await request.app[ROOT].run_sync(retention.settle, *days, signed.name, utc_now())
    return await _retention(request)


async def place_hold(request: web.Request) -> web.Response:
    """Keep all of the worker of a case."""
    signed, body = await auth.require(request, _ADMIN), await auth.body_of(request)
    case_id, reason = body.get("handoff_id"), body.get("reason")
    if not isinstance(case_id, int) or isinstance(case_id, bool) or not 0 < case_id < 10**_LONGEST_CASE:
        raise Incomplete(["handoff_id"], reader_text="请填个案的编号。")
    if not isinstance(reason, str):
        raise Incomplete(["reason"], reader_text="请写明为什么要保留。")
    return json_of(_hold(await request.app[ROOT].run_sync(retention.place_hold, case_id, reason, signed.name, utc_now())))


async def end_hold(request: web.Request) -> web.Response:
    """End a hold."""
    signed = await auth.require(request, _ADMIN)
    hold_id = int(request.match_info["hold_id"])
    return json_of(_hold(await request.app[ROOT].run_sync(retention.end_hold, hold_id, signed.name, utc_now())))


async def list_notifications(request: web.Request) -> web.Response:
    """Notices that were given up, and which channels there are."""
    await auth.require(request, _ADMIN, SUPERVISOR)
    root = request.app[ROOT]
    letters = await root.run_reading(notifications.dead_letters)
    pending = await root.run_reading(notifications.pending)
    shown = [
        {**asdict(each), "created_at": each.created_at.isoformat(), "dead_at": each.dead_at.isoformat()} for each in letters
    ]
    channels = sorted(channel.value for channel in request.app[NOTIFIER].channels)
    return json_of({"notifications": shown, "pending": pending, "channels": channels, "now": utc_now().isoformat()})


async def retry_notification(request: web.Request) -> web.Response:
    """Try a dead letter again."""
    signed = await auth.require(request, _ADMIN, SUPERVISOR)
    notification_id = int(request.match_info["notification_id"])
    await request.app[ROOT].run_sync(notifications.retry, notification_id, signed.name, utc_now())
    return json_of({})


async def show_audit(request: web.Request) -> web.Response:
    """A page of the log, and whether its chain holds; `subject` may also be the number of a case."""
    await auth.require(request, _ADMIN, SUPERVISOR)
    root, subject = request.app[ROOT], request.query.get("subject", "").strip().lstrip("#")
    subjects = [subject] if subject else []
    if subject.isdecimal() and len(subject) <= _LONGEST_CASE:
        subjects += await root.run_reading(search.subjects_of, int(subject))
    found = await root.run_reading(audit.page, subjects, page_of(request))
    broken_id = await root.run_reading(audit.first_broken)
    entries = [{**asdict(each), "created_at": each.created_at.isoformat()} for each in found.entries]
    return json_of({"entries": entries, "total": found.total, "is_intact": broken_id is None, "broken_id": broken_id})


async def _retention(request: web.Request) -> web.Response:
    root = request.app[ROOT]
    settled, ran_at = await root.run_reading(retention.current), await root.run_reading(retention.ran_at)
    holds = [_hold(each) for each in await root.run_reading(retention.holds)]
    return json_of({**asdict(settled), "ran_at": None if ran_at is None else ran_at.isoformat(), "holds": holds})


def _hold(hold: Hold) -> dict[str, Any]:
    return {**asdict(hold), "placed_at": hold.placed_at.isoformat()}
