"""Tells open consoles and workers' pages of every change, whoever wrote it: one reader of `events` in the gateway (ADR 0010)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from bot.bootstrap import Root
from bot.channels import console_envelope as frames
from bot.channels.lines import Line
from bot.channels.sockets import Hub
from bot.dispatch import Clock, utc_now
from bot.domain.case_access import Viewer, is_own, sees
from bot.domain.errors import XinyiError
from bot.services import console_news
from bot.services.case_threads import Bubble
from bot.services.console_news import ConsoleAlert, News
from bot.services.events import Change, Reader
from bot.services.handoff_rows import Row
from bot.services.threads import MESSAGE_CREATED, MESSAGE_DELIVERED, THREAD_READ

log = logging.getLogger(__name__)
EVERY_SECONDS = 0.25
_AFTER_FAILURE_SECONDS = 2.0
_REMEMBERED = 2048


@dataclass(frozen=True)
class Followed:
    """A case whose bubbles a console gets; `is_by_reason`: opened under a reason, not because it is one's own or waits."""

    conversation_id: str
    is_by_reason: bool


class Console(Line):
    """One open console: what its viewer's queue shows now, which cases it follows, and which bubbles went there."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__()
        self.viewer = viewer
        self.rows: dict[int, Row] = {}
        self.followed: dict[int, Followed] = {}
        self.typing_in: frozenset[str] = frozenset()
        self._sent: deque[tuple[int, int]] = deque(maxlen=_REMEMBERED)
        self._rung: deque[int] = deque(maxlen=_REMEMBERED)

    def show_queue(self, rows: Sequence[Row], now: str, event: int) -> None:
        self.rows = {row.id: row for row in rows}
        self.put({"type": "queue", "rows": [row.as_json() for row in rows], "now": now, "event": event})

    def show_row(self, row: Row, now: str, event: int) -> None:
        """The row as it is now, or that it left this viewer's queue; what is another's now is not followed any more."""
        shown = row.as_json()
        if console_news.is_shown(self.viewer, row):
            self.rows[row.id] = row
        elif self.rows.pop(row.id, None) is None:
            return
        else:
            if not sees(self.viewer, console_news.standing_of(row)):
                shown = {"id": row.id, "status": frames.GONE}
            followed = self.followed.get(row.id)
            if followed is not None and not followed.is_by_reason:
                self.followed.pop(row.id)
        self.put({"type": "row", "row": shown, "now": now, "event": event})

    def show_bubbles(self, case_id: int, bubbles: Sequence[Bubble]) -> None:
        """Queue bubbles that this console did not get yet for this case."""
        for bubble in bubbles:
            place = (case_id, bubble.message.event)
            if place not in self._sent:
                self._sent.append(place)
                self.put(frames.bubble_frame(case_id, bubble))

    def show_offer(self, row: Row) -> None:
        if row.offered_to == self.viewer.account_id and row.offer_until is not None:
            self.put({"type": "offer", "case_id": row.id, "until": row.offer_until.isoformat()})

    def sound(self, alert: ConsoleAlert) -> None:
        """Sound for it, once."""
        if alert.is_for(self.viewer) and alert.change.id not in self._rung:
            self._rung.append(alert.change.id)
            self.put(frames.alert_frame(alert))

    def follows(self, conversation_id: str) -> list[int]:
        return [case_id for case_id, each in self.followed.items() if each.conversation_id == conversation_id]

    def leads(self, case_id: int) -> Row | None:
        """The row of an active case of the viewer's own, as last told."""
        row = self.rows.get(case_id)
        return row if row is not None and is_own(self.viewer, console_news.standing_of(row)) else None


