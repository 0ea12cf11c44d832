"""What lower rooms may ask of the sockets without knowing them; web/app.py binds it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol


class Publisher(Protocol):
    """Tells the open pages of a conversation what is new."""

    def publish(self, conversation_id: str, messages: Sequence[Any]) -> None:
        """Send stored messages to every open page of this conversation; never blocks."""

    def typing(self, conversation_id: str, active: bool) -> None:
        """Show or hide the typing sign."""


class Onlooker(Protocol):
    """Whoever looks on at a conversation from the other side, as the counsellors' consoles do."""

    def worker_typing(self, conversation_id: str, active: bool) -> None:
        """The worker has begun to write, or stopped; never blocks."""
