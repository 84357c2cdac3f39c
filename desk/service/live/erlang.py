"""How many people answer so many customers in time: Erlang C, and Erlang A where customers give up.

Customers come by chance (Poisson), each takes as long as handling lasts on average, and people take them in the order
in which they came. Erlang C: nobody leaves before an answer (Erlang, 1917). Erlang A: each leaves after a time by
chance, on average `patience` (Palm, 1957; Garnett, Mandelbaum and Reiman, 2002). Computed from the steady state itself,
which is quick for as many people as any desk has, and checked against published tables.
"""

from __future__ import annotations

from math import ceil, exp, lgamma, log

from msgspec import Struct

PEOPLE_AT_MOST = 10_000
_NEGLIGIBLE = 1e-12


class Load(Struct, frozen=True, kw_only=True):
    """What comes, and how long it takes; all in one unit of time, such as seconds."""

    rate: float
    """Customers per unit."""
    handling: float
    """How long one takes."""
    patience: float | None = None
    """How long a customer waits on average before giving up; None: for ever."""

    @property
    def erlangs(self) -> float:
        """How many are being helped at once on average, if nobody waits: the offered load."""
        return self.rate * self.handling


class Service(Struct, frozen=True, kw_only=True):
    """What so many people achieve."""

    people: int
    in_time: float
    """The share of customers who are answered within the time asked for."""
    waits: float
    """The share of customers who wait at all."""
    speed: float
    """The average wait, in the load's unit; infinite if there are too few people."""
    occupancy: float
    """The share of their time in which people are helping somebody."""
    gives_up: float = 0.0
    """The share of customers who leave before an answer."""


def service(load: Load, people: int, within: float) -> Service:
    """What that many people achieve, and whom they answer `within` that time."""
    if load.rate <= 0:
        return Service(people=people, in_time=1.0, waits=0.0, speed=0.0, occupancy=0.0)
    if load.patience is None:
        return _erlang_c(load, people, within)
    return _erlang_a(load, people, within)


def people_for(load: Load, within: float, *, level: float = 0.8, occupancy: float = 1.0) -> Service:
    """The fewest people who answer the share `level` of customers `within` that time, and are not busier than that.

    Raises ValueError if more than `PEOPLE_AT_MOST` would be needed.
    """
    people = 0 if load.rate <= 0 else max(1, ceil(load.erlangs / occupancy) if load.patience is None else 1)
    while people <= PEOPLE_AT_MOST:
        found = service(load, people, within)
        if found.in_time >= level and found.occupancy <= occupancy:
            return found
        people += 1
    raise ValueError(f"more than {PEOPLE_AT_MOST} people would be needed")


def erlang_b(erlangs: float, people: int) -> float:
    """The share of customers who find everybody busy, if these leave at once (the stable recursion)."""
    blocked = 1.0
    for number in range(1, people + 1):
        blocked = erlangs * blocked / (number + erlangs * blocked)
    return blocked


def _erlang_c(load: Load, people: int, within: float) -> Service:
    spare = people - load.erlangs
    if spare <= 0:
        return Service(people=people, in_time=0.0, waits=1.0, speed=float("inf"), occupancy=1.0)
    blocked = erlang_b(load.erlangs, people)
    waits = blocked / (1 - load.erlangs / people * (1 - blocked))
    return Service(
        people=people,
        in_time=1 - waits * exp(-spare * within / load.handling),
        waits=waits,
        speed=waits * load.handling / spare,
        occupancy=load.erlangs / people,
    )


def _erlang_a(load: Load, people: int, within: float) -> Service:
    """By the steady state of how many are there; who comes when `people + k` are, waits for `k + 1` to go."""
    assert load.patience is not None
    states = _steady(load, people)
    busy = sum(share * min(number, people) for number, share in enumerate(states))
    queue = sum(share * max(number - people, 0) for number, share in enumerate(states))
    waits = sum(states[people:])
    gives_up = queue / load.patience / load.rate
    answered = sum(
        share * (1.0 if number < people else _answered_within(load, people, number - people, within))
        for number, share in enumerate(states)
        if share > _NEGLIGIBLE
    )
    return Service(
        people=people,
        in_time=answered,
        waits=waits,
        speed=queue / load.rate,
        occupancy=busy / people if people else 1.0,
        gives_up=gives_up,
    )


def _steady(load: Load, people: int) -> list[float]:
    """The share of time in which so many customers are there, from none on."""
    assert load.patience is not None
    weights = [1.0]
    while len(weights) < people + 2 or weights[-1] > _NEGLIGIBLE * sum(weights[-1000:]):
        number = len(weights)
        leaving = min(number, people) / load.handling + max(number - people, 0) / load.patience
        weights.append(weights[-1] * load.rate / leaving)
        if weights[-1] > 1e200:
            weights = [weight / 1e200 for weight in weights]
    total = sum(weights)
    return [weight / total for weight in weights]


def _answered_within(load: Load, people: int, ahead: int, within: float) -> float:
    """Whether who comes with so many waiting before them is answered in time: by uniformization.

    Those before go one after the other, served or giving up; meanwhile they may give up themselves.
    """
    assert load.patience is not None
    served, leaving = people / load.handling, 1 / load.patience
    fastest = served + (ahead + 1) * leaving
    steps = fastest * within
    places = [0.0] * (ahead + 1)
    places[ahead] = 1.0
    answered, told = 0.0, 0.0
    chance = exp(-steps) if steps < 700 else 0.0
    spread = ceil(steps + 10 * (steps**0.5 + 1))
    for step in range(spread):
        told += chance * answered
        moved = [0.0] * (ahead + 1)
        for place, share in enumerate(places):
            if share <= 0:
                continue
            on = served + place * leaving
            if place:
                moved[place - 1] += share * on / fastest
            else:
                answered += share * on / fastest
            moved[place] += share * (fastest - on - leaving) / fastest
        places = moved
        chance = _next_chance(chance, steps, step)
    return min(told, 1.0)


def _next_chance(chance: float, steps: float, step: int) -> float:
    """The Poisson probability of one step more; where the first was too small to tell, by its logarithm."""
    if chance > 0:
        return chance * steps / (step + 1)
    told = (step + 1) * log(steps) - steps - lgamma(step + 2)
    return exp(told) if told > -700 else 0.0
