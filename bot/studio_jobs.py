"""The job runner of the studio: takes trainings and proofs one by one, runs them as processes of Rasa's, and keeps what came of it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.bootstrap import Root
from bot.dispatch import Clock, utc_now
from bot.domain.errors import StorageUnavailable, XinyiError
from bot.rasa_jobs import JobOutcome
from bot.services import archives, models, proofs, training_jobs
from bot.services.training_jobs import CANCELLED, FAILED, INTERRUPTED, SHOWN, TRAIN, Job
from bot.training.folder import HELD_BACK, TrainingFolder

log = logging.getLogger(__name__)
OnProgress = Callable[[str, float], None]
RunJob = Callable[[str, Sequence[str], Path, OnProgress, float, Callable[[], bool]], Awaitable[JobOutcome]]
Personas = Callable[[Path, Path, OnProgress], Awaitable[list[dict[str, Any]]]]
_LOOK_SECONDS = 1.0
_RENEW_SECONDS = 2.0
_FAILED = "没有做成，正在使用的模型不受影响。请再试一次；还不行，请管理员看这次的日志。"
_PERSONAS_FAILED = "模拟人物没有跑完，验证不算数，请再验证一次。"


@dataclass
class _Course:
    """How far a job is, and whether it shall stop."""

    job: Job
    log: Path
    phase: str = ""
    progress: float = 0.0
    is_cancelled: bool = False
    share: tuple[float, float] = (0.0, 1.0)  # which part of the whole the present step is

    def tell(self, phase: str, progress: float) -> None:
        low, high = self.share
        self.phase, self.progress = phase, low + (high - low) * progress

    def asks(self) -> bool:
        return self.is_cancelled

    @contextlib.contextmanager
    def step(self, low: float, high: float) -> Iterator[None]:
        """What is told inside is this part of the whole."""
        self.share = (low, high)
        yield


class _Ended(Exception):
    """A job can't go on; says what its row will say."""

    def __init__(self, outcome: JobOutcome) -> None:
        super().__init__(outcome.error)
        self.state = CANCELLED if outcome.error == "cancelled" else FAILED
        self.error = None if self.state == CANCELLED else outcome.message or _FAILED


