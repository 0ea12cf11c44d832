"""The frames of docs/protocol.md: reading what a page sends, writing what it gets."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from bot.domain.errors import InvalidInput, XinyiError
from bot.services.threads import StoredMessage
from bot.settings import timezone_names

PROTOCOL = 1
MAX_FRAME_BYTES = 64 * 1024
_EXTERNAL_ID = re.compile(r"[!-~]{1,64}")  # a page's own UUID; never text, and safe for every database
_MORE_THAN_ANY_ID = 2**31

# every frame a page may send, with the type of each field; a "?" marks one that may be left out
FROM_PAGE: dict[str, dict[str, type]] = {
    "hello": {"protocol": int, "after": int, "timezone": str, "token?": str},
    "consent": {"version": str, "nickname?": str},
    "message": {"external_id": str, "text": str},
    "choice": {"external_id": str, "message_id": int, "index": int},
    "screening": {"external_id": str, "questionnaire": str},
    "typing": {"active": bool},
    "rate": {"external_id": str, "handoff_id": int, "faces": int, "text?": str},
    "flag": {"message_id": int},
    "read": {"event": int},
    "ping": {},
}
# every frame the gateway sends, with its fields
FROM_GATEWAY: dict[str, tuple[str, ...]] = {
    "welcome": ("protocol", "consent_required", "notice", "nickname", "unread", "resumed"),
    "message": ("id", "event", "author", "text", "buttons", "custom", "created_at", "external_id"),
    "stored": ("external_id", "id", "event"),
    "typing": ("active",),
    "rated": ("external_id", "handoff_id"),
    "flagged": ("message_id",),
    "replayed": ("event",),
    "error": ("code", "message", "external_id"),
    "pong": (),
}
ERROR_CODES = (
    "bad_json", "unknown_type", "bad_field", "too_long", "empty", "rate_limited", "consent_required", "not_signed_in", "storage",
    "internal",
)  # fmt: skip


class Notice(TypedDict):
    """What a worker reads before the first message."""

    version: str
    text: list[str]


@dataclass(frozen=True)
class Frame:
    """One checked frame of a page."""

    type: str
    fields: Mapping[str, Any]


class BadFrame(InvalidInput):
    """A frame that can't be read; `code` is the error code of the protocol."""

    def __init__(self, code: str, external_id: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.external_id = external_id


def read_frame(data: str, known: Mapping[str, Mapping[str, type]] = FROM_PAGE) -> Frame:
    """The frame of this text, one of `known`; raises BadFrame naming what is wrong."""
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        raise BadFrame("bad_json") from None
    if not isinstance(body, dict):
        raise BadFrame("bad_json")
    kind = body.get("type")
    if not isinstance(kind, str) or kind not in known:
        raise BadFrame("unknown_type")
    named = body.get("external_id")
    external_id = named if isinstance(named, str) and _EXTERNAL_ID.fullmatch(named) else None
    fields: dict[str, Any] = {}
    for name, wanted in known[kind].items():
        key = name.rstrip("?")
        value = body.get(key)
        if value is None and name.endswith("?"):
            continue
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            raise BadFrame("bad_field", external_id)
        if isinstance(value, int) and not -1 < value < _MORE_THAN_ANY_ID:
            raise BadFrame("bad_field", external_id)
        fields[key] = value
    if "external_id" in fields and external_id is None:
        raise BadFrame("bad_field")
    return Frame(kind, fields)


def known_timezone(name: str, default: str) -> str:
    """The name when it is a time zone, else the default."""
    return name if name in timezone_names() else default


def message_frame(message: StoredMessage) -> dict[str, Any]:
    """One bubble of the thread."""
    return {
        "type": "message",
        "id": message.id,
        "event": message.event,
        "author": message.author,
        "text": message.text,
        "buttons": list(message.buttons),
        "custom": message.custom,
        "created_at": message.created_at.isoformat(),
        "external_id": message.external_id,
    }


def error_frame(error: XinyiError, external_id: str | None) -> dict[str, Any]:
    """An error as the reader sees it; codes the protocol does not know become `internal`."""
    code = error.code if error.code in ERROR_CODES else "internal"
    return {"type": "error", "code": code, "message": error.reader_text, "external_id": external_id}
