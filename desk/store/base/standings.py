"""How conversations stand that are not done with: what the live queue keeps in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from desk.model import Standing


class Standings(Protocol):
    def all(self) -> list[Standing]:
        """Of every conversation that is open, or in which something was promised or is waited for."""
        ...

    def of(self, ids: Sequence[int]) -> list[Standing]:
        """Of those among these."""
        ...
