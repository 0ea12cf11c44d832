"""Runs of questionnaires in the database: kept turn by turn, resumed anywhere, listed, shared, deleted, exported and erased."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import pytest
from ground import NOW, content
from sqlalchemy import LargeBinary, func, select, type_coerce
from worker_thread import Thread

from bot.db.tables import Consent, QuestionnaireVersion, Screening
from bot.domain.errors import NotFound
from bot.domain.questionnaire_definition import Questionnaire
from bot.domain.screening import Said, advance, begin, offer, pause, resume
from bot.domain.screening_state import RunStatus
from bot.domain.screening_talk import Paper, ScreeningTurn
from bot.questionnaires.files import load_questionnaires
from bot.services import records, screenings
from bot.settings import ROOT

DAY = dt.timedelta(days=1)


@lru_cache(maxsize=1)
def scales() -> dict[str, Questionnaire]:
    return load_questionnaires(ROOT / "content")


class Desk:
    """What a gateway does with a screening, one commit a turn."""

    def __init__(self, thread: Thread) -> None:
        self.thread = thread
        self.now = NOW
        self.today = scales()

    def _keep(self, turn: ScreeningTurn, questionnaire: Questionnaire) -> ScreeningTurn:
        def work(session: Any) -> None:
            arguments = (self.thread.worker_id, self.thread.id, turn, questionnaire, self.now)
            screenings.keep(session, *arguments, consent_version="2026-11")
            session.commit()

        self.thread.root.call(work)
        return turn

    def current(self) -> screenings.Run | None:
        return self.thread.root.call_reading(screenings.current, self.thread.worker_id, self.today, self.now)

    def begin(self, name: str, start: Callable[..., ScreeningTurn] = begin) -> str:
        has_consent = self.thread.root.call_reading(screenings.has_consent, self.thread.worker_id)
        run_id = uuid.uuid4().hex
        self._keep(start(Paper(self.today[name], content().screening), run_id, has_consent=has_consent), self.today[name])
        return run_id

    def say(self, words: str, now: dt.datetime | None = None) -> ScreeningTurn:
        self.now = now or self.now
        run = self.current()
        assert run is not None
        turn = advance(run.state, Said(words), Paper(run.questionnaire, content().screening))
        return self._keep(turn, run.questionnaire)

    def go_through(self, name: str, words: str) -> str:
        run_id = self.begin(name)
        if self.say(words).state.status is RunStatus.CONSENTING or not self.thread.root.call_reading(
            screenings.has_consent, self.thread.worker_id
        ):
            self.say("同意")
        while (run := self.current()) is not None and run.state.status is RunStatus.ASKING:
            self.say(words)
        return run_id

    def results(self) -> list[screenings.Result]:
        return self.thread.root.call_reading(screenings.results, self.thread.worker_id)


@pytest.fixture
def desk(thread: Thread) -> Desk:
    return Desk(thread)


def test_consent_to_assessment_is_kept_once_and_apart_from_the_chat(desk: Desk) -> None:
    assert not desk.thread.root.call_reading(screenings.has_consent, "w1")
    desk.begin("gad-7")
    desk.say("同意")
    assert desk.thread.root.call_reading(screenings.has_consent, "w1")
    desk.begin("phq-4")
    run = desk.current()
    assert run is not None
    assert run.state.status is RunStatus.ASKING
    consents = desk.thread.root.call_reading(lambda session: session.scalars(select(Consent.kind)).all())
    assert sorted(consents) == ["assessment", "chat"]


def test_a_run_goes_on_the_next_day_at_the_same_question_and_is_scored_from_what_was_kept(desk: Desk) -> None:
    desk.begin("gad-7")
    desk.say("同意")
    for _ in range(3):
        desk.say("几乎每天")
    desk.say("先停一下")
    desk.now = NOW + DAY
    run = desk.current()
    assert run is not None
    assert (run.state.status, run.state.place) == (RunStatus.PAUSED, "4")
    desk.say("接着做测评")
    for _ in range(4):
        desk.say("好几天")
    (result,) = desk.results()
    assert result.scales["total"]["value"] == 13
    assert (result.scales["total"]["band"], result.scales["total"]["highest"]) == ("moderate", 21)
    assert result.finished_at == NOW + DAY


def test_a_run_left_for_long_is_not_gone_on_with(desk: Desk) -> None:
    desk.begin("gad-7")
    desk.say("同意")
    desk.now = NOW + screenings.RESTS
    assert desk.current() is None


def test_a_second_run_lets_the_first_wait(desk: Desk) -> None:
    first = desk.begin("gad-7")
    desk.say("同意")
    desk.say("几乎每天")
    desk.now += dt.timedelta(minutes=1)
    second = desk.go_through("phq-4", "完全不会")
    waiting = desk.thread.root.call_reading(screenings.run_of, "w1", first, scales())
    assert (waiting.state.status, waiting.state.answers) == (RunStatus.PAUSED, {"1": 3})
    current = desk.current()
    assert current is not None
    assert current.state.run_id == second  # the question of sharing is open
    desk.say("不用")
    current = desk.current()
    assert current is not None
    assert current.state.run_id == first


def test_going_on_with_an_older_run_lets_the_newer_wait(desk: Desk) -> None:
    first = desk.begin("gad-7")
    desk.say("同意")
    second = desk.begin("phq-4")
    run = desk.thread.root.call_reading(screenings.run_of, "w1", first, scales())
    desk._keep(resume(run.state, Paper(run.questionnaire, content().screening)), run.questionnaire)
    newer = desk.thread.root.call_reading(screenings.run_of, "w1", second, scales())
    assert newer.state.status is RunStatus.PAUSED


def test_an_offer_waits_to_be_taken(desk: Desk) -> None:
    desk.begin("gad-7", offer)
    assert desk.say("好").state.status is RunStatus.CONSENTING


def test_a_run_keeps_the_version_it_began_with(desk: Desk) -> None:
    desk.begin("gad-7")
    desk.say("同意")
    desk.say("几乎每天")
    old = scales()["gad-7"]
    items = (replace(old.items[0], text="全新的第一题"), *old.items[1:3])
    desk.today = {**scales(), "gad-7": replace(old, items=items)}  # somebody forgot to raise the version
    run = desk.current()
    assert run is not None
    assert run.questionnaire == old
    for _ in range(6):
        desk.say("完全不会")
    assert desk.results()[0].scales["total"]["value"] == 3
    desk.say("不用")
    desk.begin("gad-7")
    run = desk.current()
    assert run is not None
    assert run.questionnaire == desk.today["gad-7"]
    count = desk.thread.root.call_reading(
        lambda session: session.scalar(select(func.count()).select_from(QuestionnaireVersion))
    )
    assert count == 2


def test_results_come_in_order_and_say_which_overlap(desk: Desk) -> None:
    for days, words in ((0, "几乎每天"), (5, "好几天"), (30, "完全不会")):
        desk.now = NOW + days * DAY
        desk.go_through("phq-4", words)
    found = desk.results()
    assert [each.scales["total"]["value"] for each in found] == [12, 4, 0]
    assert [each.is_overlapping for each in found] == [False, True, False]
    assert {each.total for each in found} == {"total"}


def test_a_result_is_shared_by_the_worker_alone_and_can_be_taken_back(desk: Desk) -> None:
    desk.go_through("gad-7", "好几天")
    assert desk.results()[0].shared_at is None
    desk.say("给咨询师看")
    assert desk.results()[0].shared_at == NOW


def test_one_run_can_be_deleted_and_only_by_its_worker(desk: Desk) -> None:
    run_id = desk.go_through("gad-7", "好几天")
    other = Thread(desk.thread.root, "w2")
    with pytest.raises(NotFound):
        other.root.call(screenings.delete_run, "w2", run_id)
    with pytest.raises(NotFound):
        other.root.call_reading(screenings.run_of, "w2", run_id, scales())
    desk.thread.root.call(screenings.delete_run, "w1", run_id)
    assert desk.results() == []


def test_another_worker_can_not_write_into_a_run(desk: Desk) -> None:
    run_id = desk.begin("gad-7")
    other = Desk(Thread(desk.thread.root, "w2"))
    run = desk.thread.root.call_reading(screenings.run_of, "w1", run_id, scales())
    with pytest.raises(NotFound):
        other._keep(ScreeningTurn(pause(run.state)), run.questionnaire)


def test_answers_and_results_are_sealed(desk: Desk) -> None:
    desk.go_through("gad-7", "几乎每天")

    def raw(session: Any) -> bytes:
        columns = (type_coerce(Screening.state, LargeBinary), type_coerce(Screening.result, LargeBinary))
        return b"".join(bytes(value) for value in session.execute(select(*columns)).one())

    stored = desk.thread.root.call_reading(raw)
    assert b"answers" not in stored
    assert b"severe" not in stored
    before = stored
    desk.thread.root.call(records.reseal)
    assert desk.thread.root.call_reading(raw) != before
    assert desk.results()[0].scales["total"]["value"] == 21


def test_the_export_holds_answers_and_results_and_erasure_removes_them(desk: Desk) -> None:
    desk.go_through("gad-7", "几乎每天")
    (row,) = json.loads(json.dumps(desk.thread.root.call_reading(records.export, "w1")))["screenings"]
    assert row["questionnaire"] == "gad-7"
    assert row["answers"] == {str(number): 3 for number in range(1, 8)}
    assert row["result"]["scales"]["total"]["value"] == 21
    desk.thread.root.call(records.erase, "w1", NOW)
    assert desk.thread.root.call_reading(lambda session: session.scalars(select(Screening)).all()) == []
