"""People type faster than a server far away answers: each key does what it would have done a moment later.

Answers are held back here by hand. `DESK_TESTS_LATE` makes all of them late in all tests of screens (see settling.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from desk.app import DeskApp
from screens.commandline import CommandLine
from screens.confirm import Confirm
from screens.connections import ConnectionsScreen
from screens.customers.screen import CustomersScreen
from screens.listing import OutboxScreen
from screens.prompt import Prompt
from tests.screens.conftest import UNREACHABLE, screen_text, shows, terminal, until
from tests.screens.driving import line
from tests.screens.test_conversation import find as conversation_of
from tests.screens.test_conversation import server as server_with_threads
from tests.screens.test_customers import find, known, to_pane
from tests.screens.test_settings import server as server_with_settings
from tests.screens.test_settings import text_of
from tests.screens.test_writing import burst, composing
from tests.servers.desk import DeskServer

__all__ = ["server_with_settings", "server_with_threads"]

Which = Callable[[str, str, dict[str, Any]], object]
"""Of the method, the path and the parameters of a request."""


@contextmanager
def held(app: DeskApp, which: Which) -> Iterator[asyncio.Event]:
    """Answers to those requests of the terminal wait for the event, and for the end at most."""
    client, let_go = app.desk.client, asyncio.Event()
    send = client._send

    async def late(method: str, path: str, **named: Any) -> Any:
        response = await send(method, path, **named)
        if which(method, path, named.get("params") or {}):
            await let_go.wait()
        return response

    client._send = late  # type: ignore[method-assign]
    try:
        yield let_go
    finally:
        let_go.set()
        del client._send  # type: ignore[method-assign]


async def asking(app: DeskApp) -> Prompt:
    """The question at the bottom of the screen."""
    await until(
        lambda: any(each.asking for each in app.screen.query(Prompt)),
        what="a question",
        otherwise=lambda: screen_text(app),
    )
    return app.screen.query_one(Prompt)


async def on(app: DeskApp, kind: type) -> None:
    await until(lambda: isinstance(app.screen, kind), what=kind.__name__, otherwise=lambda: screen_text(app))


# --- settings and connections -----------------------------------------------------------------------------


async def test_a_switch_turns_as_often_as_its_key_is_pressed(server_with_settings: DeskServer) -> None:
    server = server_with_settings
    async with terminal(server, size=(120, 40)) as (app, pilot):
        await pilot.press("escape", "comma")
        await shows(app, "undo_seconds")
        await pilot.press("slash", *"desk.notice_names", "enter")
        await shows(app, "desk.notice_names —")
        with held(app, lambda method, path, _: path == "/settings") as let_go:
            await pilot.press("enter", "enter", "enter", "d")
            let_go.set()
            await shows(app, "desk.notice_names is no longer in desk.toml")
        assert "notice_names" not in text_of(server)


async def test_pausing_twice_lets_go_on(server_with_settings: DeskServer) -> None:
    server = server_with_settings
    async with terminal(server) as (app, pilot):
        await pilot.press("escape", "g", "c")
        await on(app, ConnectionsScreen)
        await shows(app, "counter@shop.example", "connected")
        with held(app, lambda method, path, _: method == "PUT") as let_go:
            await pilot.press("p", "p")
            let_go.set()
            await shows(app, "counter goes on")
        assert "enabled = true" in text_of(server)


# --- customers --------------------------------------------------------------------------------------------


async def test_a_key_typed_after_who_was_found_is_for_their_pane(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot):
        await pilot.press("g", "p")
        await on(app, CustomersScreen)
        with held(app, lambda method, path, _: "/customers" in path) as let_go:
            await pilot.press(*"okafor", "enter", "colon")
            let_go.set()
            await on(app, CommandLine)


# --- reading ----------------------------------------------------------------------------------------------


async def test_what_is_done_with_a_message_waits_for_it(shop: DeskServer) -> None:
    async with terminal(shop, size=(100, 40)) as (app, pilot):
        await shows(app, "Ben Carter")
        with held(app, lambda method, path, _: "messages" in path) as let_go:
            app.inbox.conversation._cache.clear()
            await pilot.press("enter", "V", "/", *"NOBODY", "enter")
            let_go.set()
            await until(lambda: getattr(app.screen, "view", None) and app.screen.view.found, what="the word")


async def test_the_first_message_comes_though_others_come_meanwhile(server_with_threads: DeskServer) -> None:
    server = server_with_threads
    async with terminal(server, size=(100, 40)) as (app, pilot), server.client("ada") as ada:
        await shows(app, "Somebody else")
        row = await conversation_of(ada, "Long thread")
        app.inbox.show_conversation(row)
        await shows(app, "Long thread number 400.")
        with held(app, lambda method, path, params: params.get("after") == 0) as let_go:
            await pilot.press("g", "g")
            await ada.note(row.id, "a note at the end")
            await shows(app, "a note at the end")
            let_go.set()
            await shows(app, "Long thread number 1.")


async def test_what_is_read_on_to_stays_though_the_thread_was_asked_for_before(server_with_threads: DeskServer) -> None:
    server = server_with_threads
    async with terminal(server, size=(100, 40)) as (app, pilot), server.client("ada") as ada:
        await shows(app, "Somebody else")
        app.inbox.show_conversation(await conversation_of(ada, "Long thread"))
        await shows(app, "Long thread number 400.")
        await pilot.press("g", "g")
        await shows(app, "Long thread number 1.")
        transcript = app.inbox.conversation.transcript
        first, last = transcript.stretch.first, transcript.stretch.last
        with held(app, lambda method, path, params: params.get("after") == first - 1) as let_go:
            app.inbox.start(app.inbox.conversation.reload())
            await pilot.press(*["pagedown"] * 6)
            await until(lambda: transcript.stretch.last > last, what="newer messages")
            further = transcript.stretch.last
            let_go.set()
            await pilot.pause()
        await pilot.press("j")
        assert transcript.stretch.last >= further


@pytest.mark.parametrize("advance", ["next", "previous", "list"])
async def test_it_goes_on_though_the_feed_was_faster_than_the_answer(shop: DeskServer, advance: str) -> None:
    async with terminal(shop) as (app, pilot):
        await shows(app, "Ben Carter")
        await line(app, pilot, f"set advance {advance}")
        await pilot.press("j", "j", "enter")
        before, row, after = (app.inbox.rows.source.row(index) for index in (1, 2, 3))
        assert before is not None
        assert row is not None
        assert after is not None
        with held(app, lambda method, path, _: path == f"/conversations/{row.id}/state") as let_go:
            await pilot.press("e")
            await until(lambda: app.inbox.pages.index_of(row.id) is None, what="the list without it")
            assert app.inbox.conversation.conversation is not None
            assert app.inbox.conversation.conversation.id == row.id
            let_go.set()
            await shows(app, "resolved")
            wanted = {"next": after, "previous": before, "list": after}[advance]
            await until(lambda: (r := app.inbox.rows.current) is not None and r.id == wanted.id, what=advance)
        if advance == "list":
            await until(lambda: app.inbox.context == "list", what="the list")
        else:
            await until(
                lambda: (c := app.inbox.conversation.conversation) is not None and c.id == wanted.id, what=advance
            )


# --- customers --------------------------------------------------------------------------------------------


async def test_a_timeline_keeps_what_came_after_it_was_asked_for(new_desk: Callable[..., DeskServer]) -> None:
    from desk.clock import SystemClock
    from desk.model import Identity
    from desk.store.sqlite.store import open_store

    server = new_desk(UNREACHABLE, environment={})
    store = open_store(server.home.database, blobs=server.home.attachments)
    now = SystemClock().now()
    with store.write():
        id = store.customers.create("Old Hand", [Identity(kind="email", value="o@x.example")], now)
        for number in range(120):
            store.conversations.create(
                subject=f"matter {number}", channel="email", account="shop", customer_id=id, at=now - number * 60_000
            )
    store.close()
    async with terminal(server.start(), size=(120, 40)) as (app, pilot):
        pane = await to_pane(app, pilot, server, "Old Hand")
        with held(app, lambda method, path, _: path.endswith("/summary")) as let_go:
            app.inbox.start(pane.reload())
            await pilot.press("G")
            await until(lambda: len(pane.dossier.chapters) == 100, what="older ones")
            asked = pane._asked
            let_go.set()
            await pilot.pause()
            assert pane._asked == asked
        await pilot.press("G")
        await until(lambda: len(pane.dossier.chapters) == 120, what="all of them")


async def test_what_is_typed_for_the_line_under_the_cursor_is_typed_there(shop: DeskServer) -> None:
    """The key for what the cursor is on leads to another action, which asks."""
    async with terminal(shop, size=(120, 40)) as (app, pilot):
        await to_pane(app, pilot, shop, "Claire")
        with held(app, lambda method, path, _: path.startswith("/customers/")) as let_go:
            await pilot.press("enter", "ctrl+u", *"Zoe", "enter")
            let_go.set()
            await until(lambda: app.desk.news is not None and "Zoe" in app.desk.news.text, what="her name")
        assert (await find(shop, "Zoe")).name == "Zoe"


async def test_keys_after_what_asks_nothing_are_carried_out(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot):
        pane = await to_pane(app, pilot, shop, "Claire")
        pane.cursor = ("attribute", "LC-20428")
        with held(app, lambda method, path, _: method == "PATCH") as let_go:
            await pilot.press("C", "d", "C", "r")
            let_go.set()
            await asking(app)
        await known(shop, "Claire", lambda one: "LC-20428" not in one.attributes)
        await pilot.press("escape", "u", "C", "r")
        await asking(app)
        await known(shop, "Claire", lambda one: "LC-20428" in one.attributes)


async def test_escape_among_customers_leads_to_the_list_before_it_is_there(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot):
        await shows(app, "Ben Carter")
        with held(app, lambda method, path, _: path == "/customers") as let_go:
            await pilot.press("g", "p")
            await on(app, CustomersScreen)
            await pilot.press("escape")
            let_go.set()
            await shows(app, "met last first")
        assert isinstance(app.screen, CustomersScreen)
        await until(lambda: app.screen.context == "customers", what="the list")  # type: ignore[attr-defined]


# --- choosing and saying yes ------------------------------------------------------------------------------


async def test_nobody_says_yes_or_no_to_what_nobody_saw(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client() as client:
        await client.set_setting("macros.late.steps", ["tag +late"])
        await shows(app, "Ben Carter")
        row = app.inbox.rows.current
        assert row is not None
        for way in ("@", ":"):
            with held(app, lambda method, path, _: "macros" in path) as let_go:
                if way == ":":
                    await line(app, pilot, "macro late")
                    await pilot.press("n", "y", "e")
                else:
                    burst(app, "@", *"late", "enter", "n", "y", "e")
                    await pilot.pause()
                let_go.set()
                await on(app, Confirm)
                await shows(app, "late — 1 conversation")
            assert await client.conversation(row.id) == row
            await pilot.press("n")
            await until(lambda: app.screen is app.inbox, what="the inbox")
        assert app.inbox.context == "list"


async def test_keys_after_what_was_picked_come_after_it(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client() as client:
        await shows(app, "Ben Carter")
        await to_pane(app, pilot, shop, "Claire")
        wanda = await find(shop, "Wanda")
        with held(app, lambda method, path, params: path == "/customers" or path.endswith("/summary")) as let_go:
            await pilot.press("ampersand")
            burst(app, *"wanda", "enter", "y")
            await pilot.pause()
            let_go.set()
            await on(app, Confirm)
            await shows(app, "Merge Wanda")
        await pilot.press("y")
        await known(shop, "Claire", lambda one: len(one.identities) == 3)
        assert (await client.customer(wanda.id)).merged_into is not None


async def test_keys_after_an_undo_are_carried_out(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot), shop.client() as client:
        await shows(app, "Ben Carter")
        row = app.inbox.rows.current
        assert row is not None
        await pilot.press("c")
        await shows(app, "it is yours")
        with held(app, lambda method, path, _: path == "/undo") as let_go:
            await pilot.press("u", "t")
            await pilot.press(*"vip", "enter")
            let_go.set()
            await shows(app, "tagged")
        after = await client.conversation(row.id)
        assert (after.assignee_name, after.tags) == (None, (*row.tags, "vip"))


async def test_keys_after_a_conversation_that_is_shown_are_for_it(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client() as client:
        await shows(app, "Ben Carter")
        first, other = app.inbox.rows.source.row(0), app.inbox.rows.source.row(3)
        assert first is not None
        assert other is not None
        with held(app, lambda method, path, _: path == f"/conversations/{other.id}") as let_go:
            await line(app, pilot, f"show {other.id}")
            await pilot.press("e")
            let_go.set()
            await shows(app, "resolved")
        assert (await client.conversation(first.id)).state == first.state
        assert (await client.conversation(other.id)).state == "resolved"


async def test_keys_after_what_is_opened_from_the_outbox_are_for_it(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client() as client:
        await shows(app, "Ben Carter")
        await pilot.press("O")
        await shows(app, "Fiona Gallagher")
        screen = app.screen
        assert isinstance(screen, OutboxScreen)
        item = screen.list.current
        assert item is not None
        with held(app, lambda method, path, _: path == f"/conversations/{item.conversation_id}") as let_go:
            await pilot.press("enter", "t", *"late", "enter")
            let_go.set()
            await shows(app, "tagged")
        assert "late" in (await client.conversation(item.conversation_id)).tags


async def test_what_is_sent_and_resolved_leads_on_though_others_heard_of_it_first(shop: DeskServer) -> None:
    """The list may be without it before the answer to the sending is here."""
    async with terminal(shop, size=(100, 30)) as (app, pilot):
        await shows(app, "Ben Carter")
        first, second = app.inbox.rows.source.row(0), app.inbox.rows.source.row(1)
        assert first is not None
        assert second is not None
        await pilot.press("enter", "r")
        await composing(app)
        await pilot.press(*"hi")
        with held(app, lambda method, path, _: path.endswith("/reply")) as let_go:
            await pilot.press("ctrl+r")
            await until(lambda: app.inbox.rows.current == second, what="the list without it")
            let_go.set()
            await shows(app, second.subject[:20])
            await until(
                lambda: (row := app.inbox.conversation.conversation) is not None and row.id == second.id,
                what="the next one",
                otherwise=lambda: screen_text(app),
            )


async def test_what_is_typed_after_a_filter_is_for_the_list(shop: DeskServer) -> None:
    async with terminal(shop, size=(100, 30)) as (app, _):
        await shows(app, "Ben Carter")
        burst(app, *"\\wheel", "enter", "j", "j")
        await until(
            lambda: (app.inbox.pages.q, app.inbox.context) == ("wheel", "list"),
            what="the filter",
            otherwise=lambda: f"{app.inbox.pages.q} {app.inbox.context}\n{screen_text(app)}",
        )
