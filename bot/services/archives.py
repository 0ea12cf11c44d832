"""Trained archives as files: which there are, whether one can run here, and why not; nothing is ever unpacked."""

from __future__ import annotations

import gzip
import importlib.metadata
import json
import tarfile
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

STUDIO = "studio"  # below MODELS_DIR: what the studio trained; `make model` and slot 0 without a row never look there
_SUFFIX = ".tar.gz"
_MOST_BYTES = 16 * 1024 * 1024  # of metadata.json
_CHUNK = 1024 * 1024
_GONE = "模型文件不在了，用不了。"
_BROKEN = "模型文件坏了，用不了，请重新训练。"


@dataclass(frozen=True)
class Archive:
    """What an archive says of itself; `unfit` tells in Chinese why it can't run here."""

    rasa_version: str
    unfit: str | None


def rasa_version() -> str:
    """The Rasa of this environment, without importing it."""
    return importlib.metadata.version("rasa")


def look(models_dir: Path, name: str) -> Archive:
    """The archive of this name below MODELS_DIR; one that was read is not read again until its file changes."""
    path = models_dir / name
    try:
        found = path.stat()
    except OSError:
        return Archive("", _GONE)
    return _read(path, (found.st_mtime_ns, found.st_ctime_ns, found.st_size))


def newest_made(models_dir: Path) -> str | None:
    """The newest archive that `make model` made, by name; None when there is none."""
    found = sorted(models_dir.glob(f"*{_SUFFIX}"), key=lambda path: path.stat().st_mtime)
    return found[-1].name if found else None


def fingerprint_of(models_dir: Path, name: str) -> str:
    """The hash of the data it was trained from, as noted beside it; empty when nothing is noted."""
    path = models_dir / name
    try:
        return str(json.loads(note_of(path).read_text("utf-8"))["fingerprint"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def note_of(archive: Path) -> Path:
    """The file beside an archive that tells its fingerprint."""
    return archive.with_name(archive.name.removesuffix(_SUFFIX) + ".json")


def remove(models_dir: Path, name: str) -> None:
    """Remove an archive with what stands beside it."""
    path = models_dir / name
    note_of(path).unlink(missing_ok=True)
    path.unlink(missing_ok=True)


@lru_cache(maxsize=64)
def _read(path: Path, _as_it_was: tuple[int, int, int]) -> Archive:
    """Reads to the end, so that a cut archive is found out here and not by a Rasa that does not start."""
    metadata = b""
    try:
        with gzip.open(path) as whole:
            with tarfile.open(fileobj=whole, mode="r|") as tar:
                for member in tar:
                    if member.name.lstrip("./") == "metadata.json" and member.size <= _MOST_BYTES:
                        file = tar.extractfile(member)
                        metadata = file.read() if file is not None else b""
            while whole.read(_CHUNK):  # its last bytes are a checksum
                pass
        version = str(json.loads(metadata)["rasa_open_source_version"])
    except (OSError, EOFError, tarfile.TarError, zlib.error, ValueError, KeyError, TypeError):
        return Archive("", _BROKEN)
    if version != rasa_version():
        return Archive(version, f"这个模型是 Rasa {version} 训练的，这里是 {rasa_version()}，用不了，请重新训练。")
    return Archive(version, None)
