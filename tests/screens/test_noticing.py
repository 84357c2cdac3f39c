"""Title, bell and notices: what a real terminal gets, and that nothing of others' making is in it."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.pseudoterminal import PseudoTerminal
from desk.clock import SystemClock
from desk.model import Address, Identity, Message, ViewInfo
from desk.store.sqlite.store import open_store
from screens.noticing import Counts, counts, news, notice_sequence, own, title, title_sequence
from tests.screens.test_hostile import ATTACK
from tests.servers.desk import DeskServer
from tests.servers.patience import Deadline

NAME = "Vera\x1b]0;pwned\x07;\x9d2;x\x9c" + ATTACK
OSC = re.compile(rb"\x1b\](\d+);([^\x07\x1b]*)(?:\x07|\x1b\\)")
POINTER = b"22"
"""The pointer's shape: Textual's own."""


def test_titles_and_news() -> None:
    views = [
        ViewInfo(name="mine", title="mine", kind="built-in", count=9, unread=3),
        ViewInfo(name="mentions", title="mentions", kind="built-in", count=4, unread=1),
        ViewInfo(name="unassigned", title="unassigned", kind="built-in", count=7),
    ]
    now = counts(views)
    assert title(now) == "desk (3 unread, 1 mention)"
    assert title(Counts()) == "desk"
    before = Counts(unread=2, mentions=0, waiting=6)
    assert news(before, now, "off") == ""
    assert news(before, now, "mentions") == "a colleague named you"
    assert news(before, now, "mine") == "a colleague named you, 3 of yours unread"
    assert news(before, now, "all") == "a colleague named you, 3 of yours unread, 7 unassigned"
    assert news(now, before, "all") == ""


@given(st.text())
def test_no_text_ends_a_sequence_early(text: str) -> None:
    for sequence in (title_sequence(text), notice_sequence("osc9", text), notice_sequence("osc777", text)):
        assert sequence.startswith("\x1b]")
        assert sequence.endswith("\x07")
        assert sequence[2:-1].isprintable()
    assert ";" not in own(text)
    assert len(own(text)) <= 120


class Scene:
    """A server and a terminal in a pseudo-terminal."""

    def __init__(self, server: DeskServer) -> None:
        self.server = server
        command = [sys.executable, "-m", "desk.cli", "--workspace", str(server.home.folder), "--agent", "mia"]
        self.terminal = PseudoTerminal(command, 100, 30, {"DESK_THEME": "dark"})

    def sequences(self) -> list[tuple[bytes, bytes]]:
        return [found for found in OSC.findall(bytes(self.terminal.seen)) if found[0] != POINTER]

    def until(self, true: Callable[[], object], what: str, seconds: float = 15.0) -> None:
        deadline = Deadline(seconds)
        while not true():
            assert not deadline.passed(), f"{what} did not come: {self.sequences()}"
            self.terminal.read(0.1)

    def bells(self) -> int:
        return OSC.sub(b"", bytes(self.terminal.seen)).count(b"\x07")


def filled(new_desk: Callable[..., DeskServer], settings: str) -> DeskServer:
    """A conversation of a customer with a hostile name, mia's, which she has not read."""
    server = new_desk(settings)
    now = SystemClock().now()
    store = open_store(server.home.database, blobs=server.home.attachments)
    with store.write():
        agent = store.agents.ensure("mia", "Mia")
        store.agents.ensure("ada", "Ada")
        customer = store.customers.create(NAME, [Identity(kind="email", value="v@x.example", name=NAME)], now)
        id = store.conversations.create(
            subject=NAME, channel="email", account="shop", customer_id=customer, at=now - 1000
        )
        store.messages.add(
            Message(
                conversation_id=id,
                account="shop",
                direction="in",
                sender=Address(email="v@x.example", name=NAME),
                subject=NAME,
                body="?",
                at=now - 1000,
            )
        )
        assert agent.id
    store.close()
    return server.start()


async def name_mia(server: DeskServer) -> None:
    """A colleague names her in a note."""
    async with server.client("ada") as client:
        page = await client.conversations("all")
        await client.note(page.items[0].id, "@mia please look")


