"""The client's part for messages, and for the bytes they are made of."""

from __future__ import annotations

import msgspec

from desk.client.connection import Connection
from desk.model import HeaderField, LedgerEntry, Message


class MessageCalls(Connection):
    """What `desk.client.Client` can do with messages."""

    async def messages(
        self, conversation_id: int, *, before: int | None = None, after: int | None = None, limit: int = 50
    ) -> list[Message]:
        """A window of a conversation, oldest first: the newest, or those next to the given message."""
        return await self._get(
            f"/conversations/{conversation_id}/messages", list[Message], before=before, after=after, limit=limit
        )

    async def message(self, id: int) -> Message:
        """One message. Refused with `not-found`."""
        return await self._get(f"/messages/{id}", Message)

    async def raw(self, message_id: int) -> bytes:
        """The bytes as they came or went. Not cleaned: never print them as they are."""
        return (await self._send("GET", f"/messages/{message_id}/raw")).body

    async def headers(self, message_id: int) -> list[HeaderField]:
        """The header fields of a message, in their order. Refused with `not-found` for what never was a mail."""
        return await self._get(f"/messages/{message_id}/headers", list[HeaderField])

    async def provenance(self, message_id: int) -> list[LedgerEntry]:
        """How a message came in and what became of it."""
        return await self._get(f"/messages/{message_id}/ledger", list[LedgerEntry])

    async def blob(self, sha256: str) -> bytes:
        """The bytes of an attachment. Refused with `not-found`."""
        return (await self._send("GET", f"/blobs/{sha256}")).body

    async def upload(self, data: bytes) -> str:
        """Store an attachment's bytes; returns the SHA-256. Safe to repeat."""
        answer = await self._send("POST", "/blobs", content=data)
        return msgspec.json.decode(answer.body, type=dict[str, str])["sha256"]
