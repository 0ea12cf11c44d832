"""Handoffs under load: workers arrive, some in danger, scripted counsellors work over the real sockets, the gateway is killed once.

`.venv/bin/python -m bench.handoff` simulates half an hour of work five times faster: every clock and every time is divided by the pace.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.load import new_text
from bench.processes import ROOT, Processes, our_processes
from bot.channels.client import Frame, LineLost, NoTurnEnd, Refused, WorkerClient
from bot.channels.counsellor_client import CounsellorClient
from bot.domain.figures import percentile
from bot.domain.handoff import HandoffPolicy

_PASSWORD = "bench-only password 7431"
_SHARES = (("imminent", 0.02), ("high", 0.10), ("person", 0.15))  # the first two are the issue's, the third our guess
_FIRST_WORDS = {
    "imminent": ("我现在就站在楼顶上，今晚就走，不想再撑了", "药已经在手边了，今天晚上我就吃下去"),
    "high": ("我这几天一直在想自杀的事", "我想死，脑子里全是这个念头"),
    "person": ("我想找真人聊聊", "能不能转人工，我想跟咨询师说"),
}
_ANSWERS = ("嗯", "我在听", "不知道怎么说", "好一点了", "谢谢你", "我先坐会儿")
_GREETING = "你好，我在。刚才你写的我看了，慢慢说，我陪着你。"
_LINES = ("这会儿身边有人吗？", "听起来真的很难。", "我们先把眼前这一个小时过好，可以吗？", "我在，你说。")


@dataclass
class Seen:
    """What the counsellors' clients saw, in seconds of the wall clock."""

    alert_seconds: dict[int, float] = field(default_factory=dict)
    said: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    def note(self, frame: Frame) -> None:
        """Keep how soon the first screen showed each alert."""
        if frame["type"] == "alert" and frame["tier"] == 0 and frame["case_id"] not in self.alert_seconds:
            created = dt.datetime.fromisoformat(frame["created_at"])
            self.alert_seconds[frame["case_id"]] = (dt.datetime.now(dt.timezone.utc) - created).total_seconds()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--workers", type=int, default=200)
    parser.add_argument("--counsellors", type=int, default=10)
    parser.add_argument("--minutes", type=float, default=30.0, help="of simulated work")
    parser.add_argument("--pace", type=float, default=5.0, help="how many times faster than life")
    parser.add_argument("--seed", type=int, default=20261122)
    arguments = parser.parse_args()
    policy = HandoffPolicy()
    scaled = {
        "ACCEPT_IMMINENT_SECONDS": policy.accept_imminent, "ACCEPT_HIGH_SECONDS": policy.accept_high,
        "ACCEPT_SECONDS": policy.accept_other, "OFFER_SECONDS": policy.offer, "SILENT_SECONDS": policy.silent,
        "EXPIRE_SECONDS": policy.expire,
    }  # fmt: skip
    os.environ.update({name: f"{each.total_seconds() / arguments.pace:g}" for name, each in scaled.items()})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        processes = our_processes(folder)
        passwords = [_account(processes, f"counsellor{number}") for number in range(arguments.counsellors)]
        with processes:
            processes.wait_ready(time.perf_counter())
            seen = asyncio.run(_simulate(processes, passwords, arguments))
        for row, figure in _table(folder / "xinyi.db", seen, arguments, policy):
            print(f"{row:<62}  {figure}", flush=True)


def _account(processes: Processes, name: str) -> str:
    command = [sys.executable, "-m", "bot", "accounts", "create", name, "--role", "counsellor", "--shown-name", name]
    subprocess.run(command, cwd=ROOT, env=processes.environ, input=_PASSWORD, text=True, check=True, capture_output=True)
    return name


