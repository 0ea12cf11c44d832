"""Measures the console over many past cases, on a database of its own: the queue, and searches; `python -m bench.past_cases`."""

from __future__ import annotations

import argparse
import datetime as dt
import random
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bot.bootstrap import Root, make_root
from bot.db.handoff_tables import Handoff
from bot.db.migrate import upgrade
from bot.db.staff_tables import Account
from bot.db.tables import Conversation, Worker
from bot.domain.case_access import Viewer
from bot.domain.figures import percentile
from bot.domain.risk import RiskLevel
from bot.domain.topics import TOPICS
from bot.services import handoff_rows, search, team
from bot.services.search import Wanted
from bot.settings import read_settings

_FIRST, _SECOND = "小阿老大晓云雨晴风石", "强梅周林海山明月北南东西花草木"
_OPEN = 12
_NOW = dt.datetime(2026, 11, 22, 4, 0, tzinfo=dt.timezone.utc)
SUPERVISOR = Viewer("a0", "gu", "supervisor")
SEARCHES = {
    "newest": Wanted(), "nickname, common": Wanted(nickname="小"), "nickname, rare": Wanted(nickname="小强7"), "nickname, none": Wanted(nickname="没有"),
    "level": Wanted(level="high"), "topic and a month": Wanted(topic="grief", since=_NOW - dt.timedelta(days=30)),
    "counsellor and nickname": Wanted(counsellor="a3", nickname="阿"),
}  # fmt: skip


def fill(session: Session, cases: int) -> None:
    """So many closed cases of half as many workers with ten counsellors, and a few open ones."""
    rng = random.Random(7)
    workers = [f"w{number}" for number in range(cases // 2 + _OPEN)]
    names = {each: f"{rng.choice(_FIRST)}{rng.choice(_SECOND)}{rng.randrange(100)}" for each in workers}
    staff = [f"a{number}" for number in range(10)]
    plain = {"password_hash": "", "timezone": "Asia/Shanghai", "created_at": _NOW, "skills": [], "role": "counsellor"}
    session.execute(insert(Account), [{"id": each, "name": each, "shown_name": each, **plain} for each in staff])
    session.execute(
        insert(Worker),
        [{"id": each, "nickname": names[each], "timezone": "Asia/Shanghai", "created_at": _NOW} for each in workers],
    )
    threads = [{"id": f"c-{each}", "worker_id": each, "channel": "web", "created_at": _NOW} for each in workers]
    session.execute(insert(Conversation), threads)
    session.execute(insert(Handoff), [_closed(rng, workers, staff, place) for place in range(cases)])
    session.execute(insert(Handoff), [_waiting(each) for each in workers[-_OPEN:]])
    session.commit()


def _closed(rng: random.Random, workers: list[str], staff: list[str], place: int) -> dict[str, Any]:
    worker, at, who = rng.choice(workers), _NOW - dt.timedelta(minutes=20 * place), rng.choice(staff)
    taken = at + dt.timedelta(seconds=rng.randrange(5, 400))
    return {
        "worker_id": worker, "conversation_id": f"c-{worker}", "status": "closed", "is_live": True, "reason": "asked_for_person",
        "level": rng.choice(list(RiskLevel)).value, "rank": 3, "topic": rng.choice(sorted(TOPICS)), "requested_at": at,
        "due_at": at + dt.timedelta(minutes=3), "accepted_by": who, "accepted_at": taken, "first_accepted_at": taken,
        "closed_at": taken + dt.timedelta(minutes=20), "closed_by": who, "outcome": "talked",
    }  # fmt: skip


def _waiting(worker: str) -> dict[str, Any]:
    return {
        "worker_id": worker, "conversation_id": f"c-{worker}", "status": "waiting", "is_live": True, "reason": "high", "level": "high",
        "rank": 1, "requested_at": _NOW, "due_at": _NOW + dt.timedelta(minutes=3),
    }  # fmt: skip


def measure(root: Root, rounds: int) -> dict[str, tuple[float, float, float]]:
    """Median and 95th percentile of each look by the clock, and the median of its own work, which a busy machine does not blur; in ms."""
    looks: dict[str, Callable[[], object]] = {
        "queue": lambda: root.call_reading(handoff_rows.queue, SUPERVISOR, _NOW),
        "team, 30 days": lambda: root.call_reading(team.figures, 30, ZoneInfo(root.settings.default_timezone), _NOW),
        **{
            f"search: {name}": partial(root.call_reading, search.search, SUPERVISOR, wanted, 1)
            for name, wanted in SEARCHES.items()
        },
    }
    found: dict[str, tuple[float, float, float]] = {}
    for name, look in looks.items():
        times, works = [], []
        for _ in range(rounds):
            began, work = time.perf_counter(), time.thread_time()
            look()
            times.append((time.perf_counter() - began) * 1000)
            works.append((time.thread_time() - work) * 1000)
        found[name] = percentile(sorted(times), 0.5), percentile(sorted(times), 0.95), percentile(sorted(works), 0.5)
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=20)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environ = {"VAR_DIR": name, "DATABASE_URL": f"sqlite:///{folder / 'x.db'}", "KEY_RING": str(folder / "keys.json")}
        with make_root(read_settings(environ), check_schema=False) as root:
            upgrade(root.engine)
            root.call(fill, chosen.cases)
            for look, (p50, p95, work) in measure(root, chosen.rounds).items():
                print(f"{look:<34} p50 {p50:7.1f} ms   p95 {p95:7.1f} ms   of it work {work:7.1f} ms")


if __name__ == "__main__":
    main()
