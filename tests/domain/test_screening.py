"""A screening from its offer to its result: consent, answers in words, corrections, digressions, late presses, alerts."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from screening_talk import Run, asks, paper, scales, texts

from bot.content import MAX_BUBBLE
from bot.domain.errors import InvalidInput, UnknownChoice
from bot.domain.risk import RiskLevel
from bot.domain.screening import Said, advance, asked_for, begin, offer, offer_resume, pause, resume, show_where
from bot.domain.screening_state import DANGER_IS_SEEN, OPEN, RunStatus, ScreeningState

ZEROS = (0,) * 8


def test_consent_to_assessment_is_asked_once_and_before_the_first_item() -> None:
    run = Run(has_consent=False)
    assert run.state.status is RunStatus.CONSENTING
    assert DANGER_IS_SEEN in run.text
    assert "不是诊断" in run.text
    assert "分钟" in run.text
    run.say("同意")
    assert run.turn.is_consent
    assert asks(run.turn.bubbles[-1], "1")
    again = begin(paper("gad-7"), "r2", has_consent=True)
    assert DANGER_IS_SEEN in again.bubbles[0].text
    assert asks(again.bubbles[-1], "1")


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("不同意", RunStatus.STOPPED),
        ("不用了", RunStatus.STOPPED),
        ("嗯", RunStatus.CONSENTING),
        ("谁能看到", RunStatus.CONSENTING),
    ],
)
def test_nothing_is_asked_without_a_plain_consent(words: str, status: RunStatus) -> None:
    run = Run(has_consent=False)
    run.say(words)
    assert run.state.status is status
    assert not run.turn.is_consent


def test_a_yes_after_other_talk_gives_no_consent() -> None:
    run = Run(has_consent=False)
    assert not run.say("我先说说今天的事，组长又改排班了").is_handled
    assert not run.say("好").is_handled
    run.say("同意")
    assert run.turn.is_consent


def test_an_offer_is_taken_by_a_yes_and_passed_over_by_other_talk() -> None:
    turn = offer(paper("phq-9"), "r1", has_consent=True)
    assert advance(turn.state, Said("好"), paper("phq-9")).state.status is RunStatus.ASKING
    assert advance(turn.state, Said("不用了"), paper("phq-9")).state.status is RunStatus.STOPPED
    passed = advance(turn.state, Said("今天好热"), paper("phq-9"))
    assert not passed.is_handled
    assert not advance(passed.state, Said("好"), paper("phq-9")).is_handled
    assert not advance(turn.state, Said("嗯"), paper("phq-9")).is_handled


def test_an_invitation_begins_a_run_whose_result_is_opened_with_the_counsellor() -> None:
    turn = offer(paper("dass-21"), "r1", has_consent=True, is_invited=True)
    assert "咨询师" in turn.bubbles[0].text
    run = Run("dass-21", is_invited=True)
    run.answer(*(0,) * 21)
    assert run.state.status is RunStatus.FINISHED
    assert not any(character.isdigit() for character in run.text)


@pytest.mark.parametrize("name", sorted(scales()))
def test_every_scale_can_be_gone_through_by_buttons(name: str) -> None:
    run = Run(name)
    for _ in range(40):
        if run.state.status is RunStatus.PAUSED:
            run.resume()
        if run.state.status is RunStatus.FINISHED:
            break
        run.button(0)
        assert all(len(bubble.text) <= MAX_BUBBLE for bubble in run.turn.bubbles)
    assert run.state.status is RunStatus.FINISHED
    assert "抑郁症，" not in run.text


def test_every_item_stands_word_for_word_with_all_its_options() -> None:
    for name in scales():
        run = Run(name)
        for _ in range(40):
            item = run.paper.item(run.state.place)
            if run.state.status in OPEN and item is not None:
                assert item.text in "".join(bubble.text for bubble in run.shown) or item.link_id == "_sex"
                assert [button.title for button in run.buttons] == [option.text for option in item.options]
                run.button(len(item.options) - 1)
            elif run.state.status is RunStatus.PAUSED:
                run.resume()


def test_progress_stands_on_each_numbered_question() -> None:
    run = Run()
    run.answer(0, 0)
    assert re.search(r"3/9|第3题，共9题", run.turn.bubbles[-1].text)


def test_answers_come_by_button_by_number_and_in_words() -> None:
    run = Run()
    run.answer(1)
    run.say("2")
    run.say("几乎天天")
    assert run.state.answers == {"1": 1, "2": 2, "3": 3}
    assert "几乎每天" in run.turn.bubbles[0].text


@pytest.mark.parametrize("words", ["有时", "经常", "还好", "差不多", "一般", "看情况", "偶尔", "挺多的"])
def test_words_that_are_no_option_are_asked_again_with_the_options_explained(words: str) -> None:
    run = Run()
    run.say(words)
    assert run.state.answers == {}
    assert run.turn.is_handled
    assert all(option.text in run.text for option in run.paper.questionnaire.items[0].options)
    assert asks(run.turn.bubbles[-1], "1")


def test_after_two_failures_skipping_and_stopping_are_offered() -> None:
    run = Run()
    run.say("有时")
    assert len(run.buttons) == 4
    run.say("还好")
    assert [button.title for button in run.buttons[4:]] == [texts().buttons["skip"], texts().buttons["stop"]]
    run.titled(texts().buttons["skip"])
    assert run.state.answers == {"1": None}
    assert run.state.failures == 0


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("上一题", "3"), ("改第2题", "2"), ("什么意思", "4"), ("不想答这个", "5"), ("做到哪了", "4"), ("谁能看到啊", "4"), ("要多久", "4"),
        ("这是诊断吗", "4"), ("跳过", "5"), ("第9题改一下", "4"), ("改第二十题", "4"),
    ],
)  # fmt: skip
def test_a_wish_works_at_any_moment_and_loses_no_answer(words: str, place: str) -> None:
    run = Run()
    run.answer(1, 1, 1)
    run.say(words)
    assert run.turn.is_handled
    assert run.state.place == place
    assert {link: run.state.answers[link] for link in "123"} == {"1": 1, "2": 1, "3": 1}
    assert asks(run.turn.bubbles[-1], place)


def test_a_meaning_stands_beside_the_item_and_not_in_its_place() -> None:
    run = Run()
    run.say("什么意思")
    item = run.paper.questionnaire.items[0]
    assert item.explanation in run.text
    assert item.text in run.turn.bubbles[-1].text


def test_a_corrected_answer_counts_and_the_run_goes_on_where_it_was() -> None:
    run = Run()
    run.answer(1, 1, 1)
    run.say("改第2题")
    run.answer(3)
    assert run.state.answers["2"] == 3
    assert run.state.place == "4"
    run.say("第1题改成完全不会")
    assert run.state.answers["1"] == 0
    assert run.state.place == "4"


def test_an_answer_can_be_corrected_while_the_run_waits_also_before_its_result() -> None:
    run = Run("who-5")
    run.answer(0, 0, 0, 0)
    run.say("先停一下")
    run.say("改第2题")
    run.answer(5)
    assert (run.state.place, run.state.answers["2"]) == ("5", 5)
    assert run.answer(0).alerts
    run.say("改第1题")
    assert asks(run.turn.bubbles[-1], "1")
    run.answer(5)
    assert "40分" in run.text


def test_the_first_item_has_none_before_it() -> None:
    run = Run()
    run.say("上一题")
    assert run.state.place == "1"


def test_a_story_is_heard_and_the_question_comes_again_in_another_form() -> None:
    run = Run()
    before = run.shown[-1].text
    turn = run.say("今天站长当着好几个人的面扣了我的钱，说我态度不好")
    assert turn.is_story
    assert not turn.is_handled
    assert turn.bubbles[-1].text != before
    assert asks(turn.bubbles[-1], "1")
    assert run.state.answers == {}


def test_somebody_who_tells_on_and_on_is_not_asked_again() -> None:
    run = Run()
    for words in ("昨天跟老公吵了一架，他摔门走了", "后来我在阳台坐了一宿没睡", "早上还得去打卡，谁也没看出来我哭过"):
        turn = run.say(words)
    assert not turn.is_story
    assert not turn.is_handled
    assert turn.state.status is RunStatus.PAUSED
    assert not asks(turn.bubbles[-1], "1")


def test_who_asks_for_a_person_is_not_held_by_the_questions() -> None:
    run = Run()
    run.answer(2)
    turn = run.say("能不能给我找个真人")
    assert (turn.is_handled, turn.is_story, turn.bubbles) == (False, False, ())
    assert turn.state.status is RunStatus.PAUSED


def test_it_waits_and_goes_on_at_the_same_question_in_words_or_by_button() -> None:
    run = Run()
    run.answer(1, 2)
    run.say("先停一下")
    assert run.state.status is RunStatus.PAUSED
    assert not run.say("今天吃了面").is_handled
    assert not run.say("好").is_handled
    run.say("接着做测评")
    assert asks(run.turn.bubbles[-1], "3")
    run.say("做不下去了")
    run.titled(texts().buttons["resume"])
    assert asks(run.turn.bubbles[-1], "3")
    assert run.state.answers == {"1": 1, "2": 2}


def test_after_a_crisis_it_is_offered_and_a_plain_yes_goes_on() -> None:
    run = Run()
    run.answer(1, 2)
    waiting = pause(run.state)
    turn = offer_resume(waiting, run.paper)
    assert "第3题" in turn.bubbles[0].text
    assert asks(advance(turn.state, Said("好"), run.paper).bubbles[-1], "3")
    assert advance(turn.state, Said("先不"), run.paper).state.status is RunStatus.PAUSED
    assert not advance(waiting, Said("好"), run.paper).is_handled
    assert offer_resume(run.state, run.paper).bubbles == ()


def test_a_crisis_before_consent_leaves_the_consent_to_be_asked() -> None:
    run = Run(has_consent=False)
    turn = resume(pause(run.state), run.paper)
    assert turn.state.status is RunStatus.CONSENTING


def test_where_it_stands_is_told_with_the_question_or_with_the_offer_to_go_on() -> None:
    run = Run()
    run.answer(1)
    assert asks(show_where(run.state, run.paper).bubbles[-1], "2")
    assert show_where(pause(run.state), run.paper).state.offers


# ---------------------------------------------------------------- item 9


@pytest.mark.parametrize(("chosen", "level"), [(1, RiskLevel.WATCH), (2, RiskLevel.HIGH), (3, RiskLevel.HIGH)])
def test_item_9_alerts_at_once_before_the_functional_item_and_the_result(chosen: int, level: RiskLevel) -> None:
    run = Run()
    turn = run.answer(*ZEROS, chosen)
    assert [rule.level for rule in turn.alerts] == [level]
    assert turn.state.status is RunStatus.PAUSED
    assert len(turn.bubbles) == 1
    assert turn.bubbles[0].buttons == ()
    turn = run.resume()
    assert asks(turn.bubbles[-1], "F")
    assert run.answer(0).state.status is RunStatus.FINISHED
    assert len(run.alerts) == 1


def test_a_skipped_item_9_alerts_at_once() -> None:
    run = Run()
    run.answer(*ZEROS)
    turn = run.say("跳过")
    assert [rule.id for rule in turn.alerts] == ["item-9-skipped"]
    assert turn.state.status is RunStatus.PAUSED


def test_a_nine_with_nothing_in_it_alerts_nobody() -> None:
    run = Run()
    run.answer(*ZEROS, 0)
    assert run.alerts == []
    assert run.state.status is RunStatus.FINISHED  # all zero: the functional item is not asked


def test_a_high_total_with_a_zero_on_item_9_asks_before_the_functional_item() -> None:
    run = Run()
    turn = run.answer(*(3,) * 8, 0)
    assert [(rule.id, rule.is_asked) for rule in turn.alerts] == [("total-very-high", True)]
    assert turn.state.place == "F"


@pytest.mark.parametrize("words", ["几乎每天", "好几天", "完全不会", "没有", "2", "第三个"])
def test_free_words_on_item_9_count_only_by_a_button(words: str) -> None:
    run = Run()
    run.answer(*ZEROS)
    turn = run.say(words)
    assert turn.state.status is RunStatus.CONFIRMING
    assert "9" not in turn.state.answers
    run.titled(texts().buttons["right"])
    assert "9" in run.state.answers


def test_danger_in_free_words_on_item_9_is_seen_though_no_button_is_pressed() -> None:
    run = Run()
    run.answer(*ZEROS)
    turn = run.say("几乎每天")
    assert [(rule.level, rule.is_asked) for rule in turn.alerts] == [(RiskLevel.WATCH, False)]
    assert run.say("几乎每天").alerts == ()
    run.titled(texts().buttons["right"])
    assert [rule.level for rule in run.turn.alerts] == [RiskLevel.HIGH]


def test_words_that_were_not_meant_are_chosen_again() -> None:
    run = Run()
    run.answer(*ZEROS)
    run.say("好几天")
    run.titled(texts().buttons["not_right"])
    assert run.state.status is RunStatus.ASKING
    assert asks(run.turn.bubbles[-1], "9")
    run.say("好几天")
    run.say("对")
    assert "9" not in run.state.answers
    run.answer(0)
    assert run.state.answers["9"] == 0


def test_a_corrected_nine_lowers_nothing_and_a_graver_one_alerts_again() -> None:
    run = Run()
    run.answer(*ZEROS, 1)
    run.resume()
    run.say("改第9题")
    assert run.answer(0).alerts == ()
    run = Run()
    run.answer(*ZEROS, 1)
    run.resume()
    run.say("改第9题")
    assert [rule.level for rule in run.answer(3).alerts] == [RiskLevel.HIGH]


# ---------------------------------------------------------------- two tabs, late and broken presses


def test_the_second_of_two_tabs_answering_at_once_changes_nothing() -> None:
    run = Run()
    first, second = run.buttons[0].payload, run.buttons[3].payload
    run.press(first)
    run.press(second)
    assert run.state.answers == {"1": 0}
    assert asks(run.turn.bubbles[-1], "2")


def test_danger_pressed_late_in_another_tab_is_seen_and_changes_no_answer() -> None:
    run = Run()
    run.answer(*ZEROS)
    grave = run.buttons[3].payload
    run.answer(0)
    run.press(grave)
    assert [rule.level for rule in run.turn.alerts] == [RiskLevel.HIGH]
    assert run.state.answers["9"] == 0
    assert run.press(grave).alerts == ()


def _payload(**data: object) -> str:
    whole = {"questionnaire": "phq-9", "run": "r1", "item": "2", "score": 1, **data}
    return "/screening" + json.dumps({key: value for key, value in whole.items() if value is not None})


@pytest.mark.parametrize(
    "payload",
    [
        _payload(score=4), _payload(score=-1), _payload(score="1"), _payload(score=True), _payload(score=10**30), _payload(item="77"),
        _payload(item=["2"]), _payload(questionnaire="gad-7"), _payload(run="r2"), _payload(run=None), "/screening", "/screening{", "/screening[]",
        '/screening{"do":"fly"}', '/screening{"do":"skip","run":"r1","item":"1"}', '/screening{"do":["skip"],"run":"r1"}', "/plan{}",
    ],
)  # fmt: skip
def test_a_wrong_press_is_refused_kindly_and_loses_nothing(payload: str) -> None:
    run = Run()
    run.answer(3)
    turn = run.press(payload)
    assert turn.is_handled
    assert run.state.answers == {"1": 3}
    assert asks(turn.bubbles[-1], "2")
    assert all(not bubble.buttons for bubble in turn.bubbles[:-1])


def test_a_press_on_a_run_that_is_over_changes_nothing() -> None:
    run = Run("gad-7")
    early = run.buttons[3].payload
    run.answer(*(0,) * 7)
    turn = run.press(early)
    assert turn.is_handled
    assert turn.state.answers["1"] == 0
    assert turn.state.status is RunStatus.FINISHED


def test_a_run_is_led_by_no_other_version_than_its_own() -> None:
    run = Run()
    other = replace(run.paper, questionnaire=replace(run.paper.questionnaire, version="2027-01-01"))
    with pytest.raises(UnknownChoice):
        advance(run.state, Said("2"), other)


# ---------------------------------------------------------------- result


def test_a_result_names_a_band_of_symptoms_and_no_number_without_its_range() -> None:
    run = Run()
    run.answer(*(2,) * 8, 0, 1)
    assert "16分" in run.text
    assert "27" in run.text
    assert "中重度" in run.text
    assert "抑郁症状" in run.text
    assert "抑郁症，" not in run.text.replace("抑郁症状", "")
    assert "精神科" in run.text
    assert texts().buttons["counsellor"] in [button.title for button in run.buttons]


def test_too_many_missing_give_no_score_and_an_estimated_one_is_called_so() -> None:
    run = Run()
    run.answer(2, 2, 2, 2, 2, 2, 2)
    run.say("跳过")
    run.say("跳过")
    run.resume()
    run.answer(0)
    assert "18分" in run.text
    assert "估算" in run.text
    run = Run("gad-7")
    run.answer(2, 2, 2, 2, 2)
    run.say("跳过")
    run.say("跳过")
    assert "分（" not in run.text
    assert run.state.status is RunStatus.FINISHED


def test_a_pair_of_phq_4_offers_the_longer_scale_by_a_button() -> None:
    run = Run("phq-4")
    run.answer(0, 0, 2, 2)
    payload = next(button.payload for button in run.buttons if button.title == texts().names["phq-9"])
    assert asked_for(Said(payload=payload)) == "phq-9"


@pytest.mark.parametrize(("words", "is_shared"), [("好", True), ("给咨询师看", True), ("不用", False), ("先不给", False)])
def test_the_result_is_shared_only_by_a_plain_word(words: str, is_shared: bool) -> None:
    run = Run("gad-7")
    run.answer(*(1,) * 7)
    assert run.say(words).is_shared is is_shared
    assert run.say("好").is_handled is False


def test_a_yes_to_something_else_shares_nothing() -> None:
    run = Run("gad-7")
    run.answer(*(1,) * 7)
    assert not run.say("今天下雨了").is_handled
    assert run.say("好").is_shared is None
    assert run.say("给咨询师看").is_shared is True


def test_the_sex_is_asked_only_where_the_band_hangs_on_it() -> None:
    run = Run("audit-c")
    run.answer(2, 1, 0)
    assert run.state.place == "_sex"
    run.say("女")
    assert run.state.status is RunStatus.FINISHED
    assert "达到" in run.text
    run = Run("audit-c")
    run.answer(0)
    assert run.state.status is RunStatus.FINISHED
    run = Run("audit-c")
    run.answer(4, 4, 4)
    assert run.state.status is RunStatus.FINISHED


def test_a_mean_of_the_sexes_unsaid_is_the_lower_cut() -> None:
    run = Run("audit-c")
    run.answer(2, 1, 0)
    run.say("跳过")
    assert "达到" in run.text


@pytest.mark.parametrize("words", ["我17岁", "我今年16岁", "我还没成年", "还没满18"])
def test_who_is_under_18_gets_no_scale(words: str) -> None:
    run = Run()
    turn = run.say(words)
    assert turn.state.status is RunStatus.STOPPED
    assert "12355" in run.text
    assert turn.bubbles[-1].buttons


@pytest.mark.parametrize("words", ["我17岁就出来打工了", "孩子16岁", "我37岁"])
def test_who_only_speaks_of_that_age_goes_on(words: str) -> None:
    run = Run()
    assert run.say(words).state.status is not RunStatus.STOPPED


def test_meaning_decides_only_where_words_do_not_and_never_on_item_9() -> None:
    asked: list[str] = []

    def nearest(words: str, options: object) -> tuple[int, float]:
        asked.append(words)
        return 2, 0.05

    run = Run(nearest=nearest)
    run.say("好几天")
    assert asked == []
    run.say("隔三差五")
    assert run.state.answers == {"1": 1, "2": 2}
    run.say("有时候")
    assert run.state.answers == {"1": 1, "2": 2}
    run.answer(0, 0, 0, 0, 0, 0)
    run.say("隔三差五")
    assert "9" not in run.state.answers
    assert asked == ["隔三差五"]


def test_a_lead_too_small_is_no_answer() -> None:
    run = Run(nearest=lambda words, options: (2, 0.001))
    run.say("隔三差五")
    assert run.state.answers == {}


@pytest.mark.parametrize("spoiled", [{}, {"status": "flying"}, {"answers": [1]}, {"asked": {"x": "y"}}, {"sex": "x"}])
def test_cannot_read_a_state_that_was_never_stored(spoiled: dict[str, object]) -> None:
    whole = ScreeningState("r", "phq-9", "1").to_json()
    with pytest.raises(InvalidInput):
        ScreeningState.from_json({**whole, **spoiled} if spoiled else {})
