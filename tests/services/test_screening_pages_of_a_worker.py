"""The page of screenings: what is listed, results with their bands, sharing, and beginning or going on from there."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace
from typing import Any

import pytest
from ground import NOW, care, desk, scales
from sqlalchemy import select
from worker_thread import Thread, finding

from bot.db.tables import Screening
from bot.domain.errors import InvalidInput, NotFound, UnknownChoice
from bot.domain.risk import RiskFinding, RiskLevel
from bot.domain.screening import offer
from bot.domain.screening_talk import Paper
from bot.services import conversations, screening_pages, screenings, threads
from bot.services.conversations import Inbound, Received

DAY = dt.timedelta(days=1)
_numbers = itertools.count()


class Desk:
    """A worker at the page: looks, begins by its button, answers by the buttons in the thread."""

    def __init__(self, thread: Thread) -> None:
        self.thread = thread
        self.now = NOW
        self.scales = scales()

    def _look(self, work: Any, *arguments: Any) -> Any:
        return self.thread.root.call_reading(work, self.thread.worker_id, *arguments, self.scales, self.now)

    def list(self) -> dict[str, dict[str, Any]]:
        return {each["id"]: each for each in self._look(screening_pages.overview)}

    def page(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self._look(screening_pages.detail, name)
        return found

    def wish(self, name: str) -> tuple[str, str]:
        arguments = (self.thread.worker_id, self.thread.id, name, desk(), self.scales, self.now)
        return self.thread.root.call_reading(screening_pages.wish, *arguments)

    def begin(self, name: str) -> Received:
        text, payload = self.wish(name)
        return self._receive(text, payload)

    def press(self, *titles: str) -> Received:
        for title in titles:
            shown = [each for each in self.thread.shown() if title in each.buttons][-1]
            chosen = (self.thread.id, shown.id, shown.buttons.index(title))
            last = self._receive(*self.thread.root.call_reading(threads.choice, *chosen))
        return last

    def _receive(self, text: str, payload: str) -> Received:
        received = self.thread.receive(text, f"p{next(_numbers)}", now=self.now, payload=payload)
        self.thread.answer(received, *received.step.after, now=self.now)
        return received

    def fill_in(self, name: str, *titles: str) -> str:
        """A whole run, begun from the page; gives its id."""
        begun = self.begin(name)
        if "同意，开始" in begun.replies[-1].buttons:
            self.press("同意，开始")
        self.press(*titles)
        return str(self.page(name)["runs"][-1]["run_id"])

    def invite(self, name: str) -> str:
        """What a counsellor's invitation leaves behind."""
        run_id = f"{next(_numbers):032x}"
        definition = self.scales.questionnaires[name]
        turn = offer(Paper(definition, self.scales.messages), run_id, has_consent=True, is_invited=True)

        def work(session: Any) -> None:
            kept = (self.thread.worker_id, self.thread.id, turn, definition, self.now)
            screenings.keep(session, *kept, consent_version="2026-11")
            session.commit()

        self.thread.root.call(work)
        return run_id

    def share(self, run_id: str, at: dt.datetime | None, worker_id: str = "w1") -> None:
        self.thread.root.call(screenings.share, worker_id, run_id, at)


@pytest.fixture
def at_page(thread: Thread) -> Desk:
    return Desk(thread)


def _texts(received: Received) -> str:
    return " ".join(reply.text for reply in received.replies)


def test_the_list_names_what_may_be_begun_and_nothing_that_may_not(at_page: Desk) -> None:
    found = at_page.list()
    assert list(found) == ["phq-4", "phq-9", "gad-7", "k6"]
    assert found["phq-9"]["minutes"] == 3
    assert found["phq-9"]["says"] == "我想做“抑郁症状九题”"
    assert found["phq-9"]["purpose"]
    assert (found["phq-9"]["waiting"], found["phq-9"]["last"]) == (None, None)
    at_page.scales = replace(scales(), offered=scales().offered | {"who-5"})
    assert "who-5" in at_page.list()


@pytest.mark.parametrize("name", ["who-5", "dass-21", "pc-ptsd-5", "asq", "no-such-thing", ""])
def test_cannot_begin_what_is_off_or_not_asked_for_by_a_counsellor(at_page: Desk, name: str) -> None:
    with pytest.raises(UnknownChoice) as refused:
        at_page.wish(name)
    assert "测评" in refused.value.reader_text
    with pytest.raises(NotFound):
        at_page.page(name)


