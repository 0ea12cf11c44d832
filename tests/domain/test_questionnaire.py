"""Scoring: the worked examples of INSTRUMENTS.md, every band's edge, reverse items, each missing pattern, what is asked when."""

from __future__ import annotations

from itertools import combinations

import pytest
from scored_answers import IDS, band, dass, ends, given_answers, scales, scored

from bot.domain.questionnaire import Answers, Progress, next_item, progress, score
from bot.domain.questionnaire_definition import Questionnaire, Scale, Sex
from bot.domain.risk import RiskLevel

BANDED = [(name, scale.id) for name in IDS for scale in scales()[name].scales if scale.bands]


# --- the worked examples -------------------------------------------------------------------------------------------


def test_phq_9_with_eight_ones_is_mild_and_raises_no_alert() -> None:
    found = scored("phq-9", 1, 1, 1, 1, 1, 1, 1, 1, 0)
    assert (found.total, found.band and found.band.label, found.alerts) == (8, "轻度", ())


def test_phq_9_with_item_9_at_one_is_watched_and_asked() -> None:
    found = scored("phq-9", 1, 1, 1, 1, 1, 1, 1, 1, 1)
    assert found.total == 9
    assert [(rule.level, rule.is_asked) for rule in found.alerts] == [(RiskLevel.WATCH, True)]


def test_phq_9_with_two_missing_is_prorated_and_the_missing_item_9_is_asked() -> None:
    found = scored("phq-9", 2, 2, 2, 2, 2, 2, 2, None, None)
    assert (found.total, found.is_prorated, found.missing) == (18, True, ("8", "9"))
    assert [(rule.id, rule.level, rule.is_asked) for rule in found.alerts] == [("item-9-skipped", RiskLevel.WATCH, True)]


def test_phq_9_with_three_missing_has_no_score() -> None:
    found = scored("phq-9", 2, 2, 2, 2, 2, 2, None, None, None)
    assert (found.total, found.band, found.is_prorated) == (None, None, False)


def test_gad_7_prorates_one_missing_item_and_no_second() -> None:
    assert scored("gad-7", 2, 2, 2, 2, 2, None, None).total is None
    assert scored("gad-7", 2, 2, 2, 2, 2, 2, None).total == 14
    assert band("gad-7", 2, 2, 2, 2, 2, 2, None) == "moderate"


def test_phq_4_scores_a_pair_only_when_both_are_answered() -> None:
    found = scored("phq-4", 3, None, 0, 0)
    assert (found.subscales["anxiety"].value, found.subscales["low_mood"].value, found.total) == (None, 0, None)


@pytest.mark.parametrize(
    ("answers", "total", "expected"),
    [((3, 3, 2, 2, 2), 48, "low"), ((3, 3, 3, 2, 2), 52, "fair"), ((2, 2, 1, 1, 1), 28, "very_low")],
)
def test_who_5_is_times_four_and_higher_is_better(answers: tuple[int, ...], total: int, expected: str) -> None:
    assert (scored("who-5", *answers).total, band("who-5", *answers)) == (total, expected)


def test_k6_is_recoded_from_the_positions_of_the_form() -> None:
    items = scales()["k6"].items
    chosen = [item.options[position - 1].score for item, position in zip(items, (1, 1, 2, 3, 5, 5), strict=True)]
    assert chosen == [4, 4, 3, 2, 0, 0]
    assert (scored("k6", *chosen).total, band("k6", *chosen)) == (13, "serious")


def test_dass_21_doubles_each_sum_and_shows_no_total() -> None:
    found = dass((1, 1, 1, 1, 1, 0, 0))
    low = found.subscales["depression"]
    assert (low.value, low.band and low.band.label, found.total, found.band) == (10, "轻度", None, None)
    assert {name: each.value for name, each in found.subscales.items()} == {"depression": 10, "anxiety": 0, "stress": 0}


def test_dass_21_prorates_one_of_seven_and_no_second() -> None:
    one = dass((1, 1, 1, None, 1, 1, 1)).subscales["depression"]
    assert (one.value, one.band and one.band.label, one.is_prorated, one.missing) == (14, "中度", True, ("13",))
    assert dass((1, 1, None, None, 1, 1, 1)).subscales["depression"].value is None


def test_burnout_is_a_mean_with_the_seventh_item_turned_round() -> None:
    assert scored("cbi-work", 100, 100, 100, 100, 100, 100, 100).total == 85.7
    assert scored("cbi-work", 100, 100, 100, 100, 100, 100, 0).total == 100
    four = scored("cbi-work", 50, 50, None, None, 50, 50, None)
    assert (four.total, four.band and four.band.label, four.is_prorated) == (50, "高", False)
    assert scored("cbi-work", 50, 50, 50, None, None, None, None).total is None


