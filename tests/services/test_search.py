"""Cases are found by nickname, day, topic, level, counsellor and status, and only by those who may see them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from ground import NOW
from team_ground import account, case

from bot.bootstrap import Root
from bot.domain.case_access import Viewer
from bot.services import search
from bot.services.search import PAGE, Found, Wanted

DAY = dt.timedelta(days=1)
GU = Viewer("gu", "gu", "supervisor")


class Cases:
    """Two counsellors and some cases; `all` is the newest first."""

    def __init__(self, root: Root) -> None:
        self.root = root
        self.lin, self.zhou = account(root, "lin"), account(root, "zhou")
        self.waiting = case(root, "w1", nickname="阿强", status="waiting", level="high", topic="work_stress")
        self.own = case(
            root,
            "w2",
            nickname="小强 Li",
            accepted_by=self.lin,
            topic="grief",
            requested_at=NOW - DAY,
            closed_at=NOW,
            outcome="talked",
        )
        self.other = case(
            root, "w3", nickname="石头", status="active", accepted_by=self.zhou, level="imminent", requested_at=NOW - 2 * DAY
        )
        self.nameless = case(root, "w4", accepted_by=self.zhou, requested_at=NOW - 3 * DAY)
        self.all = [self.waiting, self.own, self.other, self.nameless]

    def ids(self, viewer: Viewer = GU, **wanted: Any) -> list[int]:
        return [each.row.id for each in self.found(viewer, **wanted).rows]

    def found(self, viewer: Viewer = GU, page: int = 1, **wanted: Any) -> Found:
        return self.root.call_reading(search.search, viewer, Wanted(**wanted), page)


@pytest.fixture
def cases(root: Root) -> Cases:
    return Cases(root)


def test_a_supervisor_finds_the_whole_team_newest_first(cases: Cases) -> None:
    assert cases.ids() == cases.all
    (row,) = [each for each in cases.found().rows if each.row.id == cases.own]
    assert (row.row.nickname, row.row.counsellor_name, row.outcome, row.closed_at) == ("小强 Li", "lin老师", "talked", NOW)


def test_a_counsellor_finds_own_and_waiting_cases_and_no_others_by_any_filter(cases: Cases) -> None:
    lin = Viewer(cases.lin, "lin", "counsellor")
    assert cases.ids(lin) == [cases.waiting, cases.own]
    for wanted in ({"nickname": "石头"}, {"counsellor": cases.zhou}, {"level": "imminent"}, {"status": "active"}):
        assert cases.found(lin, **wanted) == Found(0, [])


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({"nickname": "强"}, ["waiting", "own"]),
        ({"nickname": "强ｌｉ"}, ["own"]),
        ({"nickname": "强", "level": "high"}, ["waiting"]),
        ({"nickname": "没有这个人"}, []),
        ({"topic": "grief"}, ["own"]),
        ({"level": "imminent"}, ["other"]),
        ({"status": "closed"}, ["own", "nameless"]),
        ({"since": NOW - DAY}, ["waiting", "own"]),
        ({"until": NOW - DAY}, ["other", "nameless"]),
        ({"since": NOW - 2 * DAY, "until": NOW}, ["own", "other"]),
        ({"nickname": "", "topic": "", "level": ""}, ["waiting", "own", "other", "nameless"]),
    ],
)
def test_each_filter_fits_what_it_says(cases: Cases, wanted: dict[str, Any], names: list[str]) -> None:
    assert cases.ids(**wanted) == [getattr(cases, name) for name in names]


def test_the_counsellor_is_found_by_account(cases: Cases) -> None:
    assert cases.ids(counsellor=cases.zhou) == [cases.other, cases.nameless]


def test_a_page_holds_fifty_and_the_total_counts_all(root: Root) -> None:
    ids = [case(root, f"w{number}", requested_at=NOW - number * DAY) for number in range(PAGE + 3)]
    first, second, third = (root.call_reading(search.search, GU, Wanted(), page) for page in (1, 2, 3))
    assert [each.row.id for each in (*first.rows, *second.rows)] == ids
    assert (first.total, second.total, third.total, len(first.rows), third.rows) == (PAGE + 3, PAGE + 3, PAGE + 3, PAGE, [])
