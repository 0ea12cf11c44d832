"""The commands of `python -m bot`; no logic of their own."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

import click

from bot.bootstrap import make_root
from bot.cli_accounts import accounts
from bot.cli_retention import retention
from bot.cli_safety import GROUPS
from bot.cli_screening import screening
from bot.cli_studio import studio
from bot.domain.errors import XinyiError
from bot.settings import ROOT, SETTINGS, Settings, read_settings


class _Commands(click.Group):
    """Errors of ours end with one clear line and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except XinyiError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Commands)
def main() -> None:
    """心驿 (Xinyi): gateway, database, screen and the rest."""


for group in (*GROUPS, accounts, retention, screening, studio):
    main.add_command(group)


@main.command()
def serve() -> None:
    """Serve the gateway until stopped."""
    from bot.logs import set_up_logging
    from bot.web.app import run

    settings = read_settings()
    set_up_logging(settings.log_level)
    run(settings)


@main.command()
def settings() -> None:
    """Print the table of settings as the README shows it."""
    click.echo("| setting | default | what for |\n|---|---|---|")
    for each in SETTINGS:
        click.echo(f"| `{each.name}` | {f'`{each.default}`' if each.default else ''} | {each.about} |")


@main.command()
@click.option("--jsonl", is_flag=True, required=True, help="read and write one JSON object a line")
def screen(jsonl: bool) -> None:
    """Screen {"id","text"} lines of stdin for risk; needs no database and no Rasa."""
    from bot.risk.screen import RiskScreen
    from bot.vectors import SHARED

    risk_screen = RiskScreen.open(ROOT / "content", read_settings().models_dir)
    if not risk_screen.has_classifier:
        click.echo("no trained classifier: cues alone (run `python -m bot risk train`)", err=True)
    for line in sys.stdin:
        if line.strip():
            row = json.loads(line)
            text = str(row["text"])
            chosen = risk_screen.for_vector(text)
            found = risk_screen.full(text, SHARED.of(chosen)) if risk_screen.has_classifier else risk_screen.quick(text)
            cues = [{"name": cue.name, "start": cue.start, "end": cue.end} for cue in found.cues]
            out = {"id": row["id"], "level": found.level.value, "subject": found.subject.value, "kind": found.kind.value}
            click.echo(json.dumps({**out, "cues": cues, "score": found.score}, ensure_ascii=False))


@main.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--origin", default="http://127.0.0.1:8080", show_default=True, help="where the gateway answers")
@click.option("--at-once", default=4, show_default=True, type=click.IntRange(1, 64), help="dialogues side by side")
@click.option("--json", "as_json", is_flag=True, help="one JSON object")
def replay(file: Path, origin: str, at_once: int, as_json: bool) -> None:
    """Replay the dialogues of FILE (JSONL with id and turns) through a running system; its alerts are real."""
    from bot.rehearsal.replay import Fallbacks, read_dialogues
    from bot.rehearsal.replay import replay as run

    report = asyncio.run(run(read_dialogues(file), origin, Fallbacks.of_project(ROOT), at_once=at_once))
    figures = report.figures()
    click.echo(json.dumps(figures) if as_json else "\n".join(f"{name:<16} {value}" for name, value in figures.items()))
    sys.exit(0 if report.is_good else 1)


@main.command()
@click.argument(
    "folder", type=click.Path(path_type=Path, exists=True, file_okay=False), default=ROOT / "tests" / "dialogue" / "safety"
)
@click.option("--origin", default="http://127.0.0.1:8080", show_default=True, help="where the gateway answers")
@click.option("--at-once", default=4, show_default=True, type=click.IntRange(1, 64), help="personas side by side")
@click.option("--talks", is_flag=True, help="show the conversations with a fault too")
def personas(folder: Path, origin: str, at_once: int, talks: bool) -> None:
    """Let the personas of FOLDER talk to a running system and hold it to the rubric; their alerts are real."""
    from bot.rehearsal.personas import load_personas, rehearse, table, transcript

    verdicts = asyncio.run(rehearse(load_personas(folder), origin, at_once=at_once))
    failing = [verdict for verdict in verdicts if verdict.faults]
    for verdict in failing if talks else ():
        click.echo(transcript(verdict))
    click.echo(table(verdicts))
    sys.exit(1 if failing else 0)


