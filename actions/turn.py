"""What an action reads of one turn and what it gives back: plain data, no Rasa."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

LOUD_LEVELS = frozenset({"high", "imminent"})


@dataclass(frozen=True)
class Risk:
    """The gateway's screen of this message, from the metadata; `level` none, watch, high or imminent."""

    level: str = "none"
    subject: str = "none"
    kind: str = "none"
    cues: tuple[str, ...] = ()  # names in content/risk/lexicon.yml

    @property
    def is_loud(self) -> bool:
        """Whether the gateway has already sent the safety text for this message."""
        return self.level in LOUD_LEVELS


@dataclass(frozen=True)
class Said:
    """One bubble: the response's name, the values for its placeholders, extra buttons (title, payload) and a card."""

    response: str
    values: Mapping[str, str] = field(default_factory=dict)
    buttons: tuple[tuple[str, str], ...] = ()
    card: Mapping[str, object] | None = None


@dataclass(frozen=True)
class Outcome:
    """The whole answer of an action.

    `offer` names what an 嗯 or 好 of the next turn would accept; it lives for one turn. `next_action` is run at once after.
    `leaves_exercise` pauses an open exercise even from an action that belongs to it.
    """

    said: tuple[Said, ...] = ()
    slots: Mapping[str, object] = field(default_factory=dict)
    offer: str | None = None
    next_action: str | None = None
    leaves_exercise: bool = False


@dataclass(frozen=True)
class Turn:
    """The latest message as understood, and the slots as they stand before the answer."""

    text: str = ""
    intent: str = ""
    confidence: float = 0.0
    ranking: tuple[tuple[str, float], ...] = ()
    entities: Mapping[str, str] = field(default_factory=dict)
    risk: Risk = Risk()
    voice: str = "whole"  # "brief": the gateway asks a direct question after this answer; "silent": it speaks alone
    carried: str | None = None  # the worker's level, carried over visits; None when nobody told
    rests: bool = False  # asking directly rests: it was done lately, or a human is on the case
    waits: bool | None = None  # whether a human is waited for; None when nobody told
    message_id: object = None
    slots: Mapping[str, object] = field(default_factory=dict)
    active_loop: str | None = None
    worker_turns: int = 1
    earlier: tuple[str, ...] = ()

    @property
    def is_button(self) -> bool:
        """Whether a button was pressed: typed text never starts with a slash."""
        return self.text.startswith("/")

    @property
    def words(self) -> str:
        """What the worker typed; empty for a button."""
        return "" if self.is_button else self.text.strip()

    def slot(self, name: str) -> str | None:
        value = self.slots.get(name)
        return value if isinstance(value, str) and value else None

    def number(self, name: str) -> int:
        value = self.slots.get(name)
        return int(value) if isinstance(value, (int, float)) else 0

    def is_set(self, name: str) -> bool:
        return bool(self.slots.get(name))

    def items(self, name: str) -> list[str]:
        value = self.slots.get(name)
        return [str(item) for item in value] if isinstance(value, list) else []


def read_turn(
    message: Mapping[str, Any],
    slots: Mapping[str, object],
    events: Sequence[Mapping[str, Any]],
    active_loop: str | None,
) -> Turn:
    """The turn from a tracker's latest message, slots and events; whatever is missing gets a harmless value."""
    intent = message.get("intent") or {}
    ranking = tuple(
        (str(entry["name"]), float(entry.get("confidence") or 0.0))
        for entry in message.get("intent_ranking") or []
        if entry.get("name")
    )
    entities: dict[str, str] = {}
    for entity in message.get("entities") or []:
        value = entity.get("value")
        if isinstance(value, str) and value:
            entities.setdefault(str(entity.get("entity")), value)
    spoken = [event for event in events if event.get("event") == "user"]
    metadata = message.get("metadata") or (spoken[-1].get("metadata") if spoken else None) or {}
    risk = metadata.get("risk") or {}
    return Turn(
        text=str(message.get("text") or ""),
        intent=str(intent.get("name") or ""),
        confidence=float(intent.get("confidence") or 0.0),
        ranking=ranking,
        entities=entities,
        risk=_read_risk(risk),
        voice=str(metadata.get("voice") or "whole"),
        carried=metadata.get("carried"),
        rests=bool(metadata.get("rests")),
        waits=metadata.get("waits"),
        message_id=metadata.get("message_id"),
        slots=slots,
        active_loop=active_loop,
        worker_turns=max(1, len(spoken)),
        earlier=tuple(str(event.get("text") or "") for event in spoken[:-1]),
    )


def _read_risk(risk: Mapping[str, Any]) -> Risk:
    level, subject, kind = (str(risk.get(key) or "none") for key in ("level", "subject", "kind"))
    cues = risk.get("cues")
    return Risk(level, subject, kind, tuple(str(cue) for cue in cues) if isinstance(cues, list) else ())
