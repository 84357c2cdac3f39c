"""Visitors on the site, in the terminal: who is there, where they were, inviting them, their trail beside the chat."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.screens.conftest import screen_text, shows, terminal, until
from tests.screens.driving import keys, line
from tests.servers.desk import DeskServer
from tests.web.test_trail import SEEN, look
from tests.web.visitors import address_of, browser

HOSTILE = "Bikes \x1b]0;owned\x07[@click=app.quit]\u202e 自転車"


@pytest.fixture
def site(new_desk: Callable[..., DeskServer]) -> DeskServer:
    return new_desk(SEEN).start()


async def test_who_is_there_and_where_they_were(site: DeskServer) -> None:
    async with browser(await address_of(site)) as ada, terminal(site, size=(80, 24)) as (app, pilot):
        await keys(pilot, "gv")
        await shows(app, "nobody who may be seen is on the site")
        await look(ada, "/", title="Larkspur", referrer="https://search.example/find")
        await shows(app, "visitor 1", "Larkspur", "1 p.")
        await look(ada, "/bikes", title=HOSTILE, cart=89.9, currency="EUR")
        await shows(app, "Bikes ␛]0;owned␇[@click=app", "2 p.", "89.90 EUR")
        assert "\x1b" not in screen_text(app)
        await pilot.press("enter")
        await shows(app, "visitor 1 — where they were", "2 pages in this visit", "· Larkspur", "from https://search")
        await pilot.press("escape")
        await shows(app, "visitors — on the site now")


async def test_one_is_invited_by_key_and_by_line(site: DeskServer) -> None:
    async with (
        browser(await address_of(site)) as ada,
        browser(await address_of(site)) as ben,
        terminal(site, size=(80, 24)) as (app, pilot),
    ):
        await keys(pilot, "gv")
        await look(ada, "/", title="First")
        await shows(app, "First")
        await keys(pilot, "i")
        await shows(app, "invite visitor 1 with")
        await keys(pilot, "Hello?")
        await pilot.press("enter")
        await shows(app, "visitor 1 is invited")
        assert (await look(ada, "/"))["invitation"]["text"] == "Hello?"
        await keys(pilot, "i")
        await pilot.press("enter")
        await until(lambda: "is invited" not in screen_text(app), what="that once is enough")
        await pilot.press("escape")
        await look(ben, "/second", title="Second")
        await shows(app, "Second")
        await keys(pilot, "gg")
        await line(app, pilot, "invite Need a hand?")
        await shows(app, "visitor 2 is invited")
        assert (await look(ben, "/second"))["invitation"]["text"] == "Need a hand?"


async def test_the_trail_stands_beside_the_chat_and_follows(site: DeskServer) -> None:
    async with browser(await address_of(site)) as ada, terminal(site, size=(200, 60)) as (app, pilot):
        await look(ada, "/bikes", title="All bicycles")
        await ada.say("Which one?")
        await shows(app, "Which one?", "on the site now", "● All bicycles")
        await look(ada, "/checkout", title="Checkout")
        await shows(app, "● Checkout", "· All bicycles")
        await keys(pilot, "gv")
        await shows(app, "visitors — on the site now", "waits")
        await keys(pilot, "c")
        await until(lambda: app.inbox.context == "conversation", what="the chat", otherwise=lambda: screen_text(app))
        await keys(pilot, "gv")
        await shows(app, "visitors — on the site now", "waits")
        await line(app, pilot, "visitor-chat")
        await until(lambda: app.inbox.context == "conversation", what="the chat", otherwise=lambda: screen_text(app))
