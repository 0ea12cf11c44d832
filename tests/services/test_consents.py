"""The worker's switches: given once with the text they saw, taken back at any time, and what then stops."""

from __future__ import annotations

import pytest
from ground import NOW
from sqlalchemy import select
from test_screenings import DAY, Desk
from worker_thread import Thread

from bot.db.tables import Consent
from bot.domain.consent import ASSESSMENT, CHAT, CONSENTS, CONSENTS_VERSION, IMPROVEMENT, RESEARCH
from bot.domain.errors import InvalidInput, NotSignedIn
from bot.domain.screening_state import RunStatus
from bot.services import consents, records, workers


def standing(thread: Thread) -> dict[str, bool]:
    lines = thread.root.call_reading(consents.switches, thread.worker_id)
    return {line.kind: line.granted_at is not None for line in lines}


def grant(thread: Thread, kind: str, version: str = CONSENTS_VERSION) -> None:
    thread.root.call(consents.grant, thread.worker_id, kind, version, NOW)


def withdraw(thread: Thread, kind: str) -> None:
    thread.root.call(consents.withdraw, thread.worker_id, kind, NOW + DAY)


def test_a_switch_is_off_at_first_and_goes_on_and_off_by_itself(thread: Thread) -> None:
    assert standing(thread) == dict.fromkeys(CONSENTS, False)
    grant(thread, RESEARCH)
    grant(thread, RESEARCH)
    assert standing(thread) == {ASSESSMENT: False, IMPROVEMENT: False, RESEARCH: True}
    withdraw(thread, RESEARCH)
    assert not standing(thread)[RESEARCH]
    grant(thread, RESEARCH)
    rows = thread.root.call_reading(lambda session: session.scalars(select(Consent).where(Consent.kind == RESEARCH)).all())
    assert [row.withdrawn_at for row in rows] == [NOW + DAY, None]


def test_cannot_agree_to_another_text_than_todays(thread: Thread) -> None:
    with pytest.raises(InvalidInput):
        grant(thread, IMPROVEMENT, "2020-01")
    assert not standing(thread)[IMPROVEMENT]


@pytest.mark.parametrize("kind", [CHAT, "marketing", ""])
def test_cannot_switch_what_is_no_switch(thread: Thread, kind: str) -> None:
    for change in (grant, withdraw):
        with pytest.raises(InvalidInput):
            change(thread, kind)
    assert thread.root.call_reading(workers.has_consent, "w1")


def test_the_consent_to_screenings_is_asked_where_they_begin_and_not_given_by_a_switch(thread: Thread) -> None:
    with pytest.raises(InvalidInput):
        grant(thread, ASSESSMENT)


def test_without_the_consent_to_screenings_an_open_run_waits_and_asks_for_it_again(thread: Thread) -> None:
    desk = Desk(thread)
    desk.begin("gad-7")
    desk.say("同意")
    desk.say("好几天")
    withdraw(thread, ASSESSMENT)
    run = desk.current()
    assert run is not None
    assert (run.state.status, run.state.has_agreed, run.state.answers) == (RunStatus.PAUSED, False, {"1": 1})
    assert desk.say("接着做测评").state.status is RunStatus.CONSENTING
    assert not standing(thread)[ASSESSMENT]
    agreed = desk.say("同意")
    assert (agreed.state.status, agreed.state.place) == (RunStatus.ASKING, "2")
    assert standing(thread)[ASSESSMENT]


def test_one_workers_switch_moves_nobody_elses(thread: Thread) -> None:
    other = Thread(thread.root, "w2")
    grant(thread, RESEARCH)
    grant(other, RESEARCH)
    withdraw(other, RESEARCH)
    assert standing(thread)[RESEARCH]


def test_an_erased_worker_can_agree_to_nothing(thread: Thread) -> None:
    thread.root.call(records.erase, "w1", NOW)
    with pytest.raises(NotSignedIn):
        grant(thread, RESEARCH)


def test_the_export_tells_what_was_agreed_to_and_taken_back(thread: Thread) -> None:
    grant(thread, RESEARCH)
    withdraw(thread, RESEARCH)
    found = thread.root.call_reading(records.export, "w1")["consents"]
    assert [(each["kind"], each["withdrawn_at"] is not None) for each in found] == [(CHAT, False), (RESEARCH, True)]
