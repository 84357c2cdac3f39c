"""Waiting for something to become true, with a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tests.servers.patience import Deadline


async def until(
    true: Callable[[], object], *, what: str, seconds: float = 15.0, otherwise: Callable[[], object] = lambda: ""
) -> None:
    """Return as soon as it is true; fail with what there is instead."""
    deadline = Deadline(seconds)
    while not true():
        assert not deadline.passed(), f"{what} did not come:\n{otherwise()}"
        await asyncio.sleep(0.01)
