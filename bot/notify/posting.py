"""One POST to a robot or hook: no redirects, a time limit, and an answer that is read and checked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import aiohttp
from yarl import URL

from bot.domain.errors import NotificationFailed

_LONGEST_ANSWER = 64 * 1024


async def post(
    http: aiohttp.ClientSession, url: URL, body: bytes, headers: Mapping[str, str] | None = None
) -> bytes:  # fmt: skip
    """The answer's body; raises NotificationFailed for anything but 2xx. An address is a secret, so no error repeats one."""
    sent = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
    try:
        async with http.post(url, data=body, headers=sent, allow_redirects=False) as response:
            if not 200 <= response.status < 300:
                raise NotificationFailed(f"status {response.status}")
            return await response.content.read(_LONGEST_ANSWER)
    except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
        raise NotificationFailed(type(error).__name__) from None


async def post_to_robot(http: aiohttp.ClientSession, url: URL, message: Mapping[str, Any], code_field: str) -> None:
    """A robot answers 200 also where it refuses: the number in `code_field` of its answer must be there and 0."""
    answer = await post(http, url, json.dumps(message, ensure_ascii=False).encode())
    try:
        code = json.loads(answer)[code_field]
    except (ValueError, KeyError, TypeError):
        raise NotificationFailed("an answer that is none of a robot's") from None
    if code != 0:
        raise NotificationFailed(f"{code_field} {code if isinstance(code, int) else 'unknown'}")
