"""A gateway that is killed while it writes a change set: the next one finishes it, and nothing is half done."""

from __future__ import annotations

from pathlib import Path

import pytest
from ground import NOW, Gateway, MakeGateway
from studio_ground import NLU, SLEEP, STORIES, Trainer, training_folder

from bot.domain.case_access import Viewer
from bot.domain.change_set import Deed
from bot.services import change_set_applying, change_sets
from bot.training import applying
from bot.web.keys import DESK, ROOT
from bot.web.studio_desk import RECOVERY

STORY_PATH = "data/stories/sleep.yml"
TEXTS = {NLU: SLEEP + "    - 躺下就想活没干完\n", STORY_PATH: STORIES.replace("说睡不着", "说夜里睡不着")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return training_folder(tmp_path / "training")


def begun(gateway: Gateway) -> tuple[int, change_set_applying.Plan]:
    """A reviewed change set of two files that this gateway has marked as being written."""
    root, desk = gateway.app[ROOT], gateway.app[DESK]
    wu, he = (Viewer(Trainer(gateway, name).id, name, "trainer") for name in ("wu", "he"))
    made = root.call(change_sets.create, wu, "补几句睡眠", NOW).id
    root.call(change_sets.put_files, desk.folder, wu, made, TEXTS, NOW)
    root.call(change_sets.propose, wu, made, "", root.call_reading(change_sets.overlay, made), NOW)
    root.call(change_sets.review, desk.folder, he, made, Deed.APPROVE, "", None, NOW)
    plan = root.call_reading(change_set_applying.plan, desk, wu, made)
    root.call(change_set_applying.begin, wu, plan, NOW)
    return made, plan


def strays(folder: Path) -> list[str]:
    return [file.name for file in folder.rglob(".*") if "studio" in file.name]


async def test_the_next_gateway_finishes_what_the_journal_names(make_gateway: MakeGateway, folder: Path) -> None:
    killed: Gateway = await make_gateway(TRAINING_DIR=str(folder))
    await killed.app[RECOVERY]
    change_set_id, plan = begun(killed)
    steps = [applying.stage(folder, path, text) for path, text in plan.files.items()]
    applying.write_journal(killed.app[DESK].journal, steps, "forward")
    applying.roll_forward(folder, steps[:1])
    following: Gateway = await make_gateway(TRAINING_DIR=str(folder))
    await following.app[RECOVERY]
    assert {path: (folder / path).read_text("utf-8") for path in TEXTS} == TEXTS
    shown = await Trainer(following, "xu").get(f"change-sets/{change_set_id}")
    assert (shown["state"], shown["applied_by"]) == ("applied", "wu")
    assert strays(folder) == []


async def test_what_was_only_marked_can_be_applied_again(make_gateway: MakeGateway, folder: Path) -> None:
    killed: Gateway = await make_gateway(TRAINING_DIR=str(folder))
    await killed.app[RECOVERY]
    change_set_id, _ = begun(killed)
    following: Gateway = await make_gateway(TRAINING_DIR=str(folder))
    await following.app[RECOVERY]
    xu = Trainer(following, "xu")
    shown = await xu.get(f"change-sets/{change_set_id}")
    assert (shown["state"], shown["applied_by"]) == ("reviewed", None)
    assert (folder / NLU).read_text("utf-8") == SLEEP
    assert (await xu.post(f"change-sets/{change_set_id}/apply"))["state"] == "applied"


async def test_whoever_applies_next_finishes_first_what_was_left(make_gateway: MakeGateway, folder: Path) -> None:
    gateway: Gateway = await make_gateway(TRAINING_DIR=str(folder))
    await gateway.app[RECOVERY]
    change_set_id, plan = begun(gateway)
    applying.apply(folder, gateway.app[DESK].journal, plan.files, plan.was)
    xu = Trainer(gateway, "xu")
    status, error = await xu.error("POST", f"change-sets/{change_set_id}/apply")
    assert (status, error["code"], "已经写入" in error["message"]) == (409, "illegal_transition", True)
    assert (await xu.get(f"change-sets/{change_set_id}"))["applied_by"] == "wu"


async def test_a_folder_that_is_not_there_does_not_stop_the_gateway(make_gateway: MakeGateway, tmp_path: Path) -> None:
    gateway: Gateway = await make_gateway(TRAINING_DIR=str(tmp_path / "none"))
    await gateway.app[RECOVERY]
    async with gateway.http.get(gateway.url("/healthz")) as response:
        assert response.status == 200
    wu = Trainer(gateway, "wu")
    assert (await wu.get("files"))["files"] == []
    assert (await wu.get("intents"))["intents"] == []
    checked = await wu.get("check")
    assert not checked["is_sound"]
