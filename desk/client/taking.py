"""The client's part for taking work."""

from __future__ import annotations

from collections.abc import Collection

from desk.client.connection import Connection
from desk.model import Conversation


class TakingCalls(Connection):
    """What `desk.client.Client` can ask for to do next."""

    async def next(self, skip: Collection[int] = ()) -> Conversation | None:
        """Make the most urgent conversation mine that I may and can do; None if there is none. `skip`: what I was
        given before, and passed over. Refused with `away` while I am."""
        found = await self._post("/next", list[Conversation], {"skip": [*skip]})
        return found[0] if found else None

    async def look_next(self, skip: Collection[int] = ()) -> Conversation | None:
        """What `next` would make mine now."""
        found = await self._get("/next", list[Conversation], skip=",".join(map(str, skip)))
        return found[0] if found else None
