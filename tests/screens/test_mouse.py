"""The mouse: what is seen can be clicked."""

from __future__ import annotations

from screens.confirm import Confirm
from screens.widgets.bars import KeyLine
from tests.screens.conftest import screen_text, shows, terminal, until
from tests.servers.desk import DeskServer


async def test_the_keys_at_the_bottom_can_be_clicked(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot), shop.client() as client:
        await shows(app, "Ben Carter", "c claim")
        row = app.inbox.rows.current
        assert row is not None
        at = screen_text(app).splitlines()[-1].index("c claim")
        await pilot.click(KeyLine, offset=(at + 3, 0))
        await shows(app, "it is yours")
        assert (await client.conversation(row.id)).assignee_name == "Mia"


async def test_a_click_in_a_conversation_goes_to_the_message_and_opens_what_is_there(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot):
        await shows(app, "Ben Carter")
        await pilot.press("enter")
        await shows(app, "+1 green-door.png", "Any news on this?")
        transcript = app.inbox.conversation.transcript
        lines = screen_text(app).splitlines()
        top = transcript.region.y

        def row_of(words: str) -> int:
            return next(index for index, line in enumerate(lines) if words in line) - top

        await pilot.click("#transcript", offset=(10, row_of("Any news on this?")))
        message = transcript.message
        assert message is not None
        assert "Any news" in message.body
        await pilot.click("#transcript", offset=(5, row_of("+1 green-door.png")))
        await until(lambda: isinstance(app.screen, Confirm), what="the question", otherwise=lambda: screen_text(app))
        await shows(app, "Open this file?", "green-door.png")
