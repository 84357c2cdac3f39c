"""A customer in a real browser, a rep in a real terminal: answers, a chat, a file, a break, an invitation, a call."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, FilePayload, Page, expect

from tests.e2e.tmux import Tmux
from tests.servers.desk import DeskServer
from tests.web.articles import SMALLEST_PNG, write_articles
from tests.web.pages import Shop, Visitor
from tests.web.test_callbacks import CALLS
from tests.web.visitors import SHOP, address_of

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("chromium"),
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed (Debian: apt-get install tmux)"),
]
RULES = """
[invitations.checkout]
text = "Can we help you with your order?"
pages = ["/checkout*"]
seconds = 0.1
"""


@pytest_asyncio.fixture(loop_scope="session")
async def server(pages: Shop) -> AsyncIterator[DeskServer]:
    said = 'port = 0\ntrail = "on"\ncallbacks = "always"'
    site = CALLS.replace(SHOP, pages.origin).replace("port = 0", said, 1)
    with DeskServer(site + RULES) as desk:
        write_articles(desk.home.folder)
        desk.start()
        pages.url = await address_of(desk)
        yield desk


class Terminal:
    """A rep's terminal, from a test that has a browser to attend to as well."""

    def __init__(self, tmux: Tmux) -> None:
        self._tmux = tmux

    async def shows(self, *texts: str) -> str:
        return await asyncio.to_thread(self._tmux.wait_for, lambda screen: all(text in screen for text in texts))

    async def press(self, *keys: str) -> None:
        await asyncio.to_thread(self._tmux.press, *keys)

    async def reply(self, text: str) -> None:
        """Begin to answer in the conversation that is open."""
        await self.press("r")
        await self.shows("^j send")
        await self.say(text)

    async def say(self, text: str) -> None:
        """Go on where one answers already."""
        await asyncio.to_thread(self._tmux.type, text)
        await self.shows(text)
        await self.press("C-j")


@pytest_asyncio.fixture(loop_scope="session", params=[(80, 24), (200, 60)], ids=["80x24", "200x60"])
async def terminal(request: pytest.FixtureRequest, server: DeskServer, tmp_path: Path) -> AsyncIterator[Terminal]:
    columns, rows = request.param
    command = [sys.executable, "-m", "desk.cli", "--workspace", str(server.home.folder), "--agent", "mia"]
    with Tmux(command, directory=tmp_path, columns=columns, rows=rows) as tmux:
        yield Terminal(tmux)


async def test_from_a_question_to_its_answer(visitor: Visitor, terminal: Terminal) -> None:
    await visitor.ask()
    await visitor.search.fill("send something ba")
    await visitor.panel.get_by_role("button", name="Send something back").click()
    await expect(visitor.panel.get_by_role("heading", name="Send something back")).to_be_visible()
    await visitor.panel.get_by_role("button", name="Chat with us").click()
    await visitor.say("My helmet came in blue")
    await terminal.shows("My helmet came in blue")
    await terminal.press("Enter")
    await terminal.shows("My helmet came in blue", "reply")
    await terminal.reply("Which colour did you order?")
    await expect(visitor.lines.last).to_have_text("Which colour did you order?")
    await visitor.panel.locator("input[type=file]").set_input_files(
        FilePayload(name="helmet.png", mimeType="image/png", buffer=SMALLEST_PNG)
    )
    await terminal.shows("helmet.png")
    await visitor.page.reload()
    await expect(visitor.lines).to_contain_text(["My helmet came in blue", "Which colour did you order?"])
    await visitor.context.set_offline(True)
    await visitor.say("Red, number LC-20441")
    await expect(visitor.panel.locator(".unsent .mark")).to_have_text("Sending…")
    await visitor.context.set_offline(False)
    screen = await terminal.shows("Red, number LC-20441")
    assert screen.count("Red, number LC-20441") <= 2, "once in the thread, once in the list beside it"
    await terminal.say("A red one leaves today.")
    await expect(visitor.lines.last).to_have_text("A red one leaves today.")


async def test_who_is_invited_is_answered(chrome: Browser, pages: Shop, server: DeskServer, terminal: Terminal) -> None:
    await terminal.shows("keys")
    context = await chrome.new_context(locale="en-GB")
    page: Page = await context.new_page()
    await page.goto(f"{pages.origin}/checkout")
    await page.get_by_role("dialog").get_by_role("button", name="Yes, please").click()
    visitor = Visitor(context, page, pages)
    await visitor.say("Which lock fits?")
    await terminal.shows("Which lock fits?")
    await terminal.press("Enter")
    await terminal.shows("Can we help you with your order?", "Which lock fits?")
    await terminal.reply("The folding one.")
    await expect(visitor.lines.last).to_have_text("The folding one.")
    assert visitor.problems == []
    await context.close()


async def test_a_call_is_asked_for_moved_and_cancelled(visitor: Visitor, terminal: Terminal) -> None:
    await visitor.ask()
    await visitor.panel.get_by_role("button", name="Chat with us").click()
    await visitor.panel.get_by_role("button", name="Have us call you").click()
    await visitor.panel.get_by_label("Your telephone number").fill("030 123456")
    await visitor.panel.get_by_label("What is it about?").fill("The chain jumps")
    await visitor.panel.get_by_role("button", name="Call me").click()
    await terminal.shows("+49 30 123456", "The chain jumps")
    async with visitor.context.expect_page() as opened:
        await visitor.panel.get_by_role("link", name="Change or cancel this callback").click()
    page = await opened.value
    await page.get_by_label("Choose another time").select_option(index=3)
    await page.get_by_role("button", name="Change the time").click()
    await expect(page.get_by_text("The time has been changed.")).to_be_visible()
    await terminal.press("Enter")
    await terminal.shows("moved")
    await page.get_by_role("button", name="Cancel the callback").click()
    await expect(page.get_by_text("This callback has been cancelled.")).to_be_visible()
    await terminal.shows("cancelled")
