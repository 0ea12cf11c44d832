"""What is taught, as the trainers' page reads it: the folder, and the folder with a draft."""

from __future__ import annotations

from pathlib import Path

import pytest
from ground import NOW, Gateway, MakeGateway
from sqlalchemy.orm import Session
from studio_ground import COURTESY, DOMAIN_PATH, NLU, SLEEP, STORIES, Trainer, training_folder

from bot.db.studio_tables import Model, ServingSlot
from bot.domain.publication import LIVE


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


async def test_the_page_says_that_it_is_not_built_or_shows_itself_to_everybody(gateway: Gateway) -> None:
    async with gateway.http.get(gateway.url("/studio")) as response:
        assert response.status in (200, 503)
        assert response.content_type == "text/html"
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


async def test_intents_come_with_counts_and_where_they_are_used(wu: Trainer) -> None:
    found = await wu.get("intents")
    by_name = {each["name"]: each for each in found["intents"]}
    assert list(by_name) == ["sleep_problem", "work_stress", "disclose_self_harm"]
    assert (found["total_examples"], found["figures_of"]) == (8, None)
    sleep = by_name["sleep_problem"]
    assert (sleep["examples"], sleep["path"], sleep["f1"]) == (3, NLU, None)
    assert {(each["path"], each["kind"]) for each in sleep["used_in"]} == {
        ("data/stories/sleep.yml", "story"), ("tests/dialogue/sleep.yml", "test"),
    }  # fmt: skip


async def test_figures_of_the_live_model_stand_beside_the_intents(wu: Trainer, gateway: Gateway) -> None:
    figures = {"intents": {"sleep_problem": {"f1": 0.91, "precision": 0.9, "recall": 0.92}}}

    def publish(session: Session) -> str:
        model = Model(archive="studio/a.tar.gz", fingerprint="f", figures=figures, created_at=NOW)
        session.add(model)
        session.flush()
        session.add(ServingSlot(slot=1, model_id=model.id, purpose=LIVE, state="ready", changed_at=NOW))
        session.commit()
        return model.id

    model_id = wu.root.call(publish)
    found = await wu.get("intents")
    assert found["figures_of"] == model_id
    by_name = {each["name"]: (each["f1"], each["precision"], each["recall"]) for each in found["intents"]}
    assert (by_name["sleep_problem"], by_name["work_stress"]) == ((0.91, 0.9, 0.92), (None, None, None))


async def test_examples_come_as_they_stand_in_the_file_a_hundred_a_page(wu: Trainer) -> None:
    change_set_id = await wu.draft()
    more = [f"夜里醒了第{number}回" for number in range(120)]
    await wu.edit(change_set_id, "add_examples", intent="sleep_problem", examples=more)
    first = await wu.get(f"intents/sleep_problem/examples?change_set={change_set_id}")
    assert (len(first["examples"]), first["total"], first["page"]) == (100, 123, 1)
    assert first["examples"][0] == {"text": "晚上翻来覆去睡不着", "path": NLU, "line": 7}
    second = await wu.get(f"intents/sleep_problem/examples?change_set={change_set_id}&page=2")
    assert (len(second["examples"]), second["page"]) == (23, 2)
    found = await wu.get(f"intents/sleep_problem/examples?change_set={change_set_id}&q=第119回")
    assert [each["text"] for each in found["examples"]] == ["夜里醒了第119回"]
    assert (await wu.get("intents/sleep_problem/examples"))["total"] == 3


async def test_examples_are_found_by_word_and_by_meaning_in_the_draft_too(wu: Trainer) -> None:
    change_set_id = await wu.draft()
    await wu.edit(change_set_id, "add_examples", intent="sleep_problem", examples=["躺床上两个钟头还是醒着"])
    by_word = await wu.get(f"search?q=钟头&by=word&change_set={change_set_id}")
    assert [(each["text"], each["intent"], each["path"]) for each in by_word["hits"]] == [
        ("躺床上两个钟头还是醒着", "sleep_problem", NLU)
    ]
    assert (await wu.get("search?q=钟头&by=word"))["hits"] == []
    by_meaning = await wu.get("search?q=失眠&by=meaning")
    assert by_meaning["hits"][0]["intent"] == "sleep_problem"
    assert by_meaning["milliseconds"] >= 0


