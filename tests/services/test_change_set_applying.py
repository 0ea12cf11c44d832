"""Writing a change set into the folder: planned, written, called applied; and a process killed between any two of these."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest
from ground import NOW
from sqlalchemy import select
from studio_ground import NLU, SLEEP, STORIES, git, make_repository, training_folder
from team_ground import account

from bot.bootstrap import Root
from bot.db.tables import AuditEntry
from bot.domain.case_access import Viewer
from bot.domain.change_set import Deed
from bot.domain.errors import Busy, EditedMeanwhile, IllegalTransition
from bot.services import change_set_applying as applying
from bot.services import change_sets
from bot.services.change_set_applying import Desk, Plan
from bot.training import applying as files
from bot.training.folder import TrainingFolder

MINE = "    - 躺下就想活没干完\n"
STORY_PATH = "data/stories/sleep.yml"
RENAMED = STORIES.replace("说睡不着", "说夜里睡不着")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    folder = training_folder(tmp_path / "training")
    make_repository(folder)
    (tmp_path / "studio").mkdir()
    return Desk(TrainingFolder(folder), tmp_path / "studio")


@pytest.fixture
def wu(root: Root) -> Viewer:
    return Viewer(account(root, "wu", "trainer"), "wu", "trainer")


@pytest.fixture
def he(root: Root) -> Viewer:
    return Viewer(account(root, "he", "trainer"), "he", "trainer")


def reviewed(root: Root, desk: Desk, author: Viewer, second: Viewer) -> int:
    """A change of two files that a second person has read."""
    made = root.call(change_sets.create, author, "补几句睡眠", NOW).id
    texts = {NLU: SLEEP + MINE, STORY_PATH: RENAMED}
    root.call(change_sets.put_files, desk.folder, author, made, texts, NOW)
    laid = root.call_reading(change_sets.overlay, made)
    root.call(change_sets.propose, author, made, "", laid, NOW)
    root.call(change_sets.review, desk.folder, second, made, Deed.APPROVE, "", None, NOW)
    return made


def begun(root: Root, desk: Desk, actor: Viewer, change_set_id: int) -> Plan:
    made = root.call_reading(applying.plan, desk, actor, change_set_id)
    root.call(applying.begin, actor, made, NOW)
    return made


def recovered(root: Root, desk: Desk) -> int:
    with applying.alone(desk):
        return root.call(applying.recover, desk, NOW)


def texts(desk: Desk) -> tuple[str, str]:
    return tuple((desk.folder.root / path).read_text("utf-8") for path in (NLU, STORY_PATH))  # type: ignore[return-value]


def applied_entries(root: Root) -> list[str]:
    return root.call_reading(
        lambda session: list(session.scalars(select(AuditEntry.actor).where(AuditEntry.action == "change_set.applied")))
    )


def test_killed_before_a_file_was_touched_it_is_reviewed_as_before(root: Root, desk: Desk, wu: Viewer, he: Viewer) -> None:
    change_set_id = reviewed(root, desk, wu, he)
    begun(root, desk, wu, change_set_id)
    assert recovered(root, desk) == 1
    row = root.call_reading(change_sets.found, change_set_id)
    assert (row.state, row.applied_by, row.applied_at) == ("reviewed", None, None)
    assert texts(desk) == (SLEEP, STORIES)
    assert applied_entries(root) == []
    begun(root, desk, wu, change_set_id)


def test_killed_between_journal_and_files_all_are_written_and_it_is_applied(
    root: Root, desk: Desk, wu: Viewer, he: Viewer
) -> None:
    change_set_id = reviewed(root, desk, wu, he)
    made = begun(root, desk, he, change_set_id)
    steps = [files.stage(desk.folder.root, path, text) for path, text in made.files.items()]
    files.write_journal(desk.journal, steps, "forward")
    files.roll_forward(desk.folder.root, steps[:1])
    assert texts(desk) == (SLEEP + MINE, STORIES)
    assert recovered(root, desk) == 1
    assert texts(desk) == (SLEEP + MINE, RENAMED)
    row = root.call_reading(change_sets.found, change_set_id)
    assert (row.state, row.applied_by, row.applied_at) == ("applied", "he", NOW)
    assert row.commit == git(desk.folder.root, "rev-parse", "HEAD")
    assert git(desk.folder.root, "status", "--porcelain") == ""
    assert applied_entries(root) == ["he"]
    assert recovered(root, desk) == 0


def test_killed_after_the_commit_it_is_applied_with_one_commit(root: Root, desk: Desk, wu: Viewer, he: Viewer) -> None:
    change_set_id = reviewed(root, desk, wu, he)
    applying.write(desk, begun(root, desk, wu, change_set_id))
    assert recovered(root, desk) == 1
    assert root.call_reading(change_sets.found, change_set_id).state == "applied"
    assert git(desk.folder.root, "rev-list", "--count", "HEAD") == "2"


def test_nothing_can_be_done_to_it_while_it_is_written(root: Root, desk: Desk, wu: Viewer, he: Viewer) -> None:
    change_set_id = reviewed(root, desk, wu, he)
    begun(root, desk, wu, change_set_id)
    for deed in (
        lambda: root.call(change_sets.withdraw, wu, change_set_id, NOW),
        lambda: root.call(change_sets.put_files, desk.folder, wu, change_set_id, {NLU: SLEEP}, NOW),
        lambda: root.call_reading(applying.plan, desk, he, change_set_id),
    ):
        with pytest.raises(Busy):
            deed()


def test_what_was_changed_after_the_plan_is_not_begun(root: Root, desk: Desk, wu: Viewer, he: Viewer) -> None:
    change_set_id = reviewed(root, desk, wu, he)
    made = root.call_reading(applying.plan, desk, wu, change_set_id)
    root.call(change_sets.put_files, desk.folder, wu, change_set_id, {NLU: SLEEP + MINE + MINE.replace("想", "怕")}, NOW)
    with pytest.raises(IllegalTransition):
        root.call(applying.begin, wu, made, NOW)


def test_a_file_that_moves_between_plan_and_write_is_not_overwritten(root: Root, desk: Desk, wu: Viewer, he: Viewer) -> None:
    change_set_id = reviewed(root, desk, wu, he)
    made = begun(root, desk, wu, change_set_id)
    (desk.folder.root / NLU).write_text(SLEEP + "# 编辑器里刚写的\n", "utf-8")
    with pytest.raises(EditedMeanwhile):
        applying.write(desk, made)
    root.call(applying.give_up, change_set_id)
    assert root.call_reading(change_sets.found, change_set_id).state == "reviewed"
    assert texts(desk) == (SLEEP + "# 编辑器里刚写的\n", STORIES)


def test_facts_for_training_change_once_it_is_applied(root: Root, desk: Desk, wu: Viewer, he: Viewer) -> None:
    change_set_id = reviewed(root, desk, wu, he)
    made = begun(root, desk, wu, change_set_id)
    root.call(applying.finish, made, wu.name, applying.write(desk, made), NOW.replace(hour=23))
    assert root.call_reading(change_sets.is_applied, change_set_id)
    assert [row.id for row in root.call_reading(change_sets.applied_since, NOW)] == [change_set_id]
    assert root.call_reading(change_sets.applied_since, NOW.replace(hour=23)) == []


def test_one_process_at_a_time_writes_the_folder(desk: Desk) -> None:
    with applying.alone(desk), (desk.place / "lock").open("a") as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with (desk.place / "lock").open("a") as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
