"""The files of a change set: what changed in them, whether the folder moved on meanwhile, and what of it is clinical."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.studio_tables import ChangeSetFile
from bot.domain.change_set import is_clinical_path, is_clinical_response
from bot.domain.errors import EditedMeanwhile
from bot.training.domain import Response, Wording, domain_in
from bot.training.folder import DOMAIN, TrainingFolder, View
from bot.training.merging import Chunk, three_way

Changed = Mapping[str, "tuple[str | None, str | None]"]  # path -> base and text
_SAFETY_FILES = ("data/rules/safety.yml", "data/stories/safety.yml")
_RESPONSE = re.compile(r"\butter_\w+")
_RESPONSE_KEY = re.compile(r"""^\s*["']?(utter_\w+)["']?\s*:""", re.M)
_MOST_COMPARED = 4_000_000  # pairs of lines; beyond that the count is of lines, wherever they stand


@dataclass(frozen=True)
class FileLine:
    """One file as a change set shows it; `added` and `removed` count lines."""

    path: str
    state: str
    added: int
    removed: int
    is_clinical: bool
    has_conflict: bool


@dataclass(frozen=True)
class FileDiff:
    """A file three ways: as first touched, as the draft has it, and as it stands in the folder now."""

    path: str
    base: str | None
    text: str | None
    current: str | None
    chunks: tuple[Chunk, ...]


def of(session: Session, change_set_id: int) -> list[ChangeSetFile]:
    """Its files by path."""
    query = select(ChangeSetFile).where(ChangeSetFile.change_set_id == change_set_id).order_by(ChangeSetFile.path)
    return list(session.scalars(query))


def described(files: Sequence[ChangeSetFile], folder: TrainingFolder) -> list[FileLine]:
    """What each file is about to become; reads the folder."""
    view = folder.view()
    return [_line(view, file) for file in files]


def diff(file: ChangeSetFile, folder: TrainingFolder) -> FileDiff:
    """A file three ways."""
    current = folder.view().base_text(file.path)
    chunks = three_way(file.base or "", file.text or "", current or "").chunks
    return FileDiff(file.path, file.base, file.text, current, chunks)


def merged(file: ChangeSetFile, current: str | None) -> str | None:
    """What the folder shall hold, None for no file; raises EditedMeanwhile where both changed the same lines."""
    if current in (file.base, file.text):
        return file.text
    if file.text is None or current is None or file.base is None:
        raise EditedMeanwhile(file.path, file.base or "", file.text or "", current or "")
    text = three_way(file.base, file.text, current).text
    if text is None:
        raise EditedMeanwhile(file.path, file.base, file.text, current)
    return text


def common_lines(one: str, other: str) -> str:
    """The lines that both texts say in the same order; none where they are too long to compare."""
    old, new = one.splitlines(keepends=True), other.splitlines(keepends=True)
    if len(old) * len(new) > _MOST_COMPARED:
        return ""
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return "".join(line for block in blocks for line in old[block.a : block.a + block.size])


def is_clinical(view: View, files: Changed) -> bool:
    """Whether only a clinician approves these changes."""
    return any(is_clinical_path(path) for path in files) or _touches_clinical_response(view, files)


def clinical_responses_changed(view: View, files: Changed) -> list[Response]:
    """The clinical responses with the wordings that these changes give them."""
    base, text = files.get(DOMAIN, (None, None))
    before, now = _wordings(base), domain_in(text or "").responses
    safety = _named_by_safety(view)
    return [
        each for each in now if is_clinical_response(each.name, safety) and before.get(each.name) != _said(each.wordings)
    ]  # fmt: skip


def _touches_clinical_response(view: View, files: Changed) -> bool:
    base, text = files.get(DOMAIN, (None, None))
    before, now, safety = _wordings(base), _wordings(text), _named_by_safety(view)
    changed = {name for name in before.keys() | now.keys() if before.get(name) != now.get(name)}
    # Rasa takes responses from the files of data/ as well
    changed |= {name for path, (_, data) in files.items() if path != DOMAIN for name in _RESPONSE_KEY.findall(data or "")}
    return any(is_clinical_response(name, safety) for name in changed)


def _line(view: View, file: ChangeSetFile) -> FileLine:
    try:
        merged(file, view.base_text(file.path))
        has_conflict = False
    except EditedMeanwhile:
        has_conflict = True
    state = "new" if file.base is None else "deleted" if file.text is None else "changed"
    added, removed = _counted(file.base or "", file.text or "")
    return FileLine(file.path, state, added, removed, is_clinical(view, {file.path: (file.base, file.text)}), has_conflict)


def _counted(base: str, text: str) -> tuple[int, int]:
    """How many lines came and went."""
    old, new = base.splitlines(), text.splitlines()
    while old and new and old[-1] == new[-1]:
        old.pop()
        new.pop()
    same = next((place for place, (one, other) in enumerate(zip(old, new)) if one != other), min(len(old), len(new)))  # noqa: B905
    old, new = old[same:], new[same:]
    if len(old) * len(new) > _MOST_COMPARED:
        kept = sum((Counter(old) & Counter(new)).values())
    else:
        kept = sum(block.size for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks())
    return len(new) - kept, len(old) - kept


def _named_by_safety(view: View) -> frozenset[str]:
    texts = (view.base_text(path) or "" for path in _SAFETY_FILES)
    return frozenset(name for text in texts for name in _RESPONSE.findall(text))


def _wordings(text: str | None) -> dict[str, tuple[tuple[str, tuple[tuple[str, str], ...]], ...]]:
    return {each.name: _said(each.wordings) for each in domain_in(text or "").responses}


def _said(wordings: Sequence[Wording]) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """What a worker would read, without the lines it stands in."""
    return tuple((each.text, tuple((button.title, button.payload) for button in each.buttons)) for each in wordings)
