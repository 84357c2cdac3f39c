"""500 reps who take what is next from one server, each over a connection of their own.

First all of them ask at the same moment, several times. Then each asks, works for a while and asks again, as reps do
who answer mail, and once more ten times as often; what is left waits behind them. What is told is the time from asking
to the last byte of the answer, and how many conversations two reps were given: none may be.

The reps are a process of its own, which does no more than send bytes and wait for bytes; how much of a processor it
took is told, and for comparison what a route takes that only tells reps who they are.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from httptools import HttpResponseParser

from benchmarks.many import fill
from benchmarks.terminal import serving, told
from desk.clock import HOUR, MINUTE, SystemClock
from desk.store.sqlite import open_store
from desk.workspace import Workspace

REPS = int(os.environ.get("DESK_BENCH_REPS", "500"))
CONVERSATIONS = 20_000
BURSTS = 5
PACES = ((30.0, 60.0), (2.0, 6.0))
"""Seconds that a rep works on one, from and to."""
SECONDS = 25.0


def run() -> Iterator[tuple[str, str]]:
    with TemporaryDirectory(prefix="desk-pulling-") as folder:
        home = fill(Path(folder) / "w", CONVERSATIONS, CONVERSATIONS)
        _promise(home)
        with serving(home):
            command = [sys.executable, "-m", "benchmarks.pulling", str(home)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
            yield from json.loads(done.stdout)


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


# --- the reps ---------------------------------------------------------------------------------------------


class Rep(asyncio.Protocol):
    """One connection: bytes out, bytes in, and the time between."""

    def __init__(self, login: str) -> None:
        self.given: list[int] = []
        self._login = login
        self._body = b""
        self._asked = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    async def next(self) -> float:
        """Seconds until they had it."""
        seconds = await self._ask("POST", "/next", json.dumps({"skip": self.given}))
        self.given += [each["id"] for each in json.loads(self._body)]
        return seconds

    async def who(self) -> float:
        return await self._ask("GET", "/me")

    async def _ask(self, method: str, path: str, body: str = "") -> float:
        self._done: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._body, self._answer = b"", HttpResponseParser(self)
        request = (
            f"{method} /api/v1{path} HTTP/1.1\r\nHost: desk\r\nDesk-Agent: {self._login}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        )
        self._asked = time.perf_counter()
        self._transport.write(request.encode())
        return await self._done

    def data_received(self, data: bytes) -> None:
        self._answer.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        assert self._answer.get_status_code() == 200, self._body
        self._done.set_result(time.perf_counter() - self._asked)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(exc or ConnectionError("the server hung up"))


async def _measure(socket: Path) -> Iterator[tuple[str, str]]:
    loop = asyncio.get_running_loop()
    reps = []
    for n in range(REPS):
        _, rep = await loop.create_unix_connection(lambda n=n: Rep(f"rep{n:03}"), str(socket))  # type: ignore[misc]
        reps.append(rep)
    figures = []
    for what, ask in (("who they are", Rep.who), ("what is next", Rep.next)):
        await asyncio.gather(*map(Rep.who, reps))
        began = time.process_time()
        bursts = [await asyncio.gather(*map(ask, reps)) for _ in range(BURSTS)]
        own = (time.process_time() - began) / BURSTS
        seconds = [each for burst in bursts for each in burst]
        figures.append((f"{REPS} reps ask {what} at the same moment", f"{told(seconds)}; {_lag(own)} a time"))
    for pace in PACES:
        began, until = time.process_time(), time.perf_counter() + SECONDS
        dice = random.Random(5)
        working = await asyncio.gather(*(_work(rep, pace, until, dice) for rep in reps))
        seconds = [each for of_rep in working for each in of_rep]
        what = f"{REPS} reps who work {pace[0]:.0f} to {pace[1]:.0f} s on each ({len(seconds) / SECONDS:.0f}/s)"
        figures.append((what, f"{told(seconds)}; {_lag((time.process_time() - began) / SECONDS)} a second"))
    given = [id for rep in reps for id in rep.given]
    figures.append(("conversations that two reps were given", f"{len(given) - len(set(given))} of {len(given)}"))
    return iter(figures)


async def _work(rep: Rep, pace: tuple[float, float], until: float, dice: random.Random) -> Sequence[float]:
    """They are at any place of their work when it begins."""
    seconds, on = [], dice.uniform(0, dice.uniform(*pace))
    while time.perf_counter() + on < until:
        await asyncio.sleep(on)
        seconds.append(await rep.next())
        on = dice.uniform(*pace)
    return seconds


def _lag(seconds: float) -> str:
    return f"the reps themselves took {seconds * 1000:.0f} ms"


if __name__ == "__main__":
    print(json.dumps([*asyncio.run(_measure(Workspace(Path(sys.argv[1])).socket))]))
