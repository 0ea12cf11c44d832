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
_CONTENT = "content/"
_ANCHOR = "content/safety_messages.yml"
_PLACE = re.compile(r"^(?P<path>.*?\.(?:ya?ml|txt))(?::(?P<line>\d+))?: ?(?P<why>.*)$", re.S)
_LONGEST_WHY = 300
_SEVERITIES = ("error", "warning")
T = TypeVar("T")


class RasaCheck(Protocol):
    """Rasa's validation of a folder in a warm process; raises RasaUnavailable while there is none."""

    async def check(self, folder: Path) -> list[dict[str, Any]]: ...


@dataclass(frozen=True)
class Checked:
    """What is wrong, errors first; `has_asked_rasa` is False where only the fast look answered."""

    issues: tuple[dict[str, Any], ...]
    seconds: float
    has_asked_rasa: bool

    @property
    def first_error(self) -> dict[str, Any] | None:
        return next((issue for issue in self.issues if issue["severity"] == "error"), None)

    def as_json(self) -> dict[str, Any]:
        return {
            "issues": list(self.issues), "seconds": round(self.seconds, 3), "is_sound": self.first_error is None,
            "has_asked_rasa": self.has_asked_rasa,
        }  # fmt: skip


class Checker:
    """Checks a view of the folder; one at a time, the last few answers kept by content."""

    def __init__(self, place: Path, readers: Executor, rasa: RasaCheck | None = None) -> None:
        self._place = place
        self._readers = readers
        self._rasa = rasa
        self._lock = asyncio.Lock()
        self._kept: OrderedDict[str, Checked] = OrderedDict()

    async def check(self, view: View) -> Checked:
        """All that is wrong with the folder under this view."""
        began = time.perf_counter()
        digest = await self._read(digest_of_view, view)
        async with self._lock:
            kept = self._kept.get(digest)
            if kept is None:
                kept = await self._checked(view, began)
            if kept.has_asked_rasa or self._rasa is None:
                self._kept[digest] = kept
                self._kept.move_to_end(digest)
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        return kept

    async def _checked(self, view: View, began: float) -> Checked:
        fast = [asdict(issue) for issue in await self._read(check, view)]
        target = self._place / f"check-{uuid.uuid4().hex}"
        slow: list[dict[str, Any]] = []
        has_asked = False
        try:
            await self._read(view.materialise, target)
            slow += await self._read(_of_content, view, target)
            if self._rasa is not None and not any(issue["code"] == "yaml" for issue in fast):
                slow += await self._rasa.check(target)
                has_asked = True
        except (FolderUnwritable, RasaUnavailable, InvalidInput) as error:
            log.warning("only the fast check answered: %s", type(error).__name__)
        finally:
            await self._read(_remove, target)
        return Checked(_together(fast, slow), time.perf_counter() - began, has_asked)

    async def _read(self, work: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, work, *arguments)


def digest_of_view(view: View) -> str:
    """A hash of everything that a check looks at."""
    digest = hashlib.sha256()
    for path in view.paths():
        try:
            digest.update(f"{path}\0{view.digest(path)}\0".encode("utf-8", "surrogatepass"))
        except InvalidInput:  # not a text of ours: the check says so
            digest.update(f"{path}\0?\0".encode())
    config = view.root / "config.yml"
    digest.update(config.read_bytes() if config.is_file() else b"")
    for path, text in view.code_text().items():
        digest.update(f"{path}\0{hash(text)}\0".encode())
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
