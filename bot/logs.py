"""Logs of our own processes: one JSON object a line, ids and counts, never what a person wrote."""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = dt.datetime.fromtimestamp(record.created, dt.timezone.utc).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname, "logger": record.name, "message": record.getMessage()}
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__  # the class alone: a traceback may carry a person's words
        return json.dumps(line, ensure_ascii=False)


def set_up_logging(level: str) -> None:
    """Write JSON lines to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in ("asyncio", "jieba", "aiohttp.access"):
        logging.getLogger(name).setLevel(logging.WARNING)
