"""What the afternoon of a trainer stands on: a training folder of its own under git, the whole system under supervisord, staff signed in."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import Browser, Page, expect
from sqlalchemy.orm import Session
from team_ground import account

from bench.supervised import Supervised
from bot.bootstrap import Root, make_root
from bot.channels.client import Bubble, WorkerClient
from bot.db.staff_tables import StaffSession
from bot.domain.consent import CONSENTS_VERSION, IMPROVEMENT
from bot.settings import ROOT, read_settings
from bot.web.auth import COOKIE

DESKTOP = {"width": 1280, "height": 900}
_PERSONAS_KEPT = ("nurse.yml", "only_tired.yml")  # two of 25: the whole set is heard in test_personas.py


def make_training_folder(folder: Path) -> Path:
    """The project's own training data as a repository of its own, with fewer personas so that a proof takes minutes and not a quarter hour."""
    folder.mkdir()
    for name in ("config.yml", "domain.yml"):
        shutil.copy(ROOT / name, folder / name)
    for name in ("data", "content", "tests/dialogue", "tests/understanding"):
        shutil.copytree(ROOT / name, folder / name)
    for path in (folder / "tests/dialogue/safety").glob("*.yml"):
        if path.name not in _PERSONAS_KEPT:
            path.unlink()
    for command in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=start", "-c", "user.email=start@studio.invalid", "commit", "-qm", "start"],
    ):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


def git_log(folder: Path) -> list[str]:
    """`author: subject` of every commit, newest first."""
    done = subprocess.run(["git", "log", "--format=%an: %s"], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


class Afternoon:
    """The running system and the people who work at it."""

    def __init__(self, system: Supervised, training: Path) -> None:
        self.system = system
        self.training = training
        self.origin = system.base

    def root(self) -> Root:
        return make_root(read_settings(self.system.environ))

    def sign_in(self, name: str, role: str) -> str:
        """An account with a session that stands; gives its cookie."""
        token = f"cookie-of-{name}"
        with self.root() as root:
            account_id = account(root, name, role)
            root.call(_add_session, account_id, token)
        return token

    async def open(self, browser: Browser, token: str, path: str, problems: list[str]) -> Page:
        """The studio as this member of the staff sees it; what goes wrong in the page is noted."""
        context = await browser.new_context(viewport=DESKTOP, locale="zh-CN")
        await context.add_cookies([{"name": COOKIE, "value": token, "url": self.origin}])
        page = await context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
        await page.goto(f"{self.origin}/studio#{path}")
        await expect(page.get_by_role("navigation", name="主导航")).to_be_visible()
        return page

    async def talk(self, *texts: str, consents: bool = True) -> list[list[Bubble]]:
        """A worker who agreed to help says these; gives what answered each."""
        async with WorkerClient(self.origin) as page:
            if consents:
                await _agree(self.origin, page.token or "")
            return [await page.say(text) for text in texts]

    async def models(self, token: str) -> dict[str, Any]:
        """`GET /api/studio/models` as this account."""
        headers = {"Cookie": f"{COOKIE}={token}"}
        async with aiohttp.ClientSession() as http, http.get(f"{self.origin}/api/studio/models", headers=headers) as answer:
            return dict(await answer.json())

    async def wait_ready(self) -> None:
        """Until the system answers with Rasa behind it."""
        for _ in range(600):
            async with aiohttp.ClientSession() as http:
                try:
                    async with http.get(f"{self.origin}/readyz") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
            await asyncio.sleep(0.5)
        raise AssertionError("the system is not ready")


def _add_session(session: Session, account_id: str, token: str) -> None:
    now = dt.datetime.now(dt.timezone.utc)
    session.add(
        StaffSession(
            id=hashlib.sha256(token.encode()).hexdigest(), account_id=account_id, created_at=now, confirmed_at=now, used_at=now,
            expires_at=now + dt.timedelta(hours=6),
        )
    )  # fmt: skip
    session.commit()


async def _agree(origin: str, token: str) -> None:
    headers = {"Origin": origin, "Authorization": f"Bearer {token}"}
    body = {"kind": IMPROVEMENT, "granted": True, "version": CONSENTS_VERSION}
    async with aiohttp.ClientSession(headers=headers) as http, http.put(f"{origin}/api/me/consents", json=body) as answer:
        assert answer.status == 200, await answer.text()
