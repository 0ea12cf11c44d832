"""The states of a change set, who may do which deed, and what only a clinician approves."""

from __future__ import annotations

from itertools import product

import pytest

from bot.domain.case_access import Viewer
from bot.domain.change_set import (
    TRANSITIONS,
    ChangeSetState,
    Deed,
    Standing,
    after,
    is_clinical_path,
    is_clinical_response,
    may,
)
from bot.domain.errors import Forbidden, IllegalTransition, SecondPersonNeeded

WU, HE = Viewer("a1", "wu", "trainer"), Viewer("a2", "he", "trainer")
XU, YAN = Viewer("a3", "xu", "clinician"), Viewer("a4", "yan", "clinician")
OTHERS = [Viewer("a5", "lin", "counsellor"), Viewer("a6", "zhou", "supervisor"), Viewer("a7", "adm", "admin")]
DRAFT, PROPOSED, REVIEWED = ChangeSetState.DRAFT, ChangeSetState.PROPOSED, ChangeSetState.REVIEWED
APPLIED, WITHDRAWN = ChangeSetState.APPLIED, ChangeSetState.WITHDRAWN


def of_wu(state: ChangeSetState, *, is_clinical: bool = False) -> Standing:
    return Standing(state, WU.account_id, is_clinical)


def test_the_way_of_a_change_set_is_draft_proposed_reviewed_applied() -> None:
    assert after(of_wu(DRAFT), Deed.PROPOSE, WU) is PROPOSED
    assert after(of_wu(PROPOSED), Deed.APPROVE, HE) is REVIEWED
    assert after(of_wu(REVIEWED), Deed.APPLY, WU) is APPLIED
    assert after(of_wu(PROPOSED), Deed.RETURN, HE) is DRAFT


def test_what_was_changed_after_it_was_read_must_be_read_again() -> None:
    for state in (PROPOSED, REVIEWED):
        assert after(of_wu(state), Deed.EDIT, WU) is DRAFT


@pytest.mark.parametrize(("state", "deed"), [
    pair for pair in product(ChangeSetState, Deed) if pair not in TRANSITIONS
])  # fmt: skip
def test_what_the_table_does_not_name_is_refused_with_a_chinese_sentence(state: ChangeSetState, deed: Deed) -> None:
    actor = YAN if deed in (Deed.APPROVE, Deed.RETURN) else WU
    with pytest.raises(IllegalTransition) as refused:
        after(of_wu(state), deed, actor)
    assert "改动单现在是" in refused.value.reader_text


@pytest.mark.parametrize("state", [APPLIED, WITHDRAWN])
def test_an_ended_change_set_may_nothing(state: ChangeSetState) -> None:
    for actor in (WU, HE, XU):
        assert may(of_wu(state), actor) == []


@pytest.mark.parametrize("deed", [Deed.APPROVE, Deed.RETURN])
@pytest.mark.parametrize("author", [WU, XU])
def test_cannot_review_ones_own_whatever_the_role(deed: Deed, author: Viewer) -> None:
    with pytest.raises(SecondPersonNeeded):
        after(Standing(PROPOSED, author.account_id, False), deed, author)


def test_only_a_clinician_approves_what_is_clinical_and_a_trainer_may_still_return_it() -> None:
    standing = of_wu(PROPOSED, is_clinical=True)
    with pytest.raises(Forbidden) as refused:
        after(standing, Deed.APPROVE, HE)
    assert "临床审核" in refused.value.reader_text
    assert after(standing, Deed.RETURN, HE) is DRAFT
    assert after(standing, Deed.APPROVE, XU) is REVIEWED


def test_a_clinicians_own_clinical_work_needs_another_clinician() -> None:
    standing = Standing(PROPOSED, XU.account_id, True)
    with pytest.raises(SecondPersonNeeded):
        after(standing, Deed.APPROVE, XU)
    assert after(standing, Deed.APPROVE, YAN) is REVIEWED


@pytest.mark.parametrize("deed", [Deed.EDIT, Deed.PROPOSE, Deed.WITHDRAW])
def test_another_trainers_draft_is_read_but_not_touched(deed: Deed) -> None:
    with pytest.raises(Forbidden) as refused:
        after(of_wu(DRAFT), deed, HE)
    assert "同事" in refused.value.reader_text


@pytest.mark.parametrize("actor", OTHERS)
@pytest.mark.parametrize("deed", list(Deed))
def test_cannot_do_anything_without_a_teaching_role(actor: Viewer, deed: Deed) -> None:
    for state in ChangeSetState:
        with pytest.raises(Forbidden):
            after(Standing(state, "somebody", False), deed, actor)
        assert may(Standing(state, actor.account_id, False), actor) == []


def test_may_names_the_deeds_of_the_protocol() -> None:
    assert may(of_wu(DRAFT), WU) == ["edit", "propose", "withdraw", "train"]
    assert may(of_wu(PROPOSED), WU) == ["edit", "withdraw", "train"]
    assert may(of_wu(PROPOSED), HE) == ["review", "train"]
    assert may(of_wu(REVIEWED), WU) == ["edit", "apply", "withdraw", "train"]
    assert may(of_wu(REVIEWED), HE) == ["review", "apply", "train"]


@pytest.mark.parametrize("path", [
    "content/safety_messages.yml", "content/questionnaires/phq-9.yml", "data/rules/safety.yml", "data/stories/safety.yml", "tests/dialogue/safety/nurse.yml",
])  # fmt: skip
def test_these_files_are_a_clinicians(path: str) -> None:
    assert is_clinical_path(path)


@pytest.mark.parametrize(
    "path",
    ["domain.yml", "data/nlu/grief.yml", "data/stories/telling.yml", "tests/dialogue/topics.yml", "content/jieba/words.txt"],
)
def test_these_files_are_a_trainers(path: str) -> None:
    assert not is_clinical_path(path)


@pytest.mark.parametrize(("name", "is_clinical"), [
    ("utter_safety_heard_drink", True), ("utter_self_plan", True), ("utter_goodbye_safety", True), ("utter_grief_suicide", True),
    ("utter_path_heard", True), ("utter_minor", True), ("utter_reflect_self_worth", False), ("utter_listen", False),
])  # fmt: skip
def test_responses_that_are_said_in_danger_are_a_clinicians(name: str, is_clinical: bool) -> None:
    assert is_clinical_response(name) is is_clinical


def test_a_response_that_a_safety_story_names_is_a_clinicians() -> None:
    assert is_clinical_response("utter_stay_a_while", {"utter_stay_a_while"})
