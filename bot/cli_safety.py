"""The commands for the time after a crisis: follow-ups, levels, marks of the screen, and the report; no logic of their own."""

from __future__ import annotations

import datetime as dt
import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from bot.bootstrap import make_root
from bot.domain.follow_up import Outcome
from bot.domain.risk import RiskLevel

_LEVELS = click.Choice([level.value for level in RiskLevel])
_BY = click.option("--by", required=True, help="your name; it goes into the audit log")
_NOTE = click.option("--note", is_flag=True, help="read a note from stdin; it is kept encrypted")


def _now() -> dt.datetime:
    return dt.datetime.now(dt.timezone.utc)


def _shown(at: dt.datetime | None) -> str:
    return "-" if at is None else at.isoformat(timespec="seconds")


def _read_note(note: bool) -> str | None:
    """From stdin, because the words of a command line stand in the shell's history and in `ps`."""
    return sys.stdin.read().strip() if note else None


@click.group("follow-ups")
def follow_ups() -> None:
    """Whom a counsellor must come back to after a crisis, and until when."""


@follow_ups.command("list")
@click.option("--all", "everything", is_flag=True, help="also those that are done")
def follow_ups_list(everything: bool) -> None:
    """Open tasks, those without a name first; no text."""
    from bot.services import follow_ups as service

    with make_root() as root:
        lines = root.call_reading(service.list_open, _now(), include_done=everything)
    for line in lines:
        end = f"  {line.outcome} {_shown(line.done_at)} by {line.done_by}" if line.outcome else ""
        late = "  OVERDUE" if line.is_overdue else ""
        task = f"{line.level:<8} {line.hours:>4} h  due {_shown(line.due_at)}  worker {line.worker_id}  alert {line.alert_id}"
        click.echo(f"{line.id:>6}  {task}  {line.assigned_to or 'nobody yet'}{late}{end}")


@follow_ups.command("assign")
@click.argument("follow_up_id", type=int)
@click.option("--to", required=True, help="the counsellor's name")
def follow_ups_assign(follow_up_id: int, to: str) -> None:
    """Give a task to a named counsellor."""
    from bot.services import follow_ups as service

    with make_root() as root:
        root.call(service.assign, follow_up_id, to, _now())


@follow_ups.command("done")
@click.argument("follow_up_id", type=int)
@_BY
@click.option("--outcome", required=True, type=click.Choice([outcome.value for outcome in Outcome]))
@_NOTE
def follow_ups_done(follow_up_id: int, by: str, outcome: str, note: bool) -> None:
    """Close a task with how it ended."""
    from bot.services import follow_ups as service

    with make_root() as root:
        told = root.call(service.complete, follow_up_id, by, Outcome(outcome), _read_note(note), _now())
    click.echo("done; the supervisor is alerted" if told else "done")


@click.group()
def level() -> None:
    """A worker's level of risk; only people lower it."""


@level.command("show")
@click.argument("worker_id")
def level_show(worker_id: str) -> None:
    """The level that stands today and how it was lowered."""
    from bot.services import levels as service

    with make_root() as root:
        state = root.call_reading(service.show, worker_id, _now(), root.settings.care)
    click.echo(f"{state.level.value}  since {_shown(state.raised_at)}")
    for line in state.lowerings:
        names = " and ".join(name for name in (line.proposed_by, line.confirmed_by) if name)
        click.echo(
            f"{line.from_level} -> {line.to_level}  by {names}  asked {_shown(line.created_at)}  done {_shown(line.lowered_at)}"
        )


@level.command("lower")
@click.argument("worker_id")
@click.option("--to", required=True, type=_LEVELS)
@_BY
@click.option("--reason", required=True, help="why; it is kept encrypted")
def level_lower(worker_id: str, to: str, by: str, reason: str) -> None:
    """Lower a level; from imminent a second, different name must do the same within a day."""
    from bot.services import levels as service

    with make_root() as root:
        lowered = root.call(service.lower, worker_id, RiskLevel(to), by, reason, _now(), root.settings.care)
    click.echo("lowered" if lowered else "noted: a second person must lower it too before it counts")


@click.group()
def marks() -> None:
    """What the screen missed or alarmed for in vain."""


