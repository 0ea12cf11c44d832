"""A turn after its message is stored: claimed once, answered once, found again after a stop; and the thread as pages read it."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from ground import NOW
from sqlalchemy import select
from worker_thread import Thread, finding

from bot.db.tables import Alert, Message, UnderstandingRow
from bot.domain.conversation import HANDOFF, Button, Reply, TurnState, Understanding
from bot.domain.errors import NotFound
from bot.domain.risk import RiskKind, RiskLevel, RiskSubject
from bot.services import alerts, conversations, threads

LATER = NOW + dt.timedelta(minutes=1)


def _state(thread: Thread, message_id: int) -> str:
    return thread.root.call_reading(lambda session: session.get(Message, message_id).turn_state)


def test_a_turn_is_claimed_only_once(thread: Thread, pool: ThreadPoolExecutor) -> None:
    message_id = thread.receive("累", "e1").message.id
    claims = list(pool.map(lambda _: thread.root.call(conversations.claim, message_id, NOW), range(8)))
    assert claims.count(True) == 1
    assert _state(thread, message_id) == "asked"
    assert not thread.root.call(conversations.claim, message_id + 1, NOW)


def test_a_turn_is_answered_only_once(thread: Thread) -> None:
    message_id = thread.receive("累", "e1").message.id
    understanding = Understanding("burnout", 0.8, ({"entity": "duration", "value": "三个月"},), "m1")
    reply = Reply("听着很累", buttons=(Button("就想说说", "/just_listen"),))
    assert thread.root.call(conversations.answer, message_id, [reply], understanding, NOW) == ()  # not asked yet
    thread.root.call(conversations.claim, message_id, NOW)
    first = thread.root.call(conversations.answer, message_id, [reply], understanding, NOW)
    assert [(each.text, each.buttons, each.author) for each in first] == [("听着很累", ("就想说说",), "bot")]
    assert thread.root.call(conversations.answer, message_id, [Reply("又一次")], understanding, NOW) == ()
    assert [message.text for message in thread.shown()] == ["累", "听着很累"]
    row = thread.root.call_reading(lambda session: session.get(UnderstandingRow, message_id))
    assert (row.intent, row.confidence, row.entities, row.model) == (
        "burnout", 0.8, [{"entity": "duration", "value": "三个月"}], "m1",
    )  # fmt: skip
    assert _state(thread, message_id) == "answered"


def test_an_answer_by_two_at_once_is_stored_once(thread: Thread, pool: ThreadPoolExecutor) -> None:
    message_id = thread.receive("累", "e1").message.id
    thread.root.call(conversations.claim, message_id, NOW)
    work = lambda number: thread.root.call(conversations.answer, message_id, [Reply(f"答{number}")], None, NOW)  # noqa: E731
    stored = [replies for replies in pool.map(work, range(6)) if replies]
    assert len(stored) == 1
    assert len(thread.shown()) == 2


def test_what_a_stopped_gateway_left_is_found_with_its_state_and_level(thread: Thread) -> None:
    thread.turn("答过了", "e0")
    stored = thread.receive("没问", "e1", payload="/x").message.id
    asked = thread.receive("问了", "e2", finding(RiskLevel.HIGH)).message.id
    thread.root.call(conversations.claim, asked, NOW)
    left = thread.root.call_reading(conversations.left_behind, LATER)
    assert [(each.message_id, each.state, each.text, each.payload, each.finding.level) for each in left] == [
        (stored, TurnState.STORED, "没问", "/x", RiskLevel.NONE), (asked, TurnState.ASKED, "问了", None, RiskLevel.HIGH),
    ]  # fmt: skip
    assert (left[1].finding.subject, left[1].finding.kind) == (RiskSubject.SELF, RiskKind.SUICIDE)
    assert {(each.conversation_id, each.worker_id) for each in left} == {(thread.id, "w1")}
    assert thread.root.call_reading(conversations.left_behind, NOW) == []


def test_a_turn_that_was_asked_a_moment_ago_is_not_left_behind_however_long_it_waited(thread: Thread) -> None:
    message_id = thread.receive("排在后面", "e1").message.id
    thread.root.call(conversations.claim, message_id, NOW + dt.timedelta(seconds=50))
    assert thread.root.call_reading(conversations.left_behind, NOW + dt.timedelta(seconds=45)) == []
    assert len(thread.root.call_reading(conversations.left_behind, NOW + dt.timedelta(seconds=51))) == 1


def test_resync_gives_what_came_after_and_nothing_twice(thread: Thread) -> None:
    for number in range(3):
        thread.turn(f"第{number}句", f"e{number}", Reply(f"答{number}"))
    whole = thread.shown()
    assert [message.text for message in whole] == ["第0句", "答0", "第1句", "答1", "第2句", "答2"]
    assert [message.event for message in whole] == sorted({message.event for message in whole})
    for place, message in enumerate(whole):
        assert thread.shown(message.event) == whole[place + 1 :]
    assert thread.root.call_reading(threads.last_event, thread.id) == whole[-1].event
    newest = thread.root.call_reading(threads.thread, thread.id, 0, 2)
    assert newest == whole[-2:]


def test_a_thread_shows_nobody_elses_messages(thread: Thread) -> None:
    other = Thread(thread.root, "w2")
    other.turn("别人的话", "e1")
    thread.turn("我的话", "e1")
    assert [message.text for message in thread.shown()] == ["我的话", "嗯，我在听"]
    assert thread.root.call_reading(threads.last_event, thread.id) > other.shown()[-1].event


def test_unread_counts_replies_after_the_last_one_seen(thread: Thread) -> None:
    thread.turn("一", "e1", Reply("答一"), Reply("答一下半"))
    thread.turn("二", "e2", Reply("答二"))
    assert thread.unread() == 3
    seen = thread.shown()[1]
    thread.root.call(threads.mark_read, thread.id, seen.event, NOW)
    assert thread.unread() == 2
    thread.root.call(threads.mark_read, thread.id, 0, NOW)
    assert thread.unread() == 2
    thread.root.call(threads.mark_read, thread.id, 2**52, NOW)
    assert thread.unread() == 0
    thread.turn("三", "e3", Reply("答三"))
    assert thread.unread() == 1


def test_cannot_count_the_unread_of_an_unknown_thread(thread: Thread) -> None:
    with pytest.raises(NotFound):
        thread.root.call_reading(threads.unread, "none")


def test_delivery_is_noted_once(thread: Thread) -> None:
    thread.turn("一", "e1")
    reply = thread.shown()[-1].id

    def delivered() -> dt.datetime | None:
        return thread.root.call_reading(lambda session: session.get(Message, reply).delivered_at)

    assert delivered() is None
    thread.root.call(threads.mark_delivered, [reply], LATER)
    thread.root.call(threads.mark_delivered, [reply], LATER + dt.timedelta(hours=1))
    assert delivered() == LATER


def test_asking_for_a_person_twice_leaves_one_open_alert(thread: Thread) -> None:
    def ask(external_id: str) -> None:
        thread.answer(thread.receive("找真人", external_id), Reply("好"), signals=frozenset({HANDOFF}))

    ask("e1")
    ask("e2")
    (line,) = thread.root.call_reading(alerts.list_open)
    assert (line.reason, line.level, line.conversation_id) == ("asked_for_person", "none", thread.id)
    assert thread.root.call(alerts.acknowledge, line.id, "小林", NOW)
    ask("e3")
    assert len(thread.root.call_reading(alerts.list_open)) == 1


def test_the_most_urgent_alert_comes_first_then_the_oldest(thread: Thread) -> None:
    levels = [RiskLevel.WATCH, RiskLevel.HIGH, RiskLevel.IMMINENT, RiskLevel.HIGH]
    for number, level in enumerate(levels):
        thread.receive("话", f"e{number}", finding(level), now=NOW + dt.timedelta(minutes=number))
    lines = thread.root.call_reading(alerts.list_open)
    assert [line.level for line in lines] == ["imminent", "high", "high", "watch"]
    assert lines[1].created_at < lines[2].created_at


def test_an_alert_is_taken_by_one_person_only_and_reading_it_is_audited(thread: Thread) -> None:
    from bot.db.tables import AuditEntry

    thread.receive("我想自杀", "e1", finding(RiskLevel.HIGH))
    (line,) = thread.root.call_reading(alerts.list_open)
    brief = thread.root.call(alerts.open_brief, line.id, "小林", "值班", NOW)
    assert [(author, text) for _, author, text, _ in brief.messages] == [(each.author, each.text) for each in thread.shown()]
    assert [author for _, author, *_ in brief.messages] == ["worker", "safety", "safety", "safety"]
    assert thread.root.call(alerts.acknowledge, line.id, "小林", NOW)
    assert not thread.root.call(alerts.acknowledge, line.id, "老周", NOW)
    assert thread.root.call_reading(alerts.list_open) == []
    (taken,) = thread.root.call_reading(lambda session: alerts.list_open(session, include_acknowledged=True))
    assert taken.acknowledged_by == "小林"
    entries = thread.root.call_reading(
        lambda session: [(each.actor, each.action) for each in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    )
    assert entries == [("小林", "alert.opened"), ("小林", "alert.acknowledged")]


def test_the_safety_plan_is_in_the_brief_only_when_a_life_may_be_in_danger(thread: Thread) -> None:
    for number, text in enumerate(("做个安全计划", "整夜睡不着")):
        thread.turn(text, f"p{number}")
    thread.receive("撑不下去了", "e1", finding(RiskLevel.WATCH))
    (line,) = thread.root.call_reading(alerts.list_open)
    assert thread.root.call(alerts.open_brief, line.id, "小林", "值班", NOW).plan == {}
    thread.receive("我想自杀", "e2", finding(RiskLevel.HIGH))
    assert thread.root.call(alerts.open_brief, line.id, "小林", "值班", NOW).plan["warning_signs"][0] == "整夜睡不着"


def test_two_people_who_take_an_alert_at_once_do_not_both_get_it(thread: Thread, pool: ThreadPoolExecutor) -> None:
    thread.receive("我想自杀", "e1", finding(RiskLevel.HIGH))
    alert_id = thread.root.call_reading(lambda session: session.scalar(select(Alert.id)))
    taken = list(pool.map(lambda name: thread.root.call(alerts.acknowledge, alert_id, name, NOW), "甲乙丙丁戊己"))
    assert taken.count(True) == 1


def test_cannot_open_or_take_an_alert_that_is_not_there(thread: Thread) -> None:
    with pytest.raises(NotFound):
        thread.root.call(alerts.open_brief, 99, "小林", "值班", NOW)
    with pytest.raises(NotFound):
        thread.root.call(alerts.acknowledge, 99, "小林", NOW)