@pytest.mark.parametrize(
    ("answers", "sex", "expected"),
    [
        ((2, 1, 1), Sex.MALE, "at_or_above"), ((2, 1, 1), Sex.FEMALE, "at_or_above"), ((2, 1, 1), Sex.UNSAID, "at_or_above"),
        ((1, 1, 1), Sex.MALE, "below"), ((1, 1, 1), Sex.FEMALE, "at_or_above"), ((1, 1, 1), Sex.UNSAID, "at_or_above"),
    ],
)  # fmt: skip
def test_the_cut_of_audit_c_depends_on_the_sex(answers: tuple[int, ...], sex: Sex, expected: str) -> None:
    assert band("audit-c", *answers, sex=sex) == expected


# --- lowest, highest, every edge -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", IDS)
def test_the_lowest_and_the_highest_answers_give_the_ends_of_every_scale(name: str) -> None:
    questionnaire = scales()[name]
    for answers, end in zip(ends(name), ("lowest", "highest"), strict=True):
        found = score(questionnaire, answers)
        for scale in questionnaire.scales:
            value = found.total if scale is questionnaire.total else found.subscales[scale.id].value
            assert value == getattr(scale, end)


def _reaching(questionnaire: Questionnaire, scale: Scale, target: int) -> Answers | None:
    """Answers that give exactly this value, the first items as high as they can be; None where no answers do."""
    items = [questionnaire.by_link_id[link_id] for link_id in scale.link_ids]
    reached: dict[int, tuple[int, ...]] = {0: ()}
    for item in items:
        nexts: dict[int, tuple[int, ...]] = {}
        for done, chosen in reached.items():
            for each in sorted(item.scores, reverse=True):
                nexts.setdefault(done + item.points(each), (*chosen, each))
        reached = nexts
    wanted = target * len(items) if scale.is_mean else target / scale.factor
    if wanted not in reached:
        return None
    others = {
        item.link_id: 1 if not item.is_scored and item.asked_when is None else min(item.scores) for item in questionnaire.items
    }
    return {**others, **dict(zip(scale.link_ids, reached[int(wanted)], strict=True))}


@pytest.mark.parametrize(("name", "scale_id"), BANDED)
@pytest.mark.parametrize("sex", Sex)
def test_every_value_of_a_scale_lies_in_the_band_that_the_file_names(name: str, scale_id: str, sex: Sex) -> None:
    questionnaire = scales()[name]
    scale = next(each for each in questionnaire.scales if each.id == scale_id)
    seen = set()
    for value in range(scale.lowest, scale.highest + 1):
        answers = _reaching(questionnaire, scale, value)
        if answers is None:
            continue
        found = score(questionnaire, answers, sex)
        result = found.whole if scale is questionnaire.total else found.subscales[scale_id]
        expected = next(each for each in scale.bands if each.low[sex] <= value <= each.high[sex])
        assert (result.value, result.band) == (value, expected)
        seen.add(expected.id)
    assert seen == {each.id for each in scale.bands}


EDGES = {  # INSTRUMENTS.md: where each band ends
    "phq-9": (4, 9, 14, 19, 27), "gad-7": (4, 9, 14, 21), "phq-4": (2, 5, 8, 12), "who-5": (28, 50, 100), "k6": (4, 12, 24),
    "cbi-work": (49, 100), "ucla-3": (5, 9), "audit-c": (2, 12), "pc-ptsd-5": (2, 5),
}  # fmt: skip
DASS_EDGES = {"depression": (9, 13, 20, 27, 42), "anxiety": (7, 9, 14, 19, 42), "stress": (14, 18, 25, 33, 42)}


def test_the_bands_end_where_instruments_md_says() -> None:
    for name, edges in EDGES.items():
        total = scales()[name].total
        assert total
        assert tuple(each.high[Sex.UNSAID] for each in total.bands) == edges
    for subscale in scales()["dass-21"].subscales:
        assert tuple(each.high[Sex.UNSAID] for each in subscale.bands) == DASS_EDGES[subscale.id]
    for name, edges in {"audit-c": (3, 12), "pc-ptsd-5": (3, 5)}.items():
        total = scales()[name].total
        assert total
        assert tuple(each.high[Sex.MALE] for each in total.bands) == edges


@pytest.mark.parametrize(
    ("raw", "label"),
    [((4, 3, 7), "正常"), ((5, 4, 8), "轻度"), ((7, 6, 10), "中度"), ((11, 8, 13), "重度"), ((14, 10, 17), "极重度")],
)
def test_dass_21_agrees_with_the_published_table_of_raw_sums(raw: tuple[int, int, int], label: str) -> None:
    """PMC10560014, table 1, gives the bands before doubling: each begins (正常: ends) at these sums."""
    answers: dict[str, int | None] = {}
    for subscale, total in zip(scales()["dass-21"].subscales, raw, strict=True):
        for place, link_id in enumerate(subscale.link_ids):
            answers[link_id] = total // 7 + (place < total % 7)
    found = score(scales()["dass-21"], answers)
    assert {each.band.label for each in found.subscales.values() if each.band} == {label}


