"""`python -m bot.nlu.train`: trains a model when none belongs to today's data; prints one JSON line."""

from __future__ import annotations

import argparse
import json
import logging
import os
import time
from pathlib import Path

from bot.nlu.fingerprint import current_archive, fingerprint, record
from bot.settings import ROOT, read_settings

_CORE = {"augmentation_factor": 0}  # rules decide here; glueing stories together only made TED slow (ADR 0003)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--force", action="store_true", help="train even when a current model exists")
    parser.add_argument("--out", type=Path, help="folder of the archive (default: MODELS_DIR)")
    arguments = parser.parse_args()
    models: Path = arguments.out or read_settings().models_dir
    wanted = fingerprint()
    found = None if arguments.force else current_archive(models, wanted)
    if found is not None:
        print(json.dumps({"model": str(found), "trained": False, "seconds": 0.0}))
        return
    _train(models, wanted)


def _train(models: Path, wanted: str) -> None:
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ.setdefault("TQDM_MININTERVAL", "10")
    started = time.monotonic()
    from bot.nlu.quiet import set_up_logging, stdout_for_json

    set_up_logging()
    with stdout_for_json() as out:
        import rasa

        imported = time.monotonic()
        os.chdir(ROOT)
        clock = _NluClock()
        logging.getLogger("rasa.engine.training.hooks").addHandler(clock)
        result = rasa.train(
            "domain.yml", "config.yml", "data", output=str(models), force_training=True, core_additional_arguments=_CORE
        )
        if not result.model or result.code != 0:
            raise SystemExit("training failed: see the lines above")
        record(Path(result.model), wanted)
        seconds = {
            "import_seconds": round(imported - started, 1),
            "nlu_seconds": round(clock.seconds, 1),
            "seconds": round(time.monotonic() - started, 1),
        }
        out.write(json.dumps({"model": result.model, "trained": True, **seconds}) + "\n")


class _NluClock(logging.Handler):
    """Adds up the seconds between start and end of every component that is no policy, from Rasa's own log lines."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.seconds = 0.0
        self._started = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        line = record.getMessage()
        if "Policy" not in line and line.startswith("Starting to train"):
            self._started = record.created
        elif "Policy" not in line and line.startswith("Finished training"):
            self.seconds += record.created - self._started


if __name__ == "__main__":
    main()
