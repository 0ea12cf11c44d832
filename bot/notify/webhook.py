"""A hook of the operator's own, such as a calling service: JSON, signed over time and body (docs/notifications.md)."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json

import aiohttp
from yarl import URL

from bot.notify.notice import Notice
from bot.notify.posting import post

TIMESTAMP, SIGNATURE = "X-Xinyi-Timestamp", "X-Xinyi-Signature"


def signature(seconds: str, body: bytes, secret: str) -> str:
    """`sha256=` and the HMAC-SHA256 in hex with the secret as key over time, a dot and the body."""
    return "sha256=" + hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()


class Webhook:
    def __init__(self, http: aiohttp.ClientSession, url: str, secret: str) -> None:
        self._http = http
        self._url = URL(url)
        self._secret = secret

    async def send(self, notice: Notice, address: str | None, now: dt.datetime) -> None:
        """`address` is the phone number to call, null where the hook itself knows whom to tell."""
        facts = notice.facts
        message = {
            "id": notice.key, "case_id": notice.handoff_id, "level": facts.level.value, "reason": facts.reason, "tier": facts.tier,
            "is_taken": facts.is_taken, "waiting_seconds": notice.waiting_seconds, "link": notice.link, "text": notice.text, "phone": address,
        }  # fmt: skip
        body = json.dumps(message, ensure_ascii=False).encode()
        seconds = str(int(now.timestamp()))
        await post(self._http, self._url, body, {TIMESTAMP: seconds, SIGNATURE: signature(seconds, body, self._secret)})
