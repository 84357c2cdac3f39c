"""The server goes away and comes back: nothing typed is lost, and the terminal finds its own way."""

from __future__ import annotations

import asyncio
import os
import signal

from desk.launch import ensure_server
from desk.model import NewReply
from tests.screens.conftest import shows, terminal, until
from tests.screens.test_writing import burst
from tests.servers.desk import DeskServer


async def test_a_killed_server_is_started_again_and_the_draft_survives(shop: DeskServer) -> None:
    revived: list[int] = []

    async def revive() -> None:
        if not revived:
            revived.append(1)
            await asyncio.to_thread(shop.start)

    async with terminal(shop, size=(120, 30), revive=revive) as (app, pilot):
        await shows(app, "Ben Carter")
        row = app.inbox.rows.current
        assert row is not None
        await pilot.press("r", *"before")
        await shows(app, "draft saved")
        shop.kill()
        await pilot.press(*"after")
        await until(lambda: revived, what="the server's revival")
        await until(lambda: app.desk.link == "up", what="a connection")
        await shows(app, "draft saved")
        assert app.inbox.writing.composer is not None
        assert app.inbox.writing.composer.editor.text == "beforeafter"
        async with shop.client() as client:
            draft = await client.draft(row.id)
            assert draft is not None
            assert draft.content.body == "beforeafter"


async def test_without_a_server_it_says_so_and_resumes_where_it_was(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 30)) as (app, pilot):
        await shows(app, "Ben Carter")
        await pilot.press("j", "j", "enter")
        row = app.inbox.conversation.conversation
        assert row is not None
        since = app.desk.feed.since
        shop.kill()
        await shows(app, "server away, reconnecting")
        await pilot.press("i", *"hm")
        shop.start()
        async with shop.client("ada") as other:
            await other.note(row.id, "written while it was away")
        await shows(app, "written while it was away", seconds=20)
        assert app.desk.link == "up"
        assert since is not None
        assert app.desk.feed.since is not None
        assert app.desk.feed.since > since


async def test_the_real_launcher_brings_it_back(shop: DeskServer) -> None:
    async def revive() -> None:
        await asyncio.to_thread(ensure_server, shop.home)

    async with terminal(shop, revive=revive) as (app, _):
        await shows(app, "Ben Carter")
        shop.kill()
        await until(lambda: app.desk.link == "away", what="the news")
        await until(lambda: app.desk.link == "up", what="a connection", seconds=30)
        async with shop.client() as client:
            await client.stop()


async def test_what_is_begun_without_a_server_goes_below_the_draft_it_keeps(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 30)) as (app, pilot):
        await shows(app, "Ben Carter")
        await pilot.press("enter")
        await until(lambda: app.inbox.target_message() is not None, what="the conversation")
        row = app.inbox.conversation.conversation
        assert row is not None
        async with shop.client() as client:
            await client.save_draft(row.id, NewReply(body="Dear Ben,"))
        shop.kill()
        await shows(app, "server away, reconnecting")
        await pilot.press("r", *"here", "space", *"it", "space", *"is")
        await shows(app, "draft not saved yet")
        shop.start()
        await shows(app, "Dear Ben,", "here it is", "draft saved", seconds=20)
        async with shop.client() as client:
            draft = await client.draft(row.id)
        assert draft is not None
        assert draft.content.body == "Dear Ben,\n\nhere it is"


async def test_a_server_that_stands_still_is_told_and_keeps_nobody_in_the_composer(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 30)) as (app, pilot):
        await shows(app, "Ben Carter")
        await pilot.press("r", *"kept")
        await shows(app, "draft saved")
        composer = app.inbox.writing.composer
        assert composer is not None
        os.kill(shop.pid, signal.SIGSTOP)
        try:
            await pilot.press(*" too")
            await shows(app, "no answer from the server for")
            burst(app, "escape", "j")
            await until(lambda: not composer.display, what="the composer closed")
            await until(lambda: app.inbox.context == "conversation", what="the conversation")
            assert composer.editor.text == "kept too"
        finally:
            os.kill(shop.pid, signal.SIGCONT)
        await until(lambda: not composer.unsaved and app.desk.client.silence == 0, what="answers")
        assert composer.conversation is not None
        async with shop.client() as client:
            draft = await client.draft(composer.conversation.id)
        assert draft is not None
        assert draft.content.body == "kept too"
