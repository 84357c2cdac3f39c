"""How the terminal learns what changed: it follows the server's feed and drains what it heard, a few times a second.

Changed ids collect in a `Dirty`; however many changes came, the screens hear of them in one go. When the server is
gone it is started again where that can be done, and the feed goes on after the last change that was seen.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Literal

from desk.client import Client, ClientError, Unreachable
from desk.model import Change, ChangeKind

DRAIN_SECONDS = 0.1
"""The shortest time between two refreshes of the screen for changes."""
KEYS_FIRST_SECONDS = 0.15
"""How long changes wait after a key, so that what it asks for comes first;"""
KEYS_FIRST_AT_MOST_SECONDS = 0.3
"""and however quickly somebody types, they wait no longer than this."""
BACK_OFF_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.0)

Link = Literal["starting", "up", "away"]


class Dirty:
    """What changed since it was last taken."""

    def __init__(self) -> None:
        self.everything = False
        self.conversations: set[int] = set()
        self.kinds: set[ChangeKind] = set()

    def __bool__(self) -> bool:
        return self.everything or bool(self.kinds)

    def add(self, changes: list[Change]) -> None:
        for change in changes:
            self.kinds.add(change.kind)
            if change.kind == "conversation":
                self.conversations.add(change.id)
            elif change.conversation_id is not None:
                self.conversations.add(change.conversation_id)

    def touches(self, *kinds: ChangeKind) -> bool:
        """Whether something of one of these kinds changed."""
        return self.everything or not self.kinds.isdisjoint(kinds)

    def holds(self, conversation_id: int) -> bool:
        return self.everything or conversation_id in self.conversations


class Feed:
    """Follows one server for as long as the terminal runs."""

    def __init__(
        self,
        client: Callable[[], Client],
        revive: Callable[[], Awaitable[None]] | None,
        linked: Callable[[Link, str], None],
        absorb: Callable[[Dirty], Awaitable[None]],
    ) -> None:
        self._client = client
        self._revive = revive
        self._linked = linked
        self._absorb = absorb
        self._dirty = Dirty()
        self._wake = asyncio.Event()
        self._key_at = float("-inf")
        self.since: int | None = None
        """The last change that was heard of."""
        self._handing = False

    @property
    def busy(self) -> bool:
        """Whether something was heard that the screens do not show yet."""
        return self._handing or bool(self._dirty)

    def everything(self) -> None:
        """Have all that is shown asked for again."""
        self._dirty.everything = True
        self._wake.set()

    def key_pressed(self) -> None:
        """What the key asks for comes before what others changed."""
        self._key_at = time.monotonic()

    async def follow(self) -> None:
        """Listen for ever, over any number of broken connections."""
        attempt = 0
        while True:
            try:
                status = await self._client().status()
                if self.since is None or status.last_seq < self.since:
                    self.since = status.last_seq
                self._linked("up", "")
                self.everything()
                attempt = 0
                async for changes in self._client().events(self.since):
                    if changes:
                        self.since = changes[-1].seq
                        self._dirty.add(changes)
                        self._wake.set()
            except ClientError as error:
                self._linked("away", str(error))
                attempt = await self._wait(attempt, error)

    async def _wait(self, attempt: int, error: ClientError) -> int:
        if isinstance(error, Unreachable) and self._revive is not None:
            try:
                await self._revive()
            except Exception as failure:
                self._linked("away", str(failure))
        await asyncio.sleep(BACK_OFF_SECONDS[min(attempt, len(BACK_OFF_SECONDS) - 1)])
        return attempt + 1

    async def drain(self) -> None:
        """Hand what changed to the screens, at most every `DRAIN_SECONDS`."""
        while True:
            await self._wake.wait()
            await self._let_keys_pass()
            self._wake.clear()
            dirty, self._dirty = self._dirty, Dirty()
            if dirty:
                self._handing = True
                try:
                    await self._absorb(dirty)
                except ClientError:
                    self._dirty.everything = True
                finally:
                    self._handing = False
            await asyncio.sleep(DRAIN_SECONDS)

    async def _let_keys_pass(self) -> None:
        latest = time.monotonic() + KEYS_FIRST_AT_MOST_SECONDS
        while (left := min(self._key_at + KEYS_FIRST_SECONDS, latest) - time.monotonic()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(left)
