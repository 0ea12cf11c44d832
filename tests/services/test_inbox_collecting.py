"""Which messages come into the inbox: by what was said, by who agreed, once, masked, and with others alike."""

from __future__ import annotations

import datetime as dt

import inbox_ground as ground
import pytest
from ground import NOW
from inbox_ground import FALLBACK, LATER, SURE, UNSURE, agree, agreeing, collect, reasons, say, withdraw
from sqlalchemy import select
from sqlalchemy.orm import Session
from worker_thread import Thread, finding

from bot.bootstrap import Root
from bot.db.studio_tables import InboxGroup, InboxItem, MessageFlag
from bot.db.tables import Message
from bot.domain.case_access import Viewer
from bot.domain.conversation import Reply, TurnState, Understanding
from bot.domain.errors import NotFound
from bot.domain.risk import RiskLevel
from bot.services import conversations, inbox_collecting, inbox_items, message_flags, records, retention, screen_marks
from bot.services.screen_marks import Verdict

TOPIC = Understanding("work_stress", 0.95)
OTHER_TOPIC = Understanding("anxiety", 0.95)


def test_the_second_intent_of_a_message_is_kept_with_it(root: Root) -> None:
    message_id = say(Thread(root), "社保转到哪里", UNSURE)
    row = root.call_reading(ground.understanding_of, message_id)
    assert row is not None
    assert (row.runner_up, row.runner_up_confidence) == ("find_station", 0.05)


def test_doubtful_messages_are_taken_and_sure_ones_are_not(root: Root) -> None:
    thread = agreeing(root)
    lost, unsure = say(thread, "哪儿能修手机"), say(thread, "社保转到哪里", UNSURE)
    say(thread, "天天加班到半夜", SURE)
    collect(root)
    assert reasons(root) == {lost: {"fallback"}, unsure: {"low_confidence"}}


def test_a_topic_that_turns_at_once_is_taken(root: Root) -> None:
    thread = agreeing(root)
    say(thread, "组里天天赶工", TOPIC)
    turned = say(thread, "心里慌得很", OTHER_TOPIC, now=NOW + dt.timedelta(minutes=2))
    collect(root)
    assert reasons(root) == {turned: {"changed_topic"}}


def test_a_protest_takes_the_message_before_it(root: Root) -> None:
    thread = agreeing(root)
    misread = say(thread, "我想请两天假回去看看", SURE)
    say(thread, "你没听懂我的意思", Understanding("complain", 0.99))
    collect(root)
    assert reasons(root) == {misread: {"not_understood"}}


def test_buttons_and_single_characters_are_left_out(root: Root) -> None:
    thread = agreeing(root)
    say(thread, "说不上来", payload="/unsure")
    say(thread, "嗯")
    collect(root)
    assert reasons(root) == {}


def test_a_flag_and_a_mark_take_a_message_that_raised_no_doubt(root: Root) -> None:
    thread = agreeing(root)
    disliked, marked = say(thread, "天天加班到半夜", SURE), say(thread, "站在桥上吹风", SURE)
    root.call(_thumbs_down, thread, disliked)
    root.call(screen_marks.mark, marked, Verdict.MISSED, "gu", None, None, NOW)
    collect(root)
    assert reasons(root) == {disliked: {"thumbs_down"}, marked: {"marked"}}


def test_a_flag_that_comes_later_is_one_reason_more(root: Root) -> None:
    thread = agreeing(root)
    message_id = say(thread, "哪儿能修手机")
    collect(root)
    root.call(_thumbs_down, thread, message_id)
    assert collect(root) == 0
    assert reasons(root) == {message_id: {"fallback", "thumbs_down"}}


def _thumbs_down(session: Session, thread: Thread, message_id: int) -> None:
    bubble = session.scalars(select(Message.id).where(Message.in_reply_to == message_id, Message.author == "bot")).one()
    message_flags.thumbs_down(session, thread.worker_id, thread.id, bubble, NOW)


def test_a_thumb_can_only_point_at_the_programs_answer_in_ones_own_thread(root: Root) -> None:
    thread, other = agreeing(root), agreeing(root, "w2")
    own, foreign = say(thread, "哪儿能修手机"), say(other, "哪儿能修手机")
    with pytest.raises(NotFound):
        root.call(message_flags.thumbs_down, "w1", thread.id, own, NOW)
    bubble = root.call_reading(
        lambda session: session.scalars(select(Message.id).where(Message.in_reply_to == foreign)).first()
    )
    with pytest.raises(NotFound):
        root.call(message_flags.thumbs_down, "w1", thread.id, bubble, NOW)
    root.call(_thumbs_down, thread, own)
    root.call(_thumbs_down, thread, own)
    assert root.call_reading(lambda session: len(session.scalars(select(MessageFlag.id)).all())) == 1


def test_without_a_consent_nothing_is_taken_and_nothing_from_before_it(root: Root) -> None:
    never, late = Thread(root, "w1"), Thread(root, "w2")
    say(never, "哪儿能修手机")
    say(late, "哪儿能修手机")
    agree(root, "w2", at=NOW + dt.timedelta(minutes=1))
    since = say(late, "哪儿能配眼镜", now=NOW + dt.timedelta(minutes=2))
    collect(root)
    assert reasons(root) == {since: {"fallback"}}


def test_a_consent_taken_back_while_the_batch_is_prepared_keeps_the_message_out(root: Root) -> None:
    thread = agreeing(root)
    say(thread, "哪儿能修手机")
    batch = root.call_reading(inbox_collecting.look, LATER)
    grouped = inbox_collecting.prepare(batch, [])
    withdraw(root, thread.worker_id)
    assert root.call(inbox_collecting.store, batch, grouped, LATER) == 0
    assert reasons(root) == {}


