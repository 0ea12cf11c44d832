"""Open pages by conversation: a bounded queue each, so that a slow reader never holds up anybody."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any

from bot.channels.envelope import message_frame
from bot.services.threads import StoredMessage

_QUEUE = 512
_REMEMBERED = 1024
MOST_PAGES_A_WORKER = 8


class Page:
    """One open socket: frames wait in its queue; a full queue marks it overloaded, and it is closed to resync."""

    def __init__(self, conversation_id: str) -> None:
        self.conversation_id = conversation_id
        self.queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(_QUEUE)
        self.is_overloaded = False
        self.is_replaced = False
        self.is_ended = False
        self.closed = asyncio.Event()
        self._sent: deque[int] = deque(maxlen=_REMEMBERED)

    def put(self, frame: dict[str, Any]) -> None:
        """Queue one frame; never blocks."""
        try:
            self.queue.put_nowait(frame)
        except asyncio.QueueFull:
            self.is_overloaded = True
            self.closed.set()

    def show(self, messages: Sequence[StoredMessage]) -> None:
        """Queue bubbles that this page did not get yet."""
        for message in messages:
            if message.event not in self._sent:
                self._sent.append(message.event)
                self.put(message_frame(message))


class Hub:
    """All pages of this gateway; a domain.Publisher."""

    def __init__(self) -> None:
        self._pages: dict[str, list[Page]] = {}

    @property
    def count(self) -> int:
        return sum(len(pages) for pages in self._pages.values())

    def join(self, page: Page) -> None:
        """Add a page; beyond MOST_PAGES_A_WORKER the oldest is closed."""
        pages = self._pages.setdefault(page.conversation_id, [])
        pages.append(page)
        while len(pages) > MOST_PAGES_A_WORKER:
            oldest = pages.pop(0)
            oldest.is_replaced = True
            oldest.closed.set()

    def leave(self, page: Page) -> None:
        pages = self._pages.get(page.conversation_id, [])
        if page in pages:
            pages.remove(page)
        if not pages:
            self._pages.pop(page.conversation_id, None)

    def end(self, conversation_id: str) -> None:
        """Close every page of a conversation whose session is over."""
        for page in self._pages.get(conversation_id, ()):
            page.is_ended = True
            page.closed.set()

    def close_all(self) -> None:
        """Ask every page to come back later, as at a stop."""
        for pages in self._pages.values():
            for page in pages:
                page.closed.set()

    def publish(self, conversation_id: str, messages: Sequence[Any]) -> None:
        for page in self._pages.get(conversation_id, ()):
            page.show(messages)

    def typing(self, conversation_id: str, active: bool) -> None:
        for page in self._pages.get(conversation_id, ()):
            page.put({"type": "typing", "active": active})
