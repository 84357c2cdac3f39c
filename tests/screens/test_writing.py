"""Writing: through the composer's keys and lines, against a real server."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from desk.answers.model import NewAnswer
from desk.app import DeskApp
from desk.client import Client
from desk.model import Address, NewReply
from screens.commandline import CommandLine
from screens.composer import Composer
from screens.listing import OutboxScreen
from tests.screens import driving
from tests.screens.conftest import screen_text, shows, terminal, until
from tests.servers.desk import DeskServer


async def composing(app: DeskApp) -> Composer:
    """The composer, once it is open."""
    await until(
        lambda: app.inbox.helpers() and app.inbox.writing.composer is not None and app.inbox.writing.composer.work,
        what="the composer",
        otherwise=lambda: screen_text(app),
    )
    composer = app.inbox.writing.composer
    assert composer is not None
    return composer


async def opened(app: DeskApp, pilot: Pilot[None], key: str = "r") -> Composer:
    await shows(app, "Ben Carter")
    await pilot.press(key)
    return await composing(app)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_an_answer_shows_to_whom_and_about_what(shop: DeskServer, size: tuple[int, int]) -> None:
    async with terminal(shop, size=size) as (app, pilot):
        composer = await opened(app, pilot)
        row = composer.conversation
        assert row is not None
        begins = f"<{row.customer_address}"[:24]
        await shows(app, "To", f"{row.customer_name} {begins}", "Subject", "Re: THIRD mail")
        assert composer.fields["to"].text == f"{row.customer_name} <{row.customer_address}>"


async def _holds(composer: Composer, part: str, words: str) -> None:
    def text() -> str:
        return composer.editor.text if part == "editor" else composer.fields["to"].text

    await until(lambda: text() == words, what=words, otherwise=text)


@pytest.mark.parametrize(("key", "part"), [("r", "editor"), ("i", "editor"), ("W", "part-to"), ("f", "part-to")])
async def test_what_is_typed_before_the_composer_is_there_is_typed_into_it(
    shop: DeskServer, key: str, part: str
) -> None:
    """The first time, when all of it is made; and the second."""
    async with terminal(shop) as (app, pilot):
        await shows(app, "Ben Carter")
        for words in ("Hello eeee", "again!"):
            burst(app, key, *words)
            await _holds(await composing(app), part, words)
            await pilot.press("alt+q")
            await until(lambda: app.inbox.context in ("list", "conversation"), what="the composer closed")
        assert app.inbox.rows.source.row(0).state == "open"


async def test_a_burst_after_tab_lands_in_the_next_line(shop: DeskServer) -> None:
    """Keys that arrive all at once, faster than any is read."""
    async with terminal(shop) as (app, pilot):
        composer = await opened(app, pilot)
        await pilot.press("ctrl+g")
        await until(lambda: composer.fields["to"].entry.has_focus, what="the line To")
        burst(app, "tab", *"c@c.org", "tab", *"b@b.org", "tab", *"!", "tab", *"text", "tab", *"x", "shift+tab", *"y")
        await until(lambda: composer.editor.text == "texty", what="the text", otherwise=lambda: composer.editor.text)
        values = {name: field.text for name, field in composer.fields.fields.items()}
        assert values["cc"] == "c@c.org"
        assert values["bcc"] == "b@b.org"
        assert values["subject"].endswith("battery?!!")
        assert values["to"].endswith(">x")


async def test_people_are_offered_as_they_are_typed(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot):
        composer = await opened(app, pilot)
        await pilot.press("ctrl+g", "tab")
        burst(app, *"marta", "tab", "tab", "tab", *"Hello")
        await until(lambda: composer.editor.text == "Hello", what="the text", otherwise=lambda: screen_text(app))
        assert composer.fields["cc"].text.startswith("Marta Okafor <")
        await pilot.press("shift+tab", "shift+tab", *"silke")
        await shows(app, "Silke Brandt <")
        await pilot.press("enter", *"nobody at all")
        await until(lambda: composer.fields["bcc"].label.wrong, what="a word about it")
        await pilot.press("ctrl+j")
        await shows(app, "not sent: nobody at all is no address")


async def test_the_one_gone_to_is_taken(shop: DeskServer) -> None:
    """At a person's pace: what was offered stays as it is while one goes through it."""
    async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client() as client:
        for title in ("one", "two", "three"):
            await client.save_answer(
                NewAnswer(title=f"Zeppelin {title}", shortcut=f"zep{title}", body=f"It is {title}.")
            )
        composer = await opened(app, pilot)
        await pilot.press("ctrl+g", "tab", *"mar")
        await shows(app, "Diego Marín <", "Marta Okafor <")
        second = composer.offers.offered.rows[1].text
        await pilot.press("down", "enter")
        assert composer.fields["cc"].text == f"{second}, "
        await pilot.press("shift+tab", "shift+tab", *"::zep")
        await until(
            lambda: len(composer.canned.hits.rows) == 3, what="three answers", otherwise=lambda: screen_text(app)
        )
        third = composer.canned.hits.rows[2].body.strip()
        await pilot.press("down", "down", "enter")
        await until(lambda: composer.editor.text == third, what=third, otherwise=lambda: composer.editor.text)


