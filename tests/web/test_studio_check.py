"""The check with Rasa's part: waited for, kept, done without, and ended with the gateway."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from studio_ground import NLU, SLEEP, training_folder

from bot.domain.errors import RasaUnavailable
from bot.training.folder import TrainingFolder
from bot.web.studio_check import Checker, sweep

ISSUE = {
    "severity": "error", "code": "conflict", "path": NLU, "line": 5, "column": 1, "message": "这两条说的不一样。", "related": [],
}  # fmt: skip
BROKEN = SLEEP + "  - [\n"


class SlowRasa:
    """Rasa's validation that answers when it is let, and notes what it was asked."""

    def __init__(self) -> None:
        self.let = asyncio.Event()
        self.asked: list[Path] = []
        self.texts: list[str] = []
        self.is_away = False
        self.is_closed = False

    async def check(self, folder: Path) -> list[dict[str, Any]]:
        self.asked.append(folder)
        self.texts.append((folder / NLU).read_text("utf-8"))
        if self.is_away:
            raise RasaUnavailable("away")
        await self.let.wait()
        return [ISSUE]

    async def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def folder(tmp_path: Path) -> TrainingFolder:
    return TrainingFolder(training_folder(tmp_path / "training"))


@pytest.fixture
def readers() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


@pytest.fixture
def rasa() -> SlowRasa:
    return SlowRasa()


@pytest.fixture
async def checker(tmp_path: Path, readers: ThreadPoolExecutor, rasa: SlowRasa) -> AsyncIterator[Checker]:
    place = tmp_path / "studio"
    found = Checker(place, readers, rasa)
    yield found
    await found.close()
    assert not list(place.glob("check-*"))


async def test_rasa_is_asked_about_the_draft_and_its_word_counts(
    checker: Checker, rasa: SlowRasa, folder: TrainingFolder
) -> None:
    rasa.let.set()
    checked = await checker.check(folder.view({NLU: SLEEP + "    - 夜里醒三回\n"}))
    assert (checked.is_whole, checked.first_error) == (True, ISSUE)
    assert rasa.texts == [SLEEP + "    - 夜里醒三回\n"]


async def test_whoever_has_no_patience_gets_the_fast_part_and_the_whole_at_the_next_asking(
    checker: Checker, rasa: SlowRasa, folder: TrainingFolder
) -> None:
    checked = await checker.check(folder.view(), 0)
    assert (checked.is_whole, checked.first_error) == (False, None)
    rasa.let.set()
    checked = await checker.check(folder.view())
    assert (checked.is_whole, checked.first_error) == (True, ISSUE)
    assert len(rasa.asked) == 1


async def test_the_same_content_is_checked_once(checker: Checker, rasa: SlowRasa, folder: TrainingFolder) -> None:
    rasa.let.set()
    answers = await asyncio.gather(*(checker.check(folder.view()) for _ in range(5)))
    assert {id(answer) for answer in answers} == {id(answers[0])}
    await checker.check(folder.view({NLU: SLEEP}))
    assert len(rasa.asked) == 1


async def test_without_rasa_the_fast_part_answers_and_is_asked_again_later(
    checker: Checker, rasa: SlowRasa, folder: TrainingFolder
) -> None:
    rasa.is_away = True
    assert not (await checker.check(folder.view())).is_whole
    rasa.is_away = False
    rasa.let.set()
    assert (await checker.check(folder.view())).is_whole


async def test_rasa_is_not_bothered_with_a_file_that_is_no_yaml(
    checker: Checker, rasa: SlowRasa, folder: TrainingFolder
) -> None:
    checked = await checker.check(folder.view({NLU: BROKEN}))
    assert checked.first_error is not None
    assert checked.first_error["path"] == NLU
    assert rasa.asked == []


async def test_many_drafts_at_once_do_not_queue_without_end(checker: Checker, rasa: SlowRasa, folder: TrainingFolder) -> None:
    views = [folder.view({NLU: SLEEP + f"    - 第{number}句\n"}) for number in range(8)]
    answers = await asyncio.gather(*(checker.check(view, 0) for view in views))
    assert not any(answer.is_whole for answer in answers)
    assert len(rasa.asked) <= 3
    rasa.let.set()
    answers = await asyncio.gather(*(checker.check(view) for view in views))
    assert all(answer.is_whole for answer in answers)
    assert len(rasa.asked) == 8


async def test_rasas_process_ends_with_the_gateway(checker: Checker, rasa: SlowRasa, folder: TrainingFolder) -> None:
    await checker.check(folder.view(), 0)
    await checker.close()
    assert rasa.is_closed


def test_what_a_killed_check_left_is_taken_away_later(tmp_path: Path) -> None:
    (tmp_path / "check-a").mkdir()
    (tmp_path / "check-a/domain.yml").write_text("x", "utf-8")
    (tmp_path / "lock").write_text("", "utf-8")
    made = (tmp_path / "check-a").stat().st_mtime
    assert (sweep(tmp_path, made + 3500), sweep(tmp_path, made + 3700)) == (0, 1)
    assert [file.name for file in tmp_path.iterdir()] == ["lock"]
    assert sweep(tmp_path / "none", made) == 0
