"""Change sets: a trainer's drafts of the training files, from the first touch to a second person's word."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.studio_tables import ChangeSet, ChangeSetFile
from bot.domain.case_access import Viewer
from bot.domain.change_set import LONGEST_NOTE, LONGEST_TITLE, ChangeSetState, Deed, Standing, after, is_clinical_path
from bot.domain.errors import Busy, EditedMeanwhile, IllegalTransition, Incomplete, InvalidInput, NotFound
from bot.services import audit, change_set_files, response_reviews
from bot.training.checks import require_sound_yaml
from bot.training.edits import Edited, apply_edit
from bot.training.folder import TrainingFolder, View, digest_of, require_path

_MOST_FILES = 100
_MOST_LISTED = 200
Overlay = dict[str, "str | None"]


@dataclass(frozen=True)
class Prepared:
    """Files as an edit would have them, and what of the draft it was made from."""

    edited: Edited
    was: dict[str, str]
    bases: Overlay
    is_clinical: bool


def listing(session: Session, state: str | None = None) -> list[ChangeSet]:
    """The change sets (in this state), newest first, two hundred at most."""
    query = select(ChangeSet).order_by(ChangeSet.id.desc()).limit(_MOST_LISTED)
    return list(session.scalars(query if not state else query.where(ChangeSet.state == state)))


def found(session: Session, change_set_id: int) -> ChangeSet:
    """The change set; raises NotFound."""
    row = session.get(ChangeSet, change_set_id)
    if row is None:
        raise NotFound(f"change set {change_set_id}")
    return row


def overlay(session: Session, change_set_id: int) -> Overlay:
    """The draft's texts by path, None where it deletes the file; raises NotFound."""
    found(session, change_set_id)
    return {file.path: file.text for file in change_set_files.of(session, change_set_id)}


def is_applied(session: Session, change_set_id: int) -> bool:
    """Whether its files stand in the folder; raises NotFound."""
    return found(session, change_set_id).state == ChangeSetState.APPLIED.value


def applied_since(session: Session, moment: dt.datetime) -> list[ChangeSet]:
    """What was applied after this moment, oldest first."""
    query = select(ChangeSet).where(ChangeSet.state == ChangeSetState.APPLIED.value, ChangeSet.applied_at > moment)
    return list(session.scalars(query.order_by(ChangeSet.applied_at, ChangeSet.id)))


def standing_of(row: ChangeSet) -> Standing:
    """What decides who may do what."""
    return Standing(ChangeSetState(row.state), row.author_id, row.is_clinical)


def is_being_applied(row: ChangeSet) -> bool:
    """Whether its files are being written this moment, or were when a process was killed."""
    return row.applied_by is not None and row.applied_at is None


