"""Reading a long conversation: opened, paged through and jumped in, and what that costs in memory.

Threads of 5,000 messages are compared with threads of 5, through a pseudo-terminal as in `terminal`: from the byte of
the key to the text of the message it leads to. Each is opened once a terminal, so that nothing of it is at hand.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.pseudoterminal import PseudoTerminal
from benchmarks.terminal import open_terminal, serving, told
from desk.clock import MINUTE, SystemClock
from desk.model import Address, Fold, Identity, Message
from desk.store.sqlite.store import open_store
from desk.workspace import Workspace

LONG, SHORT = 5_000, 5
THREADS = 8
TERMINALS = 5
PAGES = 120


def run() -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory(prefix="dkl") as name:
        for messages in (SHORT, LONG):
            home = _filled(Path(os.path.realpath(name)) / str(messages), messages)
            with serving(home):
                opened, tops = _openings(home, messages)
                yield f"opening a thread of {messages:,}, Enter to its newest text", told(opened)
                if messages > 100:
                    yield f"to the first of {messages:,} messages, gg to its text", told(tops)
                    yield f"memory after {PAGES} pages up in a thread of {messages:,}", _paged(home)


def _filled(folder: Path, messages: int) -> Workspace:
    """Conversations of so many messages each, a minute apart."""
    home = Workspace(folder).prepare()
    store = open_store(home.database, blobs=home.attachments)
    now = SystemClock().now()
    try:
        for thread in range(THREADS):
            email = f"c{thread}@example.org"
            with store.write():
                customer = store.customers.create(f"Customer {thread}", [Identity(kind="email", value=email)], now)
                id = store.conversations.create(
                    subject=f"thread {thread}", channel="email", account="shop", customer_id=customer, at=now
                )
                for number in range(messages):
                    store.messages.add(_message(id, email, number, now - (messages - number) * MINUTE, messages))
    finally:
        store.close()
    return home


def _message(conversation: int, email: str, number: int, at: int, messages: int) -> Message:
    mark = {0: "FIRSTWORD", messages - 1: "LASTWORD"}.get(number, "hello")
    text = "\n".join(f"line {line} of what somebody wrote about their order and its parcel" for line in range(8))
    quoted = "\n".join(f"> line {line} of what was answered before" for line in range(12))
    return Message(
        conversation_id=conversation,
        account="shop",
        direction="in",
        sender=Address(email=email),
        to=(Address(email="shop@example.org"),),
        subject="Re: it",
        body=f"{mark}\n{text}\n\n{quoted}",
        folds=(Fold(kind="quote", start=10, end=22),),
        rfc_message_id=f"{conversation}.{number}@example.org",
        at=at,
    )


def _openings(home: Workspace, messages: int) -> tuple[list[float], list[float]]:
    opened, tops = [], []
    for _ in range(TERMINALS):
        with open_terminal(home, 80, 24) as terminal:
            terminal.send(b"k")
            terminal.quiet(0.3)
            for thread in range(THREADS):
                if thread:
                    terminal.send(b"j")
                    terminal.read(0.02)
                opened.append(_until(terminal, b"\r", b"LASTWORD"))
                terminal.quiet(0.2)
                if messages > 100:
                    tops.append(_until(terminal, b"gg", b"FIRSTWORD"))
                    terminal.quiet(0.1)
                terminal.send(b"h")
                terminal.quiet(0.2)
    return opened, tops


def _until(terminal: PseudoTerminal, keys: bytes, wanted: bytes) -> float:
    offset = len(terminal.seen)
    sent = terminal.send(keys)
    return terminal.until(wanted, since=offset) - sent


def _paged(home: Workspace) -> str:
    with open_terminal(home, 80, 24) as terminal:
        terminal.send(b"\r")
        terminal.until(b"LASTWORD")
        terminal.quiet(0.5)
        before = terminal.memory()
        for _ in range(PAGES):
            terminal.send(b"\x1b[5~")
            terminal.quiet(0.05)
        terminal.quiet(0.3)
        return f"{terminal.memory() / 1e6:.1f} MB, {before / 1e6:.1f} MB when it was opened"
