"""What every part of the server stands on: the open store, its threads, the clock, the feed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from desk.clock import Clock
from desk.server.feed import Feed
from desk.server.threads import Threads
from desk.store.base import Store

P = ParamSpec("P")
T = TypeVar("T")


class Core:
    """Made inside the running event loop."""

    def __init__(self, store: Store, threads: Threads, clock: Clock) -> None:
        self.store = store
        self.threads = threads
        self.clock = clock
        self.feed = Feed(store, threads)

    async def write(self, work: Callable[Concatenate[Store, Clock, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run what the service does, in the writer's thread."""
        return await self.threads.write(work, self.store, self.clock, *args, **kwargs)
