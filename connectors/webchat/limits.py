"""How much one visitor, one address, and all of them may ask: token buckets (ITU-T I.371, annex A)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from msgspec import Struct

KNOWN_AT_MOST = 20_000
"""Buckets kept of one kind; who was longest silent begins anew."""


class Rate(Struct, frozen=True):
    """So many at once, and so many a second in the long run."""

    burst: float
    a_second: float


class Limit:
    """One rate for each of any number of names."""

    def __init__(self, rate: Rate, now: Callable[[], float]) -> None:
        self._rate = rate
        self._now = now
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, name: str) -> float:
        """0 if that one may go on, and it is counted; else in how many seconds to try again."""
        now, rate = self._now(), self._rate
        left, at = self._left.pop(name, (rate.burst, now))
        left = min(rate.burst, left + (now - at) * rate.a_second)
        if left >= 1:
            self._keep(name, left - 1, now)
            return 0.0
        self._keep(name, left, now)
        return (1 - left) / rate.a_second

    def _keep(self, name: str, left: float, now: float) -> None:
        self._left[name] = left, now
        if len(self._left) > KNOWN_AT_MOST:
            self._left.popitem(last=False)


class Limits:
    """Whether a request may be served, by who asks, from where, and how busy it is."""

    def __init__(self, now: Callable[[], float], *, visitor: Rate, address: Rate, everybody: Rate) -> None:
        self._visitor = Limit(visitor, now)
        self._address = Limit(address, now)
        self._everybody = Limit(everybody, now)

    def wait(self, address: str, visitor: str = "") -> float:
        """0 if it may be served; else in how many seconds to try again. The narrowest is asked first."""
        if visitor and (seconds := self._visitor.wait(visitor)):
            return seconds
        return self._address.wait(address) or self._everybody.wait("")
