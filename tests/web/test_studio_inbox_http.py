"""The inbox over HTTP: what is shown to whom, that nobody's words are seen without consent or unmasked, and what decisions do."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from ground import Gateway, MakeGateway
from inbox_ground import SURE, UNSURE, agreeing, collect, say, withdraw
from sqlalchemy import select
from sqlalchemy.orm import Session
from studio_ground import NLU, Trainer, training_folder
from worker_thread import Thread, finding

from bot.bootstrap import Root
from bot.db.tables import AuditEntry
from bot.domain.conversation import Understanding
from bot.domain.risk import RiskLevel
from bot.services import audit, change_sets, records, tracker_turns, visits
from bot.web.keys import ROOT

NAMED = "李师傅在深圳，电话13812345678，能帮我找他吗"
MASKED = "某甲师傅在某地，电话某号，能帮我找他吗"


@pytest.fixture
async def gateway(make_gateway: MakeGateway, tmp_path: Path) -> Gateway:
    found: Gateway = await make_gateway(TRAINING_DIR=str(training_folder(tmp_path / "training")))
    return found


@pytest.fixture
def root(gateway: Gateway) -> Root:
    return gateway.app[ROOT]


@pytest.fixture
def lin(gateway: Gateway) -> Trainer:
    return Trainer(gateway, "lin")


@pytest.fixture
def worker(root: Root) -> Thread:
    return agreeing(root)


async def only_group(trainer: Trainer, query: str = "") -> dict[str, Any]:
    (group,) = (await trainer.get(f"inbox{query}"))["groups"]
    return dict(group)


async def test_a_trainer_sees_masked_groups_and_their_messages(root: Root, worker: Thread, lin: Trainer) -> None:
    other = agreeing(root, "w2")
    first, second = say(worker, "手机在哪里修"), say(other, "哪儿能修手机")
    named = say(worker, NAMED, UNSURE)
    collect(root)
    shown = await lin.get("inbox")
    assert (shown["total_groups"], shown["total_messages"], shown["page"]) == (2, 3, 1)
    assert (shown["counts"]["fallback"], shown["counts"]["low_confidence"]) == (2, 1)
    assert shown["reasons"]["fallback"] == "没认出来"
    alike, alone = shown["groups"]
    assert (alike["size"], alike["open"], alike["reasons"]["fallback"]) == (2, 2, 2)
    item = alone["exemplar"]
    assert (item["message_id"], item["text"], item["intent"], item["state"]) == (named, MASKED, "union_service", "open")
    inside = await lin.get(f"inbox/groups/{alike['id']}")
    assert inside["total"] == 2
    assert {each["message_id"] for each in inside["items"]} == {first, second}


async def test_the_list_is_narrowed_by_reason_intent_state_and_person(root: Root, worker: Thread, lin: Trainer) -> None:
    say(worker, "手机在哪里修")
    unsure = say(worker, "社保转到哪里", UNSURE)
    collect(root)
    assert (await only_group(lin, "?reason=low_confidence"))["exemplar"]["message_id"] == unsure
    assert (await only_group(lin, "?intent=union_service"))["exemplar"]["message_id"] == unsure
    assert (await lin.get("inbox?state=done"))["groups"] == []
    assert (await lin.post("inbox/assign", message_ids=[unsure], to=lin.id)) == {"assigned": 1}
    mine = await only_group(lin, "?assigned=me")
    assert mine["exemplar"]["assigned_to"] == {"id": lin.id, "name": "lin老师"}
    assert (await only_group(lin, "?assigned=none"))["exemplar"]["message_id"] != unsure
    status, error = await lin.error("GET", "inbox?reason=moon")
    assert (status, error["code"]) == (400, "bad_field")


async def test_only_trainers_and_clinicians_come_in(gateway: Gateway) -> None:
    for role, status in (("counsellor", 403), ("supervisor", 403), ("admin", 403), ("clinician", 200)):
        assert (await Trainer(gateway, role, role).call("GET", "inbox")).status == status


async def test_a_consent_taken_back_hides_at_once_everywhere(root: Root, worker: Thread, lin: Trainer) -> None:
    message_id = say(worker, NAMED)
    collect(root)
    group = await only_group(lin)
    withdraw(root, worker.worker_id)
    assert (await lin.get("inbox"))["total_messages"] == 0
    for path in (f"inbox/groups/{group['id']}", f"messages/{message_id}", f"conversations/{worker.id}"):
        status, error = await lin.error("GET", path)
        assert (status, error["code"]) == (404, "not_found")
    for path, body in (
        ("inbox/decisions", {"message_ids": [message_id], "kind": "right"}),
        ("inbox/assign", {"message_ids": [message_id], "to": lin.id}),
        ("inbox/reopen", {"message_ids": [message_id]}),
        (f"messages/{message_id}/marks", {"verdict": "missed"}),
    ):
        assert (await lin.error("POST", path, **body))[0] == 404
    assert (await lin.error("PUT", f"messages/{message_id}/comment", comment="看看"))[0] == 404


async def test_erasure_leaves_nothing_to_read(root: Root, worker: Thread, lin: Trainer) -> None:
    message_id = say(worker, NAMED)
    collect(root)
    await lin.call("PUT", f"messages/{message_id}/comment", comment="李师傅是谁")
    root.call(records.erase, worker.worker_id, dt.datetime.now(dt.timezone.utc))
    assert (await lin.get("inbox?state=all"))["total_groups"] == 0
    assert (await lin.error("GET", f"messages/{message_id}"))[0] == 404


def _audited(session: Session) -> list[tuple[str, str, str, str]]:
    query = select(AuditEntry.actor, AuditEntry.action, AuditEntry.subject, AuditEntry.reason).order_by(AuditEntry.id)
    return [tuple(row) for row in session.execute(query)]  # type: ignore[misc]


async def test_every_look_is_audited_and_the_worker_can_see_who_opened_a_message(
    root: Root, worker: Thread, lin: Trainer
) -> None:
    message_id = say(worker, NAMED)
    collect(root)
    group = await only_group(lin)
    await lin.get(f"inbox/groups/{group['id']}")
    await lin.call("GET", f"conversations/{worker.id}")
    await lin.call("GET", f"messages/{message_id}")
    assert root.call_reading(_audited) == [
        ("lin", "inbox.looked", "inbox", "open all"),
        ("lin", "inbox.looked", "inbox", f"group {group['id']}"),
        ("lin", "conversation.opened", worker.id, "improvement"),
        ("lin", "message.opened", worker.id, f"message {message_id}"),
    ]
    assert root.call_reading(audit.first_broken) is None
    assert [(each.who, "改进" in each.why) for each in root.call_reading(visits.visits, worker.worker_id)] == [
        ("训练师", True)
    ] * 2


async def test_a_decision_on_a_group_teaches_equal_texts_once(root: Root, worker: Thread, lin: Trainer) -> None:
    say(worker, "躺下就想活没干完")
    say(agreeing(root, "w2"), "躺下就想活没干完")
    say(agreeing(root, "w3"), "躺下就想着活没干完")
    collect(root)
    group = await only_group(lin)
    decided = await lin.post("inbox/decisions", group_id=group["id"], kind="intent", intent="sleep_problem")
    assert (decided["decided"], decided["added"]) == (3, 2)
    text = root.call_reading(change_sets.overlay, decided["change_set_id"])[NLU]
    assert text.count("躺下就想活没干完") == 1
    assert text.count("躺下就想着活没干完") == 1
    again = await lin.post("inbox/decisions", group_id=group["id"], kind="intent", intent="sleep_problem")
    assert again == {"decided": 0, "change_set_id": None, "added": 0}
    done = await only_group(lin, "?state=done")
    assert (done["size"], done["open"], done["exemplar"]["decided_by"]) == (3, 0, "lin")
    assert done["exemplar"]["decision"]["intent"] == "sleep_problem"


async def test_a_message_is_taught_with_entities_in_the_text_as_corrected(root: Root, worker: Thread, lin: Trainer) -> None:
    message_id = say(worker, "老公阿福说我睡得晚")
    collect(root)
    corrected = "老公某人说我[睡]得晚"
    spans = [{"entity": "person", "start": 0, "end": 2}, {"entity": "person", "start": 2, "end": 4, "value": "某人甲"}]
    body = {"message_ids": [message_id], "kind": "intent", "intent": "sleep_problem", "text": corrected, "entities": spans}
    decided = await lin.post("inbox/decisions", **body)
    text = root.call_reading(change_sets.overlay, decided["change_set_id"])[NLU]
    assert "- [老公](person)[某人](person:某人甲)说我［睡］得晚\n" in text
    assert (await only_group(lin, "?state=done"))["exemplar"]["text"] == corrected
    again = await lin.post("inbox/decisions", **body)
    assert (again["decided"], again["added"], again["change_set_id"]) == (1, 0, decided["change_set_id"])


async def test_held_back_examples_are_not_trained_on(root: Root, worker: Thread, lin: Trainer) -> None:
    message_id = say(worker, "躺下就想活没干完")
    collect(root)
    body = {"message_ids": [message_id], "kind": "intent", "intent": "sleep_problem", "use": "held_back"}
    decided = await lin.post("inbox/decisions", **body)
    files = root.call_reading(change_sets.overlay, decided["change_set_id"])
    assert list(files) == ["tests/understanding/held_back.yml"]
    assert "躺下就想活没干完" in files["tests/understanding/held_back.yml"]


@pytest.mark.parametrize("use", ["train", "held_back"])
async def test_a_decision_taken_back_takes_its_examples_out_of_the_draft(
    root: Root, worker: Thread, lin: Trainer, use: str
) -> None:
    first, second = say(worker, "躺下就想活没干完"), say(worker, "手机在哪里修")
    collect(root)
    kept = await lin.post("inbox/decisions", message_ids=[first], kind="intent", intent="sleep_problem", use=use)
    body = {
        "message_ids": [second],
        "kind": "intent",
        "intent": "work_stress",
        "use": use,
        "change_set_id": kept["change_set_id"],
    }
    await lin.post("inbox/decisions", **body)
    assert await lin.post("inbox/reopen", message_ids=[second]) == {"reopened": 1, "taken_back": True}
    texts = "".join(text or "" for text in root.call_reading(change_sets.overlay, kept["change_set_id"]).values())
    assert "躺下就想活没干完" in texts
    assert "手机在哪里修" not in texts
    assert await lin.post("inbox/reopen", message_ids=[first]) == {"reopened": 1, "taken_back": True}
    assert root.call_reading(change_sets.overlay, kept["change_set_id"]) == {}


async def test_what_was_proposed_meanwhile_keeps_its_examples(root: Root, worker: Thread, lin: Trainer) -> None:
    message_id = say(worker, "躺下就想活没干完")
    collect(root)
    made = await lin.post("inbox/decisions", message_ids=[message_id], kind="intent", intent="sleep_problem")
    await lin.post(f"change-sets/{made['change_set_id']}/propose", note="")
    assert await lin.post("inbox/reopen", message_ids=[message_id]) == {"reopened": 1, "taken_back": False}
    assert root.call_reading(change_sets.overlay, made["change_set_id"])


async def test_right_and_dismissed_teach_nothing_and_can_be_taken_back(root: Root, worker: Thread, lin: Trainer) -> None:
    right, dismissed = say(worker, "手机在哪里修"), say(worker, "食堂的饭太难吃了")
    collect(root)
    assert await lin.post("inbox/decisions", message_ids=[right], kind="right") == {
        "decided": 1,
        "change_set_id": None,
        "added": 0,
    }
    assert (await lin.post("inbox/decisions", message_ids=[dismissed], kind="dismiss"))["decided"] == 1
    assert (await lin.get("inbox"))["total_messages"] == 0
    assert await lin.post("inbox/reopen", message_ids=[right, dismissed]) == {"reopened": 2, "taken_back": False}
    assert await lin.post("inbox/reopen", message_ids=[right, dismissed]) == {"reopened": 0, "taken_back": False}
    assert (await lin.get("inbox"))["total_messages"] == 2


async def test_a_decision_that_can_not_be_taught_decides_nothing(root: Root, worker: Thread, lin: Trainer) -> None:
    message_id = say(worker, "手机在哪里修")
    collect(root)
    for body, status, code in (
        ({"kind": "intent"}, 422, "incomplete"),
        ({"kind": "intent", "intent": "no_such_intent"}, 400, "bad_field"),
        ({"kind": "moon"}, 422, "incomplete"),
        (
            {"kind": "intent", "intent": "sleep_problem", "entities": [{"entity": "person", "start": 0, "end": 99}]},
            400,
            "bad_field",
        ),
        ({"kind": "intent", "intent": "sleep_problem", "entities": [{"entity": "person"}]}, 422, "incomplete"),
        ({"kind": "intent", "intent": "sleep_problem", "text": "  "}, 422, "incomplete"),
        ({"kind": "intent", "intent": "sleep_problem", "change_set_id": 999}, 404, "not_found"),
        ({"kind": "right", "group_id": 1}, 422, "incomplete"),
    ):
        found, error = await lin.error("POST", "inbox/decisions", **{"message_ids": [message_id], **body})
        assert (found, error["code"]) == (status, code), body
        assert error["message"]
    for ids in (["x"], [True], [-1], list(range(1, 1200)), "1"):
        assert (await lin.error("POST", "inbox/decisions", message_ids=ids, kind="right"))[0] in (400, 422)
    assert (await lin.error("POST", "inbox/decisions", message_ids=[999], kind="right"))[0] == 404
    assert (await lin.get("inbox"))["total_messages"] == 1


async def test_a_comment_and_a_mark_of_the_screen_stay_with_the_message(root: Root, worker: Thread, lin: Trainer) -> None:
    message_id = say(worker, "站在桥上吹风")
    collect(root)
    assert (await lin.call("PUT", f"messages/{message_id}/comment", comment=" 像是在说别的事 ")).status == 200
    assert (await only_group(lin))["exemplar"]["comment"] == "像是在说别的事"
    assert (await lin.error("PUT", f"messages/{message_id}/comment", comment="长" * 1001))[0] == 422
    assert (await lin.post(f"messages/{message_id}/marks", verdict="missed", expected="high"))["id"]
    assert (await lin.error("POST", f"messages/{message_id}/marks", verdict="moon"))[0] == 422
    assert (await lin.error("POST", f"messages/{message_id}/marks", verdict="missed"))[0] == 400


async def test_a_message_can_only_be_given_to_who_works_in_the_studio(
    root: Root, worker: Thread, lin: Trainer, gateway: Gateway
) -> None:
    message_id = say(worker, "手机在哪里修")
    collect(root)
    counsellor = Trainer(gateway, "wen", "counsellor")
    status, error = await lin.error("POST", "inbox/assign", message_ids=[message_id], to=counsellor.id)
    assert (status, error["fields"]) == (422, ["to"])
    group = await only_group(lin)
    assert await lin.post("inbox/assign", group_id=group["id"], to=lin.id) == {"assigned": 1}
    assert await lin.post("inbox/assign", group_id=group["id"], to=None) == {"assigned": 1}
    assert (await only_group(lin))["exemplar"]["assigned_to"] is None


async def test_a_message_in_full_says_what_came_near_and_what_the_screen_saw(root: Root, worker: Thread, lin: Trainer) -> None:
    message_id = say(worker, "张伟睡不着", UNSURE, risk=finding(RiskLevel.WATCH))
    collect(root)
    shown = await lin.get(f"messages/{message_id}")
    assert shown["item"]["text"] == "某甲睡不着"
    assert shown["conversation_id"] == worker.id
    assert [(each["intent"], each["confidence"]) for each in shown["ranking"]] == [
        ("union_service", 0.31),
        ("find_station", 0.05),
    ]
    assert shown["screen"]["level"] == "watch"
    assert all(each["nearest"] == [] for each in shown["ranking"])  # this folder teaches neither of them
    assert shown["screen"]["cues"] == [{"name": "wish", "words": "某甲"}]
    assert (shown["marks"], shown["entities"]) == ([], [])


async def test_no_message_of_a_sure_understanding_is_opened_by_its_number(root: Root, worker: Thread, lin: Trainer) -> None:
    message_id = say(worker, "天天加班到半夜", SURE)
    assert (await lin.error("GET", f"messages/{message_id}"))[0] == 404


async def test_turns_are_saved_as_a_story_of_the_draft(root: Root, worker: Thread, lin: Trainer) -> None:
    said = "张伟走了，我睡不着"
    message_id = say(worker, said, SURE)
    intent = {"name": "sleep_problem", "confidence": 0.9}
    user = {
        "event": "user", "text": said, "parse_data": {"text": said, "intent": intent, "entities": []}, "metadata": {"message_id": message_id},
        "timestamp": 1.0,
    }  # fmt: skip
    step = {"event": "action", "name": "utter_listen", "policy": "policy_1_MemoizationPolicy", "confidence": 1.0}
    root.call(tracker_turns.append, worker.id, [user, step, {"event": "bot", "text": "嗯，我听着。"}], {}, {})
    shown = await lin.get(f"conversations/{worker.id}")
    (turn,) = shown["turns"]
    assert (turn["turn"], turn["text"], turn["actions"][0]["policy"]) == (1, "某甲走了，我睡不着", "MemoizationPolicy")
    saved = await lin.post(f"conversations/{worker.id}/story", turns=[1], name="走了以后睡不着", kind="test")
    assert saved["path"] == "tests/dialogue/from_conversations.yml"
    kept = root.call_reading(change_sets.overlay, saved["change_set_id"])[saved["path"]]
    assert "某甲走了，我睡不着" in kept
    assert "张伟" not in kept
    story = await lin.post(f"conversations/{worker.id}/story", turns=[1], name="走了以后睡不着", kind="story")
    assert (story["path"], story["change_set_id"]) == ("data/stories/from_conversations.yml", saved["change_set_id"])
    for body in ({"turns": [7]}, {"turns": "1"}, {"kind": "moon"}, {"name": ""}, {"name": "走了以后睡不着"}):
        status, error = await lin.error(
            "POST", f"conversations/{worker.id}/story", **{"turns": [1], "name": "另一个", "kind": "story", **body}
        )
        assert status in (400, 422), body
        assert error["message"]


async def test_each_intent_comes_with_the_examples_nearest_to_the_message(root: Root, worker: Thread, lin: Trainer) -> None:
    understood = Understanding("work_stress", 0.31, runner_up="sleep_problem", runner_up_confidence=0.3)
    message_id = say(worker, "半夜三点又醒了", understood)
    collect(root)
    stress, sleep = (await lin.get(f"messages/{message_id}"))["ranking"]
    assert (stress["intent"], sleep["intent"]) == ("work_stress", "sleep_problem")
    nearest = sleep["nearest"][0]
    assert (nearest["text"], nearest["intent"], nearest["path"]) == ("凌晨三点又醒了", "sleep_problem", NLU)
    assert nearest["similarity"] > stress["nearest"][0]["similarity"]