class Feed:
    """All open consoles of this gateway, and the one task that reads what is new for them and for the workers' pages."""

    def __init__(self, root: Root, hub: Hub, clock: Clock = utc_now) -> None:
        self._root = root
        self._hub = hub
        self._clock = clock
        self._reader = Reader(may_come_late=root.engine.dialect.name == "postgresql")
        self._has_begun = False
        self._woken = asyncio.Event()
        self._telling = asyncio.Lock()
        self.consoles: list[Console] = []

    async def admit(self, console: Console, me: dict[str, Any], after: int) -> None:
        """Greet a console and let it in: the queue as it stands, what rang since `after`, an offer that stands; then every change.

        Nothing is told in between: what came before stands in the queue, what comes later follows it.
        """
        async with self._telling:
            await self._tell_all()
            now = self._clock()
            rows, event = await self._root.run_reading(console_news.queue, console.viewer, now)
            missed = await self._root.run_reading(console_news.missed, rows, after)
            console.put({"type": "welcome", "protocol": frames.PROTOCOL, "me": me, "event": event})
            console.show_queue(rows, now.isoformat(), event)
            for alert in missed:
                console.sound(alert)
            for row in rows:
                console.show_offer(row)
            self.consoles.append(console)

    def leave(self, console: Console) -> None:
        if console in self.consoles:
            self.consoles.remove(console)

    def close_all(self) -> None:
        """Ask every console to come back later, as at a stop."""
        for console in self.consoles:
            console.closed.set()

    def nudge(self) -> None:
        """Something was just written here: look at once."""
        self._woken.set()

    def worker_typing(self, conversation_id: str, active: bool) -> None:
        """Show the worker's typing sign to the consoles that follow the conversation."""
        for console in self.consoles:
            for case_id in console.follows(conversation_id):
                console.put({"type": "typing", "case_id": case_id, "active": active})

    async def run(self) -> None:
        """Look every quarter of a second, and at once when nudged, until cancelled; a failure ends nothing."""
        while True:
            pause = EVERY_SECONDS
            try:
                await self.look()
            except XinyiError as error:
                log.error("feed failed: %s", error.code)
                pause = _AFTER_FAILURE_SECONDS
            except Exception as error:  # noqa: BLE001 - without the feed no alert reaches a console: it must not end
                log.error("feed failed: %s", type(error).__name__)
                pause = _AFTER_FAILURE_SECONDS
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._woken.wait(), pause)
            self._woken.clear()

    async def look(self) -> None:
        """Tell what is new since the last look."""
        async with self._telling:
            await self._tell_all()

    async def _tell_all(self) -> None:
        if not self._has_begun:
            await self._root.run_reading(self._reader.begin)
            self._has_begun = True
        while changes := await self._root.run_reading(self._reader.take):
            await self._tell(changes)

    async def _tell(self, changes: Sequence[Change]) -> None:
        wanted = [each.id for each in changes if each.kind == MESSAGE_CREATED and self._is_wanted(each)]
        watched = {row.conversation_id for console in self.consoles for row in console.rows.values()} if self.consoles else None
        if not wanted and watched is None:
            return
        news = await self._root.run_reading(console_news.gather, changes, wanted, watched)
        for conversation_id, bubbles in groupby(news.bubbles, lambda each: each.conversation_id):
            self._hub.publish(conversation_id, [each.message for each in bubbles])
        now = self._clock().isoformat()
        for console in self.consoles:
            _tell_console(console, changes, news, now)

    def _is_wanted(self, change: Change) -> bool:
        """Whether some page or console has still to be given this bubble."""
        conversation_id = change.conversation_id or ""
        return self._hub.lacks(conversation_id, change.id) or any(each.follows(conversation_id) for each in self.consoles)


def _tell_console(console: Console, changes: Sequence[Change], news: News, now: str) -> None:
    """Rows first, so that an alert finds its case there; then bubbles and their arrival, alerts and offers."""
    newest = {change.conversation_id: change.id for change in changes}
    for conversation_id, row in news.rows.items():
        console.show_row(row, now, newest[conversation_id])
    for bubble in news.bubbles:
        for case_id in console.follows(bubble.conversation_id):
            console.show_bubbles(case_id, [bubble])
    for change in changes:
        for case_id in console.follows(change.conversation_id or ""):
            _tell_arrival(console, case_id, change, news)
        offered = news.rows.get(change.conversation_id or "") if change.kind == console_news.OFFERED else None
        if offered is not None:
            console.show_offer(offered)
    for alert in news.alerts:
        console.sound(alert)


def _tell_arrival(console: Console, case_id: int, change: Change, news: News) -> None:
    if change.kind == MESSAGE_DELIVERED and change.message_id is not None:
        at = news.delivered.get(change.message_id)
        put: dict[str, Any] = {"type": "delivered", "case_id": case_id, "message_ids": [change.message_id]}
        console.put({**put, "at": at and at.isoformat()})
    elif change.kind == THREAD_READ:
        console.put({"type": "seen", "case_id": case_id, "event": news.read.get(change.conversation_id or "", 0)})
