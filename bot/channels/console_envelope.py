"""The frames of docs/console.md: what a console may send, and what it gets."""

from __future__ import annotations

from typing import Any

from bot.domain.errors import XinyiError
from bot.services.case_threads import Bubble
from bot.services.console_news import ConsoleAlert

PROTOCOL = 1
# every frame a console may send, with the type of each field
FROM_CONSOLE: dict[str, dict[str, type]] = {
    "hello": {"protocol": int, "after": int},
    "open": {"case_id": int, "after": int},
    "leave": {"case_id": int},
    "say": {"external_id": str, "case_id": int, "text": str},
    "typing": {"case_id": int, "active": bool},
    "read": {"case_id": int, "event": int},
    "present": {"is_available": bool},
    "ping": {},
}
# every frame the gateway sends to a console, with its fields
TO_CONSOLE: dict[str, tuple[str, ...]] = {
    "welcome": ("protocol", "me", "event"),
    "queue": ("rows", "now", "event"),
    "row": ("row", "now", "event"),
    "alert": ("case_id", "level", "reason", "tier", "created_at", "event"),
    "offer": ("case_id", "until"),
    "message": (
        "case_id", "id", "event", "author", "name", "text", "buttons", "custom", "created_at", "external_id", "delivered_at", "level",
    ),
    "delivered": ("case_id", "message_ids", "at"),
    "seen": ("case_id", "event"),
    "typing": ("case_id", "active"),
    "stored": ("external_id", "case_id", "id", "event"),
    "error": ("code", "message", "external_id"),
    "ended": (),
    "pong": (),
}  # fmt: skip
GONE = "gone"


def bubble_frame(case_id: int, bubble: Bubble) -> dict[str, Any]:
    """One bubble of a case."""
    return {"type": "message", **bubble.as_json(case_id)}


def alert_frame(alert: ConsoleAlert) -> dict[str, Any]:
    """Something to sound for; `tier` 0 is the request, 1 and up the breaches of its clock."""
    return {
        "type": "alert",
        "case_id": alert.row.id,
        "level": alert.level,
        "reason": alert.reason,
        "tier": 0 if alert.is_late_task else alert.row.tier,
        "created_at": alert.change.created_at.isoformat(),
        "event": alert.change.id,
    }


def refusal_frame(failure: XinyiError, external_id: str | None) -> dict[str, Any]:
    """An error as the counsellor sees it."""
    return {"type": "error", "code": failure.code, "message": failure.reader_text, "external_id": external_id}