def test_a_run_begun_from_the_page_is_the_one_of_the_thread_and_asks_consent_first(at_page: Desk) -> None:
    begun = at_page.begin("phq-4")
    assert begun.message.text == "我想做“情绪四题”"
    assert "如果你的回答提到伤害自己，值班咨询师会看到并联系你" in _texts(begun)
    assert at_page.list()["phq-4"]["waiting"]["answered"] == 0
    at_page.press("同意，开始", "好几天", "完全不会")
    waiting = at_page.list()["phq-4"]
    assert (waiting["waiting"]["answered"], waiting["waiting"]["of"]) == (2, 4)
    assert waiting["says"] == "接着做“情绪四题”"


def test_a_run_that_waits_is_taken_up_at_its_question_also_behind_a_newer_one(at_page: Desk) -> None:
    at_page.begin("gad-7")
    at_page.press("同意，开始", "好几天", "好几天")
    at_page.now += dt.timedelta(minutes=5)
    at_page.begin("phq-4")
    resumed = at_page.begin("gad-7")
    assert "不能够停止或控制担忧" not in _texts(resumed)
    assert "对各种各样的事情担忧过多" in _texts(resumed)
    runs = at_page.thread.root.call_reading(
        lambda session: list(session.execute(select(Screening.questionnaire, Screening.status)))
    )
    assert sorted(map(tuple, runs)) == [("gad-7", "asking"), ("phq-4", "paused")]


def test_a_run_in_the_middle_of_consent_is_not_begun_twice(at_page: Desk) -> None:
    at_page.begin("phq-4")
    again = at_page.begin("phq-4")
    assert "同意，开始" in again.replies[-1].buttons
    assert len(at_page.thread.root.call_reading(lambda session: session.scalars(select(Screening)).all())) == 1


def test_a_run_left_for_more_than_a_week_is_begun_anew(at_page: Desk) -> None:
    at_page.begin("gad-7")
    at_page.press("同意，开始", "好几天")
    at_page.now += screenings.RESTS
    assert at_page.list()["gad-7"]["waiting"] is None
    assert at_page.wish("gad-7")[0] == "我想做“焦虑症状七题”"


def test_cannot_begin_while_a_direct_question_is_open(at_page: Desk) -> None:
    watched = at_page.thread.receive("活着没意思", "d1", finding(RiskLevel.WATCH))
    at_page.thread.answer(watched, *watched.step.after)
    with pytest.raises(UnknownChoice) as refused:
        at_page.wish("phq-9")
    assert "先回那一句" in refused.value.reader_text
    at_page.now += DAY
    assert at_page.wish("phq-9")


def test_results_come_with_range_bands_and_the_words_of_the_conversation(at_page: Desk) -> None:
    at_page.fill_in("gad-7", *["好几天"] * 6, "几乎每天")
    page = at_page.page("gad-7")
    (run,) = page["runs"]
    (scale,) = run["scales"]
    assert (scale["value"], scale["lowest"], scale["highest"], scale["label"]) == (9, 0, 21, "轻度")
    assert [(band["from"], band["to"]) for band in scale["bands"]] == [(0, 4), (5, 9), (10, 14), (15, 21)]
    said = [message.text for message in at_page.thread.shown()]
    assert scale["means"]
    assert set(scale["means"]) <= set(said)
    assert (page["days"], page["is_higher_better"]) == (14, False)
    assert page["source"]
    assert at_page.list()["gad-7"]["last"]["scales"] == run["scales"]


def test_the_result_in_the_thread_carries_the_same_picture(at_page: Desk) -> None:
    at_page.fill_in("phq-4", "几乎每天", "完全不会", "完全不会", "好几天")
    (card,) = [message.custom for message in at_page.thread.shown() if message.custom]
    assert card["kind"] == "screening_result"
    page = at_page.page("phq-4")
    total = page["runs"][0]["scales"][0]
    assert card["scales"] == [{name: value for name, value in total.items() if name != "means"}]
    assert [each["id"] for each in page["runs"][0]["scales"]] == ["total", "anxiety", "low_mood"]
    assert [each["id"] for each in at_page.list()["phq-4"]["last"]["scales"]] == ["total"]


def test_where_high_is_good_the_page_says_so(at_page: Desk) -> None:
    at_page.scales = replace(scales(), offered=scales().offered | {"who-5"})
    page = at_page.page("who-5")
    assert page["is_higher_better"]
    assert "世界卫生组织" in page["licence"]


def test_a_run_without_enough_answers_has_no_value_and_no_band(at_page: Desk) -> None:
    at_page.begin("phq-4")
    at_page.press("同意，开始", "好几天", "好几天", "好几天")
    received = at_page.thread.receive("跳过", f"p{next(_numbers)}", now=at_page.now)
    at_page.thread.answer(received)
    (run,) = at_page.page("phq-4")["runs"]
    values = {each["id"]: (each["value"], each["label"], each["means"]) for each in run["scales"]}
    assert values == {"total": (None, None, []), "anxiety": (2, None, []), "low_mood": (None, None, [])}


