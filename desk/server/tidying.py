"""Forgetting what nobody needs any more, a little at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from desk.clock import DAY, Clock, Millis
from desk.server.core import Core
from desk.service import trails
from desk.settings import Settings
from desk.store.base import Store

CHANGES_KEPT = 100_000
"""Of the newest. A reader of the feed who was away for more reads everything anew, which is sooner done."""
AVAILABILITY_KEPT = 800 * DAY
"""How long it is told in reports when reps were there."""
OFFERS_KEPT = 100 * DAY
PORTION = 5_000
"""Dropped in one transaction, in a few milliseconds."""
PAUSE_SECONDS = 0.1
TIDY_SECONDS = 60.0


async def tidy(core: Core, settings: Callable[[], Settings]) -> None:
    """Goes on until it is cancelled. `settings` tells what `desk.toml` says now of what is kept."""
    while True:
        now = settings()
        kept = now.visitors
        dropped = await core.write(_forget, round(now.desk.figures_days * DAY))
        forgotten = await core.write(
            trails.forget_old, trails=round(kept.trail_days * DAY), visitors=round(kept.keep_days * DAY)
        )
        again = PORTION in dropped or forgotten == trails.PORTION
        await asyncio.sleep(PAUSE_SECONDS if again else TIDY_SECONDS)


def _forget(store: Store, clock: Clock, figures: Millis) -> tuple[int, int]:
    """How many changes, and how many happenings."""
    with store.write():
        store.availabilities.forget_before(clock.now() - AVAILABILITY_KEPT, PORTION)
        store.offers.forget_before(clock.now() - OFFERS_KEPT, PORTION)
        happenings = store.happenings.forget(clock.now() - figures, PORTION)
        return store.changes.forget(CHANGES_KEPT, PORTION), happenings
