"""What the gateway says and asks by itself when a life may be in danger: what is said when, and how much Rasa says beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ground import content
from protocol_talk import CALM, HIGH, WATCH, Talk, found, is_silent, numbers_in, questions_in, texts

from bot.domain.conversation import Author
from bot.domain.protocol import ASK_DIRECTLY, Voice
from bot.domain.risk import Cue, RiskFinding, RiskKind, RiskLevel, RiskSubject

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


@pytest.mark.parametrize("first", ["真撑不住了", "快坚持到极限了"])
def test_the_gentle_question_comes_again_in_other_words_whatever_words_can_be_given_back(talk: Talk, first: str) -> None:
    opening = talk.say(first, TIRED_FINDING)
    again = talk.say("不知道，就是撑不住了")
    assert questions_in(again) == ["tired"]
    assert again.first[-1].text != opening.after[-1].text


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
    assert "咨询师" in numbers_in(*fixed)
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


def test_a_question_left_lying_is_closed_by_danger_so_that_its_button_asks_nothing_more(talk: Talk) -> None:
    talk.say("活着没意思", WATCH)
    talk.later(hours=13)
    talk.say("药在手边", found(LEVEL.IMMINENT))
    assert talk.open is None
    assert questions_in(talk.press("有", ASQ.questions["1"][0])) == []


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
