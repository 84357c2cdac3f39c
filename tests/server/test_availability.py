"""Terminals come and go: who has had none for a while is offline since then, and back as they were."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import pytest

from desk.clock import MINUTE, SECOND, ManualClock, Millis
from desk.model import Agent, AvailabilitySpan, RepNow
from desk.server.availability import GONE_AFTER, Availabilities
from desk.server.core import Core
from desk.server.followers import Followers
from desk.server.people import People
from desk.server.presence import Presences
from desk.server.threads import Threads
from desk.settings import Settings
from desk.store.sqlite import open_store
from tests.servers.desk import DeskServer
from tests.servers.patience import Deadline


class House:
    """A store with a server's parts around it, that can be left and entered again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = ManualClock()
        self.heard: list[tuple[str, str]] = []

    async def open(self) -> None:
        self.threads = Threads()
        store = await self.threads.write(open_store, self.folder / "desk.db", blobs=self.folder / "b", clock=self.clock)
        self.core = Core(store, self.threads, self.clock)
        people = People(self.core, Settings)
        self.ada = await people.agent("ada")
        self.availabilities = Availabilities(self.core, people, Presences(self.core.feed, self.clock))
        self.availabilities.heed(self.hear)
        await self.availabilities._recall()

    async def close(self) -> None:
        await self.threads.write(self.core.store.close)
        self.threads.close()

    async def hear(self, agent: Agent, span: AvailabilitySpan) -> None:
        self.heard.append((agent.login, span.state))

    async def terminal(self) -> AsyncGenerator[bytes]:
        """A terminal of Ada's, which follows."""
        stream = self.core.feed.stream(0, self.ada.id)
        await anext(stream)
        return stream

    async def after(self, passing: Millis = 0) -> RepNow:
        """Ada, as it is seen when so much time has passed."""
        self.clock.advance(passing)
        await self.availabilities._look()
        return (await self.availabilities.all())[0]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path)
    await house.open()
    yield house
    await house.close()


async def test_the_last_terminal_has_to_be_gone_for_a_while(house: House) -> None:
    one, other = await house.terminal(), await house.terminal()
    assert (await house.after()).state == "available"
    await one.aclose()
    assert (await house.after(MINUTE)).state == "available"
    await other.aclose()
    left_at = house.clock.now()
    assert (await house.after()).state == "available"
    assert (await house.after(GONE_AFTER - SECOND)).state == "available"
    now = await house.after(SECOND)
    assert (now.state, now.since) == ("offline", left_at)
    assert house.heard == [("ada", "available"), ("ada", "offline")]


async def test_who_is_back_in_time_was_never_gone(house: House) -> None:
    terminal = await house.terminal()
    await house.after()
    await terminal.aclose()
    await house.after()
    terminal = await house.terminal()
    assert (await house.after(GONE_AFTER)).state == "available"
    await terminal.aclose()
    await house.after(SECOND)
    assert (await house.after(GONE_AFTER - SECOND)).state == "available", "gone for that long only"


async def test_who_is_away_is_away_when_they_come_back(house: House) -> None:
    terminal = await house.terminal()
    await house.after()
    house.clock.advance(5 * MINUTE)
    await house.availabilities.say(house.ada, "away", "lunch")
    await terminal.aclose()
    await house.after()
    assert (await house.after(GONE_AFTER)).state == "offline"
    again = await house.terminal()
    now = await house.after()
    assert (now.state, now.reason) == ("away", "lunch")
    assert (now.today["available"], now.today["offline"]) == (5 * MINUTE, GONE_AFTER)
    await again.aclose()


async def test_a_server_that_comes_back_soon_has_lost_nobody(house: House) -> None:
    await house.terminal()
    await house.after()
    await house.close()
    house.clock.advance(MINUTE)
    await house.open()
    assert (await house.after(SECOND)).state == "available"
    terminal = await house.terminal()
    assert (await house.after(GONE_AFTER)).state == "available"
    assert house.heard == [("ada", "available")]
    await terminal.aclose()


async def test_who_does_not_come_back_was_offline_since_the_server_ended(house: House) -> None:
    await house.terminal()
    since = (await house.after()).since
    await house.close()
    house.clock.advance(600 * MINUTE)
    await house.open()
    assert (await house.after()).state == "available"
    now = await house.after(GONE_AFTER)
    assert (now.state, now.since) == ("offline", since), "the last that is known of that server"


async def test_a_running_server_notices_by_itself(desk_server: DeskServer) -> None:
    async with desk_server.client("ada") as ada:

        async def follow() -> None:
            async for _ in ada.events(0):
                pass

        following = asyncio.create_task(follow())
        deadline = Deadline(10)
        while (now := (await ada.reps())[0]).state != "available":
            assert not deadline.passed(), now
            await asyncio.sleep(0.02)
        following.cancel()


async def test_over_the_api(desk_server: DeskServer) -> None:
    async with desk_server.client("ada") as ada, desk_server.client("ben") as ben:
        await ben.me()
        said = await ada.set_availability("away", "dentist")
        assert (said.agent.login, said.state, said.reason) == ("ada", "away", "dentist")
        said = await ada.set_availability("busy", agent="BEN")
        assert (said.agent.login, said.state) == ("ben", "busy")
        assert {each.agent.login: each.state for each in await ben.reps()} == {"ada": "away", "ben": "busy"}


async def test_visitors_meet_nobody_while_everybody_is_away(house: House) -> None:
    followers = Followers(house.core)
    terminal = await house.terminal()
    await house.after()
    assert (house.availabilities.available, followers.attended) == ({house.ada.id}, True)
    await house.availabilities.say(house.ada, "busy")
    assert (house.availabilities.available, followers.attended) == (frozenset(), True), "they answer whom they have"
    turn = house.core.feed.turn
    await house.availabilities.say(house.ada, "away")
    assert (house.availabilities.available, followers.attended, turn.is_set()) == (frozenset(), False, True)
    await house.close()
    await house.open()
    again = await house.terminal()
    assert not Followers(house.core).attended, "nor are they there for a server that has just begun"
    await house.availabilities.say(house.ada, "available")
    assert Followers(house.core).attended
    for stream in (terminal, again):
        await stream.aclose()
