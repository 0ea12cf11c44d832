"""What stands before a sign-in: a throttle by address, and the same lock for names that nobody has."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import OrderedDict

from aiohttp import web

from bot.channels.rate import RateLimit
from bot.domain.account import Failures, typed_name
from bot.domain.errors import Locked, RateLimited
from bot.settings import Settings

_AT_ONCE = 2  # passwords compared side by side: each takes a core and 64 MiB
_WINDOW_SECONDS = 60
_MOST_NAMES = 10_000


class Gate:
    """Slows down who tries many names from one address, and shuts names that nobody has as it shuts accounts."""

    def __init__(self, settings: Settings) -> None:
        self.rate = RateLimit(settings.staff_sign_ins, _WINDOW_SECONDS)
        self.hashing = asyncio.Semaphore(_AT_ONCE)
        self._nobodies: OrderedDict[str, Failures] = OrderedDict()

    def enter(self, request: web.Request) -> None:
        """Count one try from this address; raises RateLimited when it is one too many."""
        if not self.rate.allows(request.remote or ""):
            raise RateLimited("sign-in", reader_text="试得太快了，歇一分钟再登录。")

    def nobody(self, name: str, now: dt.datetime) -> None:
        """A name that nobody has fails as an account does, so that the answers do not tell them apart; raises Locked."""
        key = typed_name(name)
        failures = self._nobodies.pop(key, Failures())
        self._nobodies[key] = failures if failures.is_locked(now) else failures.one_more(now)
        if len(self._nobodies) > _MOST_NAMES:
            self._nobodies.popitem(last=False)
        if self._nobodies[key].is_locked(now):
            raise Locked("nobody")
