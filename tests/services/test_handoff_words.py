"""What a worker is told of human help: only what is true at that moment, once, and never a reader before somebody has accepted."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from ground import NOW, content, scales
from handoff_scene import HOUR, MINUTE, SECOND, Scene
from sqlalchemy import select
from worker_thread import finding

from bot.bootstrap import Root
from bot.db.staff_tables import Shift
from bot.db.tables import Message, RiskAssessment, Screening, Worker
from bot.domain.case_access import Viewer
from bot.domain.conversation import ASK_DIRECTLY, HANDOFF, Reply
from bot.domain.handoff import HandoffOutcome
from bot.domain.handoff_talk import HANDOFF_PAYLOAD
from bot.domain.risk import RiskLevel
from bot.services import console_cases, handoffs, threads
from bot.services.handoffs import Closing

NONE, WATCH, HIGH, IMMINENT = RiskLevel.NONE, RiskLevel.WATCH, RiskLevel.HIGH, RiskLevel.IMMINENT
LINES, BUTTONS = content().handoff.lines, content().handoff.buttons


@pytest.fixture
def scene(sqlite_root: Root) -> Scene:
    return Scene(sqlite_root)


def cards(bubbles: list[Any], kind: str = "waiting") -> list[dict[str, Any]]:
    return [each.custom for each in bubbles if each.custom and each.custom["kind"] == kind]


def is_of(text: str, *moments: str) -> bool:
    """Whether this is a filled wording of one of these moments."""
    starts = [wording.split("{")[0] for moment in moments for wording in LINES[moment]]
    return any(text.startswith(start) for start in starts if start)


def shifts(scene: Scene, start_minute: int) -> None:
    """The counsellor works every day from this minute of the Shanghai day for an hour."""

    def work(session: Any) -> None:
        for weekday in range(1, 8):
            session.add(Shift(account_id=scene.lin, weekday=weekday, start_minute=start_minute, end_minute=start_minute + 60))
        session.commit()

    scene.root.call(work)


def test_with_somebody_on_duty_the_place_is_told_and_the_way_back(scene: Scene) -> None:
    scene.here(SECOND * 0, scene.lin)
    said = scene.asks()
    assert said[0].text == "嗯", "Rasa's words first"
    (card,) = cards(said)
    assert card == {
        "kind": "waiting", "place": 1, "level": "none", "on_duty": True, "next_at": None, "can_cancel": True,
    }  # fmt: skip
    assert is_of(said[1].text, "next")
    assert said[1].buttons == (BUTTONS["grounding"], BUTTONS["numbers"], BUTTONS["cancel"])
    other = Scene(scene.root, "w2", is_staffed=False)
    (behind,) = cards(other.asks(at=SECOND))
    assert behind["place"] == 2


def test_it_is_told_once_and_again_only_when_it_becomes_danger(scene: Scene) -> None:
    scene.here(SECOND * 0, scene.lin)
    scene.asks()
    assert cards(scene.asks(at=SECOND)) == []
    scene.here(10 * SECOND, scene.lin)
    said = scene.turn("我想自杀", HIGH, at=10 * SECOND)
    (card,) = cards(said)
    assert (card["level"], card["can_cancel"]) == ("high", False)
    assert said[0].custom == card, "before Rasa's question"
    assert said[0].buttons == (), "the buttons of an open question stay the last ones"
    assert cards(scene.turn("今晚就走", IMMINENT, at=20 * SECOND)) == []


def test_nobody_on_duty_is_said_with_the_time_where_the_worker_is(scene: Scene) -> None:
    shifts(scene, 14 * 60)
    said = scene.asks()
    (card,) = cards(said)
    assert (card["on_duty"], card["next_at"]) == (False, (NOW + 2 * HOUR).isoformat())
    assert "今天14:00" in said[1].text
    abroad = Scene(scene.root, "w2", is_staffed=False)
    abroad.thread.receive("想找人说说", "x1", timezone="Africa/Lagos")

    def moved(session: Any) -> None:
        session.get_one(Worker, "w2").timezone = "Africa/Lagos"
        session.commit()

    scene.root.call(moved)
    assert "今天7:00" in abroad.asks()[1].text


def test_who_says_they_are_abroad_gets_no_time_that_may_be_wrong(scene: Scene) -> None:
    shifts(scene, 14 * 60)
    scene.says("我在尼日利亚工地上")
    said = scene.asks()
    assert is_of(said[1].text, "off_duty_unknown")


def test_in_danger_with_nobody_on_duty_nothing_sounds_as_if_somebody_read(scene: Scene) -> None:
    said = scene.turn("我想自杀", HIGH)
    (card,) = cards(said)
    assert (card["on_duty"], card["can_cancel"]) == (False, False)
    assert is_of(said[0].text, "danger_off_duty_unknown")
    assert said[1].text == "嗯", "the fixed text has just given the numbers"
    for moment in ("danger", "danger_off_duty", "danger_off_duty_unknown", "numbers", "late_danger"):
        assert not any(word in text for text in LINES[moment] for word in ("会看到", "正在看", "马上就来", "已经看到")), moment


def test_who_carries_danger_and_wants_a_person_gets_the_numbers_where_nobody_is_on_duty(scene: Scene) -> None:
    scene.says("我想自杀", HIGH)
    scene.accept()
    scene.do(handoffs.raise_level, scene.lin, HIGH, "还在", at=2 * MINUTE)
    scene.do(handoffs.release, scene.lin, "她去上班了", at=3 * MINUTE)
    _, told, numbers = scene.asks(at=HOUR)
    assert is_of(told.text, "danger_off_duty_unknown")
    assert "120" in numbers.text
    assert cards([numbers], "hotlines")[0]["lines"][0]["number"] == "120"


def test_no_wording_promises_or_holds_what_a_safety_reply_must_not() -> None:
    every = [text for wordings in LINES.values() for text in wordings]
    for word in ("24小时", "保证", "放心，没事", "已经在路上", "一定会好", "想想你"):
        assert not any(word in text for text in every), word


def test_the_way_back_is_open_while_there_is_no_danger(scene: Scene) -> None:
    said = scene.asks()
    payload = scene.root.call_reading(threads.choice, scene.thread.id, said[1].id, 2)[1]
    assert json.loads(payload.removeprefix(HANDOFF_PAYLOAD)) == {"do": "cancel", "handoff": scene.id}
    received = scene.says(BUTTONS["cancel"], payload=payload, at=MINUTE)
    assert is_of(received.replies[0].text, "cancelled")
    assert received.step.voice.value == "silent"
    assert (scene.state, scene.handoff.status, scene.steps()) == ("bot", "closed", ["requested", "released"])
    assert scene.alerts() == [("asked_for_person", "worker")]
    again = scene.says(BUTTONS["cancel"], payload=payload, at=2 * MINUTE)
    assert is_of(again.replies[0].text, "nothing_to_cancel")


@pytest.mark.parametrize(
    "words", ["取消等待", "不等了", "我不等了。", "别等了吧", "算了 不等了", "算了，我不等啦", "不用叫人了", "别找真人了吧"]
)
def test_the_way_back_may_be_typed_while_one_waits(scene: Scene, words: str) -> None:
    assert scene.says(words).replies == (), "nobody waits yet"
    scene.asks()
    assert is_of(scene.says(words, at=MINUTE).replies[0].text, "cancelled")
    assert scene.state == "bot"


def test_words_that_only_sound_like_it_cancel_nothing(scene: Scene) -> None:
    scene.asks()
    scene.says("我老公说他不等了，要离婚", at=MINUTE)
    assert scene.state == "waiting"


def test_in_danger_only_a_human_ends_the_waiting(scene: Scene) -> None:
    scene.says("我想自杀", HIGH)
    received = scene.says("取消等待", at=MINUTE)
    assert is_of(received.replies[0].text, "cannot_cancel")
    assert (scene.state, scene.handoff.status) == ("waiting", "waiting")
    received = scene.says("不等了，今晚就走", IMMINENT, at=2 * MINUTE)
    assert received.replies[0].author == "safety", "danger goes before any wish"


def test_a_watch_that_is_waited_for_no_longer_is_read_all_the_same(scene: Scene) -> None:
    scene.turn("活着没意思", WATCH)
    scene.asks()
    received = scene.says("不等了", at=MINUTE)
    assert is_of(received.replies[0].text, "cancelled_review")
    assert (scene.state, scene.handoff.status, scene.handoff.is_live) == ("bot", "waiting", False)


def test_while_one_waits_the_program_holds_the_line_and_all_is_kept(scene: Scene) -> None:
    scene.asks()
    said = scene.turn("其实是跟班长吵了一架", at=MINUTE)
    assert [each.text for each in said] == ["嗯"]
    assert scene.handoff.worker_at == NOW + MINUTE


def test_while_a_counsellor_leads_a_message_is_kept_screened_and_answered_by_nobody_else(scene: Scene) -> None:
    scene.asks()
    scene.accept()
    received = scene.says("活着没意思", WATCH, at=2 * MINUTE)
    assert (received.replies, received.is_over, received.is_claimed) == ((), True, False)
    row = scene.root.call_reading(lambda session: session.get_one(Message, received.message.id))
    assert row.turn_state == "answered"
    level = scene.root.call_reading(lambda session: session.scalars(select(RiskAssessment.level)).all())[-1]
    assert level == "watch"
    assert scene.alerts()[-1] == ("risk", None)
    assert scene.handoff.unanswered_at == NOW + MINUTE, "since the acceptance: nothing was said yet"


def test_danger_that_rises_above_the_case_gets_the_fixed_text_even_beside_a_counsellor(scene: Scene) -> None:
    scene.asks()
    scene.accept()
    received = scene.says("我想自杀", HIGH, at=2 * MINUTE)
    assert {each.author for each in received.replies} == {"safety"}
    assert (scene.handoff.level, scene.handoff.reason, scene.handoff.rank) == ("high", "high", 1)
    assert (scene.state, scene.steps()[-1]) == ("counsellor", "level")
    assert scene.says("我想自杀", HIGH, at=3 * MINUTE).replies == (), "the counsellor knows"
    received = scene.says("今晚就走", IMMINENT, at=4 * MINUTE)
    assert "120" in received.replies[0].text


def test_a_late_finding_beside_a_counsellor_is_treated_the_same(scene: Scene) -> None:
    scene.asks()
    scene.accept()
    received = scene.says("看起来平常", at=2 * MINUTE)
    said = scene.thread.late(received.message.id, finding(HIGH), NOW + 2 * MINUTE)
    assert {each.author for each in said} == {"safety"}
    assert scene.thread.late(received.message.id, finding(WATCH), NOW + 3 * MINUTE) == ()


def test_a_yes_to_a_direct_question_counts_beside_a_counsellor_but_nothing_is_asked_on(scene: Scene) -> None:
    asked = scene.turn("真想一了百了", signals=frozenset({ASK_DIRECTLY, HANDOFF}))
    question = next(each for each in asked if each.buttons[:1] == ("有",))
    scene.accept()
    payload = scene.root.call_reading(threads.choice, scene.thread.id, question.id, 0)[1]
    received = scene.says("有", payload=payload, at=2 * MINUTE)
    assert received.replies == ()
    assert scene.root.call_reading(lambda session: session.scalars(select(RiskAssessment.level)).all())[-1] == "watch"
    assert scene.says("有", at=3 * MINUTE).step.finding.level is NONE, "typed words are for the counsellor"


def test_other_buttons_of_the_program_are_only_words_beside_a_counsellor(scene: Scene) -> None:
    scene.asks()
    scene.accept()
    for number, payload in enumerate(
        ('/plan{"do": "begin"}', '/screening{"do": "begin", "questionnaire": "phq-9"}', "/just_listen")
    ):
        received = scene.says(f"按钮{number}", payload=payload, at=2 * MINUTE)
        assert (received.replies, received.is_over) == ((), True)
    assert scene.root.call_reading(lambda session: session.scalars(select(Screening.id)).all()) == []


def test_what_rasa_answers_after_a_person_came_is_not_said(scene: Scene) -> None:
    received = scene.says("我想找真人", at=SECOND)
    waiting = scene.asks(at=2 * SECOND)
    assert waiting
    scene.accept(at=3 * SECOND)
    assert scene.thread.answer(received, Reply("我在听"), now=NOW + 4 * SECOND) == ()
    assert scene.told()[-1] == "我是林老师，做了八年热线。"


def test_after_the_end_the_program_answers_again_and_a_new_wish_is_a_new_case(scene: Scene) -> None:
    scene.asks()
    scene.accept()
    scene.close(Closing(HandoffOutcome.TALKED))
    said = scene.turn("嗯，好多了", at=2 * HOUR)
    assert [each.text for each in said] == ["嗯"]
    scene.asks(at=3 * HOUR)
    assert (scene.cases, scene.state) == (2, "waiting")


def test_the_topic_is_what_was_understood_first(scene: Scene) -> None:
    scene.asks()
    for number, intent in enumerate(("greet", "work_stress", "grief")):
        received = scene.says("说", at=number * MINUTE)

        def answered(session: Any, message_id: int = received.message.id, intent: str = intent) -> None:
            handoffs.note_topic(session, scene.thread.id, intent)
            session.commit()

        scene.root.call(answered)
    assert scene.handoff.topic == "work_stress"


def test_a_run_by_invitation_goes_on_beside_a_counsellor(scene: Scene) -> None:
    scene.asks()
    scene.accept()
    viewer = Viewer(scene.lin, "lin", "counsellor")
    scene.root.call(console_cases.invite, viewer, scene.id, "phq-9", scales(), (), NOW + 2 * MINUTE)
    invited = next(each for each in reversed(scene.thread.shown()) if each.buttons)
    begins = scene.root.call_reading(threads.choice, scene.thread.id, invited.id, 0)
    received = scene.says(begins[0], payload=begins[1], at=3 * MINUTE)
    assert received.is_over
    assert len(received.replies) > 0, "the engine leads on"
    assert scene.says("同意，开始", at=4 * MINUTE).replies != ()
    item = scene.says("完全不会", at=4 * MINUTE)
    assert [each.author for each in item.replies] == ["bot"] * len(item.replies)
    assert item.replies != ()
    story = scene.says("其实我今天想先跟你说说我妈的事，她前天又住院了，我请不了假", at=5 * MINUTE)
    assert story.replies == (), "a story is for the counsellor"
    alarm = scene.says("我想自杀", HIGH, at=6 * MINUTE)
    assert {each.author for each in alarm.replies} == {"safety"}


def test_whom_one_would_rather_speak_with_is_kept(scene: Scene) -> None:
    scene.turn("想找个女咨询师", signals=frozenset({HANDOFF}))
    scene.asks(at=MINUTE)
    assert scene.handoff.wanted_gender == "female"


def test_the_lines_take_turns_from_case_to_case(scene: Scene) -> None:
    seen = set()
    for number in range(3):
        other = Scene(scene.root, f"x{number}", is_staffed=False)
        seen.add(other.asks()[1].text)
    assert len(seen) == 3


def test_a_transferred_worker_is_told_that_it_is_the_program_again(scene: Scene) -> None:
    scene.here(10 * MINUTE, scene.lin, scene.chen)
    scene.asks()
    scene.accept()
    scene.do(handoffs.transfer, scene.lin, None, "换人", at=10 * MINUTE)
    passed_on, waiting = [each for each in scene.thread.shown() if each.author == "system"][-2:]
    assert is_of(passed_on.text, "passed_on")
    assert waiting.custom["kind"] == "waiting"
    assert dt.timedelta(0) < scene.handoff.due_at - NOW
