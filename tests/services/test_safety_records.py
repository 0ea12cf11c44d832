"""The safety conversation as it is stored: the worker's own, in one commit with the alert, found again after a stop, erased."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from ground import NOW, content
from sqlalchemy import LargeBinary, event, func, select, type_coerce
from worker_thread import SHANGHAI, Thread, finding

from bot.bootstrap import Root
from bot.db.tables import Alert, Conversation, Message, RiskAssessment, SafetyRecord, Worker
from bot.domain.conversation import HANDOFF, Reply, TurnState
from bot.domain.errors import ConsentRequired
from bot.domain.protocol import ASK_DIRECTLY, OFFER_PLAN, Voice
from bot.domain.risk import RiskLevel
from bot.services import conversations, levels, records
from bot.services.conversations import Received

HOUR = dt.timedelta(hours=1)
WATCH, HIGH = finding(RiskLevel.WATCH), finding(RiskLevel.HIGH)
QUESTIONS = content().asq.questions


def stored(root: Root, column: Any, worker_id: str = "w1") -> Any:
    return root.call_reading(lambda session: session.scalar(select(column).where(SafetyRecord.worker_id == worker_id)))


def alerts_of(root: Root) -> list[tuple[str, str]]:
    query = select(Alert.reason, Alert.level).order_by(Alert.id)
    return root.call_reading(lambda session: [tuple(row) for row in session.execute(query)])


def carried(thread: Thread, now: dt.datetime = NOW) -> RiskLevel:
    return thread.root.call_reading(levels.carried, thread.worker_id, now)


def ask(thread: Thread, timezone: str = SHANGHAI) -> None:
    """A sign, and the first question as it stands in the thread after Rasa's line."""
    received = thread.receive("活着没意思", "e1", WATCH, timezone=timezone)
    thread.answer(received, Reply("我听着"), *received.step.after)
    assert thread.shown()[-1].text == QUESTIONS["1"][0]


def texts(received: Received) -> list[str]:
    return [reply.text for reply in received.replies]


def test_the_open_question_is_kept_with_the_message_and_the_alert_in_one_commit(thread: Thread) -> None:
    commits = []
    note = commits.append
    event.listen(thread.root.engine, "commit", note)
    thread.receive("活着没意思", "e1", WATCH)
    event.remove(thread.root.engine, "commit", note)
    assert len(commits) == 1
    assert stored(thread.root, SafetyRecord.asq)["open"] == "1"
    assert stored(thread.root, SafetyRecord.asq_at) == NOW
    assert alerts_of(thread.root) == [("risk", "watch")]


def test_a_rise_by_an_answer_stands_in_one_commit_with_its_alert_level_and_words(thread: Thread) -> None:
    ask(thread)
    for number in range(2):
        thread.receive("没有", f"n{number}")
    commits = []
    note = commits.append
    event.listen(thread.root.engine, "commit", note)
    received = thread.receive("有", "e2")
    event.remove(thread.root.engine, "commit", note)
    assert len(commits) == 1
    assert (carried(thread), alerts_of(thread.root)[-1]) == (RiskLevel.HIGH, ("risk", "high"))
    assert [reply.author for reply in received.replies] == ["safety", "safety", "bot"]
    assert received.replies[-1].buttons == ("有", "没有", "不想回答")
    row = thread.root.call_reading(
        lambda session: session.scalars(select(RiskAssessment).where(RiskAssessment.message_id == received.message.id)).one()
    )
    assert (row.level, row.subject, row.kind, [cue["name"] for cue in row.cues]) == ("high", "self", "suicide", ["asq_3"])


def test_the_questions_go_on_in_another_conversation_of_the_worker(thread: Thread) -> None:
    ask(thread)
    other = "f" * 32

    def begin(session: Any) -> None:
        session.add(Conversation(id=other, worker_id="w1", channel="wecom", created_at=NOW))
        session.commit()

    thread.root.call(begin)
    first, thread.id = thread.id, other
    received = thread.receive("没有", "e2")
    assert texts(received)[-1] == QUESTIONS["2"][0]
    thread.id = first
    assert texts(thread.receive("没有", "e3"))[-1] == QUESTIONS["3"][0]


