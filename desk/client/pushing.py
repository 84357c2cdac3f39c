"""The client's part for work that queues hand out by themselves."""

from __future__ import annotations

from desk.client.connection import Connection
from desk.model import Conversation, OffersNow


class OfferCalls(Connection):
    """What `desk.client.Client` can ask of offers. A change of kind `offer` carries the rep's id, and what of."""

    async def offers(self) -> OffersNow:
        """What is offered to me now, and what went back while I was not there."""
        return await self._get("/offers", OffersNow)

    async def accept_offer(self, conversation_id: int) -> Conversation:
        """Make mine what is offered to me; safe to repeat."""
        return await self._post(f"/conversations/{conversation_id}/offer/accept", Conversation)

    async def decline_offer(self, conversation_id: int) -> None:
        """Leave to others what is offered to me."""
        await self._send("POST", f"/conversations/{conversation_id}/offer/decline")

    async def see_returned(self) -> None:
        """I have seen what went back; safe to repeat."""
        await self._send("POST", "/offers/seen")
