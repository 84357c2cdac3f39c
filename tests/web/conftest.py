"""A browser in a shop whose page has the chat, with a real server and a rep behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.servers.desk import DeskServer
from tests.web.pages import Rep, Shop, Visitor, chromium, shop
from tests.web.visitors import SHOP, SITE, address_of


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chrome() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest.fixture
def pages() -> Iterator[Shop]:
    with shop() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def server(pages: Shop) -> AsyncIterator[DeskServer]:
    with DeskServer(SITE.replace(SHOP, pages.origin)) as desk:
        desk.start()
        pages.url = await address_of(desk)
        yield desk


@pytest_asyncio.fixture(loop_scope="session")
async def rep(server: DeskServer) -> AsyncIterator[Rep]:
    async with server.client() as client, Rep(client).working() as working:
        yield working


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(chrome: Browser, pages: Shop, server: DeskServer) -> AsyncIterator[Visitor]:
    context = await chrome.new_context(locale="en-GB", viewport={"width": 1000, "height": 760})
    found = Visitor(context, await context.new_page(), pages)
    await found.page.goto(pages.origin)
    yield found
    await context.close()
    assert found.problems == []
