"""A slot's process: it ends at once, before Rasa is imported, where it has nothing to do or nothing it could do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ground import NOW, settings_for
from model_ground import model
from sqlalchemy.orm import Session

from bot.bootstrap import Root, make_root
from bot.db.studio_tables import ServingSlot
from bot.domain.publication import LIVE, READY
from bot.settings import ROOT

NO_RASA = "import sys; sys.modules['rasa'] = None; sys.argv[1:] = ['--slot', '{slot}']; from bot.nlu.serve import main; main()"


def serve(folder: Path, slot: int) -> subprocess.CompletedProcess[str]:
    """Run it where importing Rasa is an error."""
    environ = {
        **os.environ, "VAR_DIR": str(folder), "DATABASE_URL": f"sqlite:///{folder}/xinyi.db", "KEY_RING": str(folder / "keys.json"),
        "MODELS_DIR": str(folder / "models"), "XINYI_RASA_TOKEN": "r" * 32, "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    call = [sys.executable, "-c", NO_RASA.format(slot=slot)]
    return subprocess.run(call, env=environ, capture_output=True, text=True, check=False, cwd=ROOT)


def live_on(root: Root, slot: int, model_id: str) -> None:
    def add(session: Session) -> None:
        session.add(ServingSlot(slot=slot, model_id=model_id, purpose=LIVE, state=READY, changed_at=NOW))
        session.commit()

    root.call(add)


def test_slots_without_a_row_end_at_once_without_rasa(tmp_path: Path, database: Path) -> None:
    with make_root(settings_for(tmp_path)) as root:
        live_on(root, 1, model(root, "studio/new.tar.gz"))
    assert [serve(tmp_path, slot).returncode for slot in (0, 2)] == [0, 0]


def test_an_archive_that_cannot_run_is_named_and_not_tried_again(tmp_path: Path, database: Path) -> None:
    with make_root(settings_for(tmp_path)) as root:
        live_on(root, 1, model(root, "studio/new.tar.gz"))
        (root.settings.models_dir / "studio/new.tar.gz").write_bytes(b"cut")
    done = serve(tmp_path, 1)
    assert (done.returncode, "坏了" in done.stderr) == (78, True)


def test_a_slot_with_a_row_goes_on_to_rasa(tmp_path: Path, database: Path) -> None:
    with make_root(settings_for(tmp_path)) as root:
        live_on(root, 1, model(root, "studio/new.tar.gz"))
    done = serve(tmp_path, 1)
    assert done.returncode == 1
    assert "rasa" in done.stderr
