"""A questionnaire through the running stack: in free words across a restart of everything, and across kills of the gateway."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from stack import Stack, WorkerPage

from bot.channels.client import Bubble

pytestmark = pytest.mark.usefixtures("whole_again")

ITEMS = {
    "1": "做事时提不起劲或没有兴趣", "2": "感到心情低落、沮丧或绝望", "3": "入睡困难、睡不安稳或睡眠过多", "4": "感觉疲倦或没有活力", "5": "食欲不振或吃太多",
    "6": "觉得自己很糟，或觉得自己很失败，或让自己或家人失望", "7": "对事物专注有困难，例如阅读报纸或看电视时", "8": "动作或说话速度缓慢到别人已经觉察",
    "9": "有不如死掉或用某种方式伤害自己的念头", "F": "造成了多大的困难",
}  # fmt: skip
STORIES = (
    "说起这个，昨天线长又当着大家的面骂我，我站在那儿半天没说出话来，回宿舍翻来覆去",
    "对了，这个月夜班排得特别满，孩子放学都没人接，我跟他爸为这个吵了好几回",
)


def restart_all(stack: Stack) -> None:
    for name in stack.commands:
        stack.kill(name)
    stack.start()
    stack.wait_for(ready=True, rasa=True)


def asks(bubbles: list[Bubble], link_id: str) -> bool:
    """Whether the last bubble with buttons asks this item."""
    shown = [bubble for bubble in bubbles if bubble["buttons"]]
    return bool(shown) and ITEMS[link_id] in shown[-1]["text"]


async def run_of(page: WorkerPage) -> dict[str, Any]:
    return dict((await page.export())["screenings"][-1])


async def test_a_new_worker_finishes_a_phq9_in_free_words_with_digressions_a_correction_and_a_restart_of_everything(
    stack: Stack,
) -> None:
    async with WorkerPage(stack) as page:
        opened = await page.say("我想做个PHQ-9")
        assert any("同意，开始" in bubble["buttons"] for bubble in opened)
        assert asks(await page.say("同意"), "1")
        assert asks(await page.say("几乎每天都这样"), "2")
        told = await page.say(STORIES[0])
        assert asks(told, "2")
        assert len(told) > 1, "a story is heard before the question comes again"
        for words, following in (("一半以上吧", "3"), ("大半时间吧", "4"), ("有那么几天", "5")):
            assert asks(await page.say(words), following), words

    restart_all(stack)

    async with WorkerPage(stack, page.token) as again:
        assert asks(again.shown, "5")
        assert asks(await again.say("没有"), "6")
        assert asks(await again.say(STORIES[1]), "6")
        assert asks(await again.say("好几天吧"), "7")
        assert asks(await again.say("第2题改成好几天"), "7")
        assert asks(await again.say("一半以上的时间"), "8")
        assert asks(await again.say("完全没有"), "9")
        checked = await again.say("没有这种念头")
        assert "对，是这个" in checked[-1]["buttons"]
        await again.choose(checked[-1]["id"], checked[-1]["buttons"].index("对，是这个"))
        assert asks(await again.replies(), "F")
        told = await again.say("有点难")
        run = await run_of(again)
    assert run["answers"] == {"1": 3, "2": 1, "3": 2, "4": 1, "5": 0, "6": 1, "7": 2, "8": 0, "9": 0, "F": 1}
    assert (run["status"], run["result"]["scales"]["total"]["value"]) == ("finished", 10)
    assert run["result"]["scales"]["total"]["band"] == "moderate"
    assert any("10分" in bubble["text"] and "中度" in bubble["text"] for bubble in told)
    assert not any("抑郁症" in bubble["text"].replace("抑郁症状", "") for bubble in told)


class PressingPage(WorkerPage):
    """A page that presses a button under an id of its own choosing, and may press it again."""

    async def press(self, external_id: str, bubble: Bubble, title: str) -> None:
        frame = {"type": "choice", "message_id": bubble["id"], "index": bubble["buttons"].index(title)}
        await self._send({**frame, "external_id": external_id})

    async def stored(self, external_id: str) -> None:
        await self._in_time(self._frame("stored", external_id))


async def _at_once(_stack: Stack, _page: PressingPage, _external_id: str) -> None:
    """The gateway may or may not have read the frame."""


async def _when_committed(stack: Stack, _page: PressingPage, external_id: str) -> None:
    """The answer stands in the database; nobody has been told."""
    while not stack.rows(f"SELECT id FROM messages WHERE external_id = '{external_id}'"):
        pass


async def _when_stored(_stack: Stack, page: PressingPage, external_id: str) -> None:
    """The page knows that its answer is stored; the turn is not over."""
    await page.stored(external_id)


@pytest.mark.parametrize("moment", [_at_once, _when_committed, _when_stored])
async def test_a_gateway_killed_between_an_answer_and_the_next_question_loses_nothing_and_asks_nothing_twice(
    stack: Stack, moment: Callable[[Stack, PressingPage, str], Any]
) -> None:
    external_id = uuid.uuid4().hex
    async with PressingPage(stack) as page:
        opened = await page.say("我想做个PHQ-9")
        await page.choose(opened[-1]["id"], opened[-1]["buttons"].index("同意，开始"))
        first = (await page.replies())[-1]
        await page.press(external_id, first, "好几天")
        await moment(stack, page, external_id)
        stack.kill("gateway")
    stack.start("gateway")
    stack.wait_for(ready=True, rasa=True)

    async with PressingPage(stack, page.token) as again:
        await again.press(external_id, first, "好几天")  # what a page does with a press it has no word of
        await again.stored(external_id)
        await _until_asked(again, "2")
        assert (await run_of(again))["answers"] == {"1": 1}
        second = next(bubble for bubble in reversed(again.shown) if bubble["buttons"])
        await again.choose(second["id"], second["buttons"].index("几乎每天"))
        await _until_asked(again, "3")
        assert (await run_of(again))["answers"] == {"1": 1, "2": 3}
    async with WorkerPage(stack, page.token) as whole:
        asked = [sum(ITEMS[link_id] in bubble["text"] for bubble in whole.shown) for link_id in ("1", "2", "3")]
        assert asked == [1, 1, 1]
        in_order = sorted(whole.shown, key=lambda bubble: bubble["event"])  # a live bubble may overtake the replay
        own = [bubble["text"] for bubble in in_order if bubble["author"] == "worker"]
        assert own[-2:] == ["好几天", "几乎每天"]
        assert len(own) == 4


async def _until_asked(page: PressingPage, link_id: str) -> None:
    """Wait for this question; turns that the kill left may still come to their end."""
    while not asks(page.shown, link_id):
        await page._in_time(page._frame("message"))
