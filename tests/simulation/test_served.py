"""The model hands out what Desk itself hands out: the same to the same rep, one after another."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from desk.clock import Millis
from desk.model import Capacity
from desk.simulation.floor import Floor
from desk.simulation.policies import POLICIES, Policy
from desk.simulation.reps import Rep
from desk.simulation.served import LEAD, Served, counts
from desk.simulation.week import Shop, Task, arrivals


class Told(Policy):
    """A policy, and who was given what."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self.given: list[tuple[Millis, int, int]] = []
        self.came, self.left, self.done = policy.came, policy.left, policy.done  # type: ignore[method-assign]

    def next(self, rep: Rep, now: Millis) -> Task | None:
        task = self._policy.next(rep, now)
        if task is not None:
            self.given.append((now, rep.number, task.id))
        return task


def worked(shop: Shop, policy: Policy, week: Sequence[Task]) -> tuple[list[tuple[Millis, int, int]], list[Task]]:
    told, tasks = Told(policy), [replace(task) for task in week]
    Floor(shop, told, Capacity()).run(tasks)
    return told.given, tasks


@pytest.mark.parametrize(("reps", "load", "seed"), [(3, 0.95, 1), (5, 1.1, 2)])
def test_the_model_hands_out_what_desk_hands_out(reps: int, load: float, seed: int) -> None:
    shop = Shop(reps=reps, load=load, days=1, hours=1, callback=LEAD)
    week = arrivals(shop, seed)
    expected, _ = worked(shop, POLICIES["urgency"](), week)
    with Served(shop) as served:
        given, tasks = worked(shop, served, week)
        became = served.became()
    assert given == expected
    assert len(given) > 20
    for task in tasks:
        if task.ended_at is not None:
            assert (became[task.id] == "kept") == task.kept, task
    assert counts(became, tasks)["email", "kept"] > 0


def test_a_shop_that_calls_earlier_than_desk_is_refused() -> None:
    with pytest.raises(ValueError, match="fifteen minutes"):
        Served(Shop())
