"""Rasa's choice of wordings: only those whose blanks can be filled, and none that was just said."""

from __future__ import annotations

import copy
import re
from typing import Any, Dict, List, Optional

import numpy as np
from rasa.core.nlg.generator import ResponseVariationFilter
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

_WORDING = "wording"  # key of the unfilled text in a bot utterance's metadata
_BLANK = re.compile(r"\{([a-z_]+)\}")


class FreshResponses(TemplatedNaturalLanguageGenerator):
    """Picks among a response's wordings.

    A wording with a {blank} is possible only when a slot or the action gives that value; when such wordings exist they are
    taken in half of the cases. A wording said in the conversation Rasa still sees comes again only when no other is left, and
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
        fresh = [wording for wording in possible if _text(wording) not in said]
        if fresh:
            personal = [wording for wording in fresh if _BLANK.search(_text(wording))]
            pool = personal if personal and self._random.random() < 0.5 else fresh
            chosen = pool[int(self._random.integers(len(pool)))]
        else:
            chosen = min(possible, key=lambda wording: said[_text(wording)])
        response = self._fill_response(copy.deepcopy(chosen), slots, **kwargs)
        return {**response, _WORDING: _text(chosen)}


def _text(response: Dict[str, Any]) -> str:
    return str(response.get("text") or "")


def _can_fill(wording: Dict[str, Any], values: Dict[str, Any]) -> bool:
    blanks: List[str] = _BLANK.findall(_text(wording))
    return all(values.get(blank) not in (None, "") for blank in blanks)


def _said(tracker: DialogueStateTracker) -> Dict[str, int]:
    """The unfilled wordings the bot used, each with the place of its last time (higher is later)."""
    uttered = [event for event in tracker.events if isinstance(event, BotUttered)]
    return {str(event.metadata[_WORDING]): place for place, event in enumerate(uttered) if _WORDING in (event.metadata or {})}