@marks.command("add")
@click.argument("message_id", type=int)
@click.option("--verdict", required=True, type=click.Choice(["missed", "false_alarm"]))
@click.option("--expect", type=_LEVELS, help="the level it should have had; by default one step from what it got")
@_BY
@_NOTE
def marks_add(message_id: int, verdict: str, expect: str | None, by: str, note: bool) -> None:
    """Mark how the screen took a worker's message."""
    from bot.services import screen_marks as service

    expected = None if expect is None else RiskLevel(expect)
    with make_root() as root:
        mark_id = root.call(service.mark, message_id, service.Verdict(verdict), by, _read_note(note), expected, _now())
    click.echo(f"mark {mark_id}: another person must review it")


@marks.command("list")
def marks_list() -> None:
    """Marks, those without a decision first; no text."""
    from bot.services import screen_marks as service

    with make_root() as root:
        lines = root.call_reading(service.list_all)
    for line in lines:
        end = f"{line.decision} by {line.reviewed_by}" if line.decision else "open"
        what = f"message {line.message_id}  {line.verdict:<11} should be {line.expected:<8}"
        click.echo(f"{line.id:>6}  {what} by {line.marked_by}  {_shown(line.created_at)}  {end}")


@marks.command("show")
@click.argument("mark_id", type=int)
@_BY
@click.option("--reason", required=True, help="why you look; it goes into the audit log")
def marks_show(mark_id: int, by: str, reason: str) -> None:
    """The worker's words and the marker's note."""
    from bot.services import screen_marks as service

    with make_root() as root:
        opened = root.call(service.open_mark, mark_id, by, reason, _now())
    click.echo(f"{opened.mark.verdict}, should be {opened.mark.expected}, by {opened.mark.marked_by}")
    click.echo(opened.text)
    if opened.note:
        click.echo(f"note: {opened.note}")


@marks.command("review")
@click.argument("mark_id", type=int)
@click.option("--accept", "decision", flag_value="accepted", default=None, help="you agree")
@click.option("--reject", "decision", flag_value="rejected", default=None, help="you do not")
@_BY
def marks_review(mark_id: int, decision: str | None, by: str) -> None:
    """Decide on somebody else's mark."""
    from bot.services import screen_marks as service

    if decision is None:
        raise click.UsageError("--accept or --reject")
    with make_root() as root:
        root.call(service.review, mark_id, service.Decision(decision), by, _now())
    click.echo(decision)


@marks.command("export")
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@_BY
def marks_export(target: Path, by: str) -> None:
    """Write accepted marks to a new file, as rows for content/risk/regression.yml."""
    from bot.services import screen_marks as service

    with make_root() as root:
        done = root.call(service.export, target, by, _now())
    click.echo(f"{done.written} written to {target}; {done.withheld} held back: no consent to improvement stands")
    click.echo("before a row goes into regression.yml: take out names, places and numbers that point to a person")


@click.group()
def report() -> None:
    """Counts from the database; no texts."""


@report.command("safety")
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 3660))
@click.option("--json", "as_json", is_flag=True, help="one JSON object")
def report_safety(days: int, as_json: bool) -> None:
    """Activations, alerts and how soon they were taken, marks, follow-ups."""
    from bot.services import report as service

    now = _now()
    with make_root() as root:
        found = root.call_reading(service.safety, now - dt.timedelta(days=days), now)
    if as_json:
        click.echo(json.dumps(asdict(found), ensure_ascii=False, default=str))
        return
    click.echo(f"{days} days until {_shown(now)}\nmessages with a sign of danger")
    for level_name, kinds in found.activations.items():
        told = ", ".join(f"{kind} {count}" for kind, count in kinds.items())
        click.echo(f"  {level_name:<9} {sum(kinds.values()):>5}  {told}")
    click.echo("alerts: raised, taken, median minutes until taken")
    for row in found.alerts:
        minutes = "-" if row.median_minutes is None else f"{row.median_minutes:g}"
        click.echo(f"  {row.level:<9} {row.reason:<18} {row.raised:>5} {row.taken:>5} {minutes:>8}")
    share = "-" if found.quick_share is None else f"{found.quick_share:.0%}"
    click.echo(f"taken within 5 minutes at high and imminent: {share} (Crisis Text Line names 94% of its high-risk texters)")
    click.echo(f"takeovers {found.takeovers}, missed {found.missed}, false alarms {found.false_alarms}")
    planned = f"planned {found.follow_ups_planned}, done {found.follow_ups_done}"
    click.echo(f"follow-ups: {planned}, overdue {found.follow_ups_overdue}, unreached {found.follow_ups_unreached}")


GROUPS = (follow_ups, level, marks, report)
