"""Saves turns of a conversation as a story or a test story of a draft."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum

import yaml
from sqlalchemy.orm import Session

from bot.services import change_sets
from bot.services.change_sets import Prepared
from bot.services.studio_conversations import Turn, story_of
from bot.training.folder import DOMAIN, TrainingFolder, View
from bot.training.stories import append_story, story_yaml


class Kind(str, Enum):
    """What the turns become: something to learn from, or something to be tested by."""

    STORY = "story"
    TEST = "test"


PATHS = {Kind.STORY: "data/stories/from_conversations.yml", Kind.TEST: "tests/dialogue/from_conversations.yml"}


@dataclass(frozen=True)
class Saved:
    """The story as it will stand in its file, and the file prepared for the draft."""

    path: str
    yaml: str
    prepared: Prepared


def prepare(
    session: Session,
    folder: TrainingFolder,
    change_set_id: int,
    turns: Sequence[Turn],
    numbers: Collection[int],
    name: str,
    kind: Kind,
) -> Saved:
    """The draft with one story more; reads only. Raises NotFound, InvalidInput for turns, a name or a file that do not fit."""
    view = folder.view(change_sets.overlay(session, change_set_id))
    item = story_of(turns, numbers, name, kind is Kind.TEST, influential_slots(view))
    edited = append_story(view, PATHS[kind], item)
    return Saved(PATHS[kind], story_yaml(item), change_sets.prepare_files(session, folder, change_set_id, edited.files))


def influential_slots(view: View) -> frozenset[str]:
    """The slots that policies read; none where domain.yml can't be read."""
    try:
        domain = yaml.safe_load(view.text(DOMAIN) or "")
    except yaml.YAMLError:
        return frozenset()
    slots = domain.get("slots") if isinstance(domain, dict) else None
    if not isinstance(slots, dict):
        return frozenset()
    return frozenset(
        str(name) for name, slot in slots.items() if not isinstance(slot, dict) or slot.get("influence_conversation", True)
    )
