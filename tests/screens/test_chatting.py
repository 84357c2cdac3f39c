"""Chats in the terminal: answered where the visitor reads, live, without leaving the composer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from desk.app import DeskApp
from tests.screens.conftest import screen_text, shows, terminal, until
from tests.screens.driving import keys
from tests.servers.desk import DeskServer
from tests.web.visitors import SITE, Browser, address_of, browser

ONLY_A_SITE = SITE.split("[accounts.support]")[0]


@pytest.fixture
def site(new_desk: Callable[..., DeskServer]) -> DeskServer:
    return new_desk(ONLY_A_SITE).start()


@asynccontextmanager
async def chatting(server: DeskServer) -> AsyncIterator[tuple[Browser, DeskApp, Pilot[None]]]:
    """A visitor who has said hello, and a rep who writes to them."""
    async with browser(await address_of(server)) as ada:
        await ada.visit()
        await ada.done("me", {"name": "Ada"})
        async with terminal(server, size=(80, 24)) as (app, pilot), ada.following():
            await ada.say("Does it fit?")
            await shows(app, "Does it fit?")
            await keys(pilot, "gu")
            await shows(app, "Does it fit?")
            await pilot.press("enter", "r")
            await until(
                lambda: app.inbox.context == "composer", what="the composer", otherwise=lambda: screen_text(app)
            )
            yield ada, app, pilot


async def test_an_answer_is_read_on_the_site_and_the_next_can_be_typed_at_once(site: DeskServer) -> None:
    async with chatting(site) as (ada, app, pilot):
        assert "Subject" not in screen_text(app)
        assert "the visitor reads it at once" in screen_text(app)
        await keys(pilot, "Yes")
        await pilot.press("ctrl+j")
        await until(lambda: ada.said == ["Does it fit?", "Yes"], what="the answer on the site")
        await shows(app, "said in the chat", "✓ sent")
        await until(lambda: app.inbox.context == "composer", what="the composer, empty")
        await keys(pilot, "it does")
        await pilot.press("ctrl+j")
        await until(lambda: ada.said[-1] == "it does", what="the second", otherwise=lambda: screen_text(app))
        await ada.done("marks", {"read": 3})
        await shows(app, "✓ read")


async def test_what_the_visitor_says_meanwhile_comes_into_sight(site: DeskServer) -> None:
    async with chatting(site) as (ada, app, pilot):
        await keys(pilot, "One mo")
        await ada.say("It is for a child")
        await shows(app, "It is for a child")
        await keys(pilot, "ment")
        composer = app.inbox.writing.composer
        assert composer is not None
        assert composer.editor.text == "One moment"
        await pilot.press("ctrl+j")
        await until(lambda: ada.said[-1] == "One moment", what="the answer", otherwise=lambda: screen_text(app))


async def test_that_the_visitor_writes_is_seen(site: DeskServer) -> None:
    async with chatting(site) as (ada, app, _):
        await ada.done("typing", {"typing": True})
        await shows(app, "Ada is writing")
        await ada.done("typing", {"typing": False})
        await until(lambda: "is writing" not in screen_text(app), what="that they stopped")


async def test_a_mail_can_be_written_instead(site: DeskServer) -> None:
    async with chatting(site) as (ada, app, pilot):
        await pilot.press("ctrl+g")
        await shows(app, "Subject")
        await keys(pilot, "ada@x.example")
        await pilot.press("tab", "tab", "tab", "tab")
        await keys(pilot, "By mail")
        await pilot.press("ctrl+j")
        await shows(app, "no mailbox is connected")
        assert ada.said == ["Does it fit?"]
