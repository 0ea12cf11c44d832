"""A screening inside the conversation: begun, answered, interrupted by danger, taken up again, and what its answers set off."""

from __future__ import annotations

import datetime as dt
import itertools

from ground import NOW
from sqlalchemy import select
from worker_thread import Thread, finding

from bot.db.tables import Alert, Screening
from bot.domain.conversation import START_SCREENING
from bot.domain.protocol import Voice
from bot.domain.risk import RiskLevel
from bot.services.conversations import Received

_numbers = itertools.count()


class Talk:
    """Says words or presses a button of the last bubble that has one, as the page would."""

    def __init__(self, thread: Thread, now: dt.datetime = NOW) -> None:
        self.thread = thread
        self.now = now

    def say(self, text: str, level: RiskLevel | None = None) -> Received:
        risk = {} if level is None else {"risk": finding(level)}
        received = self.thread.receive(text, f"s{next(_numbers)}", now=self.now, **risk)  # type: ignore[arg-type]
        self.thread.answer(received, *received.step.after, now=self.now)
        return received

    def press(self, title: str) -> Received:
        from bot.services import threads

        shown = [each for each in self.thread.shown() if title in each.buttons][-1]
        text, payload = self.thread.root.call_reading(threads.choice, self.thread.id, shown.id, shown.buttons.index(title))
        received = self.thread.receive(text, f"b{next(_numbers)}", now=self.now, payload=payload)
        self.thread.answer(received, *received.step.after, now=self.now)
        return received

    def begin_phq9(self) -> Received:
        self.say("做个PHQ9")
        return self.press("同意，开始")

    def answer(self, *titles: str) -> Received:
        for title in titles:
            last = self.press(title)
        return last


def texts(received: Received) -> str:
    return " ".join(reply.text for reply in received.replies)


def levels(thread: Thread) -> list[str]:
    query = select(Alert.level).order_by(Alert.id)
    return thread.root.call_reading(lambda session: list(session.scalars(query)))  # type: ignore[no-any-return]


def runs(thread: Thread) -> list[tuple[str, str]]:
    query = select(Screening.questionnaire, Screening.status)
    return thread.root.call_reading(lambda session: [tuple(row) for row in session.execute(query)])  # type: ignore[no-any-return]


def test_words_begin_a_questionnaire_with_consent_first_and_rasa_is_silent(thread: Thread) -> None:
    talk = Talk(thread)
    begun = talk.say("我想做个PHQ9")
    assert begun.step.voice is Voice.SILENT
    assert "如果你的回答提到伤害自己，值班咨询师会看到并联系你" in texts(begun)
    first = talk.press("同意，开始")
    assert "做事时提不起劲或没有兴趣" in texts(first)
    assert first.replies[-1].buttons[:4] == ("完全不会", "好几天", "一半以上的天数", "几乎每天")


def test_a_whole_phq9_by_buttons_gives_the_band_and_no_diagnosis(thread: Thread) -> None:
    talk = Talk(thread)
    talk.begin_phq9()
    last = talk.answer(*["好几天"] * 8, "完全不会", "有点困难")
    assert "8" in texts(last)
    assert "抑郁症" not in texts(last).replace("抑郁症状", "")
    assert levels(thread) == []
    assert runs(thread) == [("phq-9", "finished")]


def test_some_days_at_the_ninth_item_asks_directly_before_anything_else_and_the_run_goes_on_afterwards(thread: Thread) -> None:
    talk = Talk(thread)
    talk.begin_phq9()
    talk.answer(*["好几天"] * 8)
    asked = talk.press("好几天")
    assert "过去几周里，你有没有希望自己死掉？" in texts(asked)
    assert "困难" not in texts(asked)
    assert levels(thread) == ["watch"]
    assert runs(thread) == [("phq-9", "paused")]
    closed = talk.answer("没有", "没有", "没有", "没有")
    assert "接着做" in [title for reply in closed.replies for title in reply.buttons]
    functional = talk.press("接着做")
    assert "困难" in texts(functional)
    talk.press("有点困难")
    assert runs(thread) == [("phq-9", "finished")]


def test_nearly_every_day_at_the_ninth_item_is_high_at_once(thread: Thread) -> None:
    talk = Talk(thread)
    talk.begin_phq9()
    talk.answer(*["完全不会"] * 8)
    said = talk.press("几乎每天")
    assert said.step.safety_set == "high_self"
    assert {reply.author for reply in said.replies} >= {"safety"}
    assert levels(thread) == ["high"]
    assert runs(thread) == [("phq-9", "paused")]


def test_danger_in_the_middle_goes_first_and_the_next_day_the_same_question_stands(thread: Thread) -> None:
    talk = Talk(thread)
    talk.begin_phq9()
    talk.answer("好几天", "好几天")
    crisis = talk.say("我不想活了", RiskLevel.HIGH)
    assert crisis.step.safety_set == "high_self"
    assert "睡" not in texts(crisis)
    later = Talk(thread, NOW + dt.timedelta(hours=20))
    assert "入睡困难" in texts(later.say("接着做刚才的测评"))


def test_a_story_in_the_middle_is_heard_in_one_line_and_the_question_follows(thread: Thread) -> None:
    talk = Talk(thread)
    talk.begin_phq9()
    told = talk.say("说起这个，昨天线长又当着大家的面骂我，我站在那儿半天没说出话来，回宿舍一晚上没睡")
    assert told.step.voice is Voice.BRIEF
    assert "做事时提不起劲或没有兴趣" in " ".join(reply.text for reply in told.step.after)


def test_the_dialogue_may_begin_the_first_screen(thread: Thread) -> None:
    received = thread.receive("能不能测测我的状态", "d1")
    said = thread.answer(received, signals=frozenset({START_SCREENING}))
    assert any("同意，开始" in reply.buttons for reply in said) or received.step.voice is Voice.SILENT
    assert [name for name, _ in runs(thread)] == ["phq-4"]


def test_a_questionnaire_that_is_off_is_not_begun(thread: Thread) -> None:
    received = thread.receive("做个DASS21", "d2")
    assert received.step.voice is Voice.WHOLE
    assert runs(thread) == []


def test_a_button_of_another_workers_run_begins_nothing_here(thread: Thread) -> None:
    talk = Talk(thread)
    talk.begin_phq9()
    other = Thread(thread.root, "w2")
    payload = '/screening{"do": "answer", "run": "' + _run_id(thread) + '", "item": "1", "score": 3}'
    received = other.receive("几乎每天", "x1", payload=payload)
    assert received.step.voice is Voice.WHOLE
    assert [name for name, _ in runs(thread)] == ["phq-9"]


def _run_id(thread: Thread) -> str:
    return thread.root.call_reading(lambda session: session.scalars(select(Screening.id)).one())  # type: ignore[no-any-return]
