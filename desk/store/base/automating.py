"""Mail of automations, and who wants none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from desk.clock import Millis
from desk.model import AutoMail, AutoMailState, Refusal, Unsubscribe


class Gone(Struct, frozen=True):
    """An automatic mail that counts for limits."""

    at: Millis
    """When it went, or later; now if it is yet to go."""
    account: str
    address: str
    customer_id: int
    automation: str
    conversation_id: int


class AutoMails(Protocol):
    """One row at most for each automation and conversation, whatever happens: the database sees to it."""

    def plan(self, mail: AutoMail) -> int | None:
        """Keep that it is to go; instead of what was planned there before, unless that is queued: then None."""
        ...

    def get(self, id: int) -> AutoMail | None: ...
    def of(self, automation: str, conversation_id: int) -> AutoMail | None: ...
    def of_outbox(self, outbox_id: int) -> AutoMail | None: ...
    def due(self, at: Millis, limit: int) -> list[AutoMail]:
        """Planned or held, and to be looked at, earliest first."""
        ...

    def settle(
        self, id: int, state: AutoMailState, at: Millis, *, why: str = "", next_at: Millis = 0, address: str = ""
    ) -> bool:
        """Hold or drop it; False if it is queued or dropped already."""
        ...

    def queue(self, id: int, outbox_id: int, account: str, address: str, unsubscribe: Unsubscribe, at: Millis) -> bool:
        """It is in the outbox; False if it was before, or is dropped."""
        ...

    def gone(self, since: Millis, now: Millis) -> list[Gone]:
        """What went since then, or may yet go, newest first; not what certainly failed."""
        ...

    def page(
        self, states: Sequence[AutoMailState], *, automation: str = "", before: int | None = None, limit: int = 100
    ) -> list[AutoMail]:
        """Newest first, to be shown; only those whose id is below `before`."""
        ...

    def counts(self, since: Millis) -> Mapping[str, Mapping[str, int]]:
        """By automation: how many changed to each state since then; of those that went, to how many the customer wrote
        after (`answered`), and by how many they refused more (`refused`). `planned` and `held`: how many are so now."""
        ...

    def came_back(self, customer_id: int) -> list[tuple[int, Millis]]:
        """Messages to a customer that came back, and automatic ones that were refused for good, and when; unless the
        customer has written since."""
        ...


class Refusals(Protocol):
    """Each word is kept; the last counts."""

    def add(self, refusal: Refusal) -> int: ...
    def newest(self, addresses: Sequence[str]) -> list[Refusal]:
        """The last word about each of these that there is any of."""
        ...

    def standing(self, *, before: int | None = None, limit: int = 100) -> list[Refusal]:
        """Of addresses that refuse now, newest first."""
        ...

    def of(self, address: str) -> list[Refusal]:
        """All that was said, newest first."""
        ...
