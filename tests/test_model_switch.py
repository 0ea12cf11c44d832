"""Moving the live pointer: the new model up before the old goes, no turn lost, and nothing half done after a kill."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from fakes import RASA_TOKEN, turn_of
from ground import NOW, settings_for
from model_ground import FakeSlots, model, three_free_ports
from sqlalchemy import select

from bot.bootstrap import Root, make_root
from bot.db.tables import Conversation, TrackerTurn, Worker
from bot.domain.errors import RasaUnavailable
from bot.domain.publication import CANDIDATE, DONE, FAILED, MOVED, STARTING, arm_of
from bot.model_switch import START_LIMIT, ModelSwitch
from bot.rasa_client import RasaRouter
from bot.services import drafts, experiments, publications, slots, tracker_turns

SECOND, MINUTE = dt.timedelta(seconds=1), dt.timedelta(minutes=1)
C1 = "c" * 32


class Scene:
    """A gateway's switch over stand-ins, with a clock that only moves when told."""

    def __init__(self, root: Root) -> None:
        self.root = root
        self.now = NOW
        self.control = FakeSlots(root)
        self.models_dir = root.settings.models_dir
        self.restart()

    def restart(self) -> None:
        """A gateway that was killed comes back: nothing of it is left but rows."""
        self.router = RasaRouter(self.root.settings.rasa_port, RASA_TOKEN, 5.0, self._arm)
        self.switch = ModelSwitch(self.root, self.control, self.router, lambda: self.now)

    async def _arm(self, conversation_id: str, experiment_id: int) -> str:
        return await self.root.run_sync(experiments.arm, conversation_id, experiment_id, self.now)

    async def beats(self, count: int = 1, step: dt.timedelta = SECOND) -> None:
        for _ in range(count):
            await self.switch.beat()
            self.now += step

    def publish(self, model_id: str) -> int:
        return self.root.call(publications.publish, model_id, "wang", "", self.now, self.models_dir, None).id

    def roll_back(self) -> int:
        return self.root.call(publications.rollback, "wang", "答得不对", self.now, self.models_dir, None).id

    def state(self, publication_id: int) -> str:
        return self.root.call_reading(publications.get, publication_id).state

    def rows(self) -> dict[int, tuple[str, str]]:
        return {row.slot: (row.purpose, row.state) for row in self.root.call_reading(slots.listing)}

    async def says(self, conversation_id: str = C1) -> str:
        turn = await self.router.ask(conversation_id, "你好", {})
        return turn.replies[0].text


@pytest.fixture
async def scene(tmp_path: Path, database: Path) -> AsyncIterator[Scene]:
    with make_root(settings_for(tmp_path, RASA_PORT=str(three_free_ports()))) as root:
        found = Scene(root)
        model(root, "made.tar.gz", age=9, trained_by=None)
        await found.control.start(0)
        found.control.deeds.clear()
        yield found
        await found.router.close()
        await found.control.close()


async def test_the_old_model_answers_until_the_new_one_does_and_then_it_is_stopped(scene: Scene) -> None:
    move = scene.publish(model(scene.root, "studio/new.tar.gz"))
    assert await scene.says() == "我是 made.tar.gz"
    await scene.beats()
    assert scene.control.deeds == [("start", 1)]
    assert await scene.says() == "我是 made.tar.gz"
    await scene.beats()
    assert (scene.state(move), await scene.says()) == (MOVED, "我是 new.tar.gz")
    await scene.beats(2)
    assert scene.control.deeds == [("start", 1), ("stop", 0)]
    assert (scene.state(move), scene.rows()) == (DONE, {1: ("live", "ready")})
    assert await scene.says() == "我是 new.tar.gz"
    assert await scene.router.ready_model() == "new.tar.gz"


