"""The list to live in: keys, views and filters over 100,000 conversations while 50 of them change every second.

Once as they are after an import of older mail, where nothing is promised, and once with all of them promised an answer,
at four paces and four priorities, so that the list is merged from sixteen lanes. There the changes are such as move no
row, and pages are turned from the end of the list, too.

Measured on a pseudo-terminal, from the byte of the key to what it brings: the cursor on its new line, the name of the
new view, the filter as it was typed. The changes come from a second client in a process of its own, through the real
server: priorities, tags and reps of conversations, every other one of them among those on the screen.

`DESK_BENCH_FOLDER` keeps the workspace for the next time; `DESK_BENCH_CONVERSATIONS` is another number of them,
`DESK_BENCH_CHANGES` another number of changes a second.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from re import Pattern

from benchmarks.many import fill
from benchmarks.pseudoterminal import PseudoTerminal
from benchmarks.terminal import open_terminal, serving, told, workspaces
from desk.client import Client
from desk.clock import DAY, HOUR, MINUTE, Millis, SystemClock
from desk.model import Priority
from desk.server.promising import plan_of
from desk.service import promises
from desk.settings import load
from desk.store.sqlite import open_store
from desk.workspace import Workspace

CONVERSATIONS = 100_000
CHANGES = 50
KEYS, SWITCHES, WORDS, PAGES = 300, 60, 12, 40
PAGE_UP = b"\x1b[5~"
OVER: Millis = 20 * HOUR + 5 * MINUTE
"""In the course of what time mail came that is promised an answer: the oldest is far from the next tenth of it."""
PRIORITIES: tuple[Priority, ...] = ("low", "normal", "high", "urgent")
PACES = {"trade": "6h", "club": "12h", "press": "24h", "other": "48h"}
"""What is promised, by tag."""
POLICIES = "".join(f'[policies.{tag}]\ntag = ["{tag}"]\nfirst = "{span}"\n' for tag, span in PACES.items())
ON_SCREEN = 60
"""Conversations from the top that every other change is among."""
CURSOR = "▌".encode()
LIST = {80: 1, 200: 25}
"""The column in which the list begins, by the width of the terminal."""
FIRST_ROW = 2
"""The line of the screen, from 1, with the first row of the list;"""
BELOW_THE_LIST = 2
"""and how many lines stand below the last."""
VIEWS = {b"ga": b" all", b"go": b" open", b"gu": b" unassigned"}
SIZES = ((80, 24), (200, 60))


def run() -> Iterator[tuple[str, str]]:
    many = int(os.environ.get("DESK_BENCH_CONVERSATIONS", CONVERSATIONS))
    a_second = int(os.environ.get("DESK_BENCH_CHANGES", CHANGES))
    with workspaces() as folder:
        home = _workspace(folder, many)
        with serving(home):
            for width, height in SIZES:
                for changing in (0, a_second):
                    yield from _figures(home, f"{width}x{height}, {changing} changes/s", width, height, changing)
        promised = _workspace(folder, many, promised=True)
        with serving(promised):
            for changing in (0, a_second):
                yield from _of_urgency(promised, f"all promised, {changing} changes/s", changing)


def _workspace(folder: Path, many: int, *, promised: bool = False) -> Workspace:
    """One that was kept, or a new one; it has its name only once it is whole."""
    whole = folder / f"living-{many}{'-promised' * promised}"
    if not whole.exists():
        begun = folder / f"{whole.name}-{os.getpid()}"
        if promised:
            _promise(fill(begun, many, many, over=OVER), many)
        else:
            fill(begun, many, many, ago=DAY)
        begun.rename(whole)
    return Workspace(whole)


def _promise(home: Workspace, many: int) -> None:
    """Promise all of them an answer."""
    home.settings.write_text(POLICIES)
    clock = SystemClock()
    store, dice = open_store(home.database, blobs=home.attachments), random.Random(3)
    plan, _ = plan_of(load(home.settings), clock)
    promises.keep(store, clock, plan)
    for start in range(1, many + 1, 1_000):
        ids = range(start, min(start + 1_000, many + 1))
        with store.write():
            tags = [store.tags.ensure(name) for name in PACES]
            for id in ids:
                store.conversations.tag(id, dice.choice(tags), clock.now())
                store.conversations.set_priority(id, dice.choice(PRIORITIES), clock.now())
            promises.refresh(store, ids, arrival=True)
    store.close()


def _of_urgency(home: Workspace, what: str, changing: int) -> Iterator[tuple[str, str]]:
    width, height = SIZES[0]
    with open_terminal(home, width, height) as terminal, _changes(home, changing, moving=False):
        time.sleep(0.5)
        yield f"key in the list, {what}", _keys(terminal, width, height)
        yield f"view switch, {what}", _switches(terminal)
        terminal.send(b"G")
        terminal.wait(1.0)
        yield f"a page up from the end, {what}", _pages(terminal)


def _pages(terminal: PseudoTerminal) -> str:
    """The answer is a list whose rows are others."""
    times = []
    for _ in range(PAGES):
        times.append(terminal.answer(PAGE_UP, b"Customer"))
        terminal.quiet(0.1)
    return told(times)


def _figures(home: Workspace, what: str, width: int, height: int, changing: int) -> Iterator[tuple[str, str]]:
    with open_terminal(home, width, height) as terminal, _changes(home, changing, moving=True):
        time.sleep(0.5)
        yield f"key in the list, {what}", _keys(terminal, width, height)
        yield f"view switch, {what}", _switches(terminal)
        for name, words in _words().items():
            yield f"filter, a letter of {name}, {what}", _letters(terminal, words)


def _keys(terminal: PseudoTerminal, width: int, height: int) -> str:
    """The answer to a key is the cursor on the row it leads to, not on one that is painted anew for a change."""
    dice, rows = random.Random(5), height - 4
    times, row, last = [], FIRST_ROW, height - BELOW_THE_LIST
    for n in range(KEYS):
        terminal.wait(dice.uniform(0.02, 0.06))
        down = (n // (rows * 2)) % 2 == 0
        row = min(max(row + (1 if down else -1), FIRST_ROW), last)
        times.append(terminal.answer(b"j" if down else b"k", cursor(row, LIST[width])))
    return told(times)


def cursor(row: int, column: int) -> Pattern[bytes]:
    """What is written when the cursor comes to a line of the screen."""
    return re.compile(rb"\x1b\[%d;%dH(?:\x1b\[[\d;]*m)*%s" % (row, column, CURSOR))


def _switches(terminal: PseudoTerminal) -> str:
    times, names = [], list(VIEWS)
    for n in range(SWITCHES):
        terminal.wait(0.2)
        keys = names[n % len(names)]
        terminal.send(keys[:1])
        terminal.wait(0.03)
        times.append(terminal.answer(keys[1:], VIEWS[keys]))
    terminal.send(b"go")
    terminal.wait(0.5)
    return told(times)


def _letters(terminal: PseudoTerminal, words: list[str]) -> str:
    times = []
    for word in words:
        terminal.answer(b"\\", b"subject:")
        terminal.wait(0.1)
        typed = b""
        for letter in word.encode():
            typed += bytes([letter])
            if letter != 0x20:
                times.append(terminal.answer(bytes([letter]), b"\\" + typed))
            else:
                terminal.send(b" ")
            terminal.wait(0.12)
        terminal.send(b"\x1b")
        terminal.wait(0.4)
    return told(times)


def _words() -> dict[str, list[str]]:
    dice = random.Random(11)
    common = ["parcel", "wheel", "battery", "invoice"]
    return {
        "a common word": [dice.choice(common) for _ in range(WORDS)],
        "a customer": [f"customer {dice.randrange(CONVERSATIONS)}" for _ in range(WORDS // 2)],
        "a word nobody wrote": ["qxzzy" for _ in range(WORDS // 2)],
    }


# --- the colleague who never stops ------------------------------------------------------------------------


@contextmanager
def _changes(home: Workspace, a_second: int, *, moving: bool) -> Iterator[None]:
    """`moving`: also such as give a row another place in the order of urgency."""
    if not a_second:
        yield
        return
    command = [sys.executable, "-m", "benchmarks.living", str(home), str(a_second), str(int(moving))]
    process = subprocess.Popen(command)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


async def _change(home: Workspace, a_second: int, *, moving: bool) -> None:
    dice = random.Random(17)
    async with Client(home.socket, "colleague") as client:
        total = (await client.conversations("open", limit=1)).total
        shown = [row.id for row in (await client.conversations("open", limit=ON_SCREEN)).items]
        ids = [row.id for row in (await client.conversations("open", offset=total // 2, limit=1000)).items]
        due = time.monotonic()
        while True:
            id = dice.choice(shown if dice.random() < 0.5 else ids)
            match dice.randrange(0 if moving else 1, 3):
                case 0:
                    await client.set_priority(id, dice.choice(PRIORITIES))
                case 1:
                    await client.tag(id, [dice.choice(("refund", "late"))], ["refund"])
                case _:
                    await client.assign(id, dice.choice((None, "colleague")))
            due += 1 / a_second
            await asyncio.sleep(max(due - time.monotonic(), 0))


if __name__ == "__main__":
    asyncio.run(_change(Workspace(Path(sys.argv[1])), int(sys.argv[2]), moving=sys.argv[3] == "1"))
