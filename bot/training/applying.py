"""Writes a change set into the training folder: all of it or nothing, and a commit of just that."""

from __future__ import annotations

import errno
import fcntl
import json
import logging
import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.domain.errors import EditedMeanwhile, FolderUnwritable
from bot.training.folder import TrainingFolder, require_path

log = logging.getLogger(__name__)

GIT_SECONDS = 60
_PART, _KEPT = ".studio-part", ".studio-kept"  # hidden and of no kind that Rasa reads
_COMMITTER = {"GIT_COMMITTER_NAME": "心驿工作室", "GIT_COMMITTER_EMAIL": "studio@studio.invalid"}


@dataclass(frozen=True)
class Step:
    """One file of a change: what is staged beside it and what is kept of it as it was (None: nothing)."""

    path: str
    part: str | None
    kept: str | None


def apply(root: Path, journal: Path, files: Mapping[str, str | None], was: Mapping[str, str | None] | None = None) -> None:
    """Write these texts (None: delete the file) or change nothing.

    `was` are the texts they were merged with: raises EditedMeanwhile when the folder moved on since. Raises FolderUnwritable. Finishes first
    what a killed process left.
    """
    root = root.resolve()
    for path in files:
        require_path(path)
    with _alone(journal):
        _recover(root, journal)
        _require_unmoved(root, files, was or {})
        steps: list[Step] = []
        try:
            for path, text in files.items():
                steps.append(stage(root, path, text))
            write_journal(journal, steps, "forward")
        except OSError as error:
            _clean(root, steps)
            raise _unwritable(error) from error
        try:
            roll_forward(root, steps)
        except OSError as error:
            _roll_back(root, journal, steps)
            raise _unwritable(error) from error
        finish(root, journal, steps)


def recover(root: Path, journal: Path) -> bool:
    """Finish what a killed process left half done; True when there was something."""
    with _alone(journal):
        return _recover(root.resolve(), journal)


def _recover(root: Path, journal: Path) -> bool:
    try:
        noted = json.loads(journal.read_text("utf-8"))
    except FileNotFoundError:
        return _sweep(root)
    steps = [Step(**step) for step in noted["steps"]]
    try:
        if noted["direction"] == "back":
            _put_back(root, steps)
        else:
            roll_forward(root, steps)
        finish(root, journal, steps)
    except OSError as error:
        raise _unwritable(error, "上次写到一半的改动还没写完：训练目录写不进去（磁盘满了，或者没有权限）。") from error
    log.info("a change of %d files that was cut short is finished", len(steps))
    return True


@contextmanager
def _alone(journal: Path) -> Iterator[None]:
    """One at a time, whichever process or thread it is."""
    try:
        journal.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(journal.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unwritable(error) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _require_unmoved(root: Path, files: Mapping[str, str | None], was: Mapping[str, str | None]) -> None:
    now = TrainingFolder(root).view()
    for path, text in was.items():
        found = now.base_text(path)
        if found != text and found != files.get(path, text):
            raise EditedMeanwhile(path, text or "", files.get(path) or "", found or "")


def stage(root: Path, path: str, text: str | None) -> Step:
    """Write the new text beside its file and keep the old one under another name; the file itself is untouched."""
    target = root / path
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, "a folder stands there")
    step = Step(path, _beside(path, _PART) if text is not None else None, _beside(path, _KEPT) if target.exists() else None)
    target.parent.mkdir(parents=True, exist_ok=True)
    for name in (step.part, step.kept):
        if name is not None:
            (root / name).unlink(missing_ok=True)
    try:
        if step.kept is not None:
            _copy(target, root / step.kept)
        if step.part is not None and text is not None:
            _write(root / step.part, text.encode("utf-8"), target.stat().st_mode & 0o777 if target.exists() else 0o644)
    except OSError:
        _clean(root, [step])
        raise
    return step


def _copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        _write(target, source.read_bytes(), source.stat().st_mode & 0o777)


def _beside(path: str, ending: str) -> str:
    folder, _, name = path.rpartition("/")
    return f"{folder}/.{name}{ending}" if folder else f".{name}{ending}"


def _write(file: Path, content: bytes, mode: int) -> None:
    with file.open("wb") as opened:
        opened.write(content)
        opened.flush()
        os.fchmod(opened.fileno(), mode)
        os.fsync(opened.fileno())


def write_journal(journal: Path, steps: Sequence[Step], direction: str) -> None:
    """From here on a killed process's change is finished by the next: `forward` or `back`."""
    noted = json.dumps({"direction": direction, "steps": [asdict(step) for step in steps]})
    part = journal.with_suffix(".part")
    try:
        _write(part, noted.encode("utf-8"), 0o600)
        part.replace(journal)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    _sync(journal.parent)


