"""Writing a change set: all or nothing, whatever happens in the middle; and its commit."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.domain.errors import EditedMeanwhile, FolderUnwritable, InvalidInput
from bot.training.applying import Step, apply, commit, recover, roll_forward, stage, write_journal

OLD = {"domain.yml": "old domain\n", "data/nlu/sleep.yml": "old sleep\n", "data/nlu/gone.yml": "old gone\n"}
FILES = {
    "domain.yml": "new domain\n",
    "data/nlu/sleep.yml": "new sleep\n",
    "data/nlu/gone.yml": None,
    "data/stories/new.yml": "new story\n",
}
NEW = {path: text for path, text in FILES.items() if text is not None}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path, text in OLD.items():
        (tmp_path / "folder" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "folder" / path).write_text(text, "utf-8")
    return tmp_path / "folder"


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    (tmp_path / "var").mkdir()
    return tmp_path / "var" / "applying.json"


def _held(root: Path) -> dict[str, str]:
    """Every file below the folder, hidden ones as well."""
    return {
        file.relative_to(root).as_posix(): file.read_text("utf-8")
        for file in root.rglob("*")
        if file.is_file() and ".git/" not in file.as_posix()
    }


def test_all_files_are_written_and_nothing_is_left_beside_them(root: Path, journal: Path) -> None:
    apply(root, journal, FILES)
    assert _held(root) == NEW
    assert not journal.exists()


def test_a_file_keeps_its_mode(root: Path, journal: Path) -> None:
    (root / "domain.yml").chmod(0o640)
    apply(root, journal, FILES)
    assert (root / "domain.yml").stat().st_mode & 0o777 == 0o640


def test_a_path_outside_the_folder_is_refused(root: Path, journal: Path) -> None:
    with pytest.raises(InvalidInput):
        apply(root, journal, {"domain.yml": "x", "../outside.yml": "x"})
    assert _held(root) == OLD


def test_a_folder_that_moved_on_is_not_overwritten(root: Path, journal: Path) -> None:
    (root / "domain.yml").write_text("by hand\n", "utf-8")
    with pytest.raises(EditedMeanwhile) as refused:
        apply(root, journal, FILES, was=dict(OLD))
    assert (refused.value.path, refused.value.theirs) == ("domain.yml", "by hand\n")
    assert _held(root) == {**OLD, "domain.yml": "by hand\n"}


def test_a_folder_in_the_place_of_a_file_changes_nothing(root: Path, journal: Path) -> None:
    (root / "data/stories/new.yml").mkdir(parents=True)
    with pytest.raises(FolderUnwritable, match="EISDIR"):
        apply(root, journal, FILES)
    assert _held(root) == OLD


def test_a_rename_that_fails_in_the_middle_is_taken_back(root: Path, journal: Path) -> None:
    with pytest.raises(FolderUnwritable, match="EISDIR"):
        apply(root, journal, {**FILES, "data/a.yml": "in the way\n", "data/a.yml/b.yml": "makes a folder of it\n"})
    assert _held(root) == OLD
    assert not journal.exists()


def test_what_cannot_be_finished_now_is_finished_later(root: Path, journal: Path) -> None:
    write_journal(journal, _staged(root), "forward")
    (root / "data/stories/new.yml").mkdir()
    with pytest.raises(FolderUnwritable, match="EISDIR"):
        recover(root, journal)
    (root / "data/stories/new.yml").rmdir()
    assert recover(root, journal)
    assert _held(root) == NEW


FULL_DISK = """
import resource, sys
from pathlib import Path
from bot.domain.errors import FolderUnwritable
from bot.training.applying import apply
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
try:
    apply(Path(sys.argv[1]), Path(sys.argv[2]), {"domain.yml": "new\\n", "data/nlu/sleep.yml": "x" * 10_000})
except FolderUnwritable as error:
    print(error, error.reader_text)
