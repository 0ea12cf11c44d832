"""What a gateway does by the clock for the serving slots: moves the live pointer, drains and stops the old, looks after drafts."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import uuid

from bot.bootstrap import Root
from bot.dispatch import Clock, utc_now
from bot.domain.errors import PublishRefused, RasaUnavailable, XinyiError
from bot.domain.publication import DRAFT, DRAINING, MOVED, STARTING
from bot.rasa_client import RasaRouter
from bot.rasa_slots import Slots, SlotState
from bot.services import drafts, experiments, publications, slots
from bot.services.publications import PublicationLine
from bot.services.slots import DRAFT_SENDER, Slot

log = logging.getLogger(__name__)
START_LIMIT = dt.timedelta(minutes=10)  # two busy cores: an idle machine needs half a minute, and nobody waits for it
_BEAT_SECONDS = 1.0
_BUSY_SECONDS = 0.3  # between beats while something moves
_RESTART = dt.timedelta(seconds=30)  # the least time between two starts of a slot that ought to run
_CHECK = dt.timedelta(seconds=10)
_LONG_AGO = dt.datetime.min.replace(tzinfo=dt.timezone.utc)
_FIRST_WORDS = "你好"  # a model must answer this before it goes live
_NOT_UP = "新模型十分钟还没有就绪，原来的模型照常在用。请看它的日志。"
_SILENT = "新模型起来了，但是没有答话，原来的模型照常在用。"


class ModelSwitch:
    """Works the moves and slots one step on at each beat; all it must remember stands in rows, so a killed gateway goes on."""

    def __init__(self, root: Root, control: Slots, router: RasaRouter, clock: Clock = utc_now) -> None:
        self._root = root
        self._control = control
        self._router = router
        self._clock = clock
        # on SQLite this gateway is the only one: after a kill it goes on at once, without waiting for its own lease
        self._holder = "alone" if root.engine.dialect.name == "sqlite" else uuid.uuid4().hex
        self._began: dict[int, dt.datetime] = {}  # publication -> when this gateway first worked on it
        self._started: dict[int, dt.datetime] = {}  # slot -> when its process was last told to start
        self._checked: dict[int, dt.datetime] = {}  # slot -> when it was last looked at whether its process runs
        self._silent: set[int] = set()  # publications whose model was ready and did not answer

    async def beat(self) -> bool:
        """One step of everything that moves; gives whether something does."""
        move = await self._root.run_reading(publications.under_way)
        if move is not None and await self._root.run_sync(publications.hold, move.id, self._holder, self._clock()):
            await self._work(move)
        rows = await self._root.run_reading(slots.listing)
        await self._show()
        if await self._root.run_reading(experiments.lacks_slot):
            await self._root.run_sync(experiments.keep_candidate, self._clock())
        for row in rows:
            try:
                await self._look_after(row, move)
            except PublishRefused as refusal:
                log.warning("slot %d: %s", row.slot, refusal)
        return move is not None or any(row.state in (STARTING, DRAINING) for row in rows)

    async def _show(self) -> None:
        self._router.show(await self._root.run_reading(slots.routes))

    async def _work(self, move: PublicationLine) -> None:
        now = self._clock()
        if move.state == STARTING:
            began = self._began.setdefault(move.id, now)
            try:
                await self._start(move)
            except PublishRefused as refusal:
                if self._control.why_not() is not None or now - began > START_LIMIT:
                    await self._fail(move, refusal.reader_text)
                return
            if now - began > START_LIMIT:
                moved = await self._root.run_reading(publications.get, move.id)
                if moved.state == STARTING:
                    await self._fail(move, _SILENT if move.id in self._silent else _NOT_UP)
        elif move.state == MOVED:
            rows = await self._root.run_reading(slots.listing)
            if not any(row.state == DRAINING for row in rows):
                await self._root.run_sync(publications.finish, move.id, now)
                log.info("publication %d is done", move.id)

    async def _start(self, move: PublicationLine) -> None:
        """Bring the model up and, once it answers, move the pointer; then every turn that begins goes to it."""
        slot = await self._root.run_sync(publications.find_slot, move.id, self._clock())
        row = None if slot is None else await self._row(slot)
        if row is None or not await self._is_up(row):
            return
        if not await self._answers(row.slot):
            self._silent.add(move.id)
            return
        if await self._root.run_sync(publications.move, move.id, self._clock()):
            await self._show()
            log.info("publication %d: slot %d is live", move.id, row.slot)

    async def _fail(self, move: PublicationLine, why: str) -> None:
        await self._root.run_sync(publications.fail, move.id, why, self._clock())
        log.error("publication %d failed", move.id)

    async def _row(self, slot: int) -> Slot | None:
        return next((row for row in await self._root.run_reading(slots.listing) if row.slot == slot), None)

    async def _is_up(self, row: Slot) -> bool:
        """Whether the slot serves its model; starts its process where that is not so."""
        serving = await self._router.ready_model(row.slot)
        if serving == row.file_name:
            return True
        if serving is not None:  # the process of a row that is gone
            await self._control.stop(row.slot)
            self._started.pop(row.slot, None)
        await self._run(row.slot)
        return False

    async def _run(self, slot: int) -> None:
        """See to it that the process of a slot runs; one that ends by itself is not started over and over."""
        now, last = self._clock(), self._started.get(slot)
        if await self._control.state(slot) is SlotState.STOPPED and (last is None or now - last >= _RESTART):
            self._started[slot] = now
            await self._control.start(slot)

    async def _answers(self, slot: int) -> bool:
        """Whether the model says something to a first word, which also warms it up; nothing of it is kept."""
        sender = f"{DRAFT_SENDER}first-{uuid.uuid4().hex}"
        try:
            turn = await self._router.ask_slot(slot, sender, _FIRST_WORDS, {})
        except RasaUnavailable as error:
            log.warning("slot %d did not answer: %s", slot, error)
            return False
        finally:
            await self._root.run_sync(slots.end_talk, sender)
        return bool(turn.replies)

    async def _look_after(self, row: Slot, move: PublicationLine | None) -> None:
        now = self._clock()
        if row.state == DRAINING:
            await self._drain(row, now)
        elif row.purpose == DRAFT and now - row.changed_at > drafts.IDLE:
            await self._root.run_sync(slots.end_idle, row.slot, now)
        elif move is not None and move.slot == row.slot and move.state == STARTING:
            return  # that is the move's own work
        elif row.state == STARTING:
            if await self._is_up(row):
                await self._root.run_sync(slots.set_ready, row.slot, row.model_id, now)
        elif self._control.why_not() is None and now - self._checked.get(row.slot, _LONG_AGO) > _CHECK:
            self._checked[row.slot] = now
            await self._run(row.slot)

    async def _drain(self, row: Slot, now: dt.datetime) -> None:
        """Stop a slot once its turns are answered, or after the time a turn may take."""
        patience = dt.timedelta(seconds=self._root.settings.rasa_timeout_seconds)
        if self._router.routes.live == row.slot or (self._router.under_way(row.slot) and now - row.changed_at < patience):
            return
        if self._control.why_not() is None:
            await self._control.stop(row.slot)
        await self._root.run_sync(slots.drop, row.slot)
        self._started.pop(row.slot, None)
        log.info("slot %d has drained", row.slot)


async def run_switch(switch: ModelSwitch) -> None:
    """Beat until cancelled; a failure is logged by its name and ends nothing."""
    while True:
        is_moving = False
        try:
            is_moving = await switch.beat()
        except XinyiError as error:
            log.error("model switch failed: %s", error.code)
        except Exception as error:  # noqa: BLE001 - this loop keeps promises after a crash: it must not end
            log.error("model switch failed: %s", type(error).__name__)
        await asyncio.sleep(_BUSY_SECONDS if is_moving else _BEAT_SECONDS)
