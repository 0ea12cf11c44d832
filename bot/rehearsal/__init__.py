"""Conversations rehearsed against the running system: dialogues replayed, personas held to the rubric of CLINICAL.md."""
