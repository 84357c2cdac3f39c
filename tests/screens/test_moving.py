"""Taking apart and putting together, by key and by `:`; and each is taken back by undo."""

from __future__ import annotations

from collections.abc import Callable

from textual.pilot import Pilot

from desk.app import DeskApp
from screens.pager import Pager
from screens.picker import Picker
from tests.screens.conftest import screen_text, shows, until
from tests.screens.test_commandline import run
from tests.screens.test_conversation import back_in_inbox, find, on, reading, server
from tests.servers.desk import DeskServer

__all__ = ["server"]


async def undo(app: DeskApp, pilot: Pilot[None]) -> None:
    await pilot.press("u")
    await until(
        lambda: app.desk.news is not None and app.desk.news.text.startswith("undone"),
        what="undo",
        otherwise=lambda: screen_text(app),
    )


async def pick(app: DeskApp, pilot: Pilot[None], subject: str, typed: str = "") -> None:
    """Choose in the picker."""
    await on(app, Picker)
    picker = app.screen
    assert isinstance(picker, Picker)
    if typed:
        await pilot.press(*typed)
    await until(lambda: picker.list.current is not None and subject in screen_text(app), what=subject)
    await pilot.press("enter")
    await back_in_inbox(app)


async def test_a_message_is_split_out_from_where_it_is_explained(server: DeskServer) -> None:
    async with reading(server, "Short one") as (app, pilot), server.client() as client:
        row = await find(client, "Short one")
        await run(app, pilot, "why")
        await shows(app, "Why is this message here?", "nothing tied it", "does not belong here")
        await pilot.press("X")
        await shows(app, "taken out into a conversation of its own")
        assert (await client.conversation(row.id)).messages == 1
        await undo(app, pilot)
        assert (await client.conversation(row.id)).messages == 2
        await run(app, pilot, "split")
        await shows(app, "taken out")
        await undo(app, pilot)


async def test_a_message_is_moved_into_another_conversation(server: DeskServer) -> None:
    async with reading(server, "Short one") as (app, pilot), server.client() as client:
        short, long, other = [await find(client, name) for name in ("Short one", "Long thread", "Somebody else")]
        await pilot.press("w")
        await on(app, Pager)
        await pilot.press(">")
        await pick(app, pilot, "Long thread")
        await shows(app, "moved into Long thread")
        assert (await client.conversation(long.id)).messages == long.messages + 1
        await undo(app, pilot)
        assert (await client.conversation(long.id)).messages == long.messages
        await run(app, pilot, f"move {other.id}")
        await shows(app, "moved into Somebody else")
        await undo(app, pilot)
        assert (await client.conversation(short.id)).messages == 2


async def test_a_conversation_goes_into_another(server: DeskServer) -> None:
    async with reading(server, "Short one") as (app, pilot), server.client() as client:
        short, other = [await find(client, name) for name in ("Short one", "Somebody else")]
        await pilot.press("m")
        await pick(app, pilot, "Somebody else", "somebody")
        await shows(app, "Short one went into Somebody else")
        assert (await client.conversation(short.id)).merged_into == other.id
        await undo(app, pilot)
        assert (await client.conversation(short.id)).state == "open"
        await shows(app, "Short one number 2")
        await run(app, pilot, f"merge {other.id}")
        await shows(app, "went into")
        await undo(app, pilot)


async def test_undo_leads_back_to_what_it_changed(server: DeskServer) -> None:
    """Whoever reads is led to the conversation, not only the cursor beside it; to what is being read one stays."""
    async with reading(server, "Short one") as (app, pilot), server.client() as client:
        short = await find(client, "Short one")
        await app.inbox.viewing.find(short.id)
        await pilot.press("e")
        await shown(app, lambda id: id != short.id)
        await undo(app, pilot)
        await shown(app, lambda id: id == short.id)
        await pilot.press(">")
        await pick(app, pilot, "Long thread")
        await undo(app, pilot)
        await shown(app, lambda id: id == short.id)


async def shown(app: DeskApp, right: Callable[[int], bool]) -> None:
    """The cursor is on the conversation that is being read, and that is the right one."""

    def so() -> bool:
        row, read = app.inbox.rows.current, app.inbox.conversation.conversation
        return row is not None and read is not None and row.id == read.id and right(row.id)

    await until(so, what="the right conversation", otherwise=lambda: screen_text(app))
