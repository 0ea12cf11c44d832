"""Logging of every process that runs Rasa: INFO to stderr, never a text, and stdout kept for JSON."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import warnings
from typing import IO, Iterator

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
