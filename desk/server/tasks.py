"""Background tasks that outlive their own failures, and end when told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

log = logging.getLogger(__name__)

PAUSE_SECONDS = 5.0


async def keep_running(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Run `work` until it returns; when it fails, which it should not, log that and begin anew after a pause."""
    while True:
        try:
            return await work()
        except Exception:
            log.exception("%s failed in an unexpected way", name)
            await asyncio.sleep(PAUSE_SECONDS)


async def end(*tasks: asyncio.Task[None]) -> None:
    """Cancel and wait."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def finish(work: Coroutine[Any, Any, T]) -> T:
    """Await `work` to its end, even if cancelled meanwhile; the cancellation follows then."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