@pytest.mark.parametrize("query", ["q=", "q=%20", "q=a&by=smell", "q=" + "a" * 201])
async def test_a_search_for_nothing_is_refused(wu: Trainer, query: str) -> None:
    status, error = await wu.error("GET", f"search?{query}")
    assert (status, error["code"]) == (422, "incomplete")


async def test_neighbours_name_the_same_sentence_in_two_intents(wu: Trainer) -> None:
    change_set_id = await wu.draft()
    response = await wu.put(change_set_id, NLU, SLEEP + "    - 活太多了，干不完\n")
    assert response.status == 200
    found = await wu.get(f"neighbours?change_set={change_set_id}&kind=same_text")
    assert found["total"] == 1
    pair = found["pairs"][0]
    assert (pair["kind"], {pair["intent"], pair["other"]["intent"]}) == ("same_text", {"sleep_problem", "work_stress"})
    assert (await wu.get("neighbours?kind=same_text"))["total"] == 0


async def test_stories_and_names_to_choose_from(wu: Trainer) -> None:
    files = {each["path"]: each for each in (await wu.get("stories"))["files"]}
    assert {path: each["kind"] for path, each in files.items()} == {
        "data/stories/sleep.yml": "stories", "data/rules/safety.yml": "rules", "data/rules/courtesy.yml": "rules",
        "tests/dialogue/sleep.yml": "tests",
    }  # fmt: skip
    assert files["data/stories/sleep.yml"]["items"] == [{"name": "说睡不着", "line": 3, "steps": 2}]
    domain = await wu.get("domain")
    assert domain["responses"] == ["utter_listen", "utter_safety_stay"]
    assert domain["intents"] == ["sleep_problem", "work_stress", "disclose_self_harm"]


async def test_responses_come_with_hints_uses_and_review(wu: Trainer) -> None:
    change_set_id = await wu.draft()
    wordings = [
        {"text": "加油，一定会好的", "buttons": [{"title": "找真人聊", "payload": "/sleep_problem"}]},
        {"text": "我在。", "buttons": []},
    ]
    await wu.edit(change_set_id, "set_response", response="utter_listen", wordings=wordings)
    found = {each["name"]: each for each in (await wu.get(f"responses?change_set={change_set_id}"))["responses"]}
    listen = found["utter_listen"]
    assert (listen["is_reached"], listen["line"]) == (True, 10)
    assert [each["text"] for each in listen["wordings"]] == ["加油，一定会好的", "我在。"]
    first = listen["wordings"][0]
    assert (first["length"], first["buttons"]) == (8, [{"title": "找真人聊", "payload": "/sleep_problem"}])
    for word in ("口号", "承诺", "只有 2 种"):
        assert any(word in hint for hint in first["hints"]), word
    assert listen["review"]["state"] == "never"
    assert {each["path"] for each in listen["used_in"]} >= {"data/stories/sleep.yml", "data/rules/courtesy.yml"}
    assert found["utter_safety_stay"]["wordings"][0]["hints"] == []


async def test_a_clinician_reads_the_wordings_of_the_folder(wu: Trainer, gateway: Gateway, folder: Path) -> None:
    status, error = await wu.error("POST", "responses/utter_safety_stay/review")
    assert (status, error["code"]) == (403, "forbidden")
    xu = Trainer(gateway, "xu", "clinician")
    read = await xu.post("responses/utter_safety_stay/review")
    assert (read["review"]["state"], read["review"]["reviewed_by"]) == ("reviewed", "xu")
    domain = folder / DOMAIN_PATH
    domain.write_text(domain.read_text("utf-8").replace("先停在这一会儿。", "先停一停。"), "utf-8")
    found = {each["name"]: each["review"]["state"] for each in (await wu.get("responses"))["responses"]}
    assert found == {"utter_listen": "never", "utter_safety_stay": "changed"}
    status, error = await xu.error("POST", "responses/utter_none/review")
    assert (status, error["code"]) == (404, "not_found")


