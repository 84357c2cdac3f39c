"""The event feed: what changed, as server-sent events that a client resumes by sequence number.

Nothing is queued for a reader. Each reads the store from where it stands, at its own pace, so a slow one costs
neither memory nor anybody else's time.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Sequence

import msgspec
from msgspec.structs import replace

from desk.model import Change
from desk.server.threads import Threads
from desk.store.base import Store

HEARTBEAT_SECONDS = 15.0
PAUSE_SECONDS = 0.05
"""After an event the reader waits this long, so that a burst becomes few events: at most 20 a second."""
CHANGES_AT_MOST = 1000
"""In one event."""
PASSING_AT_MOST = 500
"""Changes that pass without being stored, kept for readers who are busy; older ones are missed."""


class Feed:
    """Wakes the readers after each commit. Belongs to the running event loop."""

    def __init__(self, store: Store, threads: Threads) -> None:
        self._store = store
        self._threads = threads
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._ending = False
        self._passing: deque[Change] = deque(maxlen=PASSING_AT_MOST)
        self.passed = 0
        """How many changes passed that are not stored."""
        self._reading: Counter[int] = Counter()
        """Streams that are open now, by rep."""
        self._away: frozenset[int] = frozenset()
        self._turn = asyncio.Event()
        store.changes.on_commit(self._committed)

    @property
    def readers(self) -> int:
        """Streams that are open now."""
        return self._reading.total()

    @property
    def attending(self) -> frozenset[int]:
        """Reps who follow the feed, through however many streams each."""
        return frozenset(self._reading)

    @property
    def present(self) -> frozenset[int]:
        """Those of them who have not said that they are away."""
        return frozenset(self._reading) - self._away

    def excuse(self, away: frozenset[int]) -> None:
        """These have said that they are away."""
        if away != self._away:
            self._away = away
            self._turned()

    @property
    def turn(self) -> asyncio.Event:
        """Set once somebody else begins to follow, ceases to, is away or back: take it before looking at who does."""
        return self._turn

    def _count(self, agent_id: int, more: int) -> None:
        self._reading[agent_id] += more
        self._reading += Counter()  # which forgets those at zero
        self._turned()

    def _turned(self) -> None:
        turn, self._turn = self._turn, asyncio.Event()
        turn.set()

    def _committed(self, seq: int) -> None:
        self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    def tell(self, change: Change) -> None:
        """Let the readers of this moment know of what is not stored, such as presence. Its `seq` is theirs."""
        self._passing.append(change)
        self.passed += 1
        self._wake()

    def tell_job(self, id: int) -> None:
        """An act on many went on."""
        self.tell(Change(kind="job", id=id))

    def end(self) -> None:
        """Let every reader's stream end."""
        self._ending = True
        self._wake()

    def mark(self) -> asyncio.Event:
        """The present moment: take it before reading the store, and `after` misses no commit."""
        return self._news

    async def after(self, mark: asyncio.Event, seconds: float | None) -> bool:
        """Wait for a commit later than the mark; False if none came in time."""
        return await _within(seconds, mark)

    def since(self, passed: int) -> list[Change]:
        """What passed after that many, without repetition."""
        missed = min(self.passed - passed, len(self._passing))
        recent = list(self._passing)[-missed:] if missed else []
        return list({(change.kind, change.id, change.conversation_id): change for change in recent}.values())

    def _read(self, since: int) -> tuple[int, list[Change]]:
        """The changes after a number; if they are not all known, the number to go on from."""
        changes = self._store.changes
        if not changes.whole_after(since):
            return changes.last(), []
        return since, changes.since(since, CHANGES_AT_MOST)

    async def stream(self, since: int, agent_id: int = 0) -> AsyncIterator[bytes]:
        """Server-sent events after `since`, until the reader leaves or the server ends; `agent_id`: whose eyes it is.

        `id` is the sequence number to resume from, `data` a list of changes, empty as a heartbeat. A reader who asks
        for what was forgotten gets `event: reset` and the present number; so does one from the future, who has seen a
        store that was since replaced by an older copy.
        """
        self._count(agent_id, 1)
        try:
            async for event in self._stream(since):
                yield event
        finally:
            self._count(agent_id, -1)

    async def _stream(self, since: int) -> AsyncIterator[bytes]:
        passed = self.passed
        while not self._ending:
            mark = self.mark()
            known, changes = await self._threads.read(self._read, since)
            if known != since:
                since = known
                yield b"event: reset\n" + _event(since, ())
                continue
            since = changes[-1].seq if changes else since
            passing, passed = self.since(passed), self.passed
            if changes or passing:
                yield _event(since, [*_newest(changes), *(replace(change, seq=since) for change in passing)])
                await asyncio.sleep(PAUSE_SECONDS)
            elif not await self.after(mark, HEARTBEAT_SECONDS):
                yield _event(since, ())


async def _within(seconds: float | None, event: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False


def _event(seq: int, changes: Sequence[Change]) -> bytes:
    return b"id: %d\ndata: %b\n\n" % (seq, msgspec.json.encode(changes))


def _newest(changes: Sequence[Change]) -> list[Change]:
    """Of several changes of one thing, the last."""
    last = {(change.kind, change.id): change for change in changes}
    return sorted(last.values(), key=lambda change: change.seq)
