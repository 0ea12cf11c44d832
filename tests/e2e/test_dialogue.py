"""Rasa's own test stories, and understanding of what is none of ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from stack import ROOT

ENVIRON = {**os.environ, "PYTHONPATH": str(ROOT), "RASA_TELEMETRY_ENABLED": "false", "TQDM_MININTERVAL": "30"}
RASA = str(Path(sys.executable).parent / "rasa")


def test_every_test_story_is_predicted_as_written(tmp_path: Path) -> None:
    model = max((ROOT / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    command = [RASA, "test", "core", "--stories", "tests/dialogue", "--model", str(model), "--out", str(tmp_path), "--no-plot"]
    done = subprocess.run(
        [*command, "--fail-on-prediction-errors"], cwd=ROOT, env=ENVIRON, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    report = json.loads((tmp_path / "story_report.json").read_text("utf-8"))
    assert report["conversation_accuracy"]["accuracy"] == 1.0


def test_requests_that_are_none_of_ours_are_seen_as_such() -> None:
    """Bar of issue 2: 90% of 60 sentences kept apart from training."""
    rows = (ROOT / "tests/data/out_of_scope.jsonl").read_text("utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "bot", "nlu", "parse", "--jsonl"], input=rows, cwd=ROOT, env=ENVIRON, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    found = [json.loads(line)["intent"] for line in done.stdout.splitlines()]
    assert len(found) == 60
    assert found.count("out_of_scope") >= 54
