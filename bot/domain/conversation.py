"""Words and rules of a conversation: who speaks, in which state a message is, what a typed text may hold."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from enum import Enum

from bot.domain.errors import EmptyText, TextTooLong

MAX_TEXT_CHARACTERS = 4000
_MAX_NAME_CHARACTERS = 32
NOTICE_VERSION = "2026-11"
# What the dialogue wants of the gateway beside its words, as cards of that kind that no page sees: a person, a look by a person
# because it did not understand, the direct question, the offer of a safety plan, a screening.
HANDOFF, NOT_UNDERSTOOD, ASK_DIRECTLY = "handoff", "not_understood", "ask_directly"
OFFER_PLAN, START_SCREENING = "offer_plan", "start_screening"
SIGNALS = frozenset({HANDOFF, NOT_UNDERSTOOD, ASK_DIRECTLY, OFFER_PLAN, START_SCREENING})


class Author(str, Enum):
    """Who wrote a message, as the page shows it."""

    WORKER = "worker"
    BOT = "bot"
    SAFETY = "safety"
    COUNSELLOR = "counsellor"
    SYSTEM = "system"


class TurnState(str, Enum):
    """Where the turn of a worker's message stands.

    stored -> asked (sent to Rasa, never sent twice) -> answered.
    """

    STORED = "stored"
    ASKED = "asked"
    ANSWERED = "answered"


class ConversationState(str, Enum):
    """Who leads the conversation (DESIGN 4)."""

    BOT = "bot"
    WAITING = "waiting"
    COUNSELLOR = "counsellor"
    CLOSED = "closed"


@dataclass(frozen=True)
class Button:
    """One choice under a reply: what the reader sees and what Rasa gets."""

    title: str
    payload: str


@dataclass(frozen=True)
class Reply:
    """One bubble to the worker; `custom` is a card of docs/protocol.md or None."""

    text: str
    author: Author = Author.BOT
    buttons: tuple[Button, ...] = ()
    custom: dict[str, object] | None = None


@dataclass(frozen=True)
class Understanding:
    """What Rasa understood of one message; `confidence` 0 to 1, `entities` as Rasa gives them.

    `runner_up`: the intent that came second, or None where the screen decided and not the classifier.
    """

    intent: str
    confidence: float
    entities: tuple[dict[str, object], ...] = field(default=())
    model: str = ""
    runner_up: str | None = None
    runner_up_confidence: float | None = None


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_INVISIBLE_ONLY = {"Cf", "Cc", "Zs", "Zl", "Zp", "Co"}  # not Cn: emoji newer than this Python's tables are unassigned there


def clean_text(text: str) -> str:
    """The text as it is stored: without control characters and lone surrogates, edges trimmed, leading slashes gone.

    Raises EmptyText when nothing readable is left and TextTooLong above MAX_TEXT_CHARACTERS characters.
    """
    if len(text) > MAX_TEXT_CHARACTERS:
        raise TextTooLong(f"{len(text)} characters")
    cleaned = _CONTROL.sub("", text).strip()
    start = next((place for place, character in enumerate(cleaned) if character not in "/／" and _is_readable(character)), None)
    if start is None:
        raise EmptyText("no readable character")
    return cleaned[start:]


def clean_name(text: str) -> str | None:
    """A nickname as it is stored, 32 characters at most; None when nothing readable is left."""
    cleaned = _CONTROL.sub("", text).strip()[:_MAX_NAME_CHARACTERS].strip()
    return cleaned if any(map(_is_readable, cleaned)) else None


def _is_readable(character: str) -> bool:
    return not character.isspace() and unicodedata.category(character) not in _INVISIBLE_ONLY
