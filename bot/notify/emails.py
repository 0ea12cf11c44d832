"""E-mail through the operator's own server, by TLS."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

import aiosmtplib

from bot.domain.errors import NotificationFailed
from bot.notify.notice import Notice

_PORTS = {"smtps": 465, "smtp+starttls": 587, "smtp": 25}


class Emails:
    def __init__(self, server: str, sender: str, seconds: float) -> None:
        self._server = urlsplit(server)
        self._sender = sender
        self._seconds = seconds

    async def send(self, notice: Notice, address: str | None, now: dt.datetime) -> None:
        """One mail to one mailbox; sent again it carries the same Message-ID."""
        server = self._server
        try:
            await aiosmtplib.send(
                self._written(notice, address or "", now),
                hostname=server.hostname,
                port=server.port or _PORTS[server.scheme],
                username=unquote(server.username) if server.username else None,
                password=unquote(server.password) if server.password else None,
                use_tls=server.scheme == "smtps",
                start_tls=server.scheme == "smtp+starttls",
                timeout=self._seconds,
            )
        except (aiosmtplib.SMTPException, OSError, asyncio.TimeoutError, ValueError) as error:
            code = f" {error.code}" if isinstance(error, aiosmtplib.SMTPResponseException) else ""
            raise NotificationFailed(f"{type(error).__name__}{code}") from None

    def _written(self, notice: Notice, address: str, now: dt.datetime) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self._sender, address, notice.title
        mail["Date"] = format_datetime(now)
        mail["Message-ID"] = f"<{hashlib.sha256(notice.key.encode()).hexdigest()[:32]}@{self._sender.rpartition('@')[2]}>"
        if notice.is_imminent:
            mail["X-Priority"] = "1"
        mail.set_content("\n".join((*notice.lines, notice.link)) + "\n")
        return mail
