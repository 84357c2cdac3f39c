"""What goes out, and what is being written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from desk.clock import Millis
from desk.model import Draft, FilingState, OutboxItem, OutboxState


class Outbox(Protocol):
    def add(self, item: OutboxItem) -> int: ...
    def get(self, id: int) -> OutboxItem | None: ...
    def of_message(self, message_id: int) -> OutboxItem | None: ...
    def by_rfc_id(self, rfc_message_id: str) -> OutboxItem | None: ...
    def by_rfc_ids(self, rfc_message_ids: Sequence[str]) -> list[OutboxItem]: ...
    def in_states(
        self, states: Sequence[OutboxState], limit: int = 200, *, before: int | None = None
    ) -> list[OutboxItem]:
        """Newest first; only those whose id is below `before`."""
        ...

    def due(self, at: Millis, limit: int = 50) -> list[OutboxItem]:
        """Held items whose undo window and back-off have ended, earliest first."""
        ...

    def next_due_at(self, account: str | None = None) -> Millis | None:
        """When the next held item is due: of all, or of one account."""
        ...

    def advance(
        self,
        id: int,
        expect: Sequence[OutboxState],
        state: OutboxState,
        at: Millis,
        *,
        error: str = "",
        next_attempt_at: Millis | None = None,
        count_attempt: bool = False,
    ) -> bool:
        """One conditional statement; False if the item is in none of the expected states."""
        ...

    def filing_due(self, at: Millis, limit: int = 50) -> list[OutboxItem]: ...
    def set_filing(
        self, id: int, state: FilingState, at: Millis, *, error: str = "", next_at: Millis | None = None
    ) -> None: ...

    def counts(self) -> dict[OutboxState, int]: ...


class Drafts(Protocol):
    def save(self, draft: Draft) -> Draft:
        """Insert or replace the rep's draft of that conversation (0: a new conversation) and slot."""
        ...

    def get(self, agent_id: int, conversation_id: int, slot: str = "") -> Draft | None: ...
    def of_agent(self, agent_id: int) -> list[Draft]:
        """Newest first."""
        ...

    def delete(self, agent_id: int, conversation_id: int, slot: str = "") -> bool: ...
