"""The gateway's protocol beyond plain answers: late buttons, rest, signals, late findings, places and the safety plan."""

from __future__ import annotations

import pytest
from ground import content, desk
from protocol_talk import HIGH, IMMINENT, SHANGHAI, TOKYO, WATCH, Talk, found, is_silent, numbers_in, questions_in, texts

from bot.domain.protocol import ASK_DIRECTLY, OFFER_PLAN, Place, Voice
from bot.domain.risk import RiskLevel, RiskSubject
from bot.domain.safety_plan_state import PlanStatus, PlanStep

LEVEL = RiskLevel
ASQ = content().asq


@pytest.fixture
def talk() -> Talk:
    return Talk()


def asked_to_the_fifth(talk: Talk) -> None:
    talk.say("活着没意思", WATCH)
    for answer in ("有", "没有", "没有", "没有"):
        talk.say(answer)
    assert talk.open == "5"


# buttons


def test_a_press_answers_its_own_question_only(talk: Talk) -> None:
    first = talk.say("活着没意思", WATCH).after[-1].text
    talk.press("没有")
    second = talk.bubbles[-1].text
    again = talk.press("没有", first)
    assert talk.open == "2", "an answer to the first is none to the second"
    assert (is_silent(again), questions_in(again), again.asq) == (True, [], None)
    talk.press("没有", second)
    assert talk.open == "3"


def test_a_yes_further_up_makes_it_graver_and_a_no_takes_nothing_back(talk: Talk) -> None:
    talk.say("活着没意思", WATCH)
    talk.press("没有")
    talk.press("没有")
    third = talk.bubbles[-1].text
    talk.press("没有")
    assert talk.known.level is LEVEL.WATCH
    step = talk.press("有", third)
    assert (step.finding.level, step.safety_set, talk.open) == (LEVEL.HIGH, "asq_high", "4")
    talk.press("没有", third)
    assert talk.known.asq is not None
    assert (talk.known.level, talk.known.asq.answers["3"]) == (LEVEL.HIGH, "yes")


def test_a_yes_pressed_after_the_row_is_over_still_counts(talk: Talk) -> None:
    asked_to_the_fifth(talk)
    fifth = talk.bubbles[-1].text
    talk.press("没有")
    assert talk.open is None
    step = talk.press("有", fifth)
    assert (step.finding.level, step.safety_set) == (LEVEL.IMMINENT, "imminent_self")


def test_a_button_pressed_days_later_answers_the_question_it_stands_under(talk: Talk) -> None:
    talk.say("活着没意思", WATCH)
    talk.later(days=3)
    step = talk.press("有")
    assert (talk.open, step.finding.level) == ("2", LEVEL.WATCH)
    assert questions_in(step) == ["2"]


def test_a_no_pressed_long_after_the_row_neither_moves_nor_quiets_anything(talk: Talk) -> None:
    first = talk.say("活着没意思", WATCH).after[-1].text
    for _ in range(4):
        talk.say("没有")
    talk.later(days=1)
    step = talk.press("没有", first)
    assert (step.asq, step.finding.level) == (None, LEVEL.NONE)
    assert questions_in(talk.say("活着没意思", WATCH)) == ["1"], "an old press is no row that was asked lately"


def test_another_button_while_a_question_is_open_leaves_it_open(talk: Talk) -> None:
    talk.say("活着没意思", WATCH)
    step = talk.say("做个放松练习", payload="/start_exercise")
    assert (step.voice, step.first, step.asq, talk.open) == (Voice.WHOLE, (), None, "1")
    talk.say("没有")
    assert talk.open == "2"


# rest


def test_after_a_row_the_questions_rest_twelve_hours(talk: Talk) -> None:
    talk.say("活着没意思", WATCH)
    for _ in range(4):
        talk.say("没有")
    talk.later(hours=12)
    step = talk.say("活着没意思", WATCH)
    assert (questions_in(step), step.voice) == ([], Voice.WHOLE)
    assert desk().rests(talk.known, talk.now)
    talk.later(minutes=1)
    assert not desk().rests(talk.known, talk.now)
    assert questions_in(talk.say("活着没意思", WATCH)) == ["1"]


def test_a_question_left_lying_is_over_and_words_of_the_next_day_are_no_answer(talk: Talk) -> None:
    talk.say("活着没意思", WATCH)
    talk.later(hours=12, minutes=1)
    step = talk.say("没有")
    assert (step.voice, step.first, step.asq) == (Voice.WHOLE, (), None)
    assert questions_in(talk.say("活着没意思", WATCH)) == ["1"]


def test_asking_rests_while_a_question_is_open_and_while_a_human_is_on_the_case(talk: Talk) -> None:
    assert not desk().rests(talk.known, talk.now)
    talk.say("活着没意思", WATCH)
    assert desk().rests(talk.known, talk.now)
    other = Talk()
    other.say("我想自杀", HIGH)
    other.later(days=3)
    assert desk().rests(other.known, other.now)


# signals


def test_a_signal_of_the_dialogue_opens_the_question_after_its_words(talk: Talk) -> None:
    step = talk.signal(ASK_DIRECTLY)
    assert step is not None
    assert (texts(*step.after)[-1], step.first, talk.open) == (ASQ.questions["1"][0], (), "1")
    assert talk.signal(ASK_DIRECTLY) is None, "not while one is open"


def test_a_signal_opens_nothing_while_asking_rests_or_at_high() -> None:
    talk = Talk()
    talk.say("我想自杀", HIGH)
    assert talk.signal(ASK_DIRECTLY) is None


