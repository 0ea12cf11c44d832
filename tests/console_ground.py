"""Signed-in consoles for tests: an account with a session of its own, its calls and its web socket."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from typing import Any

from aiohttp import ClientResponse
from fakes import Page
from ground import Gateway
from sqlalchemy.orm import Session
from team_ground import account

from bot.db.staff_tables import StaffSession
from bot.db.tables import Conversation, Message
from bot.domain.handoff import HandoffPolicy, HandoffReason
from bot.domain.risk import RiskLevel
from bot.services import handoffs
from bot.web.auth import COOKIE
from bot.web.keys import ROOT


class Staff:
    """One member of the staff at a running gateway; `api` is where their calls go."""

    api = "/api/console"

    def __init__(self, gateway: Gateway, name: str, role: str = "counsellor", **fields: Any) -> None:
        self.gateway = gateway
        self.root = gateway.app[ROOT]
        self.name = name
        self.token = secrets.token_urlsafe(16)
        self.session_id = hashlib.sha256(self.token.encode()).hexdigest()
        present = {"shown_name": f"{name}老师", "is_available": True, **fields}
        self.id = account(self.root, name, role, **present)
        self.root.call(self._sign_in)

    def _sign_in(self, session: Session) -> None:
        now = dt.datetime.now(dt.timezone.utc)
        row = StaffSession(
            id=self.session_id, account_id=self.id, created_at=now, confirmed_at=now, used_at=now,
            expires_at=now + dt.timedelta(hours=1),
        )  # fmt: skip
        session.add(row)
        session.commit()

    def _headers(self) -> dict[str, str]:
        return {"Origin": self.gateway.origin, "Cookie": f"{COOKIE}={self.token}"}

    async def call(self, method: str, path: str, /, **body: Any) -> ClientResponse:
        """One call below `api`."""
        url = self.gateway.url(f"{self.api}/{path}")
        return await self.gateway.http.request(method, url, headers=self._headers(), json=body or None)

    async def get(self, path: str) -> Any:
        response = await self.call("GET", path)
        assert response.status == 200, await response.text()
        return await response.json()

    async def post(self, path: str, /, **body: Any) -> Any:
        response = await self.call("POST", path, **body)
        assert response.status == 200, await response.text()
        return await response.json()

    async def socket(self, *, origin: str | None = None, is_signed: bool = True) -> Page:
        """A web socket that has not said hello."""
        headers = self._headers() if is_signed else {}
        headers["Origin"] = origin or self.gateway.origin
        page = Page(await self.gateway.http.ws_connect(self.gateway.url("/console/ws"), headers=headers, max_msg_size=0))
        self.gateway.pages.append(page)
        return page

    async def console(self, after: int = 0) -> Page:
        """An open console with its queue."""
        page = await self.socket()
        await page.send(type="hello", protocol=1, after=after)
        await page.wait_for("queue")
        return page


async def ask_for_human(gateway: Gateway, worker: Page, level: RiskLevel = RiskLevel.NONE) -> int:
    """The worker of this page, who has written before, asks for a person at this level; gives the case."""
    message_id = worker.messages("worker")[-1]["id"]
    case_id: int = await gateway.app[ROOT].run_sync(_request, message_id, level)
    return case_id


def _request(session: Session, message_id: int, level: RiskLevel) -> int:
    conversation = session.get_one(Conversation, session.get_one(Message, message_id).conversation_id)
    reason = HandoffReason.IMMINENT if level is RiskLevel.IMMINENT else HandoffReason.ASKED_FOR_PERSON
    now = dt.datetime.now(dt.timezone.utc)
    found = handoffs.request(session, conversation, reason, level, now, HandoffPolicy())
    session.commit()
    return found.id