def test_the_questions_of_one_worker_are_none_of_anothers(root: Root) -> None:
    one, other = Thread(root, "w1"), Thread(root, "w2")
    ask(one)
    assert other.receive("没有", "e1").replies == ()
    assert stored(root, SafetyRecord.asq)["open"] == "1"


def test_what_is_typed_before_the_question_stands_in_the_thread_is_no_answer_to_it(thread: Thread) -> None:
    opening = thread.receive("活着没意思", "e1", WATCH)
    early = thread.receive("没有", "e2")
    assert (early.step.voice, early.replies, stored(thread.root, SafetyRecord.asq)["open"]) == (Voice.BRIEF, (), "1")
    thread.answer(opening, *opening.step.after)
    thread.answer(early, Reply("嗯"))
    assert texts(thread.receive("没有", "e3"))[-1] == QUESTIONS["2"][0]


def test_a_message_sent_again_answers_nothing_a_second_time(thread: Thread) -> None:
    ask(thread)
    for _ in range(2):
        thread.receive("没有", "e2")
    assert stored(thread.root, SafetyRecord.asq)["open"] == "2"


def test_an_answer_to_a_question_of_ours_needs_no_consent_and_anything_later_does(root: Root) -> None:
    thread = Thread(root, has_consent=False)
    ask(thread)
    for number in range(4):
        thread.receive("没有", f"n{number}")
    with pytest.raises(ConsentRequired):
        thread.receive("天天加班", "e2")


def test_four_clear_no_are_noted_so_that_watch_ends_a_day_later(thread: Thread) -> None:
    ask(thread)
    for number in range(3):
        thread.receive("没有", f"n{number}", now=NOW + number * dt.timedelta(minutes=1))
        assert thread.root.call_reading(lambda session: session.get(Worker, "w1").asq_clear_at) is None
    thread.receive("没有", "n4", now=NOW + HOUR)
    assert thread.root.call_reading(lambda session: session.get(Worker, "w1").asq_clear_at) == NOW + HOUR
    assert carried(thread, NOW + 24 * HOUR) is RiskLevel.WATCH
    assert carried(thread, NOW + 25 * HOUR) is RiskLevel.NONE


@pytest.mark.parametrize("answers", [["没有", "没有", "不想回答", "没有"], ["没有", "有", "没有", "没有"]])
def test_a_row_with_a_yes_or_a_refusal_is_no_clear_no(thread: Thread, answers: list[str]) -> None:
    ask(thread)
    for number, answer in enumerate(answers):
        thread.receive(answer, f"n{number}")
    assert thread.root.call_reading(lambda session: session.get(Worker, "w1").asq_clear_at) is None
    assert carried(thread, NOW + 48 * HOUR) is RiskLevel.WATCH


@pytest.mark.parametrize(("hours", "level"), [(5.9, "watch"), (6, "high"), (24, "high"), (72, "high"), (72.1, "watch")])
def test_a_wish_said_again_within_three_days_but_not_in_the_same_talk_is_high(thread: Thread, hours: float, level: str) -> None:
    thread.receive("活着没意思", "e1", WATCH)
    received = thread.receive("活着没意思", "e2", WATCH, now=NOW + hours * HOUR)
    assert received.step.finding.level.value == level
    assert (received.step.safety_set == "high_self") is (level == "high")
    assert carried(thread, NOW + hours * HOUR).value == level


def test_words_of_tiredness_said_again_are_no_wish_said_again(thread: Thread) -> None:
    thread.receive("真撑不住了", "e1", WATCH)
    assert thread.receive("又撑不住了", "e2", WATCH, now=NOW + 24 * HOUR).step.finding.level is RiskLevel.WATCH