def roll_forward(root: Path, steps: Sequence[Step]) -> None:
    """Put every staged text in its place; doing it again does nothing."""
    for step in steps:
        if step.part is None:
            (root / step.path).unlink(missing_ok=True)
        elif (root / step.part).exists():
            (root / step.part).replace(root / step.path)
    _sync_all(root, steps)


def finish(root: Path, journal: Path, steps: Sequence[Step]) -> None:
    """Nothing is left to do: the journal goes, then what was kept."""
    journal.unlink(missing_ok=True)
    _sync(journal.parent)
    _clean(root, steps)


def _roll_back(root: Path, journal: Path, steps: Sequence[Step]) -> None:
    with suppress(OSError):  # where even this can't be noted, the next process rolls forward: all, not half
        write_journal(journal, steps, "back")
        _put_back(root, steps)
        finish(root, journal, steps)


def _put_back(root: Path, steps: Sequence[Step]) -> None:
    for step in steps:
        if step.kept is None and not (root / step.path).is_dir():
            (root / step.path).unlink(missing_ok=True)
        elif step.kept is not None and (root / step.kept).exists():
            (root / step.kept).replace(root / step.path)
    _sync_all(root, steps)


def _clean(root: Path, steps: Sequence[Step]) -> None:
    for step in steps:
        for name in (step.part, step.kept):
            if name is not None:
                with suppress(OSError):
                    (root / name).unlink(missing_ok=True)


def _sweep(root: Path) -> bool:
    """Take away what a process left that was killed before its journal stood: nothing had been changed."""
    found = [file for place in ("data", "tests", "content") for file in (root / place).rglob(".*.studio-*")]
    found += list(root.glob(".*.studio-*"))
    for file in found:
        with suppress(OSError):
            file.unlink(missing_ok=True)
    return bool(found)


def _sync_all(root: Path, steps: Sequence[Step]) -> None:
    for folder in {(root / step.path).parent for step in steps}:
        _sync(folder)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unwritable(error: OSError, told: str | None = None) -> FolderUnwritable:
    return FolderUnwritable(f"{errno.errorcode.get(error.errno or 0, 'OSError')}", reader_text=told)


def commit(root: Path, paths: Sequence[str], message: str, author_name: str, account: str = "") -> str | None:
    """The id of a commit of just these paths, by this author (<account>@studio.invalid).

    None where the folder is in no repository, where nothing differs from its last commit, or where git refuses (a merge under way): the files
    stand, and the commit can be made by hand. What else is staged stays as it is; no hook runs.
    """
    mail = re.sub(r"[^\w.+-]", "", account or author_name) or "trainer"
    name = re.sub(r"[<>\x00-\x1f\x7f]", "", author_name).strip() or "trainer"
    try:
        if _git(root, "rev-parse", "--is-inside-work-tree") != "true":
            return None
        there = [path for path in paths if (root / path).exists()]
        known = _git(root, "ls-files", "--", *paths).split("\n")
        if there:
            _git(root, "add", "--", *there)
        wanted = sorted({*there, *(path for path in paths if path in known)})
        if not wanted or not _git(root, "status", "--porcelain", "--", *wanted):
            return None
        said = f"--author={name} <{mail}@studio.invalid>"
        _git(
            root,
            "commit",
            "--quiet",
            "--only",
            "--no-verify",
            "--cleanup=whitespace",
            said,
            "--file=-",
            "--",
            *wanted,
            said=message,
        )
        return _git(root, "rev-parse", "HEAD")
    except (OSError, subprocess.SubprocessError) as error:
        log.warning("no commit of %d applied files: %s", len(paths), type(error).__name__)
        return None


def _git(root: Path, *arguments: str, said: str = "") -> str:
    """What git prints; literal paths, no hooks, no signing, no questions, and none of the caller's repository variables."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = [
        "git",
        "-c",
        "core.hooksPath=/dev/null",
        "-c",
        "commit.gpgSign=false",
        "-c",
        "core.quotePath=false",
        "--literal-pathspecs",
    ]
    done = subprocess.run(
        [*command, *arguments],
        cwd=root,
        env={**own, **_COMMITTER, "GIT_TERMINAL_PROMPT": "0"},
        input=said.encode("utf-8"),
        capture_output=True,
        timeout=GIT_SECONDS,
        check=True,
    )
    return done.stdout.decode("utf-8", "replace").strip()
