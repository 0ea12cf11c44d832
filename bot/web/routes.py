"""Every route of the gateway, and what a machine asks: health, readiness, metrics."""

from __future__ import annotations

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.db.session import is_alive
from bot.web import auth, consents, console, console_accounts, console_records, console_team, me, screenings, worker
from bot.web.keys import HUB, METRICS, RASA, ROOT, SCREEN
from bot.web.studio_routes import add_studio

_ACCOUNT = "/api/console/accounts/{account_id:[0-9a-f]{32}}"
_CASE = "/api/console/cases/{case_id:[0-9]{1,9}}"
_RUN = "{run_id:[0-9a-f]{32}}"


async def healthz(_request: web.Request) -> web.Response:
    """The process lives."""
    return web.json_response({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """Database, Rasa and screen, each by name; 503 while one of them is away."""
    root = request.app[ROOT]
    model = await request.app[RASA].ready_model()
    database = await root.run_reading(lambda _session: is_alive(root.engine))
    screen = request.app[SCREEN].state
    body = {"database": database, "rasa": model is not None, "model": model, "screen": screen}
    ready = database and model is not None and screen in ("cues", "full")
    return web.json_response({"ready": ready, **body}, status=200 if ready else 503)


async def metrics(request: web.Request) -> web.Response:
    """Prometheus text."""
    found = request.app[METRICS]
    found.connections.set(request.app[HUB].count)
    return web.Response(body=generate_latest(found.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


def add_routes(app: web.Application) -> None:
    """Bind every path to its handler; all of these are public, `/api/me` and `/ws` ask for a session themselves."""
    app.router.add_get("/", worker.index)
    app.router.add_get("/embed", worker.embed)
    app.router.add_get("/widget.js", worker.widget)
    app.router.add_post("/api/session", worker.create_session)
    app.router.add_get("/api/hotlines", worker.list_hotlines)
    app.router.add_get("/api/me/export", worker.export_me)
    app.router.add_delete("/api/me", worker.erase_me)
    app.router.add_get("/api/me/consents", consents.list_consents)
    app.router.add_put("/api/me/consents", consents.put_consent)
    app.router.add_get("/api/me/screenings", screenings.list_screenings)
    app.router.add_get("/api/me/screenings/{questionnaire}", screenings.show_screening)
    app.router.add_delete(f"/api/me/screenings/{_RUN}", screenings.delete_run)
    app.router.add_post(f"/api/me/screenings/{_RUN}/share", screenings.share_run)
    app.router.add_delete(f"/api/me/screenings/{_RUN}/share", screenings.withdraw_run)
    app.router.add_get("/api/me/visits", me.list_visits)
    app.router.add_get("/api/me/emergency-contact", me.show_contact)
    app.router.add_put("/api/me/emergency-contact", me.put_contact)
    app.router.add_delete("/api/me/emergency-contact", me.delete_contact)
    app.router.add_get("/ws", worker.socket)
    _add_accounts(app)
    _add_cases(app)
    _add_team(app)
    add_studio(app)
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)
    if worker.STATIC.is_dir():
        app.router.add_static("/static", worker.STATIC)


def _add_accounts(app: web.Application) -> None:
    """Signing in, and who works when; each handler behind the sign-in asks for its role."""
    app.router.add_post("/api/console/sign-in", auth.sign_in)
    app.router.add_post("/api/console/totp", auth.confirm)
    app.router.add_post("/api/console/sign-out", auth.sign_out)
    app.router.add_get("/api/console/me", console_accounts.show_me)
    app.router.add_put("/api/console/me/password", auth.change_password)
    app.router.add_delete("/api/console/sessions/{session_id:[0-9a-f]{64}}", console_accounts.end_session)
    app.router.add_get("/api/console/accounts", console_accounts.list_accounts)
    app.router.add_post("/api/console/accounts", console_accounts.create_account)
    app.router.add_patch(_ACCOUNT, console_accounts.change_account)
    app.router.add_get(f"{_ACCOUNT}/shifts", console_accounts.show_shifts)
    app.router.add_put(f"{_ACCOUNT}/shifts", console_accounts.put_shifts)
    app.router.add_get("/api/console/holidays", console_accounts.show_holidays)
    app.router.add_put("/api/console/holidays", console_accounts.put_holidays)
    app.router.add_get("/api/console/counsellors", console_accounts.list_counsellors)


def _add_cases(app: web.Application) -> None:
    """The counsellors' page and everything at a case; each handler asks for its role."""
    app.router.add_get("/console", console.page)
    app.router.add_get("/console/ws", console.socket)
    app.router.add_get("/api/console/queue", console.queue)
    app.router.add_get("/api/console/canned", console.list_canned)
    app.router.add_get(_CASE, console.open_case)
    app.router.add_get(f"{_CASE}/messages", console.messages)
    app.router.add_post(f"{_CASE}/screenings/{_RUN}/open", console.open_result)
    for name, deed in {
        "accept": console.accept, "decline": console.decline, "release": console.release, "transfer": console.transfer,
        "level": console.set_level, "close": console.close, "notes": console.add_note, "acts": console.act,
        "screening": console.invite, "marks": console.mark, "flags": console.flag, "assign": console.assign, "listen": console.listen,
    }.items():  # fmt: skip
        app.router.add_post(f"{_CASE}/{name}", deed)


def _add_team(app: web.Application) -> None:
    """Search, follow-ups, the supervisor's and the administrator's pages; each handler asks for its role."""
    app.router.add_get("/api/console/search", console_team.search_cases)
    app.router.add_get("/api/console/follow-ups", console_team.list_follow_ups)
    app.router.add_post("/api/console/follow-ups/{follow_up_id:[0-9]{1,9}}/done", console_team.end_follow_up)
    app.router.add_get("/api/console/team", console_team.show_team)
    app.router.add_post(f"{_CASE}/quality", console_team.rate_quality)
    app.router.add_get("/api/console/hotlines", console_records.list_hotlines)
    app.router.add_get("/api/console/retention", console_records.show_retention)
    app.router.add_put("/api/console/retention", console_records.put_retention)
    app.router.add_post("/api/console/holds", console_records.place_hold)
    app.router.add_delete("/api/console/holds/{hold_id:[0-9]{1,9}}", console_records.end_hold)
    app.router.add_get("/api/console/notifications", console_records.list_notifications)
    app.router.add_post("/api/console/notifications/{notification_id:[0-9]{1,9}}/retry", console_records.retry_notification)
    app.router.add_get("/api/console/audit", console_records.show_audit)
