"""Deeds on many conversations, and taking deeds back."""

from __future__ import annotations

import pytest

from tests.screens.conftest import screen_text, shows, terminal, until
from tests.screens.driving import do, keys
from tests.screens.test_views import here, listed, states, total
from tests.servers.desk import DeskServer


@pytest.mark.parametrize("by", ["key", "line"])
async def test_deeds_go_to_what_is_selected_and_one_undo_takes_all_back(shop: DeskServer, by: str) -> None:
    line = by == "line"
    async with terminal(shop) as (app, pilot), shop.client() as client:
        await shows(app, "Ben Carter")
        rows = listed(app, 5)
        for _ in range(2):
            await do(app, pilot, ":select" if line else "x")
        await pilot.press("j", "j")
        await do(app, pilot, ":select-range" if line else "X")
        await shows(app, "5 selected")
        await do(app, pilot, ":resolve" if line else "e")
        await shows(app, "5 conversations: resolved")
        assert await states(client, rows) == ["resolved"] * 5
        await total(app, 15)
        assert "selected" not in screen_text(app)
        await do(app, pilot, ":undo" if line else "u")
        await shows(app, "undone: resolve · 5 conversations")
        assert await states(client, rows) == ["open"] * 5
        await total(app, 20)
        await do(app, pilot, ":redo" if line else "U")
        await shows(app, "done again: resolve · 5 conversations")
        await total(app, 15)


@pytest.mark.parametrize("by", ["key", "line"])
async def test_all_of_a_view_but_one(shop: DeskServer, by: str) -> None:
    async with terminal(shop, size=(100, 14)) as (app, pilot), shop.client() as client:
        await shows(app, "Ben Carter")
        first = here(app)
        await do(app, pilot, "*" if by == "key" else ":select-all")
        await shows(app, "20 selected")
        await do(app, pilot, "x" if by == "key" else ":select")
        await shows(app, "19 selected")
        await keys(pilot, "tvip")
        await pilot.press("enter")
        await shows(app, "19 conversations: tagged")
        assert (await client.conversations("open", "tag:vip")).total == 19
        assert "vip" not in (await client.conversation(first.id)).tags
        await do(app, pilot, ":select-all")
        await shows(app, "20 selected")
        await do(app, pilot, ":select-none")
        await until(lambda: "selected" not in screen_text(app), what="nothing selected")


async def test_all_that_match_a_filter_or_a_search(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot), shop.client() as client:
        await shows(app, "Ben Carter")
        await do(app, pilot, ":filter tag:safety")
        await total(app, 2)
        await keys(pilot, "*p")
        await keys(pilot, "urgent")
        await pilot.press("enter")
        await shows(app, "2 conversations: priority urgent")
        await pilot.press("escape", "escape")
        await total(app, 20)
        await do(app, pilot, ":search tag:warranty")
        await shows(app, "for tag:warranty")
        expected = (await client.conversations("all", "tag:warranty")).total
        await keys(pilot, "*")
        await shows(app, f"{expected} selected")
        await do(app, pilot, ":assign ada")
        await shows(app, f"{expected} conversations: given to ada")
        assert (await client.conversations("all", "tag:warranty assignee:ada")).total == expected


async def test_a_tag_of_two_words_on_many(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot), shop.client() as client:
        await shows(app, "Ben Carter")
        rows = listed(app, 2)
        await keys(pilot, "xx")
        await do(app, pilot, ':tag +"late delivery" vip')
        await shows(app, "2 conversations: tagged")
        for row in rows:
            assert {"late delivery", "vip"} <= set((await client.conversation(row.id)).tags)


async def test_what_failed_is_told_and_stays_selected(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot), shop.client("ada") as other:
        await shows(app, "Ben Carter")
        await other.assign(here(app).id, "ada")
        await until(lambda: here(app).assignee_name, what="the rep")
        await keys(pilot, "3xc")
        await shows(app, "1 conversation: they are yours; 2 failed:", "has it already", "2 selected")
        await pilot.press("escape")
        await pilot.press("escape")
        await until(lambda: "selected" not in screen_text(app), what="nothing selected")


