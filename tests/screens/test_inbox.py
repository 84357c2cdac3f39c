"""The inbox, read and answered through its keys, against a real server."""

from __future__ import annotations

from typing import Any

import pytest
from textual import events

from desk.client import Client
from desk.keymap import Keymap
from desk.model import Message, NewReply
from screens.prompt import Prompt
from tests.screens.conftest import screen_text, shows, terminal, until
from tests.screens.test_writing import composing
from tests.servers.desk import DeskServer


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_a_conversation_is_read_and_left(shop: DeskServer, size: tuple[int, int]) -> None:
    async with terminal(shop, size=size) as (app, pilot):
        await shows(app, "Ben Carter", "THIRD mail")
        first = app.inbox.rows.current
        assert first is not None
        await pilot.press("enter")
        await shows(app, first.subject[:20], "● open", first.customer_address[:12])
        assert app.inbox.context == "conversation"
        await pilot.press("escape")
        assert app.inbox.context == "list"
        assert app.inbox.rows.current == first


async def test_views_are_turned_through(shop: DeskServer) -> None:
    async with terminal(shop, size=(140, 30)) as (app, pilot):
        await shows(app, "THIRD mail")
        for key, view in (("m", "mine"), ("w", "waiting"), ("e", "resolved"), ("a", "all"), ("o", "open")):
            await pilot.press("g", key)
            await until(lambda view=view: app.inbox.pages.view == view, what=view)  # type: ignore[misc]
            async with shop.client() as client:
                page = await client.conversations(view)  # type: ignore[arg-type]
            assert app.inbox.rows.source.total == page.total
            assert app.inbox.rows.current == page.items[0]


async def test_deeds_reach_the_server_and_the_screen(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot), shop.client("ada") as other:
        await shows(app, "THIRD mail")
        row = app.inbox.rows.current
        assert row is not None
        await pilot.press("c")
        await shows(app, "it is yours")
        assert (await other.conversation(row.id)).assignee_name == "Mia"
        await pilot.press("t", *"vip", "enter")
        await shows(app, "tagged")
        assert "vip" in (await other.conversation(row.id)).tags
        await pilot.press("p", *"low", "enter")
        await shows(app, "priority low")
        await pilot.press("z", *"1h", "enter")
        await shows(app, "snoozed until")
        assert (await other.conversation(row.id)).state == "snoozed"
        await until(lambda: app.inbox.rows.current is not None and app.inbox.rows.current.id != row.id, what="next row")


async def test_a_question_is_left_without_an_answer(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot):
        await shows(app, "Ben Carter")
        row = app.inbox.rows.current
        for key in ("t", "z", "p", "slash", "I"):
            await pilot.press(key)
            await until(lambda: any(prompt.asking for prompt in app.inbox.query(Prompt)), what="a question")
            await pilot.press("escape")
            await until(lambda: not app.inbox.query_one(Prompt).asking, what="no question")
            assert app.inbox.context == "list"
        assert app.inbox.rows.current == row


async def test_losing_a_claim_names_the_winner(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot), shop.client("ada") as other:
        await shows(app, "Ben Carter")
        row = app.inbox.rows.current
        assert row is not None
        await other.assign(row.id, "ada")
        await pilot.press("c")
        await shows(app, "was first")


async def test_what_others_do_appears_by_itself(shop: DeskServer) -> None:
    async with terminal(shop, size=(160, 40)) as (app, pilot), shop.client("ada") as other:
        await shows(app, "Ben Carter")
        await pilot.press("j", "j", "enter")
        row = app.inbox.conversation.conversation
        assert row is not None
        await other.note(row.id, "the battery is in the cellar")
        await shows(app, "the battery is in the cellar", "note by")
        await other.assign(row.id, "ada")
        await shows(app, "Ada")


async def test_the_cursor_stays_with_its_conversation(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot), shop.client("ada") as other:
        await shows(app, "Ben Carter")
        await pilot.press("j", "j", "j")
        row = app.inbox.rows.current
        above = app.inbox.rows.source.row(0)
        assert row is not None
        assert above is not None
        await other.set_state(above.id, "resolved")
        await until(lambda: app.inbox.rows.cursor == 2, what="the row to move up")
        assert app.inbox.rows.current is not None
        assert app.inbox.rows.current.id == row.id


