"""Canned answers: 5,000 files read, then searched letter by letter as somebody types.

Titles of five words and texts of 120, from 8,000 words that occur as words do (Zipf), in two languages; searches of one
to three of those words, some mistyped. "In the server": ranked. "To the terminal": ranked, twenty of them filled for a
conversation, and the whole way over the socket into the client's objects. The last figures are taken on a
pseudo-terminal, in the composer.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from benchmarks.pseudoterminal import PseudoTerminal
from benchmarks.terminal import desk_command
from desk.answers.files import Folder
from desk.answers.library import Index
from desk.workspace import Workspace
from tests.servers.desk import DeskServer
from tests.servers.shop import fill_with_sample

T = TypeVar("T")

ANSWERS = 5_000
VOCABULARY = 8_000
SEARCHES = 60
PAINTED = 15
STILL_SECONDS = 0.05
"""Without a byte for so long, all is shown. The draft is saved later than that."""


def run() -> Iterator[tuple[str, str]]:
    dice = random.Random(11)
    words = all_words(dice)
    with DeskServer() as server:
        fill_with_sample(server.home)
        _write(server.home.answers, dice, words)
        folder = Folder(server.home.answers)
        reading, snapshot = timed(folder.scan)
        yield f"{ANSWERS:,} answers read from disk, ms", f"{reading * 1e3:,.0f}"
        yield "  looked at again, nothing changed, ms", f"{timed(lambda: folder.scan(snapshot))[0] * 1e3:,.0f}"
        indexing, index = timed(lambda: Index(snapshot.documents.values()))
        yield "  made searchable, ms", f"{indexing * 1e3:,.0f}"
        typed = list(queries(dice, words))
        yield figure("a letter typed, in the server", [timed(lambda q=q: index.search(q, "mia"))[0] for q in typed])
        server.start()
        yield figure("a letter typed, to the terminal", asyncio.run(_asked(server, typed)))
        for width, height in ((80, 24), (200, 60)):
            what = f"a letter after ::, key to the last byte of what it shows, pty {width}x{height}"
            yield figure(what, _painted(server.home, dice, words, width, height))


async def _asked(server: DeskServer, typed: list[str]) -> list[float]:
    seconds = []
    async with server.client("mia") as client:
        id = (await client.search("parcel")).hits[0].conversation.id
        await client.answers("", id)
        for text in typed:
            started = time.perf_counter()
            await client.answers(text, id)
            seconds.append(time.perf_counter() - started)
    return seconds


def _painted(home: Workspace, dice: random.Random, words: list[str], width: int, height: int) -> list[float]:
    """Seconds from each letter typed after `::` in the composer until nothing more is written."""
    seconds = []
    with PseudoTerminal(desk_command(home), width, height) as terminal:
        terminal.until(b" of ", since=0)
        terminal.quiet(0.5)
        terminal.send(b"r")
        terminal.until(b"Subject")
        terminal.quiet(0.3)
        for _ in range(PAINTED):
            terminal.send(b"::")
            terminal.quiet(0.3)
            for letter in some_words(dice, words, 1)[:6]:
                seconds.append(_settled(terminal, letter.encode()))
                terminal.quiet(0.3)
            terminal.send(b"\x15")
            terminal.quiet(0.1)
    return seconds


def _settled(terminal: PseudoTerminal, key: bytes) -> float:
    sent = last = terminal.send(key)
    while terminal.read(STILL_SECONDS):
        last = time.perf_counter()
    return last - sent


def all_words(dice: random.Random) -> list[str]:
    syllables = [f"{a}{b}" for a in "bcdfghklmnprstvw" for b in "aeiou"]
    return ["".join(dice.choices(syllables, k=dice.randint(2, 5))) for _ in range(VOCABULARY)]


def some_words(dice: random.Random, words: list[str], count: int) -> str:
    return " ".join(dice.choices(words, [1 / (rank + 1) for rank in range(len(words))], k=count))


def _write(folder: Path, dice: random.Random, words: list[str]) -> None:
    for number in range(ANSWERS):
        file = folder / f"topic-{number % 50}" / f"answer-{number}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        title, text = some_words(dice, words, 5), some_words(dice, words, 120)
        language = ("", "en", "de")[number % 3]
        shortcut = f"{words[number]}-{number}"
        matter = f'title = "{title}"\nshortcut = "{shortcut}"\nlanguage = "{language}"'
        file.write_text(f"+++\n{matter}\n+++\n\nHello {{customer.first_name|there}},\n\n{text}\n\n{{agent.name}}\n")


def queries(dice: random.Random, words: list[str]) -> Iterator[str]:
    """Everything there is to search for while somebody types."""
    for number in range(SEARCHES):
        text = some_words(dice, words, dice.randint(1, 3))
        if number % 4 == 0 and len(text) > 4:
            text = f"{text[:2]}{text[3]}{text[2]}{text[4:]}"
        yield from (text[:end] for end in range(1, len(text) + 1))


def timed(work: Callable[[], T]) -> tuple[float, T]:
    started = time.perf_counter()
    done = work()
    return time.perf_counter() - started, done


def figure(name: str, seconds: list[float]) -> tuple[str, str]:
    milliseconds = sorted(value * 1e3 for value in seconds)
    p95 = milliseconds[round(0.95 * len(milliseconds)) - 1]
    median = statistics.median(milliseconds)
    said = f"median {median:.1f} ms, p95 {p95:.1f} ms, worst {milliseconds[-1]:.1f} ms  (n={len(seconds)})"
    return name, said
