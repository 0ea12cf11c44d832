"""`python -m actions.server`: rasa_sdk's executor inside an aiohttp app of ours, on loopback, with a token and errors that say nothing."""

from __future__ import annotations

import hmac
import json
import logging

from aiohttp import web
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from bot.logs import set_up_logging
from bot.settings import read_settings

log = logging.getLogger(__name__)
_MOST_BYTES = 4 * 1024 * 1024  # a tracker of ten turns of 4,000 characters fits many times over


def make_app(token: str) -> web.Application:
    """`POST /webhook` runs one action for whoever has the token; `GET /health` answers anybody on this machine."""
    executor = ActionExecutor()
    executor.register_package("actions")

    async def webhook(request: web.Request) -> web.Response:
        given = request.headers.get("Authorization", "")
        if not token or not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return web.json_response({"error": "unauthorized"}, status=401)
        try:
            call = json.loads(await request.read())
            name = str(call["next_action"])
        except (ValueError, KeyError, TypeError):
            return web.json_response({"error": "bad_request"}, status=400)
        return await _run(executor, call, name)

    async def health(_request: web.Request) -> web.Response:
        return web.json_response({"status": "ok", "actions": len(executor.actions)})

    app = web.Application(client_max_size=_MOST_BYTES)
    app.router.add_post("/webhook", webhook)
    app.router.add_get("/health", health)
    return app


async def _run(executor: ActionExecutor, call: dict[str, object], name: str) -> web.Response:
    try:
        return web.json_response(await executor.run(call))
    except ActionExecutionRejection as error:
        return web.json_response({"error": "rejected", "action_name": error.action_name}, status=400)
    except ActionNotFoundException:
        log.error("no action %s", name)
        return web.json_response({"error": "no such action", "action_name": name}, status=404)
    except Exception as error:  # noqa: BLE001 - rasa_sdk's own 500 repeats the whole tracker; this says nothing
        log.error("action %s failed: %s", name, type(error).__name__)
        return web.json_response({"error": "failed", "action_name": name}, status=500)


def main() -> None:
    settings = read_settings()
    set_up_logging(settings.log_level)
    logging.getLogger("rasa_sdk").setLevel(logging.WARNING)
    app = make_app(settings.xinyi_actions_token)
    web.run_app(app, host="127.0.0.1", port=settings.actions_port, access_log=None, print=None)


if __name__ == "__main__":
    main()
