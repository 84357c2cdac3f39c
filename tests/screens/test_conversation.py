"""The conversation pane on a real server: threads of any length, and what can be done with a message."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from desk.app import DeskApp
from desk.clock import MINUTE, SystemClock
from desk.model import Address, Attachment, Conversation, Fold, Identity, Message
from desk.store.sqlite.store import open_store
from screens.pager import Pager
from screens.stretch import FIRST, KEPT
from tests.screens.conftest import screen_text, shows, terminal, until
from tests.screens.test_commandline import run
from tests.servers.desk import DeskServer

LONG = 400
LINKS = ("https://larkspur.example/order", "http://p\u0430ypal.example/pay", "javascript:alert(1)")


@pytest.fixture
def server(new_desk: Callable[..., DeskServer]) -> Iterator[DeskServer]:
    """Three conversations of two customers: a long one, a short one with links and files, one of somebody else."""
    server = new_desk()
    now = SystemClock().now()
    store = open_store(server.home.database, blobs=server.home.attachments)
    with store.write():
        store.agents.ensure("mia", "Mia")
        store.agents.ensure("ada", "Ada")
        names = (("Ana Long", "ana@x.example"), ("Ana Long", "ana.long@y.example"))
        ana, other = (
            store.customers.create(name, [Identity(kind="email", value=email, name=name)], now) for name, email in names
        )

        def add(subject: str, customer: int, count: int, at: int, **last: object) -> int:
            id = store.conversations.create(
                subject=subject, channel="email", account="shop", customer_id=customer, at=at - count * MINUTE
            )
            store.conversations.add_participants(id, ["ana@x.example"])
            for number in range(1, count + 1):
                more = last if number == count else {}
                store.messages.add(
                    Message(
                        conversation_id=id,
                        account="shop",
                        direction="in",
                        sender=Address(email="ana@x.example", name="Ana Long"),
                        to=(Address(email="shop@x.example"),),
                        subject=subject,
                        body=f"{subject} number {number}.\n\n> quoted {number}",
                        folds=(Fold(kind="quote", start=2, end=3),),
                        rfc_message_id=f"{subject}.{number}@x.example".replace(" ", "."),
                        at=at - (count - number) * MINUTE,
                        **more,  # type: ignore[arg-type]
                    )
                )
            return id

        add("Long thread", ana, LONG, now - 10 * MINUTE)
        files = [("../notes.txt", b"hello"), ("invoice.pdf.exe", b"MZ\x90")]
        attachments = tuple(
            Attachment(name=name, media_type="text/plain", size=len(data), sha256=store.blobs.put(data))
            for name, data in files
        )
        add("Short one", ana, 2, now - 20 * MINUTE, links=LINKS, attachments=attachments)
        add("Somebody else", other, 1, now - 30 * MINUTE)
    store.close()
    return server.start()


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """What was handed over to the desktop; a program of the name that desktops have stands in for theirs."""
    told = tmp_path / "opened"
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("xdg-open", "open"):
        (folder / name).write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> "{told}"\n')
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return lambda: told.read_text().splitlines() if told.exists() else []


@asynccontextmanager
async def reading(server: DeskServer, subject: str, agent: str = "mia") -> AsyncIterator[tuple[DeskApp, Pilot[None]]]:
    """A terminal with that conversation opened."""
    async with terminal(server, size=(100, 40), agent=agent) as (app, pilot), server.client() as client:
        await shows(app, "Somebody else")
        app.inbox.show_conversation(await find(client, subject))
        await until(lambda: app.inbox.conversation.transcript.messages, what="messages")
        await shows(app, f"{subject} number")
        yield app, pilot


async def find(client: object, subject: str) -> Conversation:
    [row] = (await client.conversations("all", f'subject:"{subject}"')).items  # type: ignore[attr-defined]
    return row  # type: ignore[no-any-return]


async def on(app: DeskApp, kind: type) -> None:
    await until(lambda: isinstance(app.screen, kind), what=kind.__name__, otherwise=lambda: screen_text(app))


async def back_in_inbox(app: DeskApp) -> None:
    await until(lambda: app.screen is app.inbox, what="the inbox", otherwise=lambda: screen_text(app))


# --- long threads -----------------------------------------------------------------------------------------


async def test_a_long_thread_is_here_only_in_part(server: DeskServer) -> None:
    async with reading(server, "Long thread") as (app, pilot):
        transcript = app.inbox.conversation.transcript
        await shows(app, f"number {LONG}.")
        assert len(transcript.messages) == FIRST
        while not transcript.stretch.begins:
            first = transcript.stretch.first
            await pilot.press("pageup")
            await until(lambda f=first: transcript.top > 0 or transcript.stretch.first != f, what="older messages")
            assert len(transcript.messages) <= KEPT
        assert not transcript.stretch.ends
        await pilot.press("g", "g")
        await shows(app, "number 1.")
        while not transcript.stretch.ends:
            last = transcript.stretch.last
            await pilot.press("pagedown")
            far = transcript.count - transcript.size.height
            await until(lambda f=far, n=last: transcript.top < f or transcript.stretch.last != n, what="newer messages")
            assert len(transcript.messages) <= KEPT
        assert app.inbox.conversation.newest_seen() == transcript.stretch.last


async def test_words_are_found_in_messages_that_are_not_here(server: DeskServer) -> None:
    async with reading(server, "Long thread") as (app, pilot):
        transcript = app.inbox.conversation.transcript

        async def found(number: int) -> None:
            await until(
                lambda: (
                    transcript.found is not None and transcript.message.body.startswith(f"Long thread number {number}.")
                ),
                what=f"number {number}",
                otherwise=lambda: screen_text(app),
            )
            await shows(app, f"Long thread number {number}.")

        await pilot.press("slash", *"NUMBER  4", "enter")
        await found(400)
        for key, number in (("N", 49), ("n", 400), ("n", 4), ("N", 400)):
            await pilot.press(key)
            await found(number)
        await pilot.press("escape")
        assert transcript.found is None
        assert app.inbox.context == "conversation"
        await run(app, pilot, "find-text number 7.")
        await found(7)
        await run(app, pilot, "find-text nobody wrote this")
        await shows(app, "nobody wrote this does not stand here")
        assert transcript.wanted is None
        await pilot.press("escape", "escape")
        assert app.inbox.context == "list"


async def test_what_is_found_is_unfolded_and_what_lies_across_lines_is_found(server: DeskServer) -> None:
    async with reading(server, "Long thread") as (app, pilot):
        assert "> quoted 398" not in screen_text(app)
        await run(app, pilot, "find-text quoted 398")
        await shows(app, "> quoted 398", "1 quoted line")
        assert app.inbox.conversation.transcript.found is not None
        await pilot.press("escape")
        await until(lambda: "> quoted 398" not in screen_text(app), what="the fold")
        await run(app, pilot, "find-text 397. > quoted")
        await until(lambda: app.inbox.conversation.transcript.found is not None, what="its heading")


async def test_the_ends_are_a_key_away(server: DeskServer) -> None:
    async with reading(server, "Long thread") as (app, pilot):
        await pilot.press("g", "g")
        await shows(app, "Long thread number 1.")
        await pilot.press("G")
        await shows(app, f"Long thread number {LONG}.")
        await run(app, pilot, "top")
        await shows(app, "Long thread number 1.")
        await run(app, pilot, "bottom")
        await shows(app, f"Long thread number {LONG}.")


async def test_what_comes_while_the_reader_is_far_up_leaves_them_there(server: DeskServer) -> None:
    async with reading(server, "Long thread") as (app, pilot), server.client("ada") as ada:
        await pilot.press("g", "g")
        await shows(app, "Long thread number 1.")
        row = app.inbox.conversation.conversation
        assert row is not None
        await ada.note(row.id, "a note at the end")
        await ada.assign(row.id, "ada")
        await shows(app, "· Ada")
        assert "Long thread number 1." in screen_text(app)
        await pilot.press("G")
        await shows(app, "a note at the end")


async def test_folds_open_one_by_one_and_all_at_once(server: DeskServer) -> None:
    async with reading(server, "Short one") as (app, pilot):
        await shows(app, "1 quoted line")
        assert "> quoted" not in screen_text(app)
        await pilot.press("enter")
        await shows(app, "> quoted 2", "1 quoted line")
        await pilot.press("Z")
        await shows(app, "> quoted 1", "> quoted 2")
        await run(app, pilot, "fold-all")
        await until(lambda: "> quoted" not in screen_text(app), what="folds")
        await run(app, pilot, "fold")
        await shows(app, "> quoted 2")


# --- links and files --------------------------------------------------------------------------------------


async def test_links_show_where_they_lead_and_open_on_a_word(
    server: DeskServer, opened: Callable[[], list[str]]
) -> None:
    async with reading(server, "Short one") as (app, pilot):
        await pilot.press("2", "g", "x")
        await shows(app, "Open link 2?", "xn--pypal-4ve.example", "mixes scripts: Cyrillic, Latin", "not encrypted")
        await pilot.press("enter", "n")
        await back_in_inbox(app)
        await run(app, pilot, "open-link 1")
        await shows(app, "Open link 1?", "larkspur.example")
        await pilot.press("y")
        await until(opened, what="the desktop to be told")
        await pilot.press("3", "g", "x")
        await shows(app, "Not opened: links that begin with javascript: are not opened")
        await pilot.press("y")
        await back_in_inbox(app)
        await pilot.press("g", "x", *"7", "escape")
        await run(app, pilot, "open-link 7")
        await shows(app, "there is no link 7")
        assert opened() == ["https://larkspur.example/order"]


async def test_files_are_saved_under_a_name_that_is_only_a_name(server: DeskServer, tmp_path: Path) -> None:
    async with reading(server, "Short one") as (app, pilot):
        await shows(app, "notes.txt", "text/plain, 5 B")
        for line in ("save-attachment 1", ""):
            if line:
                await run(app, pilot, line)
            else:
                await pilot.press("1", "s")
            prompt = await app.inbox.prompt()
            await until(lambda prompt=prompt: prompt.asking, what="a question")
            assert "_notes.txt" in prompt.entry.value
            prompt.entry.put(str(tmp_path / "kept.txt"))
            await pilot.press("enter")
            if line:
                await shows(app, "saved as")
            else:
                await shows(app, "exists already; it is never overwritten")
                await pilot.press("escape")
        assert (tmp_path / "kept.txt").read_bytes() == b"hello"
        await pilot.press("2", "s")
        await until(lambda: prompt.asking, what="a question")
        assert prompt.entry.value.startswith(f"{tmp_path}/"), "where something was saved last"
        prompt.entry.put(str(tmp_path))
        await pilot.press("enter")
        await shows(app, "saved as")
        assert (tmp_path / "invoice.pdf.exe").exists(), "in a folder it has its own name"


async def test_where_to_save_is_completed(server: DeskServer, tmp_path: Path) -> None:
    for name in ("beta-one", "beta-two", "gamma"):
        (tmp_path / name).mkdir()
    (tmp_path / "gamma" / "late.txt").write_text("")
    async with reading(server, "Short one") as (app, pilot):
        await shows(app, "notes.txt", "text/plain, 5 B")
        prompt = await app.inbox.prompt()
        await pilot.press("1", "s")
        await shows(app, "save as")
        prompt.entry.put(f"{tmp_path}/b")
        for key, put in (
            ("tab", "beta-"),
            ("tab", "beta-one/"),
            ("tab", "beta-two/"),
            ("shift+tab", "beta-one/"),
        ):
            await pilot.press(key)
            assert prompt.entry.value == f"{tmp_path}/{put}"
        assert "beta-one · beta-two" in screen_text(app)
        prompt.entry.put(f"{tmp_path}/g")
        await pilot.press("tab", "tab")
        assert prompt.entry.value == f"{tmp_path}/gamma/late.txt"
        await shows(app, "never overwritten")


async def test_all_files_are_saved_at_once(server: DeskServer, tmp_path: Path) -> None:
    async with reading(server, "Short one") as (app, pilot):
        await shows(app, "notes.txt", "text/plain, 5 B")
        prompt = await app.inbox.prompt()
        for _ in range(2):
            await pilot.press("s")
            await shows(app, "attachment 1-2, or * for all")
            await pilot.press("asterisk")
            await shows(app, "all 2")
            await pilot.press("enter")
            await shows(app, "save all 2 in")
            prompt.entry.put(str(tmp_path))
            await pilot.press("enter")
            await shows(app, "2 files saved in")
            app.desk.hush()
        assert len(list(tmp_path.iterdir())) == 4, "nothing was overwritten"


async def test_files_open_as_copies_and_programs_are_warned_of(
    server: DeskServer, opened: Callable[[], list[str]]
) -> None:
    async with reading(server, "Short one") as (app, pilot):
        await run(app, pilot, "open-attachment 2")
        await shows(app, "Open this file?", "THIS IS A PROGRAM", "pretends to be something else")
        await pilot.press("escape")
        await back_in_inbox(app)
        assert opened() == []
        await pilot.press("1", "v")
        await shows(app, "Open this file?", "_notes.txt")
        await pilot.press("y")
        await until(opened, what="the desktop to be told")
        [path] = map(Path, opened())
        assert path.read_bytes() == b"hello"
        assert path.stat().st_mode & 0o777 == 0o400


# --- header and source ------------------------------------------------------------------------------------


async def test_header_and_source_are_shown_and_searched(shop: DeskServer, tmp_path: Path) -> None:
    async with terminal(shop, size=(100, 40)) as (app, pilot):
        await shows(app, "Ben Carter")
        await pilot.press("enter")
        await shows(app, "THIRD mail", "walking to work")
        await pilot.press("H")
        await shows(app, "Header of", "MIME-Version: 1.0")
        await pilot.press("escape")
        await back_in_inbox(app)
        await run(app, pilot, "headers")
        await on(app, Pager)
        await pilot.press("slash", *"message-id", "enter")
        pager = app.screen
        assert isinstance(pager, Pager)
        await until(lambda: pager.view.found is not None, what="a hit")
        await pilot.press("n", "N", "q")
        await back_in_inbox(app)
        await run(app, pilot, "source")
        await shows(app, "Source,", "Content-Type")
        await pilot.press("s")
        prompt = await app.inbox.prompt()
        await until(lambda: prompt.asking, what="a question")
        prompt.entry.put(str(tmp_path / "it.eml"))
        await pilot.press("enter")
        await shows(app, "saved as")
        assert b"Message-ID" in (tmp_path / "it.eml").read_bytes()
        await pilot.press("V")
        await on(app, Pager)


async def test_what_never_was_a_mail_has_no_source(server: DeskServer) -> None:
    async with reading(server, "Short one") as (app, pilot):
        await pilot.press("H")
        await shows(app, "never was a mail")


async def test_a_key_that_can_do_nothing_says_so(shop: DeskServer) -> None:
    async with terminal(shop) as (app, pilot), shop.client() as client:
        await shows(app, "Ben Carter")
        row = app.inbox.rows.current
        assert row is not None
        await client.note(row.id, "only a note")
        await pilot.press("enter")
        await shows(app, "only a note")
        await pilot.press("G", "X")
        await shows(app, "only what a customer wrote can be split out")
        await pilot.press("s")
        await shows(app, "this message has no attachment")
