"""Who is there: what reps say, and what their terminals tell by coming and going."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, tzinfo

from desk.clock import SECOND, Millis
from desk.model import Agent, Availability, AvailabilitySpan, RepNow
from desk.server.core import Core
from desk.server.people import People
from desk.server.presence import Presences
from desk.server.tasks import end, finish, keep_running
from desk.service import availability

GONE_AFTER: Millis = 20 * SECOND
"""How long a rep's last terminal has to be gone until they are offline: a network that breaks is no farewell."""

QUIET: Millis = 5 * SECOND
"""How long nobody is looked for at most: who says something without a terminal makes none come or go."""
SOONEST: Millis = 50

Heed = Callable[[Agent, AvailabilitySpan], Awaitable[None]]


class Availabilities:
    """Belongs to the running event loop."""

    def __init__(self, core: Core, people: People, presences: Presences) -> None:
        self._core = core
        self._people = people
        self._presences = presences
        self._heeding: list[Heed] = []
        self._gone: dict[int, Millis] = {}
        """Since when reps who are not offline yet have no terminal."""
        self._started_at = core.clock.now()
        self._states: dict[int, Availability] = {}
        """As the store has them."""
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Follow the terminals. Who was there when the server ended has a while to come back."""
        self._task = asyncio.create_task(keep_running("noticing who is there", self._follow))

    async def close(self) -> None:
        if self._task is not None:
            await end(self._task)

    @property
    def available(self) -> frozenset[int]:
        """Reps with a terminal who take new work."""
        busy = {id for id, state in self._states.items() if state == "busy"}
        return self._core.feed.present - busy

    def heed(self, heed: Heed) -> None:
        """Have it called with every rep whose availability has changed, and what it is now."""
        self._heeding.append(heed)

    async def say(self, agent: Agent, state: Availability, reason: str = "", *, of: Agent | None = None) -> None:
        """See `desk.service.availability.say`."""
        said = await self._core.write(availability.say, agent, state, reason, of=of, returning=self._people.returning())
        await self.heard(of or agent, said)

    async def heard(self, agent: Agent, span: AvailabilitySpan) -> None:
        """This is what a rep is from now on, as the store has it."""
        self._states[agent.id] = span.state
        self._excuse()
        for heed in self._heeding:
            await heed(agent, span)

    async def all(self, zone: tzinfo | None = None) -> list[RepNow]:
        """Every rep: whether they are there, what they have before them, how long they were what today."""
        now = self._core.clock.now()
        local = datetime.fromtimestamp(now / SECOND, zone)
        since = round(local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * SECOND)
        store = self._core.store
        spans = await self._core.threads.read(store.availabilities.now)
        spent = availability.times(await self._core.threads.read(store.availabilities.within, since, now), since, now)
        here = self._presences.everywhere()
        offers = await self._core.threads.read(store.offers.open)
        return [
            RepNow(
                agent=agent,
                state=availability.state_of(spans, agent.id),
                reason=spans[agent.id].reason if agent.id in spans else "",
                since=spans[agent.id].began_at if agent.id in spans else None,
                on=tuple(each for each in here if each.agent_id == agent.id),
                offered=tuple(each.conversation_id for each in offers if each.agent_id == agent.id),
                today=spent.get(agent.id, {}),
            )
            for agent in self._people.all()
        ]

    async def _follow(self) -> None:
        await self._recall()
        while True:
            turn = self._core.feed.turn
            await self._look()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience()):
                    await turn.wait()

    async def _recall(self) -> None:
        """Who was there when the server ended is missing since then."""
        last, spans = await self._last_sign(), self._core.store.availabilities.now()
        self._gone = {id: last for id, span in spans.items() if span.state != "offline"}
        self._states = {id: span.state for id, span in spans.items()}
        self._excuse()

    async def _look(self) -> None:
        """Welcome who came, and miss who has gone."""
        attending = self._core.feed.attending
        spans = await self._core.threads.read(self._core.store.availabilities.now)
        for id in sorted(attending - {0}):
            if availability.state_of(spans, id) == "offline":
                await finish(self._change(id, availability.came))
        await self._miss({id for id, span in spans.items() if span.state != "offline"} - attending)

    async def _miss(self, missing: set[int]) -> None:
        """These have no terminal; those for whom that lasts too long are offline since then."""
        now = self._core.clock.now()
        self._gone = {id: self._gone.get(id, now) for id in missing}
        for id, since in list(self._gone.items()):
            if now - self._began(since) >= GONE_AFTER:
                await finish(self._change(id, availability.left, since, self._people.returning()))
                del self._gone[id]

    async def _change(self, id: int, change: Callable[..., AvailabilitySpan], *more: object) -> None:
        agent = self._core.store.agents.get(id)
        if agent is not None:
            await self.heard(agent, await self._core.write(change, agent, *more))

    def _excuse(self) -> None:
        self._core.feed.excuse(frozenset(id for id, state in self._states.items() if state == "away"))

    def _began(self, since: Millis) -> Millis:
        """From when on it is waited for who is missing since: not from before this server ran."""
        return max(since, self._started_at)

    def _patience(self) -> float:
        """In how many seconds to look again, whatever comes."""
        now = self._core.clock.now()
        left = min((self._began(since) + GONE_AFTER - now for since in self._gone.values()), default=QUIET)
        return max(SOONEST, min(left, QUIET)) / SECOND

    async def _last_sign(self) -> Millis:
        """The last instant of which it is known that the server ran: when something changed last."""
        changes = self._core.store.changes
        last = await self._core.threads.read(changes.since, changes.last() - 1)
        return last[-1].at if last else self._core.clock.now()
