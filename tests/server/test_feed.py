"""The event feed: nothing missed, nothing held back, nobody waits for the slow."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from desk.client import API, Client, StartOver, Unreachable
from desk.clock import Clock, ManualClock
from desk.model import Change
from desk.server import tidying
from desk.server.core import Core
from desk.server.feed import Feed
from desk.server.tasks import end
from desk.server.threads import Threads
from desk.settings import Settings
from desk.store.base import Store
from desk.store.sqlite import open_store
from tests.server.test_api import fill
from tests.servers.desk import DeskServer


async def collect(client: Client, since: int, enough: Any, seconds: float = 20.0) -> list[Change]:
    """Changes after `since`, until `enough(changes)`; reconnects as a terminal would."""
    changes: list[Change] = []
    async with asyncio.timeout(seconds):
        while not enough(changes):
            try:
                async for some in client.events(changes[-1].seq if changes else since):
                    changes += some
                    if enough(changes):
                        break
            except Unreachable:
                await asyncio.sleep(0.02)
    return changes


async def test_a_change_arrives_at_once(desk_server: DeskServer, tmp_path: Path) -> None:
    async with desk_server.client() as client, desk_server.client("tom") as other:
        await fill(client, tmp_path / "mail", 1)
        [conversation] = (await client.conversations()).items
        await other.me()
        since = (await client.status()).last_seq
        waiting = asyncio.create_task(collect(client, since, lambda some: any(each.kind == "message" for each in some)))
        await asyncio.sleep(0)
        noted = await other.note(conversation.id, "hello")
        begun = time.monotonic()
        changes = await waiting
        assert time.monotonic() - begun < 2
        assert ("message", noted.id) in {(change.kind, change.id) for change in changes}
        assert all(change.conversation_id == conversation.id for change in changes if change.kind == "message")


async def test_nothing_is_missed_across_restarts_and_kills(desk_server: DeskServer, tmp_path: Path) -> None:
    async with desk_server.client() as writer, desk_server.client("tom") as reader:
        await fill(writer, tmp_path / "mail", 1)
        [conversation] = (await writer.conversations()).items
        since = (await writer.status()).last_seq
        notes: set[int] = set()

        def all_seen(changes: list[Change]) -> bool:
            return len(notes) == 30 and notes <= {change.id for change in changes if change.kind == "message"}

        reading = asyncio.create_task(collect(reader, since, all_seen, 60))
        for number in range(30):
            notes.add((await writer.note(conversation.id, f"note {number}")).id)
            if number == 10:
                await asyncio.to_thread(desk_server.restart)
            if number == 20:
                await asyncio.to_thread(desk_server.kill)
                await asyncio.to_thread(desk_server.start)
        changes = await reading
    assert [change.seq for change in changes] == sorted({change.seq for change in changes})


async def test_a_burst_becomes_few_events(desk_server: DeskServer, tmp_path: Path) -> None:
    async with desk_server.client() as client, desk_server.client("tom") as reader:
        await fill(client, tmp_path / "mail", 1)
        [conversation] = (await client.conversations()).items
        since = (await client.status()).last_seq
        events: list[list[Change]] = []
        wanted: set[int] = set()

        async def read() -> None:
            async for some in reader.events(since):
                events.append(some)
                if wanted and max(wanted) in {change.id for change in some if change.kind == "message"}:
                    return

        reading = asyncio.create_task(read())
        begun = time.monotonic()
        notes = [(await client.note(conversation.id, "x")).id for _ in range(60)]
        wanted.update(notes)
        await client.note(conversation.id, "the last")
        wanted.add((await client.note(conversation.id, "the very last")).id)
        await asyncio.wait_for(reading, 20)
        assert len(events) <= (time.monotonic() - begun) * 20 + 2
        assert set(notes) <= {change.id for some in events for change in some if change.kind == "message"}


async def test_a_reader_from_the_future_starts_over(desk_server: DeskServer) -> None:
    async with desk_server.client() as client:
        last = (await client.status()).last_seq
        with pytest.raises(StartOver) as over:
            await collect(client, 1_000_000, bool)
        assert over.value.seq == last


async def first_event(feed: Feed, since: int) -> bytes:
    stream = feed.stream(since)
    try:
        return await anext(stream)
    finally:
        await stream.aclose()  # type: ignore[attr-defined]


async def test_who_asks_for_what_was_forgotten_starts_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidying, "CHANGES_KEPT", 5)
    monkeypatch.setattr(tidying, "PORTION", 3)
    threads = Threads()
    store = await threads.write(open_store, tmp_path / "desk.db", blobs=tmp_path / "attachments", clock=ManualClock())
    core = Core(store, threads, ManualClock())

    def note(store: Store, clock: Clock, number: int) -> None:
        with store.write():
            store.changes.note("account", number)

    for number in range(20):
        await core.write(note, number)
    last = store.changes.last()
    assert (await first_event(core.feed, 2)).startswith(b"id: ")
    tidy = asyncio.create_task(tidying.tidy(core, Settings))
    try:
        for _ in range(2000):
            if not store.changes.whole_after(last - 6):
                break
            await asyncio.sleep(0.01)
        assert await first_event(core.feed, 2) == b"event: reset\nid: %d\ndata: []\n\n" % last
        changes = await first_event(core.feed, last - 5)
        assert [each["id"] for each in json.loads(changes.partition(b"data: ")[2])] == [15, 16, 17, 18, 19]
    finally:
        await end(tidy)
        await threads.write(store.close)
        threads.close()


async def test_resuming_by_the_standards_header(desk_server: DeskServer, tmp_path: Path) -> None:
    async with desk_server.client() as client:
        await fill(client, tmp_path / "mail", 2)
    transport = httpx.AsyncHTTPTransport(uds=str(desk_server.socket))
    headers = {"Desk-Agent": "mia", "Last-Event-ID": "1"}
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://desk") as http,
        http.stream("GET", f"{API}/events", headers=headers) as response,
    ):
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = response.aiter_lines()
        assert (await anext(lines)).startswith("id: ")
        assert '"seq":2' in await anext(lines)


async def test_a_reader_that_does_not_read_delays_nobody(desk_server: DeskServer, tmp_path: Path) -> None:
    async with desk_server.client() as client:
        await fill(client, tmp_path / "mail", 1)
        [conversation] = (await client.conversations()).items
        sleepers = []
        for _ in range(5):
            sleeper = socket.socket(socket.AF_UNIX)
            sleeper.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            sleeper.connect(str(desk_server.socket))
            sleeper.sendall(f"GET {API}/events?since=0 HTTP/1.1\r\nHost: desk\r\nDesk-Agent: mia\r\n\r\n".encode())
            sleepers.append(sleeper)
        before = memory(desk_server.pid)
        slowest = 0.0
        for number in range(400):
            begun = time.monotonic()
            await client.note(conversation.id, f"note {number}")
            slowest = max(slowest, time.monotonic() - begun)
        assert slowest < 2
        assert memory(desk_server.pid) - before < 20_000_000
        for sleeper in sleepers:
            sleeper.close()


def memory(pid: int) -> int:
    """Resident bytes of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
