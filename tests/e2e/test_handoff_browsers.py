"""Real browsers on both sides: danger, accepted, talked, passed on to a second counsellor, closed with a follow-up, rated."""

from __future__ import annotations

import re

import pyotp
from browser_page import DESKTOP, PATIENCE, PHONE, open_page, say
from playwright.async_api import Browser, Locator, Page, expect
from stack import Stack

_DANGER = "我已经写好遗书了，药也买齐了，今晚就不活了"
_OWN_PASSWORD = "路灯下面的三把旧椅子没人坐"


def _account(stack: Stack, name: str, shown_name: str) -> str:
    """A counsellor made on the command line; gives the one-time password."""
    told = stack.run("-m", "bot", "accounts", "create", name, "--role", "counsellor", "--shown-name", shown_name)
    return re.search(r"one-time password: (\S+)", told)[1]


async def _console(stack: Stack, browser: Browser, name: str, once: str, problems: list[str]) -> Page:
    """The console of this account: first sign-in with second factor and a password of one's own."""
    page = await open_page(browser, f"{stack.origin}/console", DESKTOP, problems)
    await page.get_by_label("账号").fill(name)
    await page.get_by_label("密码").fill(once)
    await page.get_by_role("button", name="下一步").click()
    secret = (await page.locator(".secret").inner_text(timeout=PATIENCE)).replace(" ", "")
    await page.get_by_label("六位动态码").fill(pyotp.TOTP(secret).now())
    await page.get_by_role("button", name="进入").click()
    await page.get_by_label("一次性密码").fill(once)
    await page.get_by_label("新密码").fill(_OWN_PASSWORD)
    await page.get_by_label("再写一次").fill(_OWN_PASSWORD)
    await page.get_by_role("button", name="进入").click()
    switch = page.get_by_role("switch", name="接新个案")
    await expect(switch).to_be_enabled(timeout=PATIENCE)
    if not await switch.is_checked():
        await page.locator(".available .el-switch").click()
    await expect(switch).to_be_checked()
    problems.clear()  # until here it was refused: nobody was signed in, then the password was due
    return page


def _who(worker: Page) -> Locator:
    return worker.get_by_role("navigation", name="看什么").get_by_role("status")


async def _take(console: Page) -> None:
    """Takes the case that waits, pushed to this counsellor or not."""
    await console.get_by_role("listbox", name="个案").get_by_role("option").first.click()
    await console.get_by_role("article").get_by_role("button", name="接下").click()


async def _reply(console: Page, text: str) -> None:
    field = console.get_by_label("写给对方的话")
    await field.fill(text)
    await field.press("Enter")


async def _talk_both_ways(worker: Page, console: Page, name: str) -> None:
    """Each sees that the other writes, and then what they wrote."""
    log, thread = worker.get_by_role("log"), console.get_by_role("log", name="对话")
    await console.get_by_label("写给对方的话").press_sequentially("我在", delay=30)
    await expect(worker.get_by_text(f"{name}正在写")).to_be_visible()
    await _reply(console, f"我是{name}，我在这儿，不走。")
    await expect(log.locator(".by-counsellor").get_by_text(f"我是{name}，我在这儿，不走。")).to_be_visible()
    await expect(log.locator(".by-counsellor .voice").last).to_contain_text(name)
    await worker.get_by_label("想说的话").press_sequentially("嗯，", delay=30)
    await expect(thread.get_by_text("对方正在写")).to_be_visible()
    await say(worker, f"嗯，{name}，我先把药收起来")
    await expect(thread.get_by_text(f"嗯，{name}，我先把药收起来")).to_be_visible()
    await expect(thread.get_by_text("已读").last).to_be_visible()


async def _transfer(console: Page, to: str) -> None:
    await console.get_by_role("button", name="更多").click()
    await console.get_by_role("menuitem", name="转给别人").click()
    dialog = console.get_by_role("dialog", name="转给")
    await dialog.get_by_text(to).click()
    await dialog.get_by_label("为什么，接手要知道什么").fill("我下班了，药已经收起来，家人在路上")
    await dialog.get_by_role("button", name="转出").click()
    await expect(dialog).to_be_hidden()


