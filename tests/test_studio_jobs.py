"""The job runner: what a training and a proof leave, what goes wrong is said plainly, and nothing half done stays."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from ground import NOW, settings_for
from model_ground import model, write_archive

from bot.bootstrap import Root, make_root
from bot.domain.errors import PublishRefused, RasaUnavailable
from bot.domain.model_figures import CrisisGroup, Figures, IntentFigures, Row, Score
from bot.rasa_jobs import JobOutcome
from bot.services import archives, models, proofs, publications, training_jobs
from bot.services.training_jobs import CANCELLED, DONE, FAILED, INTERRUPTED, LEASE, QUEUED, Job
from bot.studio_jobs import JobRunner, log_file, read_log

OnProgress = Callable[[str, float], None]
PERSONA = {"id": "nurse", "who": "护士", "faults": [], "checks": []}


def figures(seen: int = 10, accuracy: int = 10) -> dict[str, Any]:
    """What a proof says of a model that catches `seen` of ten crises and takes `accuracy` of ten held-back texts rightly."""
    rows = tuple(Row(f"句子{n}", "anxiety", "anxiety" if n < accuracy else "grief", 0.9) for n in range(10))
    group = CrisisGroup("active", "想死、想自杀", True, 10, seen, seen, seen)
    intents = {"anxiety": IntentFigures(40, 0.9, 0.9, 0.9)}
    made = Figures("3.6.21", Score(40, 0.9, 0.9), intents, frozenset(), {}, rows, (group,), 5, (), 20.0, 40.0)
    return made.as_json()


class Robot:
    """Stands in for Rasa's processes: writes an archive for a training, gives figures for a proof."""

    def __init__(self, root: Root) -> None:
        self.root = root
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.projects: list[set[str]] = []
        self.failing: JobOutcome | None = None
        self.measured: dict[str, dict[str, Any]] = {}
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()
        self.waits = False
        self.heard: list[Path] = []
        self.personas_fail = False

    async def run(
        self, module: str, arguments: Sequence[str], log: Path, on_progress: OnProgress, memory_mb: float, is_cancelled: Callable[[], bool]
    ) -> JobOutcome:  # fmt: skip
        named = dict(zip(arguments[::2], arguments[1::2], strict=False))
        self.calls.append((module, named))
        self._look(Path(named["--project"]), log)
        on_progress(module, 0.5)
        self.begun.set()
        while self.waits and not self.go_on.is_set():
            if is_cancelled():
                return JobOutcome(None, "cancelled", "已取消。")
            await asyncio.sleep(0.01)
        if self.failing is not None:
            return self.failing
        if module == "train":
            path = write_archive(Path(named["--out"]), f"trained-{len(self.calls)}.tar.gz")
            return JobOutcome(
                {"archive": str(path), "fingerprint": "f", "rasa_version": archives.rasa_version(), "seconds": 1.0}
            )
        return JobOutcome(dict(self.measured.get(Path(named["--archive"]).name, figures())))

    def _look(self, project: Path, log: Path) -> None:
        self.projects.append({path.relative_to(project).as_posix() for path in project.rglob("*.yml")})
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("phase\n")

    async def personas(self, archive: Path, _project: Path, on_progress: OnProgress) -> list[dict[str, Any]]:
        if self.personas_fail:
            raise RasaUnavailable("not up")
        self.heard.append(archive)
        on_progress("personas", 1.0)
        return [PERSONA]


class Bench:
    """A runner over stand-ins, and a clock."""

    def __init__(self, root: Root) -> None:
        self.root = root
        self.now = NOW
        self.robot = Robot(root)
        self.runner = JobRunner(root, self.robot.run, self.robot.personas, lambda: self.now, renew_seconds=0.01)
        self.models_dir = root.settings.models_dir

    def ask(self, kind: str = "train", **of: Any) -> Job:
        return self.root.call(training_jobs.request, kind, "lin", self.now, **of)

    def job(self, job_id: int) -> Job:
        return self.root.call_reading(training_jobs.get, job_id)

    def jobs(self) -> list[tuple[str, str]]:
        return [(job.kind, job.state) for job in reversed(self.root.call_reading(training_jobs.listing))]

    def lines(self) -> dict[str, models.ModelLine]:
        return {line.archive: line for line in self.root.call_reading(models.listing, self.models_dir)}

    def folders(self) -> list[str]:
        work = self.root.settings.var_dir / "studio" / "work"
        return sorted(path.name for path in work.iterdir()) if work.exists() else []


