"""DingTalk (钉钉) group robot, signed (加签)."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac

import aiohttp
from yarl import URL

from bot.notify.notice import Notice
from bot.notify.posting import post_to_robot


def signature(milliseconds: str, secret: str) -> str:
    """HMAC-SHA256 with the secret as key over time, line feed and secret, in base64."""
    signed = hmac.new(secret.encode(), f"{milliseconds}\n{secret}".encode(), hashlib.sha256)
    return base64.b64encode(signed.digest()).decode("ascii")


class DingTalk:
    def __init__(self, http: aiohttp.ClientSession, url: str, secret: str) -> None:
        self._http = http
        self._url = URL(url)
        self._secret = secret

    async def send(self, notice: Notice, _address: str | None, now: dt.datetime) -> None:
        url = self._url
        if self._secret:
            milliseconds = str(int(now.timestamp() * 1000))
            url = url.update_query({"timestamp": milliseconds, "sign": signature(milliseconds, self._secret)})
        message = {"msgtype": "text", "text": {"content": notice.text}, "at": {"isAtAll": notice.is_imminent}}
        await post_to_robot(self._http, url, message, "errcode")
