"""Feishu (飞书) group robot, signed (签名校验)."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac

import aiohttp
from yarl import URL

from bot.notify.notice import Notice
from bot.notify.posting import post_to_robot

_EVERYBODY = '<at user_id="all">所有人</at>'


def signature(seconds: str, secret: str) -> str:
    """HMAC-SHA256 over nothing, with time, line feed and secret as key, in base64."""
    return base64.b64encode(hmac.new(f"{seconds}\n{secret}".encode(), b"", hashlib.sha256).digest()).decode("ascii")


class Feishu:
    def __init__(self, http: aiohttp.ClientSession, url: str, secret: str) -> None:
        self._http = http
        self._url = URL(url)
        self._secret = secret

    async def send(self, notice: Notice, _address: str | None, now: dt.datetime) -> None:
        text = f"{notice.text}\n{_EVERYBODY}" if notice.is_imminent else notice.text
        message = {"msg_type": "text", "content": {"text": text}}
        if self._secret:
            seconds = str(int(now.timestamp()))
            message |= {"timestamp": seconds, "sign": signature(seconds, self._secret)}
        await post_to_robot(self._http, self._url, message, "code")
