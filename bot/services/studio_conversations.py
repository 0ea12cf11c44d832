"""What Rasa predicted in a conversation, step by step and by which policy, and stories made of it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.studio_tables import InboxItem
from bot.db.tables import Consent, Conversation, Message, TrackerTurn
from bot.domain.case_access import Viewer
from bot.domain.consent import IMPROVEMENT
from bot.domain.errors import InvalidInput, NotFound
from bot.services import audit
from bot.services.inbox_collecting import names_of
from bot.training.examples import Span, annotated
from bot.training.masking import Masked, mask

OPENED = "conversation.opened"
MOST_TURNS = 200
_POLICY = re.compile(r"^policy_\d+_")
_BEFORE_ANY = "action_extract_slots"  # Rasa sets slots from a message before the first action, and names nothing for it
_LISTEN = ("action_listen", "action_session_start")
_NOT_SHOWN = re.compile("^(?:requested_slot|session_started_metadata)$")


@dataclass
class Step:
    """One action, the policy that chose it, and what it said and set; masked."""

    name: str
    policy: str | None
    confidence: float | None
    texts: list[str] = field(default_factory=list)
    slots: list[dict[str, Any]] = field(default_factory=list)
    loop: str | None = ""  # the loop it started or ended (None); empty where it did neither


@dataclass
class Turn:
    """One message of the worker and what followed; `is_pressed` for a button, whose payload is `raw`; `corrected`: the intent a trainer gave it."""

    number: int
    message_id: int | None
    text: str
    intent: str
    confidence: float
    entities: list[dict[str, Any]]
    raw: str = field(repr=False)
    is_pressed: bool = False
    corrected: str | None = None
    steps: list[Step] = field(default_factory=list)
    loop: str | None = None

    def as_json(self) -> dict[str, Any]:
        """As docs/studio.md has it."""
        shown = ("name", "policy", "confidence", "texts", "slots")
        return {
            "turn": self.number, "message_id": self.message_id, "text": self.text, "intent": self.intent, "corrected": self.corrected,
            "confidence": self.confidence, "entities": self.entities, "actions": [{name: getattr(step, name) for name in shown} for step in self.steps],
            "loop": self.loop,
        }  # fmt: skip


@dataclass(frozen=True)
class Told:
    """A conversation as it is stored, unmasked and only on its way to `turns_of`."""

    events: list[dict[str, Any]] = field(repr=False)
    messages: dict[int, tuple[str, bool]] = field(repr=False)
    since: dt.datetime
    names: tuple[str, ...] = field(repr=False)
    corrected: Mapping[int, str] = field(default_factory=dict)


def open_conversation(session: Session, viewer: Viewer, conversation_id: str, now: dt.datetime) -> None:
    """Note who opens a conversation: the audit entry is committed before a word is read; raises NotFound without a standing consent."""
    _consent(session, conversation_id)
    audit.append(session, viewer.name, OPENED, conversation_id, "improvement", now)
    session.commit()


def read(session: Session, conversation_id: str) -> Told:
    """What is stored of a conversation; raises NotFound without a standing consent. Mask it with `turns_of` before it goes anywhere."""
    worker_id, since = _consent(session, conversation_id)
    query = select(TrackerTurn.events).where(TrackerTurn.sender_id == conversation_id).order_by(TrackerTurn.id.desc())
    rows = list(session.scalars(query.limit(MOST_TURNS)))
    sent = select(Message).where(
        Message.conversation_id == conversation_id, Message.author == "worker", Message.erased_at.is_(None)
    )
    newest = session.scalars(sent.order_by(Message.id.desc()).limit(2 * MOST_TURNS))
    messages = {row.id: (row.text, row.payload is not None) for row in newest if row.created_at >= since}
    events = [event for row in reversed(rows) for event in row]
    return Told(events, messages, since, names_of(session, worker_id), _corrected(session, conversation_id))


def _corrected(session: Session, conversation_id: str) -> dict[int, str]:
    """The intents that trainers gave to messages of this conversation."""
    query = select(InboxItem.message_id, InboxItem.decision).where(
        InboxItem.conversation_id == conversation_id, InboxItem.decision.is_not(None)
    )
    return {message_id: decision["intent"] for message_id, decision in session.execute(query) if decision.get("intent")}


def turns_of(told: Told) -> list[Turn]:
    """The turns, oldest first, numbered from 1; those from before the consent are left out, and every word is masked."""
    made: list[Turn] = []
    loop: str | None = None
    turn: Turn | None = None
    for event in told.events:
        kind = event.get("event")
        if kind == "user":
            turn = _begun(event, told, len(made) + 1)
            if turn is not None:
                made.append(turn)
        elif kind == "active_loop":
            loop = event.get("name")
        if turn is not None:
            _take(turn, event, told.names)
            turn.loop = loop
    return made


def _begun(event: Mapping[str, Any], told: Told, number: int) -> Turn | None:
    """The turn that this message begins; None where it may not be read."""
    message_id = (event.get("metadata") or {}).get("message_id")
    if not isinstance(message_id, int) or message_id not in told.messages:
        return None
    text, is_pressed = told.messages[message_id]
    parsed = event.get("parse_data") or {}
    intent = parsed.get("intent") or {}
    masked = mask(text, told.names)
    raw = str(event.get("text") or "")
    entities = masked_entities(masked, parsed.get("entities") or [], is_pressed or raw != text, told.names)
    return Turn(
        number, message_id, masked.text, str(intent.get("name") or ""), float(intent.get("confidence") or 0.0), entities,
        raw if is_pressed else masked.text, is_pressed, told.corrected.get(message_id),
    )  # fmt: skip


def masked_entities(
    masked: Masked, entities: Iterable[Mapping[str, Any]], is_elsewhere: bool, names: Sequence[str]
) -> list[dict[str, Any]]:
    """Entities with their places in the masked text; those of a payload (`is_elsewhere`) stand nowhere in it."""
    shown = []
    for each in entities:
        start, end = each.get("start"), each.get("end")
        if is_elsewhere or not isinstance(start, int) or not isinstance(end, int):
            start, end = 0, 0
        part = masked.part(start, end)
        begin = masked.at(start)
        shown.append(
            {
                "entity": each.get("entity"),
                "value": _masked_value(each.get("value"), names),
                "start": begin,
                "end": begin + len(part),
            }
        )
    return shown


def _take(turn: Turn, event: Mapping[str, Any], names: Sequence[str]) -> None:
    """Add to a turn what this event tells of it."""
    kind = event.get("event")
    if kind == "action" and event.get("name") not in _LISTEN:
        policy = event.get("policy")
        confidence = event.get("confidence")
        turn.steps.append(
            Step(
                str(event.get("name") or event.get("action_text") or ""),
                _POLICY.sub("", policy) if policy else None,
                confidence,
            )
        )
    elif kind == "bot" and event.get("text") and turn.steps:
        turn.steps[-1].texts.append(mask(str(event["text"]), names).text)
    elif kind == "slot" and not _NOT_SHOWN.match(str(event.get("name"))):
        if not turn.steps:
            turn.steps.append(Step(_BEFORE_ANY, None, None))
        turn.steps[-1].slots.append({"name": event.get("name"), "value": _masked_value(event.get("value"), names)})
    elif kind == "active_loop" and turn.steps:
        turn.steps[-1].loop = event.get("name")


def _masked_value(value: Any, names: Sequence[str]) -> Any:
    if isinstance(value, str):
        return mask(value, names).text
    if isinstance(value, Mapping):
        return {key: _masked_value(each, names) for key, each in value.items()}
    return [_masked_value(each, names) for each in value] if isinstance(value, list) else value


def story_of(
    turns: Sequence[Turn], numbers: Collection[int], name: str, is_test: bool, influential: Collection[str]
) -> dict[str, Any]:
    """The chosen turns as a story or test story of Rasa, masked, with the intents that trainers corrected; `influential`: slots that policies read.

    Raises InvalidInput for turns that are not there.
    """
    chosen = [turn for turn in turns if turn.number in set(numbers)]
    if not chosen or len(chosen) != len(set(numbers)):
        raise InvalidInput("turns", reader_text="选的几轮里有已经看不到的，请刷新再选。")
    return {"story": name, "steps": [step for turn in chosen for step in _steps(turn, is_test, influential)]}


def _steps(turn: Turn, is_test: bool, influential: Collection[str]) -> Iterator[dict[str, Any]]:
    intent = turn.corrected or turn.intent
    if is_test:
        yield {"user": _annotated(turn), "intent": intent}
    else:
        named = [{each["entity"]: each["value"]} for each in turn.entities if each["value"]]
        yield {"intent": intent, **({"entities": named} if named else {})}
    for step in turn.steps:
        if step.name != _BEFORE_ANY:
            yield {"action": step.name}
        slots = [{each["name"]: each["value"]} for each in step.slots if each["name"] in influential]
        if slots:
            yield {"slot_was_set": slots}
        if step.loop != "":
            yield {"active_loop": step.loop}


def _annotated(turn: Turn) -> str:
    """The worker's words as a test story says them: a button's payload, else the masked text with its entities."""
    if turn.is_pressed:
        return turn.raw
    spans, at = [], 0
    for each in sorted(turn.entities, key=lambda one: (one["start"], -one["end"])):
        if at <= each["start"] < each["end"]:
            value = each["value"] if isinstance(each["value"], str) else None
            spans.append(Span(str(each["entity"]), each["start"], each["end"], value))
            at = each["end"]
    return " ".join(annotated(turn.text, spans).split())


def _consent(session: Session, conversation_id: str) -> tuple[str, dt.datetime]:
    """Whose conversation it is and since when the consent stands; raises NotFound where none does."""
    query = (
        select(Conversation.worker_id, Consent.granted_at)
        .join(Consent, Consent.worker_id == Conversation.worker_id)
        .where(Conversation.id == conversation_id, Consent.kind == IMPROVEMENT, Consent.withdrawn_at.is_(None))
        .order_by(Consent.granted_at)
        .limit(1)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"conversation {conversation_id}", reader_text="这段对话看不了：对方没有同意，或者收回了同意。")
    return row[0], row[1]