def test_who_comes_back_after_a_watch_is_welcomed_once_and_not_beside_a_sign(root: Root) -> None:
    thread, other = Thread(root, "w1"), Thread(root, "w2")
    lines = content().safety.lines["welcome_back"]
    for each in (thread, other):
        each.receive("活着没意思", "e1", WATCH)
    assert texts(thread.receive("我又来了", "e2", now=NOW + 30 * HOUR))[0] in lines
    assert texts(thread.receive("嗯", "e3", now=NOW + 30.1 * HOUR)) == []
    assert not set(texts(other.receive("还是想死", "e2", HIGH, now=NOW + 30 * HOUR))) & set(lines)


def test_a_signal_opens_the_question_in_the_commit_of_the_answer(thread: Thread) -> None:
    received = thread.receive("真想一了百了算了", "e1")
    said = thread.answer(received, Reply("我听着"), signals=frozenset({ASK_DIRECTLY}))
    assert [each.text for each in said] == ["我听着", content().asq.lead_in[0], QUESTIONS["1"][0]]
    assert stored(thread.root, SafetyRecord.asq)["open"] == "1"
    assert alerts_of(thread.root) == []
    thread.receive("有", "e2")
    assert alerts_of(thread.root) == [("risk", "watch")], "a yes is a case to be read, whatever the screen found"
    assert carried(thread) is RiskLevel.WATCH


def test_a_person_and_a_question_can_be_wanted_at_once(thread: Thread) -> None:
    received = thread.receive("找个真人，真想一了百了", "e1")
    said = thread.answer(received, Reply("好"), signals=frozenset({HANDOFF, ASK_DIRECTLY}))
    assert alerts_of(thread.root) == [("asked_for_person", "none")]
    assert said[-1].text == QUESTIONS["1"][0]


def test_a_plan_is_offered_after_the_answer_and_kept(thread: Thread) -> None:
    received = thread.receive("说不好", "e1")
    said = thread.answer(received, Reply("我在"), signals=frozenset({OFFER_PLAN}))
    assert len(said) == 2
    assert len(said[1].buttons) == 2
    assert stored(thread.root, SafetyRecord.plan)["status"] == "offered"
    assert stored(thread.root, SafetyRecord.asq) is None


def test_a_second_answer_signals_nothing(thread: Thread) -> None:
    received = thread.receive("真想一了百了算了", "e1")
    thread.answer(received, Reply("我听着"))
    again = thread.root.call(
        conversations.answer, received.message.id, [Reply("又一次")], None, NOW, signals=frozenset({ASK_DIRECTLY})
    )  # fmt: skip
    assert again == ()
    assert stored(thread.root, SafetyRecord.asq) is None


def left(thread: Thread, minutes: int = 60) -> Any:
    (found,) = thread.root.call_reading(conversations.left_behind, NOW + dt.timedelta(minutes=minutes))
    return found


def test_after_a_stop_the_question_is_found_with_its_buttons_and_the_hearing_before_it(thread: Thread) -> None:
    received = thread.receive("活着没意思", "e1", WATCH)
    found = left(thread)
    assert (found.state, found.voice, found.after) == (TurnState.STORED, Voice.BRIEF, received.step.after)
    assert (found.is_spoken_to, found.finding.level) == (False, RiskLevel.WATCH)
    assert [button.title for button in found.after[-1].buttons] == ["有", "没有", "不想回答"]
    assert stored(thread.root, SafetyRecord.asq)["open"] == "1"


def test_after_a_stop_the_lines_keep_their_card_and_a_silent_turn_stays_silent(thread: Thread) -> None:
    thread.answer(thread.receive("活着没意思", "e1", WATCH), Reply("我听着"))
    told = thread.receive("组长在群里点名", "e2")
    found = left(thread)
    assert (found.voice, found.after) == (Voice.WHOLE, told.step.after)
    assert found.after[0].custom["kind"] == "hotlines"
    thread.answer(told, Reply("嗯"))
    thread.receive("没有", "e3")
    found = left(thread)
    assert (found.voice, found.after, found.is_spoken_to) == (Voice.SILENT, (), True)


