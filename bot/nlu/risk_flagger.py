"""Rasa component: when the gateway's screen found danger, the message's intent is that, whatever the classifier thought."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, METADATA
from rasa.shared.nlu.training_data.message import Message

from bot.domain.risk import RiskKind, RiskLevel, RiskSubject

_BY_KIND = {RiskKind.VIOLENCE_TO_OTHERS: "report_violence", RiskKind.VIOLENCE_SUFFERED: "report_violence"}


_SURE = 0.6  # what the classifier says with this confidence stands beside a watched sign of violence


def intent_for(risk: Dict[str, Any], confidence: float = 0.0) -> Optional[str]:
    """The intent that a screened risk stands for, or None where the classifier, `confidence` sure, may judge itself.

    That is below `high`, but for violence that it did not see, and medical emergencies.
    """
    try:
        level, subject, kind = RiskLevel(risk["level"]), RiskSubject(risk["subject"]), RiskKind(risk["kind"])
    except (KeyError, ValueError):
        return None
    if kind in _BY_KIND and (level >= RiskLevel.HIGH or (level is RiskLevel.WATCH and confidence < _SURE)):
        return _BY_KIND[kind]
    if level < RiskLevel.HIGH or kind is RiskKind.MEDICAL_EMERGENCY:
        return None
    return "worry_about_other" if subject is RiskSubject.OTHER else "disclose_self_harm"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class RiskFlagger(GraphComponent):
    """Reads `metadata.risk`, which the gateway sets; without it (as in `rasa shell`) nothing changes."""

    @classmethod
    def create(
        cls, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> RiskFlagger:
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Overwrite the intent of each message whose screened risk is high or above."""
        for message in messages:
            metadata = message.get(METADATA) or {}
            confidence = float((message.get(INTENT) or {}).get("confidence") or 0.0)
            flagged = intent_for(metadata.get("risk") or {}, confidence)
            if flagged:
                message.set(INTENT, {"name": flagged, "confidence": 1.0}, add_to_output=True)
        return messages
