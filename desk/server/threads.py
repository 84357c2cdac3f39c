"""Two ways to the store: one thread that writes, a few that read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

READERS = 3


class Threads:
    """The one writer thread and the pool of readers.

    All writes of a server go through `write`, in the order asked for: SQLite has one writer anyway, and waiting in
    line here costs less than waiting for its lock.
    """

    def __init__(self) -> None:
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")

    async def write(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run in the writer's thread. Once begun it is finished, even if nobody waits any more."""
        return await asyncio.wrap_future(self._writer.submit(work, *args, **kwargs))

    async def read(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run in a reader's thread."""
        return await asyncio.wrap_future(self._readers.submit(work, *args, **kwargs))

    def submit(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """`write`, for callers in threads of their own."""
        return self._writer.submit(work, *args, **kwargs)

    def close(self) -> None:
        """Finish what is queued, then end the threads."""
        self._readers.shutdown(wait=True)
        self._writer.shutdown(wait=True)
