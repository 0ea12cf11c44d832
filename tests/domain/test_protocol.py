"""What the gateway says and asks by itself when a life may be in danger: what is said when, and how much Rasa says beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ground import content, desk
from protocol_talk import CALM, HIGH, IMMINENT, SHANGHAI, TOKYO, WATCH, Talk, found, is_silent, numbers_in, questions_in, texts

from bot.domain.conversation import Author
from bot.domain.protocol import ASK_DIRECTLY, OFFER_PLAN, Place, Voice
from bot.domain.risk import Cue, RiskFinding, RiskKind, RiskLevel, RiskSubject
from bot.domain.safety_plan_state import PlanStatus, PlanStep

LEVEL = RiskLevel
ASQ = content().asq
TIRED_FINDING = found(LEVEL.WATCH, cue="exhausted")


@pytest.fixture
def talk() -> Talk:
    return Talk()


def asked_to_the_fifth(talk: Talk, third: str = "没有") -> None:
    talk.say("活着没意思", WATCH)
    for answer in ("有", "没有", third, "没有"):
        talk.say(answer)
    assert talk.open == "5"


# opening


def test_an_own_watch_is_heard_in_brief_and_asked_about_in_the_same_turn(talk: Talk) -> None:
    step = talk.say("活着没意思", WATCH)
    assert step.voice is Voice.BRIEF
    assert step.first == ()
    assert texts(*step.after) == [ASQ.lead_in[0], ASQ.questions["1"][0]]
    assert [button.title for button in step.after[-1].buttons] == ["有", "没有", "不想回答"]
    assert (step.finding, step.told) == (WATCH, WATCH)


@pytest.mark.parametrize(
    "finding",
    [
        found(LEVEL.WATCH, RiskSubject.OTHER), found(LEVEL.WATCH, kind=RiskKind.VIOLENCE_SUFFERED),
        found(LEVEL.WATCH, kind=RiskKind.VIOLENCE_TO_OTHERS), found(LEVEL.WATCH, kind=RiskKind.MEDICAL_EMERGENCY), CALM,
    ],
)  # fmt: skip
def test_what_is_not_about_the_workers_own_life_opens_no_question(talk: Talk, finding: RiskFinding) -> None:
    step = talk.say("他活着没意思", finding)
    assert (step.voice, step.first, step.after, step.asq) == (Voice.WHOLE, (), (), None)


def test_words_that_may_be_tiredness_are_asked_about_gently_and_given_back(talk: Talk) -> None:
    step = talk.say("最近天天加班，感觉撑不住", TIRED_FINDING)
    (asked,) = step.after
    assert "撑不住" in asked.text
    assert "累" in asked.text
    assert "不想活" in asked.text
    assert talk.open == "tired"


@pytest.mark.parametrize("answer", ["就是累", "没有不想活", "没那么严重", "没有，就是太累了", "不至于"])
def test_only_tired_is_believed_and_not_asked_again_for_ten_tellings(talk: Talk, answer: str) -> None:
    talk.say("最近天天加班，感觉撑不住", TIRED_FINDING)
    step = talk.say(answer)
    assert texts(*step.first)[0] in [wording[0] for wording in ASQ.closing["tired"]]
    assert is_silent(step)
    for turn in range(10):
        later = talk.say(f"昨天又干到半夜{turn}点，真撑不住", TIRED_FINDING)
        assert (questions_in(later), later.voice) == ([], Voice.WHOLE)


def test_a_wish_is_asked_about_even_after_only_tired(talk: Talk) -> None:
    talk.say("最近天天加班，感觉撑不住", TIRED_FINDING)
    talk.say("就是累")
    step = talk.say("有时候觉得活着没意思", WATCH)
    assert questions_in(step) == ["1"]
    assert step.voice is Voice.BRIEF


def test_what_was_said_outright_is_not_asked_again(talk: Talk) -> None:
    step = talk.say("有时候真想死了算了", WATCH)
    assert questions_in(step) == ["3"]
    assert talk.known.asq is not None
    assert talk.known.asq.answers == {"1": "yes"}


# answering


def test_the_first_answer_is_heard_then_comes_help_with_the_numbers_then_the_next_question(talk: Talk) -> None:
    talk.say("活着没意思", WATCH)
    step = talk.say("没有")
    heard, helping, asked = step.first
    assert heard.text in ASQ.heard["no"]
    assert all(number in numbers_in(helping) for number in ("120", "110", "12356", "找真人", "信得过"))
    assert asked.text == ASQ.questions["2"][0]
    assert is_silent(step)
    assert step.after == ()
    later = talk.say("没有")
    assert [reply.custom for reply in later.first] == [None, None], "the numbers came once"


def test_who_tells_something_else_gets_the_numbers_in_the_second_turn_as_well(talk: Talk) -> None:
    talk.say("活着没意思", WATCH)
    step = talk.say("组长还在群里点名，说我效率低")
    assert step.voice is Voice.WHOLE
    assert questions_in(step) == []
    assert all(number in numbers_in(*step.after) for number in ("120", "110", "12356"))


def test_the_question_passed_over_comes_back_once_in_other_words_and_is_then_left(talk: Talk) -> None:
    first = talk.say("活着没意思", WATCH)
    told = ["组长还在群里点名，说我效率低", "昨天改到一点半，眼睛都花了", "他说我不顾家，可家里的钱谁挣的", "婆婆也站他那边"]
    steps = [talk.say(text) for text in told]
    assert [step.voice for step in steps] == [Voice.WHOLE, Voice.BRIEF, Voice.WHOLE, Voice.WHOLE]
    assert [questions_in(step) for step in steps] == [[], ["1"], [], []]
    assert steps[1].after[-1].text != first.after[-1].text
    assert (talk.open, talk.known.level) == (None, LEVEL.WATCH)
    for turn in range(8):
        assert questions_in(talk.say(f"后来又吵了{turn}回，谁也不让谁")) == []


def test_joking_it_away_is_asked_once_more_and_then_left_as_no_answer(talk: Talk) -> None:
    talk.say("活着没意思", WATCH)
    step = talk.say("哈哈开玩笑的", WATCH)
    assert step.first[0].text in ASQ.again["joke"]
    assert questions_in(step) == ["1"]
    talk.say("哈哈随口一说", WATCH)
    assert talk.known.asq is not None
    assert talk.known.asq.answers == {"1": "refused"}


def test_a_nod_to_the_gentle_question_is_asked_again_and_is_never_a_no(talk: Talk) -> None:
    talk.say("撑不下去了", TIRED_FINDING)
    assert questions_in(talk.say("嗯")) == ["tired"]
    talk.say("嗯")
    assert (talk.open, talk.known.level) == ("3", LEVEL.WATCH)


def test_four_clear_no_close_with_thanks_and_the_lines(talk: Talk) -> None:
    talk.say("活着没意思", WATCH)
    for _ in range(3):
        talk.say("没有")
    step = talk.say("没有，真没有")
    assert is_silent(step)
    assert (talk.open, step.finding.level) == (None, LEVEL.NONE)
    assert all(number in numbers_in(*step.first) for number in ("120", "110", "12356"))


def test_a_wish_without_a_thought_closes_with_a_person_a_hospital_and_a_human_within_a_day(talk: Talk) -> None:
    asked_to_the_fifth(talk)
    step = talk.say("没有")
    said = numbers_in(*step.first)
    assert all(word in said for word in ("信得过", "心理科", "12356", "120", "找真人", "咨询师"))
    assert (talk.open, talk.known.level, is_silent(step)) == (None, LEVEL.WATCH, True)


def test_what_is_typed_before_the_question_is_shown_is_heard_and_answers_nothing(talk: Talk) -> None:
    talk.say("活着没意思", WATCH)
    talk.known = replace(talk.known, is_shown=False)
    step = talk.say("没有")
    assert (step.voice, step.first, step.after, step.asq) == (Voice.BRIEF, (), (), None)
    assert talk.say("我想自杀", HIGH).safety_set == "high_self", "danger waits for nothing"


# what an answer raises


def test_the_first_yes_is_stored_as_watch_so_that_a_human_reads_it(talk: Talk) -> None:
    talk.signal(ASK_DIRECTLY)
    assert talk.known.level is LEVEL.NONE
    step = talk.say("有")
    assert (step.finding.level, step.finding.subject, step.finding.kind) == (LEVEL.WATCH, RiskSubject.SELF, RiskKind.SUICIDE)
    assert [cue.name for cue in step.finding.cues] == ["asq_1"]
    assert talk.say("没有").finding.level is LEVEL.NONE, "told once, stored once"


def test_high_by_an_answer_says_the_fixed_text_first_and_then_the_next_question(talk: Talk) -> None:
    talk.say("活着没意思", WATCH)
    talk.say("没有")
    talk.say("没有")
    step = talk.say("有")
    *fixed, asked = step.first
    assert [reply.author for reply in fixed] == [Author.SAFETY] * 2
    assert all(number in numbers_in(*fixed) for number in ("120", "110", "12356"))
    assert "值班咨询师" in numbers_in(*fixed)
    assert asked.text == ASQ.questions["4"][0]
    assert (step.finding.level, step.told.level, step.safety_set) == (LEVEL.HIGH, LEVEL.HIGH, "asq_high")
    assert is_silent(step)


def test_after_high_the_last_answer_closes_and_rasa_goes_on_with_what_keeps_safe(talk: Talk) -> None:
    asked_to_the_fifth(talk, third="有")
    step = talk.say("没有")
    assert texts(*step.first)[0] in [wording[0] for wording in ASQ.closing["high"]]
    assert (step.voice, step.told.level, step.finding.level) == (Voice.WHOLE, LEVEL.HIGH, LEVEL.NONE)


def test_the_fifth_yes_is_imminent_and_nothing_more_is_asked(talk: Talk) -> None:
    asked_to_the_fifth(talk)
    step = talk.say("有")
    assert (step.finding.level, step.safety_set, talk.open) == (LEVEL.IMMINENT, "imminent_self", None)
    assert texts(*step.first)[0].find("120") >= 0
    assert questions_in(step) == []
    assert step.voice is Voice.WHOLE


def test_the_fifth_refused_is_high_and_a_human_is_told_at_once(talk: Talk) -> None:
    asked_to_the_fifth(talk)
    step = talk.say("不想回答")
    assert (step.finding.level, step.safety_set) == (LEVEL.HIGH, "asq_unsaid")
    assert all(reply.author is Author.SAFETY for reply in step.first)


def test_the_fifth_refused_after_a_thought_is_imminent(talk: Talk) -> None:
    asked_to_the_fifth(talk, third="有")
    assert talk.say("不想说").finding.level is LEVEL.IMMINENT


def test_two_refusals_leave_only_the_fifth(talk: Talk) -> None:
    talk.say("活着没意思", WATCH)
    talk.say("不想回答")
    assert questions_in(talk.say("别问了")) == ["5"]


def test_an_attempt_of_these_months_is_high_and_one_of_long_ago_alone_is_watch() -> None:
    for answer, level in (("上个月", LEVEL.HIGH), ("不想说", LEVEL.HIGH), ("三年前", LEVEL.WATCH)):
        talk = Talk()
        talk.say("活着没意思", WATCH)
        for each in ("没有", "没有", "没有", "有"):
            talk.say(each)
        assert talk.open == "when"
        talk.say(answer)
        assert (talk.known.level, talk.open) == (level, "5")


def test_the_time_is_asked_with_buttons_of_its_own(talk: Talk) -> None:
    talk.say("活着没意思", WATCH)
    for each in ("没有", "没有", "没有", "有"):
        talk.press(each)
    assert [button.title for button in talk.bubbles[-1].buttons] == ["三个月以内", "更早", "不想说"]
    talk.press("不想说")
    assert talk.known.level is LEVEL.HIGH


def test_the_fixed_text_of_a_later_rise_has_other_words(talk: Talk) -> None:
    said: list[str] = []
    talk.say("我想自杀", HIGH)
    said += texts(*talk.steps[-1].first)
    talk.say("真的想自杀", HIGH)
    assert not set(said) & set(texts(*talk.steps[-1].first))


# danger while a question is open


def test_a_sign_at_high_closes_the_row_and_is_answered_by_the_fixed_text_alone(talk: Talk) -> None:
    talk.say("活着没意思", WATCH)
    step = talk.say("我已经想好怎么死了", HIGH)
    assert (step.safety_set, step.voice, talk.open) == ("high_self", Voice.WHOLE, None)
    assert questions_in(step) == []
    assert talk.known.asq is not None
    assert talk.known.asq.turns == 1


@pytest.mark.parametrize("level", [LEVEL.HIGH, LEVEL.IMMINENT])
def test_while_a_human_is_on_the_case_a_watch_opens_no_question(talk: Talk, level: RiskLevel) -> None:
    talk.say("我想自杀", found(level))
    talk.later(days=2)
    step = talk.say("活着没意思", WATCH)
    assert (questions_in(step), step.voice) == ([], Voice.WHOLE)


def test_a_sentence_without_a_cue_gets_the_fixed_text_once(talk: Talk) -> None:
    guess = RiskFinding(LEVEL.HIGH, RiskSubject.SELF, RiskKind.SUICIDE, score=0.9)
    assert talk.say("我想走了", guess).safety_set == "high_self"
    again = talk.say("我想走了", guess)
    assert (again.first, again.safety_set, again.told.level) == ((), None, LEVEL.HIGH)
    assert talk.say("我想走了", found(LEVEL.IMMINENT)).safety_set == "imminent_self"


def test_a_short_plain_answer_is_that_answer_whatever_it_looks_like_alone(talk: Talk) -> None:
    talk.say("活着没意思", WATCH)
    guess = RiskFinding(LEVEL.HIGH, RiskSubject.SELF, RiskKind.SUICIDE, score=0.9)
    step = talk.say("有", guess)
    assert (step.safety_set, talk.open, step.finding.level) == (None, "2", LEVEL.WATCH)
    with_cue = talk.say("有，想自杀", RiskFinding(LEVEL.HIGH, RiskSubject.SELF, RiskKind.SUICIDE, (Cue("plan", 2, 5),)))
    assert with_cue.safety_set == "high_self", "words that are a sign are a sign"


def test_last_arrangements_soon_after_an_own_sign_are_a_farewell(talk: Talk) -> None:
    arrangements = found(LEVEL.WATCH, cue="last_arrangements")
    assert Talk().say("把猫托给室友了", arrangements).finding.level is LEVEL.WATCH
    talk.say("活着没意思", WATCH)
    step = talk.say("把猫托给室友了", arrangements)
    assert (step.finding.level, step.safety_set, talk.open) == (LEVEL.IMMINENT, "imminent_self", None)


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
    assert [button.title for button in step.after[-1].buttons] == [content().plan.buttons["begin"], content().plan.buttons["later"]]
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
