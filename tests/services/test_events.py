"""Every change is told once, in order, also one that was committed late; a counsellor's bubbles tell of their arrival."""

from __future__ import annotations

import datetime as dt

import pytest
from ground import NOW
from sqlalchemy import select
from worker_thread import Thread

from bot.bootstrap import Root
from bot.db.tables import Event
from bot.domain.conversation import Author, Reply
from bot.services import events, threads
from bot.services.events import WINDOW, Reader
from bot.services.threads import MESSAGE_DELIVERED, THREAD_READ


def _add(session, *ids: int) -> None:
    for event_id in ids:
        session.add(Event(id=event_id, kind="x", conversation_id=None, message_id=None, created_at=NOW))
    session.commit()


def _take(root: Root, reader: Reader) -> list[int]:
    return [change.id for change in root.call_reading(reader.take)]


@pytest.mark.parametrize("may_come_late", [False, True])
def test_what_is_there_at_the_start_is_not_told_and_all_that_follows_is_told_once(root: Root, *, may_come_late: bool) -> None:
    root.call(_add, 1, 2, 3)
    reader = Reader(may_come_late=may_come_late)
    assert root.call_reading(reader.begin) == 3
    assert _take(root, reader) == []
    root.call(_add, 4, 7)
    assert _take(root, reader) == [4, 7]
    assert _take(root, reader) == []


def test_an_id_committed_after_a_higher_one_is_still_told(root: Root) -> None:
    reader = Reader(may_come_late=True)
    root.call_reading(reader.begin)
    root.call(_add, 2, 5)
    assert _take(root, reader) == [2, 5]
    root.call(_add, 3)
    assert _take(root, reader) == [3]
    root.call(_add, 4, 6)
    assert _take(root, reader) == [4, 6]
    assert _take(root, reader) == []


def test_more_changes_than_one_reading_takes_come_in_several(root: Root) -> None:
    reader = Reader(may_come_late=True)
    root.call_reading(reader.begin)
    root.call(_add, *range(1, 3 * WINDOW + 1000))
    told: list[int] = []
    while part := _take(root, reader):
        told += part
    assert told == list(range(1, 3 * WINDOW + 1000))


def test_a_case_is_named_by_its_newest_only(root: Root) -> None:
    assert root.call_reading(events.cases_of, ["nobody"]) == {}


def test_only_a_counsellors_bubbles_tell_of_their_arrival_and_each_once(thread: Thread) -> None:
    by_bot, by_human = thread.root.call(_say, thread.id)
    thread.root.call(threads.mark_delivered, [by_bot, by_human], NOW)
    thread.root.call(threads.mark_delivered, [by_bot, by_human], NOW + dt.timedelta(seconds=1))
    assert _kinds(thread) == [(MESSAGE_DELIVERED, by_human)]
    newest = thread.root.call_reading(events.newest)
    thread.root.call(threads.mark_read, thread.id, newest, NOW)
    thread.root.call(threads.mark_read, thread.id, newest, NOW)
    assert _kinds(thread) == [(MESSAGE_DELIVERED, by_human), (THREAD_READ, None)]


def _say(session, conversation_id: str) -> tuple[int, int]:
    replies = [Reply("程序说的"), Reply("人说的", Author.COUNSELLOR)]
    by_bot, by_human = threads.add(session, conversation_id, "web", replies, NOW)
    session.commit()
    return by_bot.id, by_human.id


def _kinds(thread: Thread) -> list[tuple[str, int | None]]:
    query = select(Event.kind, Event.message_id).where(Event.kind.in_([MESSAGE_DELIVERED, THREAD_READ])).order_by(Event.id)
    return thread.root.call_reading(lambda session: session.execute(query).tuples().all())
