"""The counsellors' page, its web socket, the queue and everything that is done at a case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web

from bot.channels.console_socket import SignedConsole
from bot.dispatch import utc_now
from bot.domain.case_access import SUPERVISOR
from bot.domain.errors import Incomplete, NotSignedIn
from bot.domain.handoff import HandoffOutcome
from bot.domain.risk import RiskLevel
from bot.services import briefs, case_threads, console_cases, console_news, handoff_rows, handoffs, message_flags
from bot.services.console_cases import Act
from bot.services.handoffs import Closing, FollowUpWish
from bot.services.screen_marks import Verdict
from bot.web import auth
from bot.web.keys import CONSOLE, CONTENT, FEED, HANDOFF, ROOT, SCALES

_PAGE = Path(__file__).parent / "static" / "console" / "index.html"
_NOT_BUILT = (
    "<!doctype html><html lang=zh-CN><meta charset=utf-8><title>心驿 · 咨询师</title><p>页面还没有构建，请先运行 make run。"
)
_LONGEST_TEXT = 4000
_MOST_FOLLOW_UPS = 10
_MORE_THAN_ANY_ID = 2**31
E = TypeVar("E", bound=Enum)
T = TypeVar("T")


async def page(_request: web.Request) -> web.StreamResponse:
    """The console itself; who is not signed in sees its first form."""
    if not _PAGE.exists():
        return web.Response(text=_NOT_BUILT, content_type="text/html", status=503)
    return web.FileResponse(_PAGE, headers={"Cache-Control": "no-cache"})


async def socket(request: web.Request) -> web.StreamResponse:
    """The web socket; one without a session is told that it is over."""
    try:
        signed = await auth.require(request)
    except NotSignedIn:
        return await request.app[CONSOLE].serve(request, None)
    console = SignedConsole(auth.viewer_of(signed), signed.session_id, signed.me)
    return await request.app[CONSOLE].serve(request, console)


async def queue(request: web.Request) -> web.Response:
    """Waiting and active cases that this account may see, in order."""
    viewer, now = await auth.require_viewer(request), utc_now()
    rows, event = await request.app[ROOT].run_reading(console_news.queue, viewer, now)
    return web.json_response({"rows": [row.as_json() for row in rows], "now": now.isoformat(), "event": event})


async def open_case(request: web.Request) -> web.Response:
    """The brief of a case; the opening is audited first."""
    viewer, case_id, root, now = await auth.require_viewer(request), _case(request), request.app[ROOT], utc_now()
    await root.run_sync(console_cases.open_case, viewer, case_id, request.query.get("reason", ""), now)
    return web.json_response(await root.run_reading(briefs.brief, case_id, now, request.app[SCALES].questionnaires))


async def messages(request: web.Request) -> web.Response:
    """A hundred bubbles of a case, oldest first."""
    viewer, case_id, root = await auth.require_viewer(request), _case(request), request.app[ROOT]
    raw = request.query.get("before", "")
    before = int(raw) if raw.isdecimal() and len(raw) < 16 else None
    access = await root.run_sync(console_cases.follow, viewer, case_id, utc_now())
    shown, has_more = await root.run_reading(case_threads.before, access.conversation_id, before, until=access.until)
    return web.json_response({"messages": [each.as_json(case_id) for each in shown], "has_more": has_more})


async def accept(request: web.Request) -> web.Response:
    """Take a waiting case; 409 names who was first."""
    viewer, desk = await auth.require_viewer(request), request.app[HANDOFF]
    return await _deed(request, handoffs.accept, _case(request), viewer.account_id, utc_now(), desk)


async def decline(request: web.Request) -> web.Response:
    """Let an offered case go on to the next counsellor."""
    viewer = await auth.require_viewer(request)
    return await _deed(request, handoffs.decline, _case(request), viewer.account_id, utc_now())


async def release(request: web.Request) -> web.Response:
    """Give one's own case back to the assistant."""
    viewer, body, desk = await auth.require_viewer(request), await auth.body_of(request), request.app[HANDOFF]
    reason = _text(body, "reason")
    return await _deed(request, handoffs.release, _case(request), viewer.account_id, reason, utc_now(), desk)


async def transfer(request: web.Request) -> web.Response:
    """Pass one's own case on to a colleague, or to the queue."""
    viewer, body, desk = await auth.require_viewer(request), await auth.body_of(request), request.app[HANDOFF]
    to = _text(body, "to") if body.get("to") is not None else None
    reason = _text(body, "reason")
    return await _deed(request, handoffs.transfer, _case(request), viewer.account_id, to, reason, utc_now(), desk)


async def assign(request: web.Request) -> web.Response:
    """A supervisor gives a case to a counsellor."""
    viewer, body, desk = await auth.require_viewer(request, SUPERVISOR), await auth.body_of(request), request.app[HANDOFF]
    to, reason = _text(body, "to"), _text(body, "reason")
    return await _deed(request, handoffs.assign, _case(request), viewer.account_id, to, reason, utc_now(), desk)


async def listen(request: web.Request) -> web.Response:
    """A supervisor listens in, which the timeline shows."""
    viewer, body = await auth.require_viewer(request, SUPERVISOR), await auth.body_of(request)
    return await _deed(request, console_cases.listen, viewer, _case(request), _text(body, "reason"), utc_now())


async def close(request: web.Request) -> web.Response:
    """End one's own case with what was done."""
    viewer, body, desk = await auth.require_viewer(request), await auth.body_of(request), request.app[HANDOFF]
    return await _deed(request, handoffs.close, _case(request), viewer.account_id, _closing(body), utc_now(), desk)


