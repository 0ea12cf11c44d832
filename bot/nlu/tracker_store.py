"""Rasa's memory in our database: one sealed row a turn, a snapshot of slots and loop, and a read of bounded length."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Awaitable, Dict, Iterable, List, Optional, TypeVar

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
    deserialise_events,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot import bootstrap
from bot.domain.conversation import Understanding
from bot.domain.errors import XinyiError
from bot.nlu.responses import earlier_wordings, wording_keys
from bot.services import tracker_turns

T = TypeVar("T")
TURNS_READ = 8  # what policies, actions and the choice of wordings look back on
_STORED = "xinyi_events_stored"
_WORDINGS = "_wordings"  # beside the slots in the snapshot; no slot of Rasa's can begin like this
_WORDINGS_KEPT = 120


@dataclass
class TurnOutcome:
    """What the channel must know of one turn: what was understood, and whether the store failed."""

    understanding: Optional[Understanding] = None
    is_failed: bool = False


turn_outcome: ContextVar[Optional[TurnOutcome]] = ContextVar("turn_outcome", default=None)


class DatabaseTrackerStore(TrackerStore):
    """Keeps trackers in `tracker_turns` and `tracker_snapshots`.

    A read gives the session start, the slots and loop of the snapshot as far as the turns read do not set them, and the last
    TURNS_READ turns, so that it costs the same after 1,000 turns as after eight. A failure is noted in `turn_outcome`: Rasa
    itself would hide it and forget the conversation.
    """

    def __init__(
        self,
        domain: Optional[Domain] = None,
        event_broker: Optional[EventBroker] = None,
        host: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker)
        self._root = bootstrap.for_rasa()

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the events that came since the tracker was read, with the slots and loop as they now are."""
        events = list(tracker.events)
        fresh = events[getattr(tracker, _STORED, 0) :]
        if not fresh:
            return
        slots = {name: value for name, value in tracker.current_slot_values().items() if value is not None}
        slots[_WORDINGS] = [*earlier_wordings.get(), *wording_keys(fresh)][-_WORDINGS_KEPT:]
        loop = {"name": tracker.active_loop.name} if tracker.active_loop else {}
        rows = [event.as_dict() for event in fresh]
        await _guarded(self._root.run_sync(tracker_turns.append, tracker.sender_id, rows, slots, loop))
        setattr(tracker, _STORED, len(events))
        earlier_wordings.set(tuple(slots[_WORDINGS]))
        self._note_understanding(fresh)

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """The tracker with its last turns, or None for an unknown sender."""
        stored = await _guarded(self._root.run_reading(tracker_turns.read, sender_id, TURNS_READ))
        if stored is None:
            earlier_wordings.set(())
            return None
        earlier_wordings.set(tuple(stored.slots.pop(_WORDINGS, ())))
        events = deserialise_events([event for turn in stored.turns for event in turn])
        if not stored.is_whole:
            events = _prefix(stored.slots, stored.active_loop, events) + events
        tracker = DialogueStateTracker.from_events(sender_id, events, self.domain.slots, domain=self.domain)
        setattr(tracker, _STORED, len(tracker.events))
        return tracker

    async def keys(self) -> Iterable[str]:
        """All sender ids."""
        return await _guarded(self._root.run_reading(tracker_turns.sender_ids))

    def _note_understanding(self, events: List[Event]) -> None:
        outcome = turn_outcome.get()
        uttered = next((event for event in reversed(events) if isinstance(event, UserUttered)), None)
        if outcome is None or uttered is None:
            return
        outcome.understanding = Understanding(
            intent=uttered.intent_name or "",
            confidence=float((uttered.intent or {}).get("confidence") or 0.0),
            entities=tuple(_plain_entity(entity) for entity in uttered.entities or []),
            **_runner_up(uttered),
        )


async def _guarded(work: Awaitable[T]) -> T:
    """Wait for the database, and note a failure where the channel sees it."""
    try:
        return await work
    except XinyiError:
        outcome = turn_outcome.get()
        if outcome is not None:
            outcome.is_failed = True
        raise


def _plain_entity(entity: Dict[str, Any]) -> Dict[str, object]:
    return {key: entity.get(key) for key in ("entity", "value", "start", "end")}


def _runner_up(uttered: UserUttered) -> Dict[str, Any]:
    """The second of the ranking, unless another component than the classifier put an intent above it."""
    ranking = [each for each in uttered.parse_data.get("intent_ranking") or [] if each.get("name")]
    if len(ranking) < 2 or ranking[0]["name"] != uttered.intent_name:
        return {}
    return {"runner_up": ranking[1]["name"], "runner_up_confidence": float(ranking[1].get("confidence") or 0.0)}


def _prefix(slots: Dict[str, Any], loop: Dict[str, Any], turns: List[Event]) -> List[Event]:
    """What stands for the turns that were not read."""
    set_later = {event.key for event in turns if isinstance(event, SlotSet)}
    events: List[Event] = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
    events += [SlotSet(name, value) for name, value in slots.items() if name not in set_later]
    if loop.get("name") and not any(isinstance(event, ActiveLoop) for event in turns):
        events.append(ActiveLoop(loop["name"]))
    events.append(ActionExecuted(ACTION_LISTEN_NAME))
    return events
