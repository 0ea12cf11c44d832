"""The inbox over HTTP: groups and messages, what trainers decide of them, and a conversation with what was predicted in it."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.dispatch import utc_now
from bot.domain.errors import EditedMeanwhile, Incomplete, InvalidInput
from bot.domain.inbox import REASONS, Decided, Use
from bot.domain.risk import RiskLevel
from bot.services import change_sets, inbox, inbox_decisions, studio_conversations, studio_messages, studio_stories
from bot.services.inbox_decisions import Decision, Lesson
from bot.services.screen_marks import Verdict
from bot.services.studio_messages import Opened
from bot.services.studio_stories import Kind
from bot.training.examples import Span
from bot.web import auth
from bot.web.console_team import page_of
from bot.web.keys import FOLDER, INDEX, ROOT
from bot.web.studio import choice_of, number_in_path, number_of, reading, require_trainer, text_of, view_of

_MESSAGE, _GROUP = "message_id", "group_id"
_NEAREST = 3
_MOST_IDS, _MOST_SPANS, _MOST_TURNS = 1000, 50, 200
_MORE_THAN_ANY_ID = 2**31
_TRIES = 3  # a draft that was edited between reading and writing is read again


async def show_inbox(request: web.Request) -> web.Response:
    """A page of groups; each look is audited."""
    viewer, root = await require_trainer(request), request.app[ROOT]
    wanted, page = inbox.wanted_of(request.query), page_of(request)
    await root.run_sync(inbox.note_look, viewer, wanted.told(), utc_now())
    found = await root.run_reading(inbox.listing, viewer, wanted, page)
    return web.json_response(
        {
            "groups": [each.as_json() for each in found.groups], "total_groups": found.total_groups, "total_messages": found.total_messages,
            "counts": found.counts, "reasons": dict(REASONS), "page": page,
        }
    )  # fmt: skip


async def show_group(request: web.Request) -> web.Response:
    """A page of a group's messages; audited."""
    viewer, root, group_id = await require_trainer(request), request.app[ROOT], number_in_path(request, _GROUP)
    await root.run_sync(inbox.note_look, viewer, f"group {group_id}", utc_now())
    items, total = await root.run_reading(inbox.group, group_id, page_of(request))
    return web.json_response({"items": [each.as_json() for each in items], "total": total, "page": page_of(request)})


async def show_message(request: web.Request) -> web.Response:
    """A message with what explains it; the opening is audited first."""
    viewer, root, message_id = await require_trainer(request), request.app[ROOT], number_in_path(request, _MESSAGE)
    await root.run_sync(studio_messages.open_message, viewer, message_id, utc_now())
    found = await root.run_reading(studio_messages.show, message_id)
    view = await view_of(request)
    ranking = await reading(request, _with_nearest, request.app[INDEX], view, found)
    return web.json_response(
        {
            "item": found.line.as_json(), "conversation_id": found.conversation_id, "ranking": ranking, "entities": found.entities,
            "screen": found.screen, "model": found.model, "marks": found.marks,
        }
    )  # fmt: skip


def _with_nearest(taught: Any, view: Any, found: Opened) -> list[dict[str, Any]]:
    """Each intent that came into question with the examples of it that are nearest to the message."""
    if found.vector is None:
        return [{"intent": intent, "confidence": confidence, "nearest": []} for intent, confidence in found.ranking]
    index = taught.of(view)
    return [
        {
            "intent": intent,
            "confidence": confidence,
            "nearest": [
                {
                    "text": hit.example.plain, "intent": hit.example.intent, "similarity": round(float(hit.similarity), 3),
                    "path": hit.example.path, "line": hit.example.line,
                }
                for hit in index.nearest(found.vector, intent, _NEAREST)
            ],
        }
        for intent, confidence in found.ranking
    ]  # fmt: skip


async def decide(request: web.Request) -> web.Response:
    """What a trainer makes of messages; examples go into the trainer's draft in the same commit."""
    viewer, body = await require_trainer(request), await auth.body_of(request)
    root, now = request.app[ROOT], utc_now()
    group_id = number_of(body, _GROUP)
    decision = inbox_decisions.checked(_decision(body), group_id)
    if group_id is not None:
        decision = inbox_decisions.of_messages(decision, await root.run_reading(inbox_decisions.open_in, group_id))
    if not decision.message_ids:
        return web.json_response({"decided": 0, "change_set_id": None, "added": 0})
    change_set_id = None
    if decision.teaches:
        change_set_id = await root.run_sync(inbox_decisions.draft_for, viewer, number_of(body, "change_set_id"), now)
    for left in reversed(range(_TRIES)):
        lesson = None if change_set_id is None else await _lesson(request, change_set_id, decision)
        try:
            made = await root.run_sync(inbox_decisions.decide, viewer, decision, lesson, now)
            break
        except EditedMeanwhile:
            if not left:
                raise
    return web.json_response({"decided": made.decided, "change_set_id": made.change_set_id, "added": made.added})


async def _lesson(request: web.Request, change_set_id: int, decision: Decision) -> Lesson:
    return await request.app[ROOT].run_reading(inbox_decisions.prepare, request.app[FOLDER], change_set_id, decision)


