"""The page of screenings over HTTP and its button over the socket: whose they are, what is refused, and how errors look."""

from __future__ import annotations

import re
from typing import Any

import pytest
from aiohttp import ClientResponse
from fakes import FakeRasa, Page
from ground import Gateway, MakeGateway

LIST = "/api/me/screenings"
NOBODYS = "0" * 32


class Worker:
    """A worker with a page and the calls of that page."""

    def __init__(self, gateway: Gateway, token: str, page: Page) -> None:
        self.gateway = gateway
        self.token = token
        self.page = page

    async def call(self, path: str, method: str = "GET", **headers: str) -> ClientResponse:
        chosen = {"Authorization": f"Bearer {self.token}", "Origin": self.gateway.origin, **headers}
        return await self.gateway.http.request(method, self.gateway.url(path), headers=chosen)

    async def json(self, path: str) -> Any:
        return await (await self.call(path)).json()

    async def begin(self, questionnaire: str, external_id: str) -> dict[str, Any]:
        """Press 开始; gives the bubble with the next buttons."""
        await self.page.send(type="screening", external_id=external_id, questionnaire=questionnaire)
        return await self.buttons()

    async def buttons(self) -> dict[str, Any]:
        while True:
            bubble = await self.page.wait_for("message", author="bot")
            if bubble["buttons"]:
                return bubble

    async def press(self, bubble: dict[str, Any], title: str) -> dict[str, Any]:
        index = bubble["buttons"].index(title)
        await self.page.send(type="choice", external_id=f"c{bubble['id']}", message_id=bubble["id"], index=index)
        return await self.buttons()

    async def fill_in_phq4(self) -> str:
        """A whole run; gives its id."""
        bubble = await self.press(await self.begin("phq-4", "b1"), "同意，开始")
        for _ in range(4):
            bubble = await self.press(bubble, "好几天")
        return str((await self.json(f"{LIST}/phq-4"))["runs"][-1]["run_id"])


async def _worker(gateway: Gateway) -> Worker:
    token = await gateway.token()
    return Worker(gateway, token, await gateway.worker(token))


@pytest.fixture
async def worker(gateway: Gateway) -> Worker:
    return await _worker(gateway)


async def _error(response: ClientResponse) -> str:
    body = await response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message"}
    assert re.search(r"[\u4e00-\u9fff]", body["error"]["message"])
    return str(body["error"]["code"])


async def test_a_run_begun_from_the_page_ends_as_a_result_on_it(worker: Worker) -> None:
    run_id = await worker.fill_in_phq4()
    (run,) = (await worker.json(f"{LIST}/phq-4"))["runs"]
    assert (run["scales"][0]["value"], run["scales"][0]["highest"], run["scales"][0]["label"]) == (4, 12, "轻度")
    listed = {each["id"]: each for each in (await worker.json(LIST))["screenings"]}
    assert listed["phq-4"]["last"]["run_id"] == run_id
    assert "asq" not in listed
    cards = [bubble["custom"]["kind"] for bubble in worker.page.messages("bot") if bubble["custom"]]
    assert cards == ["screening_result"]


async def test_the_button_is_heard_in_words_and_sent_again_it_is_one_message(worker: Worker, rasa: FakeRasa) -> None:
    for _ in range(2):
        await worker.page.send(type="screening", external_id="twice", questionnaire="phq-9")
        stored = await worker.page.wait_for("stored", external_id="twice")
    await worker.page.settle()
    own = worker.page.messages("worker")
    assert {bubble["text"] for bubble in own} == {"我想做“抑郁症状九题”"}
    assert {bubble["id"] for bubble in own} == {stored["id"]}
    assert (await worker.json(LIST))["screenings"][0]["waiting"]["of"] == 9
    assert all("screening" not in text for text in rasa.texts())


@pytest.mark.parametrize("questionnaire", ["who-5", "dass-21", "asq", "nothing", "", "/screening{}", "x" * 5000])
async def test_what_can_not_be_begun_is_refused_in_words_and_leaves_no_message(worker: Worker, questionnaire: str) -> None:
    await worker.page.send(type="screening", external_id="r1", questionnaire=questionnaire)
    refused = await worker.page.wait_for("error")
    assert (refused["code"], refused["external_id"]) == ("bad_field", "r1")
    assert "测评" in refused["message"]
    await worker.page.settle()
    assert worker.page.messages() == []


