"""One open web socket: frames wait in a bounded queue for its one writer, and the reader ends when the line is closed from here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

_QUEUE = 512


class Line:
    """What is on its way to one socket; a full queue marks it overloaded, and it is closed to resync."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(_QUEUE)
        self.is_overloaded = False
        self.is_ended = False
        self.closed = asyncio.Event()

    def put(self, frame: dict[str, Any]) -> None:
        """Queue one frame; never blocks."""
        try:
            self.queue.put_nowait(frame)
        except asyncio.QueueFull:
            self.is_overloaded = True
            self.closed.set()

    def end(self) -> None:
        """Close it because its session is over."""
        self.is_ended = True
        self.closed.set()

    @property
    def close_code(self) -> int:
        """Why the gateway closes a line whose session goes on."""
        return WSCloseCode.TRY_AGAIN_LATER if self.is_overloaded else WSCloseCode.GOING_AWAY


async def received(socket: web.WebSocketResponse, line: Line) -> AsyncIterator[str]:
    """The text frames of a socket, until it ends or its line is closed; a binary frame ends it."""
    closing = asyncio.ensure_future(line.closed.wait())
    try:
        while not socket.closed and not line.closed.is_set():
            receiving = asyncio.ensure_future(socket.receive())
            await asyncio.wait({receiving, closing}, return_when=asyncio.FIRST_COMPLETED)
            if not receiving.done():
                receiving.cancel()
                return
            message = receiving.result()
            if message.type is WSMsgType.BINARY:
                await socket.close(code=WSCloseCode.UNSUPPORTED_DATA)
            if message.type is not WSMsgType.TEXT:
                return
            yield message.data
    finally:
        closing.cancel()


async def write_all(socket: web.WebSocketResponse, line: Line, sent: Callable[[dict[str, Any]], None] | None = None) -> None:
    """Send what waits in a line until the socket breaks; the only writer of this socket. `sent` is told of each frame."""
    while True:
        frame = await line.queue.get()
        try:
            await socket.send_json(frame)
        except (ConnectionError, RuntimeError):
            line.closed.set()
            return
        if sent is not None:
            sent(frame)
