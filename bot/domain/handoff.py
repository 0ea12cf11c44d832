"""Rules of a handoff: who leads the conversation, what comes first in the queue, and the clocks that must not be missed; pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from bot.domain.conversation import ConversationState
from bot.domain.errors import IllegalTransition
from bot.domain.risk import RiskLevel

WAITING, ACTIVE, CLOSED = "waiting", "active", "closed"  # status of a handoff: nobody has it, a counsellor has it, it is over


class Deed(str, Enum):
    """What may change who leads a conversation (DESIGN 4)."""

    REQUEST = "request"
    ACCEPT = "accept"
    RELEASE = "release"
    TRANSFER = "transfer"
    EXPIRE = "expire"
    CLOSE = "close"
    REOPEN = "reopen"


class HandoffReason(str, Enum):
    """Why a human is asked for."""

    IMMINENT = "imminent"
    HIGH = "high"
    WATCH_AGREED = "watch_agreed"
    WATCH_REVIEW = "watch_review"
    ASKED_FOR_PERSON = "asked_for_person"
    NOT_UNDERSTOOD = "not_understood"
    TRANSFER = "transfer"


class HandoffOutcome(str, Enum):
    """How the human part ended."""

    TALKED = "talked"
    UNREACHED = "unreached"
    CONTACT_TOLD = "contact_told"
    EMERGENCY_CALLED = "emergency_called"
    HOSPITAL = "hospital"
    REVIEWED = "reviewed"


_BOT, _WAITING, _COUNSELLOR, _CLOSED = (
    ConversationState.BOT, ConversationState.WAITING, ConversationState.COUNSELLOR, ConversationState.CLOSED,
)  # fmt: skip
TRANSITIONS = MappingProxyType(
    {
        (_BOT, Deed.REQUEST): _WAITING,
        (_WAITING, Deed.REQUEST): _WAITING,
        (_COUNSELLOR, Deed.REQUEST): _COUNSELLOR,
        (_CLOSED, Deed.REQUEST): _WAITING,
        (_WAITING, Deed.ACCEPT): _COUNSELLOR,
        (_WAITING, Deed.RELEASE): _BOT,
        (_COUNSELLOR, Deed.RELEASE): _BOT,
        (_COUNSELLOR, Deed.TRANSFER): _WAITING,
        (_WAITING, Deed.EXPIRE): _BOT,
        (_BOT, Deed.CLOSE): _CLOSED,
        (_WAITING, Deed.CLOSE): _CLOSED,
        (_COUNSELLOR, Deed.CLOSE): _CLOSED,
        (_CLOSED, Deed.REOPEN): _BOT,
    }
)
_GUARDED = frozenset(
    {(_WAITING, Deed.RELEASE), (_COUNSELLOR, Deed.RELEASE), (_BOT, Deed.CLOSE), (_WAITING, Deed.CLOSE)}
)  # `*` of DESIGN 4


@dataclass(frozen=True)
class Standing:
    """What guards an end: an alert nobody has taken, and a level of danger that no human has set since."""

    has_open_alert: bool = False
    level: RiskLevel = RiskLevel.NONE
    is_set_by_human: bool = False

    @property
    def forbids_end(self) -> bool:
        return self.has_open_alert or (self.level >= RiskLevel.HIGH and not self.is_set_by_human)


def after(state: ConversationState, deed: Deed, standing: Standing = Standing()) -> ConversationState:
    """The state that a deed leads to; raises IllegalTransition where DESIGN 4 has none or its guard refuses.

    A request never fails, and an expiry at high or imminent leaves the worker in the queue.
    """
    wanted = TRANSITIONS.get((state, deed))
    if wanted is None:
        raise IllegalTransition(f"{deed.value} in state {state.value}")
    if (state, deed) in _GUARDED and standing.forbids_end:
        raise IllegalTransition(
            f"{deed.value} in state {state.value} while in danger",
            reader_text="还有没人看过的警示，或者风险等级还没有人重新评过，现在不能结束。",
        )
    if deed is Deed.EXPIRE and standing.level >= RiskLevel.HIGH:
        return state
    return wanted


_REASON_RANK = {
    HandoffReason.IMMINENT: 0,
    HandoffReason.HIGH: 1,
    HandoffReason.WATCH_AGREED: 2,
    HandoffReason.TRANSFER: 2,
    HandoffReason.ASKED_FOR_PERSON: 3,
    HandoffReason.NOT_UNDERSTOOD: 3,
    HandoffReason.WATCH_REVIEW: 4,
}
_LEVEL_RANK = {RiskLevel.IMMINENT: 0, RiskLevel.HIGH: 1, RiskLevel.WATCH: 2, RiskLevel.NONE: 4}


def queue_rank(reason: HandoffReason, level: RiskLevel) -> int:
    """Place in the queue, 0 first; within one rank the longest waiting comes first. A watch nobody waits for comes last."""
    if reason is HandoffReason.WATCH_REVIEW:
        return _REASON_RANK[reason]
    return min(_REASON_RANK[reason], _LEVEL_RANK[level])


@dataclass(frozen=True)
class HandoffPolicy:
    """The clocks, each a setting. The bounds follow Crisis Text Line's yardstick: 94% of high-risk texters within 5 minutes.

    `accept_*`: within what time somebody must have accepted; `offer`: how long one counsellor may think; `silent`: how long a counsellor
    may say nothing while the worker waits for an answer, first reminded, after as long again reassigned; `expire`: an ordinary
    request goes back to the assistant, with an alert, after this; `review`: a watch must be read. `tiers`: how often a breach is told on.
    """

    accept_imminent: dt.timedelta = dt.timedelta(seconds=60)
    accept_high: dt.timedelta = dt.timedelta(minutes=3)
    accept_other: dt.timedelta = dt.timedelta(minutes=15)
    offer: dt.timedelta = dt.timedelta(seconds=60)
    silent: dt.timedelta = dt.timedelta(minutes=5)
    expire: dt.timedelta = dt.timedelta(hours=2)
    review: dt.timedelta = dt.timedelta(hours=24)

    def accept_within(self, reason: HandoffReason, level: RiskLevel) -> dt.timedelta:
        """How long this worker may wait for a human at most."""
        if reason is HandoffReason.WATCH_REVIEW:
            return self.review
        if level is RiskLevel.IMMINENT:
            return self.accept_imminent
        return self.accept_high if level is RiskLevel.HIGH else self.accept_other


HANDOFF = HandoffPolicy()
BREACH_TIERS = ("second_counsellor", "supervisor", "on_call")  # whom the first, second and third breach of the clock is told to


def reason_for(level: RiskLevel) -> HandoffReason:
    """The reason that a level alone gives."""
    if level >= RiskLevel.HIGH:
        return HandoffReason.IMMINENT if level is RiskLevel.IMMINENT else HandoffReason.HIGH
    return HandoffReason.WATCH_REVIEW


def missing_to_close(
    level: RiskLevel, outcome: HandoffOutcome | None, level_after: RiskLevel | None, has_follow_up: bool, summary: str
) -> list[str]:
    """Which fields are still needed to close a handoff whose highest level was this; empty when it may be closed."""
    missing = [] if outcome else ["outcome"]
    if level >= RiskLevel.HIGH:
        missing += [] if level_after is not None else ["level_after"]
        missing += [] if has_follow_up else ["follow_up"]
        missing += [] if summary.strip() else ["summary"]
    return missing
