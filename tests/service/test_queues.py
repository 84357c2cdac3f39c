"""Queues at work: what desk.toml says, what a supervisor says over it, and taking that back."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from desk.model import Agent, Queue
from desk.service import queues, undo
from desk.service.errors import Forbidden, Invalid, NotFound
from desk.service.queues import Floor, Saying
from desk.settings import Settings, parse
from tests.service.world import World

SETTINGS = """\
[reps.ben]
queues = ["Returns"]
[queues.Sales]
reps = ["ada"]
[queues.Night]
open = false
"""


@pytest.fixture
def settings() -> Settings:
    return parse(SETTINGS, Path("desk.toml"))


@pytest.fixture
def ids(world: World) -> dict[str, int]:
    with world.store.write():
        return {name: world.store.queues.ensure(name) for name in ("Sales", "Returns", "Night")}


def floor(world: World, settings: Settings) -> Floor:
    found = [each for each in world.store.queues.all() if isinstance(each, Queue)]
    return Floor(found, settings.queue_rules, world.store.queue_words.all())


def works(world: World, settings: Settings, agent: Agent) -> set[str]:
    now = floor(world, settings)
    return {now.queues[id].name for id in now.of(agent.id, settings.staff_of(agent.login))}


def test_what_desk_toml_says(world: World, settings: Settings, ids: dict[str, int]) -> None:
    assert works(world, settings, world.ada) == {"Sales", "Returns", "Night"}
    assert works(world, settings, world.ben) == {"Returns"}
    now = floor(world, settings)
    assert [now.is_open(id) for id in ids.values()] == [True, True, False]
    assert now.of(world.ada.id, settings.staff_of("ada"), only_open=True) == {ids["Sales"], ids["Returns"]}
    assert not Floor(list(now.queues.values()), settings.queue_rules, [], lambda rules: False).is_open(ids["Sales"])


def test_a_supervisors_word_stands_over_it_until_it_is_taken_back(
    world: World, settings: Settings, ids: dict[str, int]
) -> None:
    move = [Saying(ids["Returns"], world.ben.id, False), Saying(ids["Sales"], world.ben.id, True)]
    queues.say(world.store, world.clock, world.ada, move)
    queues.say(world.store, world.clock, world.ada, [Saying(ids["Night"], None, True)])
    assert works(world, settings, world.ben) == {"Sales"}
    night = floor(world, settings).now(ids["Night"], [(world.ada, settings.staff_of("ada"))])
    assert night.open
    assert night.word is not None
    assert (night.word.by_name, night.rules.open, [each.agent for each in night.reps]) == ("Ada", False, [world.ada])
    assert undo.undo(world.store, world.clock, world.ada).label == "Night open"
    assert not floor(world, settings).is_open(ids["Night"])
    assert undo.undo(world.store, world.clock, world.ada).label == "ben out of Returns, ben in Sales"
    assert works(world, settings, world.ben) == {"Returns"}
    undo.redo(world.store, world.clock, world.ada)
    assert works(world, settings, world.ben) == {"Sales"}
    queues.say(world.store, world.clock, world.ada, [replace_value(each, None) for each in move])
    assert works(world, settings, world.ben) == {"Returns"}


def replace_value(saying: Saying, value: bool | None) -> Saying:
    return Saying(saying.queue_id, saying.agent_id, value)


def test_what_another_supervisor_said_since_stays(world: World, ids: dict[str, int]) -> None:
    queues.say(world.store, world.clock, world.ada, [Saying(ids["Sales"], None, False)])
    queues.say(world.store, world.clock, world.ben, [Saying(ids["Sales"], None, True)])
    told = undo.undo(world.store, world.clock, world.ada)
    assert [each.said for each in told.left] == ["Ben has changed the opening of the queue Sales since; it stays"]
    assert [each.value for each in world.store.queue_words.all()] == [True]


def test_who_is_no_supervisor_any_more_takes_nothing_back(world: World, ids: dict[str, int]) -> None:
    queues.say(world.store, world.clock, world.ada, [Saying(ids["Sales"], None, False)])
    told = undo.undo(world.store, world.clock, replace(world.ada, role="rep"))
    assert told.nothing
    assert told.left[0].said.endswith("the queue Sales stays as it is")
    assert [each.value for each in world.store.queue_words.all()] == [False]


def test_who_may_and_what_there_has_to_be(world: World, ids: dict[str, int]) -> None:
    with pytest.raises(Forbidden, match="supervisors and admins"):
        queues.say(world.store, world.clock, replace(world.ada, role="rep"), [Saying(ids["Sales"], None, False)])
    for wrong in ([Saying(99, None, True)], [Saying(ids["Night"], None, True), Saying(ids["Sales"], 99, True)]):
        with pytest.raises(NotFound):
            queues.say(world.store, world.clock, world.ada, wrong)
    with pytest.raises(Invalid):
        queues.say(world.store, world.clock, world.ada, [])
    assert not world.store.queue_words.all()
