"""Publishing and rolling back as rows: rules kept, one at a time, one live model at every moment, nothing forgotten by a kill."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from ground import NOW
from model_ground import change_set, model, write_archive
from sqlalchemy import select

from bot.bootstrap import Root
from bot.db.studio_tables import ServingSlot
from bot.db.tables import AuditEntry
from bot.domain.errors import Busy, Incomplete, NotFound, PublishRefused, SecondPersonNeeded
from bot.domain.publication import BLOCKED, DONE, FAILED, FALLS, MOVED, STARTING, UNPROVEN
from bot.services import archives, models, publications, slots
from bot.services.publications import PublicationLine

SECOND = dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _no_archives(root: Root) -> Iterator[None]:
    """The roots are shared, their folder must be empty again."""
    yield
    shutil.rmtree(root.settings.models_dir, ignore_errors=True)


def publish(root: Root, model_id: str, by: str = "wang", reason: str = "") -> PublicationLine:
    return root.call(publications.publish, model_id, by, reason, NOW, root.settings.models_dir, None)


def roll_back(root: Root, reason: str = "答得不对") -> PublicationLine:
    return root.call(publications.rollback, "wang", reason, NOW, root.settings.models_dir, None)


def rows(root: Root) -> dict[int, tuple[str, str, str]]:
    found: list[Any] = root.call_reading(slots.listing)
    return {row.slot: (row.archive, row.purpose, row.state) for row in found}


def go_live(root: Root, move: PublicationLine) -> None:
    """What the gateway does, without any process."""
    root.call(publications.find_slot, move.id, NOW)
    assert root.call(publications.move, move.id, NOW)
    for row in root.call_reading(slots.listing):
        if row.state == "draining":
            root.call(slots.drop, row.slot)
    root.call(publications.finish, move.id, NOW)


def test_the_first_move_pins_what_was_served_and_ends_with_one_live_row(root: Root) -> None:
    old, new = model(root, "made.tar.gz", age=9, trained_by=None), model(root, "studio/new.tar.gz")
    move = publish(root, new)
    assert (move.state, move.previous_id) == (STARTING, old)
    assert rows(root) == {0: ("made.tar.gz", "live", "ready")}
    assert root.call(publications.find_slot, move.id, NOW) == 1
    assert rows(root)[1] == ("studio/new.tar.gz", "candidate", "starting")
    assert root.call(publications.move, move.id, NOW)
    assert rows(root) == {0: ("made.tar.gz", "live", "draining"), 1: ("studio/new.tar.gz", "live", "ready")}
    assert root.call_reading(slots.routes).live == 1
    root.call(slots.drop, 0)
    root.call(publications.finish, move.id, NOW)
    assert root.call_reading(publications.get, move.id).state == DONE
    assert root.call_reading(models.live, root.settings.models_dir).id == new


def test_what_slot_nought_serves_is_pinned_even_when_a_newer_archive_lies_there(root: Root) -> None:
    model(root, "served.tar.gz", age=9, trained_by=None)
    newer = model(root, "newer.tar.gz", trained_by=None)
    new = model(root, "studio/new.tar.gz")
    move = root.call(publications.publish, new, "wang", "", NOW, root.settings.models_dir, "served.tar.gz")
    assert move.previous_id != newer
    assert rows(root)[0][0] == "served.tar.gz"


def test_an_archive_that_nobody_registered_is_pinned_all_the_same(root: Root) -> None:
    write_archive(root.settings.models_dir, "made.tar.gz")
    move = publish(root, model(root, "studio/new.tar.gz"))
    assert rows(root)[0][0] == "made.tar.gz"
    assert root.call_reading(models.get, move.previous_id).trained_by is None


def test_rolling_back_goes_to_the_model_before_without_a_proof(root: Root) -> None:
    old = model(root, "made.tar.gz", age=9, trained_by=None, verdict=UNPROVEN)
    go_live(root, publish(root, model(root, "studio/new.tar.gz")))
    move = roll_back(root)
    assert (move.kind, move.model_id) == ("rollback", old)
    go_live(root, move)
    assert root.call_reading(models.live, root.settings.models_dir).id == old
    with pytest.raises(PublishRefused, match="nothing before"):
        roll_back(root)


def test_cannot_roll_back_without_a_reason_or_without_the_archive(root: Root) -> None:
    model(root, "made.tar.gz", age=9, trained_by=None)
    with pytest.raises(PublishRefused, match="nothing before"):
        roll_back(root)
    go_live(root, publish(root, model(root, "studio/new.tar.gz")))
    with pytest.raises(Incomplete):
        roll_back(root, " ")
    (root.settings.models_dir / "made.tar.gz").unlink()
    with pytest.raises(PublishRefused) as refused:
        roll_back(root)
    assert "不在" in refused.value.reader_text


@pytest.mark.parametrize(
    ("fields", "by", "reason", "error"),
    [
        ({}, "lin", "", SecondPersonNeeded),
        ({"verdict": BLOCKED}, "wang", "没事", PublishRefused),
        ({"verdict": UNPROVEN}, "wang", "没事", PublishRefused),
        ({"verdict": FALLS}, "wang", "", PublishRefused),
    ],
)
def test_a_refused_move_leaves_nothing_behind(root: Root, fields: dict[str, str], by: str, reason: str, error: type) -> None:
    model(root, "made.tar.gz", age=9, trained_by=None)
    new = model(root, "studio/new.tar.gz", **fields)
    with pytest.raises(error):
        publish(root, new, by, reason)
    assert (root.call_reading(publications.listing), rows(root)) == ([], {})


@pytest.mark.parametrize(
    ("state", "is_refused"), [("draft", True), ("reviewed", True), ("withdrawn", True), ("applied", False)]
)
def test_only_an_applied_change_set_goes_live(root: Root, state: str, is_refused: bool) -> None:
    new = model(root, "studio/new.tar.gz", change_set_id=change_set(root, state))
    if is_refused:
        with pytest.raises(PublishRefused, match="not applied"):
            publish(root, new)
    else:
        assert publish(root, new).state == STARTING


@pytest.mark.parametrize("version", ["3.5.0", "2.8.1"])
def test_an_archive_of_another_rasa_is_refused_with_both_versions(root: Root, version: str) -> None:
    new = model(root, "studio/new.tar.gz")
    write_archive(root.settings.models_dir, "studio/new.tar.gz", version)
    with pytest.raises(PublishRefused) as refused:
        publish(root, new)
    assert version in refused.value.reader_text
    assert archives.rasa_version() in refused.value.reader_text


@pytest.mark.parametrize("damage", [b"", b"no archive at all", None])
def test_a_broken_archive_is_shown_as_one_and_refused(root: Root, damage: bytes | None) -> None:
    new = model(root, "studio/new.tar.gz")
    path = root.settings.models_dir / "studio/new.tar.gz"
    path.write_bytes(path.read_bytes()[:-20] if damage is None else damage)
    line = next(line for line in root.call_reading(models.listing, root.settings.models_dir) if line.id == new)
    assert line.as_json()["is_runnable"] is False
    assert "坏了" in line.as_json()["why_not"]
    with pytest.raises(PublishRefused):
        publish(root, new)


def test_of_two_moves_at_once_one_is_told_to_wait(root: Root, pool: ThreadPoolExecutor) -> None:
    first, second = model(root, "studio/one.tar.gz"), model(root, "studio/two.tar.gz")

    def attempt(model_id: str) -> str:
        try:
            publish(root, model_id)
        except Busy:
            return "busy"
        return "asked"

    assert sorted(pool.map(attempt, [first, second])) == ["asked", "busy"]
    assert len(root.call_reading(publications.listing)) == 1


def test_cannot_publish_what_is_unknown(root: Root) -> None:
    with pytest.raises(NotFound):
        publish(root, "0" * 32)
    with pytest.raises(NotFound):
        root.call_reading(publications.get, 999)


def test_a_failed_start_leaves_the_old_model_live(root: Root) -> None:
    model(root, "made.tar.gz", age=9, trained_by=None)
    move = publish(root, model(root, "studio/new.tar.gz"))
    root.call(publications.find_slot, move.id, NOW)
    root.call(publications.fail, move.id, "起不来", NOW)
    assert root.call_reading(publications.get, move.id).error == "起不来"
    assert rows(root)[0] == ("made.tar.gz", "live", "ready")
    assert rows(root)[1][2] == "draining"
    assert not root.call(publications.move, move.id, NOW)
    root.call(slots.drop, 1)
    assert root.call_reading(slots.routes).live == 0


def test_a_move_that_took_place_can_no_longer_fail(root: Root) -> None:
    model(root, "made.tar.gz", age=9, trained_by=None)
    move = publish(root, model(root, "studio/new.tar.gz"))
    root.call(publications.find_slot, move.id, NOW)
    root.call(publications.move, move.id, NOW)
    root.call(publications.fail, move.id, "起不来", NOW)
    assert root.call_reading(publications.get, move.id).state == MOVED
    assert root.call_reading(slots.routes).live == 1


def test_another_gateway_takes_over_only_when_the_lease_has_run_out(root: Root) -> None:
    move = publish(root, model(root, "studio/new.tar.gz"))
    assert root.call(publications.hold, move.id, "one", NOW)
    assert not root.call(publications.hold, move.id, "two", NOW + SECOND)
    assert root.call(publications.hold, move.id, "one", NOW + SECOND)
    assert root.call(publications.hold, move.id, "two", NOW + publications.LEASE + 2 * SECOND)
    root.call(publications.fail, move.id, "x", NOW)
    assert root.call_reading(publications.get, move.id).state == FAILED
    assert not root.call(publications.hold, move.id, "two", NOW)


def test_without_rows_slot_nought_serves_the_newest_archive_and_the_others_end(root: Root) -> None:
    folder = root.settings.models_dir
    write_archive(folder, "older.tar.gz", age=9)
    write_archive(folder, "newer.tar.gz")
    write_archive(folder, "studio/trained.tar.gz")
    served = [root.call_reading(slots.archive_to_serve, slot, folder) for slot in (0, 1, 2)]
    assert served == ["newer.tar.gz", None, None]


def test_after_a_move_every_slot_serves_what_its_row_says(root: Root) -> None:
    folder = root.settings.models_dir
    model(root, "made.tar.gz", age=9, trained_by=None)
    go_live(root, publish(root, model(root, "studio/new.tar.gz")))
    write_archive(folder, "made-later.tar.gz")
    served = [root.call_reading(slots.archive_to_serve, slot, folder) for slot in (0, 1, 2)]
    assert served == [None, "studio/new.tar.gz", None]


def test_old_archives_go_but_never_one_that_is_needed(root: Root) -> None:
    folder = root.settings.models_dir
    first = model(root, "studio/00.tar.gz", age=100)
    go_live(root, publish(root, first))
    go_live(root, publish(root, model(root, "studio/01.tar.gz", age=99)))
    for number in range(2, 16):
        model(root, f"studio/{number:02}.tar.gz", age=99 - number)
    assert root.call(models.forget_old, folder) == 4
    kept = sorted(path.name for path in (folder / "studio").glob("*.tar.gz"))
    assert kept == [f"{number:02}.tar.gz" for number in (0, 1, *range(6, 16))]
    gone = root.call_reading(models.listing, folder)
    assert [line.as_json()["is_runnable"] for line in gone if line.archive == "studio/03.tar.gz"] == [False]
    assert roll_back(root).model_id == first


def test_files_that_no_row_knows_are_swept(root: Root) -> None:
    folder = root.settings.models_dir
    model(root, "studio/known.tar.gz")
    stray = write_archive(folder, "studio/stray.tar.gz")
    archives.note_of(stray).write_text("{}")
    assert root.call(models.remove_strays, folder) == 1
    assert sorted(path.name for path in (folder / "studio").iterdir()) == ["known.tar.gz"]


def test_moves_stand_in_the_audit_log_with_their_reason(root: Root) -> None:
    model(root, "made.tar.gz", age=9, trained_by=None)
    go_live(root, publish(root, model(root, "studio/new.tar.gz", verdict=FALLS), reason="这个意图并掉了"))
    roll_back(root)
    query = select(AuditEntry.action, AuditEntry.actor, AuditEntry.reason).order_by(AuditEntry.id)
    assert root.call_reading(lambda session: session.execute(query).all()) == [
        ("studio.publish", "wang", "这个意图并掉了"),
        ("studio.rollback", "wang", "答得不对"),
    ]


def test_a_model_on_its_way_has_its_slot_only_once(root: Root) -> None:
    move = publish(root, model(root, "studio/new.tar.gz"))
    assert root.call(publications.find_slot, move.id, NOW) == root.call(publications.find_slot, move.id, NOW) == 1
    assert root.call_reading(lambda session: session.scalars(select(ServingSlot.slot)).all()) == [1]
