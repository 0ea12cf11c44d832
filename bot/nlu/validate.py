"""`python -m bot.nlu.validate`: what `rasa data validate` checks, without its noise; prints one JSON line."""

from __future__ import annotations

import json
import os
import sys
from typing import List

from bot.nlu.quiet import set_up_logging, stdout_for_json
from bot.settings import ROOT


def main() -> None:
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ.setdefault("TQDM_MININTERVAL", "10")
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


if __name__ == "__main__":
    main()
