"""The studio's commands of `python -m bot studio`; no logic of their own."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.bootstrap import Root, make_root
from bot.domain.publication import DONE, FAILED, OPEN

if TYPE_CHECKING:  # it brings the screen's libraries along, which the other commands need not load
    from bot.studio_jobs import JobRunner

_NICE = 5  # a training leaves the running model its share of the cores
_WAIT_SECONDS = 900
_BY = click.option("--by", required=True, help="your name; it goes into the audit log")


@click.group()
def studio() -> None:
    """Training, proofs, publishing."""


@studio.command("work")
def studio_work() -> None:
    """Run trainings and proofs one by one until stopped."""
    from bot.logs import set_up_logging
    from bot.rasa_jobs import run_nlu_job
    from bot.studio_jobs import JobRunner

    os.nice(_NICE)
    with make_root() as root:
        set_up_logging(root.settings.log_level)
        asyncio.run(_until_stopped(JobRunner(root, run_nlu_job, _personas)))


@studio.command("models")
def studio_models() -> None:
    """All models, newest first, and how they stand."""
    from bot.services import models

    with make_root() as root:
        lines = root.call_reading(models.listing, root.settings.models_dir)
    for line in lines:
        at = line.created_at.isoformat(timespec="seconds")
        by = line.trained_by or "make model"
        shown = f"{line.id}  {at}  {line.verdict:<8} {line.role or '-':<9} {by:<20} {line.archive}"
        click.echo(f"{shown}  {line.unfit or ''}".rstrip())


@studio.command("publish")
@click.argument("model_id")
@_BY
@click.option("--reason", default="", help="why falls are accepted, where the proof found some")
def studio_publish(model_id: str, by: str, reason: str) -> None:
    """Let a model go live; a running gateway moves over, no turn is lost."""
    from bot.domain.publication import require_reason
    from bot.domain.staff import named
    from bot.services import publications

    now = dt.datetime.now(dt.timezone.utc)
    with make_root() as root:
        models_dir = root.settings.models_dir
        move = root.call(publications.publish, model_id, named(by), require_reason(reason), now, models_dir, None)
        _follow(root, move.id)


@studio.command("rollback")
@_BY
@click.option("--reason", required=True, help="why; it goes into the audit log")
def studio_rollback(by: str, reason: str) -> None:
    """Go back to the model before."""
    from bot.domain.publication import require_reason
    from bot.domain.staff import named
    from bot.services import publications

    now = dt.datetime.now(dt.timezone.utc)
    with make_root() as root:
        move = root.call(publications.rollback, named(by), require_reason(reason), now, root.settings.models_dir, None)
        _follow(root, move.id)


def _follow(root: Root, publication_id: int) -> None:
    """Wait until the gateway has done it, and say how it ended."""
    from bot.services import publications

    end, said = time.monotonic() + _WAIT_SECONDS, ""
    while True:
        move = root.call_reading(publications.get, publication_id)
        if move.state != said:
            click.echo(f"publication {move.id}: {move.state}")
            said = move.state
        if move.state == FAILED:
            raise click.ClickException(move.error or FAILED)
        if move.state == DONE:
            return
        if move.state in OPEN and time.monotonic() > end:
            raise click.ClickException("still under way: is the gateway running? (make run)")
        time.sleep(1.0)


async def _personas(archive: Path, project: Path, on_progress: Callable[[str, float], None]) -> list[dict[str, Any]]:
    from bot.rehearsal.proving_ground import personas  # a proof's gateway and Rasa: not needed by who only trains

    return await personas(archive, project, on_progress)


async def _until_stopped(runner: JobRunner) -> None:
    working = asyncio.ensure_future(runner.work())
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, working.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await working
