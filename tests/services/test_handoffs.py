"""Handoffs: who may do what in which state, one wins where two accept, and a case in danger ends only with what it needs."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from ground import NOW
from handoff_scene import HOUR, MINUTE, SECOND, Scene
from sqlalchemy import select
from worker_thread import finding

from bot.bootstrap import Root
from bot.db.handoff_tables import Handoff, HandoffStep
from bot.db.tables import AuditEntry, FollowUp, Message, Worker
from bot.domain.errors import AlreadyAccepted, IllegalTransition, Incomplete, InvalidInput, NotFound
from bot.domain.handoff import HandoffOutcome, HandoffPolicy
from bot.domain.risk import RiskLevel, RiskSubject
from bot.services import handoff_rating, handoffs, records
from bot.services.handoffs import Closing, FollowUpWish

NONE, WATCH, HIGH, IMMINENT = RiskLevel.NONE, RiskLevel.WATCH, RiskLevel.HIGH, RiskLevel.IMMINENT
TALKED = Closing(HandoffOutcome.TALKED)
POLICY = HandoffPolicy()


@pytest.fixture
def scene(root: Root) -> Scene:
    return Scene(root)


def ending(scene: Scene, level_after: RiskLevel = HIGH) -> Closing:
    """All that a case of danger needs."""
    tasks = (FollowUpWish(scene.lin, NOW + 20 * HOUR), FollowUpWish(scene.chen, NOW + 60 * HOUR))
    return Closing(HandoffOutcome.TALKED, level_after, "聊了睡眠和家里", "市精神卫生中心门诊", tasks)


def test_high_and_imminent_ask_for_a_human_at_once_with_their_clock(scene: Scene) -> None:
    received = scene.says("我想自杀", HIGH)
    found = scene.handoff
    assert (found.status, found.is_live, found.reason, found.level, found.rank) == ("waiting", True, "high", "high", 1)
    assert (found.requested_at, found.due_at, found.message_id) == (NOW, NOW + POLICY.accept_high, received.message.id)
    assert scene.state == "waiting"
    scene.says("药在手边，今晚就走", IMMINENT, at=10 * SECOND)
    found = scene.handoff
    assert (found.reason, found.level, found.rank, found.due_at) == ("imminent", "imminent", 0, NOW + 70 * SECOND)
    assert (scene.cases, scene.steps(), scene.events()) == (
        1, ["requested", "level"], ["handoff.requested", "handoff.level"],
    )  # fmt: skip


def test_a_later_lower_sign_lowers_nothing_and_no_clock_is_put_back(scene: Scene) -> None:
    scene.says("今晚就走", IMMINENT)
    scene.says("我想自杀", HIGH, at=30 * SECOND)
    scene.says("活着没意思", WATCH, at=40 * SECOND)
    scene.asks(at=50 * SECOND)
    found = scene.handoff
    assert (found.level, found.reason, found.due_at) == ("imminent", "imminent", NOW + MINUTE)
    assert scene.steps() == ["requested"]


def test_somebody_elses_danger_asks_for_a_human_too(scene: Scene) -> None:
    scene.says("朋友说他要自杀", HIGH, about={"subject": RiskSubject.OTHER})
    assert (scene.handoff.level, scene.state) == ("high", "waiting")


def test_a_watch_is_a_case_to_be_read_that_nobody_waits_for(scene: Scene) -> None:
    scene.says("活着没意思", WATCH)
    found = scene.handoff
    assert (found.is_live, found.reason, found.rank, found.due_at) == (False, "watch_review", 4, NOW + 24 * HOUR)
    assert scene.state == "bot"
    scene.says("朋友活着没意思", WATCH, about={"subject": RiskSubject.OTHER})
    assert scene.cases == 1


def test_a_person_wanted_at_watch_makes_the_review_live(scene: Scene) -> None:
    scene.says("活着没意思", WATCH)
    scene.asks(at=HOUR)
    found = scene.handoff
    assert (found.is_live, found.reason, found.rank) == (True, "watch_agreed", 2)
    assert (found.requested_at, found.due_at) == (NOW + HOUR, NOW + HOUR + POLICY.accept_other)
    assert (scene.cases, scene.state) == (1, "waiting")


def test_the_level_that_a_worker_carries_orders_their_wish_for_a_person(scene: Scene) -> None:
    scene.says("我想自杀", HIGH)
    scene.accept()
    scene.close(ending(scene))
    assert (scene.state, scene.handoff.status) == ("bot", "closed")
    scene.asks(at=2 * HOUR)
    found = scene.handoff
    assert (scene.cases, found.reason, found.level, found.rank) == (2, "asked_for_person", "high", 1)
    assert found.due_at == NOW + 2 * HOUR + POLICY.accept_high


def test_twice_not_understood_is_looked_at_by_a_human_who_may_step_in(scene: Scene) -> None:
    scene.turn("嗯哼", signals=frozenset({"not_understood"}))
    found = scene.handoff
    assert (found.reason, found.is_live, found.due_at, scene.state) == (
        "not_understood", False, NOW + POLICY.accept_other, "bot",
    )  # fmt: skip
    assert scene.told() == []
    scene.accept()
    assert (scene.state, scene.told()) == ("bot", [])
    said = scene.do(handoffs.say, scene.lin, "c1", "你好，我看你刚才没说通。", at=2 * MINUTE)
    assert (scene.state, scene.handoff.is_live) == ("counsellor", True)
    assert scene.told()[0].startswith("现在是真人。")
    assert scene.told()[-1] == said.message.text == "你好，我看你刚才没说通。"


def test_who_accepts_takes_the_alerts_and_the_worker_is_told_by_name(scene: Scene) -> None:
    scene.says("我想自杀", HIGH)
    scene.accept()
    found = scene.handoff
    assert (found.status, found.accepted_by, found.accepted_at, found.first_accepted_at) == (
        "active", scene.lin, NOW + MINUTE, NOW + MINUTE,
    )  # fmt: skip
    assert (scene.state, found.breach_at, found.unanswered_at) == ("counsellor", None, NOW + MINUTE)
    assert scene.alerts() == [("risk", "lin")]
    told = [each for each in scene.thread.shown() if each.author in ("system", "counsellor")]
    assert told[0].text.startswith("现在是真人。")
    assert "林老师" in told[0].text
    assert (told[1].author, told[1].text) == ("counsellor", "我是林老师，做了八年热线。")
    assert told[0].custom == told[1].custom == {"kind": "counsellor", "name": "林老师"}
    assert scene.steps() == ["requested", "accepted"]


def test_cannot_accept_what_another_has(scene: Scene) -> None:
    scene.asks()
    scene.accept(scene.lin)
    with pytest.raises(AlreadyAccepted) as refused:
        scene.accept(scene.chen)
    assert refused.value.reader_text == "林老师已经先接了。"
    assert scene.accept(scene.lin, at=2 * MINUTE).accepted_at == NOW + MINUTE, "again by the same one changes nothing"
    assert scene.steps() == ["requested", "accepted"]


def test_of_two_who_accept_at_the_same_moment_one_wins(scene: Scene, pool: ThreadPoolExecutor) -> None:
    scene.asks()

    def take(person: str) -> str:
        try:
            scene.accept(person)
        except AlreadyAccepted as refused:
            return refused.reader_text
        return "taken"

    results = list(pool.map(take, [scene.lin, scene.chen, scene.lin, scene.chen]))
    assert results.count("taken") == 2, "the winner is told so both times, the other never"
    assert {each for each in results if each != "taken"} in ({"林老师已经先接了。"}, {"陈老师已经先接了。"})
    assert scene.steps().count("accepted") == 1
    assert len([text for text in scene.told() if text.startswith("现在是真人。")]) == 1


def test_cannot_accept_a_closed_case_nor_as_somebody_who_left(scene: Scene) -> None:
    scene.asks()
    with pytest.raises(NotFound):
        scene.accept("nobody")
    scene.accept()
    scene.close(TALKED)
    with pytest.raises(IllegalTransition):
        scene.accept(scene.chen, at=2 * HOUR)


def test_who_declines_gives_the_offer_back(scene: Scene) -> None:
    scene.asks()
    scene.do(handoffs.assign, scene.zhou, scene.chen, "他熟悉")
    assert scene.handoff.offered_to == scene.chen
    scene.do(handoffs.decline, scene.lin)
    assert scene.handoff.offered_to == scene.chen, "only who was asked can decline"
    scene.do(handoffs.decline, scene.chen)
    assert (scene.handoff.offered_to, scene.handoff.offer_until) == (None, None)
    assert scene.steps() == ["requested", "reassigned", "offered", "declined"]


def test_a_transfer_makes_the_worker_wait_again_and_asks_the_named_one_first(scene: Scene) -> None:
    scene.asks()
    scene.accept()
    scene.do(handoffs.transfer, scene.lin, scene.chen, "她想跟女老师说", at=10 * MINUTE)
    found = scene.handoff
    assert (found.status, found.accepted_by, found.offered_to, found.reason) == ("waiting", None, scene.chen, "transfer")
    assert (found.due_at, found.breach_at, found.tier) == (NOW + 25 * MINUTE, NOW + 25 * MINUTE, 0)
    assert (found.requested_at, found.first_accepted_at, scene.state) == (NOW, NOW + MINUTE, "waiting")
    assert "现在是真人。" not in scene.told()[-1]
    scene.accept(scene.chen, at=11 * MINUTE)
    assert scene.handoff.first_accepted_at == NOW + MINUTE
    reasons = scene.root.call_reading(lambda session: [each.reason for each in session.scalars(select(HandoffStep))])
    assert [each for each in reasons if each] == ["她想跟女老师说"]


def test_cannot_act_on_another_ones_case(scene: Scene) -> None:
    scene.asks()
    for deed, arguments in (
        (handoffs.release, ("不用了",)), (handoffs.transfer, (None, "转")), (handoffs.close, (TALKED,)),
        (handoffs.say, ("c1", "你好")),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            scene.do(deed, scene.lin, *arguments)
    scene.accept(scene.lin)
    for deed, arguments in (
        (handoffs.release, ("不用了",)), (handoffs.transfer, (None, "转")), (handoffs.close, (TALKED,)),
        (handoffs.say, ("c1", "你好")),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            scene.do(deed, scene.chen, *arguments)
    assert scene.steps() == ["requested", "accepted"]


def test_a_supervisor_takes_a_case_from_one_and_offers_it_to_another(scene: Scene) -> None:
    scene.asks()
    scene.accept(scene.lin)
    scene.do(handoffs.assign, scene.zhou, scene.chen, "林老师下班了", at=5 * MINUTE)
    found = scene.handoff
    assert (found.status, found.offered_to, scene.state) == ("waiting", scene.chen, "waiting")
    assert scene.steps() == ["requested", "accepted", "reassigned", "offered"]
    with pytest.raises(NotFound):
        scene.do(handoffs.assign, scene.zhou, "nobody", "x", at=6 * MINUTE)


def test_a_release_goes_back_to_the_program_only_when_danger_was_judged(scene: Scene) -> None:
    scene.says("我想自杀", HIGH)
    scene.accept()
    with pytest.raises(IllegalTransition) as refused:
        scene.do(handoffs.release, scene.lin, "她要先去上班", at=2 * MINUTE)
    assert "风险等级" in refused.value.reader_text
    assert scene.do(handoffs.raise_level, scene.lin, HIGH, "念头还在，身边有人", at=3 * MINUTE)
    scene.do(handoffs.release, scene.lin, "她要先去上班", at=4 * MINUTE)
    assert (scene.state, scene.handoff.status, scene.handoff.closed_by) == ("bot", "closed", scene.lin)
    assert scene.told()[-1].startswith("现在换回小程序助手")
    assert scene.handoff.outcome is None


def test_a_sign_after_the_judgement_shuts_the_way_back_again(scene: Scene) -> None:
    scene.says("我想自杀", HIGH)
    scene.accept()
    scene.do(handoffs.raise_level, scene.lin, HIGH, "念头还在", at=3 * MINUTE)
    scene.says("我想自杀", HIGH, at=4 * MINUTE)
    with pytest.raises(IllegalTransition):
        scene.do(handoffs.release, scene.lin, "她走了", at=5 * MINUTE)


def test_a_case_of_danger_does_not_close_without_what_it_needs(scene: Scene) -> None:
    scene.says("我想自杀", HIGH)
    scene.accept()
    with pytest.raises(Incomplete) as refused:
        scene.close(Closing())
    assert refused.value.fields == ["outcome", "level_after", "follow_up", "summary"]
    task = (FollowUpWish(scene.lin, NOW + 20 * HOUR),)
    with pytest.raises(Incomplete) as refused:
        scene.close(Closing(HandoffOutcome.TALKED, WATCH, "  ", None, task))
    assert refused.value.fields == ["summary"]
    for wrong in (FollowUpWish("nobody", NOW + 20 * HOUR), FollowUpWish(scene.lin, NOW)):
        with pytest.raises(Incomplete) as refused:
            scene.close(Closing(HandoffOutcome.TALKED, WATCH, "聊了", None, (wrong,)))
        assert refused.value.fields == ["follow_up"]
    assert (scene.state, scene.handoff.status) == ("counsellor", "active")


def test_an_ordinary_case_closes_with_its_outcome_alone_and_asks_how_it_was(scene: Scene) -> None:
    scene.asks()
    scene.accept()
    scene.close(TALKED)
    found = scene.handoff
    assert (found.status, found.outcome, found.closed_at, found.closed_by) == ("closed", "talked", NOW + HOUR, scene.lin)
    assert scene.state == "bot"
    ended, rating = [each for each in scene.thread.shown() if each.author == "system"][-2:]
    assert ended.text.startswith("现在换回小程序助手")
    assert rating.custom == {"kind": "rating", "handoff_id": found.id, "faces": 0}
    with pytest.raises(IllegalTransition):
        scene.close(TALKED, at=2 * HOUR)


def test_the_close_lowers_the_level_and_names_who_follows_up(scene: Scene) -> None:
    scene.says("我想自杀", HIGH)
    scene.accept()
    scene.close(ending(scene, WATCH))
    worker = scene.root.call_reading(lambda session: session.get_one(Worker, "w1"))
    tasks = scene.root.call_reading(lambda session: session.scalars(select(FollowUp).order_by(FollowUp.due_at)).all())
    assert worker.risk_level == "watch"
    assert [(each.assigned_to, each.due_at - NOW) for each in tasks[:2]] == [("lin", 20 * HOUR), ("chen", 60 * HOUR)]
    assert len(tasks) == 4, "what the crisis planned beyond them stays"
    assert scene.handoff.level_after == "watch"
    assert (scene.handoff.summary, scene.handoff.referral) == ("聊了睡眠和家里", "市精神卫生中心门诊")


def test_imminent_closes_with_the_proposal_and_stays_until_a_second_person_agrees(scene: Scene) -> None:
    scene.says("今晚就走", IMMINENT)
    scene.accept()
    assert not scene.do(handoffs.lower_level, scene.lin, HIGH, "她到朋友家了", at=2 * MINUTE)
    scene.close(ending(scene, HIGH))
    assert scene.root.call_reading(lambda session: session.get_one(Worker, "w1")).risk_level == "imminent"
    assert scene.handoff.status == "closed"
    assert scene.do(handoffs.lower_level, scene.chen, HIGH, "同意", at=2 * HOUR)
    assert scene.root.call_reading(lambda session: session.get_one(Worker, "w1")).risk_level == "high"


def test_tasks_are_planned_also_where_no_crisis_planned_any(scene: Scene) -> None:
    scene.asks()
    scene.accept()
    scene.close(Closing(HandoffOutcome.TALKED, None, "", None, (FollowUpWish(scene.chen, NOW + 48 * HOUR),)))
    (task,) = scene.root.call_reading(lambda session: session.scalars(select(FollowUp)).all())
    assert (task.assigned_to, task.due_at, task.hours, task.level) == ("chen", NOW + 48 * HOUR, 47, "none")


def test_a_review_closes_quietly(scene: Scene) -> None:
    scene.says("活着没意思", WATCH)
    scene.accept()
    assert scene.state == "bot"
    scene.close(Closing(HandoffOutcome.REVIEWED))
    assert (scene.state, scene.handoff.status, scene.told()) == ("bot", "closed", [])
    assert scene.alerts() == [("risk", "lin")]


def test_danger_while_a_review_is_read_brings_it_into_the_queue_for_the_same_reader_first(scene: Scene) -> None:
    scene.says("活着没意思", WATCH)
    scene.accept()
    scene.says("我想自杀", HIGH, at=5 * MINUTE)
    found = scene.handoff
    assert (found.status, found.is_live, found.accepted_by, found.offered_to) == ("waiting", True, None, scene.lin)
    assert (found.due_at, scene.state) == (NOW + 5 * MINUTE + POLICY.accept_high, "waiting")


def test_the_level_is_raised_with_a_reason_and_the_queue_follows(scene: Scene) -> None:
    scene.asks()
    with pytest.raises(InvalidInput):
        scene.do(handoffs.raise_level, scene.zhou, HIGH, " ")
    assert scene.do(handoffs.raise_level, scene.zhou, HIGH, "他说了遗书")
    found = scene.handoff
    assert (found.level, found.rank, found.due_at) == ("high", 1, NOW + MINUTE + POLICY.accept_high)
    with pytest.raises(IllegalTransition):
        scene.do(handoffs.raise_level, scene.zhou, WATCH, "低一点")
    with pytest.raises(IllegalTransition):
        scene.do(handoffs.lower_level, scene.zhou, IMMINENT, "高一点")
    assert scene.do(handoffs.lower_level, scene.zhou, WATCH, "核实过，是误会", at=2 * MINUTE)
    assert scene.root.call_reading(lambda session: session.get_one(Worker, "w1")).risk_level == "watch"
    assert scene.steps() == ["requested", "level", "level"]


def test_a_counsellors_word_is_stored_once_with_their_name_and_clears_the_waiting(scene: Scene) -> None:
    scene.asks()
    scene.accept()
    scene.says("在吗", at=2 * MINUTE)
    said = scene.do(handoffs.say, scene.lin, "c1", "在的，慢慢说。", at=3 * MINUTE)
    again = scene.do(handoffs.say, scene.lin, "c1", "别的字", at=4 * MINUTE)
    assert (said.is_duplicate, again.is_duplicate, again.message) == (False, True, said.message)
    assert (said.message.author, said.message.text) == ("counsellor", "在的，慢慢说。")
    assert said.message.custom == {"kind": "counsellor", "name": "林老师"}
    found = scene.handoff
    assert (found.counsellor_at, found.unanswered_at, found.worker_at) == (NOW + 3 * MINUTE, None, NOW + 2 * MINUTE)
    row = scene.root.call_reading(lambda session: session.get_one(Message, said.message.id))
    assert row.account_id == scene.lin
    with pytest.raises(InvalidInput):
        scene.do(handoffs.say, scene.lin, "c2", " ")


def test_the_worker_rates_what_is_over_and_only_their_own(scene: Scene) -> None:
    scene.asks()
    with pytest.raises(NotFound):
        scene.root.call(handoff_rating.rate, "w1", scene.id, 3, "好", NOW)
    scene.accept()
    scene.close(TALKED)
    for faces in (0, 4, -1):
        with pytest.raises(InvalidInput):
            scene.root.call(handoff_rating.rate, "w1", scene.id, faces, None, NOW)
    Scene(scene.root, "w2", is_staffed=False)
    with pytest.raises(NotFound):
        scene.root.call(handoff_rating.rate, "w2", scene.id, 3, None, NOW)
    scene.root.call(handoff_rating.rate, "w1", scene.id, 2, "  说得慢一点就好 ", NOW + 2 * HOUR)
    found = scene.handoff
    assert (found.rating, found.rating_text, found.rated_at) == (2, "说得慢一点就好", NOW + 2 * HOUR)
    cards = scene.root.call_reading(lambda session: [each.custom for each in session.scalars(select(Message))])
    assert [card["faces"] for card in cards if card and card["kind"] == "rating"] == [2]


def test_every_deed_of_the_staff_is_in_the_audit_log_without_their_words(scene: Scene) -> None:
    scene.says("我想自杀", HIGH)
    scene.accept()
    scene.do(handoffs.transfer, scene.lin, None, "悄悄话", at=2 * MINUTE)
    scene.accept(scene.chen, at=3 * MINUTE)
    scene.close(ending(scene, HIGH), scene.chen)
    entries = scene.root.call_reading(lambda session: session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all())
    deeds = [(each.actor, each.action) for each in entries if each.action.startswith("handoff.")]
    assert deeds == [
        ("lin", "handoff.accepted"), ("lin", "handoff.transferred"), ("chen", "handoff.accepted"), ("chen", "handoff.closed"),
    ]  # fmt: skip
    assert not any("悄悄话" in each.reason or "睡眠" in each.reason for each in entries)


def test_erasure_takes_the_words_and_ends_an_ordinary_wait_but_leaves_danger_to_a_human(scene: Scene) -> None:
    scene.asks()
    scene.accept()
    scene.close(Closing(HandoffOutcome.TALKED, None, "聊了家里"))
    scene.root.call(handoff_rating.rate, "w1", scene.id, 3, "谢谢", NOW)
    scene.asks(at=2 * HOUR)
    other = Scene(scene.root, "w2", is_staffed=False)
    other.says("我想自杀", HIGH)
    for worker_id in ("w1", "w2"):
        scene.root.call(records.erase, worker_id, NOW + 3 * HOUR)
    rows = scene.root.call_reading(lambda session: session.scalars(select(Handoff).order_by(Handoff.id)).all())
    assert [(each.summary, each.rating_text, each.status) for each in rows] == [
        (None, None, "closed"), (None, None, "closed"), (None, None, "waiting"),
    ]  # fmt: skip
    assert rows[0].rating == 3
    other.do(handoffs.accept, scene.lin, at=4 * HOUR)
    other.do(handoffs.close, scene.lin, Closing(HandoffOutcome.UNREACHED, HIGH, "找不到人", None, ending(scene).follow_ups),
             at=5 * HOUR)  # fmt: skip
    assert other.handoff.summary is None, "after erasure nothing is written of them"


def test_the_export_tells_of_human_help_without_the_counsellors_notes(scene: Scene) -> None:
    scene.asks()
    scene.accept()
    scene.close(Closing(HandoffOutcome.TALKED, None, "聊了家里"))
    exported = scene.root.call_reading(records.export, "w1")
    (told,) = exported["handoffs"]
    assert (told["reason"], told["outcome"], told["accepted_at"]) == ("asked_for_person", "talked", (NOW + MINUTE).isoformat())
    assert "聊了家里" not in str(exported)


def test_a_late_finding_asks_for_a_human_as_well(scene: Scene) -> None:
    received = scene.says("看起来平常")
    scene.thread.late(received.message.id, finding(HIGH), NOW + dt.timedelta(seconds=2))
    assert (scene.handoff.level, scene.handoff.message_id, scene.state) == ("high", received.message.id, "waiting")
