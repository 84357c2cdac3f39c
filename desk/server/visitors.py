"""Visitors of the sites, for reps: who is there, where they were, and inviting them."""

from __future__ import annotations

from msgspec.structs import replace

from desk.clock import DAY
from desk.model import Agent, Invitation, InvitationCounts, Trail, Visitor, VisitorNow
from desk.server.core import Core
from desk.server.onsite import OnSite
from desk.service import inviting, trails
from desk.service.errors import NotFound
from desk.store.base import Store

GREETING = "Hello! Can we help you?"
"""What visitors are invited with by hand, unless a rep writes something else."""


class Visitors:
    """What the routes ask of them. `onsite` holds those who are there now."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.onsite = OnSite(core)

    async def close(self) -> None:
        await self.onsite.close()

    async def now(self, limit: int) -> list[VisitorNow]:
        return await self.onsite.now(limit)

    async def one(self, id: int) -> VisitorNow | None:
        return await self.onsite.one(id)

    async def trail(self, id: int, limit: int, before: int | None) -> Trail:
        """Where a visitor was. Raises NotFound."""
        visitor = await self._core.threads.read(self._core.store.visitors.get, id)
        if visitor is None:
            raise NotFound("visitor", id)
        return await self._trail(visitor, limit, before)

    async def trail_of(self, conversation_id: int, limit: int, before: int | None) -> Trail:
        """Where the visitor of a conversation was."""
        visitor = await self._core.threads.read(trails.visitor_of, self._core.store, conversation_id)
        return await self._trail(visitor, limit, before)

    async def _trail(self, visitor: Visitor | None, limit: int, before: int | None) -> Trail:
        found = await self._core.threads.read(_trail, self._core.store, visitor, limit, before)
        return replace(found, now=None if visitor is None else await self.onsite.one(visitor.id))

    async def invite(self, agent: Agent, id: int, text: str) -> Invitation:
        """Ask one who is there by hand. Raises `NotFound`, `Invalid`, `Lost`; see `inviting.offer`."""
        here = self.onsite.of(id)
        if here is None:
            raise NotFound("visitor on the site", id)
        asked = text.strip() or GREETING
        made = await self._core.write(inviting.offer, here.visitor, asked, visit=here.came_at, agent=agent)
        here.invitation = made
        self.onsite.tell(id)
        return made

    async def counts(self, days: int) -> list[InvitationCounts]:
        """What became of invitations in the last days."""
        since = self._core.clock.now() - days * DAY
        return await self._core.threads.read(self._core.store.invitations.counts, since)


def _trail(store: Store, visitor: Visitor | None, limit: int, before: int | None) -> Trail:
    return trails.of(store, visitor, limit, before=before)
