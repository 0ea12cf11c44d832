"""The inbox: which groups of messages wait, what is in them, and who works on which."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, select
from sqlalchemy.orm import Session

from bot.db.staff_tables import Account
from bot.db.studio_tables import InboxGroup, InboxItem
from bot.domain.case_access import Viewer
from bot.domain.change_set import TEACHERS
from bot.domain.errors import Incomplete, InvalidInput, NotFound
from bot.domain.inbox import REASONS, telling
from bot.services import audit
from bot.services.inbox_items import DONE, OPEN, is_allowed

GROUPS_A_PAGE, ITEMS_A_PAGE = 30, 50
ME, NONE, ALL = "me", "none", "all"
LONGEST_COMMENT = 1000
_MOST_AT_ONCE = 1000
INBOX = "inbox"  # the audit's subject of looks at the list


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to; empty: anything."""

    reason: str = ""
    state: str = OPEN
    assigned: str = ALL
    intent: str = ""

    def told(self) -> str:
        """As the audit log keeps it."""
        return " ".join(filter(None, (self.state, self.reason, self.intent, self.assigned)))


@dataclass(frozen=True)
class Line:
    """One message as lists show it, masked."""

    message_id: int
    text: str = field(repr=False)
    reasons: list[str]
    intent: str
    confidence: float
    level: str
    created_at: dt.datetime
    state: str
    assigned_to: dict[str, str] | None
    comment: str | None = field(repr=False)
    decision: dict[str, Any] | None = field(repr=False)
    decided_by: str | None

    def as_json(self) -> dict[str, Any]:
        return {**self.__dict__, "created_at": self.created_at.isoformat()}


@dataclass(frozen=True)
class GroupLine:
    """One group as the list shows it: its most telling message, and how many it stands for."""

    id: int
    size: int
    open: int
    reasons: dict[str, int]
    exemplar: Line
    newest_at: dt.datetime

    def as_json(self) -> dict[str, Any]:
        return {**self.__dict__, "exemplar": self.exemplar.as_json(), "newest_at": self.newest_at.isoformat()}


@dataclass(frozen=True)
class InboxPage:
    """Thirty groups, most telling first, and how much there is in all."""

    groups: list[GroupLine]
    total_groups: int
    total_messages: int
    counts: dict[str, int]


@dataclass
class _Tally:
    """What a group holds of what was asked for; `codes` are the reasons of its messages as they are stored."""

    open: int = 0
    codes: list[str] = field(default_factory=list)
    best: tuple[float, int] = (-1.0, 0)


def note_look(session: Session, viewer: Viewer, what: str, now: dt.datetime) -> None:
    """Note who looks at the list: the audit entry is committed before a word is read."""
    audit.append(session, viewer.name, "inbox.looked", INBOX, what, now)
    session.commit()


def listing(session: Session, viewer: Viewer, wanted: Wanted, page: int) -> InboxPage:
    """One page of groups; `counts` are of messages by reason, before the reason narrows them. Decrypts only what it shows."""
    tallies, counts = _tallies(session, viewer, wanted)
    scores = dict(session.execute(select(InboxGroup.id, InboxGroup.score)).tuples().all())
    order = sorted(tallies, key=lambda group_id: (-scores.get(group_id, 0.0), -group_id))
    shown = order[(page - 1) * GROUPS_A_PAGE : page * GROUPS_A_PAGE]
    newest = _newest(session, viewer, wanted, shown)
    lines = {line.message_id: line for line in _lines(session, [tallies[each].best[1] for each in shown])}
    groups = [
        GroupLine(each, len(tally.codes), tally.open, dict(_counted(Counter(tally.codes))), lines[tally.best[1]], newest[each])
        for each in shown
        if (tally := tallies[each]).best[1] in lines and each in newest
    ]
    return InboxPage(groups, len(tallies), sum(len(tally.codes) for tally in tallies.values()), dict(counts))


def _tallies(session: Session, viewer: Viewer, wanted: Wanted) -> tuple[dict[int, _Tally], Counter[str]]:
    """Every group that was asked for, and the messages by reason. Of ten thousand rows few reasons differ: each is read once."""
    query = select(InboxItem.message_id, InboxItem.group_id, cast(InboxItem.reasons, String), InboxItem.state)
    tallies: dict[int, _Tally] = {}
    seen: Counter[str] = Counter()
    known: dict[str, tuple[bool, float]] = {}
    for message_id, group_id, codes, state in session.execute(query.where(*_chosen(viewer, wanted))):
        seen[codes] += 1
        if codes not in known:
            reasons = json.loads(codes)
            known[codes] = (not wanted.reason or wanted.reason in reasons, telling(reasons))
        is_wanted, weight = known[codes]
        if not is_wanted:
            continue
        tally = tallies.get(group_id)
        if tally is None:
            tally = tallies[group_id] = _Tally()
        tally.codes.append(codes)
        tally.open += state == OPEN
        tally.best = max(tally.best, (weight, message_id))
    return tallies, _counted(seen)


def _counted(stored: Counter[str]) -> Counter[str]:
    """How many messages have each reason, from reasons as they are stored."""
    counts: Counter[str] = Counter()
    for codes, count in stored.items():
        for code in json.loads(codes):
            counts[code] += count
    return counts


def _newest(session: Session, viewer: Viewer, wanted: Wanted, group_ids: Sequence[int]) -> dict[int, dt.datetime]:
    chosen_items = InboxItem.group_id.in_(group_ids), *_chosen(viewer, wanted)
    query = select(InboxItem.group_id, func.max(InboxItem.created_at)).where(*chosen_items).group_by(InboxItem.group_id)
    return dict(session.execute(query).tuples().all())


