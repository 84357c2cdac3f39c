"""Reps take what is next. Who asks while another is served is served with all who do, in one transaction: what a
commit costs is paid once for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence

from desk.clock import Clock
from desk.model import Agent, Capacity, Conversation
from desk.server.availability import Availabilities
from desk.server.core import Core
from desk.server.people import People
from desk.server.presence import Presences
from desk.server.tasks import end
from desk.service import capacity, taking
from desk.service.errors import Lost
from desk.service.taking import Taker, Team
from desk.store.base import Store

AT_ONCE = 100
"""Reps who are served in one transaction."""

Waiting = tuple[Agent, Collection[int], asyncio.Future[Conversation | None]]
Writing = Sequence[tuple[int, int]]


class Taking:
    """Belongs to the running event loop."""

    def __init__(self, core: Core, people: People, presences: Presences, availabilities: Availabilities) -> None:
        self._core = core
        self._people = people
        self._presences = presences
        self._availabilities = availabilities
        self._waiting: list[Waiting] = []
        self._task: asyncio.Task[None] | None = None

    async def next(self, agent: Agent, skip: Collection[int] = ()) -> Conversation | None:
        """The most urgent conversation that a rep may and can do, made theirs, as they see it; None if there is none.
        `skip`: what they passed over. Raises `Lost` for who is away."""
        self._refuse_away(agent)
        found: asyncio.Future[Conversation | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((agent, skip, found))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._serve())
        return await found

    async def look(self, agent: Agent, skip: Collection[int] = ()) -> Conversation | None:
        """What `next` would give them, left where it is."""
        [taker] = self._takers([(agent, skip)])
        return await self._core.threads.read(
            _look, self._core.store, self._core.clock, taker, self._presences.writing(), self._capacities()
        )

    async def close(self) -> None:
        if self._task is not None:
            await end(self._task)

    def _refuse_away(self, agent: Agent) -> None:
        feed = self._core.feed
        if agent.id in feed.attending - feed.present:
            raise Lost("away", "you are away, and get nothing new; say that you are there again")

    async def _serve(self) -> None:
        while self._waiting:
            some = self._turn()
            try:
                takers = self._takers([(agent, skip) for agent, skip, _ in some])
                taken = await self._core.write(_take, takers, self._presences.writing(), self._capacities())
            except Exception as error:
                for *_, found in some:
                    if not found.done():
                        found.set_exception(error)
                continue
            for (*_, found), conversation in zip(some, taken, strict=True):
                if not found.done():
                    found.set_result(conversation)

    def _turn(self) -> list[Waiting]:
        """Who is served now. Who asked twice has what they got first before what is next for them is chosen."""
        turn: dict[int, Waiting] = {}
        later: list[Waiting] = []
        for each in self._waiting:
            if len(turn) == AT_ONCE or turn.setdefault(each[0].id, each) is not each:
                later.append(each)
        self._waiting = later
        return [*turn.values()]

    def _takers(self, reps: Sequence[tuple[Agent, Collection[int]]]) -> list[Taker]:
        floor = self._people.floor()
        return [self._people.taker(floor, agent, skip) for agent, skip in reps]

    def _capacities(self) -> dict[int, Capacity]:
        there = self._people.known(self._availabilities.available)
        return {each.id: self._people.staff(each).capacity for each in there}


def _team(store: Store, clock: Clock, writing: Writing, capacities: Mapping[int, Capacity]) -> Team:
    return Team(load=capacity.load(store, clock, writing), capacities=capacities)


def _take(
    store: Store, clock: Clock, takers: Sequence[Taker], writing: Writing, capacities: Mapping[int, Capacity]
) -> list[Conversation | None]:
    found = taking.take(store, clock, takers, _team(store, clock, writing, capacities))
    theirs = [(taker.agent.id, each) for taker, each in zip(takers, found, strict=True) if each is not None]
    marked = iter(store.reads.marked_each(theirs))
    return [None if each is None else next(marked) for each in found]


def _look(
    store: Store, clock: Clock, taker: Taker, writing: Writing, capacities: Mapping[int, Capacity]
) -> Conversation | None:
    return taking.look(store, clock, taker, _team(store, clock, writing, capacities))