@main.group()
def nlu() -> None:
    """Understanding, in a process of Rasa's own."""


@nlu.command("parse")
@click.option("--jsonl", is_flag=True, required=True, help="read and write one JSON object a line")
def nlu_parse(jsonl: bool) -> None:
    """Understand {"id","text"} lines of stdin with the newest model."""
    from bot.rasa_jobs import run_nlu

    sys.exit(run_nlu("parse"))


@nlu.command("train")
@click.option("--force", is_flag=True, help="train even when the model is current")
def nlu_train(force: bool) -> None:
    """Train a model when none belongs to today's data."""
    from bot.rasa_jobs import run_nlu

    sys.exit(run_nlu("train", *(["--force"] if force else [])))


@main.group()
def risk() -> None:
    """The risk screen's sentence classifier."""


@risk.command("train")
def risk_train() -> None:
    """Rebuild the classifier from content/risk when its texts changed."""
    from bot.risk.classifier import train_if_needed

    path, trained = train_if_needed(ROOT / "content" / "risk" / "texts", read_settings().models_dir)
    click.echo(f"{'trained' if trained else 'current'}: {path}", err=True)


@risk.command("check")
@click.argument("old", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("new", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def risk_check(old: Path, new: Path) -> None:
    """Compare two classifier files on the texts kept apart and the regression rows; refuses NEW when it finds less."""
    from bot.risk.classifier import read_classifier
    from bot.risk.cues import CueFinder
    from bot.risk.gate import compare, kept_apart
    from bot.risk.lexicon import load_lexicon
    from bot.risk.regression import lost, read_regression
    from bot.risk.screen import RiskScreen

    finder = CueFinder(load_lexicon(ROOT / "content" / "risk" / "lexicon.yml"))
    screens = []
    for path in (old, new):
        classifier = read_classifier(path)
        if classifier is None:
            raise click.ClickException(f"{path} is no classifier that works")
        screens.append(RiskScreen(finder, classifier))
    result = compare(screens[0], screens[1], kept_apart(ROOT / "content" / "risk" / "texts"))
    for each in result.classes:
        seen, loud = f"{each.seen_before} -> {each.seen_after}", f"{each.loud_before} -> {each.loud_after}"
        click.echo(f"{each.label:<22} {each.texts:>4} texts   watch or above {seen:<12} high or above {loud}")
    if result.failing:
        raise click.ClickException("refused, recall fell: " + ", ".join(result.failing))
    places = lost(screens[0], screens[1], read_regression(ROOT / "content" / "risk" / "regression.yml"))
    if places:
        raise click.ClickException("refused, rows of regression.yml are lost: " + ", ".join(map(str, places)))


@main.group()
def content() -> None:
    """What clinicians own."""


@content.command("check")
def content_check() -> None:
    """Load every file of content/ and tell what is wrong."""
    from bot.content import load_content
    from bot.questionnaires.files import check_switches, load_questionnaires
    from bot.risk.lexicon import load_lexicon
    from bot.risk.regression import read_regression
    from bot.risk.texts import read_texts

    loaded = load_content(ROOT / "content")
    scales = load_questionnaires(ROOT / "content")
    check_switches(scales, read_settings().scales_on)
    lexicon = load_lexicon(ROOT / "content" / "risk" / "lexicon.yml")
    texts = read_texts(ROOT / "content" / "risk" / "texts")
    rows = read_regression(ROOT / "content" / "risk" / "regression.yml")
    counts = f"{len(loaded.hotlines)} hotlines, {len(lexicon.cues)} cues, {len(texts)} risk texts, {len(rows)} regression rows"
    click.echo(f"{counts}, {len(scales)} questionnaires: in order")


@content.command("questionnaires")
def content_questionnaires() -> None:
    """How each questionnaire is offered here, and what of it is not confirmed."""
    from bot.questionnaires.files import check_switches, load_questionnaires

    scales, switched_on = load_questionnaires(ROOT / "content"), read_settings().scales_on
    check_switches(scales, switched_on)
    by_id = {each.questionnaire_id: each for each in switched_on}
    for each in scales.values():
        facts, switch = each.provenance, by_id.get(each.id)
        mark = "" if each.is_verified else "  NOT VERIFIED"
        by = f"  switched on by {switch.by}, {switch.on_date}" if switch else ""
        click.echo(f"{each.id:<10} {each.offered(switched_on).value:<7} {facts.wording.value:<15} {each.title}{mark}{by}")
        for line in (*([f"needs: {each.needs}"] if each.needs else []), *(f"unverified: {fact}" for fact in facts.unverified)):
            click.echo(f"{'':<10} {line}")


@main.group()
def db() -> None:
    """The database and its keys."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the schema to the newest revision; makes the key ring at first start."""
    from bot.db.migrate import upgrade

    with make_root(check_schema=False) as root:
        click.echo(f"database at revision {upgrade(root.engine)}", err=True)


@db.command("rotate-key")
@click.option("--drop-old", is_flag=True, help="forget the old keys once everything is sealed with the new one")
def db_rotate_key(drop_old: bool) -> None:
    """Make a new encryption key and seal every text with it."""
    from bot.services import records

    with make_root() as root:
        key_id = root.ring.rotate()
        click.echo(f"key {key_id} is current; {root.call(records.reseal)} rows sealed with it")
        if drop_old:
            click.echo(f"{root.ring.drop_others()} old keys forgotten")


@db.command("backup")
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
def db_backup(target: Path) -> None:
    """Copy a running SQLite database to TARGET; the key ring is not in it."""
    from bot.db.backup import backup

    backup(read_settings().database_url, target)
    click.echo(f"written: {target} (keep the key ring {read_settings().key_ring} in another place)")


@db.command("restore")
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--yes", is_flag=True, help="do not ask")
def db_restore(source: Path, yes: bool) -> None:
    """Put a backup in place of the SQLite database; stop all processes first."""
    from bot.db.backup import restore

    current: Settings = read_settings()
    if not yes:
        click.confirm(f"replace {current.database_url} by {source}?", abort=True)
    kept = restore(current.database_url, source)
    click.echo(f"restored; the database that was there is kept as {kept}" if kept else "restored")


@main.group()
def alerts() -> None:
    """What a human must look at, until the console comes."""


@alerts.command("list")
@click.option("--all", "everything", is_flag=True, help="also those somebody has taken")
def alerts_list(everything: bool) -> None:
    """Open alerts, the most urgent first; no text."""
    from bot.services import alerts as service

    with make_root() as root:
        lines = root.call_reading(service.list_open, include_acknowledged=everything)
    for line in lines:
        late = "  OVERDUE" if line.is_overdue else ""
        taken = f"  taken by {line.acknowledged_by}" if line.acknowledged_by else ""
        at = line.created_at.isoformat(timespec="seconds")
        what = f"{line.level:<8} {line.reason:<18} {line.kind:<18} {line.subject:<5}"
        click.echo(f"{line.id:>6}  {what} {at}  worker {line.worker_id}{late}{taken}")


@alerts.command("show")
@click.argument("alert_id", type=int)
@click.option("--by", required=True, help="your name; it goes into the audit log")
@click.option("--reason", required=True, help="why you look; it goes into the audit log")
def alerts_show(alert_id: int, by: str, reason: str) -> None:
    """The last messages of an alert's conversation."""
    from bot.services import alerts as service

    with make_root() as root:
        brief = root.call(service.open_brief, alert_id, by, reason, dt.datetime.now(dt.timezone.utc))
        click.echo(f"{brief.alert.level} {brief.alert.kind} {brief.alert.reason}")
        for message_id, author, text, at in brief.messages:
            click.echo(f"{message_id:>8}  {at.isoformat(timespec='seconds')}  {author:<10} {text}")
        for step, answers in brief.plan.items():
            click.echo(f"safety plan, {step}: {'；'.join(answers)}")


@alerts.command("ack")
@click.argument("alert_id", type=int)
@click.option("--by", required=True, help="your name")
def alerts_ack(alert_id: int, by: str) -> None:
    """Take an alert."""
    from bot.services import alerts as service

    with make_root() as root:
        taken = root.call(service.acknowledge, alert_id, by, dt.datetime.now(dt.timezone.utc))
        click.echo("taken" if taken else "somebody has taken it already")


@main.group()
def audit() -> None:
    """The audit log."""


@audit.command("verify")
def audit_verify() -> None:
    """Check the chain of hashes."""
    from bot.services import audit as service

    with make_root() as root:
        broken = root.call_reading(service.first_broken)
    if broken is not None:
        raise click.ClickException(f"the chain breaks at entry {broken}")
    click.echo("the chain holds")
