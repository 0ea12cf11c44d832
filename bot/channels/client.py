"""A worker's page without a browser: speaks docs/protocol.md over HTTP and WebSocket, for rehearsals, load and tests."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Coroutine
from typing import Any, TypedDict, TypeVar, cast

import aiohttp

from bot.channels.envelope import PROTOCOL
from bot.domain.conversation import Author
from bot.domain.errors import XinyiError

Frame = dict[str, Any]
T = TypeVar("T")


class Bubble(TypedDict):
    """One `message` frame, as docs/protocol.md names its fields; `buttons` are titles."""

    id: int
    event: int
    author: str
    text: str
    buttons: list[str]
    custom: dict[str, Any] | None
    created_at: str
    external_id: str | None


class Refused(XinyiError):
    """The gateway answered with an `error` frame; `code` is the protocol's."""

    def __init__(self, code: str, reader_text: str | None = None) -> None:
        super().__init__(code, reader_text=reader_text)
        self.code = code


class LineLost(XinyiError):
    """The gateway can't be reached, or the socket ended; the text names the close code."""

    code = "line_lost"


class NoTurnEnd(XinyiError):
    """A turn had no end in time."""

    code = "no_turn_end"


class WorkerClient:
    """One worker with one open page: says hello, consents, sends, presses buttons, collects bubbles turn by turn.

    Turns are counted: a `stored` begins one, `typing` false ends the oldest, and a `typing` true that no `stored` of ours
    explains (a turn taken up again after a restart, another page) counts too. Frames are read in the background, so that
    heartbeats are answered between turns. Errors: Refused, LineLost, NoTurnEnd.
    """

    def __init__(
        self, origin: str, token: str | None = None, *, timezone: str = "Asia/Shanghai", patience_seconds: float = 60.0
    ) -> None:
        self.origin = origin.rstrip("/")
        self.token = token
        self.shown: list[Bubble] = []
        self._timezone = timezone
        self._patience_seconds = patience_seconds
        self._turns_open = 0
        self._turn_began = 0  # place in `shown` where the present turn begins
        self._frames: asyncio.Queue[Frame | XinyiError] = asyncio.Queue()

    async def __aenter__(self) -> WorkerClient:
        self._http = aiohttp.ClientSession(headers={"Origin": self.origin}, cookie_jar=aiohttp.DummyCookieJar())
        try:
            await self._open()
        except BaseException:
            await self._http.close()
            raise
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._reader.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader
        await self._socket.close()
        await self._http.close()

    async def send(self, text: str) -> Frame:
        """Type a message; gives its `stored` frame."""
        return await self._ask({"type": "message", "text": text})

    async def choose(self, message_id: int, index: int) -> Frame:
        """Press the button number `index` (from 0) under a bubble; gives the `stored` frame."""
        return await self._ask({"type": "choice", "message_id": message_id, "index": index})

    async def replies(self) -> list[Bubble]:
        """What answered since the last message, once its turn has ended; may be empty.

        Without a turn under way the next one that begins is waited for.
        """
        await self._in_time(self._turn_end())
        answers = self.shown[self._turn_began :]
        return [bubble for bubble in answers if bubble["author"] != Author.WORKER.value]

    async def say(self, text: str) -> list[Bubble]:
        """Type a message and give what answers it."""
        await self.send(text)
        return await self.replies()

    async def export(self) -> dict[str, Any]:
        """Everything kept of this worker (`GET /api/me/export`)."""
        return await self._call("GET", "/api/me/export")

    async def erase(self) -> None:
        """Erase this worker's texts everywhere; the session ends (`DELETE /api/me`)."""
        await self._call("DELETE", "/api/me")

    async def _open(self) -> None:
        if self.token is None:
            self.token = str((await self._call("POST", "/api/session"))["token"])
        try:
            self._socket = await self._http.ws_connect(f"{self.origin}/ws")
        except (aiohttp.ClientError, OSError) as error:
            raise LineLost(f"no socket: {type(error).__name__}") from error
        self._reader = asyncio.ensure_future(self._read())
        try:
            await self._greet()
        except BaseException:
            self._reader.cancel()
            raise

    async def _greet(self) -> None:
        hello = {"type": "hello", "protocol": PROTOCOL, "after": 0, "timezone": self._timezone, "token": self.token}
        await self._send(hello)
        welcome = await self._in_time(self._frame("welcome"))
        await self._in_time(self._frame("replayed"))
        if welcome["consent_required"]:
            await self._send({"type": "consent", "version": welcome["notice"]["version"]})

    async def _ask(self, frame: Frame) -> Frame:
        external_id = uuid.uuid4().hex
        self._turn_began = len(self.shown)
        await self._send({**frame, "external_id": external_id})
        return await self._in_time(self._frame("stored", external_id))

    async def _turn_end(self) -> None:
        while True:
            frame = await self._next()
            if frame["type"] == "typing" and not frame["active"] and self._turns_open == 0:
                return

    async def _frame(self, kind: str, external_id: str | None = None) -> Frame:
        """The next frame of this type; an error frame for us is raised."""
        while True:
            frame = await self._next()
            if external_id is not None and frame.get("external_id") not in (external_id, None):
                continue
            if frame["type"] == "error":
                raise Refused(frame["code"], frame["message"])
            if frame["type"] == kind:
                return frame

    async def _next(self) -> Frame:
        frame = await self._frames.get()
        if isinstance(frame, XinyiError):
            self._frames.put_nowait(frame)  # the line stays lost for whoever asks next
            raise frame
        if frame["type"] == "message":
            self.shown.append(cast(Bubble, frame))
        elif frame["type"] == "stored":
            self._turns_open += 1
        elif frame["type"] == "typing":
            self._turns_open = max(self._turns_open, 1) if frame["active"] else max(self._turns_open - 1, 0)
        return frame

    async def _read(self) -> None:
        async for message in self._socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                self._frames.put_nowait(message.json())
        self._frames.put_nowait(LineLost(f"the socket ended with {self._socket.close_code}"))

    async def _send(self, frame: Frame) -> None:
        try:
            await self._socket.send_json(frame)
        except (aiohttp.ClientError, ConnectionError) as error:
            raise LineLost(f"the socket is closed: {type(error).__name__}") from error

    async def _in_time(self, wait: Coroutine[Any, Any, T]) -> T:
        try:
            return await asyncio.wait_for(wait, self._patience_seconds)
        except asyncio.TimeoutError:
            self._turns_open = 0
            raise NoTurnEnd(f"nothing for {self._patience_seconds:g} s") from None

    async def _call(self, method: str, path: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            async with self._http.request(method, f"{self.origin}{path}", headers=headers) as answer:
                body = await answer.json(content_type=None)
        except (aiohttp.ClientError, OSError, ValueError, asyncio.TimeoutError) as failure:
            raise LineLost(f"{method} {path}: {type(failure).__name__}") from failure
        if answer.status >= 400:
            error = body["error"] if isinstance(body, dict) and "error" in body else {"code": f"http_{answer.status}"}
            raise Refused(str(error["code"]), error.get("message"))
        return dict(body or {})
