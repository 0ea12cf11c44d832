"""Real Rasa behind the real gateway: what a worker types, what comes back, and what stands in the database."""

from __future__ import annotations

import uuid

from stack import Stack, WorkerPage

TURNS = (
    "最近天天加班到十一点，回家还跟老公吵，感觉撑不住",
    "差不多有三个月了",
    "他说我不顾家，可我也是为了这个家",
    "昨晚又为这个吵到一点多",
    "我就是想有个人听我说说",
    "委屈，真的很委屈",
    "谢谢你愿意听",
)


async def test_a_worker_is_heard_for_seven_turns_and_never_gets_the_same_reply_twice_running(stack: Stack) -> None:
    async with WorkerPage(stack) as page:
        last: set[str] = set()
        for text in TURNS:
            said = {frame["text"] for frame in await page.say(text)}
            assert said
            assert not said & last
            assert all(len(line) <= 90 for line in said)
            last = said


async def test_message_understanding_and_assessment_stand_in_the_database_and_the_text_does_not(stack: Stack) -> None:
    mark = f"暗号{uuid.uuid4().hex[:12]}"
    async with WorkerPage(stack) as page:
        await page.say(f"最近睡不着，{mark}")
    understood = stack.rows("SELECT intent, confidence, model FROM understandings ORDER BY message_id DESC LIMIT 1")
    assert understood[0][1] > 0
    assert understood[0][2].endswith(".tar.gz")
    assert stack.rows("SELECT count(*) FROM risk_assessments")[0][0] > 0
    assert stack.rows("SELECT count(*) FROM tracker_turns")[0][0] > 0
    for path in stack.folder.glob("xinyi.db*"):
        assert mark.encode() not in path.read_bytes()
    for path in stack.folder.glob("*.log"):
        assert mark not in path.read_text("utf-8", "replace"), path.name


async def test_explicit_words_get_the_fixed_reply_first_and_rasa_adds_no_second_one(stack: Stack) -> None:
    async with WorkerPage(stack) as page:
        await page.say("我不想活了，想自杀")
        authors = [frame["author"] for frame in page.shown if frame["author"] != "worker"]
        assert authors[0] == "safety"
        assert "safety" not in authors[authors.index("bot") :]
        lines = [row for frame in page.shown if frame["custom"] for row in frame["custom"].get("lines", [])]
        assert {"120", "110", "12356"} <= {row["number"] for row in lines}
        assert not any("12356" in frame["text"] for frame in page.shown if frame["author"] == "bot")
    newest = stack.rows("SELECT level, subject, reason FROM alerts ORDER BY id DESC LIMIT 1")[0]
    assert newest == ("high", "self", "risk")


async def test_asking_for_a_person_raises_one_alert(stack: Stack) -> None:
    count = "SELECT count(*) FROM alerts WHERE reason = 'asked_for_person'"
    before = stack.rows(count)[0][0]
    async with WorkerPage(stack) as page:
        await page.say("帮我转人工，我要找真人咨询师")
        await page.say("我说了要真人，转人工")
    assert stack.rows(count)[0][0] == before + 1


async def test_breathing_is_done_by_buttons_with_a_card_and_can_be_stopped_and_resumed(stack: Stack) -> None:
    async with WorkerPage(stack) as page:
        offered = await page.say("我想做个呼吸练习")
        with_buttons = [frame for frame in offered if frame["buttons"]]
        assert with_buttons
        await page.choose(with_buttons[-1]["id"], 0)
        card = [frame for frame in await page.replies() if frame["custom"]]
        assert card
        assert card[0]["custom"]["kind"] == "breathing"
        stopped = await page.say("先停一下")
        assert stopped
        again = await page.say("接着做刚才的呼吸练习")
        assert any(frame["buttons"] for frame in again) or any(frame["custom"] for frame in again)


async def test_erasure_takes_rasas_memory_too(stack: Stack) -> None:
    async with WorkerPage(stack) as page:
        await page.say("我想家了，三年没回去")
        before = stack.rows("SELECT count(*) FROM tracker_turns")[0][0]
        await page.erase()
    assert stack.rows("SELECT count(*) FROM tracker_turns")[0][0] < before
