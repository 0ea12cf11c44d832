"""How long records are kept, as an organisation settles it; pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bot.domain.errors import Incomplete

LEAST_MESSAGE_DAYS = 30  # policy: a counsellor who comes back after a month still finds what was said
LEAST_HANDOFF_DAYS = (
    3 * 365
)  # CLINICAL.md, privacy: the hotline guide of 2021 says at least 3 years for alerts and their handling
_MOST_DAYS = 100 * 365


@dataclass(frozen=True)
class Retention:
    """Days that a worker's words, and what the staff wrote about a case, are kept; None for good."""

    message_days: int | None = None
    handoff_days: int | None = None

    def messages_before(self, now: dt.datetime) -> dt.datetime | None:
        return None if self.message_days is None else now - dt.timedelta(days=self.message_days)

    def handling_before(self, now: dt.datetime) -> dt.datetime | None:
        return None if self.handoff_days is None else now - dt.timedelta(days=self.handoff_days)


def checked(message_days: object, handoff_days: object) -> Retention:
    """The retention of these figures; raises Incomplete, naming the fields that are no whole number within their bounds."""
    given = {"message_days": (message_days, LEAST_MESSAGE_DAYS), "handoff_days": (handoff_days, LEAST_HANDOFF_DAYS)}
    wrong = [name for name, (days, least) in given.items() if days is not None and not _fits(days, least)]
    if wrong:
        text = f"聊天内容至少保留 {LEAST_MESSAGE_DAYS} 天，个案处理记录至少保留 {LEAST_HANDOFF_DAYS} 天（三年）；不填就是一直保留。"
        raise Incomplete(wrong, reader_text=text)
    return Retention(*(days if isinstance(days, int) else None for days, _least in given.values()))


def _fits(days: object, least: int) -> bool:
    return isinstance(days, int) and not isinstance(days, bool) and least <= days <= _MOST_DAYS
