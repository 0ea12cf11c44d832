"""The console's web socket: signed in by its cookie, one writer, a bounded queue, the queue first and then every change."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMsgType, web

from bot.bootstrap import Root
from bot.channels import console_envelope as frames
from bot.channels.console_envelope import FROM_CONSOLE
from bot.channels.envelope import MAX_FRAME_BYTES, BadFrame, Frame, read_frame
from bot.channels.feed import Console, Feed, Followed
from bot.channels.lines import received, write_all
from bot.channels.sockets import Hub
from bot.dispatch import Clock, utc_now
from bot.domain.case_access import COUNSELLOR, SUPERVISOR, Viewer
from bot.domain.errors import Forbidden, NotFound, XinyiError
from bot.domain.handoff_talk import HandoffDesk
from bot.services import accounts, case_threads, console_cases, duty, handoffs

log = logging.getLogger(__name__)
_HELLO_SECONDS = 10.0
_HEARTBEAT_SECONDS = 20.0
_CURRENT_SECONDS = 15.0
_NOT_SIGNED_IN, _WRONG_ORIGIN, _NO_HELLO = 4401, 4403, 4408


@dataclass(frozen=True)
class SignedConsole:
    """Who opens a console: the viewer, what `welcome` says of them, and the sign-in it hangs on."""

    viewer: Viewer
    session_id: str
    me: dict[str, Any]


class ConsoleSocket:
    """Serves `/console/ws`."""

    def __init__(
        self, root: Root, feed: Feed, hub: Hub, desk: HandoffDesk, origins: Callable[[], frozenset[str]], clock: Clock = utc_now,
        current_seconds: float = _CURRENT_SECONDS,
    ) -> None:  # fmt: skip
        self._root = root
        self._feed = feed
        self._hub = hub
        self._desk = desk
        self._origins = origins
        self._policy = root.settings.staff
        self._clock = clock
        self._current_seconds = current_seconds

    async def serve(self, request: web.Request, signed: SignedConsole | None) -> web.WebSocketResponse:
        """One console from its opening to its end; without a session it hears `ended` and is closed."""
        socket = web.WebSocketResponse(heartbeat=_HEARTBEAT_SECONDS, max_msg_size=MAX_FRAME_BYTES)
        await socket.prepare(request)
        if request.headers.get("Origin") not in self._origins():
            await socket.close(code=_WRONG_ORIGIN)
            return socket
        if signed is None:
            await _end(socket)
            return socket
        try:
            after = await asyncio.wait_for(_hello(socket), _HELLO_SECONDS)
        except (asyncio.TimeoutError, BadFrame):
            await socket.close(code=_NO_HELLO)
            return socket
        await self._talk(socket, signed, after)
        return socket

    async def _talk(self, socket: web.WebSocketResponse, signed: SignedConsole, after: int) -> None:
        console = Console(signed.viewer)
        tasks = [asyncio.ensure_future(write_all(socket, console)), asyncio.ensure_future(self._watch(console, signed))]
        try:
            await self._feed.admit(console, signed.me, after)
            async for data in received(socket, console):
                await self._frame(data, console)
        except XinyiError as failure:
            console.put(frames.refusal_frame(failure, None))
        finally:
            self._feed.leave(console)
            self._stop_typing(console)
            for task in tasks:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            if console.is_ended:
                await _end(socket)
            elif not socket.closed:
                await socket.close(code=console.close_code)

    async def _watch(self, console: Console, signed: SignedConsole) -> None:
        """The sign-in is asked for again and again, so that one that was ended closes its console; being here is noted."""
        while not console.closed.is_set():
            try:
                if not await self._root.run_sync(accounts.is_current, signed.session_id, self._clock(), self._policy):
                    console.end()
                    return
                await self._root.run_sync(duty.note_presence, console.viewer.account_id, None, self._clock())
            except XinyiError as failure:
                log.warning("a console could not be looked after: %s", failure.code)
            await asyncio.sleep(self._current_seconds)

    async def _frame(self, data: str, console: Console) -> None:
        external_id: str | None = None
        try:
            frame = read_frame(data, FROM_CONSOLE)
            external_id = frame.fields.get("external_id")
            await self._act(frame, console)
        except BadFrame as failure:
            console.put(frames.refusal_frame(failure, failure.external_id))
        except XinyiError as failure:
            log.info("console frame refused: %s", failure.code)
            console.put(frames.refusal_frame(failure, external_id))
        except Exception as error:  # noqa: BLE001 - one bad frame must not close a counsellor's console, nor reach the log with its text
            log.error("console frame failed: %s", type(error).__name__)
            console.put(frames.refusal_frame(XinyiError(), external_id))

    async def _act(self, frame: Frame, console: Console) -> None:
        fields, viewer = frame.fields, console.viewer
        if frame.type == "ping":
            console.put({"type": "pong"})
        elif frame.type == "present":
            await self._root.run_sync(duty.note_presence, viewer.account_id, fields["is_available"], self._clock())
        elif viewer.role not in (COUNSELLOR, SUPERVISOR):
            raise Forbidden("no case rights")
        elif frame.type == "open":
            await self._open(console, fields["case_id"], fields["after"])
        elif frame.type == "leave":
            console.followed.pop(fields["case_id"], None)
        elif frame.type == "read":
            if await self._root.run_sync(
                case_threads.mark_read, fields["case_id"], viewer.account_id, fields["event"], self._clock()
            ):
                self._feed.nudge()
        elif frame.type == "typing":
            self._type(console, fields["case_id"], fields["active"])
        elif frame.type == "say":
            await self._say(console, fields["case_id"], fields["external_id"], fields["text"])

    async def _open(self, console: Console, case_id: int, after: int) -> None:
        """Follow first, then replay: what comes in between arrives by one way or both, and is shown once."""
        now = self._clock()
        access = await self._root.run_sync(console_cases.follow, console.viewer, case_id, now)
        if access.until is None:
            console.followed[case_id] = Followed(access.conversation_id, access.is_by_reason)
        shown = await self._root.run_reading(case_threads.after, access.conversation_id, after, until=access.until)
        console.show_bubbles(case_id, shown)

    async def _say(self, console: Console, case_id: int, external_id: str, text: str) -> None:
        said = await self._root.run_sync(
            handoffs.say, case_id, console.viewer.account_id, external_id, text, self._clock(), self._desk
        )
        message = said.message
        console.put(
            {"type": "stored", "external_id": external_id, "case_id": case_id, "id": message.id, "event": message.event}
        )  # fmt: skip
        self._feed.nudge()

    def _type(self, console: Console, case_id: int, active: bool) -> None:
        row = console.leads(case_id)
        if row is None:
            raise NotFound(f"case {case_id} is not one's own")
        here = frozenset({row.conversation_id})
        console.typing_in = console.typing_in | here if active else console.typing_in - here
        self._hub.typing(row.conversation_id, active)

    def _stop_typing(self, console: Console) -> None:
        """A counsellor whose line broke does not write on for ever."""
        for conversation_id in console.typing_in:
            self._hub.typing(conversation_id, False)


async def _hello(socket: web.WebSocketResponse) -> int:
    """The event after which this console wants to know; raises BadFrame for anything but a hello."""
    message = await socket.receive()
    if message.type is not WSMsgType.TEXT:
        raise BadFrame("bad_json")
    frame = read_frame(message.data, FROM_CONSOLE)
    if frame.type != "hello":
        raise BadFrame("unknown_type")
    return int(frame.fields["after"])


async def _end(socket: web.WebSocketResponse) -> None:
    """Say that the session is over, then close."""
    if not socket.closed:
        with contextlib.suppress(ConnectionError, RuntimeError):
            await socket.send_json({"type": "ended"})
        await socket.close(code=_NOT_SIGNED_IN)
