"""Whether the files fit together: our own fast look, the clinicians' content, and Rasa's validation by its warm process."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import shutil
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from bot.content import load_content
from bot.domain.errors import ContentError, FolderUnwritable, InvalidInput, RasaUnavailable, XinyiError
from bot.questionnaires.files import load_questionnaires
from bot.risk.lexicon import load_lexicon
from bot.risk.regression import read_regression
from bot.risk.texts import read_texts
from bot.training.checks import check
from bot.training.folder import View

log = logging.getLogger(__name__)
_KEPT = 8
_PREFIX, _OLD_SECONDS = "check-", 3600
_MOST_RUNNING = 3  # more would only queue before the one process
_UNREADABLE = ("yaml", "unreadable")  # Rasa would only say so again, in worse words
_CONTENT = "content/"
_ANCHOR = "content/safety_messages.yml"
_PLACE = re.compile(r"^(?P<path>.*?\.(?:ya?ml|txt))(?::(?P<line>\d+))?: ?(?P<why>.*)$", re.S)
_LONGEST_WHY = 300
_SEVERITIES = ("error", "warning")
T = TypeVar("T")


class RasaCheck(Protocol):
    """Rasa's validation of a folder in a warm process; raises RasaUnavailable while there is none."""

    async def check(self, folder: Path) -> list[dict[str, Any]]: ...

    async def close(self) -> None: ...


@dataclass(frozen=True)
class Checked:
    """What is wrong, errors first; `is_whole` is False where Rasa has not answered (yet)."""

    issues: tuple[dict[str, Any], ...]
    seconds: float
    is_whole: bool

    @property
    def first_error(self) -> dict[str, Any] | None:
        return next((issue for issue in self.issues if issue["severity"] == "error"), None)

    def as_json(self) -> dict[str, Any]:
        return {
            "issues": list(self.issues), "seconds": round(self.seconds, 3), "is_sound": self.first_error is None,
            "is_whole": self.is_whole,
        }  # fmt: skip


