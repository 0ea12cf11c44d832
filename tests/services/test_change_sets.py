"""Change sets as services, on both databases: drafts, what goes into them, a second person, and who may what."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from ground import NOW
from sqlalchemy import select, text
from studio_ground import DOMAIN, DOMAIN_PATH, NLU, SLEEP, training_folder
from team_ground import account

from bot.bootstrap import Root
from bot.db.tables import AuditEntry
from bot.domain.case_access import Viewer
from bot.domain.change_set import Deed
from bot.domain.errors import (
    EditedMeanwhile,
    Forbidden,
    IllegalTransition,
    Incomplete,
    InvalidInput,
    NotFound,
    SecondPersonNeeded,
)
from bot.services import change_set_files, change_sets, response_reviews
from bot.training.folder import TrainingFolder, digest_of

ADDED = {"edit": "add_examples", "intent": "sleep_problem", "examples": ["躺下就想活没干完"]}
SAFER = DOMAIN.replace("我在这儿，不走开。", "我在，我们先缓一缓。")


@pytest.fixture
def folder(tmp_path: Path) -> TrainingFolder:
    return TrainingFolder(training_folder(tmp_path / "training"))


@pytest.fixture
def wu(root: Root) -> Viewer:
    return Viewer(account(root, "wu", "trainer"), "wu", "trainer")


@pytest.fixture
def he(root: Root) -> Viewer:
    return Viewer(account(root, "he", "trainer"), "he", "trainer")


@pytest.fixture
def xu(root: Root) -> Viewer:
    return Viewer(account(root, "xu", "clinician"), "xu", "clinician")


def later(minutes: int) -> dt.datetime:
    return NOW + dt.timedelta(minutes=minutes)


def draft(root: Root, folder: TrainingFolder, actor: Viewer) -> int:
    made = root.call(change_sets.create, actor, "补几句睡眠", NOW)
    root.call(change_sets.edit, folder, actor, made.id, ADDED, NOW)
    return made.id


def proposed(root: Root, folder: TrainingFolder, actor: Viewer) -> int:
    change_set_id = draft(root, folder, actor)
    laid = root.call_reading(change_sets.overlay, change_set_id)
    root.call(change_sets.propose, actor, change_set_id, "夜班的人常这么说", laid, later(1))
    return change_set_id


def test_an_edit_keeps_the_file_as_it_was_and_as_it_shall_be_and_nothing_on_disk_changes(
    root: Root, folder: TrainingFolder, wu: Viewer
) -> None:
    change_set_id = draft(root, folder, wu)
    laid = root.call_reading(change_sets.overlay, change_set_id)
    assert list(laid) == [NLU]
    assert laid[NLU] == SLEEP + "    - 躺下就想活没干完\n"
    (file,) = root.call_reading(change_set_files.of, change_set_id)
    assert file.base == SLEEP
    assert (folder.root / NLU).read_text("utf-8") == SLEEP
    (line,) = change_set_files.described([file], folder)
    assert (line.state, line.added, line.removed, line.is_clinical, line.has_conflict) == ("changed", 1, 0, False, False)


def test_the_texts_of_a_draft_are_sealed_in_the_database(root: Root, folder: TrainingFolder, wu: Viewer) -> None:
    draft(root, folder, wu)
    with root.engine.connect() as connection:
        stored = connection.execute(text("SELECT base, text FROM change_set_files")).one()
    assert "睡" not in str(stored)


def test_what_is_changed_back_is_out_of_the_draft(root: Root, folder: TrainingFolder, wu: Viewer) -> None:
    change_set_id = draft(root, folder, wu)
    root.call(change_sets.edit, folder, wu, change_set_id, {**ADDED, "edit": "remove_examples"}, NOW)
    assert root.call_reading(change_sets.overlay, change_set_id) == {}


def test_a_change_goes_into_the_named_draft_else_the_newest_own_else_a_new_one(
    root: Root, folder: TrainingFolder, wu: Viewer, he: Viewer
) -> None:
    def for_one(actor: Viewer, change_set_id: int | None = None) -> int:
        def work(session):  # type: ignore[no-untyped-def]
            row = change_sets.draft_for(session, actor, change_set_id, "读到的话", NOW)
            session.commit()
            return row.id

        return root.call(work)

    first = for_one(wu)
    assert for_one(wu) == first
    second = root.call(change_sets.create, wu, "另一张", NOW).id
    assert for_one(wu) == second
    assert for_one(wu, first) == first
    assert for_one(he) not in (first, second)
    with pytest.raises(Forbidden):
        for_one(he, first)
    with pytest.raises(NotFound):
        for_one(wu, 999)
    root.call(change_sets.withdraw, wu, second, NOW)
    assert for_one(wu) == first


@pytest.mark.parametrize("title", ["", "   ", "长" * 81])
def test_a_draft_needs_a_title(root: Root, wu: Viewer, title: str) -> None:
    with pytest.raises(Incomplete):
        root.call(change_sets.create, wu, title, NOW)
    assert root.call_reading(change_sets.listing) == []


def test_a_second_person_reviews_and_every_word_is_in_the_audit_log(
    root: Root, folder: TrainingFolder, wu: Viewer, he: Viewer
) -> None:
    change_set_id = proposed(root, folder, wu)
    with pytest.raises(SecondPersonNeeded):
        root.call(change_sets.review, folder, wu, change_set_id, Deed.APPROVE, "", None, later(2))
    with pytest.raises(Incomplete):
        root.call(change_sets.review, folder, he, change_set_id, Deed.RETURN, "  ", None, later(2))
    row = root.call(change_sets.review, folder, he, change_set_id, Deed.RETURN, "再想一句白班的", None, later(2))
    assert (row.state, row.reviewed_by, row.review_note) == ("draft", "he", "再想一句白班的")
    laid = root.call_reading(change_sets.overlay, change_set_id)
    row = root.call(change_sets.propose, wu, change_set_id, "加了", laid, later(3))
    assert (row.state, row.reviewed_by, row.review_note) == ("proposed", None, "")
    row = root.call(change_sets.review, folder, he, change_set_id, Deed.APPROVE, "", None, later(4))
    assert (row.state, row.reviewed_by, row.reviewed_at) == ("reviewed", "he", later(4))
    entries = root.call_reading(
        lambda session: [
            (row.actor, row.action, row.subject) for row in session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        ]
    )
    assert entries == [
        (actor, f"change_set.{word}", f"change_set:{change_set_id}")
        for actor, word in (("wu", "proposed"), ("he", "returned"), ("wu", "proposed"), ("he", "approved"))
    ]


def test_a_change_after_the_review_voids_it(root: Root, folder: TrainingFolder, wu: Viewer, he: Viewer) -> None:
    change_set_id = proposed(root, folder, wu)
    root.call(change_sets.review, folder, he, change_set_id, Deed.APPROVE, "", None, later(2))
    more = {**ADDED, "examples": ["夜里醒三回"]}
    root.call(change_sets.edit, folder, wu, change_set_id, more, later(3))
    row = root.call_reading(change_sets.found, change_set_id)
    assert row.state == "draft"
    with pytest.raises(IllegalTransition):
        root.call(change_sets.review, folder, he, change_set_id, Deed.APPROVE, "", None, later(4))


def test_cannot_approve_what_was_changed_while_it_was_read(root: Root, folder: TrainingFolder, wu: Viewer, he: Viewer) -> None:
    change_set_id = proposed(root, folder, wu)
    seen = root.call_reading(change_sets.found, change_set_id).updated_at
    root.call(change_sets.edit, folder, wu, change_set_id, {**ADDED, "examples": ["夜里醒三回"]}, later(2))
    laid = root.call_reading(change_sets.overlay, change_set_id)
    root.call(change_sets.propose, wu, change_set_id, "", laid, later(3))
    with pytest.raises(IllegalTransition) as refused:
        root.call(change_sets.review, folder, he, change_set_id, Deed.APPROVE, "", seen, later(4))
    assert "重新打开" in refused.value.reader_text
    assert root.call_reading(change_sets.found, change_set_id).state == "proposed"


def test_cannot_propose_an_empty_draft_or_what_was_not_checked(root: Root, folder: TrainingFolder, wu: Viewer) -> None:
    empty = root.call(change_sets.create, wu, "空的", NOW).id
    with pytest.raises(Incomplete):
        root.call_reading(change_sets.overlay_to_propose, wu, empty)
    change_set_id = draft(root, folder, wu)
    with pytest.raises(EditedMeanwhile):
        root.call(change_sets.propose, wu, change_set_id, "", {NLU: SLEEP}, NOW)
    assert root.call_reading(change_sets.found, change_set_id).state == "draft"


def test_clinical_words_need_a_clinician_whose_reading_is_noted(
    root: Root, folder: TrainingFolder, wu: Viewer, he: Viewer, xu: Viewer
) -> None:
    made = root.call(change_sets.create, wu, "陪着的话", NOW).id
    root.call(change_sets.put_files, folder, wu, made, {DOMAIN_PATH: SAFER}, NOW)
    laid = root.call_reading(change_sets.overlay, made)
    row = root.call(change_sets.propose, wu, made, "", laid, NOW)
    assert row.is_clinical
    with pytest.raises(Forbidden):
        root.call(change_sets.review, folder, he, made, Deed.APPROVE, "", None, NOW)
    root.call(change_sets.review, folder, xu, made, Deed.APPROVE, "", None, later(5))
    (now,) = [each for each in _responses(folder, SAFER) if each.name == "utter_safety_stay"]
    (before,) = [each for each in _responses(folder, DOMAIN) if each.name == "utter_safety_stay"]
    line = root.call_reading(response_reviews.states, [now])["utter_safety_stay"]
    assert (line.state, line.author, line.reviewed_by, line.reviewed_at) == ("reviewed", "wu", "xu", later(5))
    assert root.call_reading(response_reviews.states, [before])["utter_safety_stay"].state == "changed"


def test_ordinary_words_of_the_same_file_are_not_clinical(root: Root, folder: TrainingFolder, wu: Viewer) -> None:
    made = root.call(change_sets.create, wu, "听着的话", NOW).id
    root.call(change_sets.put_files, folder, wu, made, {DOMAIN_PATH: DOMAIN.replace("我在。", "我在听。")}, NOW)
    assert not root.call_reading(change_sets.found, made).is_clinical
    root.call(change_sets.put_files, folder, wu, made, {DOMAIN_PATH: SAFER}, NOW)
    assert root.call_reading(change_sets.found, made).is_clinical
    root.call(change_sets.revert, folder, wu, made, DOMAIN_PATH, NOW)
    assert not root.call_reading(change_sets.found, made).is_clinical


def test_a_removed_clinical_response_is_clinical_too(root: Root, folder: TrainingFolder, wu: Viewer) -> None:
    made = root.call(change_sets.create, wu, "删掉", NOW).id
    root.call(change_sets.put_files, folder, wu, made, {DOMAIN_PATH: DOMAIN[: DOMAIN.index("  utter_safety_stay")]}, NOW)
    assert root.call_reading(change_sets.found, made).is_clinical


def test_only_a_clinician_says_that_wordings_were_read(root: Root, folder: TrainingFolder, wu: Viewer, xu: Viewer) -> None:
    response = _responses(folder, DOMAIN)[0]
    with pytest.raises(Forbidden):
        root.call(response_reviews.review, response, wu, NOW)
    assert root.call_reading(response_reviews.states, [response])[response.name].state == "never"
    for _ in range(2):
        root.call(response_reviews.review, response, xu, NOW)
    assert root.call_reading(response_reviews.states, [response])[response.name].state == "reviewed"


def test_a_text_made_from_an_older_one_never_overwrites_silently(root: Root, folder: TrainingFolder, wu: Viewer) -> None:
    change_set_id = draft(root, folder, wu)
    mine = SLEEP.replace("夜班回来白天睡不实", "夜班回来白天睡不着")
    with pytest.raises(EditedMeanwhile) as refused:
        root.call_reading(change_sets.prepare_file, folder, change_set_id, NLU, mine, digest_of(SLEEP), SLEEP)
    assert (refused.value.base, refused.value.ours, refused.value.theirs) == (SLEEP, mine, SLEEP + "    - 躺下就想活没干完\n")


def test_two_edits_prepared_from_the_same_draft_do_not_swallow_each_other(
    root: Root, folder: TrainingFolder, wu: Viewer
) -> None:
    change_set_id = draft(root, folder, wu)
    one = root.call_reading(change_sets.prepare, folder, change_set_id, {**ADDED, "examples": ["第一句"]})
    two = root.call_reading(change_sets.prepare, folder, change_set_id, {**ADDED, "examples": ["第二句"]})
    root.call(change_sets.keep, wu, change_set_id, one, NOW)
    with pytest.raises(EditedMeanwhile):
        root.call(change_sets.keep, wu, change_set_id, two, NOW)
    assert "第二句" not in (root.call_reading(change_sets.overlay, change_set_id)[NLU] or "")


def test_a_resolved_file_stands_on_the_folders_own(root: Root, folder: TrainingFolder, wu: Viewer) -> None:
    change_set_id = proposed(root, folder, wu)
    theirs = SLEEP.replace("夜班回来白天睡不实", "夜班回来白天睡不沉")
    (folder.root / NLU).write_text(theirs, "utf-8")
    both = theirs + "    - 躺下就想活没干完\n"
    row = root.call(change_sets.resolve, folder, wu, change_set_id, NLU, both, later(2))
    (file,) = root.call_reading(change_set_files.of, change_set_id)
    assert (row.state, file.base, file.text) == ("draft", theirs, both)
    root.call(change_sets.resolve, folder, wu, change_set_id, NLU, theirs, later(3))
    assert root.call_reading(change_sets.overlay, change_set_id) == {}


@pytest.mark.parametrize(("path", "text"), [
    ("../outside.yml", SLEEP), ("/etc/passwd", "x"), ("config.yml", "x: 1\n"), ("data/nlu/a.py", "x"), (NLU, "nlu:\n  - [\n"),
    (NLU, "nlu:\n\t- intent: x\n"), (NLU, "版" * 400_000),
], ids=["outside", "absolute", "config", "python", "broken", "tab", "too big"])  # fmt: skip
def test_what_can_be_no_file_of_the_folder_is_refused(
    root: Root, folder: TrainingFolder, wu: Viewer, path: str, text: str
) -> None:
    made = root.call(change_sets.create, wu, "乱来", NOW).id
    with pytest.raises(InvalidInput) as refused:
        root.call(change_sets.put_files, folder, wu, made, {path: text}, NOW)
    assert any("\u4e00" <= character <= "\u9fff" for character in refused.value.reader_text)
    assert root.call_reading(change_sets.overlay, made) == {}


def test_facts_for_training_and_publishing(root: Root, folder: TrainingFolder, wu: Viewer) -> None:
    change_set_id = draft(root, folder, wu)
    assert not root.call_reading(change_sets.is_applied, change_set_id)
    assert root.call_reading(change_sets.applied_since, NOW) == []
    with pytest.raises(NotFound):
        root.call_reading(change_sets.is_applied, 999)


def _responses(folder: TrainingFolder, domain: str):  # type: ignore[no-untyped-def]
    from bot.training.domain import read_domain

    return read_domain(folder.view({DOMAIN_PATH: domain})).responses


def test_two_edits_at_once_do_not_hide_a_clinical_file_from_the_review(
    root: Root, folder: TrainingFolder, wu: Viewer, he: Viewer
) -> None:
    made = root.call(change_sets.create, wu, "两边一起改", NOW).id
    clinical = root.call_reading(change_sets.prepare_files, folder, made, {DOMAIN_PATH: SAFER})
    ordinary = root.call_reading(change_sets.prepare, folder, made, ADDED)
    root.call(change_sets.keep, wu, made, clinical, NOW)
    root.call(change_sets.keep, wu, made, ordinary, NOW)
    laid = root.call_reading(change_sets.overlay, made)
    root.call(change_sets.propose, wu, made, "", laid, NOW)
    with pytest.raises(Forbidden):
        root.call(change_sets.review, folder, he, made, Deed.APPROVE, "", None, NOW)


def test_a_clinical_response_in_a_training_file_is_clinical_there_too(root: Root, folder: TrainingFolder, wu: Viewer) -> None:
    made = root.call(change_sets.create, wu, "绕一下", NOW).id
    text = SLEEP + 'responses:\n  utter_safety_stay:\n  - text: "没事的。"\n'
    root.call(change_sets.put_files, folder, wu, made, {NLU: text}, NOW)
    assert root.call_reading(change_sets.found, made).is_clinical
