"""Visitors of a site: 2,000 who follow and say nothing, 200 who chat, and how soon a rep's feed has what they say.

The real server in a process of its own, over loopback. Each visitor has a connection that is open all the time, as a
browser has; a proxy's word gives each an address of their own, so that the limits by address do not count them as one.
"To the rep's feed": from the first byte of the request that says something to the feed's event that names its
conversation, read by a client of the reps' API; each visitor has one message on its way at a time.
"""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.browsers import SITE, Browser
from desk.client import Client
from tests.servers.desk import DeskServer

IDLE = 2_000
ACTIVE = 200
A_SECOND = 100
SECONDS = 20
AT_ONCE = 50


def run() -> Iterator[tuple[str, str]]:
    server = DeskServer(SITE)
    try:
        server.start()
        yield from asyncio.run(_measure(server))
    finally:
        server.close()


async def _measure(server: DeskServer) -> list[tuple[str, str]]:
    async with server.client() as client:
        url = await client.site(within=20)
        browsers = [Browser(url, number) for number in range(1, IDLE + ACTIVE + 1)]
        began = time.perf_counter()
        slots = asyncio.Semaphore(AT_ONCE)

        async def arrive(browser: Browser) -> None:
            async with slots:
                await browser.arrive()

        await asyncio.gather(*map(arrive, browsers))
        arrived = time.perf_counter() - began
        active = browsers[:ACTIVE]
        await _begin(client, active)
        seconds = await _chat(client, active)
        memory = _resident(server.pid)
        for browser in browsers:
            await browser.leave()
    seconds.sort()
    median, p95 = statistics.median(seconds) * 1000, seconds[round(0.95 * len(seconds)) - 1] * 1000
    return [
        (f"{len(browsers):,} visitors arrive and follow", f"{len(browsers) / arrived:,.0f}/s"),
        (
            f"{ACTIVE} chats, {A_SECOND} messages/s beside {IDLE:,} idle: to the rep's feed",
            f"median {median:.0f} ms, p95 {p95:.0f} ms, worst {seconds[-1] * 1000:.0f} ms  (n={len(seconds)})",
        ),
        ("the server's memory meanwhile", f"{memory / 1e6:.0f} MB"),
    ]


async def _begin(client: Client, active: list[Browser]) -> None:
    """Each says hello, and which conversation that began is found out."""
    for number, browser in enumerate(active):
        await browser.ask("messages", {"id": "0", "text": f"visitor {number}"})
    rows = (await client.conversations("channel:chat", limit=1000)).items
    known = {row.subject: row.id for row in rows}
    for number, browser in enumerate(active):
        browser.conversation = known[f"visitor {number}"]


async def _chat(client: Client, active: list[Browser]) -> list[float]:
    """How long each message took to the feed."""
    sent: dict[int, float] = {}
    seconds: list[float] = []
    heard = asyncio.Event()
    since = (await client.status()).last_seq

    async def read() -> None:
        async for changes in client.events(since):
            now = time.perf_counter()
            for change in changes:
                if change.kind == "message" and (at := sent.pop(change.conversation_id or 0, None)) is not None:
                    seconds.append(now - at)
                    heard.set()

    reading = asyncio.create_task(read())
    await asyncio.sleep(0.5)
    saying: set[asyncio.Task[bytes]] = set()
    began, turns = time.perf_counter(), itertools.cycle(active)
    for number in range(1, A_SECOND * SECONDS + 1):
        await asyncio.sleep(max(0.0, began + number / A_SECOND - time.perf_counter()))
        while len(sent) == len(active):
            heard.clear()
            await heard.wait()
        browser = next(each for each in turns if each.conversation not in sent)
        sent[browser.conversation] = time.perf_counter()
        task = asyncio.create_task(browser.ask("messages", {"id": str(number), "text": f"message {number}"}))
        saying.add(task)
        task.add_done_callback(saying.discard)
    await asyncio.gather(*saying)
    for _ in range(100):
        if not sent:
            break
        await asyncio.sleep(0.05)
    reading.cancel()
    if sent:
        raise RuntimeError(f"{len(sent)} messages never reached the feed")
    return seconds


def _resident(pid: int) -> int:
    """Bytes of memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) * 1024
