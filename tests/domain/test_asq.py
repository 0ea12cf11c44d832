"""The row of direct questions: which comes next, what an answer means, and the level it gives (INSTRUMENTS.md 7)."""

from __future__ import annotations

import json
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.asq import (
    OLDER,
    QUESTIONS,
    RECENT,
    TIRED,
    UNSAID,
    WHEN,
    Asq,
    Verdict,
    answered,
    begin,
    corrected,
    is_clear,
    level_of,
    passed_over,
    verdict,
)
from bot.domain.asq_words import Reading
from bot.domain.risk import RiskLevel

YES, NO, REFUSED, UNSURE, JOKE = Reading.YES, Reading.NO, Reading.REFUSED, Reading.UNSURE, Reading.JOKE
NONE, WATCH, HIGH, IMMINENT = RiskLevel.NONE, RiskLevel.WATCH, RiskLevel.HIGH, RiskLevel.IMMINENT
MOST_MESSAGES = 3 * len(QUESTIONS) + 3  # each question twice, a telling after each


def row(*readings: Reading, is_tiredness: bool = False, said: tuple[str, ...] = ()) -> Asq:
    asq = begin(is_tiredness=is_tiredness, said=said)
    for reading in readings:
        assert asq.open is not None, "nothing was asked any more"
        asq = answered(asq, reading)
    return asq


def asked(*readings: Reading, is_tiredness: bool = False, said: tuple[str, ...] = ()) -> list[str | None]:
    """The questions in the order they were open, None when the row is over."""
    opened = [begin(is_tiredness=is_tiredness, said=said)]
    for reading in readings:
        opened.append(answered(opened[-1], reading))
    return [asq.open for asq in opened]


def test_four_clear_no_end_the_row_and_the_fifth_is_not_asked() -> None:
    assert asked(NO, NO, NO, NO) == ["1", "2", "3", "4", None]
    done = row(NO, NO, NO, NO)
    assert is_clear(done)
    assert (level_of(done), verdict(done)) == (NONE, Verdict.NONE)


def test_the_row_does_not_stop_at_the_first_yes() -> None:
    assert asked(YES, NO, NO, NO, NO) == ["1", "2", "3", "4", "5", None]
    assert asked(NO, NO, YES, NO, NO) == ["1", "2", "3", "4", "5", None]


def test_an_attempt_is_asked_for_its_time_before_the_fifth() -> None:
    assert asked(NO, NO, NO, YES, Reading.OLDER, NO) == ["1", "2", "3", "4", WHEN, "5", None]


def test_no_and_no_and_no_and_a_refusal_is_positive_and_the_fifth_is_asked() -> None:
    assert asked(NO, NO, NO, REFUSED, NO) == ["1", "2", "3", "4", "5", None]
    done = row(NO, NO, NO, REFUSED, NO)
    assert not is_clear(done)
    assert level_of(done) is WATCH


@pytest.mark.parametrize("first", [(REFUSED, REFUSED), (NO, REFUSED, REFUSED), (YES, REFUSED, REFUSED), (REFUSED, NO, REFUSED)])
def test_two_refusals_leave_only_the_fifth(first: tuple[Reading, ...]) -> None:
    assert asked(*first)[-1] == "5"


def test_tiredness_is_asked_about_first_and_believed() -> None:
    assert asked(NO, is_tiredness=True) == [TIRED, None]
    done = row(NO, is_tiredness=True)
    assert (level_of(done), verdict(done), is_clear(done)) == (NONE, Verdict.TIRED, False)


def test_a_wish_beside_tiredness_answers_the_first_and_the_thought_comes_next() -> None:
    assert asked(YES, NO, NO, NO, NO, is_tiredness=True) == [TIRED, "3", "2", "4", "5", None]
    assert level_of(row(YES, is_tiredness=True)) is WATCH


def test_the_gentle_question_refused_counts_as_a_yes_to_the_wish() -> None:
    asq = row(REFUSED, is_tiredness=True)
    assert (asq.open, level_of(asq)) == ("3", WATCH)


@pytest.mark.parametrize(
    ("said", "order"),
    [(("1",), ["3", "2", "4", "5", None]), (("2",), ["1", "3", "4", "5", None]), (("1", "2"), ["3", "4", "5", None])],
)
def test_what_was_said_is_not_asked_again(said: tuple[str, ...], order: list[str | None]) -> None:
    assert asked(*[NO] * (len(order) - 1), said=said) == order
    assert asked(NO, said=said, is_tiredness=True)[0] == order[0], "words that name the wish are not asked whether it is one"


