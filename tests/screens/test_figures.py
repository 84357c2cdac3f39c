"""Plots of the live queue, as they are looked at: in little room and in much, queue by queue."""

from __future__ import annotations

import pytest

from screens.plots import PlotsScreen
from tests.screens.conftest import screen_text, shows, terminal, until
from tests.screens.driving import keys
from tests.servers.desk import DeskServer


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_plots_are_of_one_queue_or_of_all(shop: DeskServer, size: tuple[int, int]) -> None:
    async with terminal(shop, size=size) as (app, pilot), shop.client("mia") as client:
        await pilot.press("f2")
        await shows(app, "nobody has answered yet")
        await keys(pilot, "p")
        await shows(app, "plots", "all queues", "█ today", "arrivals, by", "┴")
        screen = app.screen
        assert isinstance(screen, PlotsScreen)
        assert screen.told is not None
        assert screen.told.quarters[-1].waiting == (await client.plots()).quarters[-1].waiting
        assert max(map(len, screen_text(app).split("\n"))) <= size[0]
        first = screen.queues[0]
        await keys(pilot, "l")
        await until(lambda: screen.told is not None and screen.told.queue_id == first.id, what="the first queue")
        await shows(app, first.name)
        await keys(pilot, "hh")
        await shows(app, "no queue")
        await keys(pilot, "G")
        await shows(app, "hour of the week", "Mon", "Sun")
        await pilot.press("escape")
        await shows(app, "live queue")
