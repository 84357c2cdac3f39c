"""The client's part for what was learned."""

from __future__ import annotations

from desk.client.connection import Connection
from desk.model import Guess, LearningReport


class LearningCalls(Connection):
    """What `desk.client.Client` can do with what was learned."""

    async def learning(self, *, wait: float = 0.0) -> LearningReport:
        """How it stands; with `wait`, once what runs is done or after so many seconds."""
        return await self._get("/learning", LearningReport, wait=wait, timeout=wait + 10.0)

    async def learn(self) -> LearningReport:
        """Begin to learn from what reps have sorted. Refused with `learning` while that goes on."""
        return await self._post("/learning", LearningReport)

    async def guesses(self, conversation_id: int) -> list[Guess]:
        """Queue and tags that a conversation may want, the likeliest first, and why."""
        return await self._get(f"/conversations/{conversation_id}/guesses", list[Guess])
