"""Bad input to a screening through the whole receipt of a message: each gets a clear answer or a right result, nothing is lost."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from ground import NOW, care, content
from sqlalchemy import select
from test_screening_turns import Talk, runs, texts
from test_screenings import Desk
from worker_thread import CALM, SHANGHAI, Thread

from bot.db.tables import Screening
from bot.domain.questionnaire_definition import Questionnaire
from bot.domain.screening import Said, advance
from bot.domain.screening_state import RunStatus, ScreeningState
from bot.domain.screening_talk import Paper
from bot.services import conversations, screenings
from bot.services.conversations import Inbound, Received
from bot.services.turn_steps import Care


def state(thread: Thread) -> ScreeningState:
    query = select(Screening.state).order_by(Screening.started_at.desc()).limit(1)
    return ScreeningState.from_json(thread.root.call_reading(lambda session: session.scalars(query).one()))


def payload(thread: Thread, **data: Any) -> str:
    named = {"questionnaire": "phq-9", "run": state(thread).run_id, "item": "2", "score": 1, **data}
    return "/screening" + json.dumps(named)


@pytest.mark.parametrize(
    "data",
    [
        {"score": 4}, {"score": -1}, {"score": 10**30}, {"score": "1"}, {"score": True}, {"score": None}, {"score": 1.0}, {"item": "99"}, {"item": None},
        {"item": "F"}, {"item": "_sex"}, {"questionnaire": "gad-7"}, {"run": "f" * 32}, {"run": 7}, {"do": "fly"}, {"do": ["skip"]},
    ],
)  # fmt: skip
def test_a_button_with_a_wrong_value_changes_no_answer_and_the_question_stands(thread: Thread, data: dict[str, Any]) -> None:
    talk = Talk(thread)
    talk.begin_phq9()
    talk.press("几乎每天")
    before = state(thread)
    received = thread.receive("几乎每天", "bad", payload=payload(thread, **data))
    thread.answer(received)
    after = state(thread)
    assert (after.answers, after.place, after.status) == (before.answers, before.place, before.status)
    talk.press("好几天")
    assert state(thread).answers == {"1": 3, "2": 1}


@pytest.mark.parametrize("said", ["/screening", "/screening{", "/screening[]", "/screeningnull", "/screening7", "/screening{}"])
def test_a_button_that_says_nothing_readable_is_taken_like_any_that_does_not_fit(thread: Thread, said: str) -> None:
    talk = Talk(thread)
    talk.begin_phq9()
    received = thread.receive("几乎每天", "bad", payload=said)
    thread.answer(received)
    assert state(thread).answers == {}
    talk.press("好几天")
    assert state(thread).answers == {"1": 1}


def test_two_tabs_that_answer_one_question_at_once_give_one_answer_and_one_next_question(thread: Thread) -> None:
    talk = Talk(thread)
    talk.begin_phq9()
    pressed = [payload(thread, item="1", score=score) for score in (0, 3)]

    def press(number: int) -> Received:
        inbound = Inbound(thread.id, thread.worker_id, "web", f"tab{number}", "按钮", pressed[number])
        return thread.root.call(conversations.receive, inbound, CALM, care(), SHANGHAI, NOW)  # type: ignore[no-any-return]

    with ThreadPoolExecutor(2) as tabs:
        received = list(tabs.map(press, range(2)))
    assert state(thread).answers in ({"1": 0}, {"1": 3})
    assert state(thread).place == "2"
    assert all("感到心情低落" in texts(each) for each in received)
    told = [any(line in texts(each) for line in content().screening.lines["late"]) for each in received]
    assert sorted(told) == [False, True], "one of the two is told that it did not count"


def test_the_same_press_sent_twice_is_one_answer(thread: Thread) -> None:
    talk = Talk(thread)
    talk.begin_phq9()
    said = payload(thread, item="1", score=2)
    first, second = (thread.receive("按钮", "same", payload=said) for _ in range(2))
    assert (first.is_duplicate, second.is_duplicate) == (False, True)
    assert state(thread).answers == {"1": 2}
    assert state(thread).place == "2"


def _changed(questionnaire: Questionnaire) -> Questionnaire:
    """Another content under the same version: an option less, other words, another score."""
    item = replace(questionnaire.items[1], text="另一道题", options=questionnaire.items[1].options[:2])
    return replace(questionnaire, items=(questionnaire.items[0], item, *questionnaire.items[2:]))


def test_a_definition_that_changes_between_start_and_finish_leaves_the_run_as_it_began(thread: Thread) -> None:
    talk = Talk(thread)
    talk.begin_phq9()
    talk.answer("好几天")
    scales = care().scales
    assert scales is not None
    today = replace(scales, questionnaires={**scales.questionnaires, "phq-9": _changed(scales.questionnaires["phq-9"])})
    later = replace(care(), scales=today)
    for number in range(2, 10):
        _receive(thread, f"n{number}", payload(thread, item=str(number), score=0), later)
    last = _receive(thread, "f", payload(thread, item="F", score=0), later)
    assert "1分" in texts(last)
    assert runs(thread) == [("phq-9", "finished")]


def _receive(thread: Thread, external_id: str, said: str, chosen: Care) -> Received:
    inbound = Inbound(thread.id, thread.worker_id, "web", external_id, "按钮", said)
    return thread.root.call(conversations.receive, inbound, CALM, chosen, SHANGHAI, NOW)  # type: ignore[no-any-return]


def test_a_questionnaire_of_two_thousand_items_is_kept_and_scored(thread: Thread) -> None:
    desk = Desk(thread)
    old = desk.today["ucla-3"]
    assert old.total is not None
    items = tuple(replace(old.items[0], link_id=str(number)) for number in range(1, 2001))
    total = replace(old.total, link_ids=tuple(item.link_id for item in items), lowest=2000, highest=6000, bands=())
    long = replace(old, items=items, total=total, suggestions=(), alerts=(), cutoffs=())
    desk.today = {**desk.today, "ucla-3": long}
    desk.begin("ucla-3")
    desk.say("同意")
    run = desk.current()
    assert run is not None
    nearly = replace(run.state, answers=dict.fromkeys((str(number) for number in range(1, 2000)), 2), place="2000")
    started = time.process_time()
    paper = Paper(long, care().scales.messages)  # type: ignore[union-attr]
    desk._keep(advance(nearly, Said("经常"), paper), long)
    assert time.process_time() - started < 1.0
    (result,) = desk.results()
    assert result.scales["total"]["value"] == 2 * 1999 + 3
    kept = thread.root.call_reading(screenings.run_of, "w1", run.state.run_id, desk.today)
    assert (kept.state.status, len(kept.state.answers)) == (RunStatus.FINISHED, 2000)
