"""Visitors who follow their chats live: woken when something changes for them, and for nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from desk.server.core import Core
from desk.server.tasks import end, keep_running
from desk.store.base import Store

QUIET_SECONDS = 15.0
"""How long a follower is left alone at most."""
AT_ONCE = 1000
_TELLING = frozenset({"message", "conversation", "chat", "presence"})


class Followers:
    """One reader of the feed for all visitors, however many there are. Belongs to the running event loop."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._waking: dict[int, set[asyncio.Event]] = {}
        self._where: dict[int, set[int]] = {}
        """Visitors by the conversation they are in."""
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        self._task = asyncio.create_task(keep_running("waking visitors", self._listen))

    async def close(self) -> None:
        if self._task is not None:
            await end(self._task)

    @asynccontextmanager
    async def news(self, visitor_id: int) -> AsyncIterator[AsyncIterator[bool]]:
        """True at once and whenever something may have changed for that visitor; False every `QUIET_SECONDS`."""
        mine = asyncio.Event()
        self._waking.setdefault(visitor_id, set()).add(mine)
        try:
            yield self._news(visitor_id, mine)
        finally:
            others = self._waking[visitor_id]
            others.discard(mine)
            if not others:
                del self._waking[visitor_id]
                for visitors in self._where.values():
                    visitors.discard(visitor_id)
                self._where = {id: visitors for id, visitors in self._where.items() if visitors}

    async def _news(self, visitor_id: int, mine: asyncio.Event) -> AsyncIterator[bool]:
        changed = True
        while True:
            attended = self.attended
            if changed:
                mine.clear()
                where = await self._core.threads.read(_where, self._core.store, visitor_id)
                if where is not None:
                    self._where.setdefault(where, set()).add(visitor_id)
            yield changed
            try:
                async with asyncio.timeout(QUIET_SECONDS):
                    await mine.wait()
                changed = True
            except TimeoutError:
                changed = self.attended != attended

    @property
    def attended(self) -> bool:
        """Whether somebody is there who may answer."""
        return self._core.feed.readers > 0

    def wake(self, visitor_id: int) -> None:
        """Something changed for that visitor."""
        for event in self._waking.get(visitor_id, ()):
            event.set()

    async def _listen(self) -> None:
        feed, store = self._core.feed, self._core.store
        since = store.changes.last()
        passed = feed.passed
        while True:
            mark = feed.mark()
            if self._where:
                changes = await self._core.threads.read(store.changes.since, since, AT_ONCE)
                passing, passed = feed.since(passed), feed.passed
                for change in (*changes, *passing):
                    if change.kind in _TELLING:
                        for visitor_id in self._where.get(change.conversation_id or 0, ()):
                            self.wake(visitor_id)
                if changes:
                    since = changes[-1].seq
                    continue
            else:
                since, passed = store.changes.last(), feed.passed
            await feed.after(mark, None)


def _where(store: Store, visitor_id: int) -> int | None:
    """The conversation a visitor's chat is in, after any merging."""
    chat = store.chats.newest_of(visitor_id)
    return None if chat is None else store.placing.target(chat.conversation_id)
