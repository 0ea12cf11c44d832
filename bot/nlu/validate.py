"""`python -m bot.nlu.validate`: what `rasa data validate` checks, without its noise; prints one JSON line.

With `--lines` it stays: each line of stdin `{"id", "project"}` is answered by one line `{"id", "issues", "seconds"}`, whose issues name file
and line in plain Chinese, or by `{"id", "error"}`.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import time
from pathlib import Path
from typing import IO, Any, Dict, List

from bot.nlu.progress import write
from bot.nlu.quiet import hide_texts, set_up_logging, stdout_for_json
from bot.settings import ROOT

log = logging.getLogger(__name__)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", action="store_true", help="stay, and answer one line of stdin after the other")
    arguments = parser.parse_args()
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ.setdefault("TQDM_MININTERVAL", "10")
    if arguments.lines:
        set_up_logging()
        hide_texts()
        with stdout_for_json() as out:
            _answer_lines(out)
        return
    os.chdir(ROOT)
    set_up_logging("ERROR")
    with stdout_for_json() as out:
        failed = _failed_checks()
        out.write(json.dumps({"sound": not failed, "failed": failed}) + "\n")
    if failed:
        sys.exit(1)


def _failed_checks() -> List[str]:
    """The names of Rasa's checks that do not pass; their warnings go to stderr."""
    from rasa.shared.importers.importer import TrainingDataImporter
    from rasa.validator import Validator

    importer = TrainingDataImporter.load_from_config("config.yml", "domain.yml", ["data"])
    validator = Validator.from_importer(importer)
    checks = (
        validator.verify_domain_validity, validator.verify_actions_in_stories_rules, validator.verify_forms_in_stories_rules,
        validator.verify_form_slots, validator.verify_slot_mappings, validator.verify_intents, validator.verify_intents_in_stories,
        validator.verify_story_structure,
    )  # fmt: skip
    return [check.__name__ for check in checks if not check()]


def _answer_lines(out: IO[str]) -> None:
    from bot.nlu.warm_check import WarmCheck

    warm = WarmCheck()
    write(out, {"ready": True})
    for line in sys.stdin:
        if line.strip():
            write(out, _answer(warm, json.loads(line)))


def _answer(warm: Any, asked: Dict[str, Any]) -> Dict[str, Any]:
    """One project's issues; an error nobody foresaw ends this answer, not the process, and leaves no words in the log."""
    started = time.monotonic()
    try:
        issues = [issue.as_dict() for issue in warm.check(Path(asked["project"]))]
    except Exception as error:  # noqa: BLE001 - the one boundary of this loop
        frame = error.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        place = f"{frame.tb_frame.f_code.co_name}:{frame.tb_lineno}" if frame else "?"
        log.error("a check ended by %s at %s", type(error).__name__, place)
        return {"id": asked.get("id"), "error": "failed"}
    return {"id": asked["id"], "issues": issues, "seconds": round(time.monotonic() - started, 2)}


if __name__ == "__main__":
    main()
