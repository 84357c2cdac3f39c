"""The very first start, by somebody who is quicker than the server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from desk.app import DeskApp
from desk.client import Client
from desk.model import Status
from screens.connect import ConnectScreen
from screens.welcome import WelcomeScreen
from tests.screens.conftest import screen_text, until
from tests.servers.desk import DeskServer


class Late(Client):
    """A client whose server takes its time to say how it is."""

    told: asyncio.Event

    async def status(self) -> Status:
        await self.told.wait()
        return await super().status()


async def test_a_key_before_the_welcome_is_not_covered_by_it(new_desk: Callable[..., DeskServer]) -> None:
    server, told = new_desk().start(), asyncio.Event()
    client = Late(server.home.socket, "mia")
    client.told = told
    app = DeskApp(lambda: client)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("M")
        await until(lambda: isinstance(app.screen, ConnectScreen), what="the form", otherwise=lambda: screen_text(app))
        told.set()
        await until(lambda: app.desk.status is not None and app.desk.link == "up", what="a connection")
        await pilot.press(*"help@shop.test")
        assert isinstance(app.screen, ConnectScreen)
        assert "help@shop.test" in screen_text(app)
        await pilot.press("tab", *"guessed", "tab", "shift+tab", "X")
        fields = app.screen.entries
        values = [fields[name].value for name in list(fields)[:2]]
        assert values == ["help@shop.test", "X"], "what is typed first replaces what stood there"
        await pilot.press("escape")
        await until(lambda: isinstance(app.screen, WelcomeScreen), what="the ways to begin")
        await pilot.press("M")
        await until(lambda: isinstance(app.screen, ConnectScreen), what="the form again")
        await pilot.press("escape")
        await until(lambda: isinstance(app.screen, WelcomeScreen), what="the ways to begin, again")
        assert app.desk.faults == []