def held(session: Session, change_set_id: int) -> ChangeSet:
    """The row, locked until this transaction ends; raises NotFound, Busy while its files are being written."""
    row = session.get(ChangeSet, change_set_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(f"change set {change_set_id}")
    if is_being_applied(row):
        raise Busy(f"change set {change_set_id}", reader_text="这张改动单正在写入，等一下再试。")
    return row


def create(session: Session, actor: Viewer, title: str, now: dt.datetime) -> ChangeSet:
    """A new, empty draft; raises Incomplete for its title."""
    row = _added(session, actor, title, now)
    session.commit()
    return row


def draft_for(session: Session, actor: Viewer, change_set_id: int | None, title: str, now: dt.datetime) -> ChangeSet:
    """The draft that a change goes into; the caller commits.

    A named one of one's own, else the newest own draft, else a new one of this title. Raises NotFound, Forbidden, IllegalTransition.
    """
    if change_set_id is not None:
        row = held(session, change_set_id)
        after(standing_of(row), Deed.EDIT, actor)
        return row
    own = select(ChangeSet).where(ChangeSet.author_id == actor.account_id, ChangeSet.state == ChangeSetState.DRAFT.value)
    newest = session.scalar(own.order_by(ChangeSet.id.desc()).limit(1))
    return newest if newest is not None else _added(session, actor, title, now)


def prepare(session: Session, folder: TrainingFolder, change_set_id: int, edit: Mapping[str, Any]) -> Prepared:
    """What this edit would make of the draft's files; reads only. Raises NotFound, InvalidInput, Incomplete."""
    laid = overlay(session, change_set_id)
    view = folder.view(laid)
    return _prepared(session, view, change_set_id, apply_edit(view, edit))


def keep(session: Session, actor: Viewer, change_set_id: int, prepared: Prepared, now: dt.datetime) -> Edited:
    """Put prepared files into the draft.

    Raises EditedMeanwhile when the draft's texts are others by now, Forbidden, IllegalTransition and NotFound.
    """
    put(session, actor, change_set_id, prepared, now)
    session.commit()
    return prepared.edited


def put(session: Session, actor: Viewer, change_set_id: int, prepared: Prepared, now: dt.datetime) -> None:
    """`keep` for a caller that commits."""
    row = _held_for(session, change_set_id, Deed.EDIT, actor, now)
    files = {file.path: file for file in change_set_files.of(session, change_set_id)}
    for path, text in prepared.edited.files.items():
        file, base = files.get(path), prepared.bases[path]
        stands = base if file is None else file.text
        if digest_of(stands) != prepared.was[path]:
            raise EditedMeanwhile(path, base or "", text or "", stands or "")
        if text == base:
            if file is not None:
                session.delete(file)
                del files[path]
        elif file is None:
            files[path] = ChangeSetFile(change_set_id=change_set_id, path=path, base=base, text=text, updated_at=now)
            session.add(files[path])
        else:
            file.text, file.updated_at = text, now
    if len(files) > _MOST_FILES:
        raise InvalidInput("files", reader_text=f"一张改动单最多 {_MOST_FILES} 个文件，请分成几张。")
    row.is_clinical = prepared.is_clinical or any(map(is_clinical_path, files))


def edit(
    session: Session, folder: TrainingFolder, actor: Viewer, change_set_id: int, edit: Mapping[str, Any], now: dt.datetime
) -> Edited:
    """`prepare` and `keep` in one."""
    return keep(session, actor, change_set_id, prepare(session, folder, change_set_id, edit), now)


def put_files(
    session: Session,
    folder: TrainingFolder,
    actor: Viewer,
    change_set_id: int,
    files: Mapping[str, str | None],
    now: dt.datetime,
) -> None:
    """Put whole texts into the draft (None: delete), whatever it said before; raises InvalidInput for a path or a broken text."""
    prepared = prepare_files(session, folder, change_set_id, files)
    keep(session, actor, change_set_id, prepared, now)


def prepare_files(
    session: Session, folder: TrainingFolder, change_set_id: int, files: Mapping[str, str | None]
) -> Prepared:  # fmt: skip
    """`prepare` for texts that are written out; raises InvalidInput naming what can't be a file of this folder."""
    for path, text in files.items():
        require_path(path)
        if text is not None:
            require_sound_yaml(path, text)
    view = folder.view(overlay(session, change_set_id))
    return _prepared(session, view, change_set_id, Edited(dict(files), ""))


def prepare_file(
    session: Session, folder: TrainingFolder, change_set_id: int, path: str, text: str | None, digest: str, was: str | None
) -> Prepared:
    """`prepare` for a whole text that was made from the text of this digest; `was` is that text itself, where it came along.

    Raises EditedMeanwhile when the draft says something else by now, InvalidInput.
    """
    prepared = prepare_files(session, folder, change_set_id, {path: text})
    if digest != prepared.was[path]:
        laid = overlay(session, change_set_id)
        theirs = folder.view(laid).text(path)
        if was is not None and digest_of(was) == digest:
            base: str | None = was
        else:  # what it was made from is not known: what both say is a base under which no line of either is lost unseen
            base = prepared.bases[path] if path in laid else change_set_files.common_lines(text or "", theirs or "")
        raise EditedMeanwhile(path, base or "", text or "", theirs or "")
    return prepared


def resolve(
    session: Session, folder: TrainingFolder, actor: Viewer, change_set_id: int, path: str, text: str | None, now: dt.datetime
) -> ChangeSet:
    """The merged text becomes ours, the folder's own its base; raises NotFound when the file is not in the change set, InvalidInput."""
    row = _held_for(session, change_set_id, Deed.EDIT, actor, now)
    file = session.get(ChangeSetFile, (change_set_id, require_path(path)))
    if file is None:
        raise NotFound(path)
    if text is not None:
        require_sound_yaml(path, text)
    current = folder.view().base_text(path)
    if text == current:
        session.delete(file)
    else:
        file.base, file.text, file.updated_at = current, text, now
    return _settled(session, folder.view(), row)


def revert(
    session: Session, folder: TrainingFolder, actor: Viewer, change_set_id: int, path: str, now: dt.datetime
) -> ChangeSet:  # fmt: skip
    """This file is out of the change set; raises NotFound when it was not in it."""
    row = _held_for(session, change_set_id, Deed.EDIT, actor, now)
    file = session.get(ChangeSetFile, (change_set_id, path))
    if file is None:
        raise NotFound(path)
    session.delete(file)
    return _settled(session, folder.view(), row)


def overlay_to_propose(session: Session, actor: Viewer, change_set_id: int) -> Overlay:
    """What is to be checked before it is proposed; raises what `propose` would for account, state and an empty draft."""
    after(standing_of(found(session, change_set_id)), Deed.PROPOSE, actor)
    laid = overlay(session, change_set_id)
    if not laid:
        raise Incomplete(["files"], reader_text="这张改动单还是空的，没有可以提交的。")
    return laid


def propose(
    session: Session, actor: Viewer, change_set_id: int, note: str, checked: Mapping[str, str | None], now: dt.datetime
) -> ChangeSet:
    """Ask a second person; `checked` is the overlay that was found sound. Raises EditedMeanwhile when it is another by now."""
    row = _held_for(session, change_set_id, Deed.PROPOSE, actor, now)
    laid = overlay(session, change_set_id)
    for path in sorted(laid.keys() | checked.keys()):
        if laid.get(path) != checked.get(path) or (path in laid) != (path in checked):
            raise EditedMeanwhile(path, checked.get(path) or "", checked.get(path) or "", laid.get(path) or "")
    row.note, row.proposed_at = _note(note), now
    row.reviewed_by, row.reviewed_at, row.review_note = None, None, ""
    _noted(session, actor, "proposed", row, f"{len(laid)} files", now)
    session.commit()
    return row


def review(
    session: Session, folder: TrainingFolder, actor: Viewer, change_set_id: int, deed: Deed, note: str, seen: dt.datetime | None,
    now: dt.datetime,
) -> ChangeSet:  # fmt: skip
    """A second person's word, approve or return; `seen` is the `updated_at` of what was read.

    Raises SecondPersonNeeded, Forbidden for a trainer at what is clinical, IllegalTransition, Incomplete for a return without a word.
    """
    if seen is not None and held(session, change_set_id).updated_at != seen:
        raise IllegalTransition("changed since it was read", reader_text="这张改动单在你看的时候又改过，请重新打开看一遍。")
    _judge(session, folder.view(), held(session, change_set_id))  # two edits at once may each have missed the other's file
    row = _held_for(session, change_set_id, deed, actor, now)
    if deed is Deed.RETURN and not note.strip():
        raise Incomplete(["note"], reader_text="退回时请写一句：要改什么。")
    row.reviewed_by, row.reviewed_at, row.review_note = actor.name, now, _note(note)
    if deed is Deed.APPROVE:
        _note_reading(session, folder, row, actor, now)
    word = "approved" if deed is Deed.APPROVE else "returned"
    _noted(session, actor, word, row, "clinical" if row.is_clinical else "", now)
    session.commit()
    return row


def withdraw(session: Session, actor: Viewer, change_set_id: int, now: dt.datetime) -> ChangeSet:
    """Give it up; its texts stay to be read. Raises Forbidden, IllegalTransition, NotFound."""
    row = _held_for(session, change_set_id, Deed.WITHDRAW, actor, now)
    _noted(session, actor, "withdrawn", row, "", now)
    session.commit()
    return row


def _added(session: Session, actor: Viewer, title: str, now: dt.datetime) -> ChangeSet:
    words = " ".join(title.split())
    if not words or len(words) > LONGEST_TITLE:
        raise Incomplete(["title"], reader_text=f"给这张改动单起个名字，1 到 {LONGEST_TITLE} 字。")
    row = ChangeSet(title=words, author_id=actor.account_id, author=actor.name, created_at=now, updated_at=now)
    session.add(row)
    session.flush()
    return row


def _held_for(session: Session, change_set_id: int, deed: Deed, actor: Viewer, now: dt.datetime) -> ChangeSet:
    """The same, moved to where this deed leads."""
    row = held(session, change_set_id)
    row.state, row.updated_at = after(standing_of(row), deed, actor).value, now
    return row


def _prepared(session: Session, view: View, change_set_id: int, edited: Edited) -> Prepared:
    """Where the draft has a file already, its base stays what it was."""
    bases = {file.path: file.base for file in change_set_files.of(session, change_set_id)}
    known = {path: bases[path] if path in bases else view.base_text(path) for path in edited.files}
    files = {**{path: (base, view.text(path)) for path, base in bases.items()}}
    files |= {path: (known[path], text) for path, text in edited.files.items()}
    was = {path: view.digest(path) for path in edited.files}
    return Prepared(edited, was, known, change_set_files.is_clinical(view, files))


def _settled(session: Session, view: View, row: ChangeSet) -> ChangeSet:
    session.flush()
    _judge(session, view, row)
    session.commit()
    return row


def _judge(session: Session, view: View, row: ChangeSet) -> None:
    """Say anew whether it is clinical."""
    files = {file.path: (file.base, file.text) for file in change_set_files.of(session, row.id)}
    row.is_clinical = change_set_files.is_clinical(view, files)


def _note_reading(session: Session, folder: TrainingFolder, row: ChangeSet, actor: Viewer, now: dt.datetime) -> None:
    """Whoever approves clinical responses has read their wordings."""
    files = {file.path: (file.base, file.text) for file in change_set_files.of(session, row.id)}
    for response in change_set_files.clinical_responses_changed(folder.view(), files):
        response_reviews.note(session, response, row.author, actor.name, now)


def _note(note: str) -> str:
    words = note.strip()
    if len(words) > LONGEST_NOTE:
        raise Incomplete(["note"], reader_text=f"说明最多 {LONGEST_NOTE} 字。")
    return words


def _noted(session: Session, actor: Viewer, word: str, row: ChangeSet, reason: str, now: dt.datetime) -> None:
    audit.append(session, actor.name, f"change_set.{word}", f"change_set:{row.id}", reason, now)
