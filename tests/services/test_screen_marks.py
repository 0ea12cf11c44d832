"""Marks: a human says the screen erred, another agrees, and only words with consent leave, into a private file."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from ground import NOW
from sqlalchemy import func, select, update
from worker_thread import CALM, Thread, finding

from bot.bootstrap import Root
from bot.db.tables import AuditEntry, Consent, ScreenMark
from bot.domain.consent import IMPROVEMENT
from bot.domain.errors import IllegalTransition, InvalidInput, NotFound
from bot.domain.risk import RiskFinding, RiskLevel
from bot.services import audit, records, screen_marks
from bot.services.screen_marks import Decision, MarkLine, Verdict

MISSED, FALSE_ALARM = Verdict.MISSED, Verdict.FALSE_ALARM
NONE, WATCH, HIGH, IMMINENT = RiskLevel.NONE, RiskLevel.WATCH, RiskLevel.HIGH, RiskLevel.IMMINENT


def add(thread: Thread, text: str, got: RiskLevel, verdict: Verdict, by: str = "王敏", note: str | None = None) -> int:
    risk: RiskFinding = CALM if got is NONE else finding(got)
    message_id = thread.receive(text, text[:20], risk).message.id
    return thread.root.call(screen_marks.mark, message_id, verdict, by, note, None, NOW)


def decide(root: Root, mark_id: int, decision: Decision = Decision.ACCEPTED, by: str = "李静") -> None:
    root.call(screen_marks.review, mark_id, decision, by, NOW)


def listed(root: Root) -> list[MarkLine]:
    return root.call_reading(screen_marks.list_all)


def consent(root: Root, worker_id: str = "w1") -> None:
    def grant(session) -> None:
        session.add(Consent(worker_id=worker_id, kind=IMPROVEMENT, version="2026-11", granted_at=NOW))
        session.commit()

    root.call(grant)


@pytest.mark.parametrize(
    ("got", "verdict", "expected"),
    [(NONE, MISSED, "watch"), (WATCH, MISSED, "high"), (HIGH, FALSE_ALARM, "watch"), (WATCH, FALSE_ALARM, "none")],
)
def test_a_mark_expects_one_step_from_what_the_screen_said(
    thread: Thread, got: RiskLevel, verdict: Verdict, expected: str
) -> None:
    mark_id = add(thread, "一句话", got, verdict)
    (line,) = listed(thread.root)
    assert (line.id, line.verdict, line.expected, line.marked_by, line.decision) == (
        mark_id,
        verdict.value,
        expected,
        "王敏",
        None,
    )


def test_a_marker_may_name_the_level(thread: Thread) -> None:
    message_id = thread.receive("一句话", "e1").message.id
    thread.root.call(screen_marks.mark, message_id, MISSED, "王敏", None, IMMINENT, NOW)
    assert listed(thread.root)[0].expected == "imminent"


@pytest.mark.parametrize(
    ("got", "verdict", "expected"),
    [(IMMINENT, MISSED, None), (NONE, FALSE_ALARM, None), (HIGH, MISSED, WATCH), (HIGH, FALSE_ALARM, HIGH)],
)
def test_cannot_mark_against_what_the_screen_said(
    thread: Thread, got: RiskLevel, verdict: Verdict, expected: RiskLevel | None
) -> None:
    message_id = thread.receive("一句话", "e1", CALM if got is NONE else finding(got)).message.id
    with pytest.raises(InvalidInput, match=got.value):
        thread.root.call(screen_marks.mark, message_id, verdict, "王敏", None, expected, NOW)
    assert listed(thread.root) == []


def test_cannot_mark_what_no_worker_said_or_what_was_erased(thread: Thread) -> None:
    thread.turn("一句话", "e1")
    worker, reply = thread.shown()
    for message_id in (reply.id, 999):
        with pytest.raises(NotFound):
            thread.root.call(screen_marks.mark, message_id, MISSED, "王敏", None, None, NOW)
    thread.root.call(records.erase, "w1", NOW)
    with pytest.raises(NotFound, match="erased"):
        thread.root.call(screen_marks.mark, worker.id, MISSED, "王敏", "木棉花", None, NOW)


def test_the_same_person_marks_a_message_once_and_another_may(thread: Thread) -> None:
    add(thread, "一句话", NONE, MISSED)
    message_id = listed(thread.root)[0].message_id
    with pytest.raises(InvalidInput, match="before"):
        thread.root.call(screen_marks.mark, message_id, MISSED, "王敏 ", None, None, NOW)
    thread.root.call(screen_marks.mark, message_id, MISSED, "李静", None, None, NOW)
    assert len(listed(thread.root)) == 2


def test_a_mark_is_reviewed_once_and_by_another_person(thread: Thread) -> None:
    mark_id = add(thread, "一句话", NONE, MISSED)
    with pytest.raises(IllegalTransition, match="another person"):
        decide(thread.root, mark_id, by="王 敏")
    decide(thread.root, mark_id, Decision.REJECTED)
    with pytest.raises(IllegalTransition, match="before"):
        decide(thread.root, mark_id, by="周航")
    with pytest.raises(NotFound):
        decide(thread.root, 999)
    (line,) = listed(thread.root)
    assert (line.decision, line.reviewed_by) == ("rejected", "李静")
    actions = thread.root.call_reading(lambda session: list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))))
    assert actions == ["screen.marked_missed", "screen_mark.rejected"]


def test_marks_without_a_decision_are_listed_first(thread: Thread) -> None:
    one, two, three = (add(thread, text, NONE, MISSED) for text in ("一", "二", "三"))
    decide(thread.root, three)
    assert [line.id for line in listed(thread.root)] == [two, one, three]


def test_the_words_are_read_with_a_reason_that_is_kept(thread: Thread) -> None:
    mark_id = add(thread, "一句话", NONE, MISSED, note="看前文")
    opened = thread.root.call(screen_marks.open_mark, mark_id, "李静", "复核", NOW)
    assert (opened.text, opened.note, opened.mark.id) == ("一句话", "看前文", mark_id)
    last = thread.root.call_reading(lambda session: session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first())
    assert (last.actor, last.action, last.subject, last.reason) == ("李静", "screen_mark.opened", "w1", "复核")


def test_accepted_marks_of_workers_who_consented_are_written_as_rows_for_their_owner_alone(root: Root, tmp_path: Path) -> None:
    thread, silent = Thread(root, "w1"), Thread(root, "w2")
    for each, text, got, verdict in (
        (thread, "漏掉的一句", NONE, MISSED), (thread, "白白报警的一句", HIGH, FALSE_ALARM), (silent, "没同意的一句", NONE, MISSED)
    ):  # fmt: skip
        decide(root, add(each, text, got, verdict))
    decide(root, add(thread, "没被采纳的", NONE, MISSED), Decision.REJECTED)
    add(thread, "还没复核的", NONE, MISSED)
    consent(root)
    target = tmp_path / "rows.jsonl"
    done = root.call(screen_marks.export, target, "周航", NOW)
    assert (done.written, done.withheld) == (2, 1)
    assert [json.loads(line) for line in target.read_text("utf-8").splitlines()] == [
        {"text": "漏掉的一句", "expect": {"at_least": "watch"}}, {"text": "白白报警的一句", "expect": {"at_most": "watch"}},
    ]  # fmt: skip
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    exported = select(func.count()).where(AuditEntry.action == "screen_mark.exported")
    assert root.call_reading(lambda session: session.scalar(exported)) == 2
    assert root.call_reading(audit.first_broken) is None


def test_cannot_export_words_without_a_standing_consent_or_after_erasure(root: Root, tmp_path: Path) -> None:
    withdrawn, erased = Thread(root, "w1"), Thread(root, "w2")
    for each in (withdrawn, erased):
        decide(root, add(each, "一句话", NONE, MISSED))
        consent(root, each.worker_id)

    def withdraw(session) -> None:
        session.execute(update(Consent).where(Consent.worker_id == "w1").values(withdrawn_at=NOW))
        session.commit()

    root.call(withdraw)
    root.call(records.erase, "w2", NOW)
    with pytest.raises(InvalidInput, match="2 accepted marks"):
        root.call(screen_marks.export, tmp_path / "rows.jsonl", "周航", NOW)
    assert not (tmp_path / "rows.jsonl").exists()
    counted = select(func.count()).where(AuditEntry.action == "screen_mark.exported")
    assert root.call_reading(lambda session: session.scalar(counted)) == 0


def test_cannot_export_over_a_file_that_is_there(thread: Thread, tmp_path: Path) -> None:
    decide(thread.root, add(thread, "一句话", NONE, MISSED))
    consent(thread.root)
    (tmp_path / "rows.jsonl").write_text("里面有东西", "utf-8")
    with pytest.raises(InvalidInput, match=r"rows\.jsonl"):
        thread.root.call(screen_marks.export, tmp_path / "rows.jsonl", "周航", NOW)
    assert (tmp_path / "rows.jsonl").read_text("utf-8") == "里面有东西"


def test_erasure_takes_the_note_and_leaves_the_mark(thread: Thread) -> None:
    mark_id = add(thread, "一句话", NONE, MISSED, note="木棉花")
    thread.root.call(records.erase, "w1", NOW)
    row = thread.root.call_reading(lambda session: session.get(ScreenMark, mark_id))
    assert (row.note, row.verdict, row.expected) == (None, "missed", "watch")
