"""Measures the trainers' inbox at 10,000 messages over HTTP, and how fast messages come into it; `python -m bench.inbox`."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import hashlib
import random
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
from aiohttp import web
from sqlalchemy import insert
from sqlalchemy.orm import Session

from bot.bootstrap import Root, make_root
from bot.db.migrate import upgrade
from bot.db.staff_tables import Account, StaffSession
from bot.db.studio_tables import InboxGroup, InboxItem
from bot.db.tables import Consent, Conversation, Message, Worker
from bot.domain.consent import IMPROVEMENT
from bot.domain.figures import percentile
from bot.domain.inbox import Reason, group_score, telling
from bot.services import inbox_collecting
from bot.services.inbox_collecting import Batch, Candidate
from bot.settings import ROOT as PROJECT
from bot.settings import read_settings
from bot.training.examples import examples
from bot.training.folder import TrainingFolder
from bot.vectors import DIMENSION, pack
from bot.web.app import make_app
from bot.web.auth import COOKIE

_NOW = dt.datetime.now(dt.timezone.utc)
_TOKEN = "bench"
_REASONS = [reason.value for reason in Reason]
_WORKERS = 500
_ALIKE = 4  # messages a group on the average
_INSERTED = 1000


def fill(session: Session, texts: list[str], count: int) -> None:
    """So many open messages of five hundred workers who agreed, a quarter as many groups, and a trainer who is signed in."""
    rng, random_vector = random.Random(6), np.random.default_rng(6)
    _add_people(session)
    groups: dict[int, list[tuple[dt.datetime, list[str]]]] = {}
    messages, items = [], []
    for number in range(1, count + 1):
        worker = f"{rng.randrange(_WORKERS):032x}"
        at, text = _NOW - dt.timedelta(minutes=count - number), rng.choice(texts)
        reasons = sorted(rng.sample(_REASONS, rng.choice((1, 1, 1, 2, 3))))
        group = min(int(rng.expovariate(3 / (count / _ALIKE))), count // _ALIKE) + 1
        groups.setdefault(group, []).append((at, reasons))
        sent = {"id": number, "conversation_id": worker, "channel": "web", "author": "worker", "text": text, "created_at": at}
        messages.append(sent)
        vector = random_vector.standard_normal(DIMENSION).astype(np.float32)
        items.append({
            "message_id": number, "worker_id": worker, "conversation_id": worker, "group_id": group, "reasons": reasons,
            "intent": "nlu_fallback", "confidence": 0.18, "level": "none", "text": text, "vector": pack(vector), "created_at": at,
            "state": "open",
        })  # fmt: skip
    kept = [
        {
            "id": group, "size": len(rows), "open_count": len(rows), "score": group_score(telling(reasons) for _, reasons in rows),
            "centroid": items[0]["vector"], "newest_at": max(at for at, _ in rows),
        }
        for group, rows in groups.items()
    ]  # fmt: skip
    for table, rows in ((Message, messages), (InboxGroup, kept), (InboxItem, items)):
        for start in range(0, len(rows), _INSERTED):
            session.execute(insert(table), rows[start : start + _INSERTED])
    session.commit()


def _add_people(session: Session) -> None:
    workers = [f"{number:032x}" for number in range(_WORKERS)]
    plain = {"timezone": "Asia/Shanghai", "created_at": _NOW - dt.timedelta(days=90)}
    session.execute(insert(Worker), [{"id": each, **plain} for each in workers])
    session.execute(
        insert(Conversation),
        [{"id": each, "worker_id": each, "channel": "web", "created_at": plain["created_at"]} for each in workers],
    )
    given = {"kind": IMPROVEMENT, "version": "bench", "granted_at": plain["created_at"]}
    session.execute(insert(Consent), [{"worker_id": each, **given} for each in workers])
    account = {"id": "t" * 32, "name": "lin", "shown_name": "林老师", "role": "trainer", "password_hash": "", "skills": []}
    session.execute(insert(Account), [{**account, **plain}])
    row = StaffSession(
        id=hashlib.sha256(_TOKEN.encode()).hexdigest(), account_id=account["id"], created_at=_NOW, confirmed_at=_NOW, used_at=_NOW,
        expires_at=_NOW + dt.timedelta(hours=2),
    )  # fmt: skip
    session.add(row)


async def measure(root: Root, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each call, over HTTP, at a gateway of its own."""
    runner = web.AppRunner(make_app(root.settings, root))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", root.settings.port).start()
    origin = f"http://127.0.0.1:{root.settings.port}"
    headers = {"Origin": origin, "Cookie": f"{COOKIE}={_TOKEN}"}
    found: dict[str, list[float]] = {}
    async with aiohttp.ClientSession(headers=headers) as http:

        async def call(name: str, method: str, path: str, **body: Any) -> Any:
            started = time.perf_counter()
            async with http.request(method, f"{origin}/api/studio/{path}", json=body or None) as response:
                read = await response.json()
                found.setdefault(name, []).append((time.perf_counter() - started) * 1000)
                assert response.status == 200, read
                return read

        for _ in range(rounds):
            shown = await call("inbox, first page", "GET", "inbox")
            await call("inbox, by reason, page 5", "GET", "inbox?reason=fallback&page=5")
            largest = max(shown["groups"], key=lambda group: group["size"])
            await call("a group, 50 of it", "GET", f"inbox/groups/{largest['id']}")
            await call("a decision on a group", "POST", "inbox/decisions", group_id=largest["id"], kind="dismiss")
            inside = await call("a group, 50 of it", "GET", f"inbox/groups/{largest['id']}")
            await call("taking one back", "POST", "inbox/reopen", message_ids=[inside["items"][0]["message_id"]])
    await runner.cleanup()
    return found


