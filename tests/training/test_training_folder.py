"""The folder on disk and the draft laid over it; which paths are ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from training_ground import FILES, lay_out

from bot.domain.errors import FolderUnwritable, InvalidInput
from bot.training.folder import FileKind, TrainingFolder, kind_of, require_path


def test_paths_are_what_may_be_proposed_sorted(folder: TrainingFolder) -> None:
    (folder.root / "data/.hidden.yml").write_text("x", "utf-8")
    (folder.root / "data/notes.md").write_text("x", "utf-8")
    assert folder.view().paths() == sorted(path for path in FILES if path not in ("config.yml", "actions/support.py"))


def test_a_draft_changes_adds_and_deletes(folder: TrainingFolder) -> None:
    view = folder.view(
        {
            "domain.yml": "changed",
            "data/nlu/new.yml": "new",
            "data/nlu/talk.yml": None,
            "content/hotlines.yml": "hotlines: []\n",
        }
    )
    states = {
        path: view.state(path)
        for path in ("domain.yml", "data/nlu/new.yml", "data/nlu/talk.yml", "content/hotlines.yml", "data/rules/talk.yml")
    }
    assert list(states.values()) == ["changed", "new", "deleted", "same", "same"]
    assert view.touched() == ["data/nlu/new.yml", "data/nlu/talk.yml", "domain.yml"]
    assert "data/nlu/talk.yml" not in view.paths()
    assert view.base_text("domain.yml") == FILES["domain.yml"]
    assert view.digest("domain.yml") != folder.view().digest("domain.yml")
    assert view.digest("data/nlu/talk.yml") == ""


@pytest.mark.parametrize(
    "path",
    [
        "", "../x.yml", "data/../../x.yml", "/etc/passwd", "data\\nlu.yml", "data/a\0.yml", "data/.hidden.yml", ".git/config", "data/nlu/x.py",
        "config.yml", "actions/support.py", "content/jieba/words.yml", "data", "data//x.yml", "data/x.yml/", "data/" + "x" * 300 + ".yml", "models/x.yml",
    ],
)  # fmt: skip
def test_a_path_elsewhere_is_refused_in_chinese(folder: TrainingFolder, path: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        require_path(path)
    assert any("一" <= sign <= "鿿" for sign in refused.value.reader_text)
    with pytest.raises(InvalidInput):
        folder.view({path: "x"})
    with pytest.raises(InvalidInput):
        folder.view().text(path)


def test_kinds_follow_from_the_place() -> None:
    kinds = {
        path: kind_of(path)
        for path in ("domain.yml", "data/nlu/a.yml", "data/rules/a.yml", "data/stories/a.yml", "tests/dialogue/a.yml")
    }
    assert list(kinds.values()) == [FileKind.DOMAIN, FileKind.NLU, FileKind.RULES, FileKind.STORIES, FileKind.TESTS]


def test_a_link_out_of_the_folder_is_not_followed(folder: TrainingFolder, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "x.yml").write_text("secret", "utf-8")
    (folder.root / "data/linked").symlink_to(secret)
    (folder.root / "data/linked.yml").symlink_to(secret / "x.yml")
    view = folder.view()
    assert not [path for path in view.paths() if "linked" in path]
    assert view.text("data/linked/x.yml") is None
    assert view.text("data/linked.yml") is None


def test_files_that_are_too_big_or_no_utf8_are_told(folder: TrainingFolder) -> None:
    (folder.root / "data/big.yml").write_bytes(b"x" * 1_000_001)
    (folder.root / "data/gbk.yml").write_bytes("夜班".encode("gbk"))
    with pytest.raises(InvalidInput, match=r"data/big\.yml"):
        folder.view().text("data/big.yml")
    with pytest.raises(InvalidInput) as refused:
        folder.view().text("data/gbk.yml")
    assert "UTF-8" in refused.value.reader_text


def test_a_project_for_rasa_holds_the_draft(folder: TrainingFolder, tmp_path: Path) -> None:
    view = folder.view({"data/nlu/talk.yml": None, "data/nlu/new.yml": "nlu: []\n"})
    view.materialise(tmp_path / "project")
    made = {file.relative_to(tmp_path / "project").as_posix() for file in (tmp_path / "project").rglob("*") if file.is_file()}
    assert made == {"config.yml", *view.paths()}
    assert (tmp_path / "project/data/nlu/new.yml").read_text("utf-8") == "nlu: []\n"
    with pytest.raises(FolderUnwritable):
        view.materialise(tmp_path / "project")


def test_an_empty_folder_has_no_paths(tmp_path: Path) -> None:
    assert TrainingFolder(tmp_path).view().paths() == []
    assert lay_out(tmp_path, {"data/a.yaml": "nlu: []\n"}).view().text("data/a.yaml") == "nlu: []\n"