def _chosen(viewer: Viewer, wanted: Wanted) -> list[ColumnElement[bool]]:
    chosen = [is_allowed()]
    if wanted.state != ALL:
        chosen.append(InboxItem.state == wanted.state)
    if wanted.assigned == ME:
        chosen.append(InboxItem.assigned_to == viewer.account_id)
    elif wanted.assigned == NONE:
        chosen.append(InboxItem.assigned_to.is_(None))
    if wanted.intent:
        chosen.append(InboxItem.intent == wanted.intent)
    return chosen


def wanted_of(query: Mapping[str, str]) -> Wanted:
    """What a request narrows the list to; raises InvalidInput for a word that means nothing here."""
    found = Wanted(
        query.get("reason", ""), query.get("state") or OPEN, query.get("assigned") or ALL, query.get("intent", "")[:64]
    )
    fits = found.reason in ("", *REASONS) and found.state in (OPEN, DONE, ALL) and found.assigned in (ME, NONE, ALL)
    if not fits:
        raise InvalidInput("filter", reader_text="这个筛选条件没法识别，请刷新页面再试。")
    return found


def group(session: Session, group_id: int, page: int) -> tuple[list[Line], int]:
    """Fifty messages of a group, newest first, and how many there are; raises NotFound where none may be read."""
    inside = InboxItem.group_id == group_id, is_allowed()
    total = session.scalar(select(func.count()).select_from(InboxItem).where(*inside)) or 0
    if not total:
        raise NotFound(f"inbox group {group_id}")
    newest = select(InboxItem.message_id).where(*inside).order_by(InboxItem.created_at.desc(), InboxItem.message_id.desc())
    shown = session.scalars(newest.limit(ITEMS_A_PAGE).offset((page - 1) * ITEMS_A_PAGE))
    return _lines(session, list(shown)), total


def line(session: Session, message_id: int) -> Line:
    """One message of the inbox; raises NotFound for one that is not in it or may not be read (any more)."""
    found = _lines(session, [message_id])
    if not found:
        raise NotFound(f"inbox message {message_id}")
    return found[0]


def _lines(session: Session, message_ids: Sequence[int]) -> list[Line]:
    """These messages in this order; those that may not be read are left out."""
    query = (
        select(
            InboxItem.message_id, InboxItem.text, InboxItem.reasons, InboxItem.intent, InboxItem.confidence, InboxItem.level,
            InboxItem.created_at, InboxItem.state, InboxItem.assigned_to, Account.shown_name, InboxItem.comment, InboxItem.decision,
            InboxItem.decided_by,
        )
        .outerjoin(Account, Account.id == InboxItem.assigned_to)
        .where(InboxItem.message_id.in_(message_ids), is_allowed())
    )  # fmt: skip
    rows = {row.message_id: row for row in session.execute(query)}
    return [_line(rows[each]) for each in message_ids if each in rows]


def _line(row: Any) -> Line:
    assigned_to = None if row.assigned_to is None else {"id": row.assigned_to, "name": row.shown_name or ""}
    return Line(
        row.message_id, row.text, list(row.reasons), row.intent, row.confidence, row.level, row.created_at, row.state, assigned_to,
        row.comment, row.decision, row.decided_by,
    )  # fmt: skip


def chosen(session: Session, message_ids: Collection[int], group_id: int | None) -> list[InboxItem]:
    """The items that a deed is about, locked: those named, or the open ones of a group; raises NotFound when one may not be touched."""
    if len(message_ids) > _MOST_AT_ONCE:
        raise InvalidInput("too many", reader_text=f"一次最多处理 {_MOST_AT_ONCE} 条。")
    query = select(InboxItem).where(is_allowed()).order_by(InboxItem.message_id).with_for_update()
    if group_id is not None:
        rows = list(session.scalars(query.where(InboxItem.group_id == group_id, InboxItem.state == OPEN)))
        if not rows and session.get(InboxGroup, group_id) is None:
            raise NotFound(f"inbox group {group_id}")
        return rows
    rows = list(session.scalars(query.where(InboxItem.message_id.in_(message_ids))))
    if len(rows) != len(set(message_ids)) or not rows:
        raise NotFound("inbox messages", reader_text="有的消息已经看不到了（对方收回了同意，或者删了记录），请刷新。")
    return rows


def assign(
    session: Session, viewer: Viewer, message_ids: Collection[int], group_id: int | None, to: str | None, now: dt.datetime
) -> int:
    """Give messages to a trainer or clinician, or to nobody; gives how many. Raises NotFound, Incomplete for who is neither."""
    account = session.get(Account, to) if to is not None else None
    if to is not None and (account is None or account.role not in TEACHERS or account.disabled_at is not None):
        raise Incomplete(["to"], reader_text="请选一位训练师或临床审核人。")
    rows = chosen(session, message_ids, group_id)
    for row in rows:
        row.assigned_to = to
    audit.append(
        session, viewer.name, "inbox.assigned", INBOX, f"{len(rows)} messages to {account.name if account else 'nobody'}", now
    )
    session.commit()
    return len(rows)


def comment(session: Session, viewer: Viewer, message_id: int, words: str, now: dt.datetime) -> None:
    """Keep what is remarked on a message, or nothing; raises NotFound, Incomplete for an endless one."""
    if len(words) > LONGEST_COMMENT:
        raise Incomplete(["comment"], reader_text=f"备注最多 {LONGEST_COMMENT} 字。")
    (row,) = chosen(session, [message_id], None)
    row.comment = words.strip() or None
    audit.append(session, viewer.name, "inbox.commented", row.conversation_id, f"message {message_id}", now)
    session.commit()
