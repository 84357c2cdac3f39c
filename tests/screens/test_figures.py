"""Plots of the live queue, as they are looked at: in little room and in much, queue by queue."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from desk.clock import HOUR, SystemClock
from desk.model import Report, StaffHour, Staffing
from desk.reporting import as_csv
from screens.plots import PlotsScreen
from screens.reports import ReportScreen
from screens.staffing import lines_of
from screens.widgets.lines import text_of
from tests.screens.conftest import screen_text, shows, terminal, until
from tests.screens.driving import keys, line
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


async def test_whom_the_next_hours_take_is_told(shop: DeskServer) -> None:
    async with terminal(shop, size=(80, 24)) as (app, pilot):
        await pilot.press("f2")
        await shows(app, "nobody has answered yet")
        await keys(pilot, "s")
        await shows(app, "people", "needed: to answer 80 % in time")
        await pilot.press("escape")
        await shows(app, "live queue")


async def test_a_report_is_asked_for_and_saved(shop: DeskServer, tmp_path: Path) -> None:
    async with terminal(shop, size=(80, 24)) as (app, pilot), shop.client("mia") as client:
        await keys(pilot, "gl")
        await shows(app, "nobody has answered yet")
        await keys(pilot, "r")
        await shows(app, "by day", "in time", "all")
        screen = app.screen
        assert isinstance(screen, ReportScreen)
        await line(app, pilot, "report 30d by moon")
        await shows(app, "by is one of day, week")
        await line(app, pilot, "report 30d rep nobody")
        await shows(app, "there is no rep nobody; there are: mia")
        await line(app, pilot, "report 30d by queue channel email")
        await until(lambda: screen.told is not None and screen.told.by == "queue", what="by queue")
        await shows(app, "by queue, email", "Workshop")
        assert max(map(len, screen_text(app).split("\n"))) <= 80
        for name in ("out.csv", "out.json", "out.txt"):
            await line(app, pilot, f"save-report {tmp_path / name}")
            await until((tmp_path / name).exists, what=name)
        since, until_ = screen.told.since, screen.told.until  # type: ignore[union-attr]
        told = await client.report(since, until_, by="queue", channel="email")
        assert (tmp_path / "out.csv").read_text() == as_csv(told)
        assert msgspec.json.decode((tmp_path / "out.json").read_bytes(), type=Report).total == told.total
        assert "Workshop" in (tmp_path / "out.txt").read_text()
        await line(app, pilot, f"save-report {tmp_path / 'out.csv'}")
        await shows(app, "nothing was written: File exists")


def test_who_is_missing_is_seen_without_colours() -> None:
    now = SystemClock().now()
    begins = now - now % HOUR
    figures = {
        "queue_id": 1,
        "queue": "Returns",
        "likely": 7.5,
        "low": 3.2,
        "high": 12.4,
        "people": 3,
        "people_high": 5,
    }
    rows = [
        StaffHour(at=begins, rostered=1.5, reps=("ada", "ben"), **figures),  # type: ignore[arg-type]
        StaffHour(at=begins + HOUR, rostered=4, reps=("ada", "ben", "eve", "zoe"), **figures),  # type: ignore[arg-type]
        StaffHour(at=begins + 2 * HOUR, **figures),  # type: ignore[arg-type]
    ]
    told = Staffing(at=now, hours=tuple(rows), available={0: 2, 1: 1}, notes=("[roster] turns.ics names zoe",))
    for width in (80, 200):
        lines = [text_of(line).rstrip() for line in lines_of(told, None, width)]
        assert all(len(line) <= width for line in lines)
        assert lines[:2] == [" ! [roster] turns.ics names zoe", " Returns  1 available now"]
        table = [line.split() for line in lines if ":00" in line]
        assert lines[3].startswith("▸")
        assert [row[1:7] for row in table] == [
            ["7.5", "3–12", "3", "5", "1.5", "-1.5"],
            ["7.5", "3–12", "3", "5", "4", "+1"],
            ["7.5", "3–12", "3", "5", "–", "–"],
        ]
    assert [text_of(line) for line in lines_of(told, 2, 80)][1].startswith(" Nothing came")
