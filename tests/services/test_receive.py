"""A message arrives: stored once, with its risk, alert and fixed replies in one commit."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from ground import NOW, care, content
from sqlalchemy import event, func, select
from worker_thread import CALM, SHANGHAI, Thread, finding

from bot.bootstrap import Root
from bot.db.tables import Alert, Conversation, Event, FollowUp, Message, RiskAssessment, SafetyRecord, Worker
from bot.domain.conversation import Author, Button, Reply
from bot.domain.errors import ConsentRequired, NotSignedIn, StorageUnavailable, UnknownChoice
from bot.domain.protocol import SafetyDesk
from bot.domain.risk import RiskLevel, RiskSubject
from bot.services import conversations, records, threads, workers
from bot.services.conversations import Inbound
from bot.services.threads import StoredMessage

NUMBERS = ("120", "110", "12356")


def _safety(thread: Thread) -> list[StoredMessage]:
    return [message for message in thread.shown() if message.author == "safety"]


def _count(root: Root, table) -> int:
    return root.call_reading(lambda session: session.scalar(select(func.count()).select_from(table)))


def test_a_message_is_stored_with_its_assessment(thread: Thread) -> None:
    received = thread.receive("天天加班", "e1")
    shown = thread.shown()
    assert shown == [received.message]
    assert (shown[0].author, shown[0].text, shown[0].external_id, shown[0].created_at) == ("worker", "天天加班", "e1", NOW)
    row = thread.root.call_reading(lambda session: session.scalars(select(RiskAssessment)).one())
    assert (row.message_id, row.level, row.cues, row.score) == (received.message.id, "none", [], None)
    assert _count(thread.root, Alert) == 0
    kept = thread.root.call_reading(lambda session: session.get(Conversation, thread.id))
    assert kept.last_message_at == NOW


def test_the_same_external_id_gives_the_same_message_and_one_turn(thread: Thread) -> None:
    first = thread.receive("我想自杀", "e1", finding(RiskLevel.HIGH))
    again = thread.receive("别的字", "e1", finding(RiskLevel.HIGH))
    assert again.is_duplicate
    assert not first.is_duplicate
    assert again.message == first.message
    assert again.replies == ()
    assert len(first.replies) == 3
    assert (_count(thread.root, Message), _count(thread.root, Alert), _count(thread.root, RiskAssessment)) == (4, 1, 1)


def test_the_same_external_id_at_the_same_moment_gives_one_turn(thread: Thread, pool: ThreadPoolExecutor) -> None:
    received = list(pool.map(lambda _: thread.receive("天天加班", "e1"), range(8)))
    assert len({each.message.id for each in received}) == 1
    assert [each.is_duplicate for each in received].count(False) == 1
    assert _count(thread.root, Message) == 1


def test_another_worker_may_use_the_same_external_id(root: Root) -> None:
    one, other = Thread(root, "w1"), Thread(root, "w2")
    assert not one.receive("一", "e1").is_duplicate
    assert not other.receive("二", "e1").is_duplicate
    assert [message.text for message in other.shown()] == ["二"]


def test_cannot_chat_without_consent_if_there_is_no_sign_of_danger(root: Root) -> None:
    thread = Thread(root, has_consent=False)
    with pytest.raises(ConsentRequired):
        thread.receive("天天加班", "e1")
    assert _count(root, Message) == _count(root, Event) == 0
    root.call(workers.grant, "w1", "2026-11", "小林", NOW)
    assert not thread.receive("天天加班", "e1").is_duplicate
    assert root.call_reading(lambda session: session.get(Worker, "w1").nickname) == "小林"


@pytest.mark.parametrize("level", [RiskLevel.WATCH, RiskLevel.HIGH, RiskLevel.IMMINENT])
def test_a_sign_of_danger_is_taken_without_consent(root: Root, level: RiskLevel) -> None:
    thread = Thread(root, has_consent=False)
    received = thread.receive("我不想活了", "e1", finding(level))
    assert thread.shown()[0].text == "我不想活了"
    assert bool(_safety(thread)) is (level is not RiskLevel.WATCH)
    assert bool(received.step.after) is (level is RiskLevel.WATCH), "below high the direct question follows"
    assert not root.call_reading(workers.has_consent, "w1")


def test_safety_replies_and_alert_stand_in_the_same_commit(thread: Thread) -> None:
    commits = []
    note = commits.append
    event.listen(thread.root.engine, "commit", note)
    received = thread.receive("我想自杀", "e1", finding(RiskLevel.HIGH))
    event.remove(thread.root.engine, "commit", note)
    assert len(commits) == 1
    assert [reply.author for reply in received.replies] == ["safety"] * 3
    assert all(number in "".join(reply.text for reply in received.replies) for number in NUMBERS[:1] + NUMBERS[2:])
    assert [reply.custom is not None for reply in received.replies] == [False, False, True]
    assert {line["number"] for line in received.replies[-1].custom["lines"]} >= set(NUMBERS)  # type: ignore[index]
    assert thread.shown() == [received.message, *received.replies]
    alert = thread.root.call_reading(lambda session: session.scalars(select(Alert)).one())
    assert (alert.message_id, alert.level, alert.worker_id, alert.reason) == (received.message.id, "high", "w1", "risk")


def test_nothing_is_kept_if_a_safety_reply_cannot_be_stored(thread: Thread) -> None:
    class BrokenDesk(SafetyDesk):
        def fixed(self, *_arguments: object, **_named: object) -> tuple[Reply, ...]:
            return (Reply("先打120", Author.SAFETY), Reply("坏", Author.SAFETY, custom={"lines": {1, 2}}))  # a set is no JSON

    found = content()
    broken = BrokenDesk(found.safety, found.asq, found.plan, found.hotlines, found.emergency_by_timezone)
    inbound = Inbound(thread.id, "w1", "web", "e1", "我想自杀")
    with pytest.raises(Exception, match="not JSON serializable"):
        thread.root.call(
            conversations.receive, inbound, finding(RiskLevel.HIGH), replace(care(), desk=broken), SHANGHAI, NOW
        )  # fmt: skip
    kept = [_count(thread.root, table) for table in (Message, Event, Alert, RiskAssessment, FollowUp, SafetyRecord)]
    assert kept == [0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("level", "alerts"), [(RiskLevel.NONE, 0), (RiskLevel.WATCH, 1), (RiskLevel.HIGH, 1), (RiskLevel.IMMINENT, 1)]
)
def test_every_level_above_none_raises_an_alert(thread: Thread, level: RiskLevel, alerts: int) -> None:
    thread.receive("话", "e1", finding(level) if level is not RiskLevel.NONE else CALM)
    rows = thread.root.call_reading(lambda session: list(session.scalars(select(Alert.level))))
    assert rows == [level.value] * alerts


def test_the_workers_level_only_rises_and_only_by_what_is_about_themselves(thread: Thread) -> None:
    def level() -> str:
        return thread.root.call_reading(lambda session: session.get(Worker, "w1").risk_level)

    thread.receive("他想自杀", "e1", finding(RiskLevel.IMMINENT, RiskSubject.OTHER))
    assert level() == "none"
    thread.receive("我想自杀", "e2", finding(RiskLevel.HIGH))
    assert level() == "high"
    thread.receive("活着没意思", "e3", finding(RiskLevel.WATCH))
    assert level() == "high"


def test_a_late_finding_raises_the_level_and_says_the_fixed_text(thread: Thread) -> None:
    received = thread.receive("看起来平常的一句", "e1")
    said = thread.late(received.message.id, finding(RiskLevel.HIGH))
    assert [message.author for message in thread.shown()] == ["worker", "safety", "safety", "safety"]
    assert said == tuple(thread.shown()[1:])
    assert thread.root.call_reading(conversations.finding_of, received.message.id).level is RiskLevel.HIGH
    again = thread.receive("我想自杀", "e2", finding(RiskLevel.HIGH))
    assert not {reply.text for reply in again.replies} & {each.text for each in said}, "counted: the next wording is another"


def test_cannot_write_after_erasure_even_from_a_page_that_is_still_open(thread: Thread) -> None:
    first = thread.receive("第一句", "e1")
    thread.root.call(records.erase, "w1", NOW)
    with pytest.raises(NotSignedIn):
        thread.receive("第二句", "e2")
    with pytest.raises(NotSignedIn):
        thread.receive("我想自杀", "e3", finding(RiskLevel.HIGH))
    assert thread.late(first.message.id, finding(RiskLevel.HIGH)) == ()
    assert thread.shown() == [], "what was erased is shown no more"


def test_two_hours_of_use_bring_the_reminder_once_and_a_pause_starts_over(thread: Thread) -> None:
    def authors(number: int, minutes: int) -> list[str]:
        now = NOW + dt.timedelta(minutes=minutes)
        return [reply.author for reply in thread.receive("嗯", f"e{number}", now=now).replies]

    assert [authors(number, 10 * number) for number in range(12)] == [[]] * 12
    assert authors(12, 120) == ["system"]
    assert authors(13, 130) == []
    assert [authors(14 + step, 140 + 10 * step) for step in range(10)] == [[]] * 10
    assert authors(30, 240) == ["system"]
    assert authors(31, 240 + 16) == []
    assert authors(32, 240 + 16 + 14) == []


def test_the_reminder_waits_for_the_message_after_a_safety_text(thread: Thread) -> None:
    thread.receive("嗯", "e1")
    for step in range(1, 12):
        thread.receive("嗯", f"m{step}", now=NOW + dt.timedelta(minutes=10 * step))
    received = thread.receive("我想自杀", "e2", finding(RiskLevel.HIGH), now=NOW + dt.timedelta(minutes=121))
    assert [reply.author for reply in received.replies] == ["safety", "safety", "safety"]
    for minutes, due in ((122, ["system"]), (123, [])):
        later = thread.receive("嗯", f"l{minutes}", now=NOW + dt.timedelta(minutes=minutes))
        assert [reply.author for reply in later.replies] == due


def _offer(thread: Thread) -> int:
    buttons = (Button("做个放松练习", "/start_exercise"), Button("就想说说", "/just_listen"))
    thread.turn("累", "e1", Reply("想怎么来？", buttons=buttons))
    return thread.shown()[-1].id


def test_a_button_gives_its_title_and_payload(thread: Thread) -> None:
    message_id = _offer(thread)
    assert thread.shown()[-1].buttons == ("做个放松练习", "就想说说")
    found = thread.root.call_reading(threads.choice, thread.id, message_id, 1)
    assert found == ("就想说说", "/just_listen")


def test_cannot_choose_a_button_that_is_not_there_or_not_ones_own(thread: Thread) -> None:
    message_id = _offer(thread)
    stranger = Thread(thread.root, "w2")
    for conversation, message, index in (
        (thread.id, message_id, 2), (thread.id, message_id, -1), (thread.id, message_id + 999, 0),
        (thread.id, message_id - 1, 0), (stranger.id, message_id, 0), (thread.id, 2**31 - 1, 0),
    ):  # fmt: skip
        with pytest.raises(UnknownChoice):
            thread.root.call_reading(threads.choice, conversation, message, index)


def test_two_pages_that_open_at_once_share_one_worker_and_one_thread(root: Root, pool: ThreadPoolExecutor) -> None:
    def open_page(_: int) -> str:
        root.call(workers.ensure, "w1", 0, "Asia/Shanghai", NOW)
        return root.call(workers.conversation_of, "w1", "web", NOW)

    assert len(set(pool.map(open_page, range(8)))) == 1
    assert (_count(root, Worker), _count(root, Conversation)) == (1, 1)


def test_a_worker_that_is_not_there_gets_no_message_stored(root: Root) -> None:
    thread = Thread(root)
    thread.id = "0" * 32
    with pytest.raises(StorageUnavailable):
        thread.receive("天天加班", "e1")
    assert _count(root, Message) == 0