def test_after_a_stop_a_fixed_text_counts_as_spoken_and_a_reminder_does_not(root: Root) -> None:
    one, other = Thread(root, "w1"), Thread(root, "w2")
    one.receive("我想自杀", "e1", HIGH)
    assert left(one).is_spoken_to
    root.call(records.erase, "w1", NOW)
    for step in range(13):
        other.answer(other.receive("嗯", f"m{step}", now=NOW + step * dt.timedelta(minutes=10)), Reply("嗯"))
    received = other.receive("嗯", "e2", now=NOW + dt.timedelta(minutes=125))
    assert not left(other, 600).is_spoken_to
    assert received.replies == ()


def test_what_a_late_finding_adds_is_stored_once_and_reads_no_answer_again(thread: Thread) -> None:
    ask(thread)
    answered = thread.receive("没有", "e2")
    assert thread.late(answered.message.id, WATCH) == ()
    assert stored(thread.root, SafetyRecord.asq)["open"] == "2"
    said = thread.late(answered.message.id, HIGH)
    assert [each.author for each in said] == ["safety"] * 3
    assert stored(thread.root, SafetyRecord.asq)["open"] is None


def test_a_late_watch_asks_at_once(thread: Thread) -> None:
    said = thread.late(thread.receive("看着平常的一句", "e1").message.id, WATCH)
    assert said[-1].text == QUESTIONS["1"][0]
    assert stored(thread.root, SafetyRecord.asq)["open"] == "1"


def begin_plan(thread: Thread) -> None:
    thread.receive("写安全计划", "p1")
    thread.receive("木棉花开那天心慌", "p2")


def test_a_plan_goes_on_from_another_visit_and_is_exported_in_the_workers_words(thread: Thread) -> None:
    begin_plan(thread)
    thread.receive("一个人去江边走走", "p3", now=NOW + 48 * HOUR)
    exported = thread.root.call_reading(records.export, "w1")["safety_plan"]
    assert exported["warning_signs"][0] == "木棉花开那天心慌"
    assert "木棉花" in json.dumps(exported, ensure_ascii=False)
    assert stored(thread.root, SafetyRecord.plan_at) == NOW + 48 * HOUR


def test_who_has_no_plan_exports_none(thread: Thread) -> None:
    ask(thread)
    assert thread.root.call_reading(records.export, "w1")["safety_plan"] is None


def test_erasure_removes_the_record_and_what_a_turn_was_to_say(thread: Thread) -> None:
    begin_plan(thread)
    thread.receive("活着没意思", "e1", WATCH)
    thread.root.call(records.erase, "w1", NOW)
    count = thread.root.call_reading(lambda session: session.scalar(select(func.count()).select_from(SafetyRecord)))
    packed = thread.root.call_reading(lambda session: list(session.scalars(select(Message.protocol))))
    assert (count, set(packed)) == (0, {None})


def test_an_answer_after_erasure_keeps_no_record(thread: Thread) -> None:
    received = thread.receive("真想一了百了算了", "e1")
    assert thread.root.call(conversations.claim, received.message.id, NOW)
    thread.root.call(records.erase, "w1", NOW)
    thread.root.call(
        conversations.answer, received.message.id, [Reply("我听着")], None, NOW, signals=frozenset({ASK_DIRECTLY})
    )  # fmt: skip
    assert stored(thread.root, SafetyRecord.asq) is None


def _raw(root: Root, *columns: Any) -> list[bytes | None]:
    query = select(*(type_coerce(column, LargeBinary) for column in columns))
    return root.call_reading(lambda session: [value for row in session.execute(query) for value in row])


def test_what_a_worker_said_is_sealed_and_sealed_again_with_the_rest(thread: Thread) -> None:
    begin_plan(thread)
    thread.receive("活着没意思", "e1", WATCH)
    columns = (SafetyRecord.asq, SafetyRecord.plan, Message.protocol)
    before = [value for value in _raw(thread.root, *columns[:2]) + _raw(thread.root, columns[2]) if value is not None]
    assert len(before) >= 3
    assert not any("木棉花".encode() in value or b"open" in value for value in before)
    thread.root.call(records.reseal)
    after = [value for value in _raw(thread.root, *columns[:2]) + _raw(thread.root, columns[2]) if value is not None]
    assert len(after) == len(before)
    assert not set(before) & set(after)
    assert stored(thread.root, SafetyRecord.asq)["open"] == "1"


