"""A callback as a visitor asks for it: in the panel, and on the page that the link leads to, in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.servers.desk import DeskServer
from tests.web.pages import BUBBLE, Shop, Visitor
from tests.web.test_callbacks import CALLS, callbacks
from tests.web.visitors import SHOP, address_of

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.xdist_group("chromium")]


@pytest_asyncio.fixture(loop_scope="session")
async def alone(pages: Shop, chrome: Browser) -> AsyncIterator[tuple[DeskServer, Visitor]]:
    """A visitor of a shop where nobody is."""
    with DeskServer(CALLS.replace(SHOP, pages.origin)) as server:
        server.start()
        pages.url = await address_of(server)
        context = await chrome.new_context(locale="en-GB", timezone_id="Europe/Berlin")
        visitor = Visitor(context, await context.new_page(), pages)
        await visitor.page.goto(pages.origin)
        yield server, visitor
        await context.close()
        assert visitor.problems == []


async def test_asked_moved_and_cancelled(alone: tuple[DeskServer, Visitor]) -> None:
    server, visitor = alone
    await visitor.open()
    panel = visitor.panel
    await panel.get_by_role("button", name="Have us call you").click()
    number = panel.get_by_label("Your telephone number")
    await expect(number).to_be_focused()
    await expect(panel.get_by_label("Country")).to_have_value("DE")
    await number.fill("12")
    await number.press("Enter")
    await expect(panel.get_by_role("alert").get_by_text("That number is too short")).to_be_visible()
    await expect(number).to_have_attribute("aria-invalid", "true")
    await number.fill("030 123456")
    await panel.get_by_label("What is it about?").fill("<b>my</b> <img src=x onerror=alert(1)> order")
    await panel.get_by_role("button", name="Call me").click()
    await expect(panel.get_by_text("We will call +49 30 123456 as soon as possible, about")).to_be_visible()
    [kept] = await callbacks(server)
    assert (kept.number, kept.until) == ("+4930123456", None)

    async with visitor.context.expect_page() as opened:
        await panel.get_by_role("link", name="Change or cancel this callback").click()
    page = await opened.value
    await expect(page.get_by_role("heading", name="Your callback")).to_be_visible()
    await expect(page.get_by_text("<img src=x onerror=alert(1)> order")).to_be_visible()
    await expect(page.get_by_text("Times are those of Europe/Berlin.")).to_be_visible()
    await page.get_by_label("Choose another time").select_option(index=3)
    await page.get_by_role("button", name="Change the time").click()
    await expect(page.get_by_text("The time has been changed.")).to_be_visible()
    [kept] = await callbacks(server)
    assert kept.until is not None

    await page.get_by_role("button", name="Cancel the callback").click()
    await expect(page.get_by_text("This callback has been cancelled.")).to_be_visible()
    assert await callbacks(server) == []
    await panel.get_by_role("button", name="Back").click()
    await expect(visitor.writing).to_be_visible()
    await expect(panel.get_by_role("button", name="Have us call you")).to_be_focused()


async def test_the_page_needs_no_script_and_the_form_no_mouse(
    alone: tuple[DeskServer, Visitor], chrome: Browser
) -> None:
    server, visitor = alone
    await visitor.page.get_by_role("button", name=BUBBLE).focus()
    await visitor.page.keyboard.press("Enter")
    await visitor.writing.wait_for()
    await visitor.panel.get_by_role("button", name="Have us call you").focus()
    await visitor.page.keyboard.press("Enter")
    await expect(visitor.panel.get_by_label("Your telephone number")).to_be_focused()
    await visitor.page.keyboard.type("030 123457")
    await visitor.page.keyboard.press("Enter")
    link = visitor.panel.get_by_role("link", name="Change or cancel this callback")
    await link.wait_for()
    address = (
        f"{await visitor.panel.locator('html').evaluate('() => location.origin')}{await link.get_attribute('href')}"
    )
    plain = await chrome.new_context(java_script_enabled=False, locale="ja-JP")
    page = await plain.new_page()
    await page.goto(address)
    await page.get_by_role("button", name="電話を取り消す").click()
    await expect(page.get_by_text("このお電話は取り消されました")).to_be_visible()
    assert await callbacks(server) == []
    await plain.close()
