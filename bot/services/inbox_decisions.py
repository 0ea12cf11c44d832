"""What trainers make of messages: decisions, the examples that come of them, and undoing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.studio_tables import ChangeSet, InboxItem
from bot.domain.case_access import Viewer
from bot.domain.change_set import ChangeSetState
from bot.domain.errors import EmptyText, Incomplete
from bot.domain.inbox import OUT_OF_SCOPE, Decided, Use
from bot.services import audit, change_sets
from bot.services.change_sets import Prepared
from bot.services.inbox import INBOX, chosen
from bot.services.inbox_items import DONE, OPEN, is_allowed, recount
from bot.training.edits import apply_edit
from bot.training.examples import Span, annotated, examples_in
from bot.training.folder import TrainingFolder, View

DRAFT_TITLE = "收件箱里改的"
LONGEST_TEXT = 4000


@dataclass(frozen=True)
class Decision:
    """A trainer's word on messages; `entities` and `text` only where it is about one, `text` as the trainer corrected its masks."""

    message_ids: tuple[int, ...]
    kind: Decided
    intent: str = ""
    use: Use = Use.TRAIN
    entities: tuple[Span, ...] = ()
    text: str | None = None

    @property
    def teaches(self) -> bool:
        """Whether examples come of it."""
        return self.kind in (Decided.INTENT, Decided.NOT_OURS)

    @property
    def taught(self) -> str:
        """The intent that its examples are of."""
        return OUT_OF_SCOPE if self.kind is Decided.NOT_OURS else self.intent


@dataclass(frozen=True)
class DecisionMade:
    """How many messages were decided, which draft took their examples, and how many of them were new there."""

    decided: int
    change_set_id: int | None
    added: int


@dataclass(frozen=True)
class Lesson:
    """What a decision puts into a draft: its examples as the file says them, the files prepared, and how many are new in them."""

    change_set_id: int
    examples: tuple[str, ...]
    prepared: Prepared
    added: int


def checked(decision: Decision, group_id: int | None) -> Decision:
    """The decision, when it says all it must; raises Incomplete naming what is missing."""
    if (group_id is None) == (not decision.message_ids):
        raise Incomplete(["message_ids"], reader_text="请选一条消息或者一组。")
    if decision.kind is Decided.INTENT and not decision.intent:
        raise Incomplete(["intent"], reader_text="请选它是什么意图。")
    if decision.text is not None and not 0 < len(decision.text.strip()) <= LONGEST_TEXT:
        raise Incomplete(["text"], reader_text=f"文字要有 1 到 {LONGEST_TEXT} 字。")
    if (decision.entities or decision.text is not None) and len(decision.message_ids) != 1:
        raise Incomplete(["message_ids"], reader_text="改文字、标词只能一条一条来。")
    return decision


def open_in(session: Session, group_id: int) -> tuple[int, ...]:
    """The undecided messages of a group that may be read; none when it was decided already."""
    query = select(InboxItem.message_id).where(InboxItem.group_id == group_id, InboxItem.state == OPEN, is_allowed())
    return tuple(session.scalars(query.order_by(InboxItem.message_id)))


def draft_for(session: Session, viewer: Viewer, change_set_id: int | None, now: dt.datetime) -> int:
    """The draft that takes the examples, a new one where the trainer has none; raises what `change_sets.draft_for` does."""
    row = change_sets.draft_for(session, viewer, change_set_id, DRAFT_TITLE, now)
    session.commit()
    return row.id


def prepare(session: Session, folder: TrainingFolder, change_set_id: int, decision: Decision) -> Lesson:
    """The draft's files as this decision would have them; reads only, and takes as long as YAML does.

    Raises NotFound, InvalidInput, Incomplete.
    """
    query = select(InboxItem).where(InboxItem.message_id.in_(decision.message_ids), is_allowed())
    examples = _examples(list(session.scalars(query.order_by(InboxItem.message_id))), decision)
    kind = "hold_back" if decision.use is Use.HELD_BACK else "add_examples"
    edit = {"edit": kind, "intent": decision.taught, "examples": list(examples)}
    prepared = change_sets.prepare(session, folder, change_set_id, edit)
    view = folder.view(change_sets.overlay(session, change_set_id))
    return Lesson(change_set_id, examples, prepared, _newly(view, prepared))