@pytest.mark.parametrize(
    ("answers", "level"),
    [
        ({}, NONE),
        ({"1": "no", "2": "no", "3": "no", "4": "no"}, NONE),
        ({"1": "yes"}, WATCH),
        ({"2": "yes"}, WATCH),
        ({"1": "refused"}, WATCH),
        ({"2": "refused"}, WATCH),
        ({"3": "refused"}, WATCH),
        ({"4": "refused"}, WATCH),
        ({"3": "yes"}, HIGH),
        ({"4": "yes", WHEN: RECENT}, HIGH),
        ({"4": "yes", WHEN: UNSAID}, HIGH),
        ({"4": "yes", WHEN: OLDER}, WATCH),
        ({"1": "yes", "4": "yes", WHEN: OLDER}, HIGH),
        ({"2": "yes", "4": "yes", WHEN: OLDER}, HIGH),
        ({"1": "refused", "4": "yes", WHEN: OLDER}, WATCH),
        ({"1": "yes", "5": "no"}, WATCH),
        ({"3": "yes", "5": "no"}, HIGH),
        ({"1": "yes", "5": "yes"}, IMMINENT),
        ({"4": "refused", "5": "yes"}, IMMINENT),
        ({"1": "yes", "5": "refused"}, HIGH),
        ({"1": "refused", "5": "refused"}, HIGH),
        ({"4": "yes", WHEN: OLDER, "5": "refused"}, HIGH),
        ({"3": "yes", "5": "refused"}, IMMINENT),
        ({"4": "yes", WHEN: UNSAID, "5": "refused"}, IMMINENT),
    ],
)
def test_levels_of_the_answers(answers: dict[str, str], level: RiskLevel) -> None:
    assert level_of(Asq(answers)) is level
    assert verdict(Asq(answers)) is Verdict(level.value)


def test_every_combination_of_answers_has_the_level_that_the_instrument_says() -> None:
    """The table of INSTRUMENTS.md 7, written out a second time in other words."""
    for one, two, three, four in product(("yes", "no", "refused"), repeat=4):
        for when in (RECENT, OLDER, UNSAID) if four == "yes" else (None,):
            for five in ("yes", "no", "refused", None):
                given_first = [one, two, three, four]
                expected = 0
                if "yes" in given_first or "refused" in given_first:
                    expected = 1
                if three == "yes" or when in (RECENT, UNSAID) or (when == OLDER and "yes" in (one, two)):
                    expected = 2
                if five == "refused":
                    expected = max(2, expected + 1)
                if five == "yes":
                    expected = 3
                answers = {"1": one, "2": two, "3": three, "4": four}
                answers |= ({WHEN: when} if when else {}) | ({"5": five} if five else {})
                assert level_of(Asq(answers)).rank == expected, answers


def test_an_attempt_whose_time_is_being_asked_is_not_judged_before_the_answer() -> None:
    asq = row(NO, NO, NO, YES)
    assert (asq.open, level_of(asq)) == (WHEN, WATCH)
    assert level_of(answered(asq, Reading.RECENT)) is HIGH
    assert level_of(answered(asq, REFUSED)) is HIGH
    assert level_of(answered(asq, Reading.OLDER)) is WATCH
    assert level_of(row(YES, NO, NO, YES)) is HIGH, "beside a wish an attempt at any time is high"


@pytest.mark.parametrize("unclear", [UNSURE, JOKE])
def test_an_answer_that_is_none_is_asked_again_and_the_second_counts_as_refused(unclear: Reading) -> None:
    asq = row(unclear)
    assert (asq.open, asq.asked["1"], level_of(asq)) == ("1", 2, NONE)
    asq = answered(asq, UNSURE)
    assert (asq.open, asq.answers["1"], level_of(asq)) == ("2", "refused", WATCH)


def test_an_unclear_answer_and_then_a_no_is_a_no() -> None:
    assert row(UNSURE, NO).answers == {"1": "no"}


def test_a_time_nobody_can_tell_is_asked_once_more_and_then_stays_unsaid() -> None:
    asq = answered(answered(row(NO, NO, NO, YES), UNSURE), UNSURE)
    assert (asq.answers[WHEN], level_of(asq)) == (UNSAID, HIGH)


def test_the_fifth_unclear_twice_counts_as_refused() -> None:
    assert level_of(row(YES, NO, NO, NO, UNSURE, UNSURE)) is HIGH


def test_an_answer_after_the_end_changes_nothing() -> None:
    done = row(NO, NO, NO, NO)
    for reading in Reading:
        assert answered(done, reading) == done
    assert passed_over(done) == done


def test_what_is_told_instead_is_heard_once_then_the_question_comes_again() -> None:
    asq = passed_over(begin(is_tiredness=False))
    assert (asq.open, asq.turns, asq.passed) == ("1", 1, 1)
    asq = passed_over(asq)
    assert (asq.open, asq.asked["1"], asq.passed) == ("1", 2, 0)
    asq = passed_over(asq)
    assert (asq.open, asq.passed) == ("1", 1)
    asq = passed_over(asq)
    assert (asq.open, asq.answers, level_of(asq)) == (None, {"1": "refused"}, WATCH)


