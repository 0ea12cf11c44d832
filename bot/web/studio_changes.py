"""Change sets over HTTP: drafts, edits, conflicts, a second person's word, and the writing of the files."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from enum import Enum
from typing import Any

from aiohttp import web
from sqlalchemy.orm import Session

from bot.db.studio_tables import ChangeSet, ChangeSetFile
from bot.dispatch import utc_now
from bot.domain.case_access import Viewer
from bot.domain.change_set import LONGEST_NOTE, Deed, may
from bot.domain.errors import Incomplete, InvalidInput, NotFound
from bot.services import change_set_applying, change_set_files, change_sets
from bot.services.change_set_files import FileLine
from bot.training.folder import LONGEST_FILE, digest_of, require_path
from bot.web import auth
from bot.web.keys import CHECKER, DESK, FOLDER, ROOT
from bot.web.studio import choice_of, large_body_of, number_in_path, reading, require_trainer, text_of
from bot.web.studio_desk import alone

_ID = "change_set_id"
_LONGEST_PATH = 300


class Verdict(str, Enum):
    """A second person's word."""

    APPROVE = "approve"
    RETURN = "return"


async def list_change_sets(request: web.Request) -> web.Response:
    """The newest first, without their files."""
    actor = await require_trainer(request)
    rows = await request.app[ROOT].run_reading(change_sets.listing, request.query.get("state", ""))
    return web.json_response({"change_sets": [_shown(row, actor) for row in rows]})


async def create_change_set(request: web.Request) -> web.Response:
    """A new, empty draft."""
    actor, body = await require_trainer(request), await auth.body_of(request)
    row = await request.app[ROOT].run_sync(change_sets.create, actor, text_of(body, "title"), utc_now())
    return web.json_response({**_shown(row, actor), "files": []})


async def show_change_set(request: web.Request) -> web.Response:
    """One with its files."""
    return await _answer(request, await require_trainer(request))


async def show_diff(request: web.Request) -> web.Response:
    """A file three ways."""
    await require_trainer(request)
    path = require_path(request.query.get("path", ""))
    _, files = await request.app[ROOT].run_reading(_with_files, number_in_path(request, _ID))
    file = next((each for each in files if each.path == path), None)
    if file is None:
        raise NotFound(path)
    return web.json_response(asdict(await reading(request, change_set_files.diff, file, request.app[FOLDER])))


async def put_file(request: web.Request) -> web.Response:
    """A file's whole text, made from the text of this digest."""
    actor, body, folder = await require_trainer(request), await large_body_of(request), request.app[FOLDER]
    path, digest, change_set_id = text_of(body, "path", _LONGEST_PATH), text_of(body, "digest"), number_in_path(request, _ID)
    text, was = _file_text(body, "text"), _file_text(body, "was")
    root = request.app[ROOT]
    with _broken_named("text"):
        prepared = await root.run_reading(change_sets.prepare_file, folder, change_set_id, path, text, digest, was)
    await root.run_sync(change_sets.keep, actor, change_set_id, prepared, utc_now())
    return web.json_response({"digest": digest_of(text)})


async def edit(request: web.Request) -> web.Response:
    """One edit of docs/studio.md."""
    actor, body, root = await require_trainer(request), await large_body_of(request), request.app[ROOT]
    change_set_id = number_in_path(request, _ID)
    prepared = await root.run_reading(change_sets.prepare, request.app[FOLDER], change_set_id, body)
    edited = await root.run_sync(change_sets.keep, actor, change_set_id, prepared, utc_now())
    return web.json_response({"files": sorted(edited.files), "summary": edited.summary})


async def resolve(request: web.Request) -> web.Response:
    """A conflict put together by a person."""
    actor, body = await require_trainer(request), await large_body_of(request)
    path, text = text_of(body, "path", _LONGEST_PATH), _file_text(body, "text")
    with _broken_named("text"):
        await _change(
            request, change_sets.resolve, request.app[FOLDER], actor, number_in_path(request, _ID), path, text, utc_now()
        )
    return await _answer(request, actor)


async def revert(request: web.Request) -> web.Response:
    """Take a file out of the change set."""
    actor, body = await require_trainer(request), await auth.body_of(request)
    path = text_of(body, "path", _LONGEST_PATH)
    await _change(request, change_sets.revert, request.app[FOLDER], actor, number_in_path(request, _ID), path, utc_now())
    return await _answer(request, actor)


