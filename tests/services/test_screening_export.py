"""Screenings leave only for those who agreed, under pseudonyms that nobody turns back, in files for their owner alone."""

from __future__ import annotations

import csv
import datetime as dt
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from ground import NOW
from sqlalchemy import select
from test_screenings import DAY, Desk
from worker_thread import Thread

from bot.bootstrap import Root
from bot.db.tables import AuditEntry
from bot.domain.consent import ASSESSMENT, CONSENTS_VERSION, RESEARCH
from bot.domain.errors import InvalidInput, NotFound, StorageUnavailable
from bot.domain.screening_state import RunStatus
from bot.services import audit, consents, records, screening_export
from bot.services.screening_export import Exported

KEY = b"k" * 32
STORY = "我们组长姓钱，天天骂我，我跟他吵了一架，后来一晚上都在想这件事"


def worker(root: Root, name: str = "w1", *, agrees: bool = True) -> Desk:
    desk = Desk(Thread(root, name))
    if agrees:
        root.call(consents.grant, name, RESEARCH, CONSENTS_VERSION, NOW)
    return desk


def table(root: Root, target: Path, study: str = "sleep", **named: Any) -> list[dict[str, str]]:
    root.call(screening_export.export_study_csv, target, study, KEY, "陈医生", NOW + DAY, **named)
    with target.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def trail(root: Root) -> list[tuple[str, str, str, str]]:
    query = select(AuditEntry.actor, AuditEntry.action, AuditEntry.subject, AuditEntry.reason).order_by(AuditEntry.id)
    return root.call_reading(lambda session: [tuple(row) for row in session.execute(query)])  # type: ignore[no-any-return]


def test_a_study_gets_answers_and_scores_of_those_who_agreed_and_of_nobody_else(root: Root, tmp_path: Path) -> None:
    worker(root, "w1").go_through("gad-7", "几乎每天")
    worker(root, "w2", agrees=False).go_through("gad-7", "好几天")
    rows = table(root, tmp_path / "a.csv")
    assert [(row["variable"], row["value"]) for row in rows] == [
        *((f"item_{n}", "3") for n in range(1, 8)),
        ("scale_total", "21"),
    ]
    assert {(row["questionnaire"], row["completion"], row["day"]) for row in rows} == {("gad-7", "completed", "2026-11-22")}
    assert (rows[-1]["band"], rows[-1]["note"]) == ("severe", "whole")
    assert trail(root) == [("陈医生", "screening.exported", "w1", "1 runs, study sleep")]
    assert root.call_reading(audit.first_broken) is None


def test_a_pseudonym_is_the_same_in_one_study_and_another_in_the_next_and_no_id_of_ours(root: Root, tmp_path: Path) -> None:
    desk = worker(root)
    run_id = desk.go_through("gad-7", "好几天")
    first = table(root, tmp_path / "a.csv")
    again = table(root, tmp_path / "b.csv")
    other = table(root, tmp_path / "c.csv", "stress")
    assert {row["person"] for row in first} == {row["person"] for row in again}
    assert not {row["person"] for row in first} & {row["person"] for row in other}
    assert not {row["run"] for row in first} & {row["run"] for row in other}
    for path in tmp_path.iterdir():
        text = path.read_text("utf-8")
        assert not any(each in text.replace("-", "") for each in ("w1,", run_id, desk.thread.id))
    with pytest.raises(InvalidInput):
        table(root, tmp_path / "d.csv", "own-record")


def test_no_word_of_a_worker_leaves(root: Root, tmp_path: Path) -> None:
    desk = worker(root)
    desk.begin("gad-7")
    desk.say("同意")
    desk.say("天天这样")
    desk.say(STORY)
    text = "".join(map(str, table(root, tmp_path / "a.csv")))
    root.call(screening_export.export_study_fhir, tmp_path / "a.json", "sleep", KEY, "陈医生", NOW)
    text += (tmp_path / "a.json").read_text("utf-8")
    assert "组长" not in text
    assert "天天这样" not in text


def test_fhir_is_one_bundle_or_a_folder_of_lines_and_is_the_owners_alone(root: Root, tmp_path: Path) -> None:
    worker(root).go_through("phq-4", "好几天")
    done = root.call(screening_export.export_study_fhir, tmp_path / "a.json", "sleep", KEY, "陈医生", NOW)
    assert done == Exported(1, 1, 0)
    entries = json.loads((tmp_path / "a.json").read_text("utf-8"))["entry"]
    assert [each["resource"]["resourceType"] for each in entries] == ["Questionnaire", "QuestionnaireResponse"]
    assert entries[1]["resource"]["authored"] == "2026-11-22"
    root.call(screening_export.export_study_fhir, tmp_path / "all", "sleep", KEY, "陈医生", NOW)
    lines = (tmp_path / "all" / "QuestionnaireResponse.ndjson").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [entries[1]["resource"]]
    modes = [
        stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "a.json", tmp_path / "all", *(tmp_path / "all").iterdir())
    ]
    assert modes == [0o600, 0o700, 0o600, 0o600]


