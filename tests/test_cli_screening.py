"""`python -m bot screening export`: writes what may leave, and tells what is wrong in one line."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from ground import NOW
from test_cli import Shell, _refused
from test_screenings import Desk
from worker_thread import Thread

from bot.bootstrap import make_root
from bot.domain.consent import CONSENTS_VERSION, RESEARCH
from bot.services import consents


@pytest.fixture
def shell(tmp_path: Path, database: Path) -> Shell:
    """A shell whose one worker w1 has filled in a questionnaire and agreed to research."""
    found = Shell(tmp_path)
    with make_root(found.settings) as root:
        Desk(Thread(root)).go_through("phq-4", "好几天")
        root.call(consents.grant, "w1", RESEARCH, CONSENTS_VERSION, NOW)
    return found


def test_a_study_and_a_worker_get_their_files(shell: Shell, tmp_path: Path) -> None:
    study = shell.run("screening", "export", "--csv", str(tmp_path / "a.csv"), "--study", "sleep", "--by", "陈医生")
    assert study.exit_code == 0, study.output
    assert "1 runs of 1 people" in study.output
    assert "scale_total,4,mild,whole" in (tmp_path / "a.csv").read_text("utf-8")
    folder = shell.run("screening", "export", "--fhir", str(tmp_path / "all"), "--study", "sleep", "--by", "陈医生")
    assert folder.exit_code == 0, folder.output
    person = {
        json.loads(line)["subject"]["identifier"]["value"]
        for line in (tmp_path / "all" / "QuestionnaireResponse.ndjson").open()
    }
    assert person == {(tmp_path / "a.csv").read_text("utf-8").splitlines()[1].split(",")[0]}
    own = shell.run(
        "screening", "export", "--fhir", str(tmp_path / "own.json"), "--worker", "w1", "--by", "陈医生", "--reason", "本人要"
    )
    assert own.exit_code == 0, own.output
    assert "w1" not in own.output
    assert stat.S_IMODE((tmp_path / "secrets" / "study_key").stat().st_mode) == 0o600
    assert shell.run("audit", "verify").output == "the chain holds\n"


def test_a_file_that_is_there_stays_as_it_was(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("mine")
    result = shell.run("screening", "export", "--csv", str(tmp_path / "a.csv"), "--study", "sleep", "--by", "陈医生")
    _refused(result, "can't be made: File exists")
    assert (tmp_path / "a.csv").read_text() == "mine"


@pytest.mark.parametrize(
    "words",
    [
        [], ["--fhir", "x.json"], ["--csv", "x.csv"], ["--study", "sleep"], ["--fhir", "x.json", "--csv", "x.csv", "--study", "sleep"],
        ["--csv", "x.csv", "--worker", "w1", "--reason", "y"], ["--fhir", "x.json", "--worker", "w1"],
        ["--fhir", "x.json", "--worker", "w1", "--study", "sleep", "--reason", "y"],
    ],
)  # fmt: skip
def test_cannot_export_without_saying_what_and_for_whom(shell: Shell, words: list[str]) -> None:
    result = shell.run("screening", "export", *words, "--by", "陈医生")
    assert result.exit_code == 2
    assert "Usage" in result.output
    assert not Path("x.json").exists()