def test_a_plan_is_offered_by_a_signal_but_never_at_imminent(talk: Talk) -> None:
    step = talk.signal(OFFER_PLAN)
    assert step is not None
    assert [button.title for button in step.after[-1].buttons] == [
        content().plan.buttons["begin"],
        content().plan.buttons["later"],
    ]
    assert talk.known.plan.status is PlanStatus.OFFERED
    other = Talk()
    other.say("药在手边", IMMINENT)
    assert other.signal(OFFER_PLAN) is None


def test_no_signal_gives_nothing(talk: Talk) -> None:
    assert talk.signal("handoff") is None


# a finding that comes late


def test_a_late_finding_reads_no_answer_a_second_time(talk: Talk) -> None:
    talk.say("活着没意思", WATCH)
    talk.say("有")
    assert talk.open == "2"
    late = desk().late("有", found(LEVEL.WATCH), talk.known, talk.place)
    assert (late.asq, late.first, late.after) == (None, (), ())


def test_a_late_finding_writes_nothing_into_a_plan_a_second_time(talk: Talk) -> None:
    talk.say("写安全计划")
    talk.say("一听到手机响就心慌")
    for finding in (found(LEVEL.WATCH), HIGH):
        late = desk().late("一听到手机响就心慌", finding, talk.known, talk.place)
        kept = late.plan or talk.known.plan
        assert kept.pieces(PlanStep.WARNING_SIGNS) == ("一听到手机响就心慌",)


def test_a_late_finding_at_high_says_the_fixed_text_and_closes_the_row(talk: Talk) -> None:
    talk.say("活着没意思", WATCH)
    late = desk().late("就这样吧", HIGH, talk.known, talk.place)
    assert late.safety_set == "high_self"
    assert late.asq is not None
    assert late.asq.open is None


def test_a_late_watch_asks_when_nothing_is_open(talk: Talk) -> None:
    assert questions_in(desk().late("就这样吧", WATCH, talk.known, talk.place)) == ["1"]


# places


def test_abroad_the_local_numbers_come_and_no_number_of_the_mainland() -> None:
    talk = Talk(TOKYO)
    talk.say("活着没意思", WATCH)
    helping = talk.say("没有").first[1]
    assert "119" in helping.text
    assert "12356" not in numbers_in(helping)
    fixed = Talk(TOKYO).say("我想自杀", HIGH).first
    assert "119" in numbers_in(*fixed)
    assert "12356" not in numbers_in(*fixed)


def test_who_tells_that_they_are_abroad_gets_no_mainland_numbers_whatever_the_phone_says(talk: Talk) -> None:
    fixed = talk.say("我在拉各斯，我想自杀", HIGH).first
    assert "当地急救电话" in numbers_in(*fixed)
    assert not any(number in numbers_in(*fixed) for number in ("12356", "120"))


# the plan


def test_a_plan_begins_by_words_and_goes_on_by_words(talk: Talk) -> None:
    step = talk.say("写安全计划")
    assert is_silent(step)
    assert talk.known.plan.status is PlanStatus.BUILDING
    talk.say("一听到手机响就心慌")
    assert talk.known.plan.pieces(PlanStep.WARNING_SIGNS) == ("一听到手机响就心慌",)


def test_a_plan_is_paused_by_a_sign_and_words_of_danger_are_kept_as_a_warning_sign(talk: Talk) -> None:
    talk.say("写安全计划")
    step = talk.say("一想到还钱就想自杀", HIGH)
    assert step.safety_set == "high_self"
    assert talk.known.plan.status is PlanStatus.PAUSED
    assert talk.known.plan.pieces(PlanStep.WARNING_SIGNS) == ("一想到还钱就想自杀",)


def test_a_plan_is_paused_by_a_direct_question(talk: Talk) -> None:
    talk.say("写安全计划")
    step = talk.say("活着没意思", WATCH)
    assert questions_in(step) == ["1"]
    assert talk.known.plan.status is PlanStatus.PAUSED


def test_no_plan_is_made_or_gone_on_with_at_imminent(talk: Talk) -> None:
    talk.say("写安全计划")
    talk.say("药在手边", IMMINENT)
    for text in ("写安全计划", "接着写计划"):
        step = talk.say(text)
        assert (step.voice, step.first) == (Voice.WHOLE, ())
    assert talk.known.plan.status is PlanStatus.PAUSED


@pytest.mark.parametrize(("before", "level"), [(LEVEL.NONE, LEVEL.WATCH), (LEVEL.WATCH, LEVEL.HIGH)])
def test_means_at_hand_told_in_the_plan_raise_the_level(before: RiskLevel, level: RiskLevel) -> None:
    talk = Talk()
    if before is LEVEL.WATCH:
        talk.say("活着没意思", WATCH)
        for _ in range(4):
            talk.say("没有")
    talk.say("写安全计划")
    while talk.known.plan.place is not PlanStep.SAFE_PLACE:
        talk.say("跳过")
    step = talk.say("有")
    assert (step.finding.level, step.finding.subject) == (level, RiskSubject.SELF)
    assert (step.safety_set == "high_self") is (level is LEVEL.HIGH)
    assert [cue.name for cue in step.finding.cues] == ["asq_means"]


def test_a_bare_yes_begins_no_plan_that_was_not_offered(talk: Talk) -> None:
    assert talk.say("好").voice is Voice.WHOLE
    assert talk.known.plan.status is PlanStatus.DECLINED


# when nothing can be stored, and the finding alone


def test_the_fixed_words_need_nothing_but_the_finding() -> None:
    place = Place(SHANGHAI, Talk().now)
    assert desk().fixed("活着没意思", WATCH, 0, place) == ()
    said = desk().fixed("我不想活了", HIGH, 0, place)
    assert said[-1].custom is not None
    assert [reply.custom for reply in said[:-1]] == [None] * (len(said) - 1)