async def reopen(request: web.Request) -> web.Response:
    """Take decisions back, and the examples that they put into one's own draft."""
    viewer, body = await require_trainer(request), await auth.body_of(request)
    root, ids = request.app[ROOT], _ids(body)
    for left in reversed(range(_TRIES)):
        lessons = await root.run_reading(inbox_decisions.taken_back, request.app[FOLDER], viewer, ids)
        try:
            count = await root.run_sync(inbox_decisions.reopen, viewer, ids, lessons, utc_now())
            break
        except EditedMeanwhile:
            if not left:
                raise
    return web.json_response({"reopened": count, "taken_back": bool(lessons)})


async def assign(request: web.Request) -> web.Response:
    """Give messages to somebody, or to nobody."""
    viewer, body = await require_trainer(request), await auth.body_of(request)
    to = text_of(body, "to", 32) if body.get("to") is not None else None
    group_id, ids = number_of(body, _GROUP), _ids(body)
    if (group_id is None) == (not ids):
        raise Incomplete(["message_ids"], reader_text="请选一条消息或者一组。")
    count = await request.app[ROOT].run_sync(inbox.assign, viewer, ids, group_id, to, utc_now())
    return web.json_response({"assigned": count})


async def put_comment(request: web.Request) -> web.Response:
    """A remark on a message."""
    viewer, body, message_id = await require_trainer(request), await auth.body_of(request), number_in_path(request, _MESSAGE)
    await request.app[ROOT].run_sync(inbox.comment, viewer, message_id, text_of(body, "comment"), utc_now())
    return web.json_response({})


async def mark(request: web.Request) -> web.Response:
    """The screen took a message wrongly."""
    viewer, body, message_id = await require_trainer(request), await auth.body_of(request), number_in_path(request, _MESSAGE)
    verdict = choice_of(body, "verdict", Verdict)
    expected = choice_of(body, "expected", RiskLevel) if body.get("expected") is not None else None
    note = text_of(body, "note") or None
    marked = await request.app[ROOT].run_sync(studio_messages.mark, viewer, message_id, verdict, expected, note, utc_now())
    return web.json_response({"id": marked})


async def show_conversation(request: web.Request) -> web.Response:
    """What was predicted at each step of a conversation; the opening is audited first."""
    viewer, root, conversation_id = await require_trainer(request), request.app[ROOT], request.match_info["conversation_id"]
    await root.run_sync(studio_conversations.open_conversation, viewer, conversation_id, utc_now())
    told = await root.run_reading(studio_conversations.read, conversation_id)
    turns = await reading(request, studio_conversations.turns_of, told)
    return web.json_response({"conversation_id": conversation_id, "turns": [turn.as_json() for turn in turns]})


async def save_story(request: web.Request) -> web.Response:
    """Turns of a conversation as a story, or a test story, of the trainer's draft."""
    viewer, body = await require_trainer(request), await auth.body_of(request)
    root, folder, now, conversation_id = (
        request.app[ROOT],
        request.app[FOLDER],
        utc_now(),
        request.match_info["conversation_id"],
    )
    kind, name, numbers = choice_of(body, "kind", Kind), text_of(body, "name", 200), _numbers(body, "turns", _MOST_TURNS)
    await root.run_sync(studio_conversations.open_conversation, viewer, conversation_id, now)
    told = await root.run_reading(studio_conversations.read, conversation_id)
    turns = await reading(request, studio_conversations.turns_of, told)
    change_set_id = await root.run_sync(inbox_decisions.draft_for, viewer, number_of(body, "change_set_id"), now)
    for left in reversed(range(_TRIES)):
        saved = await root.run_reading(studio_stories.prepare, folder, change_set_id, turns, numbers, name, kind)
        try:
            await root.run_sync(change_sets.keep, viewer, change_set_id, saved.prepared, now)
            break
        except EditedMeanwhile:
            if not left:
                raise
    return web.json_response({"path": saved.path, "yaml": saved.yaml, "change_set_id": change_set_id})


def _decision(body: dict[str, Any]) -> Decision:
    use = choice_of(body, "use", Use) if body.get("use") is not None else Use.TRAIN
    text = text_of(body, "text") if body.get("text") is not None else None
    return Decision(tuple(_ids(body)), choice_of(body, "kind", Decided), text_of(body, "intent", 64), use, _spans(body), text)


def _spans(body: dict[str, Any]) -> tuple[Span, ...]:
    """The entity spans of a body; raises Incomplete for what is none."""
    raw = body.get("entities") or []
    if not isinstance(raw, list) or len(raw) > _MOST_SPANS:
        raise Incomplete(["entities"])
    spans = []
    for each in raw:
        if not isinstance(each, dict):
            raise Incomplete(["entities"])
        start, end, value = number_of(each, "start"), number_of(each, "end"), each.get("value")
        if start is None or end is None or not isinstance(each.get("entity"), str) or not isinstance(value, (str, type(None))):
            raise Incomplete(["entities"])
        spans.append(Span(each["entity"], start, end, value))
    return tuple(spans)


def _ids(body: dict[str, Any]) -> list[int]:
    return _numbers(body, "message_ids", _MOST_IDS) if body.get("message_ids") is not None else []


def _numbers(body: dict[str, Any], name: str, most: int) -> list[int]:
    """A list of numbers of the body; raises Incomplete naming it, InvalidInput for too many."""
    raw = body.get(name)
    if not isinstance(raw, list) or not all(isinstance(each, int) and not isinstance(each, bool) for each in raw):
        raise Incomplete([name])
    if len(raw) > most:
        raise InvalidInput(name, reader_text=f"一次最多处理 {most} 条。")
    if not all(0 <= each < _MORE_THAN_ANY_ID for each in raw):
        raise Incomplete([name])
    return list(dict.fromkeys(raw))