async def test_what_no_answer_has_is_told(shop: DeskServer) -> None:
    async with terminal(shop, size=(80, 24)) as (app, pilot), shop.client() as client:
        for number in range(10):
            await client.save_answer(NewAnswer(title=f"The {number}", shortcut=f"the{number}", body=f"No. {number}"))
        await opened(app, pilot)
        await pilot.press(*"::quux")
        await shows(app, "no canned answer has quux")
        await pilot.press(*["backspace"] * 4)
        await until(lambda: "no canned answer" not in screen_text(app), what="answers again")
        await until(
            lambda: screen_text(app).count(" ::the") >= 7, what="many answers", otherwise=lambda: screen_text(app)
        )


async def test_a_file_is_attached_and_taken_off(shop: DeskServer, tmp_path: Path) -> None:
    (tmp_path / "receipt one.txt").write_text("paid")
    (tmp_path / "two.txt").write_text("paid again")
    async with terminal(shop) as (app, pilot):
        composer = await opened(app, pilot)
        burst(app, "ctrl+t", *f"{tmp_path}/rec", "down", "enter")
        await until(
            lambda: composer.fields["file"].text.endswith("receipt one.txt"),
            what="the path",
            otherwise=lambda: screen_text(app),
        )
        burst(app, "enter", *"See it")
        await shows(app, "+1 receipt one.txt 4 B")
        await until(lambda: composer.editor.text == "See it", what="the text")
        await line(app, pilot, f"attach {tmp_path}/two.txt")
        await shows(app, "+2 two.txt 10 B", "14 B together")
        await line(app, pilot, "detach 1")
        await shows(app, "+1 two.txt")
        await pilot.press("alt+t")
        await until(lambda: not composer.content.attachments, what="no files")
        await line(app, pilot, f"attach {tmp_path}/three.txt")
        await shows(app, "there is no file")


