"""Whether reps are there: what they say is kept over going offline, and the time in each state adds up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from desk.clock import MINUTE
from desk.model import AVAILABILITIES, AvailabilitySpan
from desk.service import availability
from desk.service.errors import Forbidden, Invalid
from tests.service.world import World

instants = st.integers(0, 100)


def test_who_comes_is_available_and_later_what_they_said_last(world: World) -> None:
    came = availability.came(world.store, world.clock, world.ada)
    assert (came.state, came.began_at) == ("available", world.clock.now())
    availability.say(world.store, world.clock, world.ada, "away", "lunch\x1b[2J")
    world.clock.advance(10 * MINUTE)
    left = availability.left(world.store, world.clock, world.ada, world.clock.now() - MINUTE)
    assert (left.state, left.began_at) == ("offline", world.clock.now() - MINUTE)
    again = availability.came(world.store, world.clock, world.ada)
    assert (again.state, again.reason) == ("away", "lunch␛[2J")
    assert availability.came(world.store, world.clock, world.ada) == again, "another terminal changes nothing"


def test_saying_the_same_again_begins_nothing_anew(world: World) -> None:
    first = availability.say(world.store, world.clock, world.ada, "busy", "stocktaking")
    world.clock.advance(MINUTE)
    assert availability.say(world.store, world.clock, world.ada, "busy", " stocktaking ") == first
    assert availability.say(world.store, world.clock, world.ada, "busy", "phone") != first


def test_nobody_says_that_they_are_offline(world: World) -> None:
    with pytest.raises(Invalid, match="say away"):
        availability.say(world.store, world.clock, world.ada, "offline")


def test_supervisors_say_it_for_others(world: World) -> None:
    rep = replace(world.ada, role="rep")
    with pytest.raises(Forbidden):
        availability.say(world.store, world.clock, rep, "away", of=world.ben)
    availability.say(world.store, world.clock, replace(rep, role="supervisor"), "away", "left early", of=world.ben)
    assert availability.state_of(world.store.availabilities.now(), world.ben.id) == "away"
    assert availability.state_of(world.store.availabilities.now(), world.ada.id) == "offline"


@given(st.lists(st.tuples(st.sampled_from(AVAILABILITIES), instants), max_size=8), instants, instants)
def test_times_are_those_of_every_instant_looked_at_alone(turns: list[tuple[str, int]], since: int, until: int) -> None:
    turns.sort(key=lambda turn: turn[1])
    ends = [*(at for _, at in turns[1:]), None]
    spans = [
        AvailabilitySpan(agent_id=1, state=state, began_at=at, ended_at=end)  # type: ignore[arg-type]
        for (state, at), end in zip(turns, ends, strict=False)
    ]
    slow: dict[str, int] = {}
    for instant in range(since, until):
        for span in spans:
            if span.began_at <= instant and (span.ended_at is None or instant < span.ended_at):
                slow[span.state] = slow.get(span.state, 0) + 1
    assert availability.times(spans, since, until).get(1, {}) == slow
