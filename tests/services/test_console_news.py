"""Who is told of what: counsellors of what waits, the one in charge of a rise, supervisors of what nobody takes."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from ground import NOW
from sqlalchemy import select
from team_ground import account, case
from worker_thread import Thread, finding

from bot.bootstrap import Root
from bot.db.handoff_tables import Handoff
from bot.db.tables import Alert, Event, FollowUp
from bot.domain.case_access import Viewer
from bot.domain.risk import RiskLevel
from bot.services import alerts, console_news, events, follow_ups, handoff_rows
from bot.services.console_news import ConsoleAlert
from bot.services.events import Change
from bot.services.handoff_rows import Row

LIN, CHEN = Viewer("a1", "lin", "counsellor"), Viewer("a2", "chen", "counsellor")
ZHOU, ADMIN = Viewer("a3", "zhou", "supervisor"), Viewer("a4", "adm", "admin")
EVERYBODY = (LIN, CHEN, ZHOU, ADMIN)
ROW = Row(
    1, "c", None, "waiting", True, "asked_for_person", "none", 3, None, NOW, NOW, 0, None, None, None, None, None, None, None, 0, False,
    False,
)  # fmt: skip


def _told(kind: str, *, is_late_task: bool = False, **fields: object) -> tuple[Viewer, ...]:
    row = dataclasses.replace(ROW, **fields)
    alert = ConsoleAlert(row, Change(1, kind, "c", None, NOW), row.level, row.reason, is_late_task)
    return tuple(viewer for viewer in EVERYBODY if alert.is_for(viewer))


@pytest.mark.parametrize(("kind", "fields", "told"), [
    ("handoff.requested", {}, (LIN, CHEN)),
    ("handoff.requested", {"level": "imminent"}, (LIN, CHEN, ZHOU)),
    ("handoff.requested", {"is_live": False, "level": "watch"}, ()),
    ("handoff.breached", {"tier": 1}, (LIN, CHEN)),
    ("handoff.breached", {"tier": 2}, (LIN, CHEN, ZHOU)),
    ("handoff.level", {"status": "active", "accepted_by": "a1", "level": "high"}, (LIN,)),
    ("handoff.reminded", {"status": "active", "accepted_by": "a1"}, (LIN,)),
    ("handoff.requested", {"status": "active", "accepted_by": "a1"}, ()),
    ("handoff.offered", {"offered_to": "a1"}, ()),
])  # fmt: skip
def test_who_is_told(kind: str, fields: dict[str, object], told: tuple[Viewer, ...]) -> None:
    assert _told(kind, **fields) == told


def test_a_late_task_is_told_to_the_supervisor_and_to_who_had_the_case() -> None:
    assert _told(alerts.ALERT_RAISED, is_late_task=True, status="closed", accepted_by="a2") == (CHEN, ZHOU)


def test_an_overdue_follow_up_rings_with_its_reason(thread: Thread) -> None:
    root = thread.root
    thread.receive("我想自杀", "e1", finding(RiskLevel.HIGH))
    task = root.call_reading(lambda session: session.scalar(select(FollowUp.id).order_by(FollowUp.due_at).limit(1)))
    before = root.call_reading(events.newest)
    assert root.call(follow_ups.raise_overdue, task, NOW + dt.timedelta(days=2))
    changes = root.call_reading(events.since, before)
    news = root.call_reading(console_news.gather, changes, [], set())
    late = [alert for alert in news.alerts if alert.is_late_task]
    assert [(alert.reason, alert.level) for alert in late] == [(alerts.FOLLOW_UP_OVERDUE, "high")]
    assert (
        root.call_reading(lambda session: session.scalar(select(Alert.reason).order_by(Alert.id.desc()).limit(1)))
        == late[0].reason
    )


def test_a_closed_case_is_read_only_while_a_console_still_shows_it(root: Root) -> None:
    account(root, "lin")
    closed = case(root, "w1", closed_at=NOW)
    change = Change(1, "message.created", "c-w1", None, NOW)
    assert root.call_reading(console_news.gather, [change], [], set()).rows == {}
    assert set(root.call_reading(console_news.gather, [change], [], {"c-w1"}).rows) == {"c-w1"}
    assert root.call_reading(console_news.gather, [change], [], None).rows == {}
    assert root.call_reading(handoff_rows.row, closed).status == "closed"


def test_a_fresh_console_hears_each_waiting_case_once(root: Root) -> None:
    case_id = case(root, "w1", status="waiting", level="high", rank=1)
    for kind in ("handoff.requested", "handoff.level", "handoff.breached"):
        root.call(_tell, case_id, kind)
    rows = root.call_reading(handoff_rows.rows_of, [case_id])
    fresh = root.call_reading(console_news.missed, rows, 0)
    assert [alert.change.kind for alert in fresh] == ["handoff.breached"]
    first = root.call_reading(events.newest) - 2
    assert [alert.change.kind for alert in root.call_reading(console_news.missed, rows, first)] == [
        "handoff.level", "handoff.breached",
    ]  # fmt: skip


def _tell(session, case_id: int, kind: str) -> None:
    handoff = session.get_one(Handoff, case_id)
    session.add(Event(kind=kind, conversation_id=handoff.conversation_id, message_id=None, created_at=NOW))
    session.commit()
