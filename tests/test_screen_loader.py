"""The screen comes up in steps, answers at once by its cues, and a screen that can't be had holds nobody up for ever."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.errors import ContentError
from bot.domain.risk import RiskLevel
from bot.screen_loader import ScreenRunner
from bot.settings import ROOT


@pytest.fixture
async def runner(tmp_path: Path) -> AsyncIterator[ScreenRunner]:
    found = ScreenRunner(ROOT / "content", tmp_path / "no-models")
    yield found
    found.close()


async def test_without_a_trained_classifier_the_cues_answer_alone(runner: ScreenRunner) -> None:
    assert runner.state == "loading"
    await runner.load()
    assert runner.state == "cues"
    screened = await runner.screen("我想自杀")
    assert (screened.finding.level >= RiskLevel.HIGH, screened.vector, screened.late) == (True, None, None)
    assert (await runner.screen("今天食堂的面不错")).finding.level is RiskLevel.NONE


async def test_a_message_that_comes_before_the_screen_is_up_waits_for_it(runner: ScreenRunner) -> None:
    waiting = asyncio.ensure_future(runner.screen("我想自杀"))
    await runner.load()
    assert (await asyncio.wait_for(waiting, 10)).finding.level >= RiskLevel.HIGH


async def test_cannot_wait_for_ever_for_a_screen_that_did_not_load(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "content", tmp_path / "content")
    (tmp_path / "content" / "risk" / "lexicon.yml").write_text("cues: 7", "utf-8")
    runner = ScreenRunner(tmp_path / "content", tmp_path / "no-models")
    waiting = asyncio.ensure_future(runner.screen("我想自杀"))
    with pytest.raises(ContentError):
        await runner.load()
    with pytest.raises(ContentError, match="screen did not load") as refused:
        await asyncio.wait_for(waiting, 5)
    assert "120" in refused.value.reader_text
    assert runner.state == "failed"
    runner.close()