async def test_a_turn_under_way_is_answered_by_the_model_that_was_asked(scene: Scene) -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_body: dict[str, Any]) -> web.StreamResponse:
        asked.set()
        await go_on.wait()
        return turn_of({"text": "慢慢说完"})

    scene.control.rasas[0].answer = slow
    turn = asyncio.ensure_future(scene.says())
    await asked.wait()
    move = scene.publish(model(scene.root, "studio/new.tar.gz"))
    await scene.beats(5, step=dt.timedelta(seconds=0.3))
    assert (scene.state(move), scene.control.deeds) == (MOVED, [("start", 1)])
    assert await scene.says("d" * 32) == "我是 new.tar.gz"
    go_on.set()
    assert await turn == "慢慢说完"
    await scene.beats(2)
    assert scene.control.deeds[-1] == ("stop", 0)
    assert scene.state(move) == DONE


async def test_a_turn_that_never_ends_holds_the_old_model_only_as_long_as_a_turn_may_take(scene: Scene) -> None:
    asked, never = asyncio.Event(), asyncio.Event()

    async def hang(_body: dict[str, Any]) -> web.StreamResponse:
        asked.set()
        await never.wait()
        return turn_of()

    scene.control.rasas[0].answer = hang
    turn = asyncio.ensure_future(scene.says())
    await asked.wait()
    scene.publish(model(scene.root, "studio/new.tar.gz"))
    await scene.beats(3)
    assert scene.control.deeds == [("start", 1)]
    scene.now += dt.timedelta(seconds=scene.root.settings.rasa_timeout_seconds)
    never.set()
    await scene.beats()
    assert scene.control.deeds == [("start", 1), ("stop", 0)]
    await asyncio.gather(turn, return_exceptions=True)


@pytest.mark.parametrize("beats", [0, 1, 2, 3, 4])
async def test_killed_at_any_step_it_goes_on_after_the_restart(scene: Scene, beats: int) -> None:
    move = scene.publish(model(scene.root, "studio/new.tar.gz"))
    await scene.beats(beats)
    await scene.router.close()
    scene.restart()
    await scene.beats(5)
    assert (scene.state(move), scene.rows()) == (DONE, {1: ("live", "ready")})
    assert await scene.says() == "我是 new.tar.gz"
    assert scene.control.deeds == [("start", 1), ("stop", 0)]


async def test_going_back_takes_the_same_way(scene: Scene) -> None:
    scene.publish(model(scene.root, "studio/new.tar.gz"))
    await scene.beats(5)
    back = scene.roll_back()
    assert await scene.says() == "我是 new.tar.gz"
    await scene.beats(5)
    assert (scene.state(back), await scene.says()) == (DONE, "我是 made.tar.gz")
    assert scene.rows() == {0: ("live", "ready")}


async def test_a_model_that_does_not_come_up_fails_and_the_old_one_goes_on(scene: Scene) -> None:
    scene.control.dead.add("studio/new.tar.gz")
    move = scene.publish(model(scene.root, "studio/new.tar.gz"))
    await scene.beats(3)
    assert scene.state(move) == STARTING
    scene.now += START_LIMIT
    await scene.beats(3)
    assert scene.state(move) == FAILED
    assert "原来的模型照常在用" in scene.root.call_reading(publications.get, move).error
    assert (scene.rows(), await scene.says()) == ({0: ("live", "ready")}, "我是 made.tar.gz")
    assert scene.control.deeds[-1] == ("stop", 1)
    scene.control.dead.clear()
    again = scene.publish(model(scene.root, "studio/better.tar.gz"))
    await scene.beats(5)
    assert (scene.state(again), await scene.says()) == (DONE, "我是 better.tar.gz")


async def test_a_model_that_is_up_and_says_nothing_never_goes_live(scene: Scene) -> None:
    scene.control.mute.add("studio/new.tar.gz")
    move = scene.publish(model(scene.root, "studio/new.tar.gz"))
    await scene.beats(3)
    assert (scene.state(move), await scene.says()) == (STARTING, "我是 made.tar.gz")
    scene.now += START_LIMIT
    await scene.beats(2)
    assert "没有答话" in scene.root.call_reading(publications.get, move).error


