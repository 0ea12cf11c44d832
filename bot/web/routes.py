"""Every route of the gateway, and what a machine asks: health, readiness, metrics."""

from __future__ import annotations

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.db.session import is_alive
from bot.web import worker
from bot.web.keys import HUB, METRICS, RASA, ROOT, SCREEN


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
    app.router.add_get("/ws", worker.socket)
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)
    if worker.STATIC.is_dir():
        app.router.add_static("/static", worker.STATIC)