def test_an_answer_between_two_tellings_is_taken() -> None:
    asq = answered(passed_over(begin(is_tiredness=False)), NO)
    assert (asq.open, asq.answers, asq.passed) == ("2", {"1": "no"}, 0)


def test_the_gentle_question_passed_over_counts_as_the_wish_not_told() -> None:
    asq = begin(is_tiredness=True)
    for _ in range(4):
        asq = passed_over(asq)
    assert (asq.open, asq.answers, verdict(asq)) == (None, {"1": "refused"}, Verdict.WATCH)


def test_a_time_passed_over_is_unsaid_and_high() -> None:
    asq = row(NO, NO, NO, YES)
    for _ in range(4):
        asq = passed_over(asq)
    assert (asq.open, asq.answers[WHEN], level_of(asq)) == (None, UNSAID, HIGH)


def test_the_fifth_passed_over_keeps_the_level_and_is_no_refusal() -> None:
    asq = row(YES, NO, NO, NO)
    for _ in range(4):
        asq = passed_over(asq)
    assert (asq.open, level_of(asq), "5" in asq.answers) == (None, WATCH, False)


@pytest.mark.parametrize("reading", [NO, REFUSED, UNSURE, JOKE])
def test_a_button_further_up_takes_no_yes_back(reading: Reading) -> None:
    asq = row(YES, NO)
    assert corrected(asq, "1", reading) == asq


def test_a_button_further_up_can_make_it_graver() -> None:
    asq = row(NO, NO, NO)
    assert level_of(corrected(asq, "3", YES)) is HIGH
    assert level_of(corrected(asq, "1", YES)) is WATCH
    assert level_of(corrected(row(NO, NO, NO, REFUSED, NO), "5", YES)) is IMMINENT
    assert corrected(asq, "3", YES).open == asq.open


def test_a_time_or_the_gentle_question_is_not_corrected() -> None:
    asq = row(NO, NO, NO, YES, Reading.OLDER)
    assert corrected(asq, WHEN, Reading.RECENT) == asq
    assert corrected(asq, TIRED, YES) == asq


def test_a_refusal_is_no_clear_no() -> None:
    assert not is_clear(row(NO, NO, REFUSED, NO))
    assert not is_clear(row(NO, NO, NO))
    assert not is_clear(row(NO, is_tiredness=True))


MOVES = st.one_of(
    st.sampled_from(list(Reading)).map(lambda reading: ("answer", reading)),
    st.just(("pass", NO)),
    st.tuples(st.sampled_from(QUESTIONS), st.sampled_from(list(Reading))),
)
SAID = st.sampled_from([(), ("1",), ("2",), ("1", "2"), ("3",), ("4",)])


def moved(asq: Asq, move: tuple[str, Reading]) -> Asq:
    kind, reading = move
    if kind == "answer":
        return answered(asq, reading)
    return passed_over(asq) if kind == "pass" else corrected(asq, kind, reading)


@given(st.booleans(), SAID, st.lists(MOVES, max_size=60))
def test_whatever_is_said_the_row_ends_and_its_level_never_falls(
    is_tiredness: bool, said: tuple[str, ...], moves: list[tuple[str, Reading]]
) -> None:
    asq = begin(is_tiredness=is_tiredness, said=said)
    level, ended_after = level_of(asq), 0
    for move in moves:
        asq = moved(asq, move)
        assert Asq.from_json(json.loads(json.dumps(asq.to_json()))) == asq
        assert level_of(asq) >= level
        level = level_of(asq)
        assert asq.open is None or asq.open in QUESTIONS
        assert all(count <= 2 for count in asq.asked.values()), "no question a third time"
        if asq.open is not None and move[0] in ("answer", "pass"):
            ended_after += 1
    assert ended_after <= MOST_MESSAGES


@given(st.booleans(), SAID, st.lists(st.sampled_from([*Reading, None]), min_size=MOST_MESSAGES, max_size=MOST_MESSAGES))
def test_a_row_is_over_after_a_bounded_number_of_messages(
    is_tiredness: bool, said: tuple[str, ...], readings: list[Reading | None]
) -> None:
    asq = begin(is_tiredness=is_tiredness, said=said)
    for reading in readings:
        asq = passed_over(asq) if reading is None else answered(asq, reading)
    assert asq.open is None


@given(st.booleans(), SAID, st.lists(st.sampled_from([YES, NO, REFUSED, Reading.RECENT, Reading.OLDER]), max_size=12))
def test_plain_answers_ask_each_question_once(is_tiredness: bool, said: tuple[str, ...], readings: list[Reading]) -> None:
    asq = begin(is_tiredness=is_tiredness, said=said)
    for reading in readings:
        asq = answered(asq, reading)
    assert all(count == 1 for count in asq.asked.values())
    assert not set(said) & set(asq.asked)