async def test_without_a_process_manager_it_fails_at_once_with_why(scene: Scene) -> None:
    move = scene.publish(model(scene.root, "studio/new.tar.gz"))
    scene.control.refusal = "发布要在 make run 下运行的系统里做"
    scene.control.start = refuses(scene)  # type: ignore[method-assign]
    scene.control.state = refuses(scene)  # type: ignore[method-assign,assignment]
    await scene.beats()
    assert scene.state(move) == FAILED
    assert "make run" in scene.root.call_reading(publications.get, move).error
    assert await scene.says() == "我是 made.tar.gz"


def refuses(scene: Scene) -> Any:
    from bot.domain.errors import PublishRefused

    async def refuse(_slot: int) -> None:
        raise PublishRefused("no supervisord", reader_text=str(scene.control.refusal))

    return refuse


async def test_a_process_of_a_row_that_is_gone_is_stopped_before_the_slot_is_used(scene: Scene) -> None:
    model(scene.root, "studio/old.tar.gz", age=5)
    await scene.control.start(1)
    scene.control.rasas[1].model = "old.tar.gz"
    move = scene.publish(model(scene.root, "studio/new.tar.gz"))
    await scene.beats(5)
    assert scene.control.deeds == [("start", 1), ("stop", 1), ("start", 1), ("stop", 0)]
    assert scene.state(move) == DONE


async def test_a_live_process_that_ended_by_itself_is_started_again_but_not_over_and_over(scene: Scene) -> None:
    scene.publish(model(scene.root, "studio/new.tar.gz"))
    await scene.beats(5)
    await scene.control.rasas.pop(1).stop()
    scene.control.deeds.clear()
    await scene.beats(40)
    assert scene.control.deeds == [("start", 1)]
    assert await scene.says() == "我是 new.tar.gz"


async def test_what_is_said_to_a_draft_is_forgotten_when_it_ends(scene: Scene) -> None:
    draft = model(scene.root, "studio/new.tar.gz")
    started = scene.root.call(drafts.start, draft, "lin", scene.now, scene.models_dir)
    assert (started.slot, started.state) == (1, "starting")
    await scene.beats(2)
    assert scene.root.call(drafts.start, draft, "lin", scene.now, scene.models_dir).state == "ready"
    assert await scene.says() == "我是 made.tar.gz"
    assert (await scene.router.ask_slot(1, f"draft-{C1}", "你好", {})).replies[0].text == "我是 new.tar.gz"
    for sender in (f"draft-{C1}", f"draft-live-{C1}", C1):
        scene.root.call(tracker_turns.append, sender, [{"event": "user"}], {}, {})
    scene.root.call(drafts.end, scene.now)
    await scene.beats(2)
    assert scene.control.deeds == [("start", 1), ("stop", 1)]
    assert scene.root.call_reading(tracker_turns.sender_ids) == [C1]
    assert scene.root.call_reading(lambda session: session.scalars(select(TrackerTurn.sender_id)).all()) == [C1]


async def test_a_draft_nobody_talks_to_ends_after_half_an_hour(scene: Scene) -> None:
    scene.root.call(drafts.start, model(scene.root, "studio/new.tar.gz"), "lin", scene.now, scene.models_dir)
    await scene.beats(2)
    scene.now += dt.timedelta(minutes=29)
    scene.root.call(drafts.touch, scene.now)
    scene.now += dt.timedelta(minutes=29)
    await scene.beats(2)
    assert 1 in scene.rows()
    scene.now += 2 * MINUTE
    await scene.beats(3)
    assert (scene.rows(), scene.control.deeds[-1]) == ({}, ("stop", 1))


async def test_a_draft_makes_room_when_every_slot_is_needed(scene: Scene) -> None:
    scene.publish(model(scene.root, "studio/one.tar.gz"))
    await scene.beats(5)
    start_experiment(scene, model(scene.root, "studio/two.tar.gz"))
    scene.root.call(drafts.start, model(scene.root, "studio/draft.tar.gz"), "lin", scene.now, scene.models_dir)
    await scene.beats(3)
    assert sorted(scene.rows()) == [0, 1, 2]
    move = scene.publish(model(scene.root, "studio/three.tar.gz"))
    await scene.beats(12)
    assert (scene.state(move), await scene.says()) == (DONE, "我是 three.tar.gz")


