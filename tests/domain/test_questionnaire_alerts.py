"""Alerts and offers of a score, what can't be an answer, and what holds for every run."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scored_answers import IDS, alerts, dass, ends, given_answers, scales, scored

from bot.domain.errors import UnknownChoice
from bot.domain.questionnaire import alerts_so_far, next_item, progress, score
from bot.domain.questionnaire_definition import NextStep, Questionnaire, Sex, Step
from bot.domain.risk import RiskLevel

# --- alerts and what to offer --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [(0, []), (1, [(RiskLevel.WATCH, True)]), (2, [(RiskLevel.HIGH, False)]), (3, [(RiskLevel.HIGH, False)]), (None, [(RiskLevel.WATCH, True)])],
)  # fmt: skip
def test_item_9_alerts_at_once_before_the_run_is_finished(chosen: int | None, expected: list[tuple[RiskLevel, bool]]) -> None:
    found = alerts_so_far(scales()["phq-9"], {"9": chosen})
    assert [(rule.level, rule.is_asked) for rule in found] == expected


def test_an_item_that_was_not_asked_yet_is_no_skipped_one() -> None:
    assert alerts_so_far(scales()["phq-9"], given_answers("phq-9", 0, 0, 0)) == ()


def test_a_very_high_total_asks_in_spite_of_a_nought_on_item_9() -> None:
    heavy = given_answers("phq-9", 3, 3, 3, 3, 3, 3, 2, 0, 0)
    assert alerts(score(scales()["phq-9"], heavy)) == {"total-very-high"}
    assert [rule.id for rule in alerts_so_far(scales()["phq-9"], heavy)] == ["total-very-high"]
    assert alerts(scored("phq-9", 3, 3, 3, 3, 3, 2, 2, 0, 0)) == set()
    assert alerts(scored("phq-9", 3, 3, 3, 3, 3, 3, None, 0, 0)) == {"total-very-high"}, "18 x 9 / 8 = 20.25, prorated"


def test_who_5_asks_at_28_and_k6_at_13_or_at_hopelessness() -> None:
    assert alerts(scored("who-5", 2, 2, 1, 1, 1)) == {"very-low"}
    assert alerts(scored("who-5", 2, 2, 2, 1, 1)) == set()
    assert alerts(scored("k6", 4, 2, 3, 2, 2, 0)) == {"serious-distress"}
    assert alerts(scored("k6", 0, 3, 0, 0, 0, 0)) == alerts(scored("k6", 0, 0, 0, 0, 0, 3)) == {"hopeless-or-worthless"}
    assert alerts(scored("k6", 4, 2, 0, 0, 0, 2)) == set()
    assert alerts(scored("k6", 4, 2, 4, 3, 0, None)) == {"serious-distress"}, "reached without the skipped item"


def test_dass_21_asks_at_items_17_and_21_and_at_a_very_high_depression_sum() -> None:
    assert alerts(dass((0, 0, 0, 0, 0, 2, 0))) == alerts(dass((0, 0, 0, 0, 0, 0, 2))) == {"worthless-or-meaningless"}
    assert alerts(dass((0, 0, 0, 0, 0, 1, 1))) == set()
    assert alerts(dass((3, 3, 3, 3, 2, 0, 0))) == {"depression-very-high"}
    assert alerts(dass((3, 3, 3, 3, 1, 0, 0))) == set()


def test_questionnaires_without_a_rule_never_alert() -> None:
    for name in ("gad-7", "phq-4", "cbi-work", "ucla-3", "audit-c", "jenkins-4", "pc-ptsd-5"):
        assert alerts(score(scales()[name], ends(name)[1])) == set()


@pytest.mark.parametrize(
    ("name", "answers", "step"),
    [
        ("gad-7", (3, 3, 3, 3, 3, 0, 0), NextStep(Step.QUESTIONNAIRE, "phq-9")),
        ("phq-4", (2, 1, 0, 0), NextStep(Step.QUESTIONNAIRE, "gad-7")), ("phq-4", (1, 1, 0, 0), NextStep(Step.QUESTIONNAIRE, "gad-7")),
        ("phq-4", (0, 0, 3, 0), NextStep(Step.QUESTIONNAIRE, "phq-9")), ("phq-4", (0, 0, 1, 1), NextStep(Step.QUESTIONNAIRE, "phq-9")),
        ("phq-9", (1, 1, 1, 1, 1, 1, 1, 0, 0), NextStep(Step.REPEAT, "14")), ("who-5", (1, 1, 1, 1, 1), NextStep(Step.QUESTIONNAIRE, "phq-9")),
        ("cbi-work", (75, 75, 75, 75, 75, 75, 25), NextStep(Step.QUESTIONNAIRE, "phq-9")), ("audit-c", (4, 2, 2), NextStep(Step.HOSPITAL)),
        ("pc-ptsd-5", (1, 1, 1, 0, 0, 0), NextStep(Step.COUNSELLOR)),
    ],
)  # fmt: skip
def test_a_score_offers_what_instruments_md_says(name: str, answers: tuple[int, ...], step: NextStep) -> None:
    found = scored(name, *answers)
    assert step in found.next_steps
    assert len(set(found.next_steps)) == len(found.next_steps)


def test_a_score_below_offers_no_further_questionnaire() -> None:
    assert not scored("gad-7", 2, 2, 2, 2, 2, 2, 2).suggestions
    assert not scored("phq-4", 1, 0, 0, 1).suggestions
    assert not scored("pc-ptsd-5", 1, 1, 0, 0, 0, 0).suggestions
    assert not scored("audit-c", 4, 2, 1).suggestions
    assert not scored("cbi-work", 100, 0, 0, 0, 0, 0, 100).suggestions, "a mean of 14, though the sum is 100"


def test_the_worker_is_warned_from_8_on_not_to_stop_drinking_at_once() -> None:
    (warning,) = scored("audit-c", 4, 2, 2).suggestions
    assert all("不要突然停酒" in "".join(bubbles) and "医院" in "".join(bubbles) for bubbles in warning.worker)


# --- what can't be an answer ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("answers", [{"1": 4}, {"1": -1}, {"10": 1}, {"1": True}, {"gate": 1}, {"1": 1.0}, {"": None}])
@pytest.mark.parametrize("read", [score, alerts_so_far, next_item, progress])
def test_cannot_take_a_score_that_is_no_option_or_an_item_that_is_not_there(answers: dict[str, int], read: object) -> None:
    with pytest.raises(UnknownChoice):
        read(scales()["phq-9"], answers)  # type: ignore[operator]


# --- what always holds ---------------------------------------------------------------------------------------------


@st.composite
def runs(draw: st.DrawFn, skips: bool = True) -> tuple[Questionnaire, dict[str, int | None]]:
    questionnaire = scales()[draw(st.sampled_from(IDS))]
    answers: dict[str, int | None] = {}
    for item in questionnaire.items:
        kinds = [st.sampled_from(sorted(item.scores))] + ([st.none()] if skips else [])
        answers[item.link_id] = draw(st.one_of(*kinds))
    return questionnaire, answers


@given(runs(), st.sampled_from(Sex))
def test_no_value_leaves_its_scale_and_each_lies_in_its_band(
    run: tuple[Questionnaire, dict[str, int | None]], sex: Sex
) -> None:
    questionnaire, answers = run
    found = score(questionnaire, answers, sex)
    for scale in questionnaire.scales:
        result = found.whole if scale is questionnaire.total else found.subscales[scale.id]
        if result.value is None:
            assert result.band is None
            continue
        assert scale.lowest <= result.value <= scale.highest
        if scale.bands:
            assert result.band is not None
            assert result.band.low[sex] <= result.value < result.band.high[sex] + 1


@given(runs(skips=False), st.data())
def test_a_graver_answer_never_lowers_a_value(run: tuple[Questionnaire, dict[str, int | None]], data: st.DataObject) -> None:
    questionnaire, answers = run
    item = data.draw(st.sampled_from([each for each in questionnaire.items if each.is_scored]))
    graver = [each for each in item.scores if item.points(each) > item.points(answers[item.link_id] or 0)]
    assume(graver)
    before, after = (
        score(questionnaire, answers),
        score(questionnaire, {**answers, item.link_id: data.draw(st.sampled_from(graver))}),
    )
    if before.total is not None:
        assert after.total is not None
        assert after.total >= before.total
    for name, result in before.subscales.items():
        assert (after.subscales[name].value or 0) >= (result.value or 0)


@given(runs(), st.data())
def test_what_alerted_in_the_middle_still_alerts_at_the_end(
    run: tuple[Questionnaire, dict[str, int | None]], data: st.DataObject
) -> None:
    questionnaire, answers = run
    done = data.draw(st.integers(0, len(answers)))
    so_far = dict(list(answers.items())[:done])
    early = {rule.id for rule in alerts_so_far(questionnaire, so_far)}
    assert early <= alerts(score(questionnaire, answers))


@given(st.sampled_from(IDS), st.randoms(use_true_random=False))
def test_a_run_asks_every_item_at_most_once_andends(name: str, chance: object) -> None:
    questionnaire, answers, asked = scales()[name], dict[str, "int | None"](), list[str]()
    while (item := next_item(questionnaire, answers)) is not None:
        asked.append(item.link_id)
        answers[item.link_id] = chance.choice([*sorted(item.scores), None])  # type: ignore[attr-defined]
    assert len(set(asked)) == len(asked) <= len(questionnaire.items)
    finished = progress(questionnaire, answers)
    assert finished.done == finished.of


@given(st.lists(st.integers(0, 3), min_size=8, max_size=8))
def test_a_skipped_item_9_alerts_as_skipped_whatever_the_others_say(others: list[int]) -> None:
    found = alerts(scored("phq-9", *others, None))
    assert found == {"item-9-skipped"}