def test_a_level_lowered_by_a_human_lets_the_questions_be_asked_again(thread: Thread) -> None:
    thread.receive("我想自杀", "e1", HIGH)
    assert thread.receive("活着没意思", "e2", WATCH, now=NOW + HOUR).step.asq is None
    thread.root.call(levels.lower, "w1", RiskLevel.WATCH, "王敏", "面谈过", NOW + 80 * HOUR)
    received = thread.receive("活着没意思", "e3", WATCH, now=NOW + 100 * HOUR)
    assert received.step.after[-1].text == QUESTIONS["1"][0]
    assert received.hint.carried is RiskLevel.WATCH


def test_what_rasa_is_told_of_the_worker_is_the_level_carried_and_whether_asking_rests(thread: Thread) -> None:
    assert (thread.receive("嗯", "e1").hint.carried, thread.receive("嗯", "e2").hint.rests) == (RiskLevel.NONE, False)
    assert thread.receive("活着没意思", "e3", WATCH).hint.carried is RiskLevel.WATCH
    later = thread.receive("组长在群里点名", "e4")
    assert (later.hint.carried, later.hint.rests) == (RiskLevel.WATCH, True)
    high = thread.receive("我想自杀", "e5", HIGH)
    assert high.hint.carried is RiskLevel.HIGH
    assert thread.receive("今天挺好", "e6", now=NOW + 200 * HOUR).hint.carried is RiskLevel.HIGH


def test_a_worker_abroad_is_told_the_numbers_of_that_place(thread: Thread) -> None:
    ask(thread, timezone="Asia/Tokyo")
    helping = thread.receive("没有", "e2", timezone="Asia/Tokyo").replies[1]
    assert "119" in helping.text
    assert "12356" not in helping.text


def test_two_answers_at_the_same_moment_answer_one_question_each(root: Root, pool: Any) -> None:
    thread = Thread(root)
    ask(thread)
    list(pool.map(lambda number: thread.receive("没有", f"n{number}"), range(3)))
    assert stored(root, SafetyRecord.asq)["open"] == "4"


def test_no_record_is_made_for_a_worker_without_a_reason(thread: Thread) -> None:
    thread.receive("嗯", "e1")
    assert stored(thread.root, SafetyRecord.worker_id) is None


@pytest.mark.parametrize(("hours", "level"), [(1, "high"), (5, "high"), (7, "watch")])
def test_a_wish_after_drink_in_the_same_talk_is_high(thread: Thread, hours: float, level: str) -> None:
    thread.receive("喝了点酒", "e0", now=NOW - hours * HOUR)
    found = thread.receive("活着真没意思", "e1", WATCH).step.finding
    assert found.level.value == level


@pytest.mark.parametrize(("minutes", "level"), [(3, "high"), (400, "none")])
def test_drink_after_a_wish_in_the_same_talk_is_high(thread: Thread, minutes: float, level: str) -> None:
    thread.receive("活着真没意思", "e0", WATCH, NOW - dt.timedelta(minutes=minutes))
    found = thread.receive("没事，就是喝了半斤白酒", "e1").step.finding
    assert found.level.value == level


def test_drink_in_the_very_words_of_a_wish_is_high_and_named_as_a_cue(thread: Thread) -> None:
    found = thread.receive("喝多了，觉得活着没意思", "e1", WATCH).step.finding
    assert (found.level, found.cues[-1].name) == (RiskLevel.HIGH, "drunk")


def test_drink_beside_words_of_tiredness_alone_raises_nothing(thread: Thread) -> None:
    thread.receive("撑不下去了", "e0", WATCH, NOW - HOUR)
    assert thread.receive("喝了点酒", "e1").step.finding.level is RiskLevel.NONE
