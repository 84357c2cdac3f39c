"""A flood of chat, 10,000 messages in a minute, and how soon a rep's keys are on the screen meanwhile.

A real server with a site, and a terminal on a pseudo-terminal; the flood comes from a process of its own. First from
500 visitors with an address each, all within what one visitor may say, so that every message is taken; then from one
address, most of which the site refuses. Timed from the byte of a key to what it brings: a letter in an internal note,
and the cursor on another row of the list of chats that the flood turns over. Beside each, the same without a flood.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import signal
import string
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from benchmarks.browsers import SITE, Browser
from benchmarks.living import FIRST_ROW, cursor
from benchmarks.pseudoterminal import PseudoTerminal
from benchmarks.terminal import open_terminal, told
from tests.servers.desk import DeskServer

A_MINUTE = 10_000
VISITORS = 500
KEYS = 240
WORD = 8
ONE_ADDRESS = "10.9.9.9"
SIZE = 120, 40
LIST = 1
"""The column in which the list begins."""
TURN = 30
"""Rows from the first to the one where the cursor turns back."""


def run() -> Iterator[tuple[str, str]]:
    server = DeskServer(SITE)
    try:
        server.start()
        url = asyncio.run(_begin(server))
        with open_terminal(server.home, *SIZE) as terminal:
            for flood, addresses in (("no flood", 0), ("from 500 visitors", VISITORS), ("from one address", 1)):
                with _flood(url, addresses) as heard:
                    time.sleep(1.0)
                    yield f"a letter of a note, {flood}", _letters(terminal)
                    yield f"a row of the list, {flood}", _rows(terminal)
                if heard:
                    yield f"what the site said, {flood}", heard[0]
    finally:
        server.close()


async def _begin(server: DeskServer) -> str:
    """A list of chats that is longer than the screen; returns the site's address."""
    async with server.client() as client:
        url = await client.site(within=20)
        for number in range(100):
            browser = Browser(url, 100_000 + number)
            await browser.arrive()
            await browser.ask("messages", {"id": "0", "text": f"Customer {number} asks"})
            await browser.leave()
    return url


def _letters(terminal: PseudoTerminal) -> str:
    """Words of a note, a line each, letter by letter; each letter is there when the word is, as far as it was typed."""
    dice = random.Random(5)
    terminal.send(b"i")
    terminal.wait(1.0)
    times = []
    for _ in range(KEYS // WORD):
        typed = b""
        for letter in dice.choices(string.ascii_lowercase, k=WORD):
            typed += letter.encode()
            times.append(terminal.answer(letter.encode(), typed))
            terminal.wait(dice.uniform(0.02, 0.06))
        terminal.send(b"\r")
        terminal.wait(0.05)
    for _ in ("the note", "the conversation"):
        terminal.send(b"\x1b")
        terminal.wait(0.5)
    return told(times)


def _rows(terminal: PseudoTerminal) -> str:
    """Down and up again; the answer is the cursor on the row that the key leads to."""
    dice = random.Random(7)
    times, row = [], FIRST_ROW
    for number in range(KEYS):
        terminal.wait(dice.uniform(0.02, 0.06))
        down = (number // TURN) % 2 == 0
        row += 1 if down else -1
        times.append(terminal.answer(b"j" if down else b"k", cursor(row, LIST)))
    return told(times)


# --- those who never stop ---------------------------------------------------------------------------------


@contextmanager
def _flood(url: str, addresses: int) -> Iterator[list[str]]:
    """Runs the flood meanwhile; afterwards the list has what it was answered."""
    heard: list[str] = []
    if not addresses:
        yield heard
        return
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.flood", url, str(addresses)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("pouring")
        yield heard
    finally:
        process.send_signal(signal.SIGINT)
        heard.append(process.communicate(timeout=30)[0].strip())


async def _pour(url: str, addresses: int, heard: Counter[str]) -> None:
    """Until interrupted. Everybody comes from an address of their own, and may say all of it from one."""
    browsers = [Browser(url, number) for number in range(1, VISITORS + 1)]
    for each in browsers:
        await each.arrive()
        await each.leave()
        if addresses == 1:
            each.address = ONE_ADDRESS
    print("pouring", flush=True)
    running: set[asyncio.Task[None]] = set()
    began = time.monotonic()
    try:
        for number, browser in zip(itertools.count(1), itertools.cycle(browsers), strict=False):
            await asyncio.sleep(max(0.0, began + number * 60 / A_MINUTE - time.monotonic()))
            task = asyncio.create_task(_say(browser, number, heard))
            running.add(task)
            task.add_done_callback(running.discard)
    finally:
        minutes = (time.monotonic() - began) / 60
        said = (f"{count / minutes:,.0f}/min answered {status}" for status, count in sorted(heard.items()))
        print(f"{', '.join(said)} ({minutes * 60:.0f} s)", flush=True)


async def _say(browser: Browser, number: int, heard: Counter[str]) -> None:
    answer = await browser.say("messages", {"id": str(number), "text": f"flood {number} " + "word " * 20})
    heard[answer[9:12].decode() or "nothing"] += 1


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(_pour(sys.argv[1], int(sys.argv[2]), Counter()))