@pytest.mark.parametrize("target", ["there.json", "there"])
def test_cannot_write_over_what_is_there_and_then_nothing_is_noted(root: Root, tmp_path: Path, target: str) -> None:
    worker(root).go_through("phq-4", "好几天")
    path = tmp_path / target
    path.write_text("mine")
    with pytest.raises(InvalidInput, match="File exists"):
        root.call(screening_export.export_study_fhir, path, "sleep", KEY, "陈医生", NOW)
    assert path.read_text() == "mine"
    assert trail(root) == []


@pytest.mark.parametrize("kind", [RESEARCH, ASSESSMENT])
def test_nothing_leaves_once_a_consent_is_taken_back_or_the_record_erased(root: Root, tmp_path: Path, kind: str) -> None:
    worker(root, "w1").go_through("phq-4", "好几天")
    worker(root, "w2").go_through("phq-4", "好几天")
    root.call(consents.withdraw, "w1", kind, NOW)
    root.call(records.erase, "w2", NOW)
    with pytest.raises(InvalidInput, match="1 people held back"):
        table(root, tmp_path / "a.csv")
    assert list(tmp_path.iterdir()) == []


def test_who_says_to_be_under_18_is_in_no_study(root: Root, tmp_path: Path) -> None:
    desk = worker(root)
    desk.begin("gad-7")
    desk.say("同意")
    desk.say("好几天")
    assert desk.say("我今年16岁").state.status is RunStatus.STOPPED
    with pytest.raises(InvalidInput, match="nothing may leave"):
        table(root, tmp_path / "a.csv")


def test_a_run_in_the_middle_is_in_progress_until_it_is_too_old_and_one_never_answered_does_not_leave(
    root: Root, tmp_path: Path
) -> None:
    desk = worker(root)
    desk.begin("gad-7")
    desk.say("同意")
    desk.say("好几天")
    desk.now += dt.timedelta(minutes=1)
    desk.begin("phq-4")
    assert [(row["questionnaire"], row["completion"]) for row in table(root, tmp_path / "a.csv")] == [("gad-7", "in-progress")]
    late = NOW + 9 * DAY
    root.call(screening_export.export_study_csv, tmp_path / "b.csv", "sleep", KEY, "陈医生", late)
    assert ",stopped," in (tmp_path / "b.csv").read_text("utf-8")


def test_a_skipped_item_and_an_estimated_score_are_named_so(root: Root, tmp_path: Path) -> None:
    desk = worker(root)
    desk.begin("gad-7")
    desk.say("同意")
    for words in ("跳过", *["好几天"] * 6):
        desk.say(words)
    rows = table(root, tmp_path / "a.csv")
    assert (rows[0]["variable"], rows[0]["value"], rows[0]["note"]) == ("item_1", "", "skipped")
    assert (rows[-1]["value"], rows[-1]["note"]) == ("7", "prorated")


def test_only_the_wanted_questionnaire_leaves(root: Root, tmp_path: Path) -> None:
    desk = worker(root)
    desk.go_through("phq-4", "好几天")
    desk.go_through("gad-7", "好几天")
    assert {row["questionnaire"] for row in table(root, tmp_path / "a.csv", questionnaire_id="gad-7")} == {"gad-7"}


def test_a_worker_gets_all_runs_of_their_own_with_the_reason_kept(root: Root, tmp_path: Path) -> None:
    desk = worker(root, agrees=False)
    desk.go_through("gad-7", "好几天")
    worker(root, "w2").go_through("gad-7", "几乎每天")
    arguments = (tmp_path / "own.json", "w1", KEY, "陈医生", "本人要带去医院", NOW)
    assert root.call(screening_export.export_own_fhir, *arguments) == Exported(1, 1, 0)
    (entry,) = [
        each["resource"]
        for each in json.loads((tmp_path / "own.json").read_text("utf-8"))["entry"]
        if each["resource"]["resourceType"] == "QuestionnaireResponse"
    ]
    assert entry["authored"].startswith("2026-11-22T04:00:00")
    assert "w1" not in json.dumps(entry["subject"])
    assert trail(root) == [("陈医生", "screening.exported", "w1", "1 runs, 本人要带去医院")]


def test_cannot_export_a_worker_who_is_unknown_or_erased_or_without_a_reason(root: Root, tmp_path: Path) -> None:
    worker(root).go_through("gad-7", "好几天")
    for reason, worker_id, error in (("x", "nobody", NotFound), (" ", "w1", InvalidInput)):
        with pytest.raises(error):
            root.call(screening_export.export_own_fhir, tmp_path / "a.json", worker_id, KEY, "陈医生", reason, NOW)
    root.call(records.erase, "w1", NOW)
    with pytest.raises(NotFound):
        root.call(screening_export.export_own_fhir, tmp_path / "a.json", "w1", KEY, "陈医生", "x", NOW)


@pytest.mark.parametrize("study", ["", "Sleep", "a b", "-a", "a/b", "x" * 41, "睡眠"])
def test_cannot_name_a_study_so(root: Root, tmp_path: Path, study: str) -> None:
    with pytest.raises(InvalidInput, match="a study is named"):
        table(root, tmp_path / "a.csv", study)


def test_the_secret_behind_the_pseudonyms_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "study_key"
    key = screening_export.study_key(path)
    assert screening_export.study_key(path) == key
    assert len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text("short")
    with pytest.raises(StorageUnavailable):
        screening_export.study_key(path)
