"""Rasa's own processes: parsing and training never run inside ours."""

from __future__ import annotations

import subprocess
import sys

from bot.settings import ROOT, child_environ


def run_nlu(command: str, *arguments: str) -> int:
    """Run `python -m bot.nlu.<command>` with our stdin and stdout; gives its exit code."""
    call = [sys.executable, "-m", f"bot.nlu.{command}", *arguments]
    return subprocess.run(call, cwd=ROOT, env=child_environ({"PYTHONPATH": str(ROOT)}), check=False).returncode
