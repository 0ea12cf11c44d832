"""Retention: old words go for good, what the law wants stays, holds and open care keep everything, and the log tells of it."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from ground import NOW
from sqlalchemy import func, inspect, select, update
from sqlalchemy.orm import Session
from team_ground import account, case
from worker_thread import Thread, finding

from bot.bootstrap import Root
from bot.db.handoff_tables import EmergencyContact, Handoff, HandoffNote, HandoffStep
from bot.db.tables import (
    Alert,
    AuditEntry,
    Base,
    Conversation,
    FollowUp,
    Message,
    QuestionnaireVersion,
    SafetyRecord,
    Screening,
    UnderstandingRow,
    Worker,
)
from bot.domain.conversation import Reply, Understanding
from bot.domain.errors import Incomplete, NotFound
from bot.domain.retention import LEAST_HANDOFF_DAYS
from bot.domain.risk import RiskLevel
from bot.services import audit, conversations, retention, tracker_turns
from bot.services.retention import Erased

DAY = dt.timedelta(days=1)
WORD = "木棉花开那天"
NEW = "今天说的话"


def _turn(thread: Thread, text: str, external_id: str, now: dt.datetime) -> None:
    received = thread.receive(text, external_id, now=now)
    assert thread.root.call(conversations.claim, received.message.id, now)
    understood = Understanding("grief", 0.9, ({"value": text},), "m1")
    thread.root.call(conversations.answer, received.message.id, [Reply(f"你说{text}")], understood, now)
    events = [{"event": "user", "text": text, "timestamp": now.timestamp()}]
    thread.root.call(tracker_turns.append, thread.id, events, {}, {})


@pytest.fixture
def old(root: Root) -> Thread:
    """A worker who said something 100 days ago and something today."""
    thread = Thread(root)
    _turn(thread, WORD, "e1", NOW - 100 * DAY)
    _turn(thread, NEW, "e2", NOW)
    return thread


def _settle(root: Root, message_days: int | None, handoff_days: int | None = None) -> None:
    root.call(retention.settle, message_days, handoff_days, "admin", NOW)


def _run(root: Root, now: dt.datetime = NOW, **named: bool) -> Erased:
    total = Erased()
    for worker_id in root.call_reading(retention.due, now):
        total += root.call(retention.erase_old, worker_id, now, **named)
    return total


def _everything(root: Root) -> str:
    def read(session: Session) -> str:
        rows = [row for mapper in Base.registry.mappers for row in session.scalars(select(mapper.class_))]
        return "\n".join(repr(getattr(row, column.key)) for row in rows for column in inspect(type(row)).columns)

    return root.call_reading(read)


def _count(root: Root, table: Any) -> int:
    return root.call_reading(lambda session: session.scalar(select(func.count()).select_from(table)))


def test_nothing_is_erased_until_somebody_settles_it(old: Thread) -> None:
    assert old.root.call_reading(retention.due, NOW + 9999 * DAY) == []
    assert not old.root.call(retention.claim_run, NOW)


def test_old_words_are_gone_everywhere_and_new_ones_stay(old: Thread) -> None:
    _settle(old.root, 30)
    assert _run(old.root) == Erased(workers=1, messages=2)
    kept = _everything(old.root)
    assert WORD not in kept
    assert NEW in kept
    assert [message.text for message in old.shown()] == [NEW, f"你说{NEW}"]
    assert (_count(old.root, Message), _count(old.root, UnderstandingRow)) == (4, 1)
    assert _run(old.root) == Erased()


def test_rasa_is_not_told_that_a_talk_with_erased_turns_is_whole(old: Thread) -> None:
    _settle(old.root, 30)
    _run(old.root)
    stored = old.root.call_reading(tracker_turns.read, old.id, 10)
    assert stored is not None
    assert not stored.is_whole
    assert [event["text"] for turn in stored.turns for event in turn] == [NEW]


def test_a_rehearsal_counts_and_leaves_everything(old: Thread) -> None:
    _settle(old.root, 30)
    before = _everything(old.root)
    assert _run(old.root, is_rehearsal=True) == Erased(workers=1, messages=2)
    assert _everything(old.root) == before


def test_each_run_leaves_an_entry_in_the_audit_log(old: Thread) -> None:
    _settle(old.root, 30)
    _run(old.root)
    query = select(AuditEntry.actor, AuditEntry.action, AuditEntry.subject, AuditEntry.reason).order_by(AuditEntry.id.desc())
    newest = old.root.call_reading(lambda session: session.execute(query).first())
    assert tuple(newest) == (
        "retention",
        "retention.ran",
        "w1",
        "messages 2, screenings 0, handoffs 0; kept messages 30, handling for good",
    )
    assert old.root.call_reading(audit.first_broken) is None


def test_alerts_and_what_was_done_about_them_stay_without_words(root: Root) -> None:
    thread = Thread(root)
    thread.receive(WORD, "e1", finding(RiskLevel.WATCH), now=NOW - 100 * DAY)
    _settle(root, 30)
    root.call(lambda session: (session.execute(update(Alert).values(acknowledged_by="lin")), session.commit()))
    _close_all(root)
    _run(root)
    found = root.call_reading(lambda session: session.execute(select(Alert.level, Alert.acknowledged_by)).all())
    assert [tuple(each) for each in found] == [("watch", "lin")]
    assert WORD not in _everything(root)


def _close_all(root: Root) -> None:
    """End every case and follow-up, so that nobody is in care."""

    def end(session: Session) -> None:
        session.execute(update(Handoff).values(status="closed", closed_at=NOW))
        session.execute(update(FollowUp).values(done_at=NOW))
        session.commit()

    root.call(end)


def test_who_is_in_care_keeps_everything(old: Thread) -> None:
    _settle(old.root, 30)
    case(old.root, "w2", status="waiting")
    old.root.call(_open_case_of, "w1", old.id)
    assert old.root.call_reading(retention.due, NOW) == []
    assert old.root.call(retention.erase_old, "w1", NOW) == Erased()
    _close_all(old.root)
    assert old.root.call_reading(retention.due, NOW) == ["w1"]


def _open_case_of(session: Session, worker_id: str, conversation_id: str) -> int:
    row = Handoff(
        worker_id=worker_id, conversation_id=conversation_id, status="waiting", is_live=True, reason="high", level="high",
        rank=1, requested_at=NOW, due_at=NOW,
    )  # fmt: skip
    session.add(row)
    session.commit()
    return row.id


def test_a_legal_hold_keeps_everything_until_it_ends(old: Thread) -> None:
    root = old.root
    _settle(root, 30)
    handoff_id = root.call(_open_case_of, "w1", old.id)
    _close_all(root)
    hold = root.call(retention.place_hold, handoff_id, "仲裁", "admin", NOW)
    assert root.call_reading(retention.due, NOW) == []
    assert root.call(retention.erase_old, "w1", NOW) == Erased()
    assert [each.id for each in root.call_reading(retention.holds)] == [hold.id]
    root.call(retention.end_hold, hold.id, "admin", NOW)
    assert root.call_reading(retention.holds) == []
    assert _run(root).messages == 2
    with pytest.raises(NotFound):
        root.call(retention.end_hold, hold.id, "admin", NOW)


def test_a_hold_needs_a_case_and_a_reason(root: Root) -> None:
    handoff_id = case(root, "w1")
    with pytest.raises(NotFound):
        root.call(retention.place_hold, handoff_id + 1, "仲裁", "admin", NOW)
    with pytest.raises(Incomplete):
        root.call(retention.place_hold, handoff_id, "  ", "admin", NOW)


def test_who_is_gone_for_so_long_leaves_no_name_plan_or_contact(root: Root) -> None:
    thread = Thread(root)
    _turn(thread, WORD, "e1", NOW - 100 * DAY)

    def fill(session: Session) -> None:
        worker = session.get_one(Worker, "w1")
        worker.nickname, worker.last_seen_at = WORD, NOW - 100 * DAY
        session.add(SafetyRecord(worker_id="w1", plan={"answers": {"a": [WORD]}}))
        session.add(EmergencyContact(worker_id="w1", name=WORD, relation=WORD, phone=WORD, granted_at=NOW))
        session.commit()

    root.call(fill)
    _settle(root, 30)
    _run(root)
    assert WORD not in _everything(root)
    assert root.call_reading(tracker_turns.read, thread.id, 10) is None


def test_words_about_a_case_go_after_their_own_time_and_its_figures_stay(root: Root) -> None:
    who = account(root, "lin")
    closed = NOW - (LEAST_HANDOFF_DAYS + 1) * DAY
    handoff_id = case(
        root, "w1", requested_at=closed, closed_at=closed, outcome="talked", summary=WORD, referral=WORD, rating=3, rating_text=WORD,
        quality_note=WORD,
    )  # fmt: skip

    def fill(session: Session) -> None:
        session.add(HandoffNote(handoff_id=handoff_id, account_id=who, text=WORD, created_at=closed))
        session.add(HandoffStep(handoff_id=handoff_id, step="closed", level="none", reason=WORD, created_at=closed))
        session.commit()

    root.call(fill)
    _settle(root, None, LEAST_HANDOFF_DAYS)
    assert _run(root) == Erased(workers=1, handoffs=1)
    kept = _everything(root)
    assert WORD not in kept
    assert "talked" in kept
    assert _count(root, HandoffStep) == 1
    assert _run(root) == Erased()


def test_answers_of_questionnaires_go_with_the_words(root: Root) -> None:
    _turn(Thread(root), NEW, "e1", NOW)

    def fill(session: Session) -> None:
        session.add(QuestionnaireVersion(digest="d", questionnaire="phq-9", version="1", definition={}))
        session.flush()
        for name, age in (("old", 40), ("new", 1)):
            at = NOW - age * DAY
            session.add(
                Screening(
                    id=name, worker_id="w1", conversation_id=_thread_id(session), questionnaire="phq-9", version="1", digest="d",
                    status="finished", state={"answers": {"1": 3}}, started_at=at, updated_at=at,
                )
            )  # fmt: skip
        session.commit()

    root.call(fill)
    _settle(root, 30)
    assert _run(root).screenings == 1
    assert root.call_reading(lambda session: list(session.scalars(select(Screening.id)))) == ["new"]


def _thread_id(session: Session) -> str:
    return session.scalars(select(Conversation.id)).one()


@pytest.mark.parametrize(("days", "wrong"), [((29, None), ["message_days"]), ((0, 1), ["message_days", "handoff_days"]),
                                             (("90", True), ["message_days", "handoff_days"]), ((None, 1094), ["handoff_days"])])  # fmt: skip
def test_cannot_settle_less_than_what_law_and_care_need(root: Root, days: tuple[Any, Any], wrong: list[str]) -> None:
    with pytest.raises(Incomplete) as refused:
        root.call(retention.settle, *days, "admin", NOW)
    assert refused.value.fields == wrong
    assert root.call_reading(retention.current) == retention.Retention()


def test_a_day_has_one_run_whatever_is_restarted_and_however_many_ask(root: Root, pool: ThreadPoolExecutor) -> None:
    _settle(root, 30)
    assert sum(pool.map(lambda _: root.call(retention.claim_run, NOW), range(6))) == 1
    assert not root.call(retention.claim_run, NOW + DAY - dt.timedelta(seconds=1))
    assert sum(pool.map(lambda _: root.call(retention.claim_run, NOW + DAY), range(6))) == 1
    assert not root.call(retention.claim_run, NOW - DAY)  # a clock set back
