"""The one source of time.

Everything that asks what time it is, or waits, asks a `Clock`, so tests and simulations can drive it.
Instants are `Millis`: whole milliseconds since 1970-01-01T00:00:00Z.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol

Millis = int

SECOND: Millis = 1_000
MINUTE: Millis = 60 * SECOND
HOUR: Millis = 60 * MINUTE
DAY: Millis = 24 * HOUR


class Clock(Protocol):
    """Tells the present instant."""

    def now(self) -> Millis:
        """Milliseconds since the epoch, UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> Millis:
        return time.time_ns() // 1_000_000


class ManualClock:
    """A clock that stands still until it is told to move."""

    def __init__(self, now: Millis = 1_767_225_600_000) -> None:
        self._now = now

    def now(self) -> Millis:
        return self._now

    def advance(self, by: Millis) -> Millis:
        """Move forward by `by` milliseconds and return the new instant."""
        if by < 0:
            raise ValueError("time does not run backwards")
        self._now += by
        return self._now


def iso(at: Millis) -> str:
    """`at` as an RFC 3339 UTC timestamp."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