async def _simulate(processes: Processes, names: list[str], arguments: argparse.Namespace) -> Seen:
    """Workers by a Poisson process, counsellors at work, the gateway killed and started again in the middle."""
    source, seen = random.Random(arguments.seed), Seen()
    seconds = arguments.minutes * 60 / arguments.pace
    async with contextlib.AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(CounsellorClient(processes.base, name, _PASSWORD, seen.note)) for name in names
        ]
        desks = [asyncio.ensure_future(_Desk(client, seen, arguments.pace, source.random()).work()) for client in clients]
        restart = asyncio.ensure_future(_restart(processes, seconds / 2))
        workers = []
        for _ in range(arguments.workers):
            await asyncio.sleep(source.expovariate(arguments.workers / seconds))
            workers.append(asyncio.ensure_future(_worker(processes.base, source.random(), arguments.pace)))
        await restart
        await asyncio.gather(*workers)
        await _until_quiet(clients, patience_seconds=20 * 60 / arguments.pace)
        for desk in desks:
            desk.cancel()
        await asyncio.gather(*desks, return_exceptions=True)
    return seen


async def _restart(processes: Processes, after_seconds: float) -> None:
    await asyncio.sleep(after_seconds)
    await asyncio.to_thread(processes.kill, "gateway")
    await asyncio.to_thread(processes.start, "gateway")


async def _until_quiet(clients: list[CounsellorClient], patience_seconds: float) -> None:
    """Wait until no live case is open, so that a case nobody took is a lost one."""
    end = time.monotonic() + patience_seconds
    while time.monotonic() < end:
        rows = [row for client in clients for row in client.rows.values()]
        if not any(row["is_live"] and row["status"] in ("waiting", "active") for row in rows):
            return
        await asyncio.sleep(1.0)


class _Desk:
    """A scripted counsellor: accepts the most urgent case after 5 to 20 seconds, stays 5 to 10 minutes, closes it."""

    def __init__(self, client: CounsellorClient, seen: Seen, pace: float, seed: float) -> None:
        self._client, self._seen, self._pace = client, seen, pace
        self._source = random.Random(seed)
        self._talks: set[asyncio.Task[None]] = set()

    async def work(self) -> None:
        while True:
            await asyncio.sleep(0.1)
            waiting = [row for row in self._client.rows.values() if row["status"] == "waiting" and row["is_live"]]
            if not waiting or len(self._talks) >= self._client.me["capacity"]:
                continue
            row = self._source.choice(sorted(waiting, key=lambda each: (each["rank"], each["requested_at"]))[:3])
            await asyncio.sleep(self._source.uniform(5, 20) / self._pace)
            if await self._call("POST", f"/cases/{row['id']}/accept"):
                talk = asyncio.ensure_future(self._talk(row["id"]))
                self._talks.add(talk)
                talk.add_done_callback(self._talks.discard)

    async def _talk(self, case_id: int) -> None:
        end = time.monotonic() + self._source.uniform(5 * 60, 10 * 60) / self._pace
        line = _GREETING
        while time.monotonic() < end:
            with contextlib.suppress(LineLost, Refused):
                await self._client.say(case_id, line)
                self._seen.said += 1
            line = self._source.choice(_LINES)
            await asyncio.sleep(self._source.uniform(30, 60) / self._pace)
        due = (dt.datetime.now(dt.timezone.utc) + dt.timedelta(days=1)).isoformat()
        form = {"outcome": "talked", "level_after": "watch", "summary": "聊过，情绪缓下来，约了明天。"}
        follow_ups = [{"assigned_to": self._client.me["id"], "due_at": due}]
        while not await self._call("POST", f"/cases/{case_id}/close", **form, follow_ups=follow_ups):
            if self._client.rows.get(case_id, {}).get("status") == "closed":
                return
            await asyncio.sleep(1.0)

    async def _call(self, method: str, path: str, **body: Any) -> bool:
        try:
            await self._client.call(method, path, **body)
        except LineLost:
            return False
        except Refused as refusal:
            self._seen.refused[refusal.code] += 1
            return False
        return True