def decide(
    session: Session, viewer: Viewer, decision: Decision, lesson: Lesson | None, now: dt.datetime
) -> DecisionMade:  # fmt: skip
    """Note the decision and put its lesson into the draft, in one commit; deciding the same again changes nothing.

    Raises NotFound, EditedMeanwhile when the draft was edited since the lesson was prepared.
    """
    rows = chosen(session, decision.message_ids, None)
    for row in rows:
        row.state, row.decided_by, row.decided_at = DONE, viewer.name, now
        row.decision = _kept(decision, lesson, row)
        if decision.text is not None:  # what the trainer found unmasked nobody else reads again
            row.text = decision.text
    recount(session, {row.group_id for row in rows})
    told = f"{len(rows)} messages: {decision.kind.value} {decision.taught if decision.teaches else ''}"
    audit.append(session, viewer.name, "inbox.decided", INBOX, told.strip(), now)
    if lesson is None:
        session.commit()
        return DecisionMade(len(rows), None, 0)
    change_sets.keep(session, viewer, lesson.change_set_id, lesson.prepared, now)  # commits all of it
    return DecisionMade(len(rows), lesson.change_set_id, lesson.added)


def taken_back(
    session: Session, folder: TrainingFolder, viewer: Viewer, message_ids: Collection[int]
) -> list[tuple[int, Prepared]]:
    """The viewer's own drafts without the examples that these decisions put there; reads only. What was proposed or applied stays."""
    lessons: dict[int, dict[str, list[str]]] = {}
    for row in chosen(session, message_ids, None):
        kept = row.decision or {}
        if kept.get("example") and _is_own_draft(session, viewer, kept["change_set_id"]):
            lessons.setdefault(kept["change_set_id"], {}).setdefault(kept["intent"], []).append(kept["example"])
    found = []
    for change_set_id, by_intent in lessons.items():
        view = folder.view(change_sets.overlay(session, change_set_id))
        files: dict[str, str | None] = {}
        for intent, lines in by_intent.items():
            edit = {"edit": "take_back", "intent": intent, "examples": lines}
            files |= apply_edit(view.over(files), edit).files
        if files:
            found.append((change_set_id, change_sets.prepare_files(session, folder, change_set_id, files)))
    return found


def _is_own_draft(session: Session, viewer: Viewer, change_set_id: int) -> bool:
    row = session.get(ChangeSet, change_set_id)
    return row is not None and row.author_id == viewer.account_id and row.state == ChangeSetState.DRAFT.value


def reopen(
    session: Session, viewer: Viewer, message_ids: Collection[int], lessons: Sequence[tuple[int, Prepared]], now: dt.datetime
) -> int:
    """Take decisions back, with `lessons`, the drafts without what they taught, in one commit; gives how many messages are open again.

    Raises EditedMeanwhile when a draft was edited since.
    """
    rows = [row for row in chosen(session, message_ids, None) if row.state == DONE]
    for row in rows:
        row.state, row.decision, row.decided_by, row.decided_at = OPEN, None, None, None
    recount(session, {row.group_id for row in rows})
    audit.append(session, viewer.name, "inbox.reopened", INBOX, f"{len(rows)} messages", now)
    for change_set_id, prepared in lessons:
        change_sets.put(session, viewer, change_set_id, prepared, now)
    session.commit()
    return len(rows)


def _examples(rows: Sequence[InboxItem], decision: Decision) -> tuple[str, ...]:
    """The messages as examples of one line each, equal ones once."""
    lines = [_example(row, decision) for row in rows]
    if not lines or not all(lines):
        raise EmptyText("example")
    return tuple(dict.fromkeys(lines))


def _example(row: InboxItem, decision: Decision) -> str:
    """A message as the line of a file."""
    said = decision.text if decision.text is not None else row.text
    return " ".join(annotated(said, decision.entities).split())


def _newly(view: View, prepared: Prepared) -> int:
    """How many examples the prepared files have more than the draft's."""
    files = prepared.edited.files
    return sum(
        len(examples_in(path, text or "")) - len(examples_in(path, view.text(path) or "")) for path, text in files.items()
    )


def _kept(decision: Decision, lesson: Lesson | None, row: InboxItem) -> dict[str, Any]:
    kept: dict[str, Any] = {"kind": decision.kind.value}
    if lesson is not None:
        kept |= {"intent": decision.taught, "use": decision.use.value, "change_set_id": lesson.change_set_id}
        kept["example"] = _example(row, decision)
    if decision.entities:
        spans = decision.entities
        kept["entities"] = [{"entity": one.entity, "start": one.start, "end": one.end, "value": one.value} for one in spans]
    return kept


def of_messages(decision: Decision, message_ids: Sequence[int]) -> Decision:
    """The same decision on these messages."""
    return replace(decision, message_ids=tuple(message_ids))