def collecting(texts: list[str]) -> str:
    """Milliseconds a message of masking, embedding and grouping, in one thread."""
    chosen = [f"{text}，跟张伟说过了" for text in random.Random(7).sample(texts, inbox_collecting.BATCH)]
    made = [Candidate(n, "w", "c", text, "nlu_fallback", 0.18, ("fallback",), _NOW) for n, text in enumerate(chosen)]
    groups = [
        (n, pack(vector)) for n, vector in enumerate(np.random.default_rng(1).standard_normal((2500, DIMENSION)).astype("f4"))
    ]
    inbox_collecting.prepare(Batch(tuple(made[:1]), {}, {}), [])
    started, worked = time.perf_counter(), time.thread_time()
    inbox_collecting.prepare(Batch(tuple(made), {}, {}), groups)
    seconds, work = time.perf_counter() - started, time.thread_time() - worked
    return f"{seconds * 1000 / len(made):.1f} ms a message (of it work {work * 1000 / len(made):.1f}), batches of {len(made)}, 2,500 open groups"


def main() -> None:
    """Print the table; bar: the first page of 10,000 messages under 1 s."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--port", type=int, default=8765)
    chosen = parser.parse_args()
    texts = [each.plain for each in examples(TrainingFolder(PROJECT).view())]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environ = {
            "VAR_DIR": name, "DATABASE_URL": f"sqlite:///{folder / 'x.db'}", "KEY_RING": str(folder / "keys.json"), "PORT": str(chosen.port),
        }  # fmt: skip
        with make_root(read_settings(environ), check_schema=False) as root:
            upgrade(root.engine)
            root.call(fill, texts, chosen.messages)
            for call, taken in asyncio.run(measure(root, chosen.rounds)).items():
                p50, p95 = percentile(sorted(taken), 0.5), percentile(sorted(taken), 0.95)
                print(f"{call:<28} first {taken[0]:6.0f} ms   p50 {p50:6.0f} ms   p95 {p95:6.0f} ms")
    print(f"{'coming into it':<28} {collecting(texts)}")


if __name__ == "__main__":
    main()
