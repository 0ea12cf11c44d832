"""What a stretch of changes means for consoles and pages: rows, bubbles, alerts and signs of arrival, read in one go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.tables import Alert
from bot.domain.case_access import COUNSELLOR, SUPERVISOR, CaseStanding, Viewer, is_own, sees
from bot.domain.handoff import CLOSED
from bot.domain.risk import RiskLevel
from bot.services import alerts, case_threads, events, handoff_rows
from bot.services.case_threads import Bubble
from bot.services.events import Change
from bot.services.handoff_rows import Row
from bot.services.threads import MESSAGE_DELIVERED, THREAD_READ

OFFERED, REMINDED, LEVEL = "handoff.offered", "handoff.reminded", "handoff.level"
# changes that a waiting case is told by, and those that the counsellor in charge is
_OF_WAITING = ("handoff.requested", "handoff.breached", "handoff.transferred", "handoff.reassigned", LEVEL)
_OF_ACTIVE = (LEVEL, REMINDED)
ALERTING = (*_OF_WAITING, REMINDED)
_SILENT = "silent"  # why the counsellor in charge is reminded
_LATE = (alerts.FOLLOW_UP_OVERDUE, alerts.UNREACHED)  # alerts without anybody waiting: for the supervisor and who had the case
_SUPERVISORS_FROM = 2  # tier: DESIGN, BREACH_TIERS


@dataclass(frozen=True)
class ConsoleAlert:
    """Something to sound for: a change of one case, as the row stands now."""

    row: Row
    change: Change
    level: str
    reason: str
    is_late_task: bool = False

    def is_for(self, viewer: Viewer) -> bool:
        """Whether this viewer is told: counsellors of what waits, the one in charge of what rises, supervisors of what nobody takes."""
        standing = standing_of(self.row)
        if self.is_late_task:
            return viewer.role == SUPERVISOR or is_own(viewer, standing)
        if not standing.is_waiting:
            return self.change.kind in _OF_ACTIVE and is_own(viewer, standing)
        if self.change.kind not in _OF_WAITING or not self.row.is_live:
            return False
        if viewer.role == SUPERVISOR:
            return self.row.tier >= _SUPERVISORS_FROM or self.level == RiskLevel.IMMINENT.value
        return viewer.role == COUNSELLOR


@dataclass(frozen=True)
class News:
    """Rows by conversation, new bubbles in order, alerts, and what reached the worker; `delivered` by message, `read` by conversation."""

    rows: Mapping[str, Row] = field(default_factory=dict)
    bubbles: Sequence[Bubble] = ()
    alerts: Sequence[ConsoleAlert] = ()
    delivered: Mapping[int, dt.datetime | None] = field(default_factory=dict)
    read: Mapping[str, int] = field(default_factory=dict)


def gather(
    session: Session, changes: Sequence[Change], bubble_events: Collection[int], watched: Collection[str] | None
) -> News:
    """The news of these changes; `watched` are conversations whose closed case a console still shows, None when none is open."""
    bubbles = case_threads.of_events(session, bubble_events) if bubble_events else []
    if watched is None:
        return News(bubbles=bubbles)
    touched = {change.conversation_id for change in changes if change.conversation_id}
    cases = events.cases_of(session, touched)
    late = _late_alerts(session, changes)
    shown = {*watched, *(alert.conversation_id for alert in late.values())}
    ids = [case.id for conversation_id, case in cases.items() if not case.is_closed or conversation_id in shown]
    rows = {row.conversation_id: row for row in handoff_rows.rows_of(session, ids)}
    return News(
        rows, bubbles, _console_alerts(changes, rows, late),
        case_threads.delivered_at(session, {each.message_id for each in changes if each.kind == MESSAGE_DELIVERED and each.message_id}),
        case_threads.read_events(session, {each.conversation_id for each in changes if each.kind == THREAD_READ and each.conversation_id}),
    )  # fmt: skip


def queue(session: Session, viewer: Viewer, now: dt.datetime) -> tuple[list[Row], int]:
    """The rows of this viewer's queue in order, and the number of the newest change that they hold."""
    newest = events.newest(session)
    return handoff_rows.queue(session, viewer, now), newest


def missed(session: Session, rows: Sequence[Row], after: int) -> list[ConsoleAlert]:
    """What alerted while a console was away, by the cases that still stand in its queue; to a fresh one each waiting case once."""
    by_thread = {row.conversation_id: row for row in rows}
    found = events.of_kinds(session, by_thread, ALERTING, after)
    newest = {change.conversation_id: change for change in found}
    told = found if after else newest.values()
    return [_console_alert(by_thread[change.conversation_id or ""], change) for change in told]


def standing_of(row: Row) -> CaseStanding:
    return CaseStanding(row.status, row.accepted_by)


def is_shown(viewer: Viewer, row: Row) -> bool:
    """Whether this open case stands in the viewer's queue."""
    return row.status != CLOSED and sees(viewer, standing_of(row))


def _console_alert(row: Row, change: Change) -> ConsoleAlert:
    return ConsoleAlert(row, change, row.level, _SILENT if change.kind == REMINDED else row.reason)


def _console_alerts(changes: Sequence[Change], rows: Mapping[str, Row], late: Mapping[int, Alert]) -> list[ConsoleAlert]:
    found: list[ConsoleAlert] = []
    for change in changes:
        row = rows.get(change.conversation_id or "")
        if row is None:
            continue
        if change.kind in ALERTING and row.status != CLOSED:
            found.append(_console_alert(row, change))
        elif change.id in late:
            alert = late[change.id]
            found.append(ConsoleAlert(row, change, alert.level, alert.reason, is_late_task=True))
    return found


def _late_alerts(session: Session, changes: Sequence[Change]) -> dict[int, Alert]:
    """The alerts of late tasks among these changes, by the number of the change."""
    raised = [change for change in changes if change.kind == alerts.ALERT_RAISED]
    if not raised:
        return {}
    query = select(Alert).where(
        Alert.conversation_id.in_({each.conversation_id for each in raised}), Alert.reason.in_(_LATE),
        Alert.created_at >= min(each.created_at for each in raised),
    )  # fmt: skip
    by_place = {(row.conversation_id, row.created_at): row for row in session.scalars(query)}
    found = {each.id: by_place.get((each.conversation_id or "", each.created_at)) for each in raised}
    return {event: alert for event, alert in found.items() if alert is not None}
