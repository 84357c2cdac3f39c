"""What a pane was given while it was hidden is there when it is shown."""

from __future__ import annotations

from screens.panes import WITH_VIEWS
from tests.screens.conftest import screen_text, shows, terminal, until
from tests.servers.desk import DeskServer


async def test_messages_that_come_while_the_pane_is_hidden_are_shown_with_it(shop: DeskServer) -> None:
    async with terminal(shop, size=(80, 24)) as (app, pilot):
        await shows(app, "Ben Carter")
        await pilot.press("enter")
        await shows(app, "third time")
        await pilot.press("h")
        await pilot.pause()
        other = app.inbox.rows.source.row(1)
        assert other is not None
        await app.inbox.conversation.open(other)
        app.inbox.turn_to("conversation")
        body = app.inbox.conversation.transcript.messages[-1].body.split()[0]
        await until(lambda: body in screen_text(app), what=body, otherwise=lambda: screen_text(app))


async def test_where_two_panes_have_room_the_customer_comes_in_the_place_of_the_list(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot):
        await shows(app, "Lucía", "third time")
        rows, customer = "Lucía", "no answer yet"
        for key, there, gone in (
            ("l", rows, customer),
            ("l", customer, rows),
            ("l", customer, rows),
            ("h", rows, customer),
            ("h", rows, customer),
        ):
            await pilot.press(key)
            await shows(app, "third time", there)
            assert gone not in screen_text(app), key
        assert app.inbox.context == "list"
        await pilot.resize_terminal(150, 40)
        await shows(app, rows, "third time", customer)


async def test_what_is_read_has_room_and_so_has_the_list(shop: DeskServer) -> None:
    async with terminal(shop, size=(160, 24)) as (app, pilot):
        inbox = app.inbox
        for columns in (160, 179, 180, 229, 230):
            await pilot.resize_terminal(columns, 24)
            await until(
                lambda: inbox.conversation.transcript.size.width >= 70 and inbox.rows.size.width >= 54,
                what=f"70 columns of {columns}",
                otherwise=lambda: screen_text(app),
            )
            assert inbox.views.display == (columns >= WITH_VIEWS)
