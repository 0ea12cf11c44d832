"""The studio's calls about models over HTTP: who may, what is refused and how it is said, and a move from the wish to the live model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer, unused_port
from fakes import FakeScreen
from ground import Gateway, settings_for
from model_ground import FakeSlots, change_set, model, three_free_ports
from studio_ground import Trainer

from bot.bootstrap import make_root
from bot.services import slots
from bot.studio_jobs import log_file
from bot.web.app import make_app
from bot.web.keys import RASA, ROOT

THREAD = "a" * 32
CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "models", {}), ("GET", "jobs", {}), ("POST", "jobs", {"kind": "train"}), ("GET", "jobs/1", {}),
    ("POST", "jobs/1/cancel", {}), ("GET", f"models/{THREAD}/comparison", {}), ("POST", f"models/{THREAD}/publish", {"reason": ""}),
    ("POST", "rollback", {"reason": "x"}), ("GET", "publications/1", {}), ("POST", f"models/{THREAD}/draft", {}),
    ("POST", "draft/messages", {"thread": THREAD, "text": "你好"}), ("DELETE", "draft", {}),
    ("POST", "experiments", {"model_id": THREAD, "share": 10}), ("GET", "experiments/1", {}), ("POST", "experiments/1/end", {}),
]  # fmt: skip


class Place:
    """A gateway whose slots are stand-ins."""

    def __init__(self, gateway: Gateway, control: FakeSlots) -> None:
        self.gateway, self.control = gateway, control
        self.root = control.root
        self.lin, self.wang = Trainer(gateway, "lin"), Trainer(gateway, "wang")

    async def until(self, path: str, field: str, wanted: Any, method: str = "GET") -> dict[str, Any]:
        """Ask again until this field says so, as the page does."""
        while True:
            response = await self.lin.call(method, path)
            found: dict[str, Any] = await response.json()
            if found.get(field) == wanted:
                return found
            await asyncio.sleep(0.05)

    async def until_slots(self, *wanted: tuple[str, str]) -> None:
        """Wait for slots of these purposes and states."""
        while {(row.purpose, row.state) for row in self.root.call_reading(slots.listing)} != set(wanted):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@pytest.fixture
async def place(tmp_path: Path, database: Path) -> AsyncIterator[Place]:
    chosen = settings_for(tmp_path, PORT=str(unused_port()), RASA_PORT=str(three_free_ports()))
    root = make_root(chosen)
    control = FakeSlots(root)
    model(root, "made.tar.gz", age=9, trained_by=None)
    await control.start(0)
    screen = FakeScreen()
    app = make_app(chosen, root, screen, control)  # type: ignore[arg-type]
    server = TestServer(app, port=chosen.port)
    await server.start_server()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        gateway = Gateway(chosen, server, screen, http)
        yield Place(gateway, control)
        await control.close()
        await gateway.stop()
        gateway.close()


async def error_of(response: aiohttp.ClientResponse) -> tuple[int, str, str]:
    body = await response.json()
    message = str(body["error"]["message"])
    assert any("\u4e00" <= character <= "\u9fff" for character in message), message
    return response.status, str(body["error"]["code"]), message


@pytest.mark.parametrize("role", ["counsellor", "supervisor", "admin"])
async def test_only_those_who_teach_may(place: Place, role: str) -> None:
    other = Trainer(place.gateway, "other", role)
    for method, path, body in CALLS:
        assert (await error_of(await other.call(method, path, **body)))[:2] == (403, "forbidden"), path


async def test_nothing_is_served_without_a_session(place: Place) -> None:
    for method, path, body in CALLS:
        url, origin = place.gateway.url(f"/api/studio/{path}"), {"Origin": place.gateway.origin}
        async with place.gateway.http.request(method, url, json=body or None, headers=origin) as response:
            assert response.status == 401, path


async def test_a_model_goes_live_by_a_second_person_and_back_in_one_call(place: Place) -> None:
    new = model(place.root, "studio/new.tar.gz", trained_by="lin")
    worker = await place.gateway.worker()
    assert (await error_of(await place.lin.call("POST", f"models/{new}/publish")))[:2] == (403, "second_person")
    move = await place.wang.post(f"models/{new}/publish")
    assert (move["state"], move["published_by"], move["kind"]) == ("starting", "wang", "publish")
    assert (await error_of(await place.wang.call("POST", f"models/{new}/publish")))[:2] == (409, "busy")
    await worker.say("第一句", "w1")
    assert (await worker.wait_for("message", author="bot"))["text"] == "我是 made.tar.gz"
    done = await place.until(f"publications/{move['id']}", "state", "done")
    assert done["moved_at"] is not None
    await worker.say("第二句", "w2")
    assert (await worker.wait_for("message", author="bot"))["text"] == "我是 new.tar.gz"
    listed = await place.wang.get("models")
    assert (listed["live"], listed["publication"], listed["can_publish"]) == (new, None, True)
    async with place.gateway.http.get(place.gateway.url("/readyz")) as answer:
        assert (await answer.json())["model"] == "new.tar.gz"
    assert (await error_of(await place.wang.call("POST", "rollback", reason=" ")))[:2] == (422, "incomplete")
    back = await place.wang.post("rollback", reason="答得不对")
    await place.until(f"publications/{back['id']}", "state", "done")
    await worker.say("第三句", "w3")
    assert (await worker.wait_for("message", author="bot"))["text"] == "我是 made.tar.gz"


@pytest.mark.parametrize(
    ("fields", "word"),
    [({"verdict": "blocked"}, "安全"), ({"verdict": "unproven"}, "验证"), ({"verdict": "falls"}, "为什么")],
)
async def test_what_the_proof_forbids_is_refused_in_plain_words(place: Place, fields: dict[str, str], word: str) -> None:
    new = model(place.root, "studio/new.tar.gz", **fields)
    status, code, message = await error_of(await place.wang.call("POST", f"models/{new}/publish", reason=""))
    assert (status, code) == (409, "publish_refused")
    assert word in message


async def test_a_model_of_a_draft_waits_for_its_change_set(place: Place) -> None:
    new = model(place.root, "studio/new.tar.gz", change_set_id=change_set(place.root, "proposed"))
    assert "改动单" in (await error_of(await place.wang.call("POST", f"models/{new}/publish")))[2]
    shown = (await place.wang.get("models"))["models"][0]
    assert (shown["change_set"]["title"], shown["role"], shown["is_runnable"]) == ("改动", None, True)


async def test_without_a_process_manager_the_page_hears_why(place: Place) -> None:
    place.control.refusal = "发布要在 make run 下运行"
    new = model(place.root, "studio/new.tar.gz")
    listed = await place.wang.get("models")
    assert (listed["can_publish"], listed["why_not"]) == (False, "发布要在 make run 下运行")
    for path, body in {
        f"models/{new}/publish": {}, "rollback": {"reason": "x"}, f"models/{new}/draft": {},
        "experiments": {"model_id": new, "share": 5},
    }.items():  # fmt: skip
        assert (await error_of(await place.wang.call("POST", path, **body)))[2] == "发布要在 make run 下运行"


async def test_a_job_is_asked_for_shown_and_cancelled(place: Place) -> None:
    job = await place.lin.post("jobs", kind="train")
    assert (job["kind"], job["state"], job["requested_by"], job["progress"]) == ("train", "queued", "lin", 0.0)
    assert (await error_of(await place.wang.call("POST", "jobs", kind="train")))[:2] == (409, "busy")
    path = log_file(place.root.settings.var_dir, job["id"])
    path.parent.mkdir(parents=True)
    path.write_text("phase reading\nphase packing\n")
    shown = await place.lin.get(f"jobs/{job['id']}?after=1")
    assert (shown["log"], shown["log_end"]) == (["phase packing"], 2)
    assert (await place.wang.post(f"jobs/{job['id']}/cancel"))["state"] == "cancelled"
    assert (await error_of(await place.wang.call("POST", f"jobs/{job['id']}/cancel")))[0] == 409
    assert [each["id"] for each in (await place.lin.get("jobs"))["jobs"]] == [job["id"]]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("jobs", {"kind": "dance"}, 422),
        ("jobs", {"kind": "prove"}, 422),
        ("jobs", {"kind": "prove", "model_id": "../x"}, 404),
        ("jobs", {"kind": "train", "change_set_id": 99}, 404),
        ("jobs", {"kind": "train", "change_set_id": 2**70}, 404),
        ("jobs/999/cancel", {}, 404),
        (f"models/{THREAD}/publish", {}, 404),
        (f"models/{THREAD}/publish", {"reason": "长" * 501}, 422),
        (f"models/{THREAD}/draft", {}, 404),
        ("models/../x/publish", {}, 404),
        ("experiments", {"model_id": THREAD, "share": 80}, 422),
        ("experiments", {"model_id": 5, "share": 10}, 422),
        ("experiments/999/end", {}, 404),
        ("draft/messages", {"thread": "x", "text": "你好"}, 422),
        ("draft/messages", {"thread": THREAD, "text": 5}, 422),
        ("draft/messages", {"thread": THREAD, "text": "  "}, 400),
        ("draft/messages", {"thread": THREAD, "text": "你好"}, 404),
    ],
)
async def test_bad_calls_get_a_clear_word_and_change_nothing(
    place: Place, path: str, body: dict[str, Any], status: int
) -> None:
    assert (await error_of(await place.wang.call("POST", path, **body)))[0] == status
    assert (await place.wang.get("jobs"))["jobs"] == []
    assert (await place.wang.get("models"))["publications"] == []


async def test_an_unproven_model_has_no_comparison_yet(place: Place) -> None:
    new = model(place.root, "studio/new.tar.gz")
    assert "验证" in (await error_of(await place.wang.call("GET", f"models/{new}/comparison")))[2]
    assert (await error_of(await place.wang.call("GET", f"models/{THREAD}/comparison")))[0] == 404


async def test_the_same_text_goes_to_draft_and_live_model_side_by_side(place: Place) -> None:
    new = model(place.root, "studio/new.tar.gz")
    assert await place.lin.post(f"models/{new}/draft") == {"model_id": new, "state": "starting"}
    starting = await place.lin.call("POST", "draft/messages", thread=THREAD, text="你好")
    assert starting.status in (200, 409)
    await place.until(f"models/{new}/draft", "state", "ready", "POST")
    for rasa in place.control.rasas.values():
        rasa.asked.clear()
    both = await place.lin.post("draft/messages", thread=THREAD, text="/活着没意思")
    assert (both["draft"]["texts"], both["live"]["texts"]) == (["我是 new.tar.gz"], ["我是 made.tar.gz"])
    assert (both["draft"]["intent"], both["draft"]["level"], both["draft"]["error"]) == ("work_stress", "watch", None)
    asked = [place.control.rasas[slot].asked[-1] for slot in (1, 0)]
    assert [each["sender"] for each in asked] == [f"draft-{THREAD}", f"draft-live-{THREAD}"]
    assert {each["message"] for each in asked} == {"活着没意思"}
    assert {each["metadata"]["risk"]["level"] for each in asked} == {"watch"}
    other = model(place.root, "studio/other.tar.gz")
    assert "lin" in (await error_of(await place.wang.call("POST", f"models/{other}/draft")))[2]
    await place.control.rasas[1].stop()
    half = await place.lin.post("draft/messages", thread=THREAD, text="还在吗")
    assert (half["draft"]["texts"], bool(half["draft"]["error"])) == ([], True)
    assert half["live"]["texts"] == ["我是 made.tar.gz"]
    assert await (await place.lin.call("DELETE", "draft")).json() == {}
    await place.until_slots()


async def test_the_live_model_needs_no_draft(place: Place) -> None:
    live = (await place.lin.get("models"))["live"]
    assert "正在用" in (await error_of(await place.lin.call("POST", f"models/{live}/draft")))[2]


async def test_an_experiment_is_started_shown_and_ended(place: Place) -> None:
    new = model(place.root, "studio/new.tar.gz", trained_by="lin")
    assert (await error_of(await place.lin.call("POST", "experiments", model_id=new, share=10)))[:2] == (403, "second_person")
    found = await place.wang.post("experiments", model_id=new, share=50)
    assert [arm["arm"] for arm in found["arms"]] == ["control", "candidate"]
    assert (await error_of(await place.wang.call("POST", "experiments", model_id=new, share=10)))[:2] == (409, "busy")
    await place.until_slots(("live", "ready"), ("candidate", "ready"))
    while place.gateway.app[RASA].routes.candidate is None:  # noqa: ASYNC110 - it reads the rows once a second
        await asyncio.sleep(0.05)
    said = set()
    for number in range(8):
        worker = await place.gateway.worker()
        await worker.say("你好呀", f"w{number}")
        said.add((await worker.wait_for("message", author="bot"))["text"])
    assert said == {"我是 made.tar.gz", "我是 new.tar.gz"}
    table = await place.wang.get(f"experiments/{found['id']}")
    assert sum(arm["conversations"] for arm in table["arms"]) == sum(arm["messages"] for arm in table["arms"]) == 8
    assert all(arm["seconds_p50"] is not None and arm["fallback_share"] == 0.0 for arm in table["arms"])
    ended = await place.wang.post(f"experiments/{found['id']}/end")
    assert ended["ended_at"] is not None
    assert (await error_of(await place.wang.call("POST", f"experiments/{found['id']}/end")))[0] == 409
    assert (await place.wang.get("models"))["experiment"]["id"] == found["id"]


async def test_logs_carry_none_of_what_was_said_to_a_draft(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    new = model(place.root, "studio/new.tar.gz")
    caplog.set_level("DEBUG")
    await place.lin.post(f"models/{new}/draft")
    await place.until(f"models/{new}/draft", "state", "ready", "POST")
    await place.lin.post("draft/messages", thread=THREAD, text="这是只说给草稿听的话")
    assert "只说给草稿" not in caplog.text
    assert place.gateway.app[ROOT] is place.root
