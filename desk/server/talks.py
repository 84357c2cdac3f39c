"""The chats under way, for reps: which are theirs, how each stands."""

from __future__ import annotations

from msgspec.structs import replace

from desk.model import Agent, ChatNow, Talk
from desk.server.core import Core
from desk.server.sites import Hosting
from desk.service import going_on
from desk.store.base import Store


class Talks:
    """What the routes ask of them: what is stored, and who is there at this moment."""

    def __init__(self, core: Core, hosting: Hosting) -> None:
        self._core = core
        self._followers = hosting.followers
        self._expecting = hosting.expecting

    async def mine(self, agent: Agent) -> list[Talk]:
        """The rep's own, in the order in which they began."""
        found = await self._core.threads.read(_of_agent, self._core.store, agent.id)
        return [replace(talk, here=self._followers.here(visitor_id)) for visitor_id, talk in found]

    async def now(self, conversation_id: int) -> ChatNow | None:
        """How a conversation's chat stands; None if it never was one."""
        here = self._followers.here
        found = await self._core.threads.read(going_on.now, self._core.store, conversation_id, here)
        if found is None:
            return None
        chat, now = found
        minutes = await self._expecting.minutes(chat.account, now.place - 1) if now.place else None
        return replace(now, left_at=self._followers.left_at(chat.visitor_id), minutes=minutes)

    def here(self, visitor_id: int) -> bool:
        """Whether a visitor follows their chat, or did a moment ago."""
        return self._followers.here(visitor_id)


def _of_agent(store: Store, agent_id: int) -> list[tuple[int, Talk]]:
    return [(chat.visitor_id, talk) for chat, talk in store.chats.of_agent(agent_id)]