class Checker:
    """Checks views of the folder; the last few answers are kept by content, and a slow one is worked on after it was waited for."""

    def __init__(self, place: Path, readers: Executor, rasa: RasaCheck | None = None) -> None:
        self._place = place
        self._readers = readers
        self._rasa = rasa
        self._kept: OrderedDict[str, Checked] = OrderedDict()
        self._content: OrderedDict[str, list[dict[str, Any]]] = OrderedDict()
        self._running: dict[str, asyncio.Task[Checked]] = {}

    async def check(self, view: View, patience_seconds: float | None = None) -> Checked:
        """All that is wrong with the folder under this view; with patience, what is known by then."""
        began = time.perf_counter()
        digest = await self._read(digest_of_view, view)
        if digest in self._kept:
            self._kept.move_to_end(digest)
            return self._kept[digest]
        while patience_seconds is None and digest not in self._running and len(self._running) >= _MOST_RUNNING:
            await asyncio.wait(list(self._running.values()), return_when=asyncio.FIRST_COMPLETED)
        task = self._running.get(digest)
        if task is None and len(self._running) < _MOST_RUNNING:
            task = self._running[digest] = asyncio.ensure_future(self._whole(view, digest, began))
            task.add_done_callback(partial(self._ended, digest))
        if task is not None:
            done, _ = await asyncio.wait({task}, timeout=patience_seconds)
            if done:
                return task.result()
        return Checked(_together(await self._fast(view), []), time.perf_counter() - began, is_whole=False)

    def _ended(self, digest: str, task: asyncio.Task[Checked]) -> None:
        self._running.pop(digest, None)
        if not task.cancelled() and task.exception() is not None:
            log.error("a check failed: %s", type(task.exception()).__name__)

    async def close(self) -> None:
        """End what is still being worked on, and Rasa's process."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        if self._rasa is not None:
            await self._rasa.close()

    async def _whole(self, view: View, digest: str, began: float) -> Checked:
        fast, target = await self._fast(view), self._place / f"{_PREFIX}{uuid.uuid4().hex}"
        is_readable = not any(issue["code"] in _UNREADABLE for issue in fast)
        slow: list[dict[str, Any]] = []
        is_whole = True
        try:
            await self._read(view.materialise, target)
            slow += await self._of_content(view, target)
            if self._rasa is not None and is_readable:
                slow += await self._rasa.check(target)
        except (FolderUnwritable, RasaUnavailable, InvalidInput) as error:
            log.warning("only the fast check answered: %s", type(error).__name__)
            is_whole = False
        finally:
            await self._read(_remove, target)
        checked = Checked(_together(fast, slow), time.perf_counter() - began, is_whole)
        if is_whole:
            _keep(self._kept, digest, checked)
        return checked

    async def _fast(self, view: View) -> list[dict[str, Any]]:
        return [asdict(issue) for issue in await self._read(check, view)]

    async def _of_content(self, view: View, target: Path) -> list[dict[str, Any]]:
        """Asked once for the same files: reading all of content/ takes a second."""
        digest = await self._read(_digest_of, view, _CONTENT)
        if digest not in self._content:
            _keep(self._content, digest, await self._read(_of_content, view, target))
        return self._content[digest]

    async def _read(self, work: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, work, *arguments)


def sweep(place: Path, now: float) -> int:
    """Take away the folders of checks that were killed an hour ago or earlier; gives how many. `now` in seconds since the epoch."""
    old = [folder for folder in place.glob(f"{_PREFIX}*") if now - folder.stat().st_mtime > _OLD_SECONDS]
    for folder in old:
        _remove(folder)
    return len(old)


def _keep(kept: OrderedDict[str, T], digest: str, found: T) -> None:
    kept[digest] = found
    while len(kept) > _KEPT:
        kept.popitem(last=False)


def digest_of_view(view: View) -> str:
    """A hash of everything that a check looks at."""
    config = view.root / "config.yml"
    others = [
        str(hash(config.read_bytes())) if config.is_file() else "",
        *(f"{p} {hash(t)}" for p, t in view.code_text().items()),
    ]
    return hashlib.sha256("\0".join([_digest_of(view, ""), *others]).encode()).hexdigest()


def _digest_of(view: View, beginning: str) -> str:
    """A hash of the files whose paths begin like this."""
    digest = hashlib.sha256()
    for path in view.paths():
        if path.startswith(beginning):
            try:
                digest.update(f"{path}\0{view.digest(path)}\0".encode())
            except InvalidInput:  # not a text of ours: the check says so
                digest.update(f"{path}\0?\0".encode())
    return digest.hexdigest()


def _of_content(view: View, folder: Path) -> list[dict[str, Any]]:
    """What the gateway itself would refuse at its start; asked where there is content or the draft touches it."""
    is_there = (folder / _ANCHOR).is_file() or any(path.startswith(_CONTENT) for path in view.touched())
    return [] if not is_there else [issue for look in _LOOKS if (issue := _refusal(look, folder)) is not None]


_LOOKS: tuple[Callable[[Path], object], ...] = (
    load_content,
    load_questionnaires,
    lambda content: load_lexicon(content / "risk" / "lexicon.yml"),
    lambda content: read_texts(content / "risk" / "texts"),
    lambda content: read_regression(content / "risk" / "regression.yml"),
)


def _refusal(look: Callable[[Path], object], folder: Path) -> dict[str, Any] | None:
    try:
        look(folder / "content")
    except (XinyiError, OSError, ValueError, TypeError, KeyError, AttributeError, LookupError) as error:
        return _content_issue(error, folder)
    return None


def _content_issue(error: Exception, folder: Path) -> dict[str, Any]:
    """The place that a refusal names; one that names none points at the safety texts."""
    said = str(error) if isinstance(error, (ContentError, OSError)) else f"{type(error).__name__}: {error}"
    found = _PLACE.match(said.replace(f"{folder}/", ""))
    path, line, why = (found["path"], int(found["line"] or 1), found["why"]) if found else (_ANCHOR, 1, said)
    message = f"没有通过临床内容的检查：{why[:_LONGEST_WHY]}"
    return {
        "severity": "error", "code": "content", "path": path, "line": line, "column": 1, "message": message, "related": (),
    }  # fmt: skip


def _together(fast: list[dict[str, Any]], slow: list[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Errors first; what both found at one place is said once, in the words of the fast look."""
    places = {(issue["path"], issue["line"], issue["code"]) for issue in fast}
    news = [issue for issue in slow if (issue["path"], issue["line"], issue["code"]) not in places]
    return tuple(sorted([*fast, *news], key=lambda issue: _SEVERITIES.index(issue["severity"])))


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
