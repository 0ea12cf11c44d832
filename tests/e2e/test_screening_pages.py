"""The page of screenings in a real browser: begun there, answered in the thread, looked at, compared, shared, deleted, printed."""

from __future__ import annotations

import re

import pytest
from browser_page import DESKTOP, PATIENCE, PHONE, open_page
from playwright.async_api import Browser, Locator, Page, expect
from stack import Stack

PHQ_4 = "情绪四题"


async def _opened(stack: Stack, browser: Browser, size: dict[str, int], problems: list[str], **options: str) -> Page:
    """A page whose notice is read, at the list of screenings."""
    page = await open_page(browser, stack.origin, size, problems, **options)
    await page.get_by_role("button", name="知道了，开始聊").click()
    await _tab(page, "测评")
    await expect(page.get_by_role("heading", name="测评")).to_be_focused()
    return page


async def _tab(page: Page, name: str) -> None:
    await page.get_by_role("navigation", name="看什么").get_by_role("button", name=name).click()


def _panel(page: Page) -> Locator:
    return page.get_by_role("region", name="测评", exact=True)


async def _press(page: Page, title: str) -> None:
    await page.get_by_role("group", name="可以直接选").get_by_role("button", name=title, exact=True).click(timeout=PATIENCE)


async def _answer(page: Page, items: int, title: str) -> None:
    """The same answer to each of so many questions."""
    for number in range(1, items + 1):
        await expect(page.get_by_role("log").get_by_text(re.compile(rf"{number}/{items}|第{number}题")).last).to_be_visible(
            timeout=PATIENCE
        )
        await _press(page, title)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_from_the_list_to_a_printed_course(stack: Stack, browser: Browser, size: dict[str, int]) -> None:
    problems: list[str] = []
    page = await _opened(stack, browser, size, problems)
    chart_asked: list[str] = []
    page.on("request", lambda request: chart_asked.append(request.url) if "trend_chart" in request.url else None)
    is_phone = size == PHONE

    await page.get_by_role("button", name=f"开始：{PHQ_4}").press("Enter")
    await expect(page.get_by_role("log").get_by_text(f"我想做“{PHQ_4}”")).to_be_visible()
    await expect(_panel(page)).to_be_visible(visible=not is_phone)
    await _press(page, "同意，开始")
    await _answer(page, 4, "好几天")
    await expect(
        page.get_by_role("log").get_by_role("img", name="情绪困扰：4 分（0 到 12 分），在“轻度”这一段")
    ).to_be_visible()

    if is_phone:
        await _tab(page, "测评")
    await page.get_by_role("button", name=f"看结果：{PHQ_4}").click()
    await expect(page.get_by_role("heading", name=PHQ_4)).to_be_focused()
    assert chart_asked == []  # one result is no course

    await _panel(page).get_by_role("button", name="再做一次").click()
    await _answer(page, 4, "几乎每天")
    if is_phone:
        await _tab(page, "测评")
        await page.get_by_role("button", name=f"看结果：{PHQ_4}").click()
    panel = _panel(page)
    await expect(panel.locator(".trend canvas")).to_be_visible()
    assert len(chart_asked) == 1
    await expect(panel.get_by_text("时间窗重叠", exact=True)).to_have_count(1)
    await expect(panel.get_by_text("时间窗重叠：这两次问的有一段是同样的日子")).to_be_visible()
    assert "恭喜" not in await panel.inner_text()
    assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"]

    await page.emulate_media(media="print")
    await expect(page.get_by_role("log")).to_be_hidden()
    await expect(panel.get_by_text(re.compile("打印。只说明做的时候的情况，不是诊断"))).to_be_visible()
    await expect(panel.get_by_role("button")).to_have_count(0)
    assert len(await page.pdf()) > 10_000
    await page.emulate_media(media="screen")

    await _share_and_delete(stack, page)
    assert problems == []


async def _share_and_delete(stack: Stack, page: Page) -> None:
    panel = _panel(page)
    finished = "SELECT {} FROM screenings WHERE worker_id = (SELECT worker_id FROM screenings ORDER BY started_at DESC LIMIT 1)"
    await panel.get_by_role("checkbox").first.check()
    await expect(panel.get_by_text("咨询师能看到这一次了")).to_be_visible()
    assert stack.rows(finished.format("count(shared_at)")) == [(1,)]
    await panel.get_by_role("checkbox").first.uncheck()
    await expect(panel.get_by_text("收回来了")).to_be_visible()
    assert stack.rows(finished.format("count(shared_at)")) == [(0,)]

    delete = panel.get_by_role("button", name=re.compile("^删掉")).first
    await delete.click()
    await expect(panel.get_by_role("button", name="先不删")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(panel.get_by_role("alertdialog")).to_have_count(0)
    await expect(delete).to_be_focused()
    await delete.press("Enter")
    await panel.get_by_role("button", name="删掉这一次").click()
    await expect(panel.get_by_text("删掉了。")).to_be_visible()
    assert stack.rows(finished.format("count(*)")) == [(1,)]
    await expect(panel.locator(".trend")).to_have_count(0)


async def test_a_run_left_in_the_thread_is_gone_on_with_from_the_page_by_keyboard_in_the_dark(
    stack: Stack, browser: Browser
) -> None:
    problems: list[str] = []
    page = await _opened(stack, browser, PHONE, problems, color_scheme="dark", reduced_motion="reduce")
    await page.get_by_role("button", name="开始：焦虑症状七题").click()
    await _press(page, "同意，开始")
    await _press(page, "好几天")
    await expect(page.get_by_role("log").get_by_text("不能够停止或控制担忧")).to_be_visible(timeout=PATIENCE)

    await _tab(page, "测评")
    await expect(_panel(page).get_by_text("做到 1/7 题")).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="接着做：焦虑症状七题")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(_panel(page)).to_have_count(0)
    await expect(page.get_by_role("log")).to_be_visible()

    await _tab(page, "测评")
    await page.get_by_role("button", name="接着做：焦虑症状七题").press("Enter")
    await expect(page.get_by_role("log").get_by_text("接着做“焦虑症状七题”")).to_be_visible()
    await expect(page.get_by_role("log").get_by_text("不能够停止或控制担忧")).to_have_count(2, timeout=PATIENCE)
    assert problems == []
