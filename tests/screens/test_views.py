"""Views, the filter, selections and undo, by their keys and by their lines, on a real server."""

from __future__ import annotations

from typing import Any

import pytest

from desk.app import DeskApp
from desk.client import Client
from desk.clock import ManualClock, SystemClock
from desk.model import Conversation, Page
from screens.filterline import FilterLine
from screens.viewing import ORDERED_EVERY
from screens.viewpicker import ViewPicker
from tests.screens.conftest import screen_text, shows, terminal, until
from tests.screens.driving import do, keys
from tests.servers.desk import DeskServer

KEYS = {
    "mine": "gm", "unassigned": "gu", "waiting": "gw", "snoozed": "gz", "resolved": "ge", "sent": "gs", "failed": "gf",
    "spam": "g!", "mentions": "g@", "all": "ga", "open": "go",
}  # fmt: skip


def here(app: DeskApp) -> Conversation:
    row = app.inbox.rows.current
    assert row is not None
    return row


async def total(app: DeskApp, number: int) -> None:
    await until(
        lambda: app.inbox.rows.source.total == number, what=f"{number} rows", otherwise=lambda: screen_text(app)
    )


async def states(client: Client, rows: list[Conversation]) -> list[str]:
    return [row.state for row in await client.conversations_by_id([row.id for row in rows])]


def listed(app: DeskApp, count: int) -> list[Conversation]:
    rows = [app.inbox.rows.source.row(index) for index in range(count)]
    return [row for row in rows if row is not None]


@pytest.mark.parametrize("by", ["key", "line"])
async def test_every_view_is_shown_as_the_server_has_it(shop: DeskServer, by: str) -> None:
    async with terminal(shop, size=(180, 40)) as (app, pilot), shop.client() as client:
        await shows(app, "Ben Carter", "▌open")
        async with shop.client("ada") as other:
            await other.note(here(app).id, "please look, @mia")
        for view, key in KEYS.items():
            await do(app, pilot, key if by == "key" else f":view {view}")
            await until(lambda view=view: app.inbox.pages.view == view, what=view, otherwise=lambda: screen_text(app))  # type: ignore[misc]
            page = await client.conversations(view)
            await until(lambda page=page: app.inbox.rows.source.total == page.total, what=f"all of {view}")  # type: ignore[misc]
            assert listed(app, page.total) == page.items
        for view in await client.views():
            if view.kind in ("queue", "channel") and view.count:
                await do(app, pilot, f":view {view.title if by == 'key' else view.name}")
                await total(app, view.count)


@pytest.mark.parametrize("way", ["gq", ":view quarantined"])
async def test_what_is_quarantined_is_in_the_ledger(shop: DeskServer, way: str) -> None:
    async with terminal(shop, size=(140, 40)) as (app, pilot):
        await shows(app, "Ben Carter")
        await do(app, pilot, way)
        await shows(app, "ledger", "parts nested")
        assert "stored" not in screen_text(app)


async def test_counts_are_live_in_the_column_and_the_picker(shop: DeskServer) -> None:
    async with terminal(shop, size=(180, 40)) as (app, pilot), shop.client("ada") as other:
        await shows(app, "Ben Carter", "resolved           14")
        await other.set_state(here(app).id, "resolved")
        await shows(app, "resolved           15")
        await pilot.press("v")
        await until(lambda: isinstance(app.screen, ViewPicker), what="the picker")
        await keys(pilot, "wksh")
        await shows(app, "Workshop", "queue")
        await pilot.press("enter")
        await until(lambda: app.inbox.pages.view == "queue:Workshop", what="the queue")


async def test_turning_goes_by_views_that_hold_something(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot):
        await shows(app, "Ben Carter", "mine 6")
        seen = ["open"]
        for key in ("tab", "tab", "tab", "shift+tab"):
            before = app.inbox.pages.view
            await pilot.press(key)
            await until(lambda before=before: app.inbox.pages.view != before, what="another view")  # type: ignore[misc]
            seen.append(app.inbox.pages.view)
        assert seen == ["open", "waiting", "snoozed", "resolved", "snoozed"]
        await do(app, pilot, ":next-view")
        await until(lambda: app.inbox.pages.view == "resolved", what="resolved")
        await do(app, pilot, ":previous-view")
        await until(lambda: app.inbox.pages.view == "snoozed", what="snoozed")
        await do(app, pilot, ":pick-view")
        await until(lambda: isinstance(app.screen, ViewPicker), what="the picker")
        await pilot.press("escape")
        assert app.screen is app.inbox


