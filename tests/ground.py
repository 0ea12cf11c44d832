"""What every test stands on: settings in a folder of its own, a migrated database, and a running gateway."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.test_utils import TestServer
from fakes import RASA_TOKEN, FakeScreen, Page
from yarl import URL

from bot.bootstrap import Root, make_root
from bot.content import Content, load_content
from bot.db.migrate import upgrade
from bot.db.schema import metadata
from bot.domain.conversation import Author, Reply
from bot.domain.handoff import HANDOFF
from bot.domain.handoff_talk import HandoffDesk
from bot.domain.protocol import SafetyDesk
from bot.domain.questionnaire_definition import Offer
from bot.questionnaires.files import load_questionnaires
from bot.services.screening_turns import Scales
from bot.services.turn_steps import Care
from bot.settings import ROOT, Settings, read_settings

POSTGRES = "127.0.0.1:5432/test"
NOW = dt.datetime(2026, 11, 22, 4, 0, tzinfo=dt.timezone.utc)


@lru_cache(maxsize=1)
def content() -> Content:
    """What clinicians own in this repository, read once."""
    return load_content(ROOT / "content")


@lru_cache(maxsize=1)
def desk() -> SafetyDesk:
    """The protocol's desk over the content of this repository."""
    found = content()
    return SafetyDesk(found.safety, found.asq, found.plan, found.hotlines, found.emergency_by_timezone)


def care() -> Care:
    """What a gateway with ordinary settings says and does by itself."""
    lines = content().safety.lines
    reminder = Reply(lines["reminder"][0], Author.SYSTEM)
    return Care(desk(), reminder, lines["welcome_back"], dt.timedelta(hours=2), handoff_desk(), scales=scales())


@lru_cache(maxsize=1)
def handoff_desk() -> HandoffDesk:
    """Words and clocks of human help as clinicians set them."""
    return HandoffDesk(content().handoff, HANDOFF, desk())


@lru_cache(maxsize=1)
def scales() -> Scales:
    """The questionnaires of this repository as an ordinary worker may begin them; meanings are not compared."""
    found = load_questionnaires(ROOT / "content")
    offered = frozenset(name for name, each in found.items() if each.offered(()) is Offer.SELF)
    return Scales(found, offered, content().screening, None, "2026-11")


def settings_for(folder: Path, **environ: str) -> Settings:
    """Settings whose every path lies in this folder."""
    plain = {
        "VAR_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'xinyi.db'}",
        "KEY_RING": str(folder / "keys.json"),
        "MODELS_DIR": str(folder / "models"),
        "XINYI_SESSION_SECRET": "s" * 32,
        "XINYI_RASA_TOKEN": RASA_TOKEN,
        "XINYI_ACTIONS_TOKEN": "a" * 32,
    }
    return read_settings({**plain, **environ})


def migrate(settings: Settings) -> None:
    """Bring this database to the newest revision."""
    with make_root(settings, check_schema=False) as root:
        upgrade(root.engine)


def empty(root: Root) -> None:
    """Delete every row."""
    with root.engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())


class Gateway:
    """A running gateway: its settings, its address, and pages and calls to it."""

    def __init__(self, settings: Settings, server: TestServer, screen: FakeScreen, http: aiohttp.ClientSession) -> None:
        self.settings = settings
        self.server = server
        self.app = server.app
        self.screen = screen
        self.http = http
        self.origin = f"http://127.0.0.1:{settings.port}"
        self.pages: list[Page] = []
        self._reading: Root | None = None

    def url(self, path: str) -> URL:
        return URL(self.origin + path)

    async def token(self) -> str:
        async with self.http.post(self.url("/api/session"), headers={"Origin": self.origin}) as response:
            assert response.status == 200
            return str((await response.json())["token"])

    async def open(self, *, origin: str | None = "", cookie: str | None = None) -> Page:
        headers: dict[str, str] = {}
        if origin is not None:
            headers["Origin"] = origin or self.origin
        if cookie is not None:
            headers["Cookie"] = f"xinyi_session={cookie}"
        self.pages.append(Page(await self.http.ws_connect(self.url("/ws"), headers=headers, max_msg_size=0)))
        return self.pages[-1]

    async def worker(self, token: str | None = None) -> Page:
        """A page of a worker who has consented."""
        return await (await self.open()).start(token=token or await self.token())

    def read(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Run a service on the gateway's database, outside the gateway."""
        if self._reading is None:
            self._reading = make_root(self.settings)
        return self._reading.call_reading(work, *arguments)

    def close(self) -> None:
        if self._reading is not None:
            self._reading.close()

    async def stop(self) -> None:
        for page in self.pages:
            await page.socket.close()
        await self.server.close()


MakeGateway = Callable[..., Any]
