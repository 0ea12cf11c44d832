"""Rasa's choice of wordings: only those whose blanks can be filled, and none that was just said."""

from __future__ import annotations

import copy
import re
from contextvars import ContextVar
from typing import Any, Dict, Iterable, List, Optional, Tuple
from zlib import crc32

import numpy as np
from rasa.core.nlg.generator import ResponseVariationFilter
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

_WORDING = "wording"  # key of the unfilled text in a bot utterance's metadata
# what our store remembers of this turn's conversation beyond the turns it reads; Rasa runs actions on a copy of the tracker
earlier_wordings: ContextVar[Tuple[int, ...]] = ContextVar("earlier_wordings", default=())
_BLANK = re.compile(r"\{([a-z_]+)\}")


class FreshResponses(TemplatedNaturalLanguageGenerator):
    """Picks among a response's wordings.

    A wording with a {blank} is possible only when a slot or the action gives that value; when such wordings exist they are
    taken in half of the cases. A wording said lately (our store remembers more than it reads) comes again only when no other is left, and
    then the one said longest ago.
    """

    def __init__(self, endpoint_config: Optional[EndpointConfig] = None, domain: Optional[Domain] = None) -> None:
        super().__init__(domain.responses if domain else {})
        self._random = np.random.default_rng()

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> Optional[Dict[str, Any]]:
        """One filled wording of `utter_action`, or None when the domain has no such response."""
        slots = tracker.current_slot_values()
        values = {**slots, **kwargs}
        if utter_action not in self.responses:
            return None
        # made at each call: Rasa hands the responses over only once the model is loaded
        known = ResponseVariationFilter(self.responses).responses_for_utter_action(utter_action, output_channel, slots)
        possible = [wording for wording in known if _can_fill(wording, values)]
        if not possible:
            return None
        said = _said(tracker)
        fresh = [wording for wording in possible if _key(_text(wording)) not in said]
        if fresh:
            personal = [wording for wording in fresh if _BLANK.search(_text(wording))]
            pool = personal if personal and self._random.random() < 0.5 else fresh
            chosen = pool[int(self._random.integers(len(pool)))]
        else:
            chosen = min(possible, key=lambda wording: said[_key(_text(wording))])
        response = self._fill_response(copy.deepcopy(chosen), slots, **kwargs)
        return {**response, _WORDING: _text(chosen)}


def _text(response: Dict[str, Any]) -> str:
    return str(response.get("text") or "")


def _can_fill(wording: Dict[str, Any], values: Dict[str, Any]) -> bool:
    blanks: List[str] = _BLANK.findall(_text(wording))
    return all(values.get(blank) not in (None, "") for blank in blanks)


def wording_keys(events: Iterable[Event]) -> List[int]:
    """The wordings that these bot utterances used, in their order, each as a number."""
    uttered = [event for event in events if isinstance(event, BotUttered) and _WORDING in (event.metadata or {})]
    return [_key(str(event.metadata[_WORDING])) for event in uttered]


def _key(wording: str) -> int:
    return crc32(wording.encode("utf-8"))


def _said(tracker: DialogueStateTracker) -> Dict[int, int]:
    """The wordings used, by key, each with the place of its last time (higher is later): those of earlier turns, then of these."""
    return {key: place for place, key in enumerate([*earlier_wordings.get(), *wording_keys(tracker.events)])}
