"""The worker's frames of a handoff over the real socket: waiting is told, a person comes and speaks, the end is rated."""

from __future__ import annotations

from typing import Any

from fakes import FakeRasa, turn_of
from ground import Gateway, handoff_desk
from sqlalchemy import select
from team_ground import account

from bot.bootstrap import make_root
from bot.db.handoff_tables import Handoff
from bot.dispatch import utc_now
from bot.domain.handoff import HandoffOutcome
from bot.services import handoffs
from bot.services.handoffs import Closing


async def wants_person(_body: dict[str, Any]) -> Any:
    return turn_of({"text": "我去叫"}, {"custom": {"kind": "handoff"}})


def case(gateway: Gateway) -> Handoff:
    return gateway.read(lambda session: session.scalars(select(Handoff)).one())


async def test_a_person_comes_speaks_and_goes_and_the_worker_rates_it(gateway: Gateway, rasa: FakeRasa) -> None:
    rasa.answer = wants_person
    page = await gateway.worker()
    await page.say("找真人", "e1")
    waiting = await page.wait_for("message", author="system")
    assert waiting["custom"]["kind"] == "waiting"
    assert waiting["buttons"][-1] == "取消等待"
    with make_root(gateway.settings) as console:  # what another process writes must show as well
        lin = account(console, "lin", shown_name="林老师")
        handoff_id, desk = case(gateway).id, handoff_desk()
        console.call(handoffs.accept, handoff_id, lin, utc_now(), desk)
        told = await page.wait_for("message", author="system")
        assert told["text"].startswith("现在是真人。")
        console.call(handoffs.say, handoff_id, lin, "c1", "你好，我在。", utc_now(), desk)
        said = await page.wait_for("message", author="counsellor")
        assert (said["text"], said["custom"]) == ("你好，我在。", {"kind": "counsellor", "name": "林老师"})
        asked = len(rasa.asked)
        await page.say("老师好", "e2")
        await page.wait_for("stored", external_id="e2")
        assert len(rasa.asked) == asked
        console.call(handoffs.close, handoff_id, lin, Closing(HandoffOutcome.TALKED), utc_now(), desk)
    while (await page.wait_for("message", author="system"))["custom"] != {
        "kind": "rating",
        "handoff_id": handoff_id,
        "faces": 0,
    }:
        continue
    await page.send(type="rate", external_id="r1", handoff_id=handoff_id, faces=3, text="好多了")
    assert await page.wait_for("rated") == {"type": "rated", "external_id": "r1", "handoff_id": handoff_id}
    assert (case(gateway).rating, case(gateway).rating_text) == (3, "好多了")


async def test_cannot_rate_what_is_not_ones_own_nor_with_other_faces(gateway: Gateway) -> None:
    page = await gateway.worker()
    for handoff_id, faces in ((1, 3), (2**31 - 1, 3), (1, 9)):
        await page.send(type="rate", external_id="r1", handoff_id=handoff_id, faces=faces)
        assert (await page.wait_for("error"))["external_id"] == "r1"
