"""The client's part for customers."""

from __future__ import annotations

from urllib.parse import quote

from desk.client.connection import Connection
from desk.model import (
    Chapter,
    Conversation,
    Customer,
    CustomerEdit,
    CustomerSummary,
    CustomerWords,
    Likeness,
    LookupResult,
)


class CustomerCalls(Connection):
    """What `desk.client.Client` can do with customers."""

    async def customer(self, id: int) -> Customer:
        return await self._get(f"/customers/{id}", Customer)

    async def customer_conversations(self, id: int, limit: int = 50) -> list[Conversation]:
        return await self._get(f"/customers/{id}/conversations", list[Conversation], limit=limit)

    async def customer_words(self) -> CustomerWords:
        """The tags and languages that customers have."""
        return await self._get("/customers/words", CustomerWords)

    async def find_customers(self, text: str, limit: int = 20, *, before: int | None = None) -> list[Customer]:
        """Whose name, addresses or numbers hold these words, also while being typed; without words, those met last.

        `before`: only those met before that customer, to page on.
        """
        return await self._get("/customers", list[Customer], q=text, before=before, limit=limit)

    async def create_customer(self, given: CustomerEdit) -> Customer:
        """Somebody who has not written yet. Refused with `taken` for another customer's address."""
        return await self._post("/customers", Customer, given)

    async def edit_customer(self, id: int, change: CustomerEdit) -> Customer:
        """Refused with `stale` if they moved on from `change.rev`, with `taken` for another customer's address."""
        return await self._send_as("PATCH", f"/customers/{id}", Customer, change)

    async def customer_summary(self, id: int, limit: int = 50) -> CustomerSummary:
        """All there is about a customer, with a timeline of their newest conversations."""
        return await self._get(f"/customers/{id}/summary", CustomerSummary, limit=limit)

    async def customer_timeline(self, id: int, *, offset: int = 0, limit: int = 50) -> list[Chapter]:
        """A window of a customer's conversations on all channels, newest first."""
        return await self._get(f"/customers/{id}/timeline", list[Chapter], offset=offset, limit=limit)

    async def duplicates(self, customer_id: int, limit: int = 10) -> list[Likeness]:
        """Who may be the same person, the likeliest first, with reasons in words."""
        return await self._get(f"/customers/{customer_id}/duplicates", list[Likeness], limit=limit)

    async def merge_customers(self, into: int, sources: list[int]) -> Customer:
        """Make one person of several; answers that one. Refused with `same`, `merged`."""
        return await self._post(f"/customers/{into}/merge", Customer, {"sources": sources})

    async def lookups(self, customer_id: int) -> list[LookupResult]:
        """What other systems (`[lookup.NAME]`) know of a customer: rows, or an error in words, for each."""
        return await self._get(f"/customers/{customer_id}/lookups", list[LookupResult], timeout=60.0)

    async def lookup_names(self) -> list[str]:
        """The systems that can be asked of a customer."""
        return await self._get("/lookups", list[str])

    async def lookup(self, customer_id: int, name: str, *, fresh: bool = False) -> LookupResult:
        """What one of them knows; with `fresh`, no earlier answer will do."""
        asked = quote(name, safe="")
        return await self._get(
            f"/customers/{customer_id}/lookups/{asked}", LookupResult, fresh=fresh or None, timeout=60.0
        )

    async def set_customer_notes(self, id: int, notes: str, rev: int) -> Customer:
        return await self._send_as("PUT", f"/customers/{id}/notes", Customer, {"notes": notes, "rev": rev})
