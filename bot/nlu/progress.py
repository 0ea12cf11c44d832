"""What a long job tells while it runs: lines of JSON with phase and progress, and how it ends when it can't go on."""

from __future__ import annotations

import errno
import json
import logging
import traceback
from typing import IO, Any, Dict, Mapping

log = logging.getLogger(__name__)
_LEAST_STEP = 0.005
DISK_FULL = "硬盘满了，没有写成。请管理员腾出空间后再试；正在使用的模型不受影响。"
FAILED = "没有做成，正在使用的模型不受影响。请再试一次；还不行，请管理员看这次的日志。"


class JobError(Exception):
    """A job can't go on: a code for programs, a sentence in Chinese for the trainer."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class Progress:
    """Writes `{"phase", "progress"}` lines; progress is that of the whole job, from 0 to 1, and never falls.

    `shares` says which part of the whole each phase takes.
    """

    def __init__(self, out: IO[str], shares: Mapping[str, float], *, is_shown: bool) -> None:
        self._out = out
        self._shares = shares
        self._is_shown = is_shown
        self._done: Dict[str, float] = {}
        self._told = -1.0
        self._phase = ""

    def tell(self, phase: str, share: float = 0.0) -> None:
        """This phase has got so far, from 0 to 1."""
        self._done[phase] = max(share, self._done.get(phase, 0.0))
        total = sum(self._shares[name] * done for name, done in self._done.items()) / sum(self._shares.values())
        if phase != self._phase:
            log.info("phase %s", phase)
        if self._is_shown and (phase != self._phase or total >= self._told + _LEAST_STEP):
            self._told = max(total, self._told)
            write(self._out, {"phase": phase, "progress": round(self._told, 3)})
        self._phase = phase

    def finish(self, phase: str) -> None:
        self.tell(phase, 1.0)

    def close(self, phase: str) -> None:
        """This phase is over, seen from the next one: it counts, and is not told."""
        self._done[phase] = 1.0


def write(out: IO[str], line: Dict[str, Any]) -> None:
    """One JSON line, at once."""
    out.write(json.dumps(line, ensure_ascii=False) + "\n")
    out.flush()


def refuse(out: IO[str], error: BaseException) -> int:
    """Tell why a job ended and give its exit code; the log names the kind of error and its places, never its words."""
    if isinstance(error, JobError):
        code, message = error.code, error.message
    elif isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        code, message = "disk_full", DISK_FULL
    else:
        code, message = "failed", FAILED
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames[-8:]))
    log.error("ended by %s (%s) at %s", type(error).__name__, code, places)
    write(out, {"error": code, "message": message})
    return 1
