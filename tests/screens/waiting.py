"""Waiting for something to become true, with a deadline."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


async def until(
    true: Callable[[], object], *, what: str, seconds: float = 15.0, otherwise: Callable[[], object] = lambda: ""
) -> None:
    """Return as soon as it is true; fail with what there is instead."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"{what} did not come:\n{otherwise()}"
        await asyncio.sleep(0.01)
