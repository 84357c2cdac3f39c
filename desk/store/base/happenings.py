"""The log of what happened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from desk.clock import Millis
from desk.model import Happening


class Happenings(Protocol):
    """Written by the store itself: at the end of each transaction what it changed is compared with what was before."""

    def pass_over(self) -> None:
        """Nothing of what this transaction does has happened now: it is old mail."""
        ...

    def after(self, id: int, limit: int = 1_000) -> list[Happening]:
        """In the order of commits."""
        ...

    def between(self, since: Millis, until: Millis) -> Iterator[Happening]:
        """All that happened from `since` on and before `until`, in that order."""
        ...

    def last(self) -> int:
        """The id of the newest; 0 if there is none."""
        ...

    def forget(self, before: Millis, limit: int) -> int:
        """Forget the oldest; how many were forgotten."""
        ...