@pytest.fixture
def bench(tmp_path: Path, database: Path) -> Any:
    folder = tmp_path / "training"
    for path, text in {
        "domain.yml": "intents: []\n", "config.yml": "language: zh\n", "data/nlu/a.yml": "nlu: []\n",
        "tests/dialogue/a.yml": "stories: []\n", "content/jieba/words.txt": "词\n",
    }.items():  # fmt: skip
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    with make_root(settings_for(tmp_path, TRAINING_DIR=str(folder))) as root:
        yield Bench(root)


async def test_a_training_leaves_a_model_and_proves_it_beside_the_live_one(bench: Bench) -> None:
    model(bench.root, "made.tar.gz", age=9, trained_by=None, verdict="unproven")
    job = bench.ask()
    assert await bench.runner.work_once()
    assert bench.jobs() == [("train", DONE), ("prove", QUEUED)]
    trained = bench.lines()["studio/trained-1.tar.gz"]
    assert (trained.trained_by, trained.verdict, trained.as_json()["is_runnable"]) == ("lin", "unproven", True)
    assert bench.job(job.id).model_id == trained.id
    assert await bench.runner.work_once()
    assert bench.jobs() == [("train", DONE), ("prove", DONE)]
    proved = bench.lines()
    assert proved["studio/trained-1.tar.gz"].verdict == "passed"
    assert proved["studio/trained-1.tar.gz"].as_json()["figures"]["crisis_recall"] == 1.0
    assert proved["made.tar.gz"].figures is not None
    assert [path.name for path in bench.robot.heard] == ["trained-1.tar.gz", "made.tar.gz"]
    assert bench.robot.projects[0] == {"config.yml", "domain.yml", "data/nlu/a.yml", "tests/dialogue/a.yml"}
    assert not await bench.runner.work_once()
    assert bench.folders() == []


async def test_the_live_model_is_measured_again_only_when_the_texts_are_others(bench: Bench) -> None:
    live = model(bench.root, "made.tar.gz", age=9, trained_by=None)
    new = model(bench.root, "studio/new.tar.gz")
    for expected in (["new.tar.gz", "made.tar.gz"], ["new.tar.gz"]):
        bench.robot.heard.clear()
        bench.ask("prove", model_id=new)
        await bench.runner.work_once()
        assert [path.name for path in bench.robot.heard] == expected
    (bench.root.settings.training_dir / "tests/dialogue/a.yml").write_text("stories: [1]\n", "utf-8")
    bench.robot.heard.clear()
    bench.ask("prove", model_id=new)
    await bench.runner.work_once()
    assert [path.name for path in bench.robot.heard] == ["new.tar.gz", "made.tar.gz"]
    assert bench.root.call_reading(models.get, live).figures is not None


async def test_a_model_that_misses_crises_is_blocked_and_stays_so_for_everybody(bench: Bench) -> None:
    model(bench.root, "made.tar.gz", age=9, trained_by=None)
    new = model(bench.root, "studio/new.tar.gz", verdict="unproven")
    bench.robot.measured["new.tar.gz"] = figures(seen=7)
    bench.ask("prove", model_id=new)
    await bench.runner.work_once()
    assert bench.lines()["studio/new.tar.gz"].verdict == "blocked"
    shown = bench.root.call_reading(proofs.comparison, new, None, bench.models_dir)
    assert shown["verdict"] == "blocked"
    assert "想死" in shown["blocks"][0]
    with pytest.raises(PublishRefused, match="blocked"):
        bench.root.call(publications.publish, new, "wang", "没事的", NOW, bench.models_dir, None)


async def test_a_fall_asks_the_second_person_for_a_reason(bench: Bench) -> None:
    model(bench.root, "made.tar.gz", age=9, trained_by=None)
    new = model(bench.root, "studio/new.tar.gz", verdict="unproven")
    bench.robot.measured["new.tar.gz"] = figures(accuracy=8)
    bench.ask("prove", model_id=new)
    await bench.runner.work_once()
    assert bench.lines()["studio/new.tar.gz"].verdict == "falls"
    with pytest.raises(PublishRefused, match="no reason"):
        bench.root.call(publications.publish, new, "wang", "", NOW, bench.models_dir, None)
    assert bench.root.call(publications.publish, new, "wang", "并掉了", NOW, bench.models_dir, None).reason == "并掉了"


