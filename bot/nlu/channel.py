"""The one door of Rasa: loopback, a bearer token, and an honest status when a turn failed."""

from __future__ import annotations

import hmac
import logging
from typing import Any, Awaitable, Callable, Dict, Optional

from rasa.core.channels.channel import (
    CollectingOutputChannel,
    InputChannel,
    UserMessage,
)
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.nlu.tracker_store import TurnOutcome, turn_outcome
from bot.settings import read_settings

log = logging.getLogger(__name__)


class GatewayChannel(InputChannel):
    """`POST /webhooks/gateway/webhook` runs a turn; `GET /webhooks/gateway/` tells whether a model is loaded.

    Status: 200 with replies, 401 without the token, 400 for a body that is none, 503 when the tracker store failed or no model
    is loaded, 500 for anything else. No body ever repeats what a person wrote.
    """

    @classmethod
    def name(cls) -> str:
        return "gateway"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[str, Any]]) -> InputChannel:
        return cls()

    def __init__(self) -> None:
        self._token = read_settings().xinyi_rasa_token

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        hook = Blueprint("gateway_webhook")

        @hook.get("/")
        async def health(request: Request) -> HTTPResponse:
            agent = getattr(request.app.ctx, "agent", None)
            model = agent.processor.model_filename if agent is not None and agent.is_ready() else None
            return response.json({"ready": model is not None, "model": model})

        @hook.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            given = request.headers.get("Authorization", "")
            if not self._token or not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
                return response.json({"error": "unauthorized"}, status=401)
            body = request.json
            if (
                not isinstance(body, dict)
                or not isinstance(body.get("sender"), str)
                or not isinstance(body.get("message"), str)
            ):
                return response.json({"error": "bad_request"}, status=400)
            return await self._turn(request, body, on_new_message)

        return hook

    async def _turn(
        self, request: Request, body: Dict[str, Any], on_new_message: Callable[[UserMessage], Awaitable[Any]]
    ) -> HTTPResponse:
        agent = getattr(request.app.ctx, "agent", None)
        if agent is None or not agent.is_ready():
            return response.json({"error": "no_model"}, status=503)
        collector = CollectingOutputChannel()
        outcome = TurnOutcome()
        turn_outcome.set(outcome)
        metadata = body.get("metadata") if isinstance(body.get("metadata"), dict) else {}
        try:
            await on_new_message(
                UserMessage(body["message"], collector, body["sender"], input_channel=self.name(), metadata=metadata)
            )
        except Exception as error:  # noqa: BLE001 - the one boundary of this process: a status, and no text in the log
            log.error("turn failed: %s (message %s)", type(error).__name__, (metadata or {}).get("message_id"))
            return response.json({"error": "turn_failed"}, status=500)
        if outcome.is_failed:
            return response.json({"error": "storage"}, status=503)
        return response.json({"messages": collector.messages, "understanding": _as_dict(outcome, agent)})


def _as_dict(outcome: TurnOutcome, agent: Any) -> Optional[Dict[str, Any]]:
    understood = outcome.understanding
    if understood is None:
        return None
    return {
        "intent": understood.intent,
        "confidence": understood.confidence,
        "entities": list(understood.entities),
        "runner_up": understood.runner_up,
        "runner_up_confidence": understood.runner_up_confidence,
        "model": agent.processor.model_filename,
    }