"""


def test_a_full_disk_changes_nothing_and_says_so(root: Path, journal: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(root), str(journal)], capture_output=True, text=True, check=True
    )
    assert "EFBIG 训练目录写不进去" in done.stdout
    assert _held(root) == OLD
    assert not journal.exists()


def _staged(root: Path) -> list[Step]:
    return [stage(root, path, text) for path, text in FILES.items()]


def test_killed_while_staging_nothing_has_changed(root: Path, journal: Path) -> None:
    _staged(root)
    assert recover(root, journal)
    assert _held(root) == OLD


@pytest.mark.parametrize("renamed", range(5))
def test_killed_after_the_journal_the_rest_is_written(root: Path, journal: Path, renamed: int) -> None:
    steps = _staged(root)
    write_journal(journal, steps, "forward")
    roll_forward(root, steps[:renamed])
    assert recover(root, journal)
    assert _held(root) == NEW
    assert not recover(root, journal)


@pytest.mark.parametrize("renamed", range(5))
def test_killed_while_taking_back_all_is_as_it_was(root: Path, journal: Path, renamed: int) -> None:
    steps = _staged(root)
    roll_forward(root, steps[:renamed])
    write_journal(journal, steps, "back")
    assert recover(root, journal)
    assert _held(root) == OLD


KILLED = """
import os, signal, sys
from pathlib import Path
from bot.training import applying
root, journal = Path(sys.argv[1]), Path(sys.argv[2])
steps = [applying.stage(root, "domain.yml", "new domain\\n"), applying.stage(root, "data/nlu/sleep.yml", "new sleep\\n")]
applying.write_journal(journal, steps, "forward")
applying.roll_forward(root, steps[:1])
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_that_is_really_killed_is_finished_by_the_next_change(root: Path, journal: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(root), str(journal)], capture_output=True)
    assert done.returncode == -signal.SIGKILL
    assert (root / "data/nlu/sleep.yml").read_text("utf-8") == "old sleep\n"
    apply(root, journal, {"data/nlu/gone.yml": None})
    assert _held(root) == {"domain.yml": "new domain\n", "data/nlu/sleep.yml": "new sleep\n"}


def _git(root: Path, *arguments: str) -> str:
    own = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "core.quotePath=false"]
    return subprocess.run(["git", *own, *arguments], cwd=root, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def repository(root: Path) -> Path:
    _git(root, "init", "-q")
    _git(root, "add", ".")
    _git(root, "commit", "-q", "-m", "first")
    return root


def test_the_commit_holds_just_these_files_by_this_author(repository: Path, journal: Path) -> None:
    hook = repository / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n", "utf-8")
    hook.chmod(0o755)
    (repository / "README").write_text("of another\n", "utf-8")
    _git(repository, "add", "README")
    apply(repository, journal, FILES)
    made = commit(repository, list(FILES), "夜班的说法\n\n多了几句。", "王老师 <x>", "wang")
    assert made == _git(repository, "rev-parse", "HEAD")
    assert _git(repository, "log", "-1", "--format=%an|%ae|%cn|%s") == "王老师 x|wang@studio.invalid|心驿工作室|夜班的说法"
    assert sorted(_git(repository, "show", "--name-only", "--format=").split("\n")) == sorted(FILES)
    assert _git(repository, "status", "--porcelain") == "A  README"


def test_a_folder_inside_a_repository_is_committed_from_there(repository: Path, journal: Path) -> None:
    inner = repository / "training"
    (inner / "data").mkdir(parents=True)
    apply(inner, journal, {"domain.yml": "inner\n"})
    assert commit(inner, ["domain.yml"], "inner", "wang")
    assert _git(repository, "show", "--name-only", "--format=") == "training/domain.yml"


def test_nothing_to_commit_and_no_repository_give_none(repository: Path, tmp_path: Path, journal: Path) -> None:
    assert commit(repository, ["domain.yml"], "nothing", "wang") is None
    alone = tmp_path / "alone"
    alone.mkdir()
    apply(alone, journal, {"domain.yml": "x\n"})
    assert commit(alone, ["domain.yml"], "no repository", "wang") is None
    assert (alone / "domain.yml").read_text("utf-8") == "x\n"
