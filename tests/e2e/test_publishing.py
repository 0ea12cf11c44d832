"""The real thing under supervisord: a model goes live while workers talk, is killed in between, goes back; a draft is talked to."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import shutil
import signal
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bench.supervised import Supervised
from bot.bootstrap import Root, make_root
from bot.channels.client import WorkerClient
from bot.db.studio_tables import Model
from bot.domain.publication import DONE, FAILED, PASSED
from bot.rehearsal.replay import Fallbacks
from bot.services import archives, publications, slots
from bot.settings import ROOT, read_settings

TEXTS = ("最近老是睡不着", "领导又当着大家说我", "孩子不在身边，心里空", "夜班以后提不起劲", "跟老婆又吵了一架")


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supervised]:
    """Everything as `make run` starts it, in a folder of its own."""
    with Supervised(tmp_path_factory.mktemp("supervised")) as found:
        found.wait_ready(rasa=True)
        yield found


@pytest.fixture(scope="module")
def root(system: Supervised) -> Iterator[Root]:
    with make_root(read_settings(system.environ)) as found:
        yield found


def second_model(root: Root, system: Supervised, name: str) -> str:
    """The same archive under another name, proven: what is tested is the move."""
    archive = f"{archives.STUDIO}/{name}.tar.gz"
    (system.models_dir / archives.STUDIO).mkdir(exist_ok=True)
    shutil.copyfile(system.models_dir / system.made, system.models_dir / archive)

    def add(session: Session) -> str:
        now = dt.datetime.now(dt.timezone.utc)
        row = Model(archive=archive, fingerprint="", rasa_version=archives.rasa_version(), verdict=PASSED, created_at=now)
        session.add(row)
        session.commit()
        return row.id

    return root.call(add)


async def to_its_end(root: Root, publication_id: int) -> Any:
    while True:
        move = await root.run_reading(publications.get, publication_id)
        if move.state in (DONE, FAILED):
            return move
        await asyncio.sleep(0.3)


async def talk_until(done: asyncio.Event, base: str, answers: list[list[Any]]) -> None:
    """One worker who goes on talking, in one conversation, until told to stop."""
    async with WorkerClient(base) as page:
        while not done.is_set():
            answers.append(list(await page.say(TEXTS[len(answers) % len(TEXTS)])))


async def test_a_model_goes_live_and_back_while_workers_talk(system: Supervised, root: Root) -> None:
    new = second_model(root, system, "new")
    fallbacks, done = Fallbacks.of_project(ROOT), asyncio.Event()
    answers: list[list[list[Any]]] = [[], []]
    talks = [asyncio.ensure_future(talk_until(done, system.base, each)) for each in answers]
    said = await asyncio.to_thread(system.run, "studio", "publish", new, "--by", "王敏")
    assert said.splitlines()[-1].endswith(DONE)
    assert (await asyncio.to_thread(system.ready))["model"] == "new.tar.gz"
    back = await asyncio.to_thread(system.run, "studio", "rollback", "--by", "王敏", "--reason", "试一试能不能退回")
    assert back.splitlines()[-1].endswith(DONE)
    assert (await asyncio.to_thread(system.ready))["model"] == system.made
    done.set()
    await asyncio.gather(*talks)
    turns = [bubbles for each in answers for bubbles in each]
    assert len(turns) > 10
    assert all(turns)
    assert [kind for bubbles in turns for bubble in bubbles if (kind := fallbacks.kind_of(bubble)) == "safe_line"] == []
    assert len(system.processes("bot.nlu.serve")) == 1


async def test_a_gateway_killed_while_the_new_model_starts_goes_on_after_its_restart(system: Supervised, root: Root) -> None:
    new = second_model(root, system, "after-a-kill")
    now = dt.datetime.now(dt.timezone.utc)
    move = root.call(publications.publish, new, "王敏", "", now, system.models_dir, None)
    while not any(row.model_id == new for row in await root.run_reading(slots.listing)):  # noqa: ASYNC110 - told by a row
        await asyncio.sleep(0.1)
    (gateway,) = system.processes("bot", "serve")
    gateway.send_signal(signal.SIGKILL)
    ended = await to_its_end(root, move.id)
    assert (ended.state, ended.error) == (DONE, None)
    await asyncio.to_thread(system.wait_ready, model="after-a-kill.tar.gz")
    async with WorkerClient(system.base) as page:
        assert await page.say("最近老是睡不着")


async def test_a_broken_archive_fails_without_touching_what_is_live(system: Supervised, root: Root) -> None:
    before = (await asyncio.to_thread(system.ready))["model"]
    broken = second_model(root, system, "broken")
    now = dt.datetime.now(dt.timezone.utc)
    move = root.call(publications.publish, broken, "王敏", "", now, system.models_dir, None)
    (system.models_dir / archives.STUDIO / "broken.tar.gz").write_bytes(b"cut")
    listed = await asyncio.to_thread(system.run, "studio", "models")
    assert "坏了" in next(line for line in listed.splitlines() if "broken" in line)
    root.call(publications.fail, move.id, "测试到此为止", now)
    assert (await to_its_end(root, move.id)).state == FAILED
    assert (await asyncio.to_thread(system.ready))["model"] == before


def test_the_socket_of_the_process_manager_is_ours_alone(system: Supervised) -> None:
    socket = system.folder / "run" / "supervisor.sock"
    assert oct(socket.stat().st_mode)[-3:] == "700"
    assert oct(socket.parent.stat().st_mode)[-3:] == "700"


def test_a_slot_answers_nobody_without_the_token(system: Supervised) -> None:
    port = int(system.environ["RASA_PORT"])
    body = json.dumps({"sender": "x", "message": "x"}).encode()
    for slot in range(3):
        url = f"http://127.0.0.1:{port + slot}/webhooks/gateway/webhook"
        with pytest.raises(OSError, match=r"401|refused"):
            urllib.request.urlopen(urllib.request.Request(url, data=body), timeout=5)
