"""Visitors who follow their chats live: woken when something changes for them, and for nothing else."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from desk.clock import DAY, SECOND, Clock, Millis
from desk.model import Change, Chat
from desk.server.core import Core
from desk.server.tasks import end, keep_running
from desk.service import chats
from desk.store.base import Store

QUIET_SECONDS = 15.0
"""How long a follower is left alone at most."""
AT_ONCE = 1000
WAITING_SECONDS = 5.0
"""How often who waits for a first answer learns how many still wait before them."""
LEFT_AFTER: Millis = 20 * SECOND
"""Who goes from one page of a shop to the next does not follow for a moment, and has not left."""
GONE_AFTER_SECONDS = 1.0
"""A rep whose terminal comes back at once has not left."""
PORTION = 10
PAUSE_SECONDS = 0.1
"""Between portions of those who are told who is there, so that it holds up nobody else."""
REMEMBERED_AT_MOST = 10_000
"""Visitors of whom it is known when they left."""
_TELLING = frozenset({"message", "conversation", "chat", "presence"})


class Followers:
    """One reader of the feed for all visitors, however many there are. Belongs to the running event loop."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._waking: dict[int, set[asyncio.Event]] = {}
        self._where: dict[int, set[int]] = {}
        """Visitors by the conversation they are in."""
        self._waiting: set[int] = set()
        """Those who wait for a first answer."""
        self._left: OrderedDict[int, Millis] = OrderedDict()
        """When those who followed before stopped doing so."""
        self._leaving: dict[int, asyncio.TimerHandle] = {}
        self._recording: dict[int, asyncio.Task[None]] = {}
        """By visitor: whether they are there is being written down."""
        self._loop = asyncio.get_running_loop()
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        for what, work in (("waking visitors", self._listen), ("telling visitors who is there", self._attend)):
            self._tasks.append(asyncio.create_task(keep_running(what, work)))
        since = self._core.clock.now() - DAY
        for visitor_id in self._core.store.chats.unanswered(since):
            self._leave(visitor_id)  # unless they come back by then

    async def close(self) -> None:
        for timer in self._leaving.values():
            timer.cancel()
        for task in (*self._tasks, *self._recording.values()):
            await end(task)

    @asynccontextmanager
    async def news(self, visitor_id: int) -> AsyncIterator[AsyncIterator[bool]]:
        """True at once and whenever something may have changed for that visitor; False every `QUIET_SECONDS`."""
        mine = asyncio.Event()
        if not self.here(visitor_id):
            self._tell(visitor_id)
        self._waking.setdefault(visitor_id, set()).add(mine)
        self._left.pop(visitor_id, None)
        self._wait_no_more(visitor_id)
        try:
            yield self._news(visitor_id, mine)
        finally:
            others = self._waking[visitor_id]
            others.discard(mine)
            if not others:
                del self._waking[visitor_id]
                self._leave(visitor_id)
                self._waiting.discard(visitor_id)
                for visitors in self._where.values():
                    visitors.discard(visitor_id)
                self._where = {id: visitors for id, visitors in self._where.items() if visitors}

    # --- who is there -------------------------------------------------------------------------------------

    def here(self, visitor_id: int) -> bool:
        """Whether a visitor follows their chat, or did a moment ago."""
        left = self._left.get(visitor_id)
        return visitor_id in self._waking or (left is not None and self._core.clock.now() - left < LEFT_AFTER)

    def left_at(self, visitor_id: int) -> Millis | None:
        """Since when they do not; None if they do, or that is not known any more."""
        return None if self.here(visitor_id) else self._left.get(visitor_id)

    def _leave(self, visitor_id: int) -> None:
        self._left[visitor_id] = self._core.clock.now()
        self._left.move_to_end(visitor_id)
        while len(self._left) > REMEMBERED_AT_MOST:
            self._left.popitem(last=False)
        self._wait_no_more(visitor_id)
        self._leaving[visitor_id] = self._loop.call_later(LEFT_AFTER / SECOND + 0.1, self._has_left, visitor_id)

    def _wait_no_more(self, visitor_id: int) -> None:
        timer = self._leaving.pop(visitor_id, None)
        if timer is not None:
            timer.cancel()

    def _has_left(self, visitor_id: int) -> None:
        self._leaving.pop(visitor_id, None)
        if not self.here(visitor_id):
            self._tell(visitor_id)

    def _tell(self, visitor_id: int) -> None:
        """Let reps know that a visitor came or left."""
        chat = self._core.store.chats.newest_of(visitor_id)
        if chat is not None and chat.state != "ended":
            self._record(chat)
            id = self._core.store.placing.target(chat.conversation_id)
            self._core.feed.tell(Change(at=self._core.clock.now(), kind="chat", id=id, conversation_id=id))

    def _record(self, chat: Chat) -> None:
        """Write down whether who waits for a first answer is there, one word at a time: they may change their mind."""
        visitor_id = chat.visitor_id
        if chat.state == "waiting" and visitor_id not in self._recording:
            self._recording[visitor_id] = asyncio.create_task(self._write_down(visitor_id))

    async def _write_down(self, visitor_id: int) -> None:
        try:
            while (write := self._to_write(visitor_id)) is not None:
                await self._core.write(write)
        finally:
            del self._recording[visitor_id]

    def _to_write(self, visitor_id: int) -> Callable[[Store, Clock], bool] | None:
        """What is to be written down of who waits for a first answer; None if it is."""
        chat, left_at = self._core.store.chats.newest_of(visitor_id), self.left_at(visitor_id)
        if chat is None or chat.state != "waiting" or (chat.left_at is None) == (left_at is None):
            return None
        if left_at is None:
            return lambda store, clock: chats.come_back(store, clock, visitor_id)
        return lambda store, clock: chats.leave(store, clock, visitor_id, left_at)

    # --- what they are told -------------------------------------------------------------------------------

    async def _news(self, visitor_id: int, mine: asyncio.Event) -> AsyncIterator[bool]:
        changed = True
        while True:
            if changed:
                mine.clear()
            yield changed
            waiting = visitor_id in self._waiting
            try:
                async with asyncio.timeout(WAITING_SECONDS if waiting else QUIET_SECONDS):
                    await mine.wait()
                changed = True
            except TimeoutError:
                changed = waiting

    def stands(self, visitor_id: int, conversation_id: int, *, waiting: bool) -> None:
        """In which conversation a visitor is, 0 if in none, and whether they wait for a first answer.

        Who follows and was not known to be there looks once more: what came to it meanwhile woke nobody.
        """
        if visitor_id not in self._waking:
            return
        (self._waiting.add if waiting else self._waiting.discard)(visitor_id)
        if conversation_id and visitor_id not in self._where.setdefault(conversation_id, set()):
            self._where[conversation_id].add(visitor_id)
            self.wake(visitor_id)

    @property
    def attended(self) -> bool:
        """Whether somebody is there who may answer."""
        return bool(self._core.feed.present)

    async def _attend(self) -> None:
        """Wake all of them when the first rep comes or the last one goes: some at a time, those who chat first."""
        told = self.attended
        while True:
            turn = self._core.feed.turn
            if self.attended == told:
                await turn.wait()
                if not self.attended:
                    await asyncio.sleep(GONE_AFTER_SECONDS)
                continue
            told = self.attended
            chatting = set[int]().union(*self._where.values())
            for i, visitor_id in enumerate(sorted(self._waking, key=lambda each: each not in chatting)):
                if i % PORTION == PORTION - 1:
                    await asyncio.sleep(PAUSE_SECONDS)
                self.wake(visitor_id)

    def wake(self, visitor_id: int) -> None:
        """Something changed for that visitor."""
        for event in self._waking.get(visitor_id, ()):
            event.set()

    def said(self, visitor_id: int, conversation_id: int) -> None:
        """That visitor said something: word of it comes by itself, unless it is not known yet that they are there."""
        if visitor_id not in self._where.get(conversation_id, ()):
            self.wake(visitor_id)

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
