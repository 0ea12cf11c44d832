"""Logging of every process that runs Rasa: INFO to stderr, never a text, and stdout kept for JSON."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import warnings
from typing import IO, Iterator, Optional, TextIO, Type, Union

import structlog


def set_up_logging(level: str = "INFO") -> None:
    """Send logs to stderr; Rasa's structured log, whose DEBUG lines carry texts, never goes below INFO."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    chosen = max(logging.getLevelName(level), logging.INFO)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr, level=chosen, force=True)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        processors=[_without_text, structlog.processors.KeyValueRenderer(key_order=["event"])],
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )
    for name in ("matplotlib", "asyncio", "absl", "sanic.access", "jieba", "apscheduler"):
        logging.getLogger(name).setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    warnings.filterwarnings("ignore", category=FutureWarning)


def hide_texts() -> None:
    """For processes whose log a trainer reads: warnings and Rasa's log lines lose their words, which may be a person's; no bars."""
    os.environ["LOG_LEVEL"] = "WARNING"  # Rasa draws its bars by this
    warnings.showwarning = _show_kind_only
    for handler in logging.getLogger().handlers:
        handler.addFilter(_is_ours)


def _show_kind_only(
    message: Union[Warning, str], category: Type[Warning], filename: str, lineno: int,
    file: Optional[TextIO] = None, line: Optional[str] = None,
) -> None:  # fmt: skip
    print(f"{category.__name__} at {filename.rpartition('/')[2]}:{lineno}", file=sys.stderr)


def _is_ours(record: logging.LogRecord) -> bool:
    """Our own lines and Rasa's about its components pass; of others, errors pass as their kind and place."""
    if record.name.startswith("bot.") or record.name in ("__main__", "rasa.engine.training.hooks"):
        return True
    if record.levelno < logging.ERROR:
        return False
    record.msg, record.args, record.exc_info = f"error at {record.filename}:{record.lineno}", (), None
    return True


def _without_text(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Keep the name of the event and ids; everything else may hold what a person wrote."""
    return {key: value for key, value in event.items() if key in ("event", "level", "sender_id", "action_name")}


@contextlib.contextmanager
def stdout_for_json() -> Iterator[IO[str]]:
    """Whatever prints inside goes to stderr; the stream given is the real stdout."""
    real = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    saved = os.dup(1)
    os.dup2(2, 1)
    try:
        yield real
        real.flush()
    finally:
        os.dup2(saved, 1)
        os.close(saved)
        real.close()