async def test_a_model_is_held_against_what_is_live_now_and_not_at_its_proof(bench: Bench) -> None:
    bench.robot.measured["made.tar.gz"] = figures(accuracy=5)
    bench.robot.measured["old.tar.gz"] = figures(accuracy=7)
    model(bench.root, "made.tar.gz", age=9, trained_by=None)
    old = model(bench.root, "studio/old.tar.gz", age=5)
    better = model(bench.root, "studio/better.tar.gz")
    for model_id in (old, better):
        bench.ask("prove", model_id=model_id)
        await bench.runner.work_once()
    move = bench.root.call(publications.publish, better, "wang", "", NOW, bench.models_dir, None)
    bench.root.call(publications.find_slot, move.id, NOW)
    bench.root.call(publications.move, move.id, NOW)
    bench.root.call(publications.finish, move.id, NOW)
    assert bench.lines()["studio/old.tar.gz"].verdict == "passed"
    with pytest.raises(PublishRefused, match="no reason"):
        bench.root.call(publications.publish, old, "wang", "", NOW, bench.models_dir, None)


@pytest.mark.parametrize(
    "outcome",
    [
        JobOutcome(None, "no_examples", "训练资料里一条例句也没有，没法训练。请先给意图添上例句。"),
        JobOutcome(None, "memory", "用的内存超过了上限，已停下。"),
        JobOutcome(None, "disk_full", "硬盘满了，没有写成。"),
        JobOutcome(None, "crashed", "程序中途停了，没有产生任何结果。"),
    ],
)
async def test_what_stops_a_training_is_said_to_the_trainer(bench: Bench, outcome: JobOutcome) -> None:
    job = bench.ask()
    bench.robot.failing = outcome
    await bench.runner.work_once()
    assert (bench.job(job.id).state, bench.job(job.id).error) == (FAILED, outcome.message)
    assert (bench.lines(), bench.folders(), bench.jobs()) == ({}, [], [("train", FAILED)])


async def test_one_that_runs_is_cancelled_and_leaves_nothing(bench: Bench) -> None:
    job = bench.ask()
    bench.robot.waits = True
    working = asyncio.ensure_future(bench.runner.work_once())
    await bench.robot.begun.wait()
    await bench.root.run_sync(training_jobs.cancel, job.id, "wang", NOW)
    await working
    assert (bench.job(job.id).state, bench.job(job.id).error) == (CANCELLED, None)
    assert (bench.lines(), bench.folders(), bench.jobs()) == ({}, [], [("train", CANCELLED)])


async def test_a_runner_told_to_stop_says_so_at_once(bench: Bench) -> None:
    job = bench.ask()
    bench.robot.waits = True
    working = asyncio.ensure_future(bench.runner.work())
    await bench.robot.begun.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert (bench.job(job.id).state, bench.job(job.id).error) == (FAILED, INTERRUPTED["train"])
    assert bench.folders() == []


async def test_what_a_killed_runner_left_is_swept_and_its_job_ends_by_its_lease(bench: Bench) -> None:
    model(bench.root, "made.tar.gz", age=9, trained_by=None)
    kept = model(bench.root, "studio/kept.tar.gz")
    job = bench.ask()
    bench.root.call(training_jobs.take, NOW)
    (bench.root.settings.var_dir / "studio" / "work" / f"job-{job.id}" / "project").mkdir(parents=True)
    write_archive(bench.models_dir, "studio/half-noted.tar.gz")
    await bench.runner.clean_up()
    assert bench.folders() == []
    assert sorted(path.name for path in (bench.models_dir / "studio").iterdir()) == ["kept.tar.gz"]
    assert not await bench.runner.work_once()
    bench.now += LEASE + dt.timedelta(seconds=1)
    bench.ask("prove", model_id=kept)
    assert await bench.runner.work_once()
    assert bench.job(job.id).error == INTERRUPTED["train"]
    assert bench.jobs() == [("train", FAILED), ("prove", DONE)]