async def test_publishing_the_draft_one_talked_to_needs_no_second_start(scene: Scene) -> None:
    draft = model(scene.root, "studio/new.tar.gz")
    scene.root.call(drafts.start, draft, "lin", scene.now, scene.models_dir)
    await scene.beats(2)
    move = scene.publish(draft)
    await scene.beats(3)
    assert (scene.state(move), scene.control.deeds) == (DONE, [("start", 1), ("stop", 0)])


def start_experiment(scene: Scene, model_id: str, share: int = 50) -> int:
    found = scene.root.call(experiments.start, model_id, share, "wang", "", scene.now, scene.models_dir, None)
    return found.id


def begin(scene: Scene, conversation_id: str, at: dt.datetime) -> None:
    def add(session: Any) -> None:
        worker = Worker(timezone="Asia/Shanghai", created_at=at)
        session.add(worker)
        session.flush()
        session.add(Conversation(id=conversation_id, worker_id=worker.id, channel="web", created_at=at))
        session.commit()

    scene.root.call(add)


def ids_of(experiment_id: int, arm: str, share: int = 50) -> str:
    return next(name for name in (f"{n:032x}" for n in range(500)) if arm_of(name, experiment_id, share) == arm)


async def test_new_conversations_are_shared_out_and_keep_their_arm(scene: Scene) -> None:
    experiment = start_experiment(scene, model(scene.root, "studio/new.tar.gz"))
    theirs, ours = ids_of(experiment, CANDIDATE), ids_of(experiment, "control")
    early = next(name for name in (f"{n:032x}" for n in range(500, 900)) if arm_of(name, experiment, 50) == CANDIDATE)
    for name, at in ((theirs, scene.now), (ours, scene.now), (early, scene.now - MINUTE)):
        begin(scene, name, at)
    await scene.beats(3)
    assert [await scene.says(name) for name in (theirs, ours, early)] == [
        "我是 new.tar.gz",
        "我是 made.tar.gz",
        "我是 made.tar.gz",
    ]
    await scene.router.close()
    scene.restart()
    await scene.beats()
    assert await scene.says(theirs) == "我是 new.tar.gz"
    scene.root.call(experiments.end, experiment, "wang", scene.now)
    await scene.beats(2)
    assert await scene.says(theirs) == "我是 made.tar.gz"
    assert scene.control.deeds[-1] == ("stop", 1)
    table = scene.root.call_reading(experiments.outcome, experiment)
    assert [arm.conversations for arm in table.arms] == [1, 1]


async def test_a_candidate_that_is_away_leaves_its_turns_to_the_live_model(scene: Scene) -> None:
    experiment = start_experiment(scene, model(scene.root, "studio/new.tar.gz"))
    theirs = ids_of(experiment, CANDIDATE)
    begin(scene, theirs, scene.now)
    await scene.beats(3)
    await scene.control.rasas[1].stop()
    assert await scene.says(theirs) == "我是 made.tar.gz"


async def test_publishing_ends_an_experiment(scene: Scene) -> None:
    candidate = model(scene.root, "studio/new.tar.gz")
    experiment = start_experiment(scene, candidate)
    await scene.beats(3)
    move = scene.publish(candidate)
    await scene.beats(4)
    assert scene.state(move) == DONE
    assert scene.root.call_reading(experiments.outcome, experiment).ended_at is not None
    assert (scene.rows(), await scene.says()) == ({1: ("live", "ready")}, "我是 new.tar.gz")


async def test_without_any_rasa_the_router_says_so(scene: Scene) -> None:
    await scene.control.stop(0)
    with pytest.raises(RasaUnavailable):
        await scene.says()
    assert await scene.router.ready_model() is None
