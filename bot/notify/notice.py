"""What a notice says, in Chinese, from the facts of a case: level, reason, waiting time and a link."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from bot.domain.handoff import BREACH_TIERS, HandoffReason
from bot.domain.notification import Facts
from bot.domain.risk import RiskLevel

LEVELS = {RiskLevel.IMMINENT: "危急", RiskLevel.HIGH: "高危", RiskLevel.WATCH: "关注", RiskLevel.NONE: "一般"}
REASONS = {
    HandoffReason.IMMINENT: "可能马上有生命危险",
    HandoffReason.HIGH: "有伤害自己或他人的风险",
    HandoffReason.WATCH_AGREED: "有需要留意的话，本人愿意和真人聊",
    HandoffReason.WATCH_REVIEW: "有需要留意的话，等人看一遍",
    HandoffReason.ASKED_FOR_PERSON: "本人想找真人聊",
    HandoffReason.NOT_UNDERSTOOD: "程序连着没听懂",
    HandoffReason.TRANSFER: "同事转来",
}
_TOLD = {
    "second_counsellor": "还没有人接，请在岗的同事接手",
    "supervisor": "还没有人接，请主管安排",
    "on_call": "还没有人接，请值守人员马上处理",
}


@dataclass(frozen=True)
class Notice:
    """One notice, the same for every channel; `key` stays the same when it is sent again."""

    key: str
    title: str
    lines: tuple[str, ...]
    link: str
    handoff_id: int | None
    facts: Facts
    waiting_seconds: int

    @property
    def is_imminent(self) -> bool:
        return self.facts.level is RiskLevel.IMMINENT

    @property
    def text(self) -> str:
        return "\n".join((self.title, *self.lines, self.link))


class Door(Protocol):
    """One way out; a module of this room each."""

    async def send(self, notice: Notice, address: str | None, now: dt.datetime) -> None:
        """Deliver one notice; raises NotificationFailed, whose text names no address and no secret."""


def make_notice(key: str, facts: Facts, handoff_id: int | None, origin: str, now: dt.datetime) -> Notice:
    """The notice of these facts at this moment."""
    waiting = max(0, int((now - facts.since).total_seconds()))
    is_danger = facts.level >= RiskLevel.HIGH
    call = "正在接待的人风险升高" if facts.is_taken else ("请马上接手" if is_danger else "有人在等")
    title = f"【心驿】{call}：{LEVELS[facts.level]}"
    lines = [f"原因：{REASONS[HandoffReason(facts.reason)]}"]
    lines.append("已有咨询师在接待，请督导留意" if facts.is_taken else f"已等：{_spoken(waiting)}")
    if facts.tier:
        lines.append(_TOLD[BREACH_TIERS[min(facts.tier, len(BREACH_TIERS)) - 1]])
    return Notice(key, title, tuple(lines), f"{origin}/console#/cases/{handoff_id}", handoff_id, facts, waiting)


def _spoken(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    if minutes < 1:
        return f"{rest} 秒"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} 小时 {minutes} 分" if hours else f"{minutes} 分 {rest} 秒"
