"""Rules of publishing: who may publish which model when, what a move goes through, and who takes part in an experiment; pure."""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bot.domain.errors import Incomplete, PublishRefused, SecondPersonNeeded
from bot.domain.staff import same_person

PUBLISH, ROLLBACK = "publish", "rollback"
STARTING, MOVED, DONE, FAILED = "starting", "moved", "done", "failed"
OPEN = (STARTING, MOVED)  # states of a publication that is under way
LIVE, CANDIDATE, DRAFT = "live", "candidate", "draft"  # what a slot is for
READY, DRAINING = "ready", "draining"  # states of a slot, beside starting and failed
UNPROVEN, PASSED, FALLS, BLOCKED = "unproven", "passed", "falls", "blocked"
CONTROL = "control"  # the arm that talks to the live model; the other is CANDIDATE
SLOTS = (0, 1, 2)
LONGEST_REASON = 500
_UNWRITABLE = re.compile(r"[\x00\ud800-\udfff]")  # no database takes them
_LEAST_SHARE, _MOST_SHARE = 1, 50  # percent of the new conversations


@dataclass(frozen=True)
class Standing:
    """What decides whether a model may go live; `unfit` says in Chinese why its archive can't run."""

    trained_by: str | None
    verdict: str
    is_applied: bool
    is_live: bool
    unfit: str | None = None


@dataclass(frozen=True)
class Move:
    """One move of the live pointer that took place."""

    kind: str
    model_id: str
    previous_id: str | None


@dataclass(frozen=True)
class Routes:
    """Which slot the workers' turns go to; `candidate` takes `share` percent of the conversations that began in an experiment."""

    live: int = 0
    candidate: int | None = None
    experiment_id: int | None = None
    share: int = 0


def require_publishable(standing: Standing, by: str, reason: str) -> None:
    """Raises SecondPersonNeeded for who trained it, PublishRefused with why not: nobody publishes what would harm."""
    if standing.is_live:
        raise PublishRefused("live already", reader_text="这个模型已经在用了。")
    if standing.trained_by is not None and same_person(standing.trained_by, by):
        raise SecondPersonNeeded("trained it", reader_text="模型是你自己训练的，要请另一位同事来发布。")
    if standing.unfit is not None:
        raise PublishRefused("unfit", reader_text=standing.unfit)
    if not standing.is_applied:
        raise PublishRefused("not applied", reader_text="这个模型来自还没有应用的改动单。先把改动单应用了，再来发布。")
    if standing.verdict == BLOCKED:
        raise PublishRefused("blocked", reader_text="安全这一关没有过，不能发布。对比里写着是哪几项，改好再训练一次。")
    if standing.verdict == FALLS and not reason.strip():
        raise PublishRefused("no reason", reader_text="有几项比现在的模型差。要发布，请写清楚为什么可以接受。")
    if standing.verdict not in (PASSED, FALLS):
        raise PublishRefused("unproven", reader_text="这个模型还没有验证过，先验证再发布。")


def require_rollback(target: str | None, unfit: str | None, reason: str) -> str:
    """The model to go back to; raises Incomplete without a reason, PublishRefused where there is nothing to go back to."""
    if target is None:
        raise PublishRefused("nothing before", reader_text="之前没有别的模型，没有可以退回的。")
    if unfit is not None:
        raise PublishRefused("unfit", reader_text=unfit)
    if not reason.strip():
        raise Incomplete(["reason"], reader_text="请写一句为什么要退回。")
    return target


def require_reason(raw: object) -> str:
    """A reason as it is kept; raises Incomplete where it is no text or too long."""
    if raw is None:
        return ""
    if not isinstance(raw, str) or len(raw.strip()) > LONGEST_REASON:
        raise Incomplete(["reason"], reader_text=f"理由最多 {LONGEST_REASON} 字。")
    if _UNWRITABLE.search(raw):
        raise Incomplete(["reason"], reader_text="理由里有存不了的字符，请改一下。")
    return raw.strip()


def require_share(raw: object) -> int:
    """The share of an experiment in percent; raises Incomplete outside 1 to 50."""
    if isinstance(raw, bool) or not isinstance(raw, int) or not _LEAST_SHARE <= raw <= _MOST_SHARE:
        raise Incomplete(["share"], reader_text=f"比例要在 {_LEAST_SHARE}% 到 {_MOST_SHARE}% 之间。")
    return raw


def model_before(moves: Iterable[Move]) -> str | None:
    """The model that a rollback goes back to, after these moves (oldest first): each rollback takes one publication back."""
    stack: list[str] = []
    for move in moves:
        if move.kind == ROLLBACK:
            stack = stack[:-1] if len(stack) > 1 and stack[-2] == move.model_id else [move.model_id]
            continue
        if not stack and move.previous_id is not None:
            stack.append(move.previous_id)
        stack.append(move.model_id)
    return stack[-2] if len(stack) > 1 else None


def arm_of(conversation_id: str, experiment_id: int, share: int) -> str:
    """The arm of a conversation: by its id alone, so that every gateway and every restart says the same."""
    drawn = zlib.crc32(f"{experiment_id}:{conversation_id}".encode()) % 100
    return CANDIDATE if drawn < share else CONTROL


def free_slot(taken: Collection[int], has_live_row: bool) -> int | None:
    """A slot that nothing uses; without a live row slot 0 serves the newest archive."""
    busy = {*taken, *(() if has_live_row else (0,))}
    return next((slot for slot in SLOTS if slot not in busy), None)