def test_off_is_silent(new_desk: Callable[..., DeskServer]) -> None:
    scene = Scene(filled(new_desk, "[desk]\ntitle = false\n"))
    with scene.terminal as terminal:
        terminal.until(b"Vera", since=0)
        terminal.quiet(0.5)
        asyncio.run(name_mia(scene.server))
        terminal.quiet(2.5, 6)
        terminal.send(b"q")
        terminal.quiet(0.5)
        assert scene.sequences() == []
        assert scene.bells() == 0
        assert b"22;2t" not in terminal.seen
        assert b"pwned" not in b"".join(text for _, text in scene.sequences())


@pytest.mark.parametrize("form", ["osc9", "osc777"])
def test_title_bell_and_notice_in_our_own_words(new_desk: Callable[..., DeskServer], form: str) -> None:
    settings = f'[desk]\nbell = "mentions"\nnotices = "mentions"\nnotice_form = "{form}"\n'
    scene = Scene(filled(new_desk, settings))
    with scene.terminal as terminal:
        terminal.until(b"Vera", since=0)
        scene.until(lambda: (b"2", b"desk") in scene.sequences(), "the title")
        assert terminal.seen.index(b"\x1b[22;2t") < terminal.seen.index(b"\x1b]2;desk")
        assert scene.bells() == 0
        asyncio.run(name_mia(scene.server))
        told = (b"9", b"Desk: a colleague named you")
        if form == "osc777":
            told = (b"777", b"notify;Desk;a colleague named you")
        scene.until(lambda: told in scene.sequences(), "the notice")
        scene.until(lambda: (b"2", b"desk (1 mention)") in scene.sequences(), "the title")
        assert scene.bells() == 1
        terminal.send(b"q")
        terminal.until(b"\x1b[23;2t", since=0)
        terminal.quiet(0.5)
        kinds = {kind for kind, _ in scene.sequences()}
        assert kinds == {b"2", told[0]}
        assert all(text in (b"", b"desk", b"desk (1 mention)") for kind, text in scene.sequences() if kind == b"2")


def test_names_are_cleaned_and_quiet_is_quiet(new_desk: Callable[..., DeskServer]) -> None:
    scene = Scene(filled(new_desk, '[desk]\nnotices = "mentions"\nnotice_names = true\nbell = "all"\n'))
    with scene.terminal as terminal:
        terminal.until(b"Vera", since=0)
        scene.until(lambda: (b"2", b"desk") in scene.sequences(), "the title")
        terminal.send(b":quiet\r")
        terminal.until(b"no notices", since=0)
        asyncio.run(name_mia(scene.server))
        terminal.quiet(2.5, 6)
        assert [text for kind, text in scene.sequences() if kind != b"2"] == []
        assert scene.bells() == 0
        terminal.send(b":quiet off\r")
        scene.until(lambda: (b"2", b"desk (1 mention)") in scene.sequences(), "the counts")
        terminal.send(b"q")
        terminal.quiet(0.5)


def test_an_offer_calls_and_what_the_customer_is_called_says_nothing_else(new_desk: Callable[..., DeskServer]) -> None:
    settings = '[desk]\nbell = "mentions"\nnotices = "mentions"\nnotice_names = true\nnotice_form = "osc9"\n'
    queue = '[queues.Night]\npush = "round-robin"\naccept_seconds = 600\nreps = ["mia"]\n'
    scene = Scene(filled(new_desk, settings + queue))

    async def offer() -> None:
        async with scene.server.client("ada") as client:
            page = await client.conversations("all")
            await client.set_queue(page.items[0].id, "Night")

    with scene.terminal as terminal:
        terminal.until(b"Vera", since=0)
        scene.until(lambda: (b"2", b"desk") in scene.sequences(), "the title")
        asyncio.run(offer())
        terminal.until(b"offered to you", since=0)
        scene.until(lambda: any(kind == b"9" for kind, _ in scene.sequences()), "the notice")
        terminal.quiet(0.5)
        assert scene.bells() == 1
        [(_, told)] = [each for each in scene.sequences() if each[0] == b"9"]
        assert told.startswith(b"Desk: Vera")
        assert told.endswith(b": offered to you")
        assert {kind for kind, _ in scene.sequences()} == {b"2", b"9"}
        assert all(text in (b"", b"desk") for kind, text in scene.sequences() if kind == b"2")
        terminal.send(b"q")
        terminal.quiet(0.5)