async def test_an_answer_is_sent_and_taken_back(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client() as client:
        await shows(app, "Ben Carter")
        row = app.inbox.rows.current
        assert row is not None
        await pilot.press("r", *"Sorry", "space", *"Ben", "ctrl+j")
        await shows(app, "takes it back")
        held = await client.outbox(["held"])
        assert [item.conversation_id for item in held] == [row.id]
        assert (await client.message(held[0].message_id)).body == "Sorry Ben"
        await pilot.press("u")
        await shows(app, "undone: ", "To ")
        assert await client.outbox(["held"]) == []
        assert app.inbox.writing.composer is not None
        assert app.inbox.writing.composer.editor.text == "Sorry Ben"


async def test_keys_typed_while_the_composer_opens_are_text(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot), shop.client() as client:
        await shows(app, "Ben Carter")
        row = app.inbox.rows.current
        assert row is not None
        await pilot.press("r", *"cezt")
        await until(
            lambda: app.inbox.writing.composer is not None and app.inbox.writing.composer.editor.text == "cezt",
            what="the typed text",
        )
        assert (await client.conversation(row.id)).state == "open"


async def test_a_draft_is_saved_as_typed_and_found_again(shop: DeskServer) -> None:
    async with shop.client() as client:
        async with terminal(shop) as (app, pilot):
            await shows(app, "Ben Carter")
            row = app.inbox.rows.current
            assert row is not None
            await pilot.press("r", *"half", "space", *"a", "space", *"thought")
            await until(lambda: app.inbox.writing.composer.editor.text == "half a thought", what="the typed text")
            await shows(app, "draft saved")
            draft = await client.draft(row.id)
            assert draft is not None
            assert draft.content.body == "half a thought"
        async with terminal(shop) as (app, pilot):
            await shows(app, "Ben Carter", "1 draft")
            await pilot.press("D")
            await shows(app, "half a thought")
            await pilot.press("enter")
            await until(lambda: app.inbox.context == "composer", what="the draft", otherwise=lambda: screen_text(app))
            await shows(app, "half a thought", "draft as you left it")
            await pilot.press("escape")
            await until(lambda: app.inbox.context == "conversation", what="the conversation")
            assert await client.draft(row.id) is not None
            await pilot.press("r")
            await shows(app, "half a thought", "draft as you left it")


async def test_keys_typed_while_a_draft_opens_are_text(shop: DeskServer) -> None:
    async with shop.client() as client, terminal(shop) as (app, pilot):
        await shows(app, "Ben Carter")
        row = app.inbox.rows.current
        assert row is not None
        await client.save_draft(row.id, NewReply(body="half"))
        await pilot.press("D")
        await shows(app, "half")
        await pilot.press("enter")
        await until(lambda: app.screen is app.inbox, what="the inbox")
        await pilot.press("space", *"rc")
        composer = await composing(app)
        await until(lambda: composer.editor.text == "half rc", what="the typed text")
        assert (await client.conversation(row.id)).assignee_name is None


async def test_a_stale_answer_is_stopped_and_the_news_shown(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client("ada") as other:
        await shows(app, "Ben Carter")
        row = app.inbox.rows.current
        assert row is not None
        await pilot.press("r", *"mine")
        await shows(app, "draft saved")
        await other.reply(row.id, NewReply(body="I was quicker"), now=False)
        await pilot.press("ctrl+j")
        await shows(app, "NOT SENT", "I was quicker")
        assert app.inbox.writing.composer is not None
        assert app.inbox.writing.composer.editor.text == "mine"


async def test_a_search_shows_hits_and_goes_back(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot):
        await shows(app, "Ben Carter")
        await pilot.press("slash", *"wheel", "enter")
        await shows(app, "for wheel")
        assert app.inbox.context == "search"
        total = app.inbox.rows.source.total
        assert total > 1
        await pilot.press("enter")
        await until(lambda: app.inbox.context == "conversation", what="the hit")
        await pilot.press("n")
        await until(lambda: app.inbox.rows.cursor == 1, what="the next hit")
        await pilot.press("escape", "escape")
        await until(lambda: app.inbox.context == "list", what="the list")
        await shows(app, "Ben Carter")
        await pilot.press("slash", "ctrl+u", *"zzzqqq", "enter")
        await shows(app, "nothing found")


async def test_folds_why_and_help(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot):
        await shows(app, "Ben Carter")
        await pilot.press("enter")
        await until(lambda: app.inbox.conversation.transcript.messages, what="messages")
        await pilot.press("w")
        await shows(app, "Why is this message here?")
        await pilot.press("escape")
        await pilot.press("question_mark")
        await shows(app, "All keys", "save an attachment")
        await pilot.press("escape")
        await until(lambda: app.screen is app.inbox, what="the inbox")


async def test_ledger_replay_and_outbox(shop: DeskServer) -> None:
    async with terminal(shop, size=(140, 40)) as (app, pilot):
        await shows(app, "Ben Carter")
        await pilot.press("L")
        await shows(app, "quarantined", "parts nested")
        await pilot.press("x")
        await until(lambda: "stored" not in screen_text(app), what="only quarantined")
        await pilot.press("R")
        await until(lambda: app.desk.news is not None, what="an answer to replay")
        await pilot.press("escape", "escape")
        await until(lambda: app.screen is app.inbox, what="the inbox")
        await pilot.press("O")
        await shows(app, "failed", "Fiona Gallagher")
        await pilot.press("R")
        await shows(app, "it is tried again")


async def test_an_empty_workspace_says_how_to_begin(desk_server: DeskServer) -> None:
    async with terminal(desk_server) as (app, pilot):
        await shows(app, "Welcome to Desk", "Load the sample shop")
        await pilot.press("S")
        await until(lambda: app.screen is app.inbox, what="the inbox", seconds=30)
        await shows(app, "Ben Carter", "chat with yourself from http://127.0.0.1:", seconds=30)


async def test_a_mailbox_that_cannot_be_reached_is_told_in_words(desk_server: DeskServer) -> None:
    async with terminal(desk_server, size=(120, 40)) as (app, pilot):
        await shows(app, "Welcome to Desk")
        await pilot.press("M")
        await shows(app, "mail comes from")
        form = app.screen
        for name, value in (("address", "a@example.com"), ("password", "x"), ("imap", "127.0.0.1:1")):
            form.entries[name].put(value)  # type: ignore[attr-defined]
        form.entries["smtp"].put("127.0.0.1:1")  # type: ignore[attr-defined]
        await pilot.press("ctrl+j")
        await shows(app, "nothing was stored", "✗", seconds=40)


async def test_remapped_keys_work_and_are_shown(shop: DeskServer) -> None:
    async with terminal(shop, keymap=Keymap({"claim": "y"})) as (app, pilot):
        await shows(app, "Ben Carter", "y claim")
        await pilot.press("c")
        assert app.desk.news is None
        await pilot.press("y")
        await shows(app, "it is yours")


async def test_the_palette_finds_and_does(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot):
        await shows(app, "Ben Carter")
        await pilot.press("ctrl+p", *"claim")
        await shows(app, "make it mine")
        await pilot.press("enter")
        await shows(app, "it is yours")


async def test_keys_that_edit_keep_their_place_among_letters(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot):
        await shows(app, "Ben Carter")
        await pilot.press("r")
        await until(lambda: app.inbox.context == "composer", what="the composer")
        composer = app.inbox.writing.composer
        assert composer is not None
        for key in "ab":
            app.post_message(events.Key(key, key))
        app.post_message(events.Key("backspace", "\x7f"))
        app.post_message(events.Key("z", "z"))
        await until(lambda: composer.editor.text.endswith("z"), what="z", otherwise=lambda: composer.editor.text)
        assert "b" not in composer.editor.text


async def test_what_stands_beside_the_list_is_asked_for_once(shop: DeskServer, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    messages = Client.messages

    async def counted(self: Client, conversation_id: int, **named: Any) -> list[Message]:
        asked.append(conversation_id)
        return await messages(self, conversation_id, **named)

    async with terminal(shop, size=(150, 40)) as (app, _), shop.client("mei") as colleague:
        await shows(app, "third time", "no answer yet")
        here, other = app.inbox.rows.current, app.inbox.rows.source.row(3)
        assert here is not None
        assert other is not None
        await until(lambda: not app.desk.feed.busy and app.inbox.opening.resting, what="rest before")
        monkeypatch.setattr(Client, "messages", counted)
        await colleague.tag(other.id, add=["seen"])
        await until(lambda: (row := app.inbox.rows.source.row(3)) and "seen" in row.tags, what="the change")
        await until(lambda: not app.desk.feed.busy and app.inbox.opening.resting, what="rest")
        assert asked == []
        await colleague.note(here.id, "a word between us")
        await shows(app, "a word between us")
        assert set(asked) == {here.id}
