"""Screenings leave the house: FHIR resources and study tables, pseudonymous, options and scores only, for those who agreed."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import hmac
import io
import json
import re
import secrets
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.tables import QuestionnaireVersion, Screening, Worker
from bot.domain.consent import ASSESSMENT, RESEARCH
from bot.domain.errors import InvalidInput, NotFound, StorageUnavailable
from bot.domain.questionnaire import standing_answers
from bot.domain.questionnaire_definition import Questionnaire
from bot.domain.screening_fhir import (
    Completion,
    Counting,
    ExportedRun,
    Json,
    bundle,
    questionnaire_resource,
    response_resource,
    version_of,
)
from bot.domain.screening_state import RunStatus
from bot.domain.screening_version import definition_from_json
from bot.domain.staff import named
from bot.services import audit, workers
from bot.services.private_files import written, written_folder
from bot.services.screenings import RESTS

_STUDY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_OWN = "own-record"  # where a study's name stands otherwise; no study may be called so
_KEY_BYTES = 32
_PSEUDONYM = 32  # hex digits, 128 bits
_COLUMNS = ("person", "run", "questionnaire", "version", "completion", "day", "variable", "value", "band", "note")


@dataclass(frozen=True)
class Pseudonyms:
    """Names that stand for people and runs in one export series: the same each time, and turned back by nobody without the key."""

    key: bytes
    series: str

    def of(self, kind: str, own_id: str) -> str:
        """32 hex digits."""
        said = f"{self.series}\x1f{kind}\x1f{own_id}".encode()
        return hmac.new(self.key, said, hashlib.sha256).hexdigest()[:_PSEUDONYM]


@dataclass(frozen=True)
class Exported:
    """What was written: runs, people; and people with runs who were held back because a consent does not stand."""

    runs: int
    people: int
    withheld: int


@dataclass(frozen=True)
class _Leaving:
    """A run that may leave, with the definition it was led by and the worker it belongs to."""

    worker_id: str
    questionnaire: Questionnaire
    digest: str
    run: ExportedRun


def study_key(path: Path) -> bytes:
    """The deployment's secret behind all pseudonyms, made at first use with mode 0600.

    Not a key of the ring: those are rotated, and a person must keep their pseudonym through a study. Raises StorageUnavailable.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            with written(path, secrets.token_hex(_KEY_BYTES)):
                pass
        key = bytes.fromhex(path.read_text("ascii"))
    except (OSError, ValueError, InvalidInput) as error:
        raise StorageUnavailable(f"{path} can't be made or read: {type(error).__name__}") from error
    if len(key) != _KEY_BYTES:
        raise StorageUnavailable(f"{path} holds no key of {_KEY_BYTES} bytes")
    return key


def export_study_fhir(
    session: Session, target: Path, study: str, key: bytes, by: str, now: dt.datetime, questionnaire_id: str | None = None
) -> Exported:
    """Every run of those who agreed to research, for one named study; a file ending in .json, else a new folder of NDJSON.

    Raises InvalidInput where nothing may leave or the target exists; then nothing is written.
    """
    leaving, withheld = _for_study(session, study, key, now, questionnaire_id)
    files = _fhir_files(target, leaving)
    return _let_go(session, files, leaving, withheld, named(by), f"study {study}", now)


def export_study_csv(
    session: Session, target: Path, study: str, key: bytes, by: str, now: dt.datetime, questionnaire_id: str | None = None
) -> Exported:
    """The same runs as a table: one row an answer and one a scale, with the pseudonyms of this study. Raises as above."""
    leaving, withheld = _for_study(session, study, key, now, questionnaire_id)
    return _let_go(session, written(target, _table(leaving)), leaving, withheld, named(by), f"study {study}", now)


def export_own_fhir(
    session: Session, target: Path, worker_id: str, key: bytes, by: str, reason: str, now: dt.datetime,
    questionnaire_id: str | None = None,
) -> Exported:  # fmt: skip
    """One worker's own runs, for that person; who did it and why goes into the audit log. Raises NotFound or InvalidInput."""
    worker = session.get(Worker, worker_id)
    if worker is None or worker.erased_at is not None:
        raise NotFound(worker_id)
    if not reason.strip():
        raise InvalidInput("a reason is needed")
    pseudonyms = Pseudonyms(key, _OWN)
    rows = _rows(session, questionnaire_id, worker_id)
    leaving = _leaving(session, rows, pseudonyms, now, in_full=True)
    return _let_go(session, _fhir_files(target, leaving), leaving, 0, named(by), reason, now)


def _for_study(
    session: Session, study: str, key: bytes, now: dt.datetime, questionnaire_id: str | None
) -> tuple[list[_Leaving], int]:
    if not _STUDY.fullmatch(study) or study == _OWN:
        raise InvalidInput("a study is named by 1 to 40 small letters, digits and hyphens")
    rows = _rows(session, questionnaire_id)
    agreed = {
        worker_id: all(workers.has_consent(session, worker_id, kind) for kind in (RESEARCH, ASSESSMENT))
        for worker_id in dict.fromkeys(row.worker_id for row in rows)
    }
    # A run ended for good with answers in it is one whose worker said to be under 18: such a consent does not count.
    fit = [row for row in rows if agreed[row.worker_id] and row.status != RunStatus.STOPPED.value]
    withheld = sum(not each for each in agreed.values())
    return _leaving(session, fit, Pseudonyms(key, f"study:{study}"), now, in_full=False), withheld


