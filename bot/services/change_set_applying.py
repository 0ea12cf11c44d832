"""Brings a reviewed change set into the training folder: planned, marked in the database, written, and only then called applied."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.staff_tables import Account
from bot.db.studio_tables import ChangeSet, ChangeSetFile
from bot.domain.case_access import Viewer
from bot.domain.change_set import ChangeSetState, Deed, after
from bot.domain.errors import Busy, EditedMeanwhile, IllegalTransition, Incomplete, NotFound
from bot.services import audit, change_set_files, change_sets
from bot.training import applying
from bot.training.checks import check
from bot.training.folder import TrainingFolder

log = logging.getLogger(__name__)
_CHANGED = "这张改动单刚刚又变了，请重新打开看一遍。"


@dataclass(frozen=True)
class Desk:
    """Where applying works: the folder, and a place of our own for the journal and for the lock between processes."""

    folder: TrainingFolder
    place: Path

    @property
    def journal(self) -> Path:
        return self.place / "applying"


@dataclass(frozen=True)
class Plan:
    """What will be written: texts by path (None: deleted), the folder's texts they were merged with, and for the commit who and what."""

    change_set_id: int
    updated_at: dt.datetime
    files: dict[str, str | None]
    was: dict[str, str | None]
    is_merged: bool
    message: str
    author_name: str
    author: str


@contextlib.contextmanager
def alone(desk: Desk) -> Iterator[None]:
    """One process at a time writes this folder; the lock ends with the process that holds it."""
    desk.place.mkdir(parents=True, exist_ok=True)
    with (desk.place / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def plan(session: Session, desk: Desk, actor: Viewer, change_set_id: int) -> Plan:
    """What applying would write; reads only.

    Raises EditedMeanwhile where the folder moved on and merging by itself fails, Incomplete where the merged files do not fit together,
    Busy, Forbidden, IllegalTransition, NotFound.
    """
    row = change_sets.found(session, change_set_id)
    if change_sets.is_being_applied(row):
        raise Busy(f"change set {change_set_id}", reader_text="这张改动单正在写入，等一下再试。")
    after(change_sets.standing_of(row), Deed.APPLY, actor)
    made = _plan(session, desk, row)
    if made.is_merged:
        _require_sound(desk, made)
    return made


def begin(session: Session, actor: Viewer, made: Plan, now: dt.datetime) -> None:
    """Mark the change set as being written; raises IllegalTransition when it is another by now."""
    row = change_sets.held(session, made.change_set_id)
    after(change_sets.standing_of(row), Deed.APPLY, actor)
    if row.updated_at != made.updated_at:
        raise IllegalTransition("changed since it was planned", reader_text=_CHANGED)
    row.applied_by, row.applied_at = actor.name, None
    session.commit()


def write(desk: Desk, made: Plan) -> str | None:
    """Write all files or none and commit them; gives the commit's id where the folder is a repository.

    Raises EditedMeanwhile when a file changed since the plan, FolderUnwritable; then nothing was changed.
    """
    applying.apply(desk.folder.root, desk.journal, made.files, made.was)
    return _committed(desk, made)


def finish(session: Session, made: Plan, by: str, commit: str | None, now: dt.datetime) -> ChangeSet:
    """The files stand in the folder: call it applied."""
    row = session.get(ChangeSet, made.change_set_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(f"change set {made.change_set_id}")
    row.state, row.applied_by, row.applied_at, row.updated_at, row.commit = ChangeSetState.APPLIED.value, by, now, now, commit
    reason = f"{len(made.files)} files" + (f", commit {commit[:12]}" if commit else "")
    audit.append(session, by, "change_set.applied", f"change_set:{row.id}", reason, now)
    session.commit()
    return row


def give_up(session: Session, change_set_id: int) -> None:
    """Nothing was written: it is reviewed as before."""
    row = session.get(ChangeSet, change_set_id, with_for_update=True, populate_existing=True)
    if row is not None and change_sets.is_being_applied(row):
        row.applied_by = None
    session.commit()


def left(session: Session) -> list[tuple[int, str]]:
    """Change sets that a killed process left marked, each with who applied it."""
    query = select(ChangeSet.id, ChangeSet.applied_by).where(ChangeSet.applied_by.is_not(None), ChangeSet.applied_at.is_(None))
    return [(change_set_id, by) for change_set_id, by in session.execute(query.order_by(ChangeSet.id)) if by is not None]


def written(session: Session, desk: Desk, change_set_id: int) -> Plan | None:
    """The plan of a change set whose files all stand in the folder already, else None."""
    try:
        made = _plan(session, desk, change_sets.found(session, change_set_id))
    except EditedMeanwhile:
        return None
    return made if made.files == made.was else None


def recover(session: Session, desk: Desk, now: dt.datetime) -> int:
    """Finish what a killed process left: first the files, then the marks; gives how many change sets were left.

    A change set whose files stand in the folder is applied, any other reviewed as before. The caller holds the lock of `alone`, so that
    nobody is writing and every mark is one that was left.
    """
    applying.recover(desk.folder.root, desk.journal)
    marked = left(session)
    for change_set_id, by in marked:
        made = written(session, desk, change_set_id)
        if made is None:
            give_up(session, change_set_id)
        else:
            finish(session, made, by, _committed(desk, made), now)
    return len(marked)


def _plan(session: Session, desk: Desk, row: ChangeSet) -> Plan:
    view = desk.folder.view()
    files = change_set_files.of(session, row.id)
    was = {file.path: view.base_text(file.path) for file in files}
    texts = {file.path: change_set_files.merged(file, was[file.path]) for file in files}
    is_merged = any(texts[file.path] != file.text for file in files) or _has_moved(files, was)
    account = session.get(Account, row.author_id)
    name = account.shown_name if account is not None else row.author
    return Plan(row.id, row.updated_at, texts, was, is_merged, _message(row), name, row.author)


def _has_moved(files: list[ChangeSetFile], was: dict[str, str | None]) -> bool:
    return any(file.base != was[file.path] for file in files)


def _require_sound(desk: Desk, made: Plan) -> None:
    """What merged line by line may still not fit together, such as two stories of one name."""
    wrong = next((issue for issue in check(desk.folder.view(made.files)) if issue.severity == "error"), None)
    if wrong is not None:
        words = f"和现在的文件合在一起以后有问题：{wrong.path} 第 {wrong.line} 行，{wrong.message}"
        raise Incomplete(["files"], reader_text=words)


def _message(row: ChangeSet) -> str:
    """Title, why, and who looked at it."""
    parts = [row.title, row.note, f"改动单 {row.id}，{row.reviewed_by} 看过。"]
    return "\n\n".join(part for part in parts if part)


def _committed(desk: Desk, made: Plan) -> str | None:
    return applying.commit(desk.folder.root, sorted(made.files), made.message, made.author_name, made.author)