async def set_level(request: web.Request) -> web.Response:
    """Judge the worker's level anew."""
    viewer, body, desk = await auth.require_viewer(request), await auth.body_of(request), request.app[HANDOFF]
    level, reason = _choice(body, "level", RiskLevel), _text(body, "reason")
    is_set = await _done(request, console_cases.set_level, viewer, _case(request), level, reason, utc_now(), desk)
    return web.json_response({"level": level.value, "is_waiting_for_second": not is_set})


async def add_note(request: web.Request) -> web.Response:
    """A private note."""
    viewer, body = await auth.require_viewer(request), await auth.body_of(request)
    note = await _done(request, console_cases.add_note, viewer, _case(request), _text(body, "text"), utc_now())
    return web.json_response(note)


async def act(request: web.Request) -> web.Response:
    """The emergency contact was told, or 120 or 110 called; gives whom to call."""
    viewer, body = await auth.require_viewer(request), await auth.body_of(request)
    deed, reason = _choice(body, "act", Act), _text(body, "reason")
    contact = await _done(request, console_cases.act, viewer, _case(request), deed, reason, utc_now())
    return web.json_response({} if contact is None else {"contact": contact})


async def invite(request: web.Request) -> web.Response:
    """Invite the worker to a questionnaire."""
    viewer, body = await auth.require_viewer(request), await auth.body_of(request)
    switched_on = request.app[ROOT].settings.scales_on
    await _done(
        request, console_cases.invite, viewer, _case(request), _text(body, "questionnaire"), request.app[SCALES], switched_on, utc_now()
    )  # fmt: skip
    return web.json_response({})


async def open_result(request: web.Request) -> web.Response:
    """Open the result of an invited screening together with the worker."""
    viewer, run_id = await auth.require_viewer(request), request.match_info["run_id"]
    await _done(request, console_cases.open_result, viewer, _case(request), run_id, utc_now())
    return web.json_response({})


async def mark(request: web.Request) -> web.Response:
    """The screen missed a message of the case, or alarmed for nothing."""
    viewer, body = await auth.require_viewer(request), await auth.body_of(request)
    message_id, verdict = body.get("message_id"), _choice(body, "verdict", Verdict)
    if not isinstance(message_id, int) or isinstance(message_id, bool):
        raise Incomplete(["message_id"])
    expected = _choice(body, "expected", RiskLevel) if body.get("expected") is not None else None
    note = _text(body, "note") if body.get("note") is not None else None
    marked = await _done(request, console_cases.mark, viewer, _case(request), message_id, verdict, expected, note, utc_now())
    return web.json_response({"id": marked})


async def flag(request: web.Request) -> web.Response:
    """The program took a message of the case wrongly."""
    viewer, body = await auth.require_viewer(request), await auth.body_of(request)
    message_id = body.get("message_id")
    if not isinstance(message_id, int) or isinstance(message_id, bool) or not 0 <= message_id < _MORE_THAN_ANY_ID:
        raise Incomplete(["message_id"])
    await _done(request, message_flags.misread, viewer, _case(request), message_id, utc_now())
    return web.json_response({})


async def list_canned(request: web.Request) -> web.Response:
    """Ready-made sentences; the page fills their blanks."""
    await auth.require_viewer(request)
    replies = [
        {"id": each.id, "title": each.title, "group": each.group, "text": each.text} for each in request.app[CONTENT].canned
    ]  # fmt: skip
    return web.json_response({"replies": replies})


async def _deed(request: web.Request, deed: Callable[..., Any], *arguments: Any) -> web.Response:
    """Do something that moves the case of this request, and give its row."""
    await _done(request, deed, *arguments)
    row = await request.app[ROOT].run_reading(handoff_rows.row, _case(request))
    return web.json_response(row.as_json())


async def _done(request: web.Request, deed: Callable[..., T], *arguments: Any) -> T:
    """Do it in one transaction; consoles and the worker's page hear of it at once."""
    found = await request.app[ROOT].run_sync(deed, *arguments)
    request.app[FEED].nudge()
    return found


def _case(request: web.Request) -> int:
    """The case that the path names; the route lets digits alone through."""
    return int(request.match_info["case_id"])


def _text(body: dict[str, Any], name: str) -> str:
    """A text of the body, 4,000 characters at most; raises Incomplete naming it."""
    found = body.get(name, "")
    if not isinstance(found, str) or len(found) > _LONGEST_TEXT:
        raise Incomplete([name])
    return found


def _choice(body: dict[str, Any], name: str, kind: type[E]) -> E:
    try:
        return kind(body.get(name))
    except ValueError:
        raise Incomplete([name]) from None


def _closing(body: dict[str, Any]) -> Closing:
    """What is written at the end of a case; the service says what is still missing. Raises Incomplete for what can't be read."""
    outcome = _choice(body, "outcome", HandoffOutcome) if body.get("outcome") is not None else None
    level_after = _choice(body, "level_after", RiskLevel) if body.get("level_after") is not None else None
    referral = _text(body, "referral") if body.get("referral") is not None else None
    wishes = body.get("follow_ups", [])
    if not isinstance(wishes, list) or len(wishes) > _MOST_FOLLOW_UPS:
        raise Incomplete(["follow_up"])
    return Closing(outcome, level_after, _text(body, "summary"), referral, tuple(map(_wish, wishes)))


def _wish(raw: Any) -> FollowUpWish:
    try:
        due_at = dt.datetime.fromisoformat(raw["due_at"].replace("Z", "+00:00"))
        assigned_to = str(raw["assigned_to"])
    except (TypeError, KeyError, ValueError, AttributeError):
        raise Incomplete(["follow_up"]) from None
    if due_at.tzinfo is None:
        raise Incomplete(["follow_up"])
    return FollowUpWish(assigned_to, due_at)
