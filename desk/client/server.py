"""The client's part for the server itself: who I am there, how it is, and what happens on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec

from desk.client.connection import Connection
from desk.client.errors import StartOver, Unreachable
from desk.model import Agent, Change, Check, Status
from desk.wire import WireError

SILENT_AT_MOST = 40.0
"""Seconds without a sign of life after which the feed counts as broken."""


class ServerCalls(Connection):
    """What `desk.client.Client` can ask of the server itself."""

    async def me(self) -> Agent:
        """The rep this client speaks for."""
        return await self._get("/me", Agent)

    async def agents(self) -> list[Agent]:
        """All reps."""
        return await self._get("/agents", list[Agent])

    async def status(self) -> Status:
        """Whether it runs, since when, and what it holds."""
        return await self._get("/status", Status)

    async def doctor(self) -> list[Check]:
        """Everything that can be wrong with the workspace and its accounts, tried now: up to a minute."""
        return await self._get("/doctor", list[Check], timeout=60.0)

    async def schema(self) -> dict[str, Any]:
        """The API's OpenAPI document."""
        return await self._get("/schema/openapi.json", dict[str, Any])

    async def stop(self) -> None:
        """Ask the server to end; what is under way is finished or safely recorded first."""
        await self._send("POST", "/stop")

    async def events(self, since: int) -> AsyncIterator[list[Change]]:
        """Changes after `since`, as they happen; an empty list is a heartbeat (every 15 s at the latest).

        Ends by raising `Unreachable`: call again with the last `seq` seen to miss nothing. Or `StartOver`, if the
        store was replaced by an older one, such as a backup: what this client has seen is void.
        """
        try:
            async with self._stream("GET", "/events", seconds=SILENT_AT_MOST, since=since) as reply:
                event = id = ""
                async for line in reply.lines():
                    name, _, value = line.partition(":")
                    if name == "event":
                        event = value.strip()
                    elif name == "id":
                        id = value.strip()
                    elif name == "data" and event == "reset":
                        raise StartOver(int(id))
                    elif name == "data":
                        yield msgspec.json.decode(value, type=list[Change])
        except WireError as error:
            raise Unreachable(f"the event feed broke: {error}") from error
        raise Unreachable("the server closed the event feed")
