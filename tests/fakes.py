"""Hand-made stand-ins: a Rasa that speaks the channel's HTTP, a screen with plain words, and a worker's page."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import numpy as np
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.domain.risk import Cue, RiskFinding, RiskKind, RiskLevel, RiskSubject
from bot.screen_loader import Screened

PATIENCE_SECONDS = 8.0
RASA_TOKEN = "r" * 32
UNDERSTANDING = {
    "intent": "work_stress",
    "confidence": 0.91,
    "entities": [{"entity": "duration", "value": "三个月"}],
    "model": "m1",
}

Answer = Callable[[dict[str, Any]], Awaitable[web.StreamResponse]]


def turn_of(*messages: dict[str, Any], understanding: dict[str, Any] | None = UNDERSTANDING) -> web.Response:
    """A turn as bot.nlu.channel answers it."""
    return web.json_response({"messages": list(messages), "understanding": understanding})


class FakeRasa:
    """Answers `/webhooks/gateway/*` as `bot.nlu.channel` does; `answer` may be replaced by any test."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.called = asyncio.Event()
        self.model: str | None = "m1.tar.gz"
        self.answer: Answer = self.echo
        self._server: TestServer | None = None
        self.port = 0

    @staticmethod
    async def echo(body: dict[str, Any]) -> web.StreamResponse:
        return turn_of({"recipient_id": body["sender"], "text": f"听到了：{body['message'][:20]}"})

    async def start(self, port: int | None = None) -> None:
        app = web.Application()
        app.router.add_post("/webhooks/gateway/webhook", self._webhook)
        app.router.add_get("/webhooks/gateway/", self._health)
        self._server = TestServer(app, port=port or self.port or None)
        await self._server.start_server()
        self.port = self._server.port or 0

    async def stop(self) -> None:
        if self._server is not None:
            await self._server.close()
            self._server = None

    def texts(self) -> list[str]:
        return [body["message"] for body in self.asked]

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response({"ready": self.model is not None, "model": self.model})

    async def _webhook(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {RASA_TOKEN}":
            return web.json_response({"error": "unauthorized"}, status=401)
        body = await request.json()
        self.asked.append(body)
        self.called.set()
        return await self.answer(body)


_WORDS = (
    ("药已经吞了", RiskLevel.IMMINENT, RiskSubject.SELF, RiskKind.SUICIDE),
    ("他要自杀", RiskLevel.HIGH, RiskSubject.OTHER, RiskKind.SUICIDE),
    ("自杀", RiskLevel.HIGH, RiskSubject.SELF, RiskKind.SUICIDE),
    ("活着没意思", RiskLevel.WATCH, RiskSubject.SELF, RiskKind.SUICIDE),
    ("动手推我", RiskLevel.WATCH, RiskSubject.SELF, RiskKind.VIOLENCE_SUFFERED),
)


def finding_of(text: str) -> RiskFinding:
    for word, level, subject, kind in _WORDS:
        place = text.find(word)
        if place >= 0:
            return RiskFinding(level, subject, kind, (Cue("plain_word", place, place + len(word)),), lexicon_version="fake")
    return RiskFinding(lexicon_version="fake")


class FakeScreen:
    """A screen of a few plain words; `late` gives what a slow vector finds afterwards."""

    def __init__(self) -> None:
        self.state = "full"
        self.late: dict[str, asyncio.Future[RiskFinding]] = {}
        self.vector: Any = np.full(384, 0.5, dtype=np.float32)
        self.seen: list[str] = []

    async def load(self) -> None:
        return None

    async def screen(self, text: str) -> Screened:
        self.seen.append(text)
        return Screened(finding_of(text), self.vector, self.late.get(text))

    async def glance(self, text: str) -> RiskFinding:
        return finding_of(text)

    def close(self) -> None:
        return None


@dataclass
class Page:
    """A worker's page: sends frames, keeps every frame it got, waits for one that fits."""

    socket: aiohttp.ClientWebSocketResponse
    frames: list[dict[str, Any]] = field(default_factory=list)
    looked_at: int = 0

    async def send(self, **frame: Any) -> None:
        await self.socket.send_str(json.dumps(frame))

    async def say(self, text: str, external_id: str) -> None:
        await self.send(type="message", external_id=external_id, text=text)

    async def hello(self, *, after: int = 0, token: str | None = None, timezone: str = "Asia/Shanghai") -> dict[str, Any]:
        named = {"token": token} if token else {}
        await self.send(type="hello", protocol=1, after=after, timezone=timezone, **named)
        welcome = await self.wait_for("welcome")
        await self.wait_for("replayed")
        return welcome

    async def start(self, *, token: str | None = None) -> Page:
        """Say hello and consent."""
        await self.hello(token=token)
        await self.send(type="consent", version="2026-11")
        return self

    async def next(self) -> dict[str, Any]:
        message = await asyncio.wait_for(self.socket.receive(), PATIENCE_SECONDS)
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise AssertionError(f"the socket ended: {message.type!r} {self.socket.close_code}, got {self.types()}")
        frame: dict[str, Any] = json.loads(message.data)
        self.frames.append(frame)
        return frame

    async def wait_for(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The next frame of this type with these fields, among those not waited for yet."""
        while True:
            while self.looked_at < len(self.frames):
                frame = self.frames[self.looked_at]
                self.looked_at += 1
                if frame["type"] == kind and all(frame.get(name) == value for name, value in fields.items()):
                    return frame
            await self.next()

    async def settle(self) -> None:
        """Wait until the gateway has taken every frame sent so far."""
        await self.send(type="ping")
        await self.wait_for("pong")

    async def end(self) -> int:
        """Wait until the gateway closes; gives the close code."""
        while True:
            message = await asyncio.wait_for(self.socket.receive(), PATIENCE_SECONDS)
            if message.type is aiohttp.WSMsgType.TEXT:
                self.frames.append(json.loads(message.data))
            else:
                return self.socket.close_code or 0

    def types(self) -> list[str]:
        return [frame["type"] for frame in self.frames]

    def messages(self, *authors: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["type"] == "message" and (not authors or frame["author"] in authors)]
