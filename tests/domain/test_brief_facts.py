"""Facts of a brief are quotations: of answers to our own questions, or of the worker's words that name the matter."""

from __future__ import annotations

import datetime as dt

import pytest
import yaml
from ground import NOW

from bot.domain.brief_facts import FACTS, Told, facts_of, quoted
from bot.settings import ROOT

QUESTIONS = {
    "utter_self_company": "alone", "utter_self_plan": "plan", "utter_self_time": "time", "utter_self_means": "means",
    "utter_self_intent": "intent", "utter_imminent_where": "place", "utter_imminent_person": "alone",
}  # fmt: skip
RESPONSES = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))["responses"]


def _bot(text: str, message_id: int = 1, asked: str | None = None) -> Told:
    return Told(message_id, False, text, NOW, asked)


def _worker(text: str, message_id: int = 2, at: dt.datetime = NOW, **fields) -> Told:
    return Told(message_id, True, text, at, **fields)


def _found(*thread: Told) -> dict[str, str]:
    return {name: fact.text for name, fact in facts_of(thread).items() if fact is not None}


def test_nothing_said_gives_no_fact() -> None:
    assert facts_of([]) == dict.fromkeys(FACTS)
    assert _found(_bot("你这会儿是一个人吗，身边有没有谁？"), _worker("今天又加班到十点", 2)) != {}
    assert _found(_worker("今天又加班到十点，组长还骂人")) == {}


@pytest.mark.parametrize(
    ("name", "wording"),
    [(fact, each["text"]) for response, fact in QUESTIONS.items() for each in RESPONSES[response]],
)
def test_every_wording_of_our_questions_is_known_by_what_it_asks(name: str, wording: str) -> None:
    found = _found(_bot(wording), _worker("嗯"))
    assert "答“嗯”" in found[name]


def test_what_is_said_to_a_counsellor_answers_no_question_of_the_program() -> None:
    program = _bot("你现在在哪里？留个电话给我。")
    assert _found(program, _worker("嗯")) != {}
    human = Told(2, False, "我是周老师，我在这儿。", NOW, is_human=True)
    assert _found(program, human, _worker("嗯，周老师，我先歇会儿", 3)) == {}
    asking = Told(2, False, "你现在在哪里？", NOW, is_human=True)
    assert "答“嗯”" in _found(program, asking, _worker("嗯", 3))["place"]


@pytest.mark.parametrize("wording", [each["text"] for each in RESPONSES["utter_other_now"]])
def test_a_question_about_another_person_gives_no_fact_of_the_worker(wording: str) -> None:
    assert _found(_bot(wording), _worker("在家")) == {}


@pytest.mark.parametrize(("name", "text"), [
    ("phone", "打我电话 139 0013 9000 吧"), ("phone", "家里座机0531-88880000"), ("phone", "我在外面，+234 803 123 4567"),
    ("place", "我现在在三号宿舍楼顶"), ("place", "地址是和平路12号"), ("place", "人在工地上，18层"),
    ("alcohol", "刚喝了半瓶白酒"), ("alcohol", "今晚喝多了"), ("alcohol", "没喝酒，清醒着"),
    ("alone", "就我一个人在屋里"), ("alone", "身边没人"), ("alone", "室友在旁边睡觉"),
    ("attempts", "去年割过腕"), ("attempts", "以前试过一次"), ("attempts", "三年前自杀未遂"),
])  # fmt: skip
def test_plain_words_are_read_and_quoted(name: str, text: str) -> None:
    assert _found(_worker(text))[name] == text


@pytest.mark.parametrize("text", [
    "一个人扛着整个家", "这个月工资4500，还欠13000", "他以前试过那家饭馆", "我妈在老家身体不好", "聊天喝茶", "订单号13800138000123",
    "在公司干了三年了", "心里像有楼塌了",
])  # fmt: skip
def test_other_words_are_not_taken_for_facts(text: str) -> None:
    assert _found(_worker(text)) == {}


def test_the_newest_telling_counts_and_names_its_message() -> None:
    found = facts_of([_worker("我在宿舍", 2), _worker("我现在在河边", 3)])["place"]
    assert (found.text, found.message_id) == ("我现在在河边", 3)


def test_what_passes_is_left_out_after_a_day_and_a_number_stays() -> None:
    yesterday = NOW - dt.timedelta(hours=30)
    found = _found(_worker("喝了酒，电话13900139000", 2, yesterday), _worker("今天好点了", 3))
    assert set(found) == {"phone"}


def test_cues_of_the_screen_give_their_sentence() -> None:
    told = _worker("今天很累。我把药都备好了。不说了", cues=(("means_in_hand", "把药都备好"), ("unknown_cue", "今天")))
    assert _found(told) == {"means": "我把药都备好了。"}


def test_a_direct_question_is_answered_by_the_next_words_or_by_its_button() -> None:
    asked = _bot("你现在有自杀的念头吗？", 1, "5")
    assert _found(asked, _worker("在"))["intent"] == "问“你现在有自杀的念头吗？”，答“在”"
    assert _found(asked, _worker("在", answers="5"))["intent"] == "问“你现在有自杀的念头吗？”，答“在”"
    assert _found(asked, _worker("没听懂", 2), _worker("今天下雨", 3))["intent"].endswith("答“没听懂”")


def test_a_button_of_an_older_question_does_not_quote_another_one() -> None:
    asked = _bot("你现在有自杀的念头吗？", 1, "5")
    assert _found(asked, _worker("有过", answers="4")) == {"attempts": "有过"}


def test_a_long_sentence_is_cut_around_its_words() -> None:
    text = "很" * 100 + "我在河边" + "长" * 100
    cut = quoted(text, "我在河边")
    assert "我在河边" in cut
    assert len(cut) <= 64
