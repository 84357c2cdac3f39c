"""Parsing where it can be killed: a few worker processes, each mail bounded in time and memory.

Live mail has a worker of its own and never waits behind an import, whose workers start with it and end with it.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import queue
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from desk.mail.lane import Answer, Found, Lane, ParserUnavailable
from desk.mail.nursery import Nursery
from desk.mail.parsed import Limits, Parsed, Refused, Source

__all__ = ["Answer", "Found", "ParserPool", "ParserUnavailable", "only_mail"]

DEFAULT_LIMITS: Final = Limits()
_CHUNK_BYTES = 16 * 1024 * 1024
"""Known bytes that go to a worker at once, whatever the chunk's length."""
_FIRST = 32
"""Mails in the first chunk of a stream; each later one is twice as long, until they are as long as asked for."""
_AHEAD = 2
"""Chunks per worker that are read ahead of the consumer."""
_NICENESS = 19
"""An import gives way to the terminal and to the writer, who is the slower half and must never wait for parsers."""


class ParserPool:
    """Parses mails in worker processes; safe to use from several threads at once.

    `workers` is how many an import gets, by default one a core. Nothing runs until it is needed, or `warm` is called.
    """

    def __init__(self, workers: int | None = None, limits: Limits = DEFAULT_LIMITS) -> None:
        self.limits = limits
        self.workers = workers or os.cpu_count() or 1
        self._nursery = Nursery(limits)
        self._live = Lane(self._nursery)
        self._live_thread = ThreadPoolExecutor(1, thread_name_prefix="parse-live")
        self._lock = threading.Lock()
        self._bulk: set[Lane] = set()
        self._cpu_of_closed = 0.0
        self._closed = False

    @property
    def cpu_seconds(self) -> float:
        """Processor seconds all workers have used so far; grows only."""
        with self._lock:
            return self._cpu_of_closed + self._live.cpu_seconds + sum(lane.cpu_seconds for lane in self._bulk)

    @property
    def pids(self) -> list[int]:
        """Process ids of the workers that run now."""
        with self._lock:
            lanes = [self._live, *self._bulk]
        return [lane.pid for lane in lanes if lane.pid is not None]

    def warm(self) -> None:
        """Be ready to start workers at once, as an import likes them."""
        self._nursery.warm()

    async def parse(self, sources: Iterable[Source]) -> list[Answer]:
        """Parse live mail: each source with its `Parsed` or `Refused`, in order.

        Raises:
            ParserUnavailable: no worker can be started, or the pool is closed.
        """
        return await asyncio.get_running_loop().run_in_executor(self._live_thread, self.parse_now, list(sources))

    def parse_now(self, sources: Iterable[Source]) -> list[Answer]:
        """`parse` for callers that are threads; waits for its turn."""
        return only_mail(found for chunk in _chunks(sources, 64) for found in self._live.parse(chunk))

    def parse_many(self, sources: Iterable[Source], *, chunk: int = 64) -> Iterator[list[Found]]:
        """Parse a stream of mails on all workers; yields lists of at most `chunk`, in the order of the input.

        Reads only a few chunks ahead. Closing the iterator ends its workers.

        Raises:
            ParserUnavailable: no worker can be started, or the pool is closed.
        """
        lanes = self._open_lanes()
        free: queue.SimpleQueue[Lane] = queue.SimpleQueue()
        for lane in lanes:
            free.put(lane)

        def work(part: list[Source]) -> list[Found]:
            lane = free.get()
            try:
                return lane.parse(part)
            finally:
                free.put(lane)

        executor = ThreadPoolExecutor(len(lanes), thread_name_prefix="parse-bulk")
        running: deque[Future[list[Found]]] = deque()
        try:
            chunks = _chunks(sources, chunk, first=_FIRST)
            for part in itertools.islice(chunks, len(lanes) * _AHEAD):
                running.append(executor.submit(work, part))
            while running:
                done = running.popleft().result()
                following = next(chunks, None)
                if following is not None:
                    running.append(executor.submit(work, following))
                yield done
        finally:
            executor.shutdown(wait=False, cancel_futures=True)
            self._close_lanes(lanes)
            executor.shutdown()

    def close(self) -> None:
        """End all workers. Idempotent; running calls raise `ParserUnavailable`."""
        with self._lock:
            self._closed = True
            lanes = list(self._bulk)
        self._live.close()
        self._close_lanes(lanes)
        self._live_thread.shutdown()
        self._nursery.end()

    def _open_lanes(self) -> list[Lane]:
        with self._lock:
            if self._closed:
                raise ParserUnavailable("the parsers are shut down")
            lanes = [Lane(self._nursery, niceness=_NICENESS) for _ in range(self.workers)]
            self._bulk.update(lanes)
        return lanes

    def _close_lanes(self, lanes: list[Lane]) -> None:
        for lane in lanes:
            lane.close()
        with self._lock:
            for lane in lanes:
                if lane in self._bulk:
                    self._bulk.remove(lane)
                    self._cpu_of_closed += lane.cpu_seconds


def only_mail(found: Iterable[Found]) -> list[Answer]:
    """Those that are mails, readable or not."""
    return [(source, outcome) for source, outcome in found if isinstance(outcome, Parsed | Refused)]


def _chunks(sources: Iterable[Source], most: int, first: int | None = None) -> Iterator[list[Source]]:
    length = min(first or most, most)
    part: list[Source] = []
    size = 0
    for source in sources:
        part.append(source)
        size += len(source.raw) if source.slice is None else max(source.slice.length, 0)
        if len(part) >= length or size >= _CHUNK_BYTES:
            yield part
            part, size, length = [], 0, min(2 * length, most)
    if part:
        yield part
