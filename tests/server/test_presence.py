"""Presence in memory: who is silent is gone."""

from __future__ import annotations

from desk.clock import SECOND, ManualClock
from desk.model import Agent, Change
from desk.server.presence import Presences


class Told:
    def __init__(self) -> None:
        self.changes: list[Change] = []

    def tell(self, change: Change) -> None:
        self.changes.append(change)


async def test_who_is_silent_is_gone() -> None:
    clock, told = ManualClock(), Told()
    presences = Presences(told, clock)  # type: ignore[arg-type]
    ada, ben = Agent(id=1, login="ada", name="Ada"), Agent(id=2, login="ben", name="Ben")
    presences.tell(ada, 7, "viewing")
    presences.tell(ada, 7, "replying")
    presences.tell(ben, 7, "viewing")
    assert [(each.agent_name, each.doing) for each in presences.of(7)] == [("Ada", "replying"), ("Ben", "viewing")]
    assert [change.id for change in told.changes] == [1, 1, 2]
    clock.advance(20 * SECOND)
    presences.tell(ben, 7, "viewing")
    assert len(told.changes) == 3, "nothing new"
    clock.advance(6 * SECOND)
    presences._look()
    assert [each.agent_name for each in presences.of(7)] == ["Ben"]
    assert told.changes[-1].id == 1
    clock.advance(20 * SECOND)
    presences._look()
    assert presences.of(7) == []
    assert told.changes[-1].id == 2
    presences.close()


async def test_who_stops_replying_goes_on_viewing() -> None:
    clock, told = ManualClock(), Told()
    presences = Presences(told, clock)  # type: ignore[arg-type]
    ada = Agent(id=1, login="ada", name="Ada")
    presences.tell(ada, 7, "viewing")
    presences.tell(ada, 7, "replying")
    clock.advance(15 * SECOND)
    presences.tell(ada, 7, "viewing")
    assert presences.of(7)[0].doing == "replying", "another terminal of hers may"
    clock.advance(12 * SECOND)
    presences._look()
    assert presences.of(7)[0].doing == "viewing"
    presences.close()
