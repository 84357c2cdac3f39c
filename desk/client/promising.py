"""The client's part for promises."""

from __future__ import annotations

from desk.client.connection import Connection
from desk.model import PolicyInfo, Promise, PromiseBoard


class PromiseCalls(Connection):
    """What `desk.client.Client` can ask of promises."""

    async def promises(self, days: int = 7) -> PromiseBoard:
        """The policies, what runs, and what was kept, broken and void in the last days."""
        return await self._get("/promises", PromiseBoard, days=days)

    async def policies(self) -> list[PolicyInfo]:
        """What is promised to whom, in the order in which it counts."""
        return await self._get("/promises/policies", list[PolicyInfo])

    async def promises_of(self, conversation_id: int) -> list[Promise]:
        """All promises that were ever given in a conversation, in the order in which they were."""
        return await self._get(f"/conversations/{conversation_id}/promises", list[Promise])
