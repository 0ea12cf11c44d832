"""A worker who writes and the staff who answer, for tests of handoffs: short ways to do each deed and to see what came of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ground import NOW, handoff_desk
from sqlalchemy import select, update
from team_ground import account
from worker_thread import Thread, finding

from bot.bootstrap import Root
from bot.db.handoff_tables import Handoff, HandoffStep
from bot.db.staff_tables import Account
from bot.db.tables import Alert, Conversation, Event
from bot.domain.conversation import HANDOFF, Reply
from bot.domain.errors import NotFound
from bot.domain.risk import RiskLevel
from bot.jobs import beat
from bot.services import handoffs
from bot.services.handoffs import Closing

SECOND, MINUTE, HOUR = dt.timedelta(seconds=1), dt.timedelta(minutes=1), dt.timedelta(hours=1)


class Scene:
    """One worker's thread, two counsellors who are present and a supervisor; `at` is how long after NOW a deed is done."""

    def __init__(self, root: Root, worker_id: str = "w1", *, is_staffed: bool = True) -> None:
        self.root = root
        self.thread = Thread(root, worker_id)
        self.turns = 0
        self.lin = self.chen = self.zhou = ""
        if is_staffed:
            self.lin = account(root, "lin", shown_name="林老师", introduction="我是林老师，做了八年热线。")
            self.chen = account(root, "chen", shown_name="陈老师")
            self.zhou = account(root, "zhou", "supervisor", shown_name="周督导")

    def here(self, at: dt.timedelta, *account_ids: str) -> None:
        """These counsellors are present and take cases."""

        def work(session: Any) -> None:
            session.execute(update(Account).values(is_available=False))
            session.execute(update(Account).where(Account.id.in_(account_ids)).values(is_available=True, seen_at=NOW + at))
            session.commit()

        self.root.call(work)

    def says(self, text: str, level: RiskLevel = RiskLevel.NONE, at: dt.timedelta = SECOND * 0, **fields: Any) -> Any:
        """The worker writes; the turn is not answered yet."""
        self.turns += 1
        risk = {} if level is RiskLevel.NONE else {"risk": finding(level, **fields.pop("about", {}))}
        return self.thread.receive(text, f"e{self.turns}", now=NOW + at, **risk, **fields)

    def turn(self, text: str, level: RiskLevel = RiskLevel.NONE, at: dt.timedelta = SECOND * 0, **fields: Any) -> list[Any]:
        """The worker writes and Rasa answers; gives the bubbles of that answer."""
        signals = fields.pop("signals", frozenset())
        return list(self.thread.answer(self.says(text, level, at, **fields), Reply("嗯"), signals=signals, now=NOW + at))

    def asks(self, at: dt.timedelta = SECOND * 0) -> list[Any]:
        """The worker wants a person."""
        return self.turn("找真人", at=at, signals=frozenset({HANDOFF}))

    def do(self, deed: Any, *arguments: Any, at: dt.timedelta = MINUTE) -> Any:
        """One deed of `handoffs` on the newest case."""
        named = deed.__name__
        rest = (NOW + at,) if named == "decline" else (NOW + at, handoff_desk())
        return self.root.call(deed, self.id, *arguments, *rest)

    def accept(self, by: str | None = None, at: dt.timedelta = MINUTE) -> Handoff:
        return self.do(handoffs.accept, by or self.lin, at=at)

    def close(self, closing: Closing, by: str | None = None, at: dt.timedelta = HOUR) -> Handoff:
        return self.do(handoffs.close, by or self.lin, closing, at=at)

    async def beat(self, at: dt.timedelta) -> int:
        return await beat(self.root, handoff_desk(), NOW + at)

    @property
    def id(self) -> int:
        return self.handoff.id

    @property
    def handoff(self) -> Handoff:
        query = select(Handoff).where(Handoff.conversation_id == self.thread.id).order_by(Handoff.id.desc()).limit(1)
        found = self.root.call_reading(lambda session: session.scalar(query))
        if found is None:
            raise NotFound("no case yet")
        return found

    @property
    def cases(self) -> int:
        query = select(Handoff.id).where(Handoff.conversation_id == self.thread.id)
        return len(self.root.call_reading(lambda session: session.scalars(query).all()))

    @property
    def state(self) -> str:
        return self.root.call_reading(lambda session: session.get_one(Conversation, self.thread.id).state)

    def steps(self) -> list[str]:
        query = select(HandoffStep.step).join(Handoff, Handoff.id == HandoffStep.handoff_id)
        query = query.where(Handoff.conversation_id == self.thread.id).order_by(HandoffStep.id)
        return self.root.call_reading(lambda session: list(session.scalars(query)))

    def events(self) -> list[str]:
        query = select(Event.kind).where(Event.conversation_id == self.thread.id, Event.kind.startswith("handoff."))
        return self.root.call_reading(lambda session: list(session.scalars(query.order_by(Event.id))))

    def alerts(self) -> list[tuple[str, str | None]]:
        query = select(Alert.reason, Alert.acknowledged_by).where(Alert.conversation_id == self.thread.id).order_by(Alert.id)
        return self.root.call_reading(lambda session: [tuple(row) for row in session.execute(query)])

    def told(self) -> list[str]:
        """What the gateway said by itself of the handoff, and the counsellors' words."""
        return [each.text for each in self.thread.shown() if each.author in ("system", "counsellor")]
