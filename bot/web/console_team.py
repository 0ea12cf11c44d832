"""The pages beside the cases: search, open follow-ups, and a supervisor's look at the team."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.dispatch import utc_now
from bot.domain.case_access import SUPERVISOR
from bot.domain.errors import Incomplete
from bot.domain.follow_up import Outcome
from bot.domain.handoff import ACTIVE, CLOSED, WAITING
from bot.domain.risk import RiskLevel
from bot.domain.topics import TOPICS
from bot.services import follow_ups, search, team
from bot.services.search import Wanted
from bot.services.team import Quality, Team
from bot.web import auth
from bot.web.keys import FEED, ROOT

_DAY = dt.timedelta(days=1)
_MOST_DAYS = 366
_DAYS = 7
_LONGEST = {"nickname": 32, "counsellor": 32, "note": 4000}
_STATUSES = (WAITING, ACTIVE, CLOSED)
_LEVELS = tuple(level.value for level in RiskLevel)


async def search_cases(request: web.Request) -> web.Response:
    """Cases that fit, fifty a page, newest first."""
    viewer, root = await auth.require_viewer(request), request.app[ROOT]
    found = await root.run_reading(search.search, viewer, _wanted(request, _zone(request)), page_of(request))
    return json_of({"rows": [row.as_json() for row in found.rows], "total": found.total, "now": utc_now().isoformat()})


async def list_follow_ups(request: web.Request) -> web.Response:
    """Open tasks: the team's, or one's own and nobody's."""
    viewer, now = await auth.require_viewer(request), utc_now()
    rows = await request.app[ROOT].run_reading(follow_ups.open_for, viewer, now)
    return json_of({"rows": [{**asdict(row), "due_at": row.due_at.isoformat()} for row in rows], "now": now.isoformat()})


async def end_follow_up(request: web.Request) -> web.Response:
    """Close a task with how it ended."""
    viewer, body, root = await auth.require_viewer(request), await auth.body_of(request), request.app[ROOT]
    try:
        outcome = Outcome(body.get("outcome"))
    except ValueError:
        raise Incomplete(["outcome"], reader_text="请选随访的结果。") from None
    follow_up_id = int(request.match_info["follow_up_id"])
    await root.run_reading(follow_ups.require_for, follow_up_id, viewer)
    await root.run_sync(follow_ups.complete, follow_up_id, viewer.name, outcome, _note(body), utc_now())
    request.app[FEED].nudge()
    return json_of({})


async def show_team(request: web.Request) -> web.Response:
    """Load, waits, ends, marks, ratings and the day's sample."""
    await auth.require(request, SUPERVISOR)
    raw, now = request.query.get("days", ""), utc_now()
    days = min(max(int(raw), 1), _MOST_DAYS) if raw.isdecimal() and len(raw) < 6 else _DAYS
    found = await request.app[ROOT].run_reading(team.figures, days, _zone(request), now)
    return json_of({**_team(found), "now": now.isoformat()})


async def rate_quality(request: web.Request) -> web.Response:
    """A supervisor's word on a closed case."""
    viewer, body = await auth.require_viewer(request, SUPERVISOR), await auth.body_of(request)
    try:
        quality = Quality(body.get("quality"))
    except ValueError:
        raise Incomplete(["quality"], reader_text="请选“做得好”或“需要讨论”。") from None
    case_id = int(request.match_info["case_id"])
    row = await request.app[ROOT].run_sync(
        team.rate_quality, case_id, viewer.account_id, viewer.name, quality, _note(body), utc_now()
    )  # fmt: skip
    return json_of(row.as_json())


def _zone(request: web.Request) -> ZoneInfo:
    """Where the days of the calendar begin: the organisation's place."""
    return ZoneInfo(request.app[ROOT].settings.default_timezone)


def page_of(request: web.Request) -> int:
    """The number of the page asked for, 1 first."""
    raw = request.query.get("page", "")
    return max(1, int(raw)) if raw.isdecimal() and len(raw) < 6 else 1


def json_of(body: dict[str, Any]) -> web.Response:
    """An answer that no cache keeps."""
    return web.json_response(body, headers={"Cache-Control": "no-store"})


def _wanted(request: web.Request, zone: ZoneInfo) -> Wanted:
    """What the query asks for; raises Incomplete naming what can't be read."""
    given = {name: value.strip() for name, value in request.query.items()}
    known = {"level": _LEVELS, "status": _STATUSES, "topic": tuple(TOPICS)}
    wrong = [name for name, choices in known.items() if given.get(name) and given[name] not in choices]
    wrong += [name for name in ("nickname", "counsellor") if len(given.get(name, "")) > _LONGEST[name]]
    since, until = _midnight(given.get("from", ""), zone, wrong, "from"), _midnight(given.get("to", ""), zone, wrong, "to")
    if wrong:
        raise Incomplete(wrong, reader_text="搜索条件里有认不出来的内容，请改一下。")
    return Wanted(
        given.get("nickname"), since, None if until is None else until + _DAY, given.get("topic"), given.get("level"),
        given.get("counsellor"), given.get("status"),
    )  # fmt: skip


def _midnight(raw: str, zone: ZoneInfo, wrong: list[str], name: str) -> dt.datetime | None:
    if not raw:
        return None
    try:
        return dt.datetime.combine(dt.date.fromisoformat(raw), dt.time(), zone).astimezone(dt.timezone.utc)
    except (ValueError, OverflowError):
        wrong.append(name)
        return None


def _note(body: dict[str, Any]) -> str | None:
    note = body.get("note")
    if note is not None and (not isinstance(note, str) or len(note) > _LONGEST["note"]):
        raise Incomplete(["note"], reader_text=f"备注最多 {_LONGEST['note']} 字。")
    return note


def _team(found: Team) -> dict[str, Any]:
    return {
        "load": [asdict(each) for each in found.load],
        "waits": [{"level": level.value, **asdict(each)} for level, each in found.waits.items()],
        "by_day": [{"on_date": date.isoformat(), **asdict(each)} for date, each in found.by_day.items()],
        "outcomes": [{"outcome": outcome, "count": count} for outcome, count in found.outcomes.items()],
        "marks": {
            "missed": found.missed,
            "false_alarm": found.false_alarms,
            "latest": [{**asdict(each), "created_at": each.created_at.isoformat()} for each in found.latest_marks],
        },
        "ratings": {
            "counts": found.faces,
            "latest": [{**asdict(each), "rated_at": each.rated_at.isoformat()} for each in found.latest_ratings],
        },
        "quality_sample": [row.as_json() for row in found.quality_sample],
    }
