"""The live queue: 50,000 open conversations, 200 changes a second; how far behind, what it costs, what it paints."""

from __future__ import annotations

import asyncio
import itertools
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.store import Figure
from desk.clock import DAY, HOUR, SECOND, Clock, SystemClock
from desk.model import Address, Agent, Identity, Live, Message
from desk.server.availability import Availabilities
from desk.server.core import Core
from desk.server.live import LiveQueues
from desk.server.people import People
from desk.server.presence import Presences
from desk.server.threads import Threads
from desk.settings import Settings
from desk.store.base import Store
from desk.store.sqlite import open_store
from screens.live_table import rows_of

OPEN = 50_000
CHANGES = 200
SECONDS = 15
QUEUES = ("Orders", "Returns", "Workshop", "Wholesale", "Press")
BATCH = 500


def run() -> Iterator[Figure]:
    """Yield each figure with its name."""
    with tempfile.TemporaryDirectory() as folder, _opened(Path(folder)) as store:
        reps = _fill(store)
        yield from asyncio.run(_watch(store, reps))


@contextmanager
def _opened(folder: Path) -> Iterator[Store]:
    store = open_store(folder / "desk.db", blobs=folder / "attachments")
    try:
        yield store
    finally:
        store.close()


def _fill(store: Store) -> list[Agent]:
    """Conversations whose customers have waited for up to a day."""
    chance, now = random.Random(5), SystemClock().now()
    with store.write():
        reps = [store.agents.ensure(f"rep{number}", f"Rep {number}") for number in range(20)]
        queues = [store.queues.ensure(name) for name in QUEUES]
        customer = store.customers.create("Ada", [Identity(kind="email", value="ada@example.org")], now)
    for _ in range(0, OPEN, BATCH):
        with store.write():
            for _ in range(BATCH):
                at = now - chance.randrange(DAY)
                id = store.conversations.create(
                    subject="Where is it?", channel="email", account="shop", customer_id=customer, at=at,
                    queue_id=chance.choice(queues),
                )  # fmt: skip
                _say(store, id, "in", at)
                store.conversations.set_due(id, at + 8 * HOUR)
    return reps


def _say(store: Store, id: int, direction: str, at: int, agent: Agent | None = None) -> None:
    sender = Address(email="ada@example.org")
    who = {"agent_id": agent.id, "agent_name": agent.name} if agent else {}
    store.messages.add(
        Message(conversation_id=id, direction=direction, sender=sender, body="It leaks.", at=at, **who)  # type: ignore[arg-type]
    )


def _change(store: Store, clock: Clock, number: int, rep: Agent) -> None:
    """One transaction: a customer writes, or a rep takes or answers a conversation."""
    id = number * 7919 % OPEN + 1
    with store.write():
        if number % 3 == 0:
            store.conversations.assign(id, rep.id, clock.now())
        else:
            _say(store, id, "out" if number % 3 == 1 else "in", clock.now(), rep if number % 3 == 1 else None)
            store.conversations.set_due(id, None if number % 3 == 1 else clock.now() + HOUR)


async def _watch(store: Store, reps: list[Agent]) -> list[Figure]:
    clock = SystemClock()
    core = Core(store, Threads(), clock)
    presences, people = Presences(core.feed, clock), People(core, Settings)
    live = LiveQueues(core, people, Availabilities(core, people, presences))
    numbers = itertools.count()
    alone = await _changing(core, numbers, reps, None)
    started = time.perf_counter()
    first = await live.now()
    opening = time.perf_counter() - started
    watched = await _changing(core, numbers, reps, live)
    behind = [await _behind(core, live, number, reps[0]) for number in range(10)]
    asked = await _asked(live)
    await live.close()
    presences.close()
    core.threads.close()
    return [
        (f"{OPEN:,} open: the first look", f"{opening * 1000:.0f} ms"),
        (
            f"{CHANGES} changes/s, asked once a second: of one core",
            f"{watched - alone:.1%} (changes alone {alone:.1%})",
        ),
        ("from a commit to the number", f"median {statistics.median(behind):.2f} s, most {max(behind):.2f} s"),
        ("one look", asked),
        ("its lines for 200x60", _lines(first)),
    ]


async def _changing(core: Core, numbers: Iterator[int], reps: list[Agent], live: LiveQueues | None) -> float:
    """What share of a core the process takes while changes come."""
    begun, spent = time.perf_counter(), time.process_time()
    for tick in range(SECONDS * 10):
        for _ in range(CHANGES // 10):
            number = next(numbers)
            await core.write(_change, number, reps[number % len(reps)])
        if live is not None and tick % 10 == 0:
            await live.now()
        await asyncio.sleep(max(begun + (tick + 1) / 10 - time.perf_counter(), 0))
    return (time.process_time() - spent) / (time.perf_counter() - begun)


async def _behind(core: Core, live: LiveQueues, number: int, rep: Agent) -> float:
    """How long after a commit a number tells it."""
    before = (await live.now()).total.today.arrived
    id = (number * 104_729) % OPEN + 1

    def write(store: Store, clock: Clock) -> None:
        with store.write():
            _say(store, id, "out", clock.now() - SECOND, rep)
        with store.write():
            _say(store, id, "in", clock.now())

    await core.write(write)
    begun = time.perf_counter()
    while (await live.now()).total.today.arrived == before and time.perf_counter() - begun < 10:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    return time.perf_counter() - begun


async def _asked(live: LiveQueues) -> str:
    taken = []
    for _ in range(50):
        started = time.perf_counter()
        await live.now()
        taken.append((time.perf_counter() - started) * 1000)
    return f"median {statistics.median(taken):.1f} ms, p95 {statistics.quantiles(taken, n=20)[-1]:.1f} ms"


def _lines(live: Live) -> str:
    taken = []
    for _ in range(100):
        started = time.perf_counter()
        rows_of(live, 200, 60, None)
        taken.append((time.perf_counter() - started) * 1000)
    return f"median {statistics.median(taken):.2f} ms, p95 {statistics.quantiles(taken, n=20)[-1]:.2f} ms"
