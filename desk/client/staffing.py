"""The client's part for people at work: who is there."""

from __future__ import annotations

from desk.client.connection import Connection
from desk.model import Availability, RepNow


class StaffingCalls(Connection):
    """What `desk.client.Client` can ask of people at work."""

    async def reps(self) -> list[RepNow]:
        """All reps: whether they are there, what they have before them, how long they were what today."""
        return await self._get("/reps", list[RepNow])

    async def set_availability(self, state: Availability, reason: str = "", *, agent: str | None = None) -> RepNow:
        """Say whether I am there, or as a supervisor whether that rep is; offline is who has no terminal."""
        return await self._send_as("PUT", "/availability", RepNow, {"state": state, "reason": reason, "agent": agent})
