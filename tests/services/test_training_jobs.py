"""Trainings and proofs as rows: one of a kind, one at a time, told how far they are, ended once, and never left hanging by a kill."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from ground import NOW
from model_ground import change_set, model

from bot.bootstrap import Root
from bot.domain.errors import Busy, IllegalTransition, Incomplete, NotFound
from bot.services import training_jobs
from bot.services.training_jobs import CANCELLED, DONE, FAILED, INTERRUPTED, LEASE, QUEUED, RUNNING, Job

SECOND = dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _no_archives(root: Root) -> Iterator[None]:
    yield
    shutil.rmtree(root.settings.models_dir, ignore_errors=True)


def ask(root: Root, kind: Any = "train", **of: Any) -> Job:
    return root.call(training_jobs.request, kind, "lin", NOW, **of)


def get(root: Root, job: Job) -> Job:
    return root.call_reading(training_jobs.get, job.id)


def test_the_oldest_is_taken_and_the_next_waits_for_its_end(root: Root) -> None:
    first, second = ask(root), ask(root, "prove", model_id=model(root, "studio/a.tar.gz"))
    taken = root.call(training_jobs.take, NOW)
    assert (taken.id, taken.state) == (first.id, RUNNING)
    assert root.call(training_jobs.take, NOW) is None
    assert root.call(training_jobs.end, first.id, DONE, NOW, None)
    assert root.call(training_jobs.take, NOW).id == second.id


def test_of_two_asked_at_once_one_is_told_to_wait(root: Root, pool: ThreadPoolExecutor) -> None:
    def attempt(_number: int) -> str:
        try:
            ask(root)
        except Busy as busy:
            return busy.reader_text[:5]
        return "asked"

    assert sorted(pool.map(attempt, range(3))) == ["asked", "已经有一个", "已经有一个"]


def test_of_two_runners_one_takes_it(root: Root, pool: ThreadPoolExecutor) -> None:
    ask(root)
    ask(root, "prove", model_id=model(root, "studio/a.tar.gz"))
    taken = list(pool.map(lambda _number: root.call(training_jobs.take, NOW), range(4)))
    assert sum(job is not None for job in taken) == 1


@pytest.mark.parametrize(
    ("kind", "of", "error"),
    [
        ("dance", {}, Incomplete),
        (None, {}, Incomplete),
        ("prove", {}, Incomplete),
        ("prove", {"model_id": 7}, Incomplete),
        ("prove", {"model_id": "0" * 32}, NotFound),
        ("train", {"change_set_id": 999}, NotFound),
        ("train", {"change_set_id": "1"}, NotFound),
        ("train", {"change_set_id": True}, NotFound),
    ],
)
def test_cannot_ask_for_what_is_not_there(root: Root, kind: Any, of: dict[str, Any], error: type) -> None:
    with pytest.raises(error):
        ask(root, kind, **of)
    assert root.call_reading(training_jobs.listing) == []


def test_a_draft_is_trained_and_a_withdrawn_one_is_not(root: Root) -> None:
    draft = change_set(root)
    assert ask(root, change_set_id=draft).change_set_id == draft
    root.call(training_jobs.cancel, root.call_reading(training_jobs.listing)[0].id, "lin", NOW)
    with pytest.raises(IllegalTransition):
        ask(root, change_set_id=change_set(root, "withdrawn"))


def test_one_that_waits_is_cancelled_at_once(root: Root) -> None:
    job = ask(root)
    assert root.call(training_jobs.cancel, job.id, "wang", NOW).state == CANCELLED
    assert root.call(training_jobs.take, NOW) is None
    with pytest.raises(IllegalTransition):
        root.call(training_jobs.cancel, job.id, "wang", NOW)


def test_one_that_runs_hears_of_its_cancelling_when_it_tells_how_far_it_is(root: Root) -> None:
    job = ask(root)
    root.call(training_jobs.take, NOW)
    assert root.call(training_jobs.renew, job.id, NOW, "reading", 0.25)
    assert (get(root, job).phase, get(root, job).progress) == ("reading", 0.25)
    assert root.call(training_jobs.cancel, job.id, "wang", NOW).state == RUNNING
    assert not root.call(training_jobs.renew, job.id, NOW, "reading", 0.5)
    assert root.call(training_jobs.end, job.id, CANCELLED, NOW, None)
    assert get(root, job).state == CANCELLED


@pytest.mark.parametrize("kind", ["train", "prove"])
def test_when_its_runner_was_killed_the_lease_ends_it_with_a_plain_sentence(root: Root, kind: str) -> None:
    job = ask(root, kind, **({"model_id": model(root, "studio/a.tar.gz")} if kind == "prove" else {}))
    root.call(training_jobs.take, NOW)
    assert root.call(training_jobs.expire, NOW + LEASE - SECOND) == 0
    root.call(training_jobs.renew, job.id, NOW + 20 * SECOND, "x", 0.5)
    assert root.call(training_jobs.expire, NOW + LEASE + SECOND) == 0
    assert root.call(training_jobs.expire, NOW + LEASE + 21 * SECOND) == 1
    assert (get(root, job).state, get(root, job).error) == (FAILED, INTERRUPTED[kind])
    assert not root.call(training_jobs.renew, job.id, NOW + 60 * SECOND, "x", 0.6)
    assert not root.call(training_jobs.end, job.id, DONE, NOW, None)
    assert ask(root, kind, model_id=get(root, job).model_id).state == QUEUED


def test_one_that_was_cancelled_before_the_kill_ends_as_cancelled(root: Root) -> None:
    job = ask(root)
    root.call(training_jobs.take, NOW)
    root.call(training_jobs.cancel, job.id, "lin", NOW)
    root.call(training_jobs.expire, NOW + 2 * LEASE)
    assert (get(root, job).state, get(root, job).error) == (CANCELLED, None)


def test_an_unknown_job_is_not_found(root: Root) -> None:
    with pytest.raises(NotFound):
        root.call_reading(training_jobs.get, 999)
    with pytest.raises(NotFound):
        root.call(training_jobs.cancel, 999, "lin", NOW)
