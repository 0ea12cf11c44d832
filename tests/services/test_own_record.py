"""A worker's own record: everything comes out as JSON, and erasure leaves no word anywhere."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ground import NOW
from sqlalchemy import LargeBinary, func, inspect, select, type_coerce, update
from worker_thread import Thread, finding

from bot.db.tables import Alert, Base, Message, RiskAssessment, TrackerTurn, Worker
from bot.domain.conversation import Button, Reply, Understanding
from bot.domain.errors import NotFound, NotSignedIn, StorageUnavailable
from bot.domain.risk import Cue, RiskFinding, RiskKind, RiskLevel, RiskSubject
from bot.services import audit, conversations, records, tracker_turns, workers

WORD = "木棉花开那天"
EVENTS = [{"event": "user", "text": WORD, "parse_data": {"text": WORD}}, {"event": "bot", "text": f"你说{WORD}"}]


def _fill(thread: Thread) -> None:
    thread.root.call(workers.grant, thread.worker_id, "2026-11", WORD[:6], NOW)
    reply = Reply(
        f"你说“{WORD}”", buttons=(Button(WORD, f"/say{WORD}"),), custom={"kind": "hotlines", "lines": [{"name": WORD}]}
    )
    thread.turn(WORD, "e1", reply, understanding=Understanding("grief", 0.9, ({"value": WORD},), "m1"))
    risk = RiskFinding(RiskLevel.HIGH, RiskSubject.SELF, RiskKind.SUICIDE, (Cue("wish", 0, len(WORD)),))
    thread.receive(WORD, "e2", risk, payload=f"/x{WORD}")
    thread.root.call(tracker_turns.append, thread.id, EVENTS, {"topic": WORD}, {"name": WORD})


def _everything(thread: Thread) -> str:
    """All that can be read from the database through its models, as one text."""

    def read(session: Any) -> str:
        values: list[str] = []
        for mapper in Base.registry.mappers:
            for row in session.scalars(select(mapper.class_)):
                values += [repr(getattr(row, column.key)) for column in inspect(mapper.class_).columns]
        return "\n".join(values)

    return thread.root.call_reading(read)


def test_erasure_removes_every_word_and_ends_the_session(thread: Thread) -> None:
    _fill(thread)
    assert WORD[:6] in _everything(thread)
    assert thread.root.call(records.erase, "w1", NOW) == [thread.id]
    assert WORD[:6] not in _everything(thread)
    assert thread.root.call_reading(tracker_turns.read, thread.id, 10) is None
    worker = thread.root.call_reading(lambda session: session.get(Worker, "w1"))
    assert (worker.erased_at, worker.nickname, worker.session_epoch) == (NOW, None, 1)
    for epoch in (0, 1):
        with pytest.raises(NotSignedIn):
            thread.root.call_reading(workers.require, "w1", epoch)
        with pytest.raises(NotSignedIn):
            thread.root.call(workers.ensure, "w1", epoch, "Asia/Shanghai", NOW)


def test_erasure_keeps_alerts_without_words_and_is_in_the_audit_log(thread: Thread) -> None:
    _fill(thread)
    thread.root.call(records.erase, "w1", NOW)

    def left(session: Any) -> list[Any]:
        cues = [row.cues for row in session.scalars(select(RiskAssessment))]
        return [session.scalar(select(Alert.level)), session.scalar(select(func.count()).select_from(Message)), cues]

    assert thread.root.call_reading(left) == ["high", 6, [[], []]]
    assert thread.root.call_reading(audit.first_broken) is None


def test_erasure_touches_nobody_else(thread: Thread) -> None:
    other = Thread(thread.root, "w2")
    other.turn("别人的话", "e1")
    thread.root.call(tracker_turns.append, other.id, [{"event": "user"}], {}, {})
    _fill(thread)
    thread.root.call(records.erase, "w1", NOW)
    assert [message.text for message in other.shown()] == ["别人的话", "嗯，我在听"]
    assert thread.root.call_reading(tracker_turns.count, other.id) == 1


def test_an_answer_that_comes_after_erasure_is_not_kept(thread: Thread) -> None:
    message_id = thread.receive(WORD, "e1").message.id
    thread.root.call(conversations.claim, message_id, NOW)
    thread.root.call(records.erase, "w1", NOW)
    assert thread.root.call(conversations.answer, message_id, [Reply(f"你说{WORD}")], None, NOW) == ()
    thread.root.call(tracker_turns.append, thread.id, EVENTS, {"topic": WORD}, {})
    assert WORD not in _everything(thread)
    assert thread.root.call_reading(conversations.left_behind, NOW.replace(year=2027)) == []


def test_cannot_erase_or_export_an_unknown_worker(thread: Thread) -> None:
    with pytest.raises(NotFound):
        thread.root.call(records.erase, "nobody", NOW)
    with pytest.raises(NotFound):
        thread.root.call_reading(records.export, "nobody")


def test_export_gives_the_whole_thread_as_json(thread: Thread) -> None:
    _fill(thread)
    exported = json.loads(json.dumps(thread.root.call_reading(records.export, "w1"), ensure_ascii=False))
    assert exported["nickname"] == WORD[:6]
    granted = {"kind": "chat", "version": "2026-11", "granted_at": NOW.isoformat(), "withdrawn_at": None}
    assert exported["consents"] == [granted]
    (conversation,) = exported["conversations"]
    rows = [(row["author"], row["text"], row["understood_as"], row["risk_level"]) for row in conversation["messages"]]
    assert rows[:3] == [("worker", WORD, "grief", "none"), ("bot", f"你说“{WORD}”", None, None), ("worker", WORD, None, "high")]
    assert [(author, level) for author, _, _, level in rows[3:]] == [("safety", None)] * 3
    assert [row["text"] for row in conversation["messages"]] == [message.text for message in thread.shown()]
    assert WORD in rows[3][1]


def test_export_names_the_highest_level_of_a_message_that_was_assessed_twice(thread: Thread) -> None:
    message_id = thread.receive("一句", "e1").message.id
    thread.late(message_id, finding(RiskLevel.HIGH))
    thread.late(message_id, finding(RiskLevel.WATCH))
    (conversation,) = thread.root.call_reading(records.export, "w1")["conversations"]
    assert [row["risk_level"] for row in conversation["messages"] if row["author"] == "worker"] == ["high"]


def test_an_export_holds_nothing_of_others(thread: Thread) -> None:
    other = Thread(thread.root, "w2")
    other.turn("别人的话", "e1")
    thread.turn("我的话", "e1")
    assert "别人的话" not in json.dumps(thread.root.call_reading(records.export, "w1"), ensure_ascii=False)


def test_a_tracker_read_is_bounded_and_says_whether_it_is_whole(thread: Thread) -> None:
    root = thread.root
    assert root.call_reading(tracker_turns.read, "s", 10) is None
    for number in range(25):
        root.call(tracker_turns.append, "s", [{"event": "user", "text": str(number)}], {"turn": number}, {"name": f"f{number}"})
    stored = root.call_reading(tracker_turns.read, "s", 10)
    assert [turn[0]["text"] for turn in stored.turns] == [str(number) for number in range(15, 25)]
    assert (stored.slots, stored.active_loop, stored.is_whole) == ({"turn": 24}, {"name": "f24"}, False)
    assert root.call_reading(tracker_turns.read, "s", 25).is_whole
    assert not root.call_reading(tracker_turns.read, "s", 24).is_whole
    assert root.call_reading(tracker_turns.count, "s") == 25
    assert root.call_reading(tracker_turns.sender_ids) == ["s"]


def test_a_bounded_tracker_read_opens_no_more_rows_than_it_needs(thread: Thread) -> None:
    for number in range(30):
        thread.root.call(tracker_turns.append, "s", [{"event": str(number)}], {}, {})

    def spoil_older(session: Any) -> None:
        newest = session.scalars(select(TrackerTurn.id).order_by(TrackerTurn.id.desc()).limit(11)).all()
        sealed = type_coerce(b"not to be opened", LargeBinary)
        session.execute(update(TrackerTurn).where(TrackerTurn.id.not_in(newest)).values({TrackerTurn.events: sealed}))
        session.commit()

    thread.root.call(spoil_older)
    assert len(thread.root.call_reading(tracker_turns.read, "s", 10).turns) == 10
    with pytest.raises(StorageUnavailable):
        thread.root.call_reading(tracker_turns.read, "s", 11)
