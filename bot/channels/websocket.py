"""The worker's web socket: authenticate first, one writer, bounded queues, resync by the number of the last change."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from bot.bootstrap import Root
from bot.channels.envelope import (
    MAX_FRAME_BYTES,
    PROTOCOL,
    BadFrame,
    Frame,
    Notice,
    error_frame,
    known_timezone,
    read_frame,
)
from bot.channels.lines import received, write_all
from bot.channels.rate import RateLimit
from bot.channels.session import SessionSigner, WorkerSession
from bot.channels.sockets import Hub, Page
from bot.dispatch import Dispatcher, utc_now
from bot.domain.conversation import NOTICE_VERSION, clean_name
from bot.domain.errors import NotSignedIn, RateLimited, XinyiError
from bot.domain.publishing import Onlooker
from bot.services import handoff_rating, message_flags, threads, workers
from bot.services.conversations import Inbound

log = logging.getLogger(__name__)
CHANNEL = "web"
_VERSION = re.compile(r"[!-~]{1,32}")
HELLO_SECONDS = 10.0
_HEARTBEAT_SECONDS = 20.0
_NOTE_SECONDS = 0.5
_NOT_SIGNED_IN, _WRONG_ORIGIN, _NO_HELLO, _REPLACED = 4401, 4403, 4408, 4409
NOTICE = Notice(
    version=NOTICE_VERSION,
    text=[
        "我是程序，不是真人。想找真人的时候，随时跟我说。",
        "你在这儿说的话加密存着，不会给你的单位看。",
        "只有一种情况例外：看到你或别人可能有生命危险，值班咨询师会看这段对话并介入，必要时联系你留下的紧急联系人、120或110。",
        "不用留真名。你的记录，随时可以在“我的数据”里导出或删掉。",
    ],
)


@dataclass(frozen=True)
class Signed:
    """A page that has said hello."""

    worker: WorkerSession
    conversation_id: str
    timezone: str
    after: int


class WorkerSocket:
    """Serves `/ws` for workers."""

    def __init__(
        self, root: Root, hub: Hub, dispatcher: Dispatcher, signer: SessionSigner, origins: Callable[[], frozenset[str]],
        onlooker: Onlooker,
    ) -> None:  # fmt: skip
        self._root = root
        self._hub = hub
        self._dispatcher = dispatcher
        self._signer = signer
        self._origins = origins
        self._onlooker = onlooker
        self._rate = RateLimit(root.settings.rate_messages, root.settings.rate_seconds)
        self._delivered: list[int] = []
        self._noting: asyncio.Task[None] | None = None

    async def serve(self, request: web.Request, cookie: str | None) -> web.WebSocketResponse:
        """One socket from its opening to its end."""
        socket = web.WebSocketResponse(heartbeat=_HEARTBEAT_SECONDS, max_msg_size=MAX_FRAME_BYTES)
        await socket.prepare(request)
        if request.headers.get("Origin") not in self._origins():
            await socket.close(code=_WRONG_ORIGIN)
            return socket
        try:
            signed = await asyncio.wait_for(self._hello(socket, cookie), HELLO_SECONDS)
        except asyncio.TimeoutError:
            await socket.close(code=_NO_HELLO)
            return socket
        except XinyiError as error:
            await _send_and_close(socket, error)
            return socket
        if signed is not None:
            await self._talk(socket, signed)
        return socket

    async def _hello(self, socket: web.WebSocketResponse, cookie: str | None) -> Signed | None:
        message = await socket.receive()
        if message.type is not WSMsgType.TEXT:
            if not socket.closed:
                await socket.close(code=WSCloseCode.UNSUPPORTED_DATA)
            return None
        frame = read_frame(message.data)
        if frame.type != "hello":
            raise NotSignedIn("hello must come first")
        session = self._signer.read(frame.fields.get("token") or cookie)
        timezone = known_timezone(frame.fields["timezone"], self._root.settings.default_timezone)
        now = utc_now()
        await self._root.run_sync(workers.ensure, session.worker_id, session.epoch, timezone, now)
        conversation_id = await self._root.run_sync(workers.conversation_of, session.worker_id, CHANNEL, now)
        return Signed(session, conversation_id, timezone, frame.fields["after"])

    async def _talk(self, socket: web.WebSocketResponse, signed: Signed) -> None:
        page = Page(signed.conversation_id)
        self._hub.join(page)
        writer = asyncio.ensure_future(write_all(socket, page, self._sent))
        try:
            await self._greet(page, signed)
            async for data in received(socket, page):
                await self._frame(data, page, signed)
        except XinyiError as error:
            page.put(error_frame(error, None))
        finally:
            self._hub.leave(page)
            self._type(page, active=False)
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer
            if not socket.closed:
                await socket.close(code=_close_code(page))

    async def _greet(self, page: Page, signed: Signed) -> None:
        facts = await self._root.run_reading(_welcome_facts, signed)
        page.put({"type": "welcome", "protocol": PROTOCOL, "notice": NOTICE, "resumed": signed.after > 0, **facts})
        shown = await self._root.run_reading(threads.thread, signed.conversation_id, signed.after)
        page.show(shown)
        page.put({"type": "replayed", "event": shown[-1].event if shown else signed.after})

    async def _frame(self, data: str, page: Page, signed: Signed) -> None:
        external_id: str | None = None
        try:
            frame = read_frame(data)
            external_id = frame.fields.get("external_id")
            await self._act(frame, page, signed)
        except BadFrame as error:
            page.put(error_frame(error, error.external_id))
        except XinyiError as error:
            if not isinstance(error, RateLimited):
                log.info("frame refused: %s", error.code)
            page.put(error_frame(error, external_id))
        except Exception as error:  # noqa: BLE001 - one bad frame must not end the conversation, nor reach the log with its text
            log.error("frame failed: %s", type(error).__name__)
            page.put(error_frame(XinyiError(), external_id))

    async def _act(self, frame: Frame, page: Page, signed: Signed) -> None:
        fields = frame.fields
        if frame.type == "ping":
            page.put({"type": "pong"})
        elif frame.type == "read":
            await self._root.run_sync(threads.mark_read, signed.conversation_id, fields["event"], utc_now())
        elif frame.type == "consent":
            if not _VERSION.fullmatch(fields["version"]):
                raise BadFrame("bad_field")
            nickname = clean_name(fields.get("nickname") or "")
            await self._root.run_sync(workers.grant, signed.worker.worker_id, fields["version"], nickname, utc_now())
        elif frame.type == "typing":
            self._type(page, active=fields["active"])
        elif frame.type == "rate":
            await self._rate_handoff(fields, page, signed)
        elif frame.type == "flag":
            flagged = (signed.worker.worker_id, signed.conversation_id, fields["message_id"], utc_now())
            await self._root.run_sync(message_flags.thumbs_down, *flagged)
            page.put({"type": "flagged", "message_id": fields["message_id"]})
        elif frame.type in ("message", "choice", "screening"):
            await self._message(frame, page, signed)

    def _type(self, page: Page, *, active: bool) -> None:
        """A page that writes says so to the other side; one that goes away writes no more."""
        if active or page.is_typing:
            page.is_typing = active
            self._onlooker.worker_typing(page.conversation_id, active)

    async def _rate_handoff(self, fields: Mapping[str, Any], page: Page, signed: Signed) -> None:
        rating = (signed.worker.worker_id, fields["handoff_id"], fields["faces"], fields.get("text"))
        await self._root.run_sync(handoff_rating.rate, *rating, utc_now())
        page.put({"type": "rated", "external_id": fields["external_id"], "handoff_id": fields["handoff_id"]})

    async def _message(self, frame: Frame, page: Page, signed: Signed) -> None:
        fields = frame.fields
        if not self._rate.allows(signed.worker.worker_id):
            await self._dispatcher.refuse(fields.get("text", ""), signed.timezone)
        text, payload = fields.get("text", ""), None
        if frame.type == "choice":
            text, payload = await self._root.run_reading(
                threads.choice, signed.conversation_id, fields["message_id"], fields["index"]
            )
        worker_id, external_id = signed.worker.worker_id, fields["external_id"]
        if frame.type == "screening":
            text, payload = await self._dispatcher.screening_wish(signed.conversation_id, worker_id, fields["questionnaire"])
        inbound = Inbound(signed.conversation_id, worker_id, CHANNEL, external_id, text, payload)
        received = await self._dispatcher.handle(inbound, signed.timezone)
        stored = received.message
        page.put({"type": "stored", "external_id": external_id, "id": stored.id, "event": stored.event})

    def _sent(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "message" and frame["author"] != "worker":
            self._note_delivered(frame["id"])

    def _note_delivered(self, message_id: int) -> None:
        """Bubbles that reached a page are noted together, half a second later: one commit for all pages."""
        self._delivered.append(message_id)
        if self._noting is None:
            self._noting = asyncio.ensure_future(self._note_soon())

    async def _note_soon(self) -> None:
        await asyncio.sleep(_NOTE_SECONDS)
        message_ids, self._delivered, self._noting = self._delivered, [], None
        with contextlib.suppress(XinyiError):
            await self._root.run_sync(threads.mark_delivered, message_ids, utc_now())

    async def close(self) -> None:
        """Note what is still to be noted."""
        if self._noting is not None:
            await self._noting


def _welcome_facts(session: Any, signed: Signed) -> dict[str, Any]:
    worker = workers.require(session, signed.worker.worker_id, signed.worker.epoch)
    return {
        "consent_required": not workers.has_consent(session, worker.id),
        "nickname": worker.nickname,
        "unread": threads.unread(session, signed.conversation_id),
    }


def _close_code(page: Page) -> int:
    if page.is_ended:
        return _NOT_SIGNED_IN
    return _REPLACED if page.is_replaced else page.close_code


async def _send_and_close(socket: web.WebSocketResponse, error: XinyiError) -> None:
    if not socket.closed:
        await socket.send_json(error_frame(error, None))
        await socket.close(code=_NOT_SIGNED_IN if isinstance(error, NotSignedIn) else WSCloseCode.TRY_AGAIN_LATER)
