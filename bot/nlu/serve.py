"""`python -m bot.nlu.serve`: Rasa on 127.0.0.1 with our channel, our tracker store and nothing else open."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Optional

from bot.bootstrap import make_root
from bot.domain.publication import SLOTS
from bot.nlu.fingerprint import newest_archive
from bot.nlu.quiet import set_up_logging
from bot.services import archives, slots
from bot.settings import ROOT, read_settings

_NOTHING_HELPS = 78  # EX_CONFIG
_STORE = "bot.nlu.tracker_store.DatabaseTrackerStore"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, help="archive to serve (default: the newest in MODELS_DIR)")
    parser.add_argument("--slot", type=int, choices=SLOTS, help="serve what this slot's row says, or end at once")
    parser.add_argument("--endpoints", type=Path, default=ROOT / "endpoints.yml")
    arguments = parser.parse_args()
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    settings = read_settings()
    set_up_logging(settings.log_level)
    if not settings.xinyi_rasa_token:
        sys.exit("XINYI_RASA_TOKEN is empty: start through `make run`, which makes the secrets")
    slot: int = arguments.slot or 0
    archive = arguments.model or _archive_of(arguments.slot, settings.models_dir)
    if archive is None:
        sys.exit("no model: run `make model` first")
    os.chdir(ROOT)
    _serve(archive, arguments.endpoints, settings.rasa_port + slot)


def _archive_of(slot: Optional[int], models_dir: Path) -> Optional[Path]:
    """What to serve; a slot that has nothing to do, or nothing it could do, ends the process before Rasa is imported.

    Codes 0 and 78 tell supervisord that no restart helps.
    """
    if slot is None:
        return newest_archive(models_dir)
    with make_root() as root:
        name = root.call_reading(slots.archive_to_serve, slot, models_dir)
    if name is None:
        sys.exit(0)
    unfit = archives.look(models_dir, name).unfit
    if unfit is not None:
        print(f"slot {slot}: {name}: {unfit}", file=sys.stderr)
        sys.exit(_NOTHING_HELPS)
    return models_dir / name


def _serve(archive: Path, endpoints_file: Path, port: int) -> None:
    from rasa.core.run import serve_application
    from rasa.core.utils import AvailableEndpoints

    from bot.nlu.shortcuts import use_shortcuts

    use_shortcuts()
    endpoints = AvailableEndpoints.read_endpoints(str(endpoints_file))
    if endpoints.tracker_store is None or endpoints.tracker_store.type != _STORE:
        sys.exit(f"{endpoints_file}: tracker_store must be {_STORE}; another one would forget or leak conversations")
    serve_application(
        model_path=str(archive),
        channel=None,
        interface="127.0.0.1",
        port=port,
        credentials=str(ROOT / "credentials.yml"),
        enable_api=False,
        endpoints=endpoints,
    )


if __name__ == "__main__":
    main()
