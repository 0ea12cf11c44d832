"""A worker's page in a real browser: the sizes it is looked at in, how it is opened, and typing into it."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Browser, Page
from stack import ANSWER_SECONDS

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
PATIENCE = ANSWER_SECONDS * 1000


async def open_page(browser: Browser, url: str, size: dict[str, int], problems: list[str], **options: Any) -> Page:
    """A page whose errors, a blocked style or script among them, are noted in `problems`."""
    page = await browser.new_page(viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", **options)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    await page.goto(url)
    return page


async def say(page: Page, text: str) -> None:
    """Type and send."""
    box = page.get_by_role("textbox").last
    await box.fill(text)
    await box.press("Enter")
