"""One worker's thread, for tests of services: a short way to receive and answer."""

from __future__ import annotations

import datetime as dt

from ground import NOW, care

from bot.bootstrap import Root
from bot.domain.conversation import Reply, Understanding
from bot.domain.risk import Cue, RiskFinding, RiskKind, RiskLevel, RiskSubject
from bot.services import conversations, threads, workers
from bot.services.conversations import Inbound, Received
from bot.services.threads import StoredMessage

CALM = RiskFinding()
SHANGHAI = "Asia/Shanghai"


def finding(level: RiskLevel, subject: RiskSubject = RiskSubject.SELF) -> RiskFinding:
    return RiskFinding(level, subject, RiskKind.SUICIDE, (Cue("wish", 0, 2),), 0.9, "lexicon", "model")


class Thread:
    """A worker with one conversation on this database."""

    def __init__(self, root: Root, worker_id: str = "w1", *, has_consent: bool = True) -> None:
        self.root = root
        self.worker_id = worker_id
        root.call(workers.ensure, worker_id, 0, SHANGHAI, NOW)
        self.id: str = root.call(workers.conversation_of, worker_id, "web", NOW)
        if has_consent:
            root.call(workers.grant, worker_id, "2026-11", None, NOW)

    def receive(
        self, text: str, external_id: str, risk: RiskFinding = CALM, now: dt.datetime = NOW, payload: str | None = None,
        timezone: str = SHANGHAI,
    ) -> Received:  # fmt: skip
        inbound = Inbound(self.id, self.worker_id, "web", external_id, text, payload)
        return self.root.call(conversations.receive, inbound, risk, care(), timezone, now)

    def late(self, message_id: int, risk: RiskFinding, now: dt.datetime = NOW) -> tuple[StoredMessage, ...]:
        """A higher finding comes after its message was stored; gives what is said then."""
        raised = self.root.call(conversations.raise_finding, message_id, risk, care(), SHANGHAI, now)
        return () if raised is None else raised[1]

    def answer(
        self, received: Received, *replies: Reply, signals: frozenset[str] = frozenset(), now: dt.datetime = NOW
    ) -> tuple[StoredMessage, ...]:
        """Claim and answer."""
        assert self.root.call(conversations.claim, received.message.id, now)
        return self.root.call(
            conversations.answer, received.message.id, list(replies), None, now, signals=signals, care=care()
        )  # fmt: skip

    def turn(self, text: str, external_id: str, *replies: Reply, understanding: Understanding | None = None) -> Received:
        """Receive, claim and answer."""
        received = self.receive(text, external_id)
        assert self.root.call(conversations.claim, received.message.id, NOW)
        answers = list(replies) or [Reply("嗯，我在听")]
        self.root.call(conversations.answer, received.message.id, answers, understanding, NOW)
        return received

    def shown(self, after: int = 0) -> list[StoredMessage]:
        return self.root.call_reading(threads.thread, self.id, after)

    def unread(self) -> int:
        return self.root.call_reading(threads.unread, self.id)
