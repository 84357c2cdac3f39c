"""The live queue: fed by what changes, and what is behind each number."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC

import pytest

from desk.alerts import AlertRule
from desk.client import Refused
from desk.clock import DAY, HOUR, MINUTE
from desk.model import Alert, Live
from desk.server import live as live_queues
from desk.server.availability import Availabilities
from desk.server.core import Core
from desk.server.live import LiveQueues, day_of
from desk.server.people import People
from desk.server.presence import Presences
from desk.server.threads import Threads
from desk.service import inbox, promises
from desk.settings import Settings
from tests.screens.waiting import until
from tests.servers.desk import DeskServer
from tests.service.world import World, mail, new_world


class Watched:
    """A world, and a live queue over it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.core = Core(world.store, Threads(), world.clock)
        self.presences = Presences(self.core.feed, world.clock)
        self.live = self.another()

    def another(self) -> LiveQueues:
        people = People(self.core, Settings)
        return LiveQueues(self.core, people, Availabilities(self.core, people, self.presences))

    async def now(self) -> Live:
        """Once all that was committed is on the board."""
        await self.live.now(UTC)
        await self.live._catch_up(0)
        return await self.live.now(UTC)

    async def close(self) -> None:
        await self.live.close()
        self.presences.close()
        self.core.threads.close()


@pytest.fixture
async def watched() -> AsyncIterator[Watched]:
    with new_world() as world:
        promises.keep(world.store, world.clock, {"email": HOUR})
        watched = Watched(world)
        yield watched
        await watched.close()


async def test_every_number_and_what_is_behind_it(watched: Watched) -> None:
    world = watched.world
    world.clock.advance(9 * HOUR)
    first, second, third = (world.one(mail(subject=f"matter {each}", salt=each)).conversation_id for each in "abc")
    inbox.set_queue(world.store, world.clock, world.ada, second, "Returns")
    world.clock.advance(57 * MINUTE)
    told = await watched.now()
    assert (told.total.now.waiting, told.total.now.risk_5, told.total.now.broken) == ({"email": 3}, 3, 0)
    assert [(each.name, each.now.waiting) for each in told.queues] == [("Returns", {"email": 1}), ("", {"email": 2})]
    assert await watched.live.behind("risk-5") == [first, second, third]
    world.answered(first)
    world.clock.advance(20 * MINUTE)
    world.answered(second)
    told = await watched.now()
    assert (told.total.now.broken, told.total.now.broken_today, told.total.today.broken) == (1, 2, 1)
    assert sorted(await watched.live.behind("broken-today", zone=UTC)) == [second, third]
    assert await watched.live.behind("answered", queue_id=told.queues[0].id or 0, zone=UTC) == [second]
    assert (told.total.today.arrived, told.total.today.answered, told.total.today.service_level) == (3, 2, 0.5)
    ada = next(each for each in told.agents if each.name == "Ada")
    assert (ada.today.answered, ada.has, ada.state) == (2, {}, "offline")
    quarters = {each.at: each for each in told.total.quarters}
    assert [(each.arrived, each.answered, each.waiting) for each in quarters.values() if each.arrived] == [(3, 0, 3)]
    assert told.total.quarters[-1].waiting == 1
    assert told.total.quarters[0].at == told.since == day_of(world.clock.now(), UTC)
    world.clock.advance(DAY)
    told = await watched.now()
    assert (told.total.today.answered, told.total.now.broken, told.total.now.broken_today) == (0, 1, 0)


async def test_what_is_too_high_is_told_until_it_is_well_below(watched: Watched) -> None:
    world = watched.world
    rule = AlertRule(name="rush", number="waiting", above=3, below=2)
    watched.live._alerts = lambda: {"rush": rule}
    ids = [world.one(mail(subject=f"matter {each}", salt=each)).conversation_id for each in "abc"]
    [alert] = (await watched.now()).alerts
    assert (alert.name, alert.words) == ("rush", "waiting 3, 3 or more is too high")
    world.answered(ids[0])
    assert (await watched.now()).alerts == (alert_with(alert, "waiting 2, 3 or more is too high"),)
    world.answered(ids[1])
    assert (await watched.now()).alerts == ()


async def test_what_is_too_high_is_found_while_nobody_looks(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_queues, "QUIET_SECONDS", 0.01)
    monkeypatch.setattr(live_queues, "PAUSE_SECONDS", 0.0)
    watched.live._alerts = lambda: {"rush": AlertRule(name="rush", number="waiting", above=1)}
    watched.live.begin()
    id = watched.world.one(mail()).conversation_id
    await until(lambda: [each.name for each in watched.live.alerts] == ["rush"], what="the alert")
    watched.world.answered(id)
    await until(lambda: not watched.live.alerts, what="its end")


async def test_what_is_too_high_is_not_new_to_a_server_that_was_started_again(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_queues, "QUIET_SECONDS", 0.01)
    monkeypatch.setattr(live_queues, "PAUSE_SECONDS", 0.0)
    world = watched.world
    rules = {"rush": AlertRule(name="rush", number="waiting", above=1, lasting=HOUR)}
    watched.live._alerts = lambda: rules
    watched.live.begin()
    id = world.one(mail()).conversation_id
    await until(
        lambda: watched.live._alarms.get("rush") is not None and watched.live._alarms["rush"].number == 1, what="a look"
    )
    world.clock.advance(HOUR)
    await until(lambda: bool(watched.live._standing), what="that it is kept")
    [before] = watched.live.alerts
    await watched.live.close()
    world.clock.advance(HOUR)
    watched.live = again = watched.another()
    again._alerts = lambda: rules
    again.begin()
    await until(lambda: bool(again.alerts), what="the alert")
    assert [(each.name, each.since) for each in again.alerts] == [("rush", before.since)]
    world.answered(id)
    await until(lambda: not again._standing, what="its end, which is kept, too")
    assert again.alerts == ()


def alert_with(alert: Alert, words: str) -> Alert:
    return Alert(name=alert.name, words=words, since=alert.since)


async def test_who_is_where(watched: Watched) -> None:
    world = watched.world
    id = world.one(mail()).conversation_id
    inbox.claim(world.store, world.clock, world.ada, id)
    watched.presences.tell(world.ada, id, "viewing")
    told = await watched.now()
    ada = next(each for each in told.agents if each.name == "Ada")
    assert (ada.on, ada.doing, ada.has, ada.unanswered) == (id, "viewing", {"email": 1}, 1)
    there = [each for each in told.agents if each.state in ("available", "busy")]
    assert told.occupancy == (len([each for each in there if each.on]) / len(there) if there else None)


async def test_the_board_is_kept_only_while_somebody_looks(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_queues, "QUIET_SECONDS", 0.01)
    monkeypatch.setattr(live_queues, "PAUSE_SECONDS", 0.0)
    await watched.live.now(UTC)
    following = watched.live._task
    assert following is not None
    watched.world.clock.advance(HOUR)
    await following
    watched.world.one(mail())
    assert (await watched.live.now(UTC)).total.now.waiting == {"email": 1}


async def test_over_the_api(desk_server: DeskServer) -> None:
    async with desk_server.client() as client:
        told = await client.live()
        assert (told.total.now.open, told.queues, [each.login for each in told.agents]) == (
            0,
            (),
            [(await client.me()).login],
        )
        assert await client.behind("waiting") == []
        with pytest.raises(Refused) as caught:
            await client.behind("everything")
        assert caught.value.status == 400
