"""Whatever is done in whatever order by several at once: one open case a conversation, its state agrees, accepted once, no lost step."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

import pytest
from ground import NOW, handoff_desk
from handoff_scene import Scene
from sqlalchemy import select
from sqlalchemy.orm import Session
from worker_thread import finding

from bot.bootstrap import Root
from bot.db.handoff_tables import Handoff, HandoffStep
from bot.db.tables import Conversation, Event
from bot.domain.conversation import HANDOFF, Reply
from bot.domain.errors import AlreadyAccepted, IllegalTransition, Incomplete, InvalidInput, NotFound
from bot.domain.handoff import HandoffOutcome
from bot.domain.risk import RiskLevel
from bot.services import handoff_clocks, handoffs
from bot.services.handoffs import Closing, FollowUpWish

REFUSALS = (AlreadyAccepted, IllegalTransition, Incomplete, InvalidInput, NotFound)
DEEDS, ROUNDS, THREADS = 30, 2, 4
LEVELS = (RiskLevel.NONE, RiskLevel.NONE, RiskLevel.WATCH, RiskLevel.HIGH, RiskLevel.IMMINENT)
ANSWERS = {"waiting": "waiting", "active": "counsellor"}  # status of a live case -> state of its conversation


class Bustle:
    """Deeds chosen at random over two workers; the clock is shared and only grows."""

    def __init__(self, root: Root, seed: int) -> None:
        self.root = root
        self.chance = random.Random(seed)
        self.scenes = [Scene(root, "w1"), Scene(root, "w2", is_staffed=False)]
        self.staff = [self.scenes[0].lin, self.scenes[0].chen]
        self.zhou = self.scenes[0].zhou
        self._lock = Lock()
        self._seconds = 0
        self._number = 0

    def now(self) -> dt.datetime:
        with self._lock:
            self._seconds += self.chance.choice((0, 1, 20, 200))
            return NOW + dt.timedelta(seconds=self._seconds)

    def number(self) -> int:
        with self._lock:
            self._number += 1
            return self._number

    def step(self, _: int) -> None:
        scene = self.chance.choice(self.scenes)
        by, now = self.chance.choice(self.staff), self.now()
        try:
            self.chance.choice(self._deeds())(scene, by, now)
        except REFUSALS:
            return

    def _deeds(self) -> list[Callable[[Scene, str, dt.datetime], Any]]:
        desk, root = handoff_desk(), self.root

        def write(scene: Scene, _by: str, now: dt.datetime) -> None:
            level = self.chance.choice(LEVELS)
            risk = {} if level is RiskLevel.NONE else {"risk": finding(level)}
            received = scene.thread.receive("随便一句", f"b{self.number()}", now=now, **risk)
            if not received.is_over:
                signals = frozenset({HANDOFF} if self.chance.random() < 0.4 else ())
                scene.thread.answer(received, Reply("嗯"), signals=signals, now=now)

        def cancel(scene: Scene, _by: str, now: dt.datetime) -> None:
            received = scene.thread.receive("不等了", f"b{self.number()}", now=now)
            if not received.is_over:
                scene.thread.answer(received, now=now)

        def close(scene: Scene, by: str, now: dt.datetime) -> None:
            tasks = (FollowUpWish(by, now + dt.timedelta(hours=20)),)
            level = self.chance.choice((None, RiskLevel.NONE, RiskLevel.HIGH))
            closing = Closing(self.chance.choice((None, HandoffOutcome.TALKED)), level, "谈过", None, tasks)
            root.call(handoffs.close, scene.id, by, closing, now, desk)

        def clock(_scene: Scene, _by: str, now: dt.datetime) -> None:
            for deed, handoff_id in root.call_reading(handoff_clocks.due, now, desk.policy):
                root.call(deed, handoff_id, now, desk)

        return [
            write, write, cancel, close, clock, clock,
            *[lambda scene, by, now: root.call(handoffs.accept, scene.id, by, now, desk)] * 4,
            lambda scene, by, now: root.call(handoffs.decline, scene.id, by, now),
            lambda scene, by, now: root.call(handoffs.release, scene.id, by, "放回", now, desk),
            lambda scene, by, now: root.call(handoffs.transfer, scene.id, by, None, "转", now, desk),
            lambda scene, by, now: root.call(handoffs.assign, scene.id, self.zhou, by, "派", now, desk),
            lambda scene, by, now: root.call(handoffs.say, scene.id, by, f"c{self.number()}", "我在", now, desk),
            lambda scene, by, now: root.call(handoffs.lower_level, scene.id, by, RiskLevel.WATCH, "看过", now, desk),
            lambda scene, by, now: root.call(handoffs.raise_level, scene.id, by, RiskLevel.HIGH, "看过", now, desk),
        ]  # fmt: skip


def check(session: Session) -> None:
    for conversation in session.scalars(select(Conversation)):
        cases = session.scalars(select(Handoff).where(Handoff.conversation_id == conversation.id)).all()
        open_ones = [each for each in cases if each.status != "closed"]
        assert len(open_ones) <= 1
        live = [each for each in open_ones if each.is_live]
        assert conversation.state == (ANSWERS[live[0].status] if live else "bot")
        for each in cases:
            _check_case(session, each)
        _check_events(session, conversation, [each.id for each in cases])


def _check_case(session: Session, case: Handoff) -> None:
    assert (case.status == "active") == (case.accepted_by is not None and case.closed_at is None)
    assert (case.status == "waiting") == (case.breach_at is not None)
    assert case.status == "waiting" or case.offered_to is None
    steps = session.scalars(select(HandoffStep).where(HandoffStep.handoff_id == case.id).order_by(HandoffStep.id)).all()
    assert steps[0].step == "requested"
    holder: str | None = None
    for step in steps:
        if step.step == "accepted":
            assert holder is None, "accepted while another had it"
            holder = step.account_id
        elif step.step in ("transferred", "reassigned", "released", "requested", "closed"):
            holder = None
    assert case.status != "active" or holder == case.accepted_by
    ends = [step for step in steps if step.step in ("closed", "released")]
    assert len(ends) <= 1


def _check_events(session: Session, conversation: Conversation, case_ids: list[int]) -> None:
    query = select(HandoffStep.step).where(HandoffStep.handoff_id.in_(case_ids))
    told = select(Event.kind).where(Event.conversation_id == conversation.id, Event.kind.startswith("handoff."))
    assert Counter(f"handoff.{step}" for step in session.scalars(query)) == Counter(session.scalars(told))


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_any_deeds_in_any_order_by_several_at_once_keep_the_rules(root: Root, seed: int) -> None:
    bustle = Bustle(root, seed)
    for scene in bustle.scenes:
        scene.asks()
    with ThreadPoolExecutor(THREADS) as threads:
        for batch in range(DEEDS // 10):
            list(threads.map(bustle.step, range(batch * 10, batch * 10 + 10)))
            root.call_reading(check)
    kinds = root.call_reading(lambda session: set(session.scalars(select(HandoffStep.step))))
    assert {"requested", "accepted"} <= kinds, "the bustle did something"
