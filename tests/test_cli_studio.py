"""The studio's commands: models shown, a move asked for and followed to its end, refusals in one clear line."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from ground import NOW, settings_for
from model_ground import model, write_archive

from bot.bootstrap import Root, make_root
from bot.cli import main
from bot.domain.publication import DONE, FAILED
from bot.services import publications, slots


@pytest.fixture
def root(tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch) -> Root:
    names = {"VAR_DIR": ".", "KEY_RING": "keys.json", "MODELS_DIR": "models"}
    for name, path in names.items():
        monkeypatch.setenv(name, str(tmp_path / path))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/xinyi.db")
    return make_root(settings_for(tmp_path))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["studio", *arguments])


def test_models_are_listed_with_how_they_stand(root: Root) -> None:
    model(root, "made.tar.gz", age=9, trained_by=None)
    model(root, "studio/old.tar.gz", age=5, verdict="blocked")
    write_archive(root.settings.models_dir, "studio/old.tar.gz", "3.5.0")
    lines = run("models").output.splitlines()
    assert [line.split()[2:5] for line in lines] == [["blocked", "-", "lin"], ["passed", "live", "make"]]
    assert "3.5.0" in lines[0]


def gateway(root: Root, *, is_able: bool) -> threading.Thread:
    """What a running gateway does about the move, as soon as there is one."""

    def work() -> None:
        while (move := root.call_reading(publications.under_way)) is None:
            pass
        if not is_able:
            root.call(publications.fail, move.id, "起不来，原来的照常在用", NOW)
            return
        root.call(publications.find_slot, move.id, NOW)
        root.call(publications.move, move.id, NOW)
        for row in root.call_reading(slots.listing):
            root.call(slots.drop, row.slot)
        root.call(publications.finish, move.id, NOW)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_publishing_is_followed_to_its_end_and_taken_back(root: Root) -> None:
    model(root, "made.tar.gz", age=9, trained_by=None)
    new = model(root, "studio/new.tar.gz")
    working = gateway(root, is_able=True)
    done = run("publish", new, "--by", "王敏")
    working.join()
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "publication 1: done")
    working = gateway(root, is_able=True)
    back = run("rollback", "--by", "王敏", "--reason", "答得不对")
    working.join()
    assert back.exit_code == 0
    assert [move.state for move in root.call_reading(publications.listing)] == [DONE, DONE]


def test_a_move_that_fails_ends_with_its_reason(root: Root) -> None:
    working = gateway(root, is_able=False)
    done = run("publish", model(root, "studio/new.tar.gz"), "--by", "王敏")
    working.join()
    assert done.exit_code == 1
    assert "原来的照常在用" in done.output
    assert root.call_reading(publications.get, 1).state == FAILED


def test_what_is_refused_ends_with_one_line_and_changes_nothing(root: Root) -> None:
    new = model(root, "studio/new.tar.gz", verdict="blocked")
    for arguments in (
        ("publish", new, "--by", "王敏"), ("publish", new, "--by", "lin"), ("publish", "nothing", "--by", "王敏"),
        ("publish", new, "--by", " "), ("rollback", "--by", "王敏", "--reason", "x"),
    ):  # fmt: skip
        done = run(*arguments)
        assert done.exit_code == 1, arguments
        assert len(done.output.splitlines()) == 1
    assert root.call_reading(publications.listing) == []