async def test_a_questionnaire_that_is_switched_on_can_be_begun(make_gateway: MakeGateway) -> None:
    worker = await _worker(await make_gateway(SCALES_ON="ucla-3:王医生:2026-11-01"))
    assert "同意，开始" in (await worker.begin("ucla-3", "u1"))["buttons"]


async def test_the_notice_comes_before_a_questionnaire(gateway: Gateway) -> None:
    page = await gateway.open()
    await page.hello(token=await gateway.token())
    await page.send(type="screening", external_id="n1", questionnaire="phq-4")
    assert (await page.wait_for("error"))["code"] == "consent_required"
    await page.send(type="consent", version="2026-11")
    await page.send(type="screening", external_id="n1", questionnaire="phq-4")
    await page.wait_for("stored", external_id="n1")


async def test_who_says_to_be_under_eighteen_gets_no_scale(worker: Worker) -> None:
    await worker.begin("phq-4", "m1")
    await worker.page.say("我今年十六岁", "m2")
    bubble = await worker.buttons()
    assert "12355" in bubble["text"]
    assert (await worker.json(LIST))["screenings"][0]["waiting"] is None


async def test_nobody_reads_or_changes_anything_without_a_session(gateway: Gateway) -> None:
    for method, path in (
        ("GET", LIST), ("GET", f"{LIST}/phq-4"), ("DELETE", f"{LIST}/{NOBODYS}"), ("POST", f"{LIST}/{NOBODYS}/share"),
        ("DELETE", f"{LIST}/{NOBODYS}/share"),
    ):  # fmt: skip
        for token in ("", "forged", await gateway.token()):  # the last: a session that never said a word
            headers = {"Authorization": f"Bearer {token}", "Origin": gateway.origin}
            async with gateway.http.request(method, gateway.url(path), headers=headers) as response:
                assert response.status == 401, (method, path)
                assert await _error(response) == "not_signed_in"


async def test_another_workers_run_is_not_found(worker: Worker) -> None:
    run_id = await worker.fill_in_phq4()
    other = await _worker(worker.gateway)
    for method, path in (("DELETE", run_id), ("POST", f"{run_id}/share"), ("DELETE", f"{run_id}/share")):
        response = await other.call(f"{LIST}/{path}", method)
        assert (response.status, await _error(response)) == (404, "not_found")
    assert (await worker.json(f"{LIST}/phq-4"))["runs"][0]["shared_at"] is None
    assert (await other.json(f"{LIST}/phq-4"))["runs"] == []


async def test_a_result_is_shared_withdrawn_and_deleted(worker: Worker) -> None:
    run_id = await worker.fill_in_phq4()
    assert (await worker.call(f"{LIST}/{run_id}/share", "POST")).status == 200
    assert (await worker.json(f"{LIST}/phq-4"))["runs"][0]["shared_at"]
    assert (await worker.call(f"{LIST}/{run_id}/share", "DELETE")).status == 200
    assert (await worker.json(f"{LIST}/phq-4"))["runs"][0]["shared_at"] is None
    assert (await worker.call(f"{LIST}/{run_id}", "DELETE")).status == 200
    assert (await worker.json(f"{LIST}/phq-4"))["runs"] == []
    again = await worker.call(f"{LIST}/{run_id}", "DELETE")
    assert (again.status, await _error(again)) == (404, "not_found")


async def test_cannot_change_anything_from_another_origin(worker: Worker) -> None:
    run_id = await worker.fill_in_phq4()
    for method, path in (("DELETE", run_id), ("POST", f"{run_id}/share")):
        response = await worker.call(f"{LIST}/{path}", method, Origin="https://evil.example")
        assert (response.status, await _error(response)) == (403, "wrong_origin")
    assert len((await worker.json(f"{LIST}/phq-4"))["runs"]) == 1


@pytest.mark.parametrize("path", ["who-5", "asq", "%00", "%2e%2e", "phq-4/", "x" * 3000, f"{NOBODYS}/share/more"])
async def test_what_is_not_there_is_a_plain_error(worker: Worker, path: str) -> None:
    for method in ("GET", "DELETE"):
        response = await worker.call(f"{LIST}/{path}", method)
        assert response.status in (404, 405), (method, path)
        await _error(response)


async def test_results_are_kept_by_no_cache(worker: Worker) -> None:
    for path in (LIST, f"{LIST}/phq-4"):
        assert (await worker.call(path)).headers["Cache-Control"] == "no-store"