# --- missing answers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", IDS)
def test_every_pattern_of_up_to_three_skipped_items_is_scored_by_the_rule(name: str) -> None:
    questionnaire = scales()[name]
    lowest, _ = ends(name)
    if name == "pc-ptsd-5":
        lowest = {**lowest, "gate": 1}
    if name == "audit-c":
        lowest = {**lowest, "1": 1}
    for scale in questionnaire.scales:
        for count in (1, 2, 3):
            for skipped in combinations(scale.link_ids, count):
                found = score(questionnaire, {**lowest, **dict.fromkeys(skipped)})
                result = found.whole if scale is questionnaire.total else found.subscales[scale.id]
                assert (result.value is None) == (count > scale.missing.most)
                gone = scale.link_ids if name == "audit-c" and "1" in skipped else skipped  # 2 and 3 hang on 1
                assert result.missing == gone
                assert result.is_prorated == (result.value is not None and not scale.is_mean)


def test_a_half_is_rounded_to_the_higher_side() -> None:
    assert scored("phq-9", 1, 1, 1, 1, 0, 0, 0, 0, None).total == 5, "4 x 9 / 8 = 4.5, the higher band"
    assert scored("gad-7", 1, 0, 0, 0, 0, 0, None).total == 1, "7 / 6 = 1.17"


def test_a_prorated_subscale_is_rounded_after_it_is_doubled() -> None:
    assert dass((2, 1, 1, None, 0, 0, 0)).subscales["depression"].value == 9, "4 x 7 / 6 x 2 = 9.33, not 2 x 5"


def test_an_item_never_asked_counts_as_skipped_when_the_run_is_scored() -> None:
    assert scored("phq-9", 2, 2, 2, 2, 2, 2, 2) == scored("phq-9", 2, 2, 2, 2, 2, 2, 2, None, None)


def test_nothing_answered_gives_no_score_and_no_error() -> None:
    for name in IDS:
        found = score(scales()[name], {})
        assert found.total is None
        assert all(each.value is None for each in found.subscales.values())


def test_pc_ptsd_5_counts_an_incomplete_sum_once_it_reaches_the_cut() -> None:
    found = scored("pc-ptsd-5", 1, 1, 1, 1, 1, None)
    assert (found.total, found.whole.is_minimum, found.band and found.band.id) == (4, True, "at_or_above")
    assert scored("pc-ptsd-5", 1, 1, 1, 1, 0, None, sex=Sex.MALE).total is None
    assert scored("pc-ptsd-5", 1, 1, 1, 1, 0, None, sex=Sex.FEMALE).total == 3


# --- items with a condition ----------------------------------------------------------------------------------------


def _asked(name: str, *chosen: int | None) -> str | None:
    item = next_item(scales()[name], given_answers(name, *chosen))
    return item.link_id if item else None


def test_the_functional_item_is_asked_only_when_something_was_felt_and_never_scored() -> None:
    assert _asked("phq-9", *[0] * 9) is None
    assert _asked("phq-9", *[0] * 8, None) is None
    assert _asked("phq-9", *[0] * 8, 1) == "F"
    assert scored("phq-9", *[1] * 9, 3).total == 9
    assert scored("phq-9", *[1] * 9, None).missing == ()


def test_who_never_drinks_is_not_asked_how_much() -> None:
    assert _asked("audit-c", 0) is None
    assert (scored("audit-c", 0).total, scored("audit-c", 0).missing) == (0, ())
    assert _asked("audit-c", 1) == "2"
    assert _asked("audit-c", None) is None
    assert scored("audit-c", None).total is None


def test_answers_that_a_corrected_first_item_rules_out_do_not_count() -> None:
    assert scored("audit-c", 0, 4, 4).total == 0


def test_without_such_an_event_the_run_ends_at_the_gate() -> None:
    assert _asked("pc-ptsd-5", 0) is None
    assert scored("pc-ptsd-5", 0).total == 0
    assert _asked("pc-ptsd-5", 1) == "1"


def test_a_refused_gate_ends_the_run_without_a_score() -> None:
    assert _asked("pc-ptsd-5", None) is None
    assert scored("pc-ptsd-5", None).total is None


def test_the_first_open_item_is_asked_also_after_a_gap() -> None:
    assert _asked("phq-9") == "1"
    assert next_item(scales()["phq-9"], {"1": 0, "3": 2}).link_id == "2"  # type: ignore[union-attr]


def test_progress_counts_the_items_of_the_score() -> None:
    phq, drinks, trauma = (scales()[name] for name in ("phq-9", "audit-c", "pc-ptsd-5"))
    assert progress(phq, given_answers("phq-9", 1, 1, None)) == Progress(3, 9)
    assert progress(phq, given_answers("phq-9", *[1] * 9, 2)) == Progress(9, 9)
    assert progress(drinks, {}) == Progress(0, 3)
    assert progress(drinks, {"1": 0}) == Progress(1, 1)
    assert progress(drinks, {"1": 2}) == Progress(1, 3)
    assert progress(trauma, {"gate": None}) == Progress(1, 1)
