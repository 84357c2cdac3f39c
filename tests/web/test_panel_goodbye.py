"""A chat to its end in a real browser: what is typed is seen where the site says so, a file by the keyboard, a rating,
and what was said by mail."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import FilePayload, expect

from desk.model import CUSTOMER
from tests.servers.desk import DeskServer
from tests.servers.patience import Deadline
from tests.web.articles import SMALLEST_PNG
from tests.web.pages import Rep, Shop, Visitor
from tests.web.visitors import SHOP, SITE, address_of

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.xdist_group("chromium")]


@pytest_asyncio.fixture(loop_scope="session")
async def server(pages: Shop) -> AsyncIterator[DeskServer]:
    said = 'port = 0\nmail = "support"\npreview = true'
    with DeskServer(SITE.replace(SHOP, pages.origin).replace("port = 0", said, 1)) as desk:
        desk.start()
        pages.url = await address_of(desk)
        yield desk


async def test_seen_while_typing_rated_and_sent_by_mail(visitor: Visitor, rep: Rep) -> None:
    await visitor.open()
    page, panel = visitor.page, visitor.panel
    await expect(panel.get_by_text("We see what you write before you send it")).to_be_visible()
    await visitor.say("Where is my order?")
    await expect(visitor.lines).to_have_text(["Where is my order?"])
    [row] = await rep.chats()
    await page.keyboard.type("It is number 47")
    deadline, seen = Deadline(15), [""]
    while "It is number 47" not in seen:
        assert not deadline.passed(), seen
        seen = [each.text for each in await rep.client.presence(row.id) if each.agent_id == CUSTOMER]
    await visitor.writing.fill("")

    await page.keyboard.press("Shift+Tab")
    await expect(panel.get_by_role("button", name="Attach a file")).to_be_focused()
    async with page.expect_file_chooser() as chosen:
        await page.keyboard.press("Enter")
    await (await chosen.value).set_files(FilePayload(name="frame.png", mimeType="image/png", buffer=SMALLEST_PNG))
    await expect(panel.locator(".said .file")).to_contain_text("frame.png")
    await rep.answer("It leaves today.")
    await expect(visitor.lines.last).to_have_text("It leaves today.")

    await panel.get_by_role("button", name="End chat").press("Enter")
    await panel.get_by_role("button", name="Yes, end it").press("Enter")
    await panel.get_by_role("radio", name="Good", exact=True).press("Space")
    await panel.get_by_label("Anything you would like to add? (optional)").fill("Thanks!")
    await panel.get_by_role("button", name="Send rating").click()
    await expect(panel.get_by_text("Thank you for your rating.")).to_be_visible()
    address = panel.get_by_role("textbox", name="Send me this chat by e-mail to")
    await address.fill("nobody")
    await address.press("Enter")
    await expect(panel.get_by_text("Please enter an address")).to_be_visible()
    await address.fill("ada@x.example")
    await address.press("Enter")
    await expect(panel.get_by_text("It is on its way to you.")).to_be_visible()
    said = await rep.client.messages(row.id)
    assert any("Thanks!" in each.body for each in said if each.direction not in ("in", "out"))
    [sent] = [each for each in await rep.client.outbox() if each.account == "support"]
    mail = next(each for each in said if each.id == sent.message_id)
    assert [each.email for each in mail.to] == ["ada@x.example"]
    assert "It leaves today." in mail.body
    await panel.get_by_role("button", name="Start a new chat").press("Enter")
    await expect(visitor.writing).to_be_focused()
