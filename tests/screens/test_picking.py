"""Picking one of several, as fast as people type."""

from __future__ import annotations

from screens.confirm import Confirm
from screens.picker import Picker
from screens.settings import SettingsScreen
from screens.sheet import KeySheet
from tests.screens.conftest import screen_text, shows, terminal, until
from tests.screens.test_writing import burst
from tests.servers.desk import DeskServer


async def test_a_rep_is_picked_by_a_few_letters(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot), shop.client() as client:
        await shows(app, "Ben Carter")
        row = app.inbox.rows.current
        assert row is not None
        burst(app, "a", *"mei", "enter")
        await shows(app, "given to mei")
        assert (await client.conversation(row.id)).assignee_name == "Mei Tanaka"
        await pilot.press("a")
        await shows(app, "Give it to", "(you)", "Jonas", "nobody")
        await pilot.press(*"nob")
        await until(lambda: isinstance(app.screen, Picker) and len(app.screen.source.rows) == 1, what="one row")
        await pilot.press("enter")
        await shows(app, "nobody's now")
        assert (await client.conversation(row.id)).assignee_id is None


async def test_what_is_typed_at_once_is_no_command_and_picks_what_it_names(shop: DeskServer) -> None:
    macros = '\n[macros.late]\nsteps = ["tag +late"]\n[macros.refund]\nsteps = ["tag +refund"]\n'
    shop.home.settings.write_text(shop.home.settings.read_text() + macros)
    shop.restart()
    async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client() as client:
        await shows(app, "Ben Carter")
        row = app.inbox.rows.current
        assert row is not None
        burst(app, "@", *"refund", "enter")
        await until(lambda: isinstance(app.screen, Confirm), what="the preview", otherwise=lambda: screen_text(app))
        await shows(app, "refund — 1 conversation")
        await pilot.press("escape")
        assert await client.conversation(row.id) == row


async def test_a_picker_is_as_high_as_what_it_offers(shop: DeskServer) -> None:
    async with terminal(shop, size=(200, 60)) as (app, _pilot):
        await shows(app, "Ben Carter")
        burst(app, "a")
        await until(lambda: isinstance(app.screen, Picker) and app.screen.source.rows, what="the reps")
        await shows(app, "nobody")
        box = app.screen.query_one("#sheet-box")
        await until(lambda: box.size.height < 25, what="a small box", otherwise=lambda: screen_text(app))
        offered = app.screen.source.rows
        assert app.screen.list.size.height == max(len(offered), 3)


async def test_nothing_is_merged_into_what_nobody_saw(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot), shop.client() as client:
        await shows(app, "Ben Carter")
        row = app.inbox.rows.current
        assert row is not None
        burst(app, "m", *"a", "enter")
        await until(
            lambda: isinstance(app.screen, Picker) and len(app.screen.source.rows) > 1,
            what="what was found",
            otherwise=lambda: screen_text(app),
        )
        assert (await client.conversation(row.id)).state == "open"
        await pilot.press("escape")


async def test_what_is_closed_twice_closes_nothing_behind_it(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot):
        await shows(app, "Ben Carter")
        await pilot.press(",")
        await until(lambda: isinstance(app.screen, SettingsScreen), what="the settings")
        await pilot.press("?")
        await until(lambda: isinstance(app.screen, KeySheet), what="the keys")
        sheet = app.screen
        sheet.dismiss()
        sheet.dismiss()
        await pilot.pause()
        assert isinstance(app.screen, SettingsScreen)


async def test_what_is_closed_below_others_is_closed_with_them(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot):
        await shows(app, "Ben Carter")
        await pilot.press(",")
        await until(lambda: isinstance(app.screen, SettingsScreen), what="the settings")
        below = app.screen
        await pilot.press("?")
        await shows(app, "All keys")
        below.dismiss()
        await until(lambda: app.screen is app.inbox, what="the inbox")
        await pilot.press("?")
        await shows(app, "All keys")
