"""The client's part for people at work: who is there, and who works in which queue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from desk.client.connection import Connection
from desk.model import Availability, QueueNow, RepNow


class StaffingCalls(Connection):
    """What `desk.client.Client` can ask of people at work."""

    async def reps(self) -> list[RepNow]:
        """All reps: whether they are there, what they have before them, how long they were what today."""
        return await self._get("/reps", list[RepNow])

    async def set_availability(self, state: Availability, reason: str = "", *, agent: str | None = None) -> RepNow:
        """Say whether I am there, or as a supervisor whether that rep is; offline is who has no terminal."""
        return await self._send_as("PUT", "/availability", RepNow, {"state": state, "reason": reason, "agent": agent})

    async def queues_now(self) -> list[QueueNow]:
        """All queues: whether they are open, who works there, and what of it is said over `desk.toml`, by whom."""
        return await self._get("/queues/now", list[QueueNow])

    async def open_queue(self, queue: str, value: bool | None = True) -> list[QueueNow]:
        """Open a queue, close it, or with None leave that to `desk.toml`. For supervisors."""
        return await self._say([{"queue": queue, "value": value}])

    async def put_into_queue(self, *agents: str, queue: str, value: bool | None = True) -> list[QueueNow]:
        """Have reps work in a queue, or not, or as `desk.toml` has it. For supervisors."""
        return await self._say([{"queue": queue, "agent": agent, "value": value} for agent in agents])

    async def move_to_queue(self, agents: Sequence[str], source: str, target: str) -> list[QueueNow]:
        """Have reps work in one queue instead of another, all of them at once. For supervisors."""
        out = [{"queue": source, "agent": agent, "value": False} for agent in agents]
        return await self._say([*out, *({"queue": target, "agent": agent, "value": True} for agent in agents)])

    async def _say(self, sayings: list[dict[str, Any]]) -> list[QueueNow]:
        return await self._post("/queues/now", list[QueueNow], sayings)
