"""Open pages have bounded queues, sessions are signed, and a worker can't write faster than the limit."""

from __future__ import annotations

import itertools

import pytest
from ground import NOW
from itsdangerous import URLSafeTimedSerializer

from bot.channels.rate import RateLimit
from bot.channels.session import SessionSigner
from bot.channels.sockets import MOST_PAGES_A_WORKER, Hub, Page
from bot.domain.errors import NotSignedIn
from bot.services.threads import StoredMessage


def _message(event: int) -> StoredMessage:
    return StoredMessage(event, event, "bot", "嗯", (), None, NOW, None)


def _frames(page: Page) -> list[int]:
    return [page.queue.get_nowait()["event"] for _ in range(page.queue.qsize())]


async def test_a_page_gets_each_message_once() -> None:
    page = Page("c")
    page.show([_message(1), _message(2)])
    page.show([_message(2), _message(3), _message(1)])
    assert _frames(page) == [1, 2, 3]


async def test_a_page_that_does_not_read_is_marked_for_closing_and_its_queue_stays_bounded() -> None:
    page = Page("c")
    page.show([_message(number) for number in range(1, 5000)])
    assert page.is_overloaded
    assert page.closed.is_set()
    assert page.queue.qsize() == page.queue.maxsize <= 1024


async def test_a_slow_page_holds_up_no_other() -> None:
    hub = Hub()
    slow, quick, stranger = Page("c"), Page("c"), Page("d")
    for page in (slow, quick, stranger):
        hub.join(page)
    for number in range(1, 2000):
        hub.publish("c", [_message(number)])
        assert quick.queue.get_nowait()["event"] == number
    assert slow.is_overloaded
    assert not quick.is_overloaded
    assert stranger.queue.empty()


async def test_too_many_pages_close_the_oldest() -> None:
    hub = Hub()
    pages = [Page("c") for _ in range(MOST_PAGES_A_WORKER + 2)]
    for page in pages:
        hub.join(page)
    assert [page.is_replaced for page in pages] == [True, True] + [False] * MOST_PAGES_A_WORKER
    assert hub.count == MOST_PAGES_A_WORKER
    for page in pages:
        hub.leave(page)
    assert (hub.count, hub._pages) == (0, {})


async def test_the_end_of_a_session_closes_its_pages_alone() -> None:
    hub = Hub()
    mine, other = Page("c"), Page("d")
    hub.join(mine)
    hub.join(other)
    hub.end("c")
    hub.end("nobody")
    assert (mine.is_ended, mine.closed.is_set()) == (True, True)
    assert not other.closed.is_set()


def test_a_worker_may_write_so_much_and_then_again_after_the_window() -> None:
    now = [0.0]
    rate = RateLimit(3, 10, clock=lambda: now[0])
    for now[0] in (0.0, 1.0, 2.0):
        assert rate.allows("w")
    assert not rate.allows("w")
    assert rate.allows("other")
    now[0] = 10.5
    assert rate.allows("w")
    assert not rate.allows("w")


def test_a_refused_message_does_not_count() -> None:
    ticks = itertools.count()
    rate = RateLimit(1, 10, clock=lambda: float(next(ticks)))
    assert rate.allows("w")  # at 0
    for _ in range(9):
        assert not rate.allows("w")
    next(ticks)
    assert rate.allows("w")  # at 11


def test_the_limit_remembers_a_bounded_number_of_workers() -> None:
    rate = RateLimit(1, 3600)
    for number in range(12_000):
        rate.allows(str(number))
    assert len(rate._seen) == 10_000
    assert not rate.allows("11999")


def test_a_token_gives_its_worker_again() -> None:
    signer = SessionSigner("s" * 32)
    one, other = signer.fresh(), signer.fresh()
    assert signer.read(one) == SessionSigner("s" * 32).read(one)
    assert signer.read(one).worker_id != signer.read(other).worker_id
    assert (signer.read(one).epoch, len(signer.read(one).worker_id)) == (0, 32)


def test_cannot_sign_in_with_a_forged_changed_or_foreign_token() -> None:
    signer = SessionSigner("s" * 32)
    token = signer.fresh()
    other_use = URLSafeTimedSerializer("s" * 32, salt="something.else").dumps({"w": "a" * 32, "e": 0})
    same_salt = URLSafeTimedSerializer("s" * 32, salt="xinyi.worker-session")
    broken = [same_salt.dumps(value) for value in ({}, [], "w", {"w": "a", "e": "x"}, None)]
    for bad in (
        None,
        "",
        "x",
        token[:-1],
        token[1:],
        "." + token,
        SessionSigner("t" * 32).fresh(),
        other_use,
        "\ud83d",
        *broken,
    ):
        with pytest.raises(NotSignedIn):
            signer.read(bad)
