"""The live queue on a terminal: keys, and how far behind it is, with 50,000 open and 200 changes a second.

Measured on a pseudo-terminal that looks at a real server: from the byte of the key to the cursor on its new line, or to
what the status line says of the number it goes to; and from the answer to a request that resolves a conversation to
the number that tells so on the screen. The changes come from a process of its own, through the same server: priorities,
tags and reps of conversations. What the server spends on them is told, with nobody looking and with one who does.

`DESK_BENCH_FOLDER` keeps the workspace for the next time; `DESK_BENCH_CONVERSATIONS` is another number of them,
`DESK_BENCH_CHANGES` another number of changes a second.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.living import cursor
from benchmarks.many import fill
from benchmarks.pseudoterminal import PseudoTerminal
from benchmarks.terminal import open_terminal, serving, told, workspaces
from desk.client import Client
from desk.clock import DAY, SystemClock
from desk.definitions import DEFINITIONS
from desk.model import Conversation, Page, Priority
from desk.service import promises
from desk.store.sqlite.store import open_store
from desk.workspace import Workspace

CONVERSATIONS = 50_000
CHANGES, HANDS = 200, 8
"""Changes a second, and how many are under way at once at most."""
KEYS, SIDEWAYS, RESOLVED = 300, 120, 20
SPENT_SECONDS, FIRST_LOOK_SECONDS = 12.0, 6.0
"""The first look reads what happened today, once; what is measured comes after it."""
QUEUES = ("Orders", "Returns", "Workshop", "Press")
QUIET = "Wholesale"
"""The queue in which nothing changes but what is resolved to see it."""
IN_QUIET = 700
PRIORITIES: tuple[Priority, ...] = ("low", "normal", "high", "urgent")
SIZES = ((80, 24), (200, 60))
FIRST_ROW = 3
"""The line of the screen, from 1, of the first line with numbers: all queues together."""
ACROSS = ("longest", "risk-5", "risk-15", "risk-60", "broken", "broken-today", "open")
"""Numbers that stand side by side, the first of them the fifth of its line."""


def run() -> Iterator[tuple[str, str]]:
    many = int(os.environ.get("DESK_BENCH_CONVERSATIONS", CONVERSATIONS))
    a_second = int(os.environ.get("DESK_BENCH_CHANGES", CHANGES))
    with workspaces() as folder:
        home = _workspace(folder, many)
        with serving(home), _changes(home, a_second):
            alone = _spent(home)
            for width, height in SIZES:
                with open_terminal(home, width, height) as terminal:
                    if width == SIZES[0][0]:
                        listed = _spent(home, terminal)
                    terminal.answer(b"gl", b"live queue")
                    terminal.wait(FIRST_LOOK_SECONDS)
                    if width == SIZES[0][0]:
                        looked = _spent(home, terminal)
                    yield f"key down or up, {width}x{height}, {a_second} changes/s", _keys(terminal)
                    yield f"key to the side, {width}x{height}, {a_second} changes/s", _sideways(terminal)
                    if height == SIZES[-1][1]:
                        yield "from the answer of the server to the number on the screen", _behind(home, terminal)
            told_of = (
                f"{looked:.1%} with the live queue on a terminal, {listed:.1%} with the list on it, {alone:.1%} without"
            )
            yield "the server, of one core", told_of


def _workspace(folder: Path, many: int) -> Workspace:
    """One that was kept, or a new one; it has its name only once it is whole."""
    whole = folder / f"watching-{many}"
    if not whole.exists():
        begun = folder / f"{whole.name}-{os.getpid()}"
        _sort(fill(begun, many, many, over=DAY), many)
        begun.rename(whole)
    return Workspace(whole)


def _sort(home: Workspace, many: int) -> None:
    """Each is in a queue, and promised an answer, which of most of them is broken."""
    store, clock, dice = open_store(home.database, blobs=home.attachments), SystemClock(), random.Random(3)
    with store.write():
        queues, quiet = [store.queues.ensure(name) for name in QUEUES], store.queues.ensure(QUIET)
    for start in range(1, many + 1, 1_000):
        ids = range(start, min(start + 1_000, many + 1))
        with store.write():
            for id in ids:
                store.conversations.set_queue(id, quiet if id <= IN_QUIET else dice.choice(queues), clock.now())
            promises.refresh(store, ids, arrival=True)
    store.close()


def _spent(home: Workspace, terminal: PseudoTerminal | None = None) -> float:
    """What share of a core the server takes."""
    pid = home.holder()
    began, before = time.perf_counter(), _processor_seconds(pid)
    if terminal is None:
        time.sleep(SPENT_SECONDS)
    else:
        terminal.wait(SPENT_SECONDS)
    return (_processor_seconds(pid) - before) / (time.perf_counter() - began)


def _processor_seconds(pid: int | None) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _keys(terminal: PseudoTerminal) -> str:
    """Down the lines of the queues and up again."""
    dice, times, row, down = random.Random(5), [], FIRST_ROW, True
    last = FIRST_ROW + len(QUEUES)
    for _ in range(KEYS):
        terminal.wait(dice.uniform(0.02, 0.06))
        down = row < last if row in (FIRST_ROW, last) else down
        row += 1 if down else -1
        times.append(terminal.answer(b"j" if down else b"k", cursor(row, 1)))
    return told(times)


def _sideways(terminal: PseudoTerminal) -> str:
    """To and fro between numbers; the answer is what the next one means."""
    dice, times, place, right = random.Random(6), [], 0, True
    terminal.send(b"4l")
    terminal.wait(0.3)
    for _ in range(SIDEWAYS):
        terminal.wait(dice.uniform(0.02, 0.06))
        right = place < len(ACROSS) - 1 if place in (0, len(ACROSS) - 1) else right
        place += 1 if right else -1
        times.append(terminal.answer(b"l" if right else b"h", DEFINITIONS[ACROSS[place]][:60].encode()))
    return told(times)


def _behind(home: Workspace, terminal: PseudoTerminal) -> str:
    """The number of open conversations in the queue that is quiet otherwise."""
    times, quiet = [], asyncio.run(_quiet(home))
    for left, row in zip(range(quiet.total - 1, 0, -1), quiet.items, strict=False):
        asyncio.run(_resolve(home, row.id))
        resolved = time.perf_counter()
        here = rb"%s(?:(?!\x1b\[\d+;1H).)*?\b%d\b" % (QUIET.encode(), left)
        times.append(terminal.until(re.compile(here, re.DOTALL), since=len(terminal.seen)) - resolved)
        terminal.wait(random.Random(left).uniform(0.0, 1.0))
    return f"median {statistics.median(times):.2f} s, most {max(times):.2f} s  (n={len(times)})"


async def _quiet(home: Workspace) -> Page[Conversation]:
    async with Client(home.socket, "supervisor") as client:
        return await client.conversations(f"queue:{QUIET}", limit=RESOLVED)


async def _resolve(home: Workspace, id: int) -> None:
    async with Client(home.socket, "supervisor") as client:
        await client.set_state(id, "resolved")


# --- those who never stop ---------------------------------------------------------------------------------


@contextmanager
def _changes(home: Workspace, a_second: int) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.watching", str(home), str(a_second)])
    try:
        time.sleep(2.0)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


async def _change(home: Workspace, a_second: int) -> None:
    began = time.monotonic()
    async with Client(home.socket, "colleague") as client, asyncio.TaskGroup() as hands:
        total = (await client.conversations("open", limit=1)).total
        for hand in range(HANDS):
            hands.create_task(_hand(client, random.Random(hand), total, began, a_second / HANDS))


async def _hand(client: Client, dice: random.Random, total: int, due: float, a_second: float) -> None:
    while True:
        id = dice.randrange(IN_QUIET + 1, total)
        match dice.randrange(3):
            case 0:
                await client.set_priority(id, dice.choice(PRIORITIES))
            case 1:
                await client.tag(id, [dice.choice(("refund", "late"))], ["refund"])
            case _:
                await client.assign(id, dice.choice((None, "colleague")))
        due += 1 / a_second
        await asyncio.sleep(max(due - time.monotonic(), 0))


if __name__ == "__main__":
    asyncio.run(_change(Workspace(Path(sys.argv[1])), int(sys.argv[2])))
