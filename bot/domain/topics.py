"""The topics that a worker's trouble may have, by the names of their intents (DESIGN 5)."""

from __future__ import annotations

TOPICS = frozenset(
    {
        "work_stress", "workplace_conflict", "family_conflict", "homesickness", "loneliness", "relationship", "sleep_problem", "anxiety",
        "low_mood", "burnout", "grief", "parenting", "self_worth",
    }
)  # fmt: skip