def test_a_turn_still_under_way_is_waited_for(root: Root) -> None:
    thread = agreeing(root)
    waiting = thread.receive("哪儿能修手机", "m1")
    answered = say(thread, "食堂在哪里")
    assert root.call_reading(inbox_collecting.look, NOW + dt.timedelta(seconds=30)).candidates == ()
    assert root.call(conversations.claim, waiting.message.id, NOW)
    root.call(conversations.answer, waiting.message.id, [Reply("嗯")], FALLBACK, NOW)
    collect(root, NOW + dt.timedelta(seconds=30))
    assert set(reasons(root)) == {waiting.message.id, answered}


def test_a_turn_that_never_ends_holds_up_nothing_for_good(root: Root) -> None:
    thread = agreeing(root)
    stuck = thread.receive("哪儿能修手机", "m1")
    answered = say(thread, "食堂在哪里")
    collect(root)
    assert set(reasons(root)) == {answered}
    assert root.call_reading(lambda session: session.get_one(Message, stuck.message.id).turn_state) == TurnState.STORED.value


def test_looking_twice_changes_nothing_and_of_two_gateways_one_stores(root: Root) -> None:
    thread = agreeing(root)
    say(thread, "哪儿能修手机")
    batch = root.call_reading(inbox_collecting.look, LATER)
    grouped = inbox_collecting.prepare(batch, [])
    assert root.call(inbox_collecting.store, batch, grouped, LATER) == 1
    assert root.call(inbox_collecting.store, batch, grouped, LATER) == 0
    assert root.call_reading(inbox_collecting.look, LATER).is_idle
    assert root.call_reading(_groups) == [(1, 1)]


def _groups(session: Session) -> list[tuple[int, int]]:
    return list(session.execute(select(InboxGroup.size, InboxGroup.open_count).order_by(InboxGroup.id)).tuples())


def test_messages_that_mean_the_same_are_one_group_also_later(root: Root) -> None:
    first, second, third = agreeing(root, "w1"), agreeing(root, "w2"), agreeing(root, "w3")
    say(first, "手机在哪里修")
    say(second, "哪儿能修手机")
    say(first, "食堂的饭太难吃了")
    collect(root)
    say(third, "手机坏了哪里可以修")
    say(third, "食堂伙食真差")
    collect(root)
    assert sorted(root.call_reading(_groups)) == [(2, 2), (3, 3)]


def test_what_is_kept_names_nobody(root: Root) -> None:
    thread = agreeing(root)
    say(thread, "李师傅在深圳，电话13812345678，能帮我找他吗")
    collect(root)
    kept = root.call_reading(lambda session: session.scalars(select(InboxItem.text)).one())
    assert kept == "某甲师傅在某地，电话某号，能帮我找他吗"


def test_the_level_of_a_message_comes_with_it(root: Root) -> None:
    thread = agreeing(root)
    say(thread, "不想活了", Understanding("nlu_fallback", 0.18), risk=finding(RiskLevel.WATCH))
    collect(root)
    assert root.call_reading(lambda session: session.scalars(select(InboxItem.level)).one()) == "watch"


def _left(session: Session) -> tuple[int, int, int]:
    """How many items, groups and flags there are."""
    return tuple(len(session.execute(select(table)).all()) for table in (InboxItem, InboxGroup, MessageFlag))  # type: ignore[return-value]


def test_erasing_the_record_takes_items_flags_and_counts_away(root: Root) -> None:
    thread, other = agreeing(root, "w1"), agreeing(root, "w2")
    gone = say(thread, "手机在哪里修")
    say(other, "哪儿能修手机")
    root.call(_thumbs_down, thread, gone)
    collect(root)
    assert root.call_reading(_groups) == [(2, 2)]
    root.call(records.erase, "w1", NOW)
    assert root.call_reading(_left) == (1, 1, 0)
    assert root.call_reading(_groups) == [(1, 1)]
    root.call(records.erase, "w2", NOW)
    assert root.call_reading(_left) == (0, 0, 0)


def test_retention_takes_old_messages_out_of_the_inbox(root: Root) -> None:
    thread = agreeing(root)
    say(thread, "手机在哪里修")
    collect(root)
    much_later = NOW + dt.timedelta(days=60)
    root.call(retention.settle, 30, None, "guo", NOW)
    assert root.call_reading(retention.due, much_later) == ["w1"]
    root.call(retention.erase_old, "w1", much_later)
    assert root.call_reading(_left) == (0, 0, 0)


def test_a_consent_taken_back_empties_the_inbox_of_this_worker(root: Root) -> None:
    thread, other = agreeing(root, "w1"), agreeing(root, "w2")
    say(thread, "手机在哪里修")
    kept = say(other, "哪儿能修手机")
    collect(root)
    assert not root.call_reading(inbox_items.has_unconsented)
    withdraw(root, "w1")
    assert root.call_reading(inbox_items.has_unconsented)
    assert root.call(inbox_items.drop_unconsented) == 1
    assert set(reasons(root)) == {kept}
    assert root.call_reading(_groups) == [(1, 1)]


def test_a_consent_given_again_does_not_bring_back_what_was_said_before(root: Root) -> None:
    thread = agreeing(root)
    say(thread, "手机在哪里修")
    collect(root)
    withdraw(root, "w1")
    agree(root, "w1", at=NOW + dt.timedelta(minutes=5))
    assert root.call(inbox_items.drop_unconsented) == 1


def test_a_counsellor_without_the_case_can_flag_nothing(root: Root) -> None:
    thread = agreeing(root)
    message_id = say(thread, "手机在哪里修")
    with pytest.raises(NotFound):
        root.call(message_flags.misread, Viewer("c1", "wen", "counsellor"), 1, message_id, NOW)
