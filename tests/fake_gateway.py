"""A small gateway that speaks the worker's protocol by script, for tests of what talks to it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

Frame = dict[str, Any]
_ids = itertools.count(1)


def bubble_frame(text: str, author: str = "bot", **more: Any) -> Any:
    """A `message` frame with a new id."""
    number = next(_ids)
    plain = {"buttons": [], "custom": None, "created_at": "2026-11-22T04:00:00+00:00", "external_id": None}
    return {"type": "message", "id": number, "event": number, "author": author, "text": text, **plain, **more}


class Line:
    """One open socket, as the script sees it."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.socket = socket

    async def put(self, kind: str, **fields: Any) -> None:
        await self.socket.send_json({"type": kind, **fields})

    async def bubble(self, text: str, author: str = "bot", **more: Any) -> None:
        await self.socket.send_json(bubble_frame(text, author, **more))

    async def store(self, frame: Frame) -> None:
        number = next(_ids)
        await self.put("stored", external_id=frame["external_id"], id=number, event=number)

    async def turn(self, *texts: str, author: str = "bot") -> None:
        """A whole answer: typing, bubbles, typing ends."""
        await self.put("typing", active=True)
        for text in texts:
            await self.bubble(text, author)
        await self.put("typing", active=False)

    async def refuse(self, code: str, frame: Frame) -> None:
        await self.put("error", code=code, message="歇几秒再发", external_id=frame["external_id"])


Answer = Callable[[Line, Frame], Awaitable[None]]


async def echo(line: Line, frame: Frame) -> None:
    """The worker's own bubble, `stored`, and one bubble of the bot."""
    text = frame.get("text") or "按钮"
    await line.bubble(text, "worker", external_id=frame["external_id"])
    await line.store(frame)
    await line.turn(f"听到了：{text}")


class FakeGateway:
    """Answers each message with `answer` and keeps every frame it got; `levels` are those of its export, by text."""

    def __init__(self, answer: Answer = echo, *, consent_required: bool = True) -> None:
        self.answer = answer
        self.consent_required = consent_required
        self.hellos: list[Frame] = []
        self.consents: list[str] = []
        self.got: list[Frame] = []
        self.history: list[Frame] = []
        self.levels: dict[str, str] = {}
        self.is_erased = False
        self.ponged = asyncio.Event()
        self.line: Line

    async def start(self) -> str:
        """Listen; gives the origin."""
        app = web.Application()
        app.router.add_post("/api/session", self._session)
        app.router.add_get("/api/me/export", self._export)
        app.router.add_delete("/api/me", self._erase)
        app.router.add_get("/ws", self._serve)
        self.server = TestServer(app)
        await self.server.start_server()
        return str(self.server.make_url("/")).rstrip("/")

    async def _session(self, _request: web.Request) -> web.Response:
        return web.json_response({"token": "t"})

    async def _export(self, request: web.Request) -> web.Response:
        if self.is_erased or request.headers.get("Authorization") != "Bearer t":
            return web.json_response({"error": {"code": "not_signed_in", "message": "刷新一下页面"}}, status=401)
        said = [frame["text"] for frame in self.got if "text" in frame]
        rows = [{"author": "worker", "text": text, "risk_level": self.levels.get(text)} for text in said]
        return web.json_response({"conversations": [{"messages": [{"author": "bot", "risk_level": None}, *rows]}]})

    async def _erase(self, _request: web.Request) -> web.Response:
        self.is_erased = True
        return web.json_response({"erased": True})

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        self.line = Line(socket)
        await self._listen(Line(socket))
        return socket

    async def _listen(self, line: Line) -> None:
        async for message in line.socket:
            if message.type is WSMsgType.PONG:
                self.ponged.set()
                continue
            frame = message.json()
            if frame["type"] == "hello":
                self.hellos.append(frame)
                notice = {"version": "2026-11", "text": ["我是程序"]}
                await line.put("welcome", protocol=1, consent_required=self.consent_required, notice=notice)
                for old in self.history:
                    await line.socket.send_json(old)
                await line.put("replayed", event=0)
            elif frame["type"] == "consent":
                self.consents.append(frame["version"])
            else:
                self.got.append(frame)
                await self.answer(line, frame)
