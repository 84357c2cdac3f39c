"""Promises that were given, and what they depend on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from desk.clock import Millis
from desk.model import Promise, PromiseKind
from desk.promises import Answer, Facts


class Promises(Protocol):
    def now(self) -> Millis:
        """When what the running transaction does happens."""
        ...

    def facts(self, conversation_ids: Sequence[int], *, customers: bool = False) -> list[Facts]:
        """What promises depend on; unknown ids are left out. `customers`: their tags, too."""
        ...

    def answer(self, conversation_id: int, since: Millis) -> Answer | None:
        """The first answer from an instant on: what we wrote, or a call that reached them."""
        ...

    def of(self, conversation_ids: Sequence[int]) -> list[Promise]:
        """All that were ever given in these conversations."""
        ...

    def put(self, promises: Sequence[Promise]) -> None:
        """Keep new ones, whose id is 0, and what others have become."""
        ...

    def open_in(self) -> list[int]:
        """The conversations in which any is open."""
        ...

    def overdue(self, at: Millis, limit: int = 500) -> list[Promise]:
        """Those that run, are due before an instant, and are not marked as broken."""
        ...

    def running(
        self, *, until: Millis | None = None, kinds: Sequence[PromiseKind] = (), limit: int = 1_000
    ) -> list[Promise]:
        """Those that run, the first that is due first; `until`: only what is due by then, overdue ones too."""
        ...

    def ended(self, since: Millis, until: Millis, *, kinds: Sequence[PromiseKind] = ()) -> list[Promise]:
        """Those that were kept, broken or became void from an instant on and before another, in that order."""
        ...

    def broken(self, since: Millis, until: Millis) -> list[Promise]:
        """Those that were broken in that time, whether they still run or not; what became void is not among them."""
        ...

    def tally(self, since: Millis, until: Millis) -> list[tuple[str, PromiseKind, str, int]]:
        """`(policy, kind, state, how many)` of those that ended in that time, and of those that are open now."""
        ...
