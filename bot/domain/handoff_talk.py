"""What a worker is told of a handoff: waiting, a person has come, it goes back to the program; pure, and never more than is true."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.domain.conversation import Author, Button, Reply
from bot.domain.follow_up import POLICY, CarePolicy
from bot.domain.handoff import HandoffPolicy
from bot.domain.protocol import ABROAD, Place, SafetyDesk
from bot.domain.risk import RiskLevel

HANDOFF_PAYLOAD = "/handoff"
_GROUNDING = '/start_exercise{"exercise": "grounding"}'
_NUMBERS = "/ask_hotline"
_OVER: Mapping[str, object] = {"kind": "waiting_over", "lines": []}  # the card by which a page folds what it showed of a wait
_WEEKDAYS = "一二三四五六日"
_GENDER = re.compile(r"(?<!不要)(?<!不想要)(?<!不找)(女|男)[的性生]{0,2}(?:咨询师|老师|心理师|真人|辅导员|同志|接线员)")
_CANCELS = re.compile(
    r"(?:算了|算啦|那|行了|得了)?[，,。 ]*(?:我|咱)?(?:取消(?:等待|排队)|(?:不|别)(?:等|排队?)(?:了|啦|咯)|(?:不用|别|不要|甭)(?:再)?(?:叫|找|喊|转)(?:人|真人|他们|咨询师)(?:工)?了)"
    r"[吧啊。！.! ]*"
)
# each line of content/handoff.yml with the blanks that it may hold
HANDOFF_LINES: Mapping[str, tuple[str, ...]] = {
    "next": ("minutes",),
    "place": ("ahead", "minutes"),
    "off_duty": ("when",),
    "off_duty_unknown": (),
    "danger": (),
    "danger_off_duty": ("when",),
    "danger_off_duty_unknown": (),
    "numbers": ("urgent", "talk"),
    "late": ("urgent", "talk"),
    "late_danger": ("urgent", "talk"),
    "accepted": ("name",),
    "passed_on": (),
    "gone_quiet": (),
    "ended": (),
    "rate": (),
    "expired": ("urgent", "talk"),
    "cancelled": (),
    "cancelled_review": (),
    "cannot_cancel": ("urgent",),
    "nothing_to_cancel": (),
}
HANDOFF_BUTTONS = ("cancel", "grounding", "numbers")


@dataclass(frozen=True)
class HandoffMessages:
    """The texts of content/handoff.yml: wordings by moment, and the titles of the buttons."""

    version: str
    lines: Mapping[str, Sequence[str]]
    buttons: Mapping[str, str]


@dataclass(frozen=True)
class Queueing:
    """How one waiting worker stands: how many come first, whether anybody is on duty, and when somebody will be."""

    handoff_id: int
    level: RiskLevel
    ahead: int
    is_on_duty: bool
    next_at: dt.datetime | None
    can_cancel: bool


class HandoffDesk:
    """Words and clocks of human help; holds no state. `turn` chooses among the wordings of a moment."""

    def __init__(self, messages: HandoffMessages, policy: HandoffPolicy, safety: SafetyDesk, care: CarePolicy = POLICY) -> None:
        self._messages = messages
        self._safety = safety
        self.policy = policy
        self.care = care

    def waiting(self, standing: Queueing, place: Place) -> tuple[Reply, ...]:
        """That a human was asked for, and what is true of it now; in danger nothing implies that anybody reads."""
        card: dict[str, object] = {
            "kind": "waiting", "place": standing.ahead + 1, "level": standing.level.value, "on_duty": standing.is_on_duty,
            "next_at": None if standing.next_at is None else standing.next_at.isoformat(), "can_cancel": standing.can_cancel,
        }  # fmt: skip
        text = self._waiting_text(standing, place)
        told = Reply(text, Author.SYSTEM, self._waiting_buttons(standing), card)
        if standing.level >= RiskLevel.HIGH and not standing.is_on_duty:
            return told, self._numbers("numbers", standing.handoff_id, place)
        return (told,)

    def _waiting_text(self, standing: Queueing, place: Place) -> str:
        turn, is_danger = standing.handoff_id, standing.level >= RiskLevel.HIGH
        if not standing.is_on_duty:
            name = "danger_off_duty" if is_danger else "off_duty"
            if standing.next_at is None or place.timezone == ABROAD:  # whose clock is not known
                return self._line(f"{name}_unknown", turn)
            return self._line(name, turn, when=spoken_time(standing.next_at, place.timezone, place.now))
        if is_danger:
            return self._line("danger", turn)
        minutes = str(max(1, round(self.policy.accept_other.total_seconds() / 60)))
        if standing.ahead == 0:
            return self._line("next", turn, minutes=minutes)
        return self._line("place", turn, ahead=str(standing.ahead), minutes=minutes)

    def _waiting_buttons(self, standing: Queueing) -> tuple[Button, ...]:
        """Something to hold on to, numbers, and the way back; none in danger, where the direct question's own stay open."""
        if standing.level >= RiskLevel.HIGH:
            return ()
        titles = self._messages.buttons
        cancel = HANDOFF_PAYLOAD + json.dumps({"do": "cancel", "handoff": standing.handoff_id})
        way_back = (Button(titles["cancel"], cancel),) if standing.can_cancel else ()
        return (Button(titles["grounding"], _GROUNDING), Button(titles["numbers"], _NUMBERS), *way_back)

    def late(self, turn: int, level: RiskLevel, place: Place) -> Reply:
        """Nobody has come inside the time: said once, with the numbers."""
        return self._numbers("late_danger" if level >= RiskLevel.HIGH else "late", turn, place)

    def accepted(self, turn: int, name: str, introduction: str) -> tuple[Reply, ...]:
        """A person is here now, by their name; then their own introduction, when they wrote one."""
        card: dict[str, object] = {"kind": "counsellor", "name": name}
        told = Reply(self._line("accepted", turn, name=name), Author.SYSTEM, custom=card)
        return (told, Reply(introduction, Author.COUNSELLOR, custom=card)) if introduction else (told,)

    def passed_on(self, turn: int, *, is_silent: bool = False) -> Reply:
        """Another person is asked for: handed on, or the first one has gone quiet."""
        return Reply(self._line("gone_quiet" if is_silent else "passed_on", turn), Author.SYSTEM)

    def ended(self, turn: int, *, asks_rating: bool = True) -> tuple[Reply, ...]:
        """The program speaks again; and how it was, for a handoff that came to its end."""
        told = Reply(self._line("ended", turn), Author.SYSTEM)
        card: dict[str, object] = {"kind": "rating", "handoff_id": turn, "faces": 0}
        return (told, Reply(self._line("rate", turn), Author.SYSTEM, custom=card)) if asks_rating else (told,)

    def expired(self, turn: int, place: Place) -> Reply:
        """Nobody could come: said honestly, with whom to call."""
        told = self._numbers("expired", turn, place)
        return dataclasses.replace(told, custom={**(told.custom or {}), "kind": "waiting_over"})

    def cancelled(self, turn: int, *, is_review: bool) -> Reply:
        """The worker waits no longer; what a human reads all the same is said too."""
        return Reply(self._line("cancelled_review" if is_review else "cancelled", turn), Author.SYSTEM, custom=dict(_OVER))

    def cannot_cancel(self, turn: int, place: Place) -> Reply:
        """In danger only a human ends the waiting; the worker may stop writing."""
        return self._numbers("cannot_cancel", turn, place)

    def nothing_to_cancel(self, turn: int) -> Reply:
        """A button of a waiting that is over."""
        return Reply(self._line("nothing_to_cancel", turn), Author.SYSTEM, custom=dict(_OVER))

    def counsellor(self, text: str, name: str) -> Reply:
        """A counsellor's own words."""
        return Reply(text, Author.COUNSELLOR, custom={"kind": "counsellor", "name": name})

    def _numbers(self, name: str, turn: int, place: Place) -> Reply:
        return Reply(self._safety.filled(self._line(name, turn), place), Author.SYSTEM, custom=self._safety.card(place))

    def _line(self, moment: str, turn: int, **blanks: str) -> str:
        wordings = self._messages.lines[moment]
        text = wordings[turn % len(wordings)]
        return text.format_map(blanks) if blanks else text