async def _close_with_follow_up(console: Page) -> None:
    """What a case of danger asks for is named before it closes."""
    await console.get_by_role("article").get_by_role("button", name="结束").click()
    dialog = console.get_by_role("dialog", name="结束接待")
    await dialog.get_by_role("button", name="结束", exact=True).click()
    await expect(dialog.get_by_role("alert")).to_contain_text("还差几样")
    await dialog.get_by_role("group", name="结果").locator("label").first.click()
    await dialog.get_by_role("group", name="现在的等级").get_by_text("高危", exact=True).click()
    await dialog.get_by_label("小结").fill("药交给了家人，约好明天再聊")
    await dialog.get_by_role("button", name="结束", exact=True).click()
    await expect(dialog).to_be_hidden()


async def _rate(worker: Page) -> None:
    await worker.get_by_text("帮到我了").click()
    await worker.get_by_label("想多说两句也行").fill("说出来轻了一点")
    await worker.get_by_role("button", name="发给他们").click()
    await expect(worker.get_by_text("收到了，谢谢你告诉我们。")).to_be_visible()


async def test_from_danger_to_the_rating_in_real_browsers(stack: Stack, browser: Browser) -> None:
    problems: list[str] = []
    at_lin: list[str] = []
    at_zhou: list[str] = []
    lin = await _console(stack, browser, "lin", _account(stack, "lin", "林老师"), at_lin)
    worker = await open_page(browser, stack.origin, PHONE, problems)
    log = worker.get_by_role("log")
    await worker.get_by_role("button", name="知道了，开始聊").click()
    await expect(_who(worker)).to_have_text("小程序助手")

    await say(worker, _DANGER)
    await expect(log.locator(".by-safety").first).to_be_visible()
    waiting = log.get_by_role("region", name="在等真人")
    await expect(waiting.locator('a[href="tel:120"]')).to_be_visible()
    await expect(waiting.get_by_role("button", name="取消等待")).to_have_count(0)

    await expect(lin.get_by_role("listbox", name="个案").get_by_text("危急", exact=True)).to_be_visible()
    await _take(lin)
    await expect(_who(worker)).to_have_text("真人：林老师")
    await expect(log.locator(".change.is-human")).to_have_text("现在是真人")
    await expect(waiting).to_have_count(0)
    await _talk_both_ways(worker, lin, "林老师")

    zhou = await _console(stack, browser, "zhou", _account(stack, "zhou", "周老师"), at_zhou)
    await _transfer(lin, "周老师")
    await expect(_who(worker)).to_have_text("小程序助手")
    await expect(waiting).to_be_visible()
    await _take(zhou)
    await expect(_who(worker)).to_have_text("真人：周老师")
    await expect(zhou.get_by_role("log", name="对话").get_by_text("我先把药收起来")).to_be_visible()
    await _talk_both_ways(worker, zhou, "周老师")

    await _close_with_follow_up(zhou)
    await expect(_who(worker)).to_have_text("小程序助手")
    await expect(log.locator(".change").last).to_have_text("现在换回小程序助手")
    await _rate(worker)
    assert stack.rows("SELECT status, rating FROM handoffs WHERE rating IS NOT NULL") == [("closed", 3)]
    assert stack.rows("SELECT count(*) FROM follow_ups WHERE done_at IS NULL AND assigned_to = 'zhou'")[0][0] >= 1
    await zhou.get_by_role("link", name="待办").click()
    await expect(zhou.get_by_role("heading", name="待办")).to_be_visible()
    await expect(zhou.locator(".due-line").first).to_be_visible()

    await worker.get_by_role("button", name="菜单").click()
    await worker.get_by_text("谁看过我的记录").click()
    await expect(worker.locator(".visits").get_by_text("在接待你").first).to_be_visible()
    assert await worker.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert problems == []
    assert at_lin == []
    assert [line for line in at_zhou if "status of 422" not in line] == []  # the first try to close lacked something
