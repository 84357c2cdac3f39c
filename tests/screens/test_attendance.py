"""What is new, what has been read, and who else is there."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from email.utils import formatdate
from pathlib import Path
from typing import Any

from desk.client import Client
from desk.clock import SECOND, ManualClock
from desk.keymap import Keymap
from desk.model import CUSTOMER, Conversation, Doing, Presence
from screens.attendance import BELIEVED_FOR, Attendance
from screens.desk import Desk
from screens.heading import company
from tests.screens.conftest import screen_text, shows, terminal, until
from tests.screens.test_commandline import run
from tests.screens.test_conversation import find, reading, server
from tests.servers.desk import DeskServer
from tests.servers.patience import Deadline

__all__ = ["server"]

MAIL = """From: Ana Long <ana@x.example>
To: shop@x.example
Subject: Re: {subject}
Message-ID: <{key}@x.example>
In-Reply-To: <{parent}@x.example>
Date: {date}

{text}
"""


async def write(client: Client, folder: Path, subject: str, parent: str, text: str) -> None:
    """Have the customer write again."""
    folder.mkdir(exist_ok=True)
    mail = MAIL.format(subject=subject, key=text.replace(" ", "."), parent=parent, date=formatdate(), text=text)
    (folder / "new.eml").write_text(mail)
    job = await client.start_import([folder])
    while job.state == "running":
        job = await client.import_job(job.id, wait=5)
    assert (job.state, job.new) == ("done", 1)


async def reads(client: Client, row: Conversation, unread: bool) -> None:
    """Wait until it is read, or unread."""
    deadline = Deadline(15)
    while (await client.conversation(row.id)).unread != unread:
        assert not deadline.passed(), f"unread should be {unread}"
        await asyncio.sleep(0.05)


async def test_what_was_on_the_screen_is_read_and_can_be_unread_again(server: DeskServer) -> None:
    async with terminal(server, size=(100, 40)) as (app, pilot), server.client() as mia:
        await shows(app, "Short one")
        row = await find(mia, "Short one")
        assert row.unread
        app.inbox.show_conversation(row)
        await reads(mia, row, False)
        await pilot.press("_")
        await shows(app, "unread again")
        assert (await mia.conversation(row.id)).unread
        await pilot.press("h")
        app.inbox.show_conversation(await find(mia, "Somebody else"))
        await until(lambda: app.inbox.conversation.attendance._kept_unread is None, what="another conversation")
        app.inbox.show_conversation(await mia.conversation(row.id))
        await reads(mia, row, False)
        await run(app, pilot, "mark-unread")
        await reads(mia, row, True)


async def test_beside_the_list_nothing_counts_as_read(server: DeskServer) -> None:
    async with terminal(server, size=(180, 40)) as (app, _), server.client() as mia:
        await shows(app, "Short one")
        row = app.inbox.rows.current
        assert row is not None
        pane = app.inbox.conversation
        await until(lambda: pane.conversation is not None and pane.transcript.messages, what="the one beside the list")
        pane.attendance._shown = (pane.transcript.newest_on_screen(), 0)
        pane.tick()
        assert pane.doing() is None
        assert (await mia.conversation(row.id)).unread


async def test_a_line_stands_above_what_is_new(server: DeskServer, tmp_path: Path) -> None:
    async with server.client() as mia:
        row = await find(mia, "Long thread")
        await mia.mark_read(row.id)
        assert (await mia.messages(row.id, limit=1))[0].id == await mia.seen(row.id)
        for text in ("first news", "second news"):
            await write(mia, tmp_path / text, "Long thread", "Long.thread.400", text)
        async with terminal(server, size=(100, 40)) as (app, pilot):
            await shows(app, "Long thread")
            app.inbox.show_conversation(await mia.conversation(row.id))
            await shows(app, "new since you looked", "first news", "second news")
            lines = screen_text(app).splitlines()
            at = {word: next(n for n, line in enumerate(lines) if word in line) for word in ("new since", "first news")}
            assert at["new since"] < at["first news"]
            message = app.inbox.conversation.transcript.message
            assert message is not None
            assert "first news" in message.body
            await pilot.press("g", "g")
            await shows(app, "Long thread number 1.")
            await pilot.press("g", "n")
            await shows(app, "new since you looked", "first news")
            await pilot.press("g", "g")
            await shows(app, "Long thread number 1.")
            await run(app, pilot, "next-unread")
            await shows(app, "new since you looked", "first news")
            await reads(mia, row, False)


async def test_nothing_new_is_said(server: DeskServer) -> None:
    async with reading(server, "Somebody else") as (app, pilot):
        await pilot.press("g", "n")
        await shows(app, "nothing is new here")


async def test_others_are_seen_reading_and_writing(server: DeskServer) -> None:
    async with (
        reading(server, "Short one") as (app, _),
        server.client("ada") as ada,
    ):
        row = app.inbox.conversation.conversation
        assert row is not None
        await until(lambda: app.inbox.conversation.attendance._at is not None, what="mia to be there")
        await ada.show_presence(row.id, "viewing")
        await shows(app, "is reading")
        await ada.show_presence(row.id, "replying")
        await shows(app, "is writing an answer")
        await ada.show_presence(row.id, "gone")
        await until(lambda: "is writing" not in screen_text(app), what="an empty room")


async def test_the_rep_is_said_to_read_to_write_and_to_be_gone(server: DeskServer) -> None:
    async with reading(server, "Short one") as (app, pilot), server.client("ada") as ada:
        row = app.inbox.conversation.conversation
        assert row is not None

        async def told(*doing: str) -> None:
            deadline = Deadline(15)
            while tuple(each.doing for each in await ada.presence(row.id)) != doing:
                assert not deadline.passed(), doing
                await asyncio.sleep(0.05)

        await told("viewing")
        await pilot.press("r")
        await told("replying")
        await pilot.press("escape")
        await told("viewing")
        await pilot.press("h")
        await told()


def presence(agent: int, name: str, doing: Doing) -> Presence:
    return Presence(conversation_id=1, agent_id=agent, agent_name=name, doing=doing, since=0)


def test_company_in_words() -> None:
    ana, ben, cem, dia = [presence(n, name, "viewing") for n, name in enumerate(("Ana", "Ben", "Cem", "Dia"), 1)]
    assert company([], 40) is None
    assert company([ana], 40) == ("Ana is reading", "accent")
    assert company([ana, ben], 40) == ("Ana and Ben are reading", "accent")
    assert company([ana, ben, cem, dia], 60) == ("Ana, Ben and 2 more are reading", "accent")
    told = company([ana, presence(9, "Eva", "replying")], 60)
    assert told == ("Eva is writing an answer, Ana is reading", "alarm")
    told = company([presence(CUSTOMER, "Fay", "replying"), ana], 60)
    assert told == ("Fay is writing, Ana is reading", "accent")


async def test_others_who_are_not_heard_of_are_forgotten() -> None:
    clock = ManualClock()
    desk = Desk(lambda: Client(Path("/nowhere"), "mia"), Keymap(), clock, None)
    changed: list[int] = []

    def start(work: Coroutine[Any, Any, None]) -> None:
        work.close()

    attendance = Attendance(desk, start, lambda: changed.append(1), lambda row: None)
    row = Conversation(id=1, subject="x", customer_id=1)
    attendance.tick(row, "viewing", 5)
    attendance._others([presence(2, "Ben", "viewing")])
    clock.advance(SECOND)
    attendance.tick(row, "viewing", 5)
    assert attendance.others
    clock.advance(BELIEVED_FOR)
    attendance.tick(row, "viewing", 5)
    assert attendance.others == []
    assert len(changed) == 2
    await desk.client.close()
