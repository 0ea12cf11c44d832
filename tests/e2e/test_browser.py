"""A real browser: a worker's page at phone and desktop width, and the widget on a site of another origin."""

from __future__ import annotations

import asyncio
import http.server
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from browser_page import DESKTOP, PATIENCE, PHONE, open_page, say
from playwright.async_api import Browser, Frame, Page, expect
from stack import HOST_SITE_PORT, Stack


@pytest.fixture
def host_site(tmp_path: Path, stack: Stack) -> Iterator[str]:
    """A site of somebody else's (localhost, another port) with our one script tag."""
    page = f'<!doctype html><title>企业内网</title><h1>内网</h1><xinyi-widget></xinyi-widget><script src="{stack.origin}/widget.js" defer></script>'
    (tmp_path / "index.html").write_text(page, "utf-8")
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", HOST_SITE_PORT), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{HOST_SITE_PORT}/"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_a_worker_reads_the_notice_talks_reloads_and_finds_the_thread_again(
    stack: Stack, browser: Browser, size: dict[str, int]
) -> None:
    problems: list[str] = []
    page = await open_page(browser, stack.origin, size, problems)
    await expect(page.get_by_text("我是程序").first).to_be_visible()
    await page.get_by_role("button", name="知道了，开始聊").click()
    before = stack.rows("SELECT coalesce(max(id), 0) FROM messages")[0][0]
    await say(page, "领导天天针对我，好委屈")
    log = page.get_by_role("log")
    await expect(log.get_by_text("领导天天针对我，好委屈")).to_be_visible()
    bubbles = await _bot_bubbles(stack, before)
    await expect(log.get_by_text(bubbles[0])).to_be_visible(timeout=PATIENCE)
    await page.reload()
    await expect(page.get_by_role("log").get_by_text(bubbles[0])).to_be_visible(timeout=PATIENCE)
    kept = await page.evaluate("JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])")
    assert "委屈" not in kept
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= size["width"]
    assert problems == []


async def test_the_emergency_numbers_open_also_when_the_server_is_away(stack: Stack, browser: Browser) -> None:
    problems: list[str] = []
    page = await open_page(browser, stack.origin, PHONE, problems)
    await page.context.set_offline(True)
    await page.get_by_role("button", name="紧急求助").first.click()
    for number in ("120", "110", "12356"):
        assert await page.locator(f'a[href="tel:{number}"]:visible').count() >= 1


async def test_the_widget_on_another_site_talks_and_the_host_page_sees_no_text(
    stack: Stack, browser: Browser, host_site: str
) -> None:
    problems: list[str] = []
    page = await open_page(browser, host_site, DESKTOP, problems)
    frame = await _open_widget(page, stack)
    await frame.get_by_role("button", name="知道了，开始聊").click(timeout=PATIENCE)
    box = frame.get_by_role("textbox").last
    await box.fill("一个人在外面，想家了")
    await box.press("Enter")
    await expect(frame.get_by_role("log").get_by_text("一个人在外面，想家了")).to_be_visible()
    before = stack.rows("SELECT count(*) FROM messages WHERE author = 'bot'")
    assert before
    assert "想家" not in await page.content()
    assert await page.context.cookies(stack.origin) == []


async def test_a_site_that_is_not_named_may_not_show_the_frame(stack: Stack, browser: Browser, host_site: str) -> None:
    """EMBED_ORIGINS names http://localhost; the same page under 127.0.0.1 is somebody else."""
    page = await browser.new_page()
    blocked = asyncio.Event()
    page.on("console", lambda line: blocked.set() if "frame-ancestors" in line.text else None)
    await page.goto(host_site.replace("localhost", "127.0.0.1"))
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await asyncio.wait_for(blocked.wait(), 15)


async def _open_widget(page: Page, stack: Stack) -> Frame:
    """Open the widget by keyboard: its shadow root is closed to the host page, and so to a locator."""
    async with page.expect_event("frameattached"):
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
    found = page.frames[-1]
    await found.wait_for_url(f"{stack.origin}/embed*")
    return found


async def _bot_bubbles(stack: Stack, before: int) -> list[str]:
    """The bubbles the bot made after message number `before`, opened with the ring of this stack."""
    import os

    from bot.bootstrap import make_root
    from bot.db.tables import Message
    from bot.settings import read_settings

    def read(session: object) -> list[str]:
        from sqlalchemy import select

        query = select(Message.text).where(Message.author == "bot", Message.id > before).order_by(Message.id)
        return list(session.scalars(query))  # type: ignore[attr-defined]

    environ = {name: value for name, value in stack.environ.items() if name not in os.environ or name in ("VAR_DIR",)}
    with make_root(read_settings(environ)) as root:
        for _ in range(300):
            found = root.call_reading(read)
            if found:
                return found
            await asyncio.sleep(0.1)
    raise AssertionError("no answer")
