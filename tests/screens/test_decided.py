"""What a rule did is explained in the conversation, and taken back there, by a key."""

from __future__ import annotations

from collections.abc import Callable

from tests.screens.conftest import shows, terminal, until
from tests.server.test_rules import RULES, deliver
from tests.servers.desk import DeskServer


async def test_what_a_rule_did_is_told_and_taken_back_by_a_key(new_desk: Callable[..., DeskServer]) -> None:
    server = new_desk(RULES).start()
    deliver(server.home.folder / "in", "1", "Hello", "I want my money back")
    async with terminal(server, size=(80, 24)) as (app, pilot):
        await shows(app, "Hello")
        await pilot.press("enter")
        await shows(app, "I want my money back", "Returns")
        await pilot.press("g", "y")
        await shows(app, "What Desk did here by itself", "rule refunds", "money back")
        await pilot.press("enter", "y")
        await shows(app, "taken back: rule refunds")
        row = app.inbox.conversation.conversation
        assert row is not None
        await until(lambda: not (app.inbox.conversation.conversation or row).queue_name, what="no queue")
        await pilot.press("g", "y")
        await shows(app, "it was taken back")
