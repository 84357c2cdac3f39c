"""Forgetting what nobody needs any more, a little at a time."""

from __future__ import annotations

import asyncio

from desk.clock import Clock
from desk.server.core import Core
from desk.store.base import Store

CHANGES_KEPT = 100_000
"""Of the newest. A reader of the feed who was away for more reads everything anew, which is sooner done."""
PORTION = 5_000
"""Dropped in one transaction, in a few milliseconds."""
PAUSE_SECONDS = 0.1
TIDY_SECONDS = 60.0


async def tidy(core: Core) -> None:
    """Goes on until it is cancelled."""
    while True:
        dropped = await core.write(_forget)
        await asyncio.sleep(PAUSE_SECONDS if dropped == PORTION else TIDY_SECONDS)


def _forget(store: Store, clock: Clock) -> int:
    with store.write():
        return store.changes.forget(CHANGES_KEPT, PORTION)
