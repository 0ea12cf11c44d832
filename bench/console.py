"""Measures what a counsellor waits for, over HTTP and the web socket with 10,000 past cases behind: `python -m bench.console`.

The queue, a case with a long thread, and how soon an alert shows that another process has written.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import hashlib
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.test_utils import TestServer, unused_port
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bench.past_cases import fill
from bot.bootstrap import Root, make_root
from bot.db.handoff_tables import Handoff
from bot.db.migrate import upgrade
from bot.db.staff_tables import StaffSession
from bot.db.tables import Conversation, Event, Message
from bot.domain.conversation import Reply
from bot.domain.figures import percentile
from bot.domain.handoff import HandoffPolicy, HandoffReason
from bot.domain.risk import RiskFinding, RiskLevel
from bot.screen_loader import Screened, ScreenRunner
from bot.services import handoffs, threads
from bot.settings import read_settings
from bot.web.app import make_app
from bot.web.auth import COOKIE

_TOKEN = "bench"
_BUBBLES = 400


class NoScreen(ScreenRunner):
    """A screen that finds nothing and loads nothing, so that only the console is measured."""

    async def load(self) -> None:
        return None

    async def screen(self, _text: str) -> Screened:
        return Screened(RiskFinding(), None, None)


def sign_in(session: Session) -> None:
    """The first counsellor of the filled database is signed in for an hour."""
    now = dt.datetime.now(dt.timezone.utc)
    session_id = hashlib.sha256(_TOKEN.encode()).hexdigest()
    row = StaffSession(
        id=session_id, account_id="a0", created_at=now, confirmed_at=now, used_at=now, expires_at=now + dt.timedelta(hours=1)
    )
    session.add(row)
    session.commit()


def talk(session: Session) -> int:
    """A waiting case whose worker has written a lot; gives it."""
    handoff = session.scalars(select(Handoff).where(Handoff.status == "waiting").order_by(Handoff.id)).first()
    assert handoff is not None
    now = dt.datetime.now(dt.timezone.utc)
    said = [
        {"conversation_id": handoff.conversation_id, "channel": "web", "author": "worker", "text": f"第{number}句，夜里又没睡好", "created_at": now}
        for number in range(_BUBBLES)
    ]  # fmt: skip
    session.execute(insert(Message), said)
    ids = session.scalars(select(Message.id).where(Message.conversation_id == handoff.conversation_id)).all()
    told = {"kind": threads.MESSAGE_CREATED, "conversation_id": handoff.conversation_id, "created_at": now}
    session.execute(insert(Event), [{**told, "message_id": each} for each in ids])
    session.commit()
    return handoff.id


def request(session: Session, number: int) -> None:
    """A crisis of a worker who had no open case, written past the gateway."""
    conversation = session.get_one(Conversation, f"c-w{number}")
    now = dt.datetime.now(dt.timezone.utc)
    threads.add(session, conversation.id, "web", [Reply("先打120")], now)
    handoffs.request(session, conversation, HandoffReason.IMMINENT, RiskLevel.IMMINENT, now, HandoffPolicy())
    session.commit()


async def timed(work: Callable[[int], Awaitable[object]], rounds: int) -> list[float]:
    """Milliseconds of each call."""
    times = []
    for number in range(rounds):
        began = time.perf_counter()
        await work(number)
        times.append((time.perf_counter() - began) * 1000)
    return sorted(times)


async def measure(root: Root, case_id: int, rounds: int) -> None:
    """Print the table."""
    settings = root.settings
    app = make_app(settings, root, NoScreen(settings.var_dir, settings.models_dir))
    server = TestServer(app, port=settings.port)
    await server.start_server()
    origin = f"http://127.0.0.1:{settings.port}"
    async with aiohttp.ClientSession(headers={"Origin": origin, "Cookie": f"{COOKIE}={_TOKEN}"}) as http:

        async def get(path: str) -> None:
            async with http.get(f"{origin}/api/console/{path}") as answer:
                assert answer.status == 200, await answer.text()
                await answer.read()

        async def wait_for(socket: Any, kind: str) -> None:
            while (await socket.receive_json())["type"] != kind:
                pass

        async def open_console(_number: int) -> None:
            async with http.ws_connect(f"{origin}/console/ws") as socket:
                await socket.send_json({"type": "hello", "protocol": 1, "after": 0})
                await wait_for(socket, "queue")

        async def alarm(number: int) -> None:
            await asyncio.to_thread(root.call, request, number)
            await wait_for(listening, "alert")

        looks = {
            "queue over HTTP": lambda _number: get("queue"),
            "console opened, queue shown": open_console,
            f"brief of a case with {_BUBBLES} bubbles": lambda _number: get(f"cases/{case_id}"),
            "100 bubbles": lambda _number: get(f"cases/{case_id}/messages"),
        }
        for name, look in looks.items():
            show(name, await timed(look, rounds))
        async with http.ws_connect(f"{origin}/console/ws", max_msg_size=0) as listening:
            await listening.send_json({"type": "hello", "protocol": 1, "after": 2**30})
            await wait_for(listening, "queue")
            show("written elsewhere, alert shown", await timed(alarm, rounds))
    await server.close()


def show(name: str, times: list[float]) -> None:
    print(f"{name:<34} p50 {percentile(times, 0.5):7.1f} ms   p95 {percentile(times, 0.95):7.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=20)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environ = {
            "VAR_DIR": name, "DATABASE_URL": f"sqlite:///{folder / 'x.db'}", "KEY_RING": str(folder / "keys.json"),
            "PORT": str(unused_port()), "RASA_PORT": str(unused_port()), "XINYI_SESSION_SECRET": "s" * 32,
            "XINYI_RASA_TOKEN": "r" * 32, "XINYI_ACTIONS_TOKEN": "a" * 32,
        }  # fmt: skip
        with make_root(read_settings(environ), check_schema=False) as root:
            upgrade(root.engine)
            root.call(fill, chosen.cases)
            root.call(sign_in)
            case_id = root.call(talk)
            asyncio.run(measure(root, case_id, chosen.rounds))


if __name__ == "__main__":
    main()
