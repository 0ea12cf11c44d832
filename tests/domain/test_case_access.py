"""Least rights: a counsellor sees own and waiting cases, a supervisor the team, nobody else any."""

from __future__ import annotations

import pytest

from bot.domain.case_access import CaseStanding, Viewer, is_own, reason_to_open, sees
from bot.domain.errors import Incomplete, NotFound

LIN, CHEN = Viewer("a1", "lin", "counsellor"), Viewer("a2", "chen", "counsellor")
ZHOU, ADMIN, TRAINER = Viewer("a3", "zhou", "supervisor"), Viewer("a4", "adm", "admin"), Viewer("a5", "wu", "trainer")
CLINICIAN = Viewer("a6", "xu", "clinician")
WAITING, ACTIVE, CLOSED = CaseStanding("waiting", None), CaseStanding("active", "a1"), CaseStanding("closed", "a1")


@pytest.mark.parametrize(("viewer", "seen"), [
    (LIN, (WAITING, ACTIVE, CLOSED)), (CHEN, (WAITING,)), (ZHOU, (WAITING, ACTIVE, CLOSED)), (ADMIN, ()), (TRAINER, ()),
    (CLINICIAN, ()),
])  # fmt: skip
def test_who_sees_which_case(viewer: Viewer, seen: tuple[CaseStanding, ...]) -> None:
    assert tuple(case for case in (WAITING, ACTIVE, CLOSED) if sees(viewer, case)) == seen


def test_a_waiting_case_is_nobodys_own() -> None:
    assert not is_own(LIN, CaseStanding("waiting", "a1"))
    assert is_own(LIN, CLOSED)


def test_own_and_waiting_cases_need_no_reason_and_a_given_one_does_not_replace_it() -> None:
    assert reason_to_open(LIN, ACTIVE, "quality") == "own_case"
    assert reason_to_open(CHEN, WAITING, "") == reason_to_open(ZHOU, WAITING, "") == "waiting"


@pytest.mark.parametrize("viewer", [ADMIN, TRAINER, CLINICIAN])
@pytest.mark.parametrize("reason", ["", "supervision", "quality", "break-glass: 我是管理员"])
def test_cannot_open_any_case_without_case_rights(viewer: Viewer, reason: str) -> None:
    for case in (WAITING, ACTIVE, CLOSED):
        with pytest.raises(NotFound):
            reason_to_open(viewer, case, reason)


def test_break_glass_needs_words_of_its_own() -> None:
    assert reason_to_open(CHEN, ACTIVE, "break-glass: 同事联系不上 ") == "break-glass: 同事联系不上"
    for given in ("break-glass", "break-glass:", "break-glass: 急", "glass: 同事联系不上"):
        with pytest.raises(NotFound):
            reason_to_open(CHEN, ACTIVE, given)


@pytest.mark.parametrize("given", ["", "just looking", "own_case", "waiting"])
def test_a_supervisor_must_say_why(given: str) -> None:
    with pytest.raises(Incomplete):
        reason_to_open(ZHOU, ACTIVE, given)
