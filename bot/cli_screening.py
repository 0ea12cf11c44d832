"""The commands for screenings that leave the house; no logic of their own."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from bot.bootstrap import make_root


@click.group()
def screening() -> None:
    """Runs of questionnaires."""


@screening.command("export")
@click.option("--fhir", type=click.Path(path_type=Path), help="FHIR R4: a new file ending in .json (a Bundle), or a new folder")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path, dir_okay=False), help="a new file with a row an answer")
@click.option("--study", help="all who agreed to research, under pseudonyms of this study alone")
@click.option("--worker", "worker_id", help="one worker's own runs, for that person")
@click.option("--questionnaire", "questionnaire_id", help="only this one")
@click.option("--by", required=True, help="your name; it goes into the audit log")
@click.option("--reason", help="why, with --worker; it goes into the audit log")
def screening_export(
    fhir: Path | None, csv_file: Path | None, study: str | None, worker_id: str | None, questionnaire_id: str | None, by: str,
    reason: str | None,
) -> None:  # fmt: skip
    """Write options and scores, never words, to new files of mode 0600."""
    from bot.services import screening_export as service

    if (fhir is None) == (csv_file is None) or (study is None) == (worker_id is None):
        raise click.UsageError("--fhir or --csv, and --study or --worker: one of each")
    if worker_id is not None and (fhir is None or not reason):
        raise click.UsageError("--worker goes with --fhir and --reason")
    now = dt.datetime.now(dt.timezone.utc)
    with make_root() as root:
        key = service.study_key(root.settings.var_dir / "secrets" / "study_key")
        if worker_id is not None and fhir is not None:
            done = root.call(service.export_own_fhir, fhir, worker_id, key, by, reason, now, questionnaire_id)
        elif fhir is not None:
            done = root.call(service.export_study_fhir, fhir, study, key, by, now, questionnaire_id)
        else:
            done = root.call(service.export_study_csv, csv_file, study, key, by, now, questionnaire_id)
    click.echo(f"{done.runs} runs of {done.people} people written to {fhir or csv_file}; {done.withheld} people held back")
