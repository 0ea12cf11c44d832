"""Whether a trained archive belongs to today's data: our own hash, because Rasa's dry run takes 15 to 20 s."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import List, Optional, Tuple

from bot.settings import ROOT

_PROJECT = ("config.yml", "domain.yml", "data", "content/jieba")
_CODE = ("bot/nlu", "bot/vectors.py", "uv.lock")
_COMPONENTS = (
    "bot/nlu/cross_validation.py",
    "bot/nlu/e5_featurizer.py",
    "bot/nlu/kernel_classifier.py",
    "bot/nlu/risk_flagger.py",
    "bot/vectors.py",
    "uv.lock",
)
_SUFFIXES = {".yml", ".yaml", ".txt", ".py", ".lock"}


def fingerprint(root: Path = ROOT) -> str:
    """SHA-256 over names and bytes of everything a model is trained from, 64 hex digits; the code is ours wherever the project lies."""
    return _digest([(root, source) for source in _PROJECT] + [(ROOT, source) for source in _CODE])


def component_fingerprint(root: Path = ROOT) -> str:
    """The same over what Rasa's cache does not look at: our components with all they call, the dictionaries, the libraries."""
    return _digest([(root, "content/jieba"), *((ROOT, source) for source in _COMPONENTS)])


def _digest(sources: List[Tuple[Path, str]]) -> str:
    digest = hashlib.sha256()
    for root, source in sources:
        for path in _files(root / source):
            content = path.read_bytes()
            digest.update(f"{path.relative_to(root)}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


def _files(path: Path) -> List[Path]:
    if path.is_file():
        return [path]
    return sorted(p for p in path.rglob("*") if p.is_file() and p.suffix in _SUFFIXES and not p.name.startswith("."))


def newest_archive(models: Path) -> Optional[Path]:
    """The archive trained last, or None."""
    archives = sorted(models.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    return archives[-1] if archives else None


def current_archive(models: Path, wanted: str) -> Optional[Path]:
    """The newest archive if it was trained from data of this hash, else None."""
    archive = newest_archive(models)
    if archive is None:
        return None
    try:
        recorded = json.loads(note_of(archive).read_text("utf-8"))["fingerprint"]
    except (OSError, ValueError, KeyError):
        return None
    return archive if recorded == wanted else None


def record(archive: Path, wanted: str) -> None:
    """Write the hash beside the archive."""
    note_of(archive).write_text(json.dumps({"fingerprint": wanted}) + "\n", "utf-8")


def note_of(archive: Path) -> Path:
    """The small file beside an archive."""
    return archive.with_name(archive.name.removesuffix(".tar.gz") + ".json")
