"""A trainer's afternoon in real browsers: a misread message, a story, a conflict, training, the safety gate, publishing by a second person, back."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, Locator, Page, expect
from studio_afternoon import Afternoon, git_log, make_training_folder

from bench.supervised import Supervised

MISREAD = "站点把我账号冻了三天，一单都跑不了"
STORY = "账号被冻以后没听懂"
PATH = "data/stories/from_conversations.yml"
HARMED = ("data/nlu/disclose_self_harm.yml", "data/nlu/talk.yml")
JOB = 900_000  # milliseconds a training with its proof may take on a busy machine
SOON = 60_000


@pytest.fixture(scope="module")
def afternoon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Afternoon]:
    folder = tmp_path_factory.mktemp("studio")
    training = make_training_folder(folder / "training")
    with Supervised(folder, TRAINING_DIR=str(training)) as system:
        yield Afternoon(system, training)


@pytest.mark.browser
@pytest.mark.rasa
@pytest.mark.timeout(2400)
async def test_a_trainers_afternoon(afternoon: Afternoon, browser: Browser) -> None:
    await afternoon.wait_ready()
    problems: list[str] = []
    lin, chen, shen = (afternoon.sign_in(*who) for who in (("lin", "trainer"), ("chen", "trainer"), ("shen", "clinician")))
    await afternoon.talk("你好", MISREAD, "你没听懂我说的")
    page = await afternoon.open(browser, lin, "/inbox", problems)

    await _correct_the_misread_message(page)
    await _write_a_story(page)
    await _see_a_conflict_explained_and_fix_it(page)
    await _break_what_crisis_rests_on(page)
    blocked = await _train(page)
    await _is_blocked(blocked)
    await _take_the_harm_back(page)
    good = await _train(page)
    await expect(good.get_by_role("heading", name=re.compile("可以发布|有下降"))).to_be_visible(timeout=SOON)
    assert problems == []

    await _propose(page)
    second = await afternoon.open(browser, shen, "/change-sets", problems)
    await _review_and_apply(second)
    assert git_log(afternoon.training)[0].startswith("lin")
    await _may_not_publish_what_one_trained(page)

    before = (await afternoon.models(chen))["live"]
    publisher = await afternoon.open(browser, chen, "/models", problems)
    await _publish(publisher)
    listed = await afternoon.models(chen)
    assert listed["live"] != before
    said = await afternoon.talk(MISREAD)
    assert said[0]
    await _roll_back(publisher)
    assert (await afternoon.models(chen))["live"] == before
    assert problems == []


async def _correct_the_misread_message(page: Page) -> None:
    """The message stands in the inbox because the worker said that it was not understood; the trainer names its intent."""
    card = page.get_by_role("button", name=re.compile(MISREAD))
    for _ in range(40):  # the inbox is filled every twenty seconds
        if await card.count():
            break
        await page.reload()
        await page.wait_for_timeout(2000)
    await card.first.click()
    await expect(page.get_by_role("heading", name=re.compile("它应该是哪个意图"))).to_be_visible(timeout=SOON)
    await page.keyboard.press("/")
    search = page.get_by_role("dialog", name="它是什么意图")
    await search.get_by_role("combobox").fill("work_stress")
    await search.get_by_role("option").first.click()
    await expect(page.locator(".draft-now")).to_contain_text("1 个文件", timeout=SOON)


async def _write_a_story(page: Page) -> None:
    """The conversation around it becomes a story of the same change set."""
    await page.get_by_label("看过没有").select_option("done")
    await page.get_by_role("button", name=re.compile(MISREAD)).first.click()
    await page.get_by_role("link", name="看整段对话").click()
    await page.get_by_role("button", name="全选").click(timeout=SOON)
    await page.get_by_label("名字").fill(STORY)
    await page.get_by_role("button", name="存成故事").click()
    await expect(page.get_by_label("存好的内容")).to_contain_text(PATH, timeout=SOON)


async def _bot_step(page: Page) -> Locator:
    steps = page.get_by_role("combobox", name="心驿做什么")
    return steps.first


async def _see_a_conflict_explained_and_fix_it(page: Page) -> None:
    """Another action than the rule's: the check says which rule it contradicts; the old one makes it sound again."""
    await page.get_by_role("link", name="故事与规则").click()
    await page.get_by_placeholder("找名字或文件").fill(STORY)
    await page.get_by_role("button", name=re.compile(STORY)).click(timeout=SOON)
    field = await _bot_step(page)
    right = await field.input_value()
    await field.fill("action_say_goodbye")
    await field.press("Enter")
    complaint = page.locator(".step, .item").get_by_text(re.compile("规则")).first
    await expect(complaint).to_be_visible(timeout=SOON)
    await field.fill(right)
    await field.press("Enter")
    await expect(complaint).to_have_count(0, timeout=SOON)


