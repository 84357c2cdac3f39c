"""The client's part for chats under way."""

from __future__ import annotations

from desk.client.connection import Connection
from desk.model import ChatNow, Talk


class ChatCalls(Connection):
    """What `desk.client.Client` can do with chats.

    A change of kind `chat` tells that one began, was answered, marked or ended, or that its visitor came or left.
    """

    async def my_chats(self) -> list[Talk]:
        """My chats under way, in the order in which they began."""
        return await self._get("/chats/mine", list[Talk])

    async def chat(self, conversation_id: int) -> ChatNow:
        """How the chat of a conversation stands. Refused with `not-found` if it never was one."""
        return await self._get(f"/conversations/{conversation_id}/chat", ChatNow)