def wants_to_cancel(text: str, payload: str | None, waits_in: int | None) -> int | None:
    """The handoff whose waiting this message ends: a button of ours, or its words typed while `waits_in` is waited for."""
    if payload is None:
        return waits_in if _CANCELS.fullmatch(text) else None
    if not payload.startswith(HANDOFF_PAYLOAD):
        return None
    return int(json.loads(payload.removeprefix(HANDOFF_PAYLOAD))["handoff"])


def gender_asked_for(text: str) -> str | None:
    """`female` or `male` where the worker wants to speak with one: 想找个女咨询师; None where they do not say."""
    found = _GENDER.search(text)
    return None if found is None else "female" if found[1] == "女" else "male"


def spoken_time(at: dt.datetime, timezone: str, now: dt.datetime) -> str:
    """A moment to come as one says it where the worker is: 今天14:00, 明天9:00, 周三9:00 within a week, else 12月3日9:00."""
    zone = ZoneInfo(timezone)
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    days = (local.date() - today).days
    clock = f"{local.hour}:{local.minute:02}"
    if days in (0, 1):
        return f"{'今天' if days == 0 else '明天'}{clock}"
    if 1 < days < 7:
        return f"周{_WEEKDAYS[local.weekday()]}{clock}"
    return f"{local.month}月{local.day}日{clock}"
