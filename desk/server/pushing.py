"""Hands out by itself what waits in queues that push: looks when something happens, and when time asks for it."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from desk.clock import SECOND, Millis
from desk.server.availability import Availabilities
from desk.server.core import Core
from desk.server.people import People
from desk.server.presence import Presences
from desk.server.tasks import end, keep_running
from desk.service import pushing
from desk.service.pushing import Scene

PAUSE_SECONDS = 0.05
"""What happens within this time is looked at together."""


class Seen(NamedTuple):
    """How things stand."""

    scene: Scene
    idle: bool
    opens_at: Millis | None
    """When the next of the queues opens by its calendar."""


class Pushing:
    """Belongs to the running event loop. While no queue pushes, nothing is read."""

    def __init__(self, core: Core, people: People, presences: Presences, availabilities: Availabilities) -> None:
        self._core = core
        self._people = people
        self._presences = presences
        self._availabilities = availabilities
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Hand out from now on."""
        self._task = asyncio.create_task(keep_running("handing out work", self._follow))

    async def close(self) -> None:
        if self._task is not None:
            await end(self._task)

    async def turn(self) -> Millis | None:
        """Look once. Returns when to look again, whatever happens; None: when something happens."""
        if not self._people.push:
            return None
        available, writing = self._availabilities.available, self._presences.writing()
        reading = {(each.agent_id, each.conversation_id): each.since for each in self._presences.everywhere()}
        seen = await self._core.threads.read(self._see, available, writing, reading)
        if seen.idle:
            return seen.opens_at
        turn = await self._core.write(pushing.turn, seen.scene)
        for agent, span in turn.away:
            await self._availabilities.heard(agent, span)
        return min((at for at in (turn.until, seen.opens_at) if at is not None), default=None)

    def _see(
        self, available: frozenset[int], writing: list[tuple[int, int]], reading: dict[tuple[int, int], Millis]
    ) -> Seen:
        people, floor = self._people, self._people.floor()
        pushing_ids = [id for id in floor.queues if floor.rules(id).push != "off"]
        scene = Scene(
            queues={id: floor.rules(id) for id in pushing_ids if floor.is_open(id)},
            takers=[people.taker(floor, each) for each in people.all() if each.id in available],
            writing=writing,
            reading=reading,
        )
        opening = [people.opens_at(floor.rules(id)) for id in pushing_ids if id not in scene.queues]
        opens_at = min((at for at in opening if at is not None), default=None)
        return Seen(scene, pushing.idle(self._core.store, self._core.clock, scene), opens_at)

    async def _follow(self) -> None:
        while True:
            news, turned = self._core.feed.mark(), self._core.feed.turn
            until = await self.turn()
            await asyncio.sleep(PAUSE_SECONDS)
            await self._until_either(news, turned, until)

    async def _until_either(self, news: asyncio.Event, turned: asyncio.Event, until: Millis | None) -> None:
        """Until something happens, somebody comes or goes, or it is time."""
        seconds = None if until is None else max(until - self._core.clock.now(), 0) / SECOND
        waits = [asyncio.ensure_future(each.wait()) for each in (news, turned)]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
