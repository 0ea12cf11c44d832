"""What tests of the inbox share: workers who agreed to improvement, messages that raise doubts, and a look of the collector."""

from __future__ import annotations

import datetime as dt

from ground import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from worker_thread import Thread

from bot.bootstrap import Root
from bot.db.studio_tables import InboxItem
from bot.db.tables import Message, UnderstandingRow
from bot.domain.case_access import Viewer
from bot.domain.consent import CONSENTS_VERSION, IMPROVEMENT
from bot.domain.conversation import Reply, Understanding
from bot.domain.risk import RiskFinding
from bot.services import consents, conversations, inbox_collecting

TRAINER = Viewer("t1", "lin", "trainer")
BEFORE = NOW - dt.timedelta(hours=1)
LATER = NOW + dt.timedelta(hours=1)
FALLBACK = Understanding("nlu_fallback", 0.18, runner_up="help", runner_up_confidence=0.17)
UNSURE = Understanding("union_service", 0.31, runner_up="find_station", runner_up_confidence=0.05)
SURE = Understanding("work_stress", 0.97, runner_up="burnout", runner_up_confidence=0.01)


def agree(root: Root, worker_id: str, at: dt.datetime = BEFORE) -> None:
    root.call(consents.grant, worker_id, IMPROVEMENT, CONSENTS_VERSION, at)


def withdraw(root: Root, worker_id: str) -> None:
    root.call(consents.withdraw, worker_id, IMPROVEMENT, NOW)


def agreeing(root: Root, worker_id: str = "w1") -> Thread:
    """A worker who chats and agreed to improvement an hour ago."""
    thread = Thread(root, worker_id)
    agree(root, worker_id)
    return thread


def say(
    thread: Thread, text: str, understanding: Understanding | None = FALLBACK, *, now: dt.datetime = NOW, payload: str | None = None,
    risk: RiskFinding | None = None,
) -> int:  # fmt: skip
    """One answered message; gives its id. Sampled ids are as good as any, so reasons are compared without `sample`."""
    external = f"{thread.worker_id}-{text[:20]}-{now.timestamp()}"
    named = {"now": now, "payload": payload}
    received = thread.receive(text, external, **named) if risk is None else thread.receive(text, external, risk, **named)
    assert thread.root.call(conversations.claim, received.message.id, now)
    thread.root.call(conversations.answer, received.message.id, [Reply("嗯，我在听")], understanding, now)
    return received.message.id


def collect(root: Root, now: dt.datetime = LATER) -> int:
    """Look as the gateway's job does until nothing is left (a running gateway's own may have been first); gives how many are new."""
    count = 0
    while not (batch := root.call_reading(inbox_collecting.look, now)).is_idle:
        grouped = inbox_collecting.prepare(batch, root.call_reading(inbox_collecting.open_groups))
        count += root.call(inbox_collecting.store, batch, grouped, now)
    return count


def reasons(root: Root) -> dict[int, set[str]]:
    """What is in the inbox, with its reasons but the sample."""
    return root.call_reading(_reasons)


def _reasons(session: Session) -> dict[int, set[str]]:
    rows = session.execute(select(InboxItem.message_id, InboxItem.reasons)).tuples()
    return {message_id: found for message_id, codes in rows if (found := set(codes) - {"sample"})}


def understanding_of(session: Session, message_id: int) -> UnderstandingRow | None:
    return session.get(UnderstandingRow, message_id)


def text_of(session: Session, message_id: int) -> str:
    return session.get_one(Message, message_id).text