async def test_files_name_their_kind_and_what_only_a_clinician_approves(wu: Trainer, folder: Path) -> None:
    (folder / "content").mkdir()
    (folder / "content/canned_replies.yml").write_text("replies: []\n", "utf-8")
    files = {each["path"]: each for each in (await wu.get("files"))["files"]}
    assert files[NLU] == {"path": NLU, "kind": "nlu", "is_clinical": False, "size": len(SLEEP.encode()), "state": "same"}
    assert files["content/canned_replies.yml"]["is_clinical"]
    assert files["data/rules/safety.yml"]["is_clinical"]
    assert "config.yml" not in files


@pytest.mark.parametrize(
    "path", ["../trainer", "/etc/passwd", "config.yml", "data/nlu/../../config.yml", "", "data\\nlu\\a.yml"]
)
async def test_nothing_outside_is_read(wu: Trainer, path: str) -> None:
    status, error = await wu.error("GET", f"file?path={path}")
    assert (status, error["code"]) == (400, "bad_field")


async def test_a_link_out_of_the_folder_is_not_followed(wu: Trainer, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.yml").write_text("key: hidden\n", "utf-8")
    (folder / "data/nlu/link.yml").symlink_to(tmp_path / "secret.yml")
    status, _ = await wu.error("GET", "file?path=data/nlu/link.yml")
    assert status == 404
    assert "hidden" not in str(await wu.get("files"))


async def test_the_check_names_line_and_reason_and_what_contradicts(wu: Trainer) -> None:
    assert (await wu.get("check"))["is_sound"]
    change_set_id = await wu.draft()
    against = COURTESY + "- rule: 活太多又一条\n  steps:\n  - intent: work_stress\n  - action: utter_safety_stay\n"
    assert (await wu.put(change_set_id, "data/rules/courtesy.yml", against)).status == 200
    checked = await wu.get(f"check?change_set={change_set_id}")
    assert set(checked) == {"issues", "seconds", "is_sound", "is_whole"}
    assert not checked["is_sound"]
    issue = next(each for each in checked["issues"] if each["severity"] == "error")
    assert set(issue) == {"severity", "code", "path", "line", "column", "message", "related"}
    assert issue["path"] == "data/rules/courtesy.yml"
    assert issue["related"][0]["path"] == "data/rules/courtesy.yml"
    assert (await wu.get("check"))["is_sound"]


async def test_what_the_clinicians_check_refuses_is_an_issue_of_its_file(wu: Trainer) -> None:
    change_set_id = await wu.draft()
    assert (await wu.put(change_set_id, "content/safety_messages.yml", "version: 1\nsets: []\n")).status == 200
    checked = await wu.get(f"check?change_set={change_set_id}")
    found = [each for each in checked["issues"] if each["code"] == "content"]
    assert found
    assert all(each["path"].startswith("content/") and "临床内容" in each["message"] for each in found)


async def test_what_another_hand_broke_in_the_folder_is_an_issue_and_the_pages_still_open(wu: Trainer, folder: Path) -> None:
    (folder / "data/stories/sleep.yml").write_text(STORIES + "  - [\n", "utf-8")
    checked = await wu.get("check")
    assert "data/stories/sleep.yml" in {each["path"] for each in checked["issues"]}
    for path in ("intents", "stories", "domain", "responses", "files", "neighbours", "search?q=睡&by=word"):
        assert (await wu.call("GET", path)).status == 200, path


async def test_a_file_of_another_encoding_is_named(wu: Trainer, folder: Path) -> None:
    (folder / "data/nlu/latin.yml").write_bytes(b"nlu:\n- intent: \xe9\n")
    checked = await wu.get("check")
    assert "data/nlu/latin.yml" in {each["path"] for each in checked["issues"]}
    for path in ("intents", "file?path=data/nlu/latin.yml"):
        status, error = await wu.error("GET", path)
        assert (status, "data/nlu/latin.yml" in error["message"], "UTF-8" in error["message"]) == (400, True, True)
    assert (await wu.call("GET", "files")).status == 200


async def test_staff_to_assign_to_are_those_who_teach(wu: Trainer, gateway: Gateway) -> None:
    xu, lin = Trainer(gateway, "xu", "clinician"), Trainer(gateway, "lin", "counsellor")
    assert lin.id
    found = (await wu.get("staff"))["staff"]
    assert found == [
        {"id": wu.id, "name": "wu", "shown_name": "wu老师", "role": "trainer"},
        {"id": xu.id, "name": "xu", "shown_name": "xu老师", "role": "clinician"},
    ]