def _rows(session: Session, questionnaire_id: str | None, worker_id: str | None = None) -> Sequence[Screening]:
    """Runs with at least one item asked, of workers who are not erased, oldest first."""
    query = select(Screening).join(Worker, Worker.id == Screening.worker_id).where(Worker.erased_at.is_(None))
    if questionnaire_id is not None:
        query = query.where(Screening.questionnaire == questionnaire_id)
    if worker_id is not None:
        query = query.where(Screening.worker_id == worker_id)
    return [row for row in session.scalars(query.order_by(Screening.started_at, Screening.id)) if row.state["answers"]]


def _leaving(
    session: Session, rows: Iterable[Screening], pseudonyms: Pseudonyms, now: dt.datetime, *, in_full: bool
) -> list[_Leaving]:
    """The rows as they leave; `in_full` with the time of day, which would help to find a person out of a study's rows."""
    definitions: dict[str, Questionnaire] = {}
    found: list[_Leaving] = []
    for row in rows:
        if row.digest not in definitions:
            definitions[row.digest] = definition_from_json(session.get_one(QuestionnaireVersion, row.digest).definition)
        at = row.finished_at or row.updated_at
        run = ExportedRun(
            id=str(uuid.UUID(pseudonyms.of("run", row.id))), domain=pseudonyms.series,
            person=pseudonyms.of("person", row.worker_id), completion=_completion(row, now),
            at=at.isoformat(timespec="seconds") if in_full else at.date().isoformat(),
            answers=row.state["answers"], scales=(row.result or {}).get("scales", {}),
        )  # fmt: skip
        found.append(_Leaving(row.worker_id, definitions[row.digest], row.digest, run))
    return found


def _completion(row: Screening, now: dt.datetime) -> Completion:
    """A run left longer than it rests is not gone on with any more (`screenings.RESTS`)."""
    if row.finished_at is not None:
        return Completion.COMPLETED
    is_over = row.status == RunStatus.STOPPED.value or row.updated_at <= now - RESTS
    return Completion.STOPPED if is_over else Completion.IN_PROGRESS


def _let_go(
    session: Session, files: AbstractContextManager[None], leaving: Sequence[_Leaving], withheld: int, by: str, reason: str,
    now: dt.datetime,
) -> Exported:  # fmt: skip
    """Write and note it in each worker's trail, both or neither."""
    runs = Counter(each.worker_id for each in leaving)
    if not runs:
        raise InvalidInput(f"nothing may leave: no runs, or no standing consent ({withheld} people held back)")
    for worker_id, count in runs.items():
        audit.append(session, by, "screening.exported", worker_id, f"{count} runs, {reason}", now)
    with files:
        session.commit()
    return Exported(len(leaving), len(runs), withheld)


def _fhir_files(target: Path, leaving: Sequence[_Leaving]) -> AbstractContextManager[None]:
    used = {each.digest: each.questionnaire for each in leaving}
    questionnaires = [questionnaire_resource(each, digest) for digest, each in used.items()]
    responses = [response_resource(each.questionnaire, each.digest, each.run) for each in leaving]
    if target.suffix == ".json":
        return written(target, _as_json(_valid(bundle([*questionnaires, *responses])), indent=1) + "\n")
    kinds = {"Questionnaire": questionnaires, "QuestionnaireResponse": responses}
    texts = {f"{name}.ndjson": "".join(_as_json(_valid(each)) + "\n" for each in kind) for name, kind in kinds.items()}
    return written_folder(target, texts)


def _valid(resource: Json) -> Json:
    """The resource, once FHIR's own model takes it; the package is loaded here, it costs half a second."""
    from fhir.resources.R4B import construct_fhir_element

    construct_fhir_element(resource["resourceType"], resource)
    return resource


_as_json = partial(json.dumps, ensure_ascii=False)


def _table(leaving: Iterable[_Leaving]) -> str:
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(_COLUMNS)
    for each in leaving:
        run, questionnaire = each.run, each.questionnaire
        version = version_of(questionnaire, each.digest)
        facts = (run.person, run.id, questionnaire.id, version, run.completion.value, run.at)
        for link_id, chosen in standing_answers(questionnaire, run.answers).items():
            table.writerow((*facts, f"item_{link_id}", chosen, None, "skipped" if chosen is None else None))
        for scale_id, scale in run.scales.items():
            table.writerow((*facts, f"scale_{scale_id}", scale["value"], scale["band"], _note(scale)))
    return out.getvalue()


def _note(scale: Any) -> str:
    return "no score" if scale["value"] is None else Counting.of(scale).value