async def test_an_answer_is_put_in_after_two_colons(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client() as client:
        gapless = await client.save_answer(
            NewAnswer(title="Late parcels", shortcut="late", body="Dear {customer.first_name|there},\n\nit is late.\n")
        )
        composer = await opened(app, pilot)
        burst(app, *"Hi ::", *gapless.shortcut, "enter", *"!")
        await until(lambda: composer.editor.text.endswith("!"), what="the answer", otherwise=lambda: screen_text(app))
        filled = await client.fill_answer(gapless.key, composer.conversation.id)
        assert composer.editor.text == f"Hi {filled.body.strip()}!"
        assert gapless.key in composer.current().answers
        await pilot.press("ctrl+a", "alt+a")
        await until(lambda: composer.canned.open, what="the answers")
        await pilot.press("escape")
        await until(lambda: not composer.canned.open, what="no answers")
        assert composer.work is not None


async def test_an_answer_in_a_new_conversation_knows_the_customer_and_brings_its_files(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client() as client:
        form = await client.upload(b"%PDF-1.4")
        await client.save_answer(
            NewAnswer(
                title="Our form",
                shortcut="ourform",
                body="Hello {customer.first_name|there}, about {conversation.subject}.\n",
                attachments=(f"{form}:form.pdf",),
            )
        )
        marta = (await client.find_customers("Marta Okafor"))[0]
        await shows(app, "Ben Carter")
        await pilot.press("W")
        composer = await composing(app)
        burst(app, *f"whoever <{marta.address}>", "tab", *"Your wheel", "tab", *"::ourform")
        await shows(app, "Hello Marta, about Your")
        burst(app, "enter")
        await until(lambda: composer.editor.text == "Hello Marta, about Your wheel.", what="the answer")
        await shows(app, "+1 form.pdf")
        await pilot.press("ctrl+a")
        await line(app, pilot, "insert-answer ourform")
        await until(
            lambda: composer.editor.text.count("Marta") == 1, what="the answer", otherwise=lambda: screen_text(app)
        )
        assert len(composer.current().attachments) == 1


async def test_what_nothing_fills_keeps_it_from_being_sent(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot), shop.client() as client:
        await client.save_answer(
            NewAnswer(title="Gap", shortcut="gap", body="Dear {customer.shoe_size}, your {no.such} is here")
        )
        composer = await opened(app, pilot)
        burst(app, *"::gap", "enter")
        await shows(app, "2 placeholders to settle")
        await pilot.press("ctrl+j")
        await shows(app, "not sent: nothing fills customer.shoe_size yet")
        assert await client.outbox(["held"]) == []
        burst(app, *"Ben", "tab", *"parcel")
        await until(
            lambda: composer.editor.text == "Dear Ben, your parcel is here",
            what="both",
            otherwise=lambda: composer.editor.text,
        )
        await pilot.press("ctrl+j")
        await shows(app, "takes it back")


async def test_a_forward_keeps_the_message_and_its_files(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client() as client:
        composer = await opened(app, pilot, "f")
        assert composer.conversation is not None
        await shows(app, "forward", "Forwarded message", "+1 green-door.png 412 B")
        burst(app, *"carrier@parcels.example", "tab", "tab", *"Please look.", "ctrl+j")
        await shows(app, "takes it back")
        [item] = await client.outbox(["held"])
        sent = await client.message(item.message_id)
        assert [to.email for to in sent.to] == ["carrier@parcels.example"]
        assert sent.subject.startswith("Fwd: ")
        assert sent.body.startswith("Please look.\n\n---------- Forwarded message")
        assert "From: Ben Carter <ben.carter@quickmail.example>" in sent.body
        assert [file.name for file in sent.attachments] == ["green-door.png"]
        assert (await client.conversation(item.conversation_id)).state == "open"


async def test_a_new_conversation_appears_and_goes_without_a_trace(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client() as client:
        composer = await opened(app, pilot, "W")
        before = (await client.counts())["all"]
        burst(app, *"new@person.example", "tab", *"Your bike", "tab", *"It is ready.", "ctrl+j")
        await shows(app, "Your bike", "It is ready.", "takes it back")
        [item] = await client.outbox(["held"])
        assert app.inbox.conversation.conversation.id == item.conversation_id
        assert (await client.counts())["all"] == before + 1
        await pilot.press("u")
        await shows(app, "new conversation")
        await until(lambda: composer.editor.text == "It is ready.", what="the text again")
        assert composer.fields["to"].text == "new@person.example"
        assert composer.fields["subject"].text == "Your bike"
        assert (await client.counts())["all"] == before


async def test_several_new_conversations_are_drafts_at_once(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot), shop.client() as client:
        for number in "12":
            composer = await opened(app, pilot, "W")
            burst(app, *f"a{number}@b.example", "tab", "tab", *f"text {number}")
            await shows(app, f"text {number}", "draft saved")
            await pilot.press("escape")
            await shows(app, "the draft is kept")
        assert {draft.content.to[0].email for draft in await client.drafts()} == {"a1@b.example", "a2@b.example"}
        await pilot.press("D")
        await shows(app, "text 1", "text 2")
        await pilot.press("j", "enter")
        await until(lambda: composer.work is not None, what="the draft")
        assert composer.editor.text == "text 1"


async def test_drafts_survive_the_end_of_terminal_and_server(shop: DeskServer) -> None:
    """Both are gone at once, without a word; headers, files and text are there again."""
    async with terminal(shop) as (app, pilot):
        await opened(app, pilot)
        burst(app, "ctrl+g", "tab", *"c@c.example", "tab", "tab", *"!", "tab", *"half a thought")
        await shows(app, "half a thought", "draft saved")
        shop.kill()
    shop.start()
    async with terminal(shop) as (app, pilot):
        composer = await opened(app, pilot)
        assert composer.editor.text == "half a thought"
        assert composer.fields["cc"].text == "c@c.example"
        assert composer.fields["subject"].text.endswith("battery?!!")
        await shows(app, "draft as you left it", "c@c.example")


async def test_a_note_is_a_draft_too_and_names_colleagues(shop: DeskServer) -> None:
    async with shop.client("ada") as ada:
        await ada.me()
        async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client() as client:
            composer = await opened(app, pilot, "i")
            burst(app, *"look @ad", "enter", *"here")
            await until(lambda: composer.editor.text == "look @ada here", what="the name")
            await shows(app, "draft saved")
            row = composer.conversation
            assert row is not None
            draft = await client.draft(row.id, "note")
            assert draft is not None
            assert draft.content.body == "look @ada here"
            await pilot.press("ctrl+j")
            await shows(app, "noted")
            assert await client.draft(row.id, "note") is None
            assert (await ada.conversation(row.id)).mentioned


async def test_an_answer_goes_out_later_and_is_cancelled(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client() as client:
        composer = await opened(app, pilot)
        burst(app, *"Tomorrow.")
        await line(app, pilot, "send-later tomorrow 9:00")
        await shows(app, "goes out at")
        [item] = await client.outbox(["held"])
        assert item.hold_until > app.desk.clock.now() + 3_600_000
        await pilot.press("O")
        await shows(app, "outbox")
        await until(lambda: isinstance(app.screen, OutboxScreen) and app.screen.list.current, what="the row")
        at = next(n for n, row in enumerate(app.screen.source.rows) if row.id == item.id)
        app.screen.list.move_to(at)
        await pilot.press("u")
        await until(lambda: composer.work is not None, what="the draft")
        assert composer.editor.text == "Tomorrow."
        assert await client.outbox(["held"]) == []


@pytest.mark.parametrize(
    ("key", "typed", "state"),
    [("ctrl+r", "", "resolved"), ("alt+z", "3d", "snoozed"), ("alt+j", "", "waiting"), ("ctrl+n", "", "waiting")],
)
async def test_what_comes_after_sending(shop: DeskServer, key: str, typed: str, state: str) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client() as client:
        composer = await opened(app, pilot)
        row = composer.conversation
        assert row is not None
        burst(app, *"Done.", key, *typed, *(["enter"] if typed else []))
        await until(lambda: composer.work is None, what="it to be sent", otherwise=lambda: screen_text(app))
        await eventually(client, row.id, state)
        if key in ("ctrl+n", "ctrl+r", "alt+z"):
            await until(lambda: app.inbox.conversation.conversation.id != row.id, what="the next one")


async def test_what_is_done_while_an_answer_waits_is_told_beside_it(shop: DeskServer) -> None:
    async with terminal(shop, size=(80, 24)) as (app, pilot):
        composer = await opened(app, pilot)
        burst(app, *"Done.", "ctrl+j")
        await until(lambda: composer.work is None, what="it to be sent", otherwise=lambda: screen_text(app))
        await shows(app, "sending in")
        await pilot.press("p", *"high", "enter")
        await shows(app, "priority high · sending in")


async def test_what_is_taken_back_is_written_on_beside_its_customer(shop: DeskServer) -> None:
    async with terminal(shop, size=(150, 40)) as (app, pilot):
        composer = await opened(app, pilot)
        row = composer.conversation
        assert row is not None
        burst(app, *"Done.", "ctrl+r")
        await until(lambda: composer.work is None, what="it to be sent", otherwise=lambda: screen_text(app))
        await until(lambda: app.inbox.customer.current not in (0, row.id), what="the next one's customer")
        await pilot.press("u")
        await until(
            lambda: (
                composer.work is not None
                and app.inbox.customer.current == row.id
                and (here := app.inbox.rows.current) is not None
                and here.id == row.id
            ),
            what="all of it",
            otherwise=lambda: screen_text(app),
        )


async def test_a_stale_answer_is_stopped_once_and_then_sent(shop: DeskServer) -> None:
    async with terminal(shop, size=(120, 40)) as (app, pilot), shop.client("ada") as other, shop.client() as client:
        composer = await opened(app, pilot)
        row = composer.conversation
        assert row is not None
        await pilot.press(*"mine")
        await other.reply(row.id, NewReply(body="I was quicker"))
        burst(app, "ctrl+j", "ctrl+j")
        await shows(app, "NOT SENT", "I was quicker")
        assert composer.work is not None
        draft = await client.draft(row.id)
        assert draft is not None
        await pilot.press("ctrl+j")
        await until(lambda: composer.work is None, what="it to be sent")
        assert sorted([item.content.body for item in await client.outbox(["held"])]) == ["I was quicker", "mine"]


async def test_an_answer_to_all(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot), shop.client() as client:
        await shows(app, "Ben Carter")
        row = app.inbox.rows.current
        assert row is not None
        item = await client.reply(
            row.id,
            NewReply(body="x", to=(Address(email="a@x.example"),), cc=(Address(email="b@x.example", name="B"),)),
            now=True,
        )
        await driving.line(app, pilot, f"show {row.id}")  # the list may have moved on: it is answered
        await until(
            lambda: app.inbox.target_message() is not None and app.inbox.target_message().id == item.message_id,
            what="it",
        )
        await pilot.press("R")
        composer = await composing(app)
        assert composer.fields["to"].text == "a@x.example"
        assert composer.fields["cc"].text == "B <b@x.example>"
        composer.fields["cc"].put(", ".join(f"someone.{number}@x.example" for number in range(9)))
        await shows(app, "Cc      someone.0@x.example, someone.1@x.example")


@pytest.mark.parametrize(
    "text", ["naïve café 漢字 👩‍💻 نمی‌خواهم e\u0301", "a\tb", "[@click=app.quit]x[/]", "::", "⟦x", "line\n\n  two  \n"]
)
async def test_what_is_typed_is_in_the_draft(shop: DeskServer, text: str) -> None:
    async with terminal(shop) as (app, pilot), shop.client() as client:
        composer = await opened(app, pilot)
        composer.editor.post_message(events.Paste(text))
        wanted = text.replace("\t", "   ")
        await until(
            lambda: composer.editor.text == wanted, what="the text", otherwise=lambda: repr(composer.editor.text)
        )
        await pilot.press("escape")
        row = composer.conversation or app.inbox.conversation.conversation
        await until(lambda: composer.work is None, what="the draft put away")
        draft = await client.draft(row.id)
        assert draft is not None
        assert draft.content.body == wanted
        await pilot.press("r")
        await until(lambda: composer.work is not None, what="the composer")
        assert composer.editor.text == wanted


def burst(app: DeskApp, *keys: str) -> None:
    """Press keys all at once, as a terminal does that was slow to read."""
    for key in keys:
        if len(key) == 1:
            app.post_message(events.Key(_character_to_key(key), key))
        else:
            app.post_message(events.Key(key, None))


async def line(app: DeskApp, pilot: Pilot[None], text: str) -> None:
    """Say something on the command line of the composer."""
    burst(app, "ctrl+x", *text, "enter")
    await until(lambda: not isinstance(app.screen, CommandLine), what="the line to be done")


async def eventually(client: Client, id: int, state: str) -> None:
    for _ in range(500):
        if (await client.conversation(id)).state == state:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{id} is {(await client.conversation(id)).state}, not {state}")


async def test_what_was_thrown_away_is_brought_back(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot), shop.client() as client:
        composer = await opened(app, pilot)
        await pilot.press(*"Hello")
        await shows(app, "draft saved", "1 draft")
        await pilot.press("alt+q")
        await shows(app, "thrown away; u brings it back")
        assert await client.drafts() == []
        await pilot.press("u")
        await shows(app, "it is a draft again")
        await until(lambda: composer.editor.text == "Hello", what="the text")
        assert [draft.content.body for draft in await client.drafts()] == ["Hello"]
        await pilot.press("alt+q")
        await shows(app, "u brings it back")
        await pilot.press("c")
        await shows(app, "it is yours")
        await pilot.press("u")
        await shows(app, "undone: ")
