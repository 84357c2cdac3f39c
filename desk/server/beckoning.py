"""Pages that somebody looks at, told at once that they are invited, where they keep a line open for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager

AT_MOST = 4
"""Lines of one visitor; a browser keeps one open, however many of its pages there are."""
QUIET_SECONDS = 25.0
"""How long a line is silent at most: less than what proxies wait for (60 s, mostly)."""


class Beckoning:
    """Belongs to the running event loop."""

    def __init__(self) -> None:
        self._lines: dict[int, set[asyncio.Event]] = {}

    def call(self, visitor_id: int) -> None:
        """There is something for them."""
        for line in self._lines.get(visitor_id, ()):
            line.set()

    async def heard(self, visitor_id: int) -> AsyncGenerator[bool, None]:
        """True at once and whenever there is something for them; False when there was nothing for a while. Ends at
        once for a line too many."""
        if len(self._lines.get(visitor_id, ())) >= AT_MOST:
            return
        with self._open(visitor_id) as line:
            called = True
            while True:
                line.clear()
                yield called
                try:
                    async with asyncio.timeout(QUIET_SECONDS):
                        called = await line.wait()
                except TimeoutError:
                    called = False

    @contextmanager
    def _open(self, visitor_id: int) -> Iterator[asyncio.Event]:
        line = asyncio.Event()
        self._lines.setdefault(visitor_id, set()).add(line)
        try:
            yield line
        finally:
            self._lines[visitor_id].discard(line)
            if not self._lines[visitor_id]:
                del self._lines[visitor_id]