async def _worker(base: str, seed: float, pace: float) -> None:
    """One worker: a first word by the kind they are, then a few more; whatever is lost with the line is sent again."""
    source = random.Random(seed)
    kind, drawn = "ordinary", source.random()
    for name, share in _SHARES:
        if drawn < share:
            kind = name
            break
        drawn -= share
    texts = [source.choice(_FIRST_WORDS[kind])] if kind != "ordinary" else []
    texts += [new_text(source) if kind == "ordinary" else source.choice(_ANSWERS) for _ in range(source.randint(2, 6))]
    token: str | None = None
    page: WorkerClient | None = None
    for text in texts:
        for _ in range(60):
            try:
                if page is None:
                    page = await WorkerClient(base, token, patience_seconds=20.0).__aenter__()
                    token = page.token
                await page.send(text)
                break
            except (LineLost, NoTurnEnd, OSError):
                await _closed(page)
                page = None
                await asyncio.sleep(0.5)
            except Refused:
                await asyncio.sleep(0.5)
        await asyncio.sleep(source.uniform(20, 60) / pace)
    await _closed(page)


async def _closed(page: WorkerClient | None) -> None:
    if page is not None:
        with contextlib.suppress(LineLost, OSError):
            await page.__aexit__()


def _table(path: Path, seen: Seen, arguments: argparse.Namespace, policy: HandoffPolicy) -> list[tuple[str, str]]:
    """What the database and the screens say, against the bars of the issue."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        live = connection.execute(
            "SELECT id, level, status, requested_at, first_accepted_at FROM handoffs WHERE is_live ORDER BY id"
        ).fetchall()
        accepted = Counter(row[0] for row in connection.execute("SELECT handoff_id FROM handoff_steps WHERE step = 'accepted'"))
        again = Counter(
            row[0]
            for row in connection.execute(
                "SELECT handoff_id FROM handoff_steps WHERE step IN ('transferred', 'reassigned', 'released')"
            )
        )
        in_danger = "SELECT count(DISTINCT conversation_id) FROM alerts WHERE level IN ('high', 'imminent') AND reason = 'risk'"
        threads_in_danger = connection.execute(in_danger).fetchone()[0]
        kept = "SELECT count(DISTINCT conversation_id) FROM handoffs WHERE level IN ('high', 'imminent')"
        handed = connection.execute(kept).fetchone()[0]
    alerts = sorted(seen.alert_seconds.values())
    middle_and_end = [f"{percentile(alerts, share):.2f} s" for share in (0.5, 0.95) if alerts]
    spread = f"{' / '.join(middle_and_end) or '-'} ({len(alerts)})"
    rows = [
        (f"{arguments.workers} workers, {arguments.counsellors} counsellors, {arguments.minutes:g} min at pace", f"{arguments.pace:g}"),
        ("conversations in danger / with a handoff", f"{threads_in_danger} / {handed}"),
        ("crisis stored to alert on a screen, p50 / p95 (bar 1 s)", spread),
    ]  # fmt: skip
    for level in ("imminent", "high"):
        waits = [_seconds(row[3], row[4]) * arguments.pace for row in live if row[1] == level and row[4]]
        within = policy.accept_imminent if level == "imminent" else policy.accept_high
        inside = sum(wait <= within.total_seconds() for wait in waits)
        middle = f"{statistics.median(waits):.0f} s" if waits else "-"
        total = sum(1 for row in live if row[1] == level)
        rows.append(
            (f"{level}: median wait, inside {within.total_seconds():.0f} s (in life's time)", f"{middle}, {inside} of {total}")
        )
    twice = [each for each in accepted if accepted[each] > 1 + again[each]]
    rows.append(
        (
            "live cases: all / closed / never accepted / accepted twice",
            f"{len(live)} / {sum(row[2] == 'closed' for row in live)} / {sum(row[4] is None for row in live)} / {len(twice)}",
        )
    )
    rows.append(("bubbles of counsellors, refusals by code", f"{seen.said}, {dict(seen.refused)}"))
    return rows


def _seconds(start: str, end: str) -> float:
    return (dt.datetime.fromisoformat(end) - dt.datetime.fromisoformat(start)).total_seconds()


if __name__ == "__main__":
    main()
