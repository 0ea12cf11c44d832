"""The training folder on disk, and as it would be with a draft laid over it."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Literal

from bot.domain.errors import FolderUnwritable, InvalidInput

State = Literal["same", "changed", "new", "deleted"]

LONGEST_FILE = 1_000_000  # bytes of UTF-8; the largest of ours has 120,000
LONGEST_PATH = 200
HELD_BACK = "tests/understanding/held_back.yml"
DOMAIN = "domain.yml"

_SEGMENT = re.compile(r"[0-9A-Za-z_\u4e00-\u9fff][0-9A-Za-z_\u4e00-\u9fff.-]*")
_YAML = (".yml", ".yaml")
_PLACES = (
    ("data", _YAML),
    ("tests/dialogue", _YAML),
    ("tests/understanding", _YAML),
    ("content/jieba", (".txt",)),
    ("content", _YAML),
)
_COPIED = ("config.yml", "content")  # of these the draft changes what `paths` names; Rasa needs the rest as it stands


class FileKind(str, Enum):
    """What a file of the folder is."""

    NLU = "nlu"
    STORIES = "stories"
    RULES = "rules"
    TESTS = "tests"
    DOMAIN = "domain"
    CONTENT = "content"


def kind_of(path: str) -> FileKind:
    """What stands in this file, by its place; held-back examples are tests."""
    if path == DOMAIN:
        return FileKind.DOMAIN
    if path.startswith("tests/"):
        return FileKind.TESTS
    if path.startswith("content/"):
        return FileKind.CONTENT
    for folder, kind in (("data/stories", FileKind.STORIES), ("data/rules", FileKind.RULES)):
        if path.startswith((folder + "/", folder + ".")):
            return kind
    return FileKind.NLU


def require_path(path: str) -> str:
    """The path, when it is one the studio may read and propose; raises InvalidInput."""
    if not isinstance(path, str) or not path or len(path) > LONGEST_PATH:
        raise InvalidInput("path", reader_text=f"文件路径要写，最多 {LONGEST_PATH} 个字符。")
    segments = path.split("/")
    if not all(_SEGMENT.fullmatch(segment) for segment in segments):
        raise InvalidInput("path", reader_text="文件路径不对：只能用字母、数字、汉字、下划线、短横和点，文件夹之间用 /。")
    if path == DOMAIN:
        return path
    suffixes = _suffixes(path)
    if suffixes:
        if not path.endswith(suffixes):
            raise InvalidInput("path", reader_text=f"这个文件夹里只能放 {'、'.join(suffixes)} 文件。")
        return path
    raise InvalidInput(
        "path",
        reader_text="这个位置不归工作室管：可以改 domain.yml、data/、tests/dialogue/、tests/understanding/ 和 content/。",
    )


def digest_of(text: str | None) -> str:
    """A short name of this very text; the empty string where there is no file."""
    return "" if text is None else hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class TrainingFolder:
    """The folder on disk; `code` is where the actions' Python lies when it is not beside the data."""

    def __init__(self, root: Path, code: Path | None = None) -> None:
        self.root = root.resolve()
        self._actions = (code or root).resolve() / "actions"

    def view(self, overlay: Mapping[str, str | None] | None = None) -> View:
        """The folder with a draft laid over it: path -> text, None where the draft deletes the file."""
        return View(self.root, {require_path(path): text for path, text in (overlay or {}).items()}, self._actions)


