"""People at work: when they were available, and what supervisors say of queues over `desk.toml`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from desk.clock import Millis
from desk.model import AvailabilitySpan, QueueWord


class Availabilities(Protocol):
    """One span of each rep goes on at a time."""

    def begin(self, span: AvailabilitySpan) -> int:
        """It goes on from `began_at`, where that of the same rep ends that went on; no earlier than that began."""
        ...

    def now(self) -> dict[int, AvailabilitySpan]:
        """The spans that go on, by rep."""
        ...

    def chosen(self, agent_id: int) -> AvailabilitySpan | None:
        """The last one in which the rep was not offline."""
        ...

    def within(self, since: Millis, until: Millis) -> Sequence[AvailabilitySpan]:
        """All that went on at any time of these, in their order."""
        ...

    def forget_before(self, at: Millis, limit: int) -> int:
        """Drop what ended earlier; how many were dropped."""
        ...


class QueueWords(Protocol):
    """What was said of queues at run time. It stands over `desk.toml` until it is taken back."""

    def all(self) -> Sequence[QueueWord]: ...
    def say(self, queue_id: int, agent_id: int | None, value: bool | None, *, by_id: int, at: Millis) -> None:
        """Whether that rep works in the queue, or without one whether it is open; None: as `desk.toml` has it."""
        ...
