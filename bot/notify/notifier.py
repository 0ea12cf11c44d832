"""The channels that this installation has set up, and the sending of one notice through its own."""

from __future__ import annotations

import asyncio
import datetime as dt

import aiohttp

from bot.domain.errors import NotificationFailed, SettingError
from bot.domain.notification import LEASE, Channel, Facts
from bot.notify.dingtalk import DingTalk
from bot.notify.emails import Emails
from bot.notify.feishu import Feishu
from bot.notify.notice import Door, make_notice
from bot.notify.webhook import Webhook
from bot.notify.wecom import WeCom
from bot.settings import Settings

SECONDS = LEASE.total_seconds() / 3  # a delivery must be over, one way or the other, long before its lease


class Notifier:
    """Made without a loop, opened by its first notice, closed once."""

    def __init__(self, settings: Settings, seconds: float = SECONDS) -> None:
        if settings.notify_webhook_url and not settings.notify_webhook_secret:
            raise SettingError("NOTIFY_WEBHOOK_SECRET: a hook needs one, or anybody could speak in our name")
        if settings.notify_mail_server and not settings.notify_mail_from:
            raise SettingError("NOTIFY_MAIL_FROM: a mail server needs a sender")
        self._settings = settings
        self._seconds = seconds
        self._http: aiohttp.ClientSession | None = None
        self._doors: dict[Channel, Door] = {}

    @property
    def channels(self) -> frozenset[Channel]:
        """What is set up."""
        found = self._settings
        addresses = {
            Channel.WECOM: found.notify_wecom_url, Channel.DINGTALK: found.notify_dingtalk_url, Channel.FEISHU: found.notify_feishu_url,
            Channel.WEBHOOK: found.notify_webhook_url, Channel.EMAIL: found.notify_mail_server,
        }  # fmt: skip
        return frozenset(channel for channel, address in addresses.items() if address)

    async def send(
        self, channel: Channel, key: str, facts: Facts, handoff_id: int | None, address: str | None, now: dt.datetime
    ) -> None:  # fmt: skip
        """Deliver one notice; raises NotificationFailed, also when it takes too long."""
        door = self._opened().get(channel)
        if door is None:
            raise NotificationFailed(f"{channel.value} is not set up")
        notice = make_notice(key, facts, handoff_id, self._settings.console_origin, now)
        try:
            await asyncio.wait_for(door.send(notice, address, now), self._seconds)
        except asyncio.TimeoutError:
            raise NotificationFailed("timeout") from None

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()

    def _opened(self) -> dict[Channel, Door]:
        if self._http is None:
            found = self._settings
            timeout = aiohttp.ClientTimeout(total=self._seconds)
            http = self._http = aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())
            doors: dict[Channel, Door] = {
                Channel.WECOM: WeCom(http, found.notify_wecom_url),
                Channel.DINGTALK: DingTalk(http, found.notify_dingtalk_url, found.notify_dingtalk_secret),
                Channel.FEISHU: Feishu(http, found.notify_feishu_url, found.notify_feishu_secret),
                Channel.WEBHOOK: Webhook(http, found.notify_webhook_url, found.notify_webhook_secret),
                Channel.EMAIL: Emails(found.notify_mail_server, found.notify_mail_from, self._seconds),
            }
            self._doors = {channel: door for channel, door in doors.items() if channel in self.channels}
        return self._doors
