"""500 reps who take what is next from one server, each over a connection of their own.

First all of them ask at the same moment. Then each asks, works for some seconds and asks again, as reps do; what is
left waits behind them. What is told is the time from asking to the answer, and how many
conversations two reps were given: none may be.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.many import fill
from benchmarks.terminal import serving, told
from desk.client import Client
from desk.clock import HOUR, MINUTE, SystemClock
from desk.store.sqlite import open_store
from desk.workspace import Workspace

REPS = int(os.environ.get("DESK_BENCH_REPS", "500"))
CONVERSATIONS = 20_000
WORKING = (2.0, 6.0)
"""Seconds that a rep works on one, from and to."""
SECONDS = 20.0


def run() -> Iterator[tuple[str, str]]:
    with TemporaryDirectory(prefix="desk-pulling-") as folder:
        home = fill(Path(folder) / "w", CONVERSATIONS, CONVERSATIONS)
        _promise(home)
        with serving(home):
            yield from asyncio.run(_measure(home))


def _promise(home: Workspace) -> None:
    """Something is promised to all who wait, at four paces and four priorities."""
    store, dice, now = open_store(home.database, blobs=home.attachments), random.Random(3), SystemClock().now()
    with store.write():
        for id in range(1, CONVERSATIONS + 1):
            promised = dice.choice((MINUTE, 4 * HOUR, 8 * HOUR, 24 * HOUR))
            store.conversations.set_due(id, now + round(promised * dice.uniform(-1, 1)), promised=promised)
            if id % 10 == 0:
                store.conversations.set_priority(id, dice.choice(("low", "high", "urgent")), now)
    store.close()


async def _measure(home: Workspace) -> list[tuple[str, str]]:
    clients = [Client(home.socket, f"rep{n:03}", timeout=60) for n in range(REPS)]
    given: list[list[int]] = [[] for _ in clients]
    try:
        await asyncio.gather(*(client.counts() for client in clients))
        at_once = await asyncio.gather(*(_pull(client, own) for client, own in zip(clients, given, strict=True)))
        until = time.perf_counter() + SECONDS
        working = await asyncio.gather(*(_work(client, given[n], until, n) for n, client in enumerate(clients)))
    finally:
        for client in clients:
            await client.close()
    in_turn = [seconds for of_rep in working for seconds in of_rep]
    ids = [id for own in given for id in own]
    return [
        (f"{REPS} reps ask at the same moment", told([*at_once])),
        (f"{REPS} reps who ask, work for 2 to 6 s and ask again ({len(in_turn) / SECONDS:.0f}/s)", told(in_turn)),
        ("conversations that two reps were given", str(len(ids) - len(set(ids)))),
    ]


async def _pull(client: Client, own: list[int]) -> float:
    began = time.perf_counter()
    found = await client.next(own)
    seconds = time.perf_counter() - began
    if found is not None:
        own.append(found.id)
    return seconds


async def _work(client: Client, own: list[int], until: float, seed: int) -> list[float]:
    dice, seconds = random.Random(seed), []
    await asyncio.sleep(dice.uniform(0, WORKING[1]))
    while time.perf_counter() < until:
        seconds.append(await _pull(client, own))
        await asyncio.sleep(dice.uniform(*WORKING))
    return seconds