@dataclass(frozen=True)
class JobRunner:
    """Runs jobs until cancelled; `run` starts one of Rasa's processes, `personas` lets the personas talk to an archive."""

    root: Root
    run: RunJob
    personas: Personas
    clock: Clock = utc_now
    renew_seconds: float = _RENEW_SECONDS

    @property
    def _models(self) -> Path:
        return self.root.settings.models_dir

    @property
    def _work(self) -> Path:
        return self.root.settings.var_dir / "studio" / "work"

    async def work(self) -> None:
        """Clean up what a kill left, then take job after job."""
        while True:
            try:
                await self.clean_up()
                break
            except XinyiError as error:
                log.error("studio clean-up failed: %s", error.code)
                await asyncio.sleep(_LOOK_SECONDS)
        while True:
            try:
                has_worked = await self.work_once()
            except XinyiError as error:
                log.error("studio job failed: %s", error.code)
                has_worked = False
            if not has_worked:
                await asyncio.sleep(_LOOK_SECONDS)

    async def clean_up(self) -> None:
        """Forget half-done folders and archives that no row knows, and note the model that `make model` made."""
        await asyncio.to_thread(shutil.rmtree, self._work, True)
        await self.root.run_sync(models.remove_strays, self._models)
        await self.root.run_sync(models.register_made, self._models, self.clock())

    async def work_once(self) -> bool:
        """End what a killed runner left, take the oldest job and run it to its end; False when there was none."""
        if not await self.root.run_reading(training_jobs.has_work):
            return False
        await self.root.run_sync(training_jobs.expire, self.clock())
        job = await self.root.run_sync(training_jobs.take, self.clock())
        if job is None:
            return False
        log.info("job %d (%s) begins", job.id, job.kind)
        course = _Course(job, log_file(self.root.settings.var_dir, job.id))
        folder = self._work / f"job-{job.id}"
        try:
            async with self._lease(course):
                await (self._train(course, folder) if job.kind == TRAIN else self._prove(course, folder))
        except asyncio.CancelledError:  # the runner is told to stop: say so at once, instead of letting the lease run out
            await asyncio.shield(self._end(job, FAILED, INTERRUPTED[job.kind]))
            raise
        except _Ended as end:
            await self._end(job, end.state, end.error)
        except XinyiError as error:
            await self._end(job, FAILED, error.reader_text)
        except Exception as error:  # noqa: BLE001 - the row must say that it ended, and the runner goes on
            log.error("job %d failed: %s", job.id, type(error).__name__)
            await self._end(job, FAILED, _FAILED)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, True)
        await self.root.run_sync(models.forget_old, self._models)
        await asyncio.to_thread(_forget_logs, log_file(self.root.settings.var_dir, job.id))
        log.info("job %d has ended", job.id)
        return True

    async def _train(self, course: _Course, folder: Path) -> None:
        job = course.job
        project = await self._project(folder, job.change_set_id)
        out = self._models / archives.STUDIO
        out.mkdir(parents=True, exist_ok=True)
        result = await self._step("train", ["--project", str(project), "--out", str(out), "--cached"], course)
        name = f"{archives.STUDIO}/{Path(str(result['archive'])).name}"
        facts = {key: result.get(key) for key in ("seconds", "nlu_seconds", "import_seconds", "restored", "warnings")}
        trained = proofs.Trained(name, str(result["fingerprint"]), str(result["rasa_version"]), facts)
        if not await self.root.run_sync(proofs.keep_training, job, trained, self.clock()):
            archives.remove(self._models, name)  # the job was ended by others: its lease had run out

    async def _prove(self, course: _Course, folder: Path) -> None:
        job = course.job
        plan = await self.root.run_reading(proofs.plan, job, self._models)
        project = await self._project(folder, plan.change_set_id)
        measured_on = await asyncio.to_thread(_digest, project)
        figures: dict[str, dict[str, Any]] = {}
        wanted = [each for each in plan.steps if each.measured_on != measured_on or each.model_id == job.model_id]
        for place, each in enumerate(wanted):
            begin, size = place / len(wanted), 1 / len(wanted)
            archive = self._models / each.archive
            with course.step(begin, begin + size * 0.6):
                found = await self._step("prove", ["--archive", str(archive), "--project", str(project)], course)
            with course.step(begin + size * 0.6, begin + size):
                found["personas"] = await self._talk(archive, project, course)
            figures[each.model_id] = {**found, "measured_on": measured_on}
        await self.root.run_sync(proofs.keep_proof, job, figures, self._models, self.clock())

    async def _talk(self, archive: Path, project: Path, course: _Course) -> list[dict[str, Any]]:
        """The personas' verdicts; a cancelled job ends their talks."""
        talking = asyncio.ensure_future(self.personas(archive, project, course.tell))
        try:
            while not talking.done():
                await asyncio.wait({talking}, timeout=self.renew_seconds)
                if course.is_cancelled:
                    raise _Ended(JobOutcome(None, "cancelled"))
            return talking.result()
        except XinyiError as error:
            log.error("job %d: the personas failed: %s", course.job.id, error.code)
            raise _Ended(JobOutcome(None, "personas", _PERSONAS_FAILED)) from error
        finally:
            talking.cancel()
            with contextlib.suppress(asyncio.CancelledError, XinyiError):
                await talking

    async def _step(self, module: str, arguments: list[str], course: _Course) -> dict[str, Any]:
        memory = self.root.settings.training_memory_mb
        outcome = await self.run(module, arguments, course.log, course.tell, memory, course.asks)
        if outcome.result is None:
            raise _Ended(outcome)
        return outcome.result

    async def _project(self, folder: Path, change_set_id: int | None) -> Path:
        """The training folder with this draft laid over it, as a project of its own."""
        overlay = await self.root.run_reading(proofs.overlay, change_set_id)
        view = TrainingFolder(self.root.settings.training_dir).view(overlay)
        await asyncio.to_thread(shutil.rmtree, folder, True)
        await asyncio.to_thread(view.materialise, folder / "project")
        return folder / "project"

    @contextlib.asynccontextmanager
    async def _lease(self, course: _Course) -> AsyncIterator[None]:
        keeping = asyncio.ensure_future(self._renew(course))
        try:
            yield
        finally:
            keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeping

    async def _renew(self, course: _Course) -> None:
        """Keep the lease and show how far it is; whoever cancelled it is heard here."""
        while not course.is_cancelled:
            with contextlib.suppress(StorageUnavailable):  # tried again before the lease runs out
                facts = (course.job.id, self.clock(), course.phase, course.progress)
                course.is_cancelled = not await self.root.run_sync(training_jobs.renew, *facts)
            await asyncio.sleep(self.renew_seconds)

    async def _end(self, job: Job, state: str, error: str | None) -> None:
        await self.root.run_sync(training_jobs.end, job.id, state, self.clock(), error)


def log_file(var_dir: Path, job_id: int) -> Path:
    """Where the log of a job is: what Rasa's processes say, none of it a person's words."""
    return var_dir / "studio" / "jobs" / f"{job_id}.log"


def read_log(var_dir: Path, job_id: int, after: int, most: int = 500) -> tuple[list[str], int]:
    """The lines of a job's log from line `after` on, and the number of the next one."""
    try:
        lines = log_file(var_dir, job_id).read_text("utf-8", "replace").splitlines()
    except OSError:
        return [], 0
    shown = lines[after : after + most]
    return shown, after + len(shown)


def _forget_logs(newest: Path) -> None:
    """Remove the logs of jobs that no page shows any more."""
    for path in newest.parent.glob("*.log"):
        if path.stem.isdecimal() and int(path.stem) <= int(newest.stem) - SHOWN:
            path.unlink(missing_ok=True)


def _digest(project: Path) -> str:
    """What a proof measures on: held-back texts, story tests, personas, the screen and its texts; figures of another digest can't be compared."""
    digest = hashlib.sha256()
    files = [
        project / HELD_BACK,
        *sorted((project / "tests" / "dialogue").rglob("*.yml")),
        *sorted((project / "content" / "risk").rglob("*.yml")),
    ]
    for path in files:
        if path.is_file():
            digest.update(f"{path.relative_to(project)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:32]