class View:
    """What the folder would hold; reads each file once, when it is asked for."""

    def __init__(self, root: Path, overlay: Mapping[str, str | None], actions: Path) -> None:
        self.root = root
        self._actions = actions
        self._overlay = dict(overlay)
        self._texts: dict[str, str | None] = {}
        self._there: set[str] | None = None
        self._code: dict[str, str] | None = None

    def over(self, overlay: Mapping[str, str | None]) -> View:
        """The same view with more laid over it."""
        return View(self.root, {**self._overlay, **overlay}, self._actions)

    def paths(self) -> list[str]:
        """The files that may be read and proposed, sorted, relative, with '/'; those the draft deletes are not among them."""
        if self._there is None:
            self._there = set(_files(self.root))
        found = self._there | {path for path, text in self._overlay.items() if text is not None}
        return sorted(found - {path for path, text in self._overlay.items() if text is None})

    def touched(self) -> list[str]:
        """The paths that the draft changes, adds or deletes, sorted."""
        return sorted(path for path in self._overlay if self.state(path) != "same")

    def text(self, path: str) -> str | None:
        """The file's text with the draft, None where there is none; raises InvalidInput."""
        return self._overlay[path] if path in self._overlay else self.base_text(path)

    def base_text(self, path: str) -> str | None:
        """The folder's own text, without the draft; raises InvalidInput when the path or the file's encoding is none of ours."""
        if path not in self._texts:
            self._texts[path] = _read(self.root, require_path(path))
        return self._texts[path]

    def state(self, path: str) -> State:
        """What the draft does to this file."""
        if path not in self._overlay:
            return "same"
        base, text = self.base_text(path), self._overlay[path]
        if base == text:
            return "same"
        return "new" if base is None else "deleted" if text is None else "changed"

    def digest(self, path: str) -> str:
        """The short name of the text with the draft."""
        return digest_of(self.text(path))

    def code_text(self) -> dict[str, str]:
        """The actions' Python by path: read for names that no YAML holds, never changed."""
        if self._code is None:
            files = sorted(self._actions.glob("*.py"))
            self._code = {f"actions/{file.name}": file.read_text("utf-8", "replace") for file in files}
        return self._code

    def materialise(self, target: Path) -> None:
        """Write the whole of it as a training project for Rasa into a new folder; raises FolderUnwritable."""
        try:
            target.mkdir(parents=True)
            for name in _COPIED:
                source = self.root / name
                if source.is_dir():
                    shutil.copytree(source, target / name, ignore=shutil.ignore_patterns(".*", "__pycache__"))
                elif source.is_file():
                    shutil.copyfile(source, target / name)
            for path, text in self._overlay.items():
                if text is None:
                    (target / path).unlink(missing_ok=True)
            for path in self.paths():
                text = self.text(path)
                if text is not None:
                    (target / path).parent.mkdir(parents=True, exist_ok=True)
                    (target / path).write_bytes(text.encode("utf-8"))
        except OSError as error:
            raise FolderUnwritable(
                f"materialise: {error.strerror}", reader_text="临时的训练目录写不进去（磁盘满了，或者没有权限）。"
            ) from error


def _files(root: Path) -> Iterator[str]:
    """The files below the folder that are ours to read; links, hidden files and other kinds are left out."""
    if (root / DOMAIN).is_file():
        yield DOMAIN
    for place in ("data", "tests/dialogue", "tests/understanding", "content"):
        yield from _files_below(root / place, place)


def _files_below(folder: Path, place: str) -> Iterator[str]:
    try:
        found = list(os.scandir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in found:
        path = f"{place}/{entry.name}"
        if not _SEGMENT.fullmatch(entry.name):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _files_below(folder / entry.name, path)
        elif entry.is_file(follow_symlinks=False) and path.endswith(_suffixes(path)):
            yield path


def _suffixes(path: str) -> tuple[str, ...]:
    return next((suffixes for folder, suffixes in _PLACES if path.startswith(folder + "/")), ())


def _read(root: Path, path: str) -> str | None:
    file = root / path
    try:
        if os.path.realpath(file) != str(file):  # a link, at the file or above it
            return None
        with file.open("rb") as opened:
            raw = opened.read(LONGEST_FILE + 1)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    if len(raw) > LONGEST_FILE:
        raise InvalidInput(path, reader_text=f"文件 {path} 太大了（超过 1 MB），工作室打不开，请拆成几个。")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput(path, reader_text=f"文件 {path} 不是 UTF-8 编码，请先另存为 UTF-8。") from error
