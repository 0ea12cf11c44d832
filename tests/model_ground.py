"""Small archives that look like Rasa's, models of them in the database, and slots that start nothing."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import os
import socket
import tarfile
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import unused_port
from fakes import Answer, FakeRasa, turn_of
from ground import NOW
from sqlalchemy.orm import Session
from team_ground import account

from bot.bootstrap import Root
from bot.db.studio_tables import ChangeSet, Model
from bot.domain.publication import PASSED
from bot.rasa_slots import SlotState
from bot.services import archives, slots

MINUTE = dt.timedelta(minutes=1)


def write_archive(models_dir: Path, name: str, version: str | None = None, *, age: int = 0) -> Path:
    """An archive with nothing in it but Rasa's note about itself."""
    path = models_dir / name
    path.parent.mkdir(parents=True, exist_ok=True)
    note = json.dumps({"rasa_open_source_version": version or archives.rasa_version()}).encode()
    with tarfile.open(path, "w:gz") as tar:
        member = tarfile.TarInfo("metadata.json")
        member.size = len(note)
        tar.addfile(member, io.BytesIO(note))
    os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))
    return path


def model(root: Root, name: str, *, age: int = 0, trained_by: str | None = "lin", verdict: str = PASSED, **fields: Any) -> str:
    """A model with its archive; gives its id. Names without a folder are those of `make model`."""
    write_archive(root.settings.models_dir, name, age=age)

    def add(session: Session) -> str:
        plain = {"fingerprint": "f", "rasa_version": archives.rasa_version(), "created_at": NOW - age * MINUTE, **fields}
        row = Model(archive=name, trained_by=trained_by, verdict=verdict, **plain)
        session.add(row)
        session.commit()
        return row.id

    return root.call(add)


def change_set(root: Root, state: str = "draft", *, author: str = "lin", applied_at: dt.datetime | None = None) -> int:
    """A change set without files; gives its id."""
    author_id = account(root, f"{author}-{os.urandom(3).hex()}", "trainer")

    def add(session: Session) -> int:
        row = ChangeSet(
            title="改动", author_id=author_id, author=author, state=state, created_at=NOW, updated_at=NOW, applied_at=applied_at
        )
        session.add(row)
        session.commit()
        return row.id

    return root.call(add)


class FakeSlots:
    """Slots whose processes are stand-ins for Rasa on RASA_PORT + slot, each serving what its row says when it starts.

    `dead`: archives whose model never gets ready, `mute`: whose model says nothing.
    """

    def __init__(self, root: Root) -> None:
        self.root = root
        self.deeds: list[tuple[str, int]] = []
        self.refusal: str | None = None
        self.dead: set[str] = set()
        self.mute: set[str] = set()
        self.rasas: dict[int, FakeRasa] = {}

    def why_not(self) -> str | None:
        return self.refusal

    async def start(self, slot: int) -> None:
        self.deeds.append(("start", slot))
        name = self.root.call_reading(slots.archive_to_serve, slot, self.root.settings.models_dir)
        rasa = self.rasas.setdefault(slot, FakeRasa())
        rasa.asked.clear()
        rasa.model = None if name is None or name in self.dead else Path(name).name
        rasa.answer = nothing if name in self.mute else says(rasa)
        await rasa.start(self.root.settings.rasa_port + slot)

    async def stop(self, slot: int) -> None:
        self.deeds.append(("stop", slot))
        if slot in self.rasas:
            await self.rasas.pop(slot).stop()

    async def state(self, slot: int) -> SlotState:
        return SlotState.RUNNING if slot in self.rasas else SlotState.STOPPED

    async def close(self) -> None:
        for slot in list(self.rasas):
            await self.stop(slot)


def says(rasa: FakeRasa) -> Answer:
    """An answer that names the model which gave it."""

    async def answer(_body: dict[str, Any]) -> web.StreamResponse:
        return turn_of({"text": f"我是 {rasa.model}"})

    return answer


async def nothing(_body: dict[str, Any]) -> web.StreamResponse:
    return turn_of()


def three_free_ports() -> int:
    """The first of three ports in a row that nothing listens on."""
    while True:
        first = unused_port()
        try:
            with contextlib.ExitStack() as held:
                for port in range(first, first + 3):
                    held.enter_context(socket.socket()).bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
