"""Deadlines that go by the time there was to do something in."""

from __future__ import annotations

import time

LOOK = 1.0
"""What may pass between two looks, in seconds; the rest of a longer one is no waiting: the machine stood still."""


class Deadline:
    """To be looked at again and again while waiting.

    Virtual machines are stopped for a minute while they are saved or moved, and clocks go on. What was waited for
    cannot have come in that time, so it does not count.
    """

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self._looked = time.monotonic()

    def passed(self) -> bool:
        """Whether so many seconds are over."""
        now = time.monotonic()
        self._left -= min(now - self._looked, LOOK)
        self._looked = now
        return self._left < 0
