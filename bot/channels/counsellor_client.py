"""A counsellor's page without a browser: signs in, follows the queue and talks, for simulation and tests."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import Callable
from typing import Any

import aiohttp
import pyotp

from bot.channels.client import Frame, LineLost, Refused

PROTOCOL = 1
_AGAIN_SECONDS = 0.5
Heard = Callable[[Frame], None]


class CounsellorClient:
    """One account with one open console; `rows` are the cases it may see, by id.

    A lost line is taken up again after the last `event`, as the page does; `on_frame` sees each frame as it arrives.
    Errors of calls: Refused with the code of the answer, LineLost when nothing answers.
    """

    def __init__(self, origin: str, name: str, password: str, on_frame: Heard = lambda frame: None) -> None:
        self.origin = origin.rstrip("/")
        self.name = name
        self.rows: dict[int, dict[str, Any]] = {}
        self.me: dict[str, Any] = {}
        self._password = password
        self._on_frame = on_frame
        self._event = 0
        self._socket: aiohttp.ClientWebSocketResponse[Any] | None = None
        self._waiting: dict[str, asyncio.Future[Frame]] = {}

    async def __aenter__(self) -> CounsellorClient:
        jar = aiohttp.CookieJar(unsafe=True)  # unsafe: the host is a bare address
        self._http = aiohttp.ClientSession(headers={"Origin": self.origin}, cookie_jar=jar)
        try:
            await self._sign_in()
        except BaseException:
            await self._http.close()
            raise
        self._welcomed = asyncio.Event()
        self._following = asyncio.ensure_future(self._follow())
        await self.online()
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._following
        await self._http.close()

    async def online(self) -> None:
        """Wait until the line stands and the queue has been read."""
        await self._welcomed.wait()

    async def call(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """One call of docs/console.md; gives its answer."""
        try:
            async with self._http.request(method, f"{self.origin}/api/console{path}", json=body or None) as answer:
                found = await answer.json(content_type=None)
        except (aiohttp.ClientError, OSError, ValueError, asyncio.TimeoutError) as failure:
            raise LineLost(f"{method} {path}: {type(failure).__name__}") from failure
        if answer.status >= 400:
            raise Refused(found["error"]["code"], found["error"]["message"])
        return dict(found or {})

    async def send(self, **frame: Any) -> None:
        """One frame without an answer; raises LineLost while the line is down."""
        if self._socket is None or self._socket.closed:
            raise LineLost("no socket")
        await self._socket.send_json(frame)

    async def say(self, case_id: int, text: str, patience_seconds: float = 60.0) -> Frame:
        """Say something to the worker of one's own case, again after a lost line until it is stored; gives its `stored` frame."""
        external_id = uuid.uuid4().hex
        end = time.monotonic() + patience_seconds
        while time.monotonic() < end:
            answer = self._waiting[external_id] = asyncio.get_running_loop().create_future()
            try:
                await self.send(type="say", external_id=external_id, case_id=case_id, text=text)
                return await asyncio.wait_for(answer, 5.0)
            except (LineLost, ConnectionError, asyncio.TimeoutError):
                await asyncio.sleep(_AGAIN_SECONDS)
            finally:
                self._waiting.pop(external_id, None)
        raise LineLost("a bubble was not stored in time")

    async def _sign_in(self) -> None:
        first = await self.call("POST", "/sign-in", name=self.name, password=self._password)
        self.me = (await self.call("POST", "/totp", code=pyotp.TOTP(str(first["secret"])).now()))["me"]

    async def _follow(self) -> None:
        while True:
            with contextlib.suppress(aiohttp.ClientError, OSError):
                async with self._http.ws_connect(f"{self.origin}/console/ws") as socket:
                    await socket.send_json({"type": "hello", "protocol": PROTOCOL, "after": self._event})
                    await socket.send_json({"type": "present", "is_available": True})
                    self._socket = socket
                    async for message in socket:
                        if message.type is aiohttp.WSMsgType.TEXT:
                            self._take(message.json())
            self._socket = None
            self._welcomed.clear()
            await asyncio.sleep(_AGAIN_SECONDS)

    def _take(self, frame: Frame) -> None:
        self._event = max(self._event, int(frame.get("event") or 0))
        if frame["type"] == "queue":
            self.rows = {row["id"]: row for row in frame["rows"]}
            self._welcomed.set()
        elif frame["type"] == "row" and frame["row"]["status"] == "gone":
            self.rows.pop(frame["row"]["id"], None)
        elif frame["type"] == "row":
            self.rows[frame["row"]["id"]] = frame["row"]
        elif frame["type"] in ("stored", "error"):
            self._answer(frame)
        self._on_frame(frame)

    def _answer(self, frame: Frame) -> None:
        waiting = self._waiting.get(frame.get("external_id") or "")
        if waiting is None or waiting.done():
            return
        if frame["type"] == "stored":
            waiting.set_result(frame)
        else:
            waiting.set_exception(Refused(frame["code"], frame["message"]))