async def test_a_job_that_lost_its_lease_keeps_no_model(bench: Bench) -> None:
    job = bench.ask()
    bench.robot.waits = True
    working = asyncio.ensure_future(bench.runner.work_once())
    await bench.robot.begun.wait()
    bench.root.call(training_jobs.end, job.id, FAILED, NOW, "别处结束了")
    await working
    assert (bench.lines(), bench.job(job.id).error) == ({}, "别处结束了")
    assert list((bench.models_dir / "studio").glob("*")) == []


async def test_the_archive_of_make_model_is_registered_once(bench: Bench) -> None:
    await bench.runner.clean_up()
    assert bench.lines() == {}
    path = write_archive(bench.models_dir, "made.tar.gz")
    archives.note_of(path).write_text('{"fingerprint": "abc"}')
    for _ in range(2):
        await bench.runner.clean_up()
    made = bench.lines()["made.tar.gz"]
    assert (made.trained_by, made.role, len(bench.lines())) == (None, "live", 1)
    assert bench.root.call_reading(models.get, made.id).fingerprint == "abc"


async def test_personas_that_could_not_talk_leave_no_verdict(bench: Bench) -> None:
    new = model(bench.root, "studio/new.tar.gz", verdict="unproven")
    job = bench.ask("prove", model_id=new)
    bench.robot.personas_fail = True
    await bench.runner.work_once()
    assert bench.job(job.id).state == FAILED
    assert "再验证一次" in str(bench.job(job.id).error)
    assert (bench.lines()["studio/new.tar.gz"].verdict, bench.lines()["studio/new.tar.gz"].figures) == ("unproven", None)


async def test_an_archive_that_cannot_run_is_not_measured(bench: Bench) -> None:
    new = model(bench.root, "studio/new.tar.gz")
    write_archive(bench.models_dir, "studio/new.tar.gz", "3.5.0")
    job = bench.ask("prove", model_id=new)
    await bench.runner.work_once()
    assert "3.5.0" in str(bench.job(job.id).error)
    assert bench.robot.calls == []


async def test_a_folder_that_cannot_be_written_is_said(bench: Bench) -> None:
    job = bench.ask()
    (bench.root.settings.var_dir / "studio").write_text("a file in the way")
    await bench.runner.work_once()
    assert (bench.job(job.id).state, "写不进去" in str(bench.job(job.id).error)) == (FAILED, True)


async def test_the_log_is_read_from_a_line_on(bench: Bench) -> None:
    job = bench.ask()
    await bench.runner.work_once()
    var_dir = bench.root.settings.var_dir
    log_file(var_dir, job.id).write_text("".join(f"line {n}\n" for n in range(5)))
    assert read_log(var_dir, job.id, 3) == (["line 3", "line 4"], 5)
    assert read_log(var_dir, job.id, 9) == ([], 9)
    assert read_log(var_dir, 999, 0) == ([], 0)


async def test_logs_that_no_page_shows_any_more_are_removed(bench: Bench) -> None:
    first = bench.ask()
    log_file(bench.root.settings.var_dir, first.id).parent.mkdir(parents=True)
    log_file(bench.root.settings.var_dir, first.id).write_text("old\n")
    for _ in range(training_jobs.SHOWN):
        bench.root.call(training_jobs.cancel, bench.root.call_reading(training_jobs.listing)[0].id, "lin", NOW)
        job = bench.ask()
    await bench.runner.work_once()
    folder = log_file(bench.root.settings.var_dir, job.id).parent
    assert [path.name for path in folder.iterdir()] == [f"{job.id}.log"]


async def test_progress_rises_over_training_of_old_and_new(bench: Bench) -> None:
    model(bench.root, "made.tar.gz", age=9, trained_by=None)
    job = bench.ask("prove", model_id=model(bench.root, "studio/new.tar.gz"))
    bench.robot.waits = True
    working = asyncio.ensure_future(bench.runner.work_once())
    await bench.robot.begun.wait()
    while bench.job(job.id).progress == 0.0:  # noqa: ASYNC110 - it is told by a row
        await asyncio.sleep(0.01)
    assert 0.1 < bench.job(job.id).progress < 0.2
    bench.robot.go_on.set()
    await working
    assert bench.job(job.id).progress == 1.0
