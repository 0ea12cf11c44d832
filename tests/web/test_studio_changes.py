"""Change sets over HTTP: from a draft to the folder, between two trainers, and with whatever is sent."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from ground import Gateway, MakeGateway
from studio_ground import COURTESY, DOMAIN, DOMAIN_PATH, NLU, SLEEP, STORIES, Trainer, git, make_repository, training_folder

from bot.web.auth import COOKIE

MINE, THEIRS = "    - 躺下就想活没干完\n", "    - 换了班次就睡不着\n"
OTHER_LINE = SLEEP.replace("晚上翻来覆去睡不着", "晚上翻来覆去就是睡不着")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return training_folder(tmp_path / "training")


@pytest.fixture
async def gateway(make_gateway: MakeGateway, folder: Path) -> Gateway:
    found: Gateway = await make_gateway(TRAINING_DIR=str(folder))
    return found


@pytest.fixture
def wu(gateway: Gateway) -> Trainer:
    return Trainer(gateway, "wu")


@pytest.fixture
def he(gateway: Gateway) -> Trainer:
    return Trainer(gateway, "he")


@pytest.fixture
def xu(gateway: Gateway) -> Trainer:
    return Trainer(gateway, "xu", "clinician")


async def proposed(author: Trainer, *examples: str) -> int:
    """A change set with these examples more for sleep, waiting for a second person."""
    change_set_id = await author.draft()
    await author.edit(change_set_id, "add_examples", intent="sleep_problem", examples=list(examples or ("躺下就想活没干完",)))
    await author.post(f"change-sets/{change_set_id}/propose", note="夜班的人常这么说")
    return change_set_id


async def reviewed(author: Trainer, second: Trainer, *examples: str) -> int:
    change_set_id = await proposed(author, *examples)
    await second.post(f"change-sets/{change_set_id}/review", verdict="approve", note="")
    return change_set_id


def read(folder: Path, path: str = NLU) -> str:
    return (folder / path).read_text("utf-8")


async def test_a_change_goes_from_a_draft_to_the_folder(wu: Trainer, he: Trainer, folder: Path) -> None:
    change_set_id = await wu.draft("  补几句   睡眠  ")
    edited = await wu.edit(change_set_id, "add_examples", intent="sleep_problem", examples=["躺下就想活没干完"])
    assert edited["files"] == [NLU]
    assert "1 句" in edited["summary"]
    shown = await wu.get(f"change-sets/{change_set_id}")
    assert set(shown) == {
        "id", "title", "author", "state", "is_clinical", "note", "created_at", "updated_at", "proposed_at", "reviewed_by", "reviewed_at",
        "review_note", "applied_by", "applied_at", "commit", "is_mine", "may", "files",
    }  # fmt: skip
    assert (shown["title"], shown["author"], shown["is_mine"]) == ("补几句 睡眠", "wu", True)
    assert shown["may"] == ["edit", "propose", "withdraw", "train"]
    assert shown["files"] == [
        {"path": NLU, "state": "changed", "added": 1, "removed": 0, "is_clinical": False, "has_conflict": False}
    ]  # fmt: skip
    assert read(folder) == SLEEP
    assert (await wu.post(f"change-sets/{change_set_id}/propose", note="夜班的人常这么说"))["state"] == "proposed"
    assert (await he.get(f"change-sets/{change_set_id}"))["may"] == ["review", "train"]
    approved = await he.post(f"change-sets/{change_set_id}/review", verdict="approve", note="好")
    assert (approved["state"], approved["reviewed_by"], approved["is_mine"]) == ("reviewed", "he", False)
    applied = await wu.post(f"change-sets/{change_set_id}/apply")
    assert (applied["state"], applied["applied_by"], applied["commit"], applied["may"]) == ("applied", "wu", None, [])
    assert read(folder) == SLEEP + MINE
    listed = await he.get("change-sets?state=applied")
    assert [each["id"] for each in listed["change_sets"]] == [change_set_id]
    assert "files" not in listed["change_sets"][0]
    assert (await he.get("change-sets?state=draft"))["change_sets"] == []


async def test_the_page_reads_the_folder_with_the_draft_laid_over_it(wu: Trainer) -> None:
    change_set_id = await wu.draft()
    await wu.edit(change_set_id, "add_examples", intent="sleep_problem", examples=["躺下就想活没干完"])
    plain, laid = await wu.get(f"file?path={NLU}"), await wu.get(f"file?path={NLU}&change_set={change_set_id}")
    assert (plain["text"], plain["base"]) == (SLEEP, SLEEP)
    assert (laid["text"], laid["base"]) == (SLEEP + MINE, SLEEP)
    assert plain["digest"] != laid["digest"]


async def test_the_commit_names_the_trainer_and_holds_nothing_else(wu: Trainer, he: Trainer, folder: Path) -> None:
    make_repository(folder)
    (folder / "data/stories/sleep.yml").write_text(STORIES + "# 别人改到一半\n", "utf-8")
    change_set_id = await reviewed(wu, he)
    applied = await he.post(f"change-sets/{change_set_id}/apply")
    assert git(folder, "rev-parse", "HEAD") == applied["commit"]
    name, mail, title = git(folder, "log", "-1", "--format=%an%n%ae%n%s").split("\n")
    assert (name, mail.split("@")[0], title) == ("wu老师", "wu", "补几句睡眠")
    assert git(folder, "show", "--name-only", "--format=", "HEAD") == NLU
    assert git(folder, "status", "--porcelain") == "M data/stories/sleep.yml"


async def test_cannot_review_ones_own(wu: Trainer) -> None:
    change_set_id = await proposed(wu)
    for verdict in ("approve", "return"):
        status, error = await wu.error("POST", f"change-sets/{change_set_id}/review", verdict=verdict, note="自己看过")
        assert (status, error["code"]) == (403, "second_person")
    assert (await wu.get(f"change-sets/{change_set_id}"))["state"] == "proposed"


async def test_cannot_touch_anothers_draft(wu: Trainer, he: Trainer) -> None:
    change_set_id = await wu.draft()
    body = {"edit": "add_examples", "intent": "sleep_problem", "examples": ["换了班次就睡不着"]}
    for path, fields in (("edits", body), ("propose", {"note": ""}), ("withdraw", {}), ("revert", {"path": NLU})):
        status, error = await he.error("POST", f"change-sets/{change_set_id}/{path}", **fields)
        assert (status, error["code"]) in ((403, "forbidden"), (404, "not_found")), path
    assert (await wu.get(f"change-sets/{change_set_id}"))["files"] == []


async def test_clinical_words_are_approved_by_a_clinician_alone(wu: Trainer, he: Trainer, xu: Trainer, folder: Path) -> None:
    change_set_id = await wu.draft("陪着的话")
    safer = ["我在，我们先缓一缓。", "我们一句一句说。", "先停在这一会儿。"]
    await wu.edit(
        change_set_id, "set_response", response="utter_safety_stay", wordings=[{"text": text, "buttons": []} for text in safer]
    )
    shown = await wu.post(f"change-sets/{change_set_id}/propose", note="")
    assert (shown["is_clinical"], shown["files"][0]["is_clinical"]) == (True, True)
    status, error = await he.error("POST", f"change-sets/{change_set_id}/review", verdict="approve", note="")
    assert (status, error["code"]) == (403, "forbidden")
    assert "临床审核" in error["message"]
    assert (await xu.post(f"change-sets/{change_set_id}/review", verdict="approve", note=""))["state"] == "reviewed"
    await wu.post(f"change-sets/{change_set_id}/apply")
    stands = {each["name"]: each["review"] for each in (await wu.get("responses"))["responses"]}
    assert (stands["utter_safety_stay"]["state"], stands["utter_safety_stay"]["reviewed_by"]) == ("reviewed", "xu")
    assert stands["utter_safety_stay"]["author"] == "wu"
    assert stands["utter_listen"] == {"state": "never", "author": None, "reviewed_by": None, "reviewed_at": None}
    assert "先缓一缓" in read(folder, DOMAIN_PATH)
    assert "# 失眠" in read(folder, DOMAIN_PATH)


async def test_two_trainers_at_different_lines_of_one_file_are_both_kept(wu: Trainer, he: Trainer, folder: Path) -> None:
    first = await reviewed(wu, he)
    second = await he.draft("改一句")
    assert (await he.put(second, NLU, OTHER_LINE)).status == 200
    await he.post(f"change-sets/{second}/propose", note="")
    await wu.post(f"change-sets/{second}/review", verdict="approve", note="")
    await wu.post(f"change-sets/{first}/apply")
    assert not (await he.get(f"change-sets/{second}"))["files"][0]["has_conflict"]
    await he.post(f"change-sets/{second}/apply")
    assert read(folder) == OTHER_LINE + MINE


async def test_two_trainers_at_the_same_line_get_three_ways_and_neither_is_overwritten(
    wu: Trainer, he: Trainer, folder: Path
) -> None:
    first, second = await reviewed(wu, he), await reviewed(he, wu, "换了班次就睡不着")
    await wu.post(f"change-sets/{first}/apply")
    status, error = await he.error("POST", f"change-sets/{second}/apply")
    assert (status, error["code"], error["path"]) == (409, "edited_meanwhile", NLU)
    assert (error["base"], error["ours"], error["theirs"]) == (SLEEP, SLEEP + THEIRS, SLEEP + MINE)
    assert "conflict" in {chunk["kind"] for chunk in error["chunks"]}
    shown = await he.get(f"change-sets/{second}")
    assert (shown["state"], shown["files"][0]["has_conflict"]) == ("reviewed", True)
    diff = await he.get(f"change-sets/{second}/diff?path={NLU}")
    assert (diff["base"], diff["text"], diff["current"]) == (SLEEP, SLEEP + THEIRS, SLEEP + MINE)
    resolved = await he.post(f"change-sets/{second}/resolve", path=NLU, text=SLEEP + MINE + THEIRS)
    assert (resolved["state"], resolved["files"][0]["has_conflict"], resolved["files"][0]["added"]) == ("draft", False, 1)
    assert read(folder) == SLEEP + MINE
    await he.post(f"change-sets/{second}/propose", note="")
    await wu.post(f"change-sets/{second}/review", verdict="approve", note="")
    await he.post(f"change-sets/{second}/apply")
    assert read(folder) == SLEEP + MINE + THEIRS


async def test_a_file_changed_in_an_editor_is_merged_or_shown(wu: Trainer, he: Trainer, folder: Path) -> None:
    change_set_id = await reviewed(wu, he)
    (folder / NLU).write_text(OTHER_LINE, "utf-8")
    await wu.post(f"change-sets/{change_set_id}/apply")
    assert read(folder) == OTHER_LINE + MINE
    gone = await reviewed(wu, he, "夜里醒三回")
    (folder / NLU).unlink()
    status, error = await wu.error("POST", f"change-sets/{gone}/apply")
    assert (status, error["code"], error["theirs"]) == (409, "edited_meanwhile", "")
    assert not (folder / NLU).exists()


async def test_what_merges_by_lines_but_not_by_sense_is_refused(wu: Trainer, he: Trainer, folder: Path) -> None:
    change_set_id = await wu.draft("改名")
    await wu.edit(change_set_id, "rename_intent", intent="work_stress", to="overwork")
    await wu.post(f"change-sets/{change_set_id}/propose", note="")
    await he.post(f"change-sets/{change_set_id}/review", verdict="approve", note="")
    other = STORIES + "- story: 干不完\n  steps:\n  - intent: work_stress\n  - action: utter_listen\n"
    (folder / "data/stories/other.yml").write_text(other, "utf-8")
    (folder / DOMAIN_PATH).write_text(DOMAIN.replace('- text: "我在。"', '- text: "我在听。"'), "utf-8")
    status, error = await wu.error("POST", f"change-sets/{change_set_id}/apply")
    assert (status, error["code"]) == (422, "incomplete")
    assert "other.yml" in error["message"]
    assert "overwork" not in read(folder, DOMAIN_PATH)
    assert (await wu.get(f"change-sets/{change_set_id}"))["state"] == "reviewed"


async def test_a_text_made_from_an_older_one_is_shown_three_ways(wu: Trainer, folder: Path) -> None:
    change_set_id = await wu.draft()
    opened = await wu.get(f"file?path={NLU}&change_set={change_set_id}")
    await wu.edit(change_set_id, "add_examples", intent="sleep_problem", examples=["躺下就想活没干完"])
    response = await wu.put(change_set_id, NLU, OTHER_LINE, digest=opened["digest"], was=opened["text"])
    error = (await response.json())["error"]
    assert (response.status, error["code"]) == (409, "edited_meanwhile")
    assert (error["base"], error["ours"], error["theirs"]) == (SLEEP, OTHER_LINE, SLEEP + MINE)
    assert {chunk["kind"] for chunk in error["chunks"]} == {"same", "ours", "theirs"}
    now = await wu.get(f"file?path={NLU}&change_set={change_set_id}")
    assert now["text"] == SLEEP + MINE
    assert (await wu.put(change_set_id, NLU, OTHER_LINE + MINE, digest=now["digest"])).status == 200


async def test_the_folder_that_moved_while_a_file_was_open_is_never_overwritten_unseen(wu: Trainer, folder: Path) -> None:
    change_set_id = await wu.draft()
    opened = await wu.get(f"file?path={NLU}&change_set={change_set_id}")
    (folder / NLU).write_text(SLEEP + THEIRS, "utf-8")
    response = await wu.put(change_set_id, NLU, OTHER_LINE, digest=opened["digest"])
    error = (await response.json())["error"]
    assert (response.status, error["code"], error["theirs"]) == (409, "edited_meanwhile", SLEEP + THEIRS)
    taken = [line for chunk in error["chunks"] if chunk["kind"] == "theirs" for line in chunk["theirs"]]
    assert taken == [THEIRS.rstrip("\n")]
    assert [chunk["ours"] for chunk in error["chunks"] if chunk["kind"] == "conflict"] == [["    - 晚上翻来覆去就是睡不着"]]


@pytest.mark.parametrize("text", ["nlu:\n- intent: a\n  examples: |\n   - x\n  - [\n", "a:\n\tb: 1\n", "- {a: 1\n"])
async def test_broken_yaml_is_refused_with_its_line_and_loses_nothing(wu: Trainer, text: str) -> None:
    change_set_id = await wu.draft()
    response = await wu.put(change_set_id, NLU, text)
    error = (await response.json())["error"]
    assert (response.status, error["code"], error["fields"]) == (422, "incomplete", ["text"])
    assert "行" in error["message"]
    assert (await wu.get(f"change-sets/{change_set_id}"))["files"] == []


async def test_cannot_propose_while_the_check_finds_errors(wu: Trainer) -> None:
    change_set_id = await wu.draft()
    story = STORIES.replace("intent: sleep_problem", "intent: no_such_intent")
    assert (await wu.put(change_set_id, "data/stories/sleep.yml", story)).status == 200
    checked = await wu.get(f"check?change_set={change_set_id}")
    assert not checked["is_sound"]
    status, error = await wu.error("POST", f"change-sets/{change_set_id}/propose", note="")
    assert (status, error["code"]) == (422, "incomplete")
    assert "data/stories/sleep.yml 第 5 行" in error["message"]
    assert (await wu.get(f"change-sets/{change_set_id}"))["state"] == "draft"
    status, error = await wu.error("POST", f"change-sets/{await wu.draft('空的')}/propose", note="")
    assert (status, "空" in error["message"]) == (422, True)


async def test_a_new_and_a_deleted_file_are_written_and_removed(wu: Trainer, he: Trainer, folder: Path) -> None:
    change_set_id = await wu.draft("分文件")
    added = COURTESY.replace("活太多", "又一条").replace("work_stress", "sleep_problem")
    assert (await wu.put(change_set_id, "data/rules/sleep.yml", added)).status == 200
    assert (await wu.put(change_set_id, "data/stories/sleep.yml", None)).status == 200
    states = {each["path"]: each["state"] for each in (await wu.get(f"files?change_set={change_set_id}"))["files"]}
    assert (states["data/rules/sleep.yml"], states["data/stories/sleep.yml"]) == ("new", "deleted")
    await wu.post(f"change-sets/{change_set_id}/propose", note="")
    await he.post(f"change-sets/{change_set_id}/review", verdict="approve", note="")
    await he.post(f"change-sets/{change_set_id}/apply")
    assert read(folder, "data/rules/sleep.yml") == added
    assert not (folder / "data/stories/sleep.yml").exists()


async def test_a_reverted_file_and_a_withdrawn_change_set_leave_the_folder_alone(wu: Trainer, folder: Path) -> None:
    change_set_id = await wu.draft()
    await wu.edit(change_set_id, "rename_intent", intent="sleep_problem", to="insomnia")
    paths = [each["path"] for each in (await wu.get(f"change-sets/{change_set_id}"))["files"]]
    assert set(paths) == {NLU, DOMAIN_PATH, "data/stories/sleep.yml", "tests/dialogue/sleep.yml"}
    for path in paths[1:]:
        shown = await wu.post(f"change-sets/{change_set_id}/revert", path=path)
    assert [each["path"] for each in shown["files"]] == paths[:1]
    status, error = await wu.error("POST", f"change-sets/{change_set_id}/revert", path=paths[-1])
    assert (status, error["code"]) == (404, "not_found")
    withdrawn = await wu.post(f"change-sets/{change_set_id}/withdraw")
    assert (withdrawn["state"], withdrawn["may"]) == ("withdrawn", [])
    status, error = await wu.error("POST", f"change-sets/{change_set_id}/propose", note="")
    assert (status, error["code"]) == (409, "illegal_transition")
    assert "收回" in error["message"]
    assert read(folder) == SLEEP


async def test_cannot_apply_what_nobody_reviewed_or_what_is_applied_already(wu: Trainer, he: Trainer) -> None:
    waiting = await proposed(wu)
    status, error = await he.error("POST", f"change-sets/{waiting}/apply")
    assert (status, error["code"]) == (409, "illegal_transition")
    await he.post(f"change-sets/{waiting}/review", verdict="approve", note="")
    await he.post(f"change-sets/{waiting}/apply")
    status, error = await wu.error("POST", f"change-sets/{waiting}/apply")
    assert (status, error["code"]) == (409, "illegal_transition")


async def test_twice_pressed_apply_writes_once(wu: Trainer, he: Trainer, folder: Path) -> None:
    make_repository(folder)
    change_set_id = await reviewed(wu, he)
    answers = await asyncio.gather(*(each.call("POST", f"change-sets/{change_set_id}/apply") for each in (wu, he, wu)))
    assert sorted(answer.status for answer in answers) == [200, 409, 409]
    assert read(folder) == SLEEP + MINE
    assert git(folder, "rev-list", "--count", "HEAD") == "2"


async def test_two_applies_at_once_come_one_after_the_other_and_both_are_kept(wu: Trainer, he: Trainer, folder: Path) -> None:
    first = await reviewed(wu, he)
    second = await he.draft("改一句")
    assert (await he.put(second, NLU, OTHER_LINE)).status == 200
    await he.post(f"change-sets/{second}/propose", note="")
    await wu.post(f"change-sets/{second}/review", verdict="approve", note="")
    answers = await asyncio.gather(*(wu.call("POST", f"change-sets/{each}/apply") for each in (first, second)))
    assert [answer.status for answer in answers] == [200, 200]
    assert read(folder) == OTHER_LINE + MINE


async def test_a_folder_that_refuses_changes_nothing(wu: Trainer, he: Trainer, folder: Path) -> None:
    change_set_id = await wu.draft("分文件")
    await wu.edit(change_set_id, "add_examples", intent="sleep_problem", examples=["躺下就想活没干完"])
    added = COURTESY.replace("活太多", "又一条").replace("work_stress", "sleep_problem")
    assert (await wu.put(change_set_id, "data/rules/night/sleep.yml", added)).status == 200
    await wu.post(f"change-sets/{change_set_id}/propose", note="")
    await he.post(f"change-sets/{change_set_id}/review", verdict="approve", note="")
    (folder / "data/rules/night").write_text("a file stands where the folder would be", "utf-8")
    status, error = await wu.error("POST", f"change-sets/{change_set_id}/apply")
    assert (status, error["code"]) == (503, "storage")
    assert "什么都没有改" in error["message"]
    assert read(folder) == SLEEP
    shown = await wu.get(f"change-sets/{change_set_id}")
    assert (shown["state"], shown["applied_by"]) == ("reviewed", None)
    (folder / "data/rules/night").unlink()
    await wu.post(f"change-sets/{change_set_id}/apply")
    assert (read(folder), read(folder, "data/rules/night/sleep.yml")) == (SLEEP + MINE, added)


async def test_five_megabytes_are_refused_with_a_plain_word(wu: Trainer) -> None:
    change_set_id = await wu.draft()
    examples = ["夜里睡不着" * 20 + str(number) for number in range(16_000)]
    body = {"edit": "add_examples", "intent": "sleep_problem", "examples": examples}
    status, error = await wu.error("POST", f"change-sets/{change_set_id}/edits", **body)
    assert (status, error["code"]) == (413, "too_large")
    assert "2 MB" in error["message"]
    assert (await wu.get(f"change-sets/{change_set_id}"))["files"] == []


async def test_more_than_two_megabytes_without_a_length_are_refused_too(wu: Trainer, gateway: Gateway) -> None:
    async def parts() -> Any:
        for _ in range(36):
            yield b'{"a":"' + b"x" * 65_536

    change_set_id = await wu.draft()
    url = gateway.url(f"/api/studio/change-sets/{change_set_id}/edits")
    headers = {"Origin": gateway.origin, "Cookie": f"{COOKIE}={wu.token}"}
    async with gateway.http.post(url, headers=headers, data=parts()) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (413, "too_large")


BAD_BODIES: list[tuple[str, str, dict[str, Any]]] = [
    ("PUT", "file", {"path": "../../etc/passwd", "text": "a: 1\n", "digest": ""}),
    ("PUT", "file", {"path": "config.yml", "text": "a: 1\n", "digest": ""}),
    ("PUT", "file", {"path": NLU, "text": ["a"], "digest": ""}),
    ("PUT", "file", {"path": NLU, "text": "a: \ud83d\n", "digest": ""}),
    ("PUT", "file", {"path": NLU, "text": "a: \x00\n", "digest": ""}),
    ("PUT", "file", {"path": 7, "text": "a: 1\n", "digest": ""}),
    ("POST", "edits", {"edit": "burn_down"}),
    ("POST", "edits", {"edit": ["add_examples"]}),
    ("POST", "edits", {"edit": "add_examples", "intent": "sleep_problem", "examples": ["\ud83d"]}),
    ("POST", "edits", {"edit": "add_examples", "intent": "sleep_problem", "examples": [7]}),
    ("POST", "edits", {"edit": "add_intent", "intent": "空 格", "examples": ["一句"]}),
    ("POST", "edits", {"edit": "add_intent", "intent": "../x", "examples": ["一句"]}),
    ("POST", "edits", {"edit": "delete_intent", "intent": "sleep_problem"}),
    ("POST", "edits", {"edit": "set_response", "response": "utter_listen", "wordings": [{"text": ""}]}),
    ("POST", "review", {"verdict": "maybe"}),
    ("POST", "review", {"verdict": "return", "note": "改", "updated_at": "gestern"}),
    ("POST", "propose", {"note": "长" * 501}),
    ("POST", "propose", {"note": ["x"]}),
    ("POST", "resolve", {"path": NLU, "text": "a: 1\n"}),
    ("POST", "revert", {"path": "data/nlu/none.yml"}),
]


@pytest.mark.parametrize(
    ("method", "path", "body"), BAD_BODIES, ids=[f"{path}-{number}" for number, (_, path, _) in enumerate(BAD_BODIES)]
)
async def test_whatever_is_wrong_is_refused_in_chinese_and_changes_nothing(
    wu: Trainer, method: str, path: str, body: dict[str, Any]
) -> None:
    change_set_id = await wu.draft()
    status, error = await wu.error(method, f"change-sets/{change_set_id}/{path}", **body)
    assert 400 <= status < 500, error
    assert any("\u4e00" <= character <= "\u9fff" for character in error["message"]), error
    assert "http_" not in error["code"]
    assert (await wu.get(f"change-sets/{change_set_id}"))["files"] == []


@pytest.mark.parametrize("raw", [b"", b"[]", b"null", b"{", b"\xff\xfe", b"[" * 5000])
async def test_what_is_no_object_is_refused(gateway: Gateway, wu: Trainer, raw: bytes) -> None:
    change_set_id = await wu.draft()
    headers = {"Origin": gateway.origin, "Cookie": f"{COOKIE}={wu.token}"}
    for method, path in (("POST", "edits"), ("PUT", "file"), ("POST", "propose"), ("POST", "resolve")):
        url = gateway.url(f"/api/studio/change-sets/{change_set_id}/{path}")
        async with gateway.http.request(method, url, headers=headers, data=raw) as response:
            assert (response.status, json.loads(await response.text())["error"]["code"]) == (400, "bad_field"), path


async def test_what_is_not_there_is_not_found(wu: Trainer) -> None:
    for path in ("change-sets/999999", "change-sets/999999/diff?path=domain.yml", "file?path=data/nlu/none.yml", "intents/none/examples",
                 "files?change_set=999999", "files?change_set=drei", "check?change_set=-1"):  # fmt: skip
        status, error = await wu.error("GET", path)
        assert (status, error["code"]) == (404, "not_found"), path


ROUTES = [
    ("GET", "staff"), ("GET", "intents"), ("GET", "intents/sleep_problem/examples"), ("GET", "search?q=a"), ("GET", "neighbours"),
    ("GET", "stories"), ("GET", "domain"), ("GET", "responses"), ("GET", "files"), ("GET", f"file?path={NLU}"), ("GET", "check"),
    ("GET", "change-sets"), ("POST", "change-sets"), ("GET", "change-sets/1"), ("GET", f"change-sets/1/diff?path={NLU}"),
    ("PUT", "change-sets/1/file"), ("POST", "responses/utter_listen/review"),
    *(("POST", f"change-sets/1/{deed}") for deed in ("edits", "resolve", "revert", "propose", "review", "apply", "withdraw")),
]  # fmt: skip


@pytest.mark.parametrize("role", ["counsellor", "supervisor", "admin"])
async def test_nobody_else_gets_anything(gateway: Gateway, role: str) -> None:
    lin = Trainer(gateway, "lin", role)
    for method, path in ROUTES:
        status, error = await lin.error(method, path)
        assert (status, error["code"]) == (403, "forbidden"), path


async def test_without_a_session_nothing_is_served(wu: Trainer) -> None:
    wu.token = "forged"
    for method, path in ROUTES:
        status, error = await wu.error(method, path)
        assert (status, error["code"]) == (401, "not_signed_in"), path
