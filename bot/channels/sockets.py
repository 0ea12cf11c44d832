"""Open pages by conversation: a bounded queue each, so that a slow reader never holds up anybody."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from bot.channels.envelope import message_frame
from bot.channels.lines import Line
from bot.services.threads import StoredMessage

_REMEMBERED = 1024
MOST_PAGES_A_WORKER = 8


class Page(Line):
    """One open socket of a worker."""

    def __init__(self, conversation_id: str) -> None:
        super().__init__()
        self.conversation_id = conversation_id
        self.is_replaced = False
        self.is_typing = False
        self._sent: deque[int] = deque(maxlen=_REMEMBERED)

    def show(self, messages: Sequence[StoredMessage]) -> None:
        """Queue bubbles that this page did not get yet."""
        for message in messages:
            if self.lacks(message.event):
                self._sent.append(message.event)
                self.put(message_frame(message))

    def lacks(self, event: int) -> bool:
        """Whether the bubble of this change was not put here yet."""
        return event not in self._sent


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
            page.end()

    def close_all(self) -> None:
        """Ask every page to come back later, as at a stop."""
        for pages in self._pages.values():
            for page in pages:
                page.closed.set()

    def publish(self, conversation_id: str, messages: Sequence[Any]) -> None:
        for page in self._pages.get(conversation_id, ()):
            page.show(messages)

    def lacks(self, conversation_id: str, event: int) -> bool:
        """Whether an open page of this conversation did not get the bubble of this change."""
        return any(page.lacks(event) for page in self._pages.get(conversation_id, ()))

    def typing(self, conversation_id: str, active: bool) -> None:
        for page in self._pages.get(conversation_id, ()):
            page.put({"type": "typing", "active": active})