async def test_a_filter_narrows_with_each_letter_and_the_cursor_keeps_its_conversation(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot), shop.client() as client:
        await shows(app, "Ben Carter", "1 of 20")
        await keys(pilot, "7j")
        row = here(app)
        await pilot.press("backslash")
        typed = ""
        for letter in "regen":
            await keys(pilot, letter)
            typed += letter
            page = await client.conversations("open", typed)
            await total(app, page.total)
            assert here(app).id == row.id
        await pilot.press("enter")
        await shows(app, "\\regen", "1 of 1 open")
        await pilot.press("escape")
        await total(app, 20)
        assert here(app).id == row.id
        assert "\\" not in screen_text(app)
        await pilot.press("enter")
        await until(lambda: app.inbox.context == "conversation", what="the conversation")
        await pilot.press("escape")
        for _ in range(2):
            await keys(pilot, "\\regen")
            await total(app, 1)
            await pilot.press("escape")
            await total(app, 20)


async def test_a_filter_tells_what_is_wrong_below_the_word_once_it_is_finished(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot):
        await shows(app, "Ben Carter")
        await keys(pilot, "Fstate:wai")
        await shows(app, "tab: state:waiting")
        assert "^^^" not in screen_text(app)
        await total(app, 20)
        await pilot.press("tab")
        await total(app, 0)
        await keys(pilot, "stat:open ")
        await shows(app, "^^^^^", "did you mean state:?")
        lines = screen_text(app).splitlines()
        marked = next(line for line in lines if "^^^^^" in line)
        assert lines[lines.index(marked) - 1].index("stat:") == marked.index("^^^^^")
        await pilot.press("ctrl+u")
        await keys(pilot, "tag:saf")
        await shows(app, "tab: tag:safety")
        await pilot.press("tab")
        await total(app, 2)
        await pilot.press("down")
        assert app.inbox.rows.cursor == 1
        await pilot.press("escape")
        await total(app, 20)
        assert app.inbox.context == "list"


async def test_a_filter_by_its_line_and_off_again(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot):
        await shows(app, "Ben Carter")
        await do(app, pilot, ":filter tag:safety")
        await total(app, 2)
        await do(app, pilot, ":filter stat:open")
        await shows(app, "no field")
        await do(app, pilot, ":unfilter")
        await total(app, 20)
        await do(app, pilot, ":filter")
        await until(lambda: any(each.display for each in app.inbox.query(FilterLine)), what="the line")


async def test_views_are_saved_edited_and_deleted(shop: DeskServer) -> None:
    async with terminal(shop, size=(180, 40)) as (app, pilot), shop.client() as client:
        await shows(app, "Ben Carter", "queues")
        await do(app, pilot, ":filter tag:safety")
        await total(app, 2)
        await do(app, pilot, ":save-view safe")
        await shows(app, "saved as view safe: state:open tag:safety", "saved")
        assert 'safe = "state:open tag:safety"' in shop.home.settings.read_text()
        await do(app, pilot, ":save-view late priority:urgent")
        await shows(app, "saved as view late")
        await do(app, pilot, ":view safe")
        await until(lambda: app.inbox.pages.view == "saved:safe", what="the view")
        await total(app, 2)
        await do(app, pilot, ":edit-view safe")
        await until(lambda: app.inbox.context == "prompt", what="the question")
        await pilot.press("ctrl+u", *"tag:", "enter")
        assert app.inbox.context == "prompt"
        await keys(pilot, "warranty")
        await pilot.press("enter")
        await shows(app, "saved as view safe: tag:warranty")
        expected = (await client.conversations("saved:safe")).total
        await total(app, expected)
        await do(app, pilot, ":delete-view safe")
        await shows(app, "view safe is deleted")
        await until(lambda: app.inbox.pages.view == "open", what="open again")
        assert "safe" not in [view.title for view in await client.views()]


async def test_time_alone_has_the_order_asked_for_again(shop: DeskServer, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, asked, conversations = ManualClock(SystemClock().now()), [], Client.conversations

    async def counted(self: Client, *args: Any, **named: Any) -> Page[Conversation]:
        asked.append(args)
        return await conversations(self, *args, **named)

    async with terminal(shop, clock=clock) as (app, _):
        await shows(app, "Ben Carter")
        before = here(app).id
        await until(lambda: not app.desk.feed.busy and app.inbox.opening.resting, what="rest")
        monkeypatch.setattr(Client, "conversations", counted)
        clock.advance(ORDERED_EVERY)
        await until(lambda: bool(asked), what="the order")
        assert here(app).id == before
