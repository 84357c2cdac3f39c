"""A shop's pages on loopback, and a browser that opens them."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.async_api import Browser, BrowserContext, FrameLocator, Locator, Page, async_playwright

from desk.client import Client
from desk.model import Conversation, NewReply
from tests.servers.patience import Deadline

BUBBLE = "Chat with us"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Larkspur Cycles</title><h1>Larkspur Cycles</h1>
<script async src="{url}/desk.js" data-site="larkspur"></script>"""


class Shop(ThreadingHTTPServer):
    """One page at every path, at `/plain` without the chat, under the policy that the strictest shop would have."""

    daemon_threads = True
    url = ""
    """Of the site that the page shows."""

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Pages(BaseHTTPRequestHandler):
    server: Shop

    def do_GET(self) -> None:
        url = self.server.url
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        policy = f"default-src 'none'; script-src {url}; frame-src {url}; require-trusted-types-for 'script'"
        self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write(PAGE.format(url=url).partition("<script" if self.path == "/plain" else "</html>")[0].encode())

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@contextmanager
def shop() -> Iterator[Shop]:
    """A shop that is open for a while."""
    server = Shop(("127.0.0.1", 0), _Pages)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Debian's Chromium without a window."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    async with async_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-background-networking"]
        browser = await playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        await browser.close()


class Visitor:
    """Somebody with a browser in the shop, and what they see of the chat in one tab."""

    def __init__(self, context: BrowserContext, page: Page, shop: Shop) -> None:
        self.context = context
        self.page = page
        self._shop = shop
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("dialog", lambda dialog: self.problems.append(dialog.message))

    async def tab(self) -> Visitor:
        """The shop in another tab of theirs."""
        other = Visitor(self.context, await self.context.new_page(), self._shop)
        await other.page.goto(self._shop.origin)
        return other

    @property
    def panel(self) -> FrameLocator:
        return self.page.frame_locator("desk-chat .box iframe")

    @property
    def bubble(self) -> Locator:
        return self.page.locator("desk-chat button")

    @property
    def writing(self) -> Locator:
        return self.panel.get_by_role("textbox", name="Write a message")

    async def open(self) -> Visitor:
        """Press the bubble, where the chat comes first."""
        await self.bubble.click()
        await self.writing.wait_for()
        return self

    async def ask(self) -> Visitor:
        """Press the bubble, where answers come first."""
        await self.bubble.click()
        await self.search.wait_for()
        return self

    @property
    def search(self) -> Locator:
        return self.panel.get_by_role("searchbox", name="Search for answers")

    async def say(self, text: str) -> None:
        await self.writing.fill(text)
        await self.writing.press("Enter")

    @property
    def lines(self) -> Locator:
        """What stands in the conversation, without what is on its way."""
        return self.panel.locator(".said .text")


class Rep:
    """A rep at work, with a terminal that follows."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def chats(self) -> list[Conversation]:
        return list((await self.client.conversations("all", "channel:chat")).items)

    async def answer(self, text: str) -> None:
        [row] = await self.chats()
        await self.client.reply(row.id, NewReply(body=text))

    async def read(self) -> None:
        """Return when the visitor has had all of it before their eyes."""
        [row] = await self.chats()
        deadline = Deadline(15)
        while any(m.outbox_state not in (None, "read") for m in await self.client.messages(row.id)):
            assert not deadline.passed(), "the visitor has not read it"
            await asyncio.sleep(0.02)

    async def said(self) -> list[str]:
        """All that customers said, in order."""
        rows = await self.chats()
        return [m.body for row in rows for m in await self.client.messages(row.id) if m.direction == "in"]

    @asynccontextmanager
    async def working(self) -> AsyncIterator[Rep]:
        """Somebody is there for as long as this lasts."""

        async def follow() -> None:
            async for _ in self.client.events(0):
                pass

        task = asyncio.create_task(follow())
        try:
            yield self
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
