"""How many people it takes, checked against what others have published, and what is likely to come."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.clock import DAY, HOUR, MINUTE
from desk.service.live.erlang import Load, erlang_b, people_for, service
from desk.service.live.staffing import Aim, expected, needs
from tests.service.world import World, mail


@pytest.mark.parametrize(
    ("people", "waits", "in_time", "speed"),
    [(11, 0.682, 0.390, 122.8), (12, 0.449, 0.640, 40.4), (13, 0.285, 0.796, 17.1), (14, 0.174, 0.888, 7.8)],
)
def test_erlang_c_of_ten_erlangs(people: int, waits: float, in_time: float, speed: float) -> None:
    """200 calls an hour of three minutes, 20 seconds to answer: the worked example that call centres publish."""
    found = service(Load(rate=200 / 3600, handling=180), people, 20)
    assert (found.waits, found.in_time) == (pytest.approx(waits, abs=5e-4), pytest.approx(in_time, abs=5e-4))
    assert found.speed == pytest.approx(speed, abs=0.05)


def test_erlang_b_of_the_tables() -> None:
    """10 erlangs on 15 lines lose 3.65 %; 1 on 1 half of them."""
    assert erlang_b(10, 15) == pytest.approx(0.0365, abs=1e-4)
    assert erlang_b(1, 1) == 0.5


def test_erlang_a_beside_erlang_c() -> None:
    """48 calls a minute of one minute, 50 people, patience of two minutes: Mandelbaum and Zeltyn, Service Engineering
    in Action: The Palm/Erlang-A Queue (2007), table 1."""
    c = service(Load(rate=48, handling=1), 50, 58.1 / 60)
    a = service(Load(rate=48, handling=1, patience=2), 50, 20 / 60)
    assert (c.speed * 60, c.in_time, c.occupancy) == (
        pytest.approx(20.8, abs=0.05), pytest.approx(0.9, abs=5e-4), 0.96,
    )  # fmt: skip
    assert (a.speed * 60, a.gives_up, a.occupancy) == (
        pytest.approx(3.7, abs=0.05), pytest.approx(0.031, abs=5e-4), pytest.approx(0.93, abs=5e-3),
    )  # fmt: skip


@given(st.floats(0.1, 40), st.floats(0.2, 3), st.floats(0.05, 1))
def test_who_never_gives_up_is_erlang_c_and_more_people_are_better(rate: float, handling: float, within: float) -> None:
    load = Load(rate=rate, handling=handling)
    found = people_for(load, within)
    assert found.in_time >= 0.8
    assert found.people == 1 or service(load, found.people - 1, within).in_time < 0.8
    patient = service(Load(rate=rate, handling=handling, patience=1e9), found.people, within)
    assert patient.in_time == pytest.approx(found.in_time, abs=1e-3)


def test_few_weeks_know_less() -> None:
    assert expected([]).high == 0
    one, four = expected([9]), expected([9, 9, 9, 9])
    assert one.likely == four.likely == 9
    assert one.high > four.high > 9 > four.low > one.low
    assert expected([1, 20, 1, 20]).high > expected([10, 11, 10, 11]).high


def test_the_same_hour_of_the_weeks_before(world: World) -> None:
    world.clock.advance(10 * HOUR)
    for week in range(3):
        for number in range(6):
            world.take(mail(salt=f"{week} {number}", subject=f"{week} {number}"), at=world.clock.now())
            world.clock.advance(MINUTE)
        world.clock.advance(7 * DAY - 6 * MINUTE)
    now = world.clock.now()
    [need] = needs(world.store, now, 1, Aim(), UTC)
    assert (need.at, need.channel, need.likely) == (world.clock.now(), "email", 6)
    assert need.low < 6 < need.high
    assert (need.people, need.people_high) == (1, 2)
    assert needs(world.store, now + 3 * HOUR, 2, Aim(), UTC) == []
