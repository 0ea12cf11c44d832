"""Fixtures of the training folder's tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from training_ground import lay_out

from bot.training.folder import TrainingFolder


@pytest.fixture
def folder(tmp_path: Path) -> TrainingFolder:
    return lay_out(tmp_path / "folder")
