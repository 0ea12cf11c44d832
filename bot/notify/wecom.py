"""WeCom (企业微信) group robot: its key stands in the address, so the address is the secret."""

from __future__ import annotations

import datetime as dt

import aiohttp
from yarl import URL

from bot.notify.notice import Notice
from bot.notify.posting import post_to_robot


class WeCom:
    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = URL(url)

    async def send(self, notice: Notice, _address: str | None, _now: dt.datetime) -> None:
        """A text, since only a text can call everybody (developer.work.weixin.qq.com/document/path/91770)."""
        text = {"content": notice.text, "mentioned_list": ["@all"] if notice.is_imminent else []}
        await post_to_robot(self._http, self._url, {"msgtype": "text", "text": text}, "errcode")