async def test_one_undo_a_deed_each_step_told(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot), shop.client() as client:
        await shows(app, "Ben Carter")
        row = here(app)
        await keys(pilot, "tvip")
        await pilot.press("enter")
        await shows(app, "tagged")
        await do(app, pilot, ":priority low")
        await shows(app, "priority low")
        await keys(pilot, "e")
        await shows(app, "resolved")
        for said in ("resolve", "priority", "tag"):
            await pilot.press("u")
            await shows(app, "undone: ", said)
        await until(lambda: here(app).id == row.id, what="the cursor where the deeds were")
        after = await client.conversation(row.id)
        assert (after.state, after.priority, after.tags) == (row.state, row.priority, row.tags)


@pytest.mark.parametrize("advance", ["next", "previous", "list", "stay"])
async def test_after_a_deed_it_goes_on_as_the_rep_likes(shop: DeskServer, advance: str) -> None:
    async with terminal(shop) as (app, pilot):
        await shows(app, "Ben Carter")
        await do(app, pilot, f":set advance {advance}")
        await keys(pilot, "jj")
        before, row, after = listed(app, 4)[1:]
        await pilot.press("enter")
        await until(lambda: app.inbox.context == "conversation", what="the conversation")
        await pilot.press("e")
        wanted = {"next": after, "previous": before, "stay": row}.get(advance)
        if wanted is None:
            await until(lambda: app.inbox.context == "list" and here(app).id == after.id, what="the list")
        else:
            pane = app.inbox.conversation
            await until(
                lambda: pane.conversation is not None and pane.conversation.id == wanted.id,
                what=advance,
                otherwise=lambda: screen_text(app),
            )
            assert app.inbox.context == "conversation"


async def test_where_to_after_a_deed_is_kept_in_the_file(shop: DeskServer) -> None:
    async with shop.client() as client:
        await client.set_setting("reps.mia.advance", "stay")
    async with terminal(shop) as (app, pilot), shop.client() as client:
        await shows(app, "Ben Carter")
        await until(lambda: app.desk.advance == "stay", what="what the file says")
        await do(app, pilot, ":set advance list")
        assert app.desk.advance == "list"
        await client.set_setting("desk.undo_seconds", 20)
        await client.set_setting("reps.mia.advance", "previous")
        await until(lambda: app.desk.advance == "previous", what="what the file says now")


async def test_quick_keys_resolve_one_after_the_other(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot), shop.client() as client:
        await shows(app, "Ben Carter")
        rows = listed(app, 4)
        for _ in range(3):
            before = here(app)
            await pilot.press("e")
            await until(lambda before=before: here(app).id != before.id, what="the next one")  # type: ignore[misc]
        assert await states(client, rows) == ["resolved", "resolved", "resolved", "open"]
        assert here(app).id == rows[3].id


@pytest.mark.parametrize("by", ["key", "line"])
async def test_an_act_on_many_tells_how_far_it_is_and_is_stopped(shop: DeskServer, by: str) -> None:
    async with shop.client() as client:
        await client.set_setting("macros.slow.steps", ["tag +slow", *["note word by word"] * 600])
    async with terminal(shop) as (app, pilot), shop.client() as client:
        await shows(app, "Ben Carter")
        await do(app, pilot, ":stop")
        assert not app.inbox.acting.busy, "there is nothing to stop, and no harm in it"
        await do(app, pilot, "*")
        await shows(app, "20 selected")
        await do(app, pilot, ":macro slow")
        await shows(app, "slow — 20 conversations")
        await pilot.press("y")
        await shows(app, "of 20: slow is done … ^k stops it")
        if by == "line":
            await do(app, pilot, ":stop")
        else:
            await pilot.press("e")
            await shows(app, "another act on many is still running; ^k stops it")
            await pilot.press("ctrl+k")
        await shows(app, "slow is done; stopped, ", "left as they were")
        assert 0 < (await client.conversations("open", "tag:slow")).total < 20
        await pilot.press("u")
        await shows(app, "undone: macro slow · 20 conversations")
        assert (await client.conversations("open", "tag:slow")).total == 0
