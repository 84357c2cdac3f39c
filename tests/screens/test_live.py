"""The live queue: each number leads to what it counts, and it follows what happens."""

from __future__ import annotations

import pytest

from desk.keymap import Context
from screens.live import LiveScreen
from screens.pager import Pager
from tests.screens.conftest import screen_text, shows, terminal, until
from tests.screens.driving import keys, line
from tests.servers.desk import DeskServer


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_each_number_leads_to_what_it_counts(shop: DeskServer, size: tuple[int, int]) -> None:
    async with terminal(shop, size=size) as (app, pilot), shop.client("mia") as client:
        await pilot.press("f2")
        await shows(app, "live queue", "waiting", "people", "all", "conversations in which a customer has written")
        live = await client.live()
        waiting = sum(live.total.now.waiting.values())
        assert waiting
        screen = app.screen
        assert isinstance(screen, LiveScreen)
        assert screen.cell is not None
        assert (screen.cell.what, screen.cell.text.strip()) == ("waiting", f"{waiting}")
        await keys(pilot, "ll")
        await until(lambda: screen.cell is not None and screen.cell.channel == "email", what="the next number")
        mails = screen.cell.text.strip()
        await pilot.press("enter")
        await shows(app, f"1 of {mails} for waiting email")
        context: Context = app.inbox.context
        assert context == "search"
        assert [row.id for row in app.inbox.hits._rows] == [
            row.id for row in await client.behind("waiting", channel="email")
        ]  # type: ignore[union-attr]
        await keys(pilot, "*")
        await shows(app, f"{mails} selected")
        await pilot.press("escape", "escape")
        await until(lambda: app.inbox.hits is None, what="the list")


async def test_that_nothing_is_behind_a_number_is_not_said_of_the_next(shop: DeskServer) -> None:
    async with terminal(shop, size=(80, 24)) as (app, pilot):
        await pilot.press("f2")
        await shows(app, "live queue", "conversations in which a customer has written")
        await keys(pilot, "l")
        await pilot.press("enter")
        await shows(app, "no conversation is behind this number")
        assert app.desk.news is not None
        await keys(pilot, "l")
        await until(lambda: app.screen.cell.channel == "email", what="the next number")  # type: ignore[attr-defined]
        assert app.desk.news is None
        await shows(app, "conversations in which a customer has written")


async def test_it_follows_what_happens_and_says_what_it_means(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client("mia") as client:
        await keys(pilot, "gl")
        await shows(app, "live queue", "people")
        live = await client.live()
        before = sum(live.total.now.waiting.values())
        [first, *_] = await client.behind("waiting", limit=1)
        await client.set_state(first.id, "resolved")
        await until(
            lambda: str(before - 1) in screen_text(app).split("\n")[2].split(),
            what="one less",
            otherwise=lambda: screen_text(app),
        )
        await keys(pilot, "d")
        await until(lambda: isinstance(app.screen, Pager), what="the definitions")
        await shows(app, "What the numbers mean", "nobody has answered yet")
        await pilot.press("escape")
        await shows(app, "live queue")
        await line(app, pilot, "column-right")
        await until(lambda: app.screen.cell.channel == "chat", what="the next number")  # type: ignore[attr-defined]
        await pilot.press("escape")
        await until(lambda: app.screen is app.inbox, what="the inbox")