def test_a_weekly_repeat_overlaps_and_the_third_week_does_not(at_page: Desk) -> None:
    for _ in range(3):
        at_page.fill_in("phq-4", *["好几天"] * 4)
        at_page.now += 7 * DAY
    assert [run["is_overlapping"] for run in at_page.page("phq-4")["runs"]] == [False, True, False]


def test_an_invitation_opens_the_questionnaire_and_its_result_stays_shut_until_it_is_opened_together(at_page: Desk) -> None:
    assert "pc-ptsd-5" not in at_page.list()
    run_id = at_page.invite("pc-ptsd-5")
    listed = at_page.list()
    assert next(iter(listed)) == "pc-ptsd-5"
    assert (listed["pc-ptsd-5"]["can_begin"], listed["pc-ptsd-5"]["is_invited"]) == (True, True)
    at_page.begin("pc-ptsd-5")
    at_page.press("有", "有", "有", "没有", "没有", "没有")
    (run,) = at_page.page("pc-ptsd-5")["runs"]
    assert (run["run_id"], run["is_opened"], run["scales"]) == (run_id, False, [])
    with pytest.raises(InvalidInput):
        at_page.share(run_id, NOW)

    def open_together(session: Any) -> None:
        session.get_one(Screening, run_id).shared_at = NOW
        session.commit()

    at_page.thread.root.call(open_together)
    assert at_page.page("pc-ptsd-5")["runs"][0]["scales"][0]["value"] == 2
    with pytest.raises(InvalidInput):
        at_page.share(run_id, None)
    assert not at_page.list()["pc-ptsd-5"]["can_begin"]


def test_an_invitation_does_not_grow_old(at_page: Desk) -> None:
    at_page.invite("dass-21")
    at_page.now += 60 * DAY
    assert at_page.list()["dass-21"]["is_invited"]


def test_a_result_is_shared_and_taken_back_and_the_open_question_with_it(at_page: Desk) -> None:
    run_id = at_page.fill_in("phq-4", *["好几天"] * 4)
    at_page.share(run_id, NOW)
    at_page.share(run_id, NOW + DAY)
    assert at_page.page("phq-4")["runs"][0]["shared_at"] == NOW.isoformat()
    at_page.share(run_id, None)
    at_page.thread.answer(at_page.thread.receive("好", f"p{next(_numbers)}", now=at_page.now))
    assert at_page.page("phq-4")["runs"][0]["shared_at"] is None


def test_cannot_share_what_is_not_finished_or_another_workers(at_page: Desk) -> None:
    run_id = at_page.fill_in("phq-4", *["好几天"] * 4)
    with pytest.raises(NotFound):
        at_page.share(run_id, NOW, "w2")
    at_page.begin("gad-7")
    waiting = at_page.list()["gad-7"]["waiting"]
    with pytest.raises(InvalidInput):
        at_page.share(waiting["run_id"], NOW)


def test_the_last_deleted_run_of_what_is_off_takes_its_page_along(at_page: Desk) -> None:
    at_page.scales = replace(scales(), offered=scales().offered | {"ucla-3"})
    text, payload = at_page.wish("ucla-3")
    received = at_page.thread.root.call(_receive_with, at_page, text, payload)
    at_page.thread.answer(received, *received.step.after)
    at_page.press("同意，开始", "有时", "有时", "经常")
    at_page.scales = scales()
    page = at_page.page("ucla-3")
    assert not page["can_begin"]
    at_page.thread.root.call(screenings.delete_run, "w1", page["runs"][0]["run_id"])
    with pytest.raises(NotFound):
        at_page.page("ucla-3")
    assert "ucla-3" not in at_page.list()


def _receive_with(session: Any, at_page: Desk, text: str, payload: str) -> Received:
    """A message at a gateway where the desk's questionnaires are switched on."""
    inbound = Inbound(at_page.thread.id, at_page.thread.worker_id, "web", f"p{next(_numbers)}", text, payload)
    open_care = replace(care(), scales=at_page.scales)
    return conversations.receive(session, inbound, RiskFinding(), open_care, "Asia/Shanghai", at_page.now)


def test_another_worker_sees_none_of_it(at_page: Desk) -> None:
    at_page.fill_in("phq-4", *["好几天"] * 4)
    other = Desk(Thread(at_page.thread.root, "w2"))
    assert other.page("phq-4")["runs"] == []
    assert all(each["last"] is None for each in other.list().values())


def test_a_run_without_consent_waits_no_longer(at_page: Desk) -> None:
    at_page.begin("phq-4")
    assert at_page.list()["phq-4"]["waiting"] is not None
    at_page.press("不同意")
    assert at_page.list()["phq-4"]["waiting"] is None
