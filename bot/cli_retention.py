"""The commands for records that are older than they are kept; no logic of their own."""

from __future__ import annotations

import datetime as dt

import click

from bot.bootstrap import make_root


@click.group()
def retention() -> None:
    """Records older than the organisation keeps them; the days are settled in the console."""


@retention.command("run")
@click.option("--dry-run", is_flag=True, help="count, and leave everything as it is")
def retention_run(dry_run: bool) -> None:
    """Erase now what is too old; legal holds and workers in care are left alone."""
    from bot.services import retention as service

    now = dt.datetime.now(dt.timezone.utc)
    with make_root() as root:
        settled = root.call_reading(service.current)
        total = service.Erased()
        for worker_id in root.call_reading(service.due, now):
            total += root.call(service.erase_old, worker_id, now, is_rehearsal=dry_run)
    click.echo(f"kept: messages {settled.message_days or 'for good'}, handling {settled.handoff_days or 'for good'} (days)")
    verb = "would be erased" if dry_run else "erased"
    click.echo(
        f"{verb}: {total.messages} messages, {total.screenings} screenings and words of {total.handoffs} cases of {total.workers} workers"
    )