async def _break_what_crisis_rests_on(page: Page) -> None:
    """On purpose: all but one sentence of somebody who wants to die become small talk."""
    await page.get_by_role("link", name="意图与例句").click()
    await page.get_by_role("button", name="disclose_self_harm", exact=True).click(timeout=SOON)
    await page.get_by_label("这一页全选").check(timeout=SOON)
    await page.get_by_role("list", name=re.compile("例句")).get_by_role("checkbox").first.uncheck()
    await page.get_by_label("移到哪个意图").select_option("chitchat")
    await page.get_by_role("button", name="移过去").click()
    await expect(page.locator(".draft-now")).to_contain_text("4 个文件", timeout=SOON)


async def _train(page: Page) -> Page:
    """Train with the change set laid over the folder, wait for the proof, open the comparison."""
    await page.get_by_role("link", name="模型").click()
    await page.get_by_role("button", name=re.compile("带上")).click(timeout=SOON)
    await expect(page.get_by_text("验证完了。")).to_be_visible(timeout=JOB)
    await page.locator("tbody tr").first.get_by_role("link").first.click()
    return page


async def _is_blocked(page: Page) -> None:
    await expect(page.get_by_label("为什么拦下").get_by_role("listitem").first).to_be_visible(timeout=SOON)
    await expect(page.get_by_role("button", name="发布", exact=True)).to_be_disabled()


async def _take_the_harm_back(page: Page) -> None:
    await page.locator(".draft-now").click()
    await page.get_by_role("button", name="打开这张改动单").click()
    for path in HARMED:
        change = page.get_by_role("region", name=path)
        await change.get_by_role("button", name="撤掉这个文件").click(timeout=SOON)
        await change.get_by_role("button", name="放弃").click()
        await expect(change).to_have_count(0, timeout=SOON)


async def _propose(page: Page) -> None:
    await page.locator(".draft-now").click()
    await page.get_by_role("button", name="打开这张改动单").click()
    await page.get_by_role("button", name="提交").click(timeout=SOON)
    await expect(page.get_by_text("等人审核").first).to_be_visible(timeout=SOON)


async def _review_and_apply(page: Page) -> None:
    await page.locator("table, ul").get_by_role("link").first.click()
    await page.get_by_role("button", name="通过").click(timeout=SOON)
    await page.get_by_role("button", name="写入训练目录").click(timeout=SOON)
    await expect(page.get_by_text("已写入").first).to_be_visible(timeout=SOON)


async def _may_not_publish_what_one_trained(page: Page) -> None:
    await page.get_by_role("link", name="模型").click()
    await page.locator("tbody tr").first.get_by_role("link").first.click()
    await expect(page.get_by_role("button", name="发布", exact=True)).to_be_disabled(timeout=SOON)


async def _publish(page: Page) -> None:
    await page.locator("tbody tr").first.get_by_role("link").first.click()
    await page.get_by_role("button", name="发布", exact=True).click(timeout=SOON)
    dialog = page.get_by_role("dialog", name="发布这个模型")
    await dialog.get_by_label(re.compile("理由")).fill("看过对比，可以接受")
    await dialog.get_by_role("button", name="发布").click()
    await expect(page.get_by_text("发布好了")).to_be_visible(timeout=JOB)


async def _roll_back(page: Page) -> None:
    await page.goto(page.url.split("#")[0] + "#/models")
    await page.get_by_role("button", name="退回上一个").click(timeout=SOON)
    dialog = page.get_by_role("dialog", name="退回上一个模型")
    await dialog.get_by_label(re.compile("理由")).fill("先退回去，明天再看")
    await dialog.get_by_role("button", name="退回").click()
    moves = page.get_by_role("region", name="发布记录").get_by_role("listitem")
    await expect(moves.filter(has_text="先退回去").filter(has_text="完成")).to_be_visible(timeout=JOB)
