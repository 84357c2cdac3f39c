"""Whether the rep is there, as the head line tells it: only while they get no new work."""

from __future__ import annotations

from desk.app import DeskApp
from tests.screens.conftest import screen_text, shows, terminal
from tests.screens.waiting import until
from tests.servers.desk import DeskServer


def head(app: DeskApp) -> str:
    return screen_text(app).splitlines()[0]


async def test_the_head_line_says_that_the_rep_is_away(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot), shop.client("ada") as ada:
        await until(lambda: app.desk.availability and app.desk.availability.state == "available", what="availability")
        assert "available" not in head(app)
        await pilot.press("g", "d")
        await until(lambda: " away " in head(app), what="away", otherwise=lambda: head(app))
        await pilot.press("space")
        await shows(app, "you are away, and get nothing new; gi says that you are there again")
        await ada.set_availability("busy", "stocktaking, as long as it takes\x1b]0;x", agent="mia")
        await shows(app, " busy: stocktaking, as lon… ")
        await pilot.press("g", "i")
        await until(lambda: "busy" not in head(app), what="available", otherwise=lambda: head(app))
