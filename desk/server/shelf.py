"""A folder of documents in memory: for searching, as files for everything else.

Nothing polls. Whoever searches makes sure that the files are looked at again, at most every two seconds and beside
the search, so a document edited elsewhere is there a moment later.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from desk.clock import Clock
from desk.documents.folder import Folder, Snapshot
from desk.model import ChangeKind
from desk.server.core import Core
from desk.store.base import Store

D = TypeVar("D")
X = TypeVar("X")

log = logging.getLogger(__name__)

SCAN_EVERY_SECONDS = 2.0


class Shelf(Generic[D, X]):
    """The documents of a folder, and an index over them. `kind`: as what a change of them is told."""

    def __init__(
        self, core: Core, folder: Folder[D], kind: ChangeKind, empty: X, make: Callable[[Snapshot[D], X], X]
    ) -> None:
        self._core = core
        self.folder = folder
        self._kind: ChangeKind = kind
        self._make = make
        self.index = empty
        self.snapshot: Snapshot[D] | None = None
        self._scanning: asyncio.Task[None] | None = None
        self._scanned_at = float("-inf")

    def begin(self) -> None:
        """Read the folder, or look for changes if that was not done just now; nobody waits for it."""
        if self._scanning is None and time.monotonic() - self._scanned_at > SCAN_EVERY_SECONDS:
            self._scanning = asyncio.create_task(self._scan())

    async def ready(self) -> X:
        """The documents as they were a moment ago; the first call reads them."""
        self.begin()
        if self.snapshot is None and self._scanning is not None:
            await asyncio.shield(self._scanning)
        return self.index

    async def look(self) -> X:
        """The documents as they are now."""
        if self._scanning is not None:
            await asyncio.shield(self._scanning)
        if self._scanning is None:
            self._scanning = asyncio.create_task(self._scan())
        await asyncio.shield(self._scanning)
        return self.index

    def move_to(self, folder: Folder[D]) -> None:
        """From now on it is another folder."""
        self.folder, self.snapshot = folder, None
        self._scanned_at = float("-inf")

    async def close(self) -> None:
        if self._scanning is not None:
            await asyncio.gather(self._scanning, return_exceptions=True)

    async def _scan(self) -> None:
        folder = self.folder
        try:
            before = self.snapshot
            after = await self._core.threads.read(folder.scan, before)
            if after is not before and folder is self.folder:
                self.index = await self._core.threads.read(self._make, after, self.index)
                self.snapshot = after
                if before is not None:
                    await self._core.write(_note_change, self._kind)
        except OSError:
            log.exception("the folder %s cannot be read", folder.root)
        finally:
            self._scanned_at = time.monotonic()
            self._scanning = None


def _note_change(store: Store, _: Clock, kind: ChangeKind) -> None:
    with store.write():
        store.changes.note(kind, 0)
