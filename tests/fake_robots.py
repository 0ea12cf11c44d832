"""Hand-made robots, a hook and a mail server on loopback that check what they are sent as the real ones do."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from email import message_from_string
from email.message import Message
from email.policy import default
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

DINGTALK_SECRET, FEISHU_SECRET, WEBHOOK_SECRET = "SEC-ding", "fei-secret", "w" * 32

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _mac(key: bytes, text: bytes) -> bytes:
    return hmac.digest(key, text, hashlib.sha256)


class FakeRobots:
    """One server for all robots: `told` keeps what was accepted, by channel; `answer` may be replaced by any test."""

    def __init__(self) -> None:
        self.told: dict[str, list[dict[str, Any]]] = {"wecom": [], "dingtalk": [], "feishu": [], "webhook": []}
        self.calls = 0
        self.called = asyncio.Event()
        self.answer: Answer | None = None
        self._server: TestServer | None = None
        self.port = 0

    async def start(self) -> None:
        app = web.Application()
        for name in self.told:
            app.router.add_post(f"/{name}", getattr(self, f"_{name}"))
        app.router.add_post("/elsewhere", self._elsewhere)
        self._server = TestServer(app, port=self.port or None)
        await self._server.start_server()
        self.port = self._server.port or 0

    async def stop(self) -> None:
        if self._server is not None:
            await self._server.close()
            self._server = None

    def environ(self) -> dict[str, str]:
        here = f"http://127.0.0.1:{self.port}"
        return {
            "NOTIFY_WECOM_URL": f"{here}/wecom?key=693a91f6-0000",
            "NOTIFY_DINGTALK_URL": f"{here}/dingtalk?access_token=abc",
            "NOTIFY_DINGTALK_SECRET": DINGTALK_SECRET,
            "NOTIFY_FEISHU_URL": f"{here}/feishu",
            "NOTIFY_FEISHU_SECRET": FEISHU_SECRET,
            "NOTIFY_WEBHOOK_URL": f"{here}/webhook",
            "NOTIFY_WEBHOOK_SECRET": WEBHOOK_SECRET,
        }

    async def _taken(self, request: web.Request, name: str, is_signed: bool, good: Any, bad: Any) -> web.StreamResponse:
        self.calls += 1
        self.called.set()
        if self.answer is not None:
            return await self.answer(request)
        if not is_signed:
            return web.json_response(bad)
        self.told[name].append(json.loads(await request.read()))
        return web.json_response(good)

    async def _wecom(self, request: web.Request) -> web.StreamResponse:
        is_known = request.query.get("key") == "693a91f6-0000"
        return await self._taken(request, "wecom", is_known, {"errcode": 0, "errmsg": "ok"}, {"errcode": 93000, "errmsg": "no"})

    async def _dingtalk(self, request: web.Request) -> web.StreamResponse:
        signed = f"{request.query.get('timestamp')}\n{DINGTALK_SECRET}".encode()
        wanted = base64.b64encode(_mac(DINGTALK_SECRET.encode(), signed)).decode()
        is_signed = request.query.get("sign") == wanted and request.query.get("access_token") == "abc"
        return await self._taken(
            request, "dingtalk", is_signed, {"errcode": 0}, {"errcode": 310000, "errmsg": "sign not match"}
        )

    async def _feishu(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        wanted = base64.b64encode(_mac(f"{body.get('timestamp')}\n{FEISHU_SECRET}".encode(), b"")).decode()
        return await self._taken(request, "feishu", body.get("sign") == wanted, {"code": 0}, {"code": 19021, "msg": "sign"})

    async def _webhook(self, request: web.Request) -> web.StreamResponse:
        text = request.headers["X-Xinyi-Timestamp"].encode() + b"." + await request.read()
        is_signed = request.headers["X-Xinyi-Signature"] == "sha256=" + _mac(WEBHOOK_SECRET.encode(), text).hex()
        if not is_signed:
            raise web.HTTPForbidden
        return await self._taken(request, "webhook", True, {}, {})

    async def _elsewhere(self, request: web.Request) -> web.StreamResponse:
        self.told["wecom"].append(await request.json())
        return web.json_response({"errcode": 0})


class FakeMailServer:
    """Speaks just enough SMTP; `mails` keeps what was accepted. `refusal` answers every recipient when it is set."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.recipients: list[str] = []
        self.refusal = ""
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._speak, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def environ(self) -> dict[str, str]:
        return {"NOTIFY_MAIL_SERVER": f"smtp://127.0.0.1:{self.port}", "NOTIFY_MAIL_FROM": "zhiban@xinyi.example.cn"}

    async def _speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := (await reader.readline()).decode():
            word = line[:4].upper()
            if word == "DATA":
                writer.write(b"354 go on\r\n")
                text = (await reader.readuntil(b"\r\n.\r\n"))[:-5]
                self.mails.append(message_from_string(text.decode(), policy=default))
            elif word == "RCPT" and self.refusal:
                writer.write(f"{self.refusal}\r\n".encode())
                continue
            elif word == "RCPT":
                self.recipients.append(line.partition("<")[2].partition(">")[0])
            writer.write(b"221 bye\r\n" if word == "QUIT" else b"250 ok\r\n")
            if word == "QUIT":
                break
        writer.close()
