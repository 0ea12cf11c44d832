"""A counsellor sees a screening that is shared, that a counsellor invited to, or that gave an alert; no other one."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from ground import NOW, content, scales
from sqlalchemy import select
from team_ground import account
from worker_thread import Thread

from bot.db.tables import Conversation, Screening
from bot.domain.case_access import Viewer
from bot.domain.errors import InvalidInput, NotFound
from bot.domain.handoff import HandoffPolicy, HandoffReason
from bot.domain.questionnaire_definition import Item, Questionnaire
from bot.domain.risk import RiskLevel
from bot.domain.screening import begin
from bot.domain.screening_course import take_answer
from bot.domain.screening_talk import Paper, ScreeningTurn, Talk
from bot.services import brief_screenings, console_cases, handoffs, screenings

DAY = dt.timedelta(days=1)


def _finished(session: Any, thread: Thread, at: dt.datetime, score: int = 1, **wanted: Any) -> str:
    """A finished GAD-7 with this score in every item; gives its run."""
    definition = scales().questionnaires["gad-7"]
    turn = begin(
        Paper(definition, content().screening), uuid.uuid4().hex, has_consent=True, is_invited=wanted.get("is_invited", False)
    )
    for item in definition.items:
        turn = _answered(turn, definition, item, score)
    screenings.keep(session, thread.worker_id, thread.id, turn, definition, at, consent_version="2026-11")
    row = session.get_one(Screening, turn.state.run_id)
    row.shared_at = wanted.get("shared_at")
    if wanted.get("alerted"):
        row.state = {**row.state, "alerted": ["item_9"]}
    session.commit()
    return turn.state.run_id


def _answered(turn: ScreeningTurn, definition: Questionnaire, item: Item, score: int) -> ScreeningTurn:
    talk = Talk(turn.state, Paper(definition, content().screening))
    take_answer(talk, item, score)
    return talk.turn()


def _shown(thread: Thread) -> list[dict[str, Any]]:
    return thread.root.call_reading(brief_screenings.shown_to_counsellor, thread.worker_id, scales().questionnaires)


def test_a_run_that_is_the_workers_own_business_is_not_shown(thread: Thread) -> None:
    thread.root.call(_finished, thread, NOW)
    assert _shown(thread) == []


@pytest.mark.parametrize("wanted", [{"shared_at": NOW}, {"is_invited": True}, {"alerted": True}])
def test_what_is_shared_invited_or_alarming_is_shown(thread: Thread, wanted: dict[str, Any]) -> None:
    thread.root.call(_finished, thread, NOW, **wanted)
    (found,) = _shown(thread)
    assert (found["questionnaire"], found["is_shared"], found["is_higher_better"]) == ("gad-7", "shared_at" in wanted, False)
    (point,) = found["points"]
    assert (point["value"], point["lowest"], point["highest"]) == (7, 0, 21)
    assert point["label"] in [band["label"] for band in point["bands"]]


def test_points_come_oldest_first_and_leave_the_hidden_out(thread: Thread) -> None:
    for day, wanted in ((0, {"shared_at": NOW}), (20, {}), (40, {"is_invited": True})):
        thread.root.call(_finished, thread, NOW + day * DAY, 1 + day // 20, **wanted)
    (found,) = _shown(thread)
    assert [point["value"] for point in found["points"]] == [7, 21]


def _case(session: Any, thread: Thread, account_id: str) -> int:
    conversation = session.get_one(Conversation, thread.id)
    found = handoffs.request(session, conversation, HandoffReason.ASKED_FOR_PERSON, RiskLevel.NONE, NOW, HandoffPolicy())
    found.status, found.accepted_by = "active", account_id
    session.commit()
    return found.id


def test_an_invited_result_is_opened_with_the_worker_by_the_one_in_charge_only(thread: Thread) -> None:
    lin = Viewer(account(thread.root, "lin"), "lin", "counsellor")
    chen = Viewer(account(thread.root, "chen"), "chen", "counsellor")
    case_id = thread.root.call(_case, thread, lin.account_id)
    own, invited = thread.root.call(_finished, thread, NOW), thread.root.call(_finished, thread, NOW, is_invited=True)
    with pytest.raises(NotFound):
        thread.root.call(console_cases.open_result, chen, case_id, invited, NOW)
    with pytest.raises(InvalidInput):
        thread.root.call(console_cases.open_result, lin, case_id, own, NOW)
    with pytest.raises(NotFound):
        thread.root.call(console_cases.open_result, lin, case_id, "0" * 32, NOW)
    thread.root.call(console_cases.open_result, lin, case_id, invited, NOW)
    opened = thread.root.call_reading(
        lambda session: session.scalar(select(Screening.shared_at).where(Screening.id == invited))
    )
    assert opened == NOW
