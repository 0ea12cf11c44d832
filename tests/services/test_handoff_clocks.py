"""The clocks of handoffs: offers go on, breaches climb the tiers, silence is noticed, requests expire; nothing twice, nothing lost."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from ground import NOW
from handoff_scene import HOUR, MINUTE, SECOND, Scene
from sqlalchemy import select

from bot.bootstrap import Root, make_root
from bot.db.handoff_tables import Handoff
from bot.db.staff_tables import Notification
from bot.domain.conversation import HANDOFF
from bot.domain.handoff import HandoffPolicy
from bot.domain.risk import RiskLevel
from bot.services import handoffs

POLICY = HandoffPolicy()
HIGH, IMMINENT, WATCH = RiskLevel.HIGH, RiskLevel.IMMINENT, RiskLevel.WATCH


@pytest.fixture
def scene(root: Root) -> Scene:
    return Scene(root)


def tiers(root: Root) -> list[int]:
    query = select(Notification.facts).order_by(Notification.id)
    return sorted({facts["tier"] for facts in root.call_reading(lambda session: session.scalars(query).all())})


async def test_a_waiting_case_is_offered_to_one_after_the_other(scene: Scene) -> None:
    scene.here(SECOND, scene.lin, scene.chen)
    scene.asks()
    assert await scene.beat(SECOND) == 1
    first = scene.handoff.offered_to
    assert first in (scene.lin, scene.chen)
    assert scene.handoff.offer_until == NOW + SECOND + POLICY.offer
    assert await scene.beat(30 * SECOND) == 0, "the offer stands"
    scene.here(62 * SECOND, scene.lin, scene.chen)
    assert await scene.beat(62 * SECOND) == 1
    assert {first, scene.handoff.offered_to} == {scene.lin, scene.chen}
    assert scene.steps() == ["requested", "offered", "offered"]


async def test_who_declines_is_not_asked_again_at_once_but_later_when_nobody_else_is_there(scene: Scene) -> None:
    scene.here(SECOND, scene.lin)
    scene.asks()
    await scene.beat(SECOND)
    scene.do(handoffs.decline, scene.lin, at=5 * SECOND)
    scene.here(30 * SECOND, scene.lin)
    assert await scene.beat(30 * SECOND) == 0
    scene.here(3 * MINUTE, scene.lin)
    assert await scene.beat(3 * MINUTE) == 1
    assert scene.handoff.offered_to == scene.lin


async def test_with_nobody_there_nothing_is_offered_and_nothing_written(scene: Scene) -> None:
    scene.here(SECOND)
    scene.asks()
    assert await scene.beat(SECOND) == 0
    assert scene.steps() == ["requested"]


async def test_a_case_to_be_read_is_pushed_to_nobody(scene: Scene) -> None:
    scene.here(SECOND, scene.lin)
    scene.says("活着没意思", WATCH)
    assert await scene.beat(SECOND) == 0
    assert await scene.beat(25 * HOUR) == 1
    assert (scene.handoff.tier, scene.steps(), scene.told()) == (1, ["requested", "breached"], [])


async def test_the_breach_of_an_imminent_case_climbs_the_tiers_and_tells_the_worker_once(scene: Scene) -> None:
    scene.says("今晚就走", IMMINENT)
    assert await scene.beat(59 * SECOND) == 0
    for minute in (1, 2, 3):
        assert await scene.beat(minute * MINUTE) == 1
        assert scene.handoff.tier == minute
    assert await scene.beat(4 * MINUTE) == 0, "beyond the tiers it is told every quarter of an hour"
    assert await scene.beat(18 * MINUTE) == 1
    assert (scene.handoff.tier, scene.handoff.status, scene.state) == (4, "waiting", "waiting")
    assert scene.events().count("handoff.breached") == 4
    assert [reason for reason, _ in scene.alerts()] == ["risk", "handoff_late"]
    (told,) = scene.told()
    assert "120" in told
    scene.accept(at=19 * MINUTE)
    assert await scene.beat(40 * MINUTE) == 1, "only the counsellor's silence is left to be told"
    assert scene.steps()[-1] == "reminded"


async def test_each_breach_tells_the_next_tier_outside_the_console_too(root: Root) -> None:
    scene = Scene(root)
    scene.says("今晚就走", IMMINENT)
    for minute in (1, 2, 3):
        await scene.beat(minute * MINUTE)
    assert tiers(root) == [0, 1, 2, 3]


async def test_a_clock_that_jumps_ahead_loses_nothing_and_floods_nobody(scene: Scene) -> None:
    scene.says("我想自杀", HIGH)
    assert await scene.beat(5 * HOUR) == 1
    assert await scene.beat(5 * HOUR + SECOND) == 0
    assert await scene.beat(5 * HOUR + POLICY.accept_high) == 1
    assert scene.handoff.tier == 2


async def test_a_clock_that_jumps_back_says_nothing_a_second_time(scene: Scene) -> None:
    scene.says("我想自杀", HIGH)
    assert await scene.beat(3 * MINUTE) == 1
    assert await scene.beat(-HOUR) == 0
    assert await scene.beat(3 * MINUTE) == 0


async def test_gateways_side_by_side_and_restarts_do_each_thing_once(root: Root) -> None:
    scene = Scene(root)
    scene.says("今晚就走", IMMINENT)
    scene.here(MINUTE, scene.lin)
    with make_root(root.settings) as second:
        other = Scene.__new__(Scene)
        other.root, other.thread = second, scene.thread
        done = await asyncio.gather(*(each.beat(MINUTE) for each in (scene, other, scene, other)))
    assert sum(done) == 2, "one breach, one offer"
    with make_root(root.settings) as restarted:
        other.root = restarted
        assert await other.beat(MINUTE) == 0
    assert scene.steps() == ["requested", "breached", "offered"]


async def test_a_silent_counsellor_is_reminded_and_then_another_is_asked(scene: Scene) -> None:
    scene.asks()
    scene.accept(at=MINUTE)
    scene.do(handoffs.say, scene.lin, "c1", "你好，我在。", at=2 * MINUTE)
    assert await scene.beat(20 * MINUTE) == 0, "nobody waits for a word"
    scene.says("我昨晚又没睡", at=20 * MINUTE)
    scene.says("还在吗", at=24 * MINUTE)
    assert await scene.beat(24 * MINUTE) == 0
    assert await scene.beat(25 * MINUTE) == 1
    assert scene.steps()[-1] == "reminded"
    assert await scene.beat(26 * MINUTE) == 0, "reminded once"
    scene.here(30 * MINUTE, scene.lin, scene.chen)
    assert await scene.beat(30 * MINUTE) == 1
    assert (scene.handoff.status, scene.handoff.accepted_by, scene.state) == ("waiting", None, "waiting")
    assert scene.steps()[-1] == "reassigned"
    assert scene.handoff.due_at == NOW + 45 * MINUTE
    assert await scene.beat(30 * MINUTE + SECOND) == 1
    assert scene.handoff.offered_to == scene.chen, "not the silent one"


async def test_a_word_of_the_counsellor_ends_the_silence(scene: Scene) -> None:
    scene.asks()
    scene.accept(at=MINUTE)
    assert await scene.beat(6 * MINUTE) == 1
    scene.do(handoffs.say, scene.lin, "c1", "来了，刚才断了线。", at=7 * MINUTE)
    assert await scene.beat(30 * MINUTE) == 0
    scene.says("嗯", at=30 * MINUTE)
    assert await scene.beat(35 * MINUTE) == 1
    assert scene.steps().count("reminded") == 2


async def test_an_ordinary_request_expires_with_an_honest_line_and_an_alert(scene: Scene) -> None:
    scene.asks()
    assert await scene.beat(15 * MINUTE) == 1
    assert "handoff_late" in [reason for reason, _ in scene.alerts()]
    assert await scene.beat(2 * HOUR - SECOND) == 1, "the second breach"
    assert await scene.beat(2 * HOUR) == 1
    assert (scene.state, scene.handoff.status, scene.handoff.outcome) == ("bot", "closed", None)
    assert scene.steps()[-1] == "expired"
    assert scene.alerts()[-1] == ("handoff_expired", None)
    assert "12356" in scene.told()[-1]
    assert await scene.beat(3 * HOUR) == 0


async def test_a_watch_that_waited_in_vain_stays_to_be_read(scene: Scene) -> None:
    scene.turn("活着没意思", WATCH, signals=frozenset({HANDOFF}))
    for at in (15 * MINUTE, 2 * HOUR):
        await scene.beat(at)
    found = scene.handoff
    assert (found.status, found.is_live, found.reason, found.rank) == ("waiting", False, "watch_review", 4)
    assert (found.due_at, scene.state) == (NOW + 24 * HOUR, "bot")
    assert await scene.beat(3 * HOUR) == 0


async def test_danger_never_expires(scene: Scene) -> None:
    scene.says("我想自杀", HIGH)
    for at in range(0, 80, 4):
        await scene.beat(dt.timedelta(hours=at / 2))
    assert (scene.handoff.status, scene.state) == ("waiting", "waiting")
    assert "expired" not in scene.steps()


async def test_what_nobody_asked_for_expires_without_a_word(scene: Scene) -> None:
    scene.turn("嗯哼", signals=frozenset({"not_understood"}))
    await scene.beat(15 * MINUTE)
    await scene.beat(2 * HOUR)
    assert (scene.handoff.status, scene.told()) == ("closed", [])


async def test_one_case_that_fails_holds_up_no_other(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    scene.asks()
    other = Scene(scene.root, "w2", is_staffed=False)
    other.asks()

    def spoil(session) -> None:
        """A state that no deed of ours leaves behind."""
        handoff = session.get_one(Handoff, scene.id)
        handoff.status, handoff.accepted_by = "active", scene.lin
        handoff.unanswered_at = handoff.reminded_at = NOW - HOUR
        session.commit()

    scene.root.call(spoil)
    assert await scene.beat(15 * MINUTE) == 1
    assert other.steps()[-1] == "breached"
    assert f"replace_silent of handoff {scene.id} failed: illegal_transition" in caplog.text
