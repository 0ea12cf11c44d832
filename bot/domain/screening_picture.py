"""What is drawn of a result: each value with its range and the bands it lies among; pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.domain.questionnaire import ScaleScore
from bot.domain.questionnaire_definition import Scale, Sex

CARD = "screening_result"


def drawn(scale: Scale, found: ScaleScore, sex: Sex) -> dict[str, Any]:
    """A scale as JSON values; `value` is None without a score, `label` None without a band, the ends of bands included."""
    return {
        "id": scale.id,
        "title": scale.title,
        "value": found.value,
        "lowest": scale.lowest,
        "highest": scale.highest,
        "label": found.band.label if found.band else None,
        "is_prorated": found.is_prorated,
        "is_minimum": found.is_minimum,
        "bands": [{"from": band.low[sex], "to": band.high[sex], "label": band.label} for band in scale.bands],
    }


def result_card(title: str, scales: Iterable[dict[str, Any]], *, is_higher_better: bool) -> dict[str, object]:
    """The card of docs/protocol.md that stands under the result in the conversation."""
    return {"kind": CARD, "title": title, "is_higher_better": is_higher_better, "scales": list(scales)}