async def propose(request: web.Request) -> web.Response:
    """Ask a second person; refused while the check has errors."""
    actor, body, change_set_id = await require_trainer(request), await auth.body_of(request), number_in_path(request, _ID)
    note = text_of(body, "note", LONGEST_NOTE)
    laid = await request.app[ROOT].run_reading(change_sets.overlay_to_propose, actor, change_set_id)
    checked = await request.app[CHECKER].check(request.app[FOLDER].view(laid))
    wrong = checked.first_error
    if wrong is not None:
        words = f"先把问题改好再提交：{wrong['path']} 第 {wrong['line']} 行，{wrong['message']}"
        raise Incomplete(["files"], reader_text=words)
    await _change(request, change_sets.propose, actor, change_set_id, note, laid, utc_now())
    return await _answer(request, actor)


async def review(request: web.Request) -> web.Response:
    """A second person approves or returns."""
    actor, body = await require_trainer(request), await auth.body_of(request)
    deed = Deed(choice_of(body, "verdict", Verdict).value)
    note, seen = text_of(body, "note", LONGEST_NOTE), _moment(body, "updated_at")
    change_set_id = number_in_path(request, _ID)
    await _change(request, change_sets.review, request.app[FOLDER], actor, change_set_id, deed, note, seen, utc_now())
    return await _answer(request, actor)


async def withdraw(request: web.Request) -> web.Response:
    """Give it up."""
    actor = await require_trainer(request)
    await _change(request, change_sets.withdraw, actor, number_in_path(request, _ID), utc_now())
    return await _answer(request, actor)


async def apply(request: web.Request) -> web.Response:
    """Write all files or none; one change set at a time."""
    actor, change_set_id = await require_trainer(request), number_in_path(request, _ID)
    async with alone(request.app):
        await _apply(request, actor, change_set_id)
    return await _answer(request, actor)


async def _apply(request: web.Request, actor: Viewer, change_set_id: int) -> None:
    root, desk = request.app[ROOT], request.app[DESK]
    await root.run_sync(change_set_applying.recover, desk, utc_now())
    made = await root.run_reading(change_set_applying.plan, desk, actor, change_set_id)
    await root.run_sync(change_set_applying.begin, actor, made, utc_now())
    try:
        commit = await reading(request, change_set_applying.write, desk, made)
    except Exception:
        await root.run_sync(change_set_applying.give_up, change_set_id)
        raise
    await root.run_sync(change_set_applying.finish, made, actor.name, commit, utc_now())


async def _change(request: web.Request, deed: Callable[..., Any], *arguments: Any) -> Any:
    return await request.app[ROOT].run_sync(deed, *arguments)


async def _answer(request: web.Request, actor: Viewer) -> web.Response:
    """The change set of this request as it stands now."""
    row, files = await request.app[ROOT].run_reading(_with_files, number_in_path(request, _ID))
    lines = await reading(request, change_set_files.described, files, request.app[FOLDER])
    return web.json_response({**_shown(row, actor), "files": [_line(each) for each in lines]})


def _with_files(session: Session, change_set_id: int) -> tuple[ChangeSet, Sequence[ChangeSetFile]]:
    return change_sets.found(session, change_set_id), change_set_files.of(session, change_set_id)


def _shown(row: ChangeSet, actor: Viewer) -> dict[str, Any]:
    return {
        "id": row.id, "title": row.title, "author": row.author, "state": row.state, "is_clinical": row.is_clinical, "note": row.note,
        "created_at": _iso(row.created_at), "updated_at": _iso(row.updated_at), "proposed_at": _iso(row.proposed_at),
        "reviewed_by": row.reviewed_by, "reviewed_at": _iso(row.reviewed_at), "review_note": row.review_note,
        "applied_by": row.applied_by, "applied_at": _iso(row.applied_at), "commit": row.commit,
        "is_mine": row.author_id == actor.account_id, "may": may(change_sets.standing_of(row), actor),
    }  # fmt: skip


def _line(line: FileLine) -> dict[str, Any]:
    return asdict(line)


def _iso(at: dt.datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _file_text(body: dict[str, Any], name: str) -> str | None:
    """A file's text or null; raises Incomplete."""
    return None if body.get(name) is None else text_of(body, name, LONGEST_FILE)


def _moment(body: dict[str, Any], name: str) -> dt.datetime | None:
    raw = body.get(name)
    if raw is None:
        return None
    try:
        return dt.datetime.fromisoformat(raw.replace("Z", "+00:00"))
    except (AttributeError, ValueError):
        raise Incomplete([name]) from None


@contextlib.contextmanager
def _broken_named(field: str) -> Iterator[None]:
    """What can't be a file is a field to be corrected, so that the page keeps it and shows the line."""
    try:
        yield
    except InvalidInput as error:
        raise Incomplete([field], reader_text=error.reader_text) from error
