"""The client's part for what reps write: replies, notes, drafts, and the outbox."""

from __future__ import annotations

from desk.client.connection import Connection
from desk.model import Draft, Message, NewReply, OutboxItem, OutboxState


class OutgoingCalls(Connection):
    """What `desk.client.Client` can write and send."""

    async def reply(self, conversation_id: int, reply: NewReply, *, now: bool = False) -> OutboxItem:
        """Put an answer in the outbox; it leaves after the undo window, at once with `now`.

        Refused with `moved-on` when the customer wrote since `reply.seen_message_id`.
        """
        return await self._post(f"/conversations/{conversation_id}/reply", OutboxItem, reply, now=now)

    async def compose(self, account: str, message: NewReply, *, now: bool = False) -> OutboxItem:
        """Begin a conversation by writing first."""
        return await self._post("/compose", OutboxItem, message, account=account, now=now)

    async def note(self, conversation_id: int, body: str) -> Message:
        """Write what only reps see."""
        return await self._post(f"/conversations/{conversation_id}/notes", Message, {"body": body})

    async def outbox(
        self, states: list[OutboxState] | None = None, limit: int = 100, *, before: int | None = None
    ) -> list[OutboxItem]:
        """Newest first; only those whose id is below `before`."""
        named = ",".join(states) if states else None
        return await self._get("/outbox", list[OutboxItem], states=named, before=before, limit=limit)

    async def undo_send(self, outbox_id: int) -> Draft:
        """Take a held message back: it becomes the rep's draft again. Refused with `too-late` once it left."""
        return await self._post(f"/outbox/{outbox_id}/undo", Draft)

    async def retry(self, outbox_id: int, *, even_if_unknown: bool = False) -> OutboxItem:
        """Try a failed message again now. An `unknown` one may reach the customer twice: it needs the flag."""
        return await self._post(f"/outbox/{outbox_id}/retry", OutboxItem, {"even_if_unknown": even_if_unknown})

    async def drafts(self) -> list[Draft]:
        """All drafts of this rep."""
        return await self._get("/drafts", list[Draft])

    async def draft(self, conversation_id: int, slot: str = "") -> Draft | None:
        """The rep's draft there (0: of a conversation yet to begin); `slot` as in `NewReply`."""
        return await self._get(f"/drafts/{conversation_id}", Draft | None, slot=slot)  # type: ignore[arg-type]

    async def save_draft(self, conversation_id: int, content: NewReply) -> Draft:
        """Into the slot that the content names. Safe to repeat; the last one written stays."""
        return await self._send_as("PUT", f"/drafts/{conversation_id}", Draft, content)

    async def delete_draft(self, conversation_id: int, slot: str = "") -> None:
        """Throw a draft away. Safe to repeat."""
        await self._send("DELETE", f"/drafts/{conversation_id}", params={"slot": slot})
