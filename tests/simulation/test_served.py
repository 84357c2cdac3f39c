"""The model hands out what Desk itself hands out: the same to the same rep, one after another."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from desk.clock import Millis
from desk.model import Capacity
from desk.simulation.floor import Floor, work
from desk.simulation.policies import POLICIES, Policy
from desk.simulation.reps import Rep
from desk.simulation.runs import Run, done
from desk.simulation.runs import worked as worked_run
from desk.simulation.served import LEAD, Served, counts
from desk.simulation.serving import WAYS, serve
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


@pytest.mark.parametrize(
    ("way", "reps", "load", "seed"),
    [
        ("urgency", 3, 0.95, 1),
        ("urgency", 5, 1.1, 2),
        ("channels", 3, 1.1, 3),
        ("longest-waiting", 3, 1.1, 3),
        ("round-robin", 3, 1.1, 3),
    ],
)
def test_the_model_hands_out_what_desk_hands_out(way: str, reps: int, load: float, seed: int) -> None:
    shop = Shop(reps=reps, load=load, days=1, hours=1, callback=LEAD)
    week = arrivals(shop, seed)
    expected, _ = worked(shop, POLICIES[way](), week)
    with WAYS[way](shop, None) as served:
        given, tasks = worked(shop, served, week)
        became = served.became()
    assert given == expected
    assert len(given) > 20
    for task in tasks:
        if task.ended_at is not None:
            assert (became[task.id] == "kept") == task.kept, task
    assert counts(became, tasks)["email", "kept"] > 0


def test_a_queue_that_pushes_has_everything_done() -> None:
    shop = Shop(reps=3, load=0.9, days=1, hours=1, callback=LEAD)
    week = arrivals(shop, 1)
    with WAYS["push"](shop, None) as served:
        given, tasks = worked(shop, served, week)
    finished = [task.id for task in tasks if task.gone_at is None]
    assert sorted(id for _, _, id in given) == finished
    assert {task.channel for task in tasks if task.id in finished} == {"chat", "callback", "email"}
    assert all(task.ended_at is not None for task in tasks if task.id in finished)


def test_what_the_records_say_is_what_is_counted() -> None:
    shop = Shop(reps=2, load=1.4, days=1, hours=2, callback=LEAD)
    week = arrivals(shop, 4)
    counted = serve(shop, week, "urgency")
    assert counted == work(shop, week, POLICIES["urgency"]())
    assert counted.abandoned > 0
    assert counted.broken["chat"] > 0


def test_runs_come_in_their_order_however_many_work() -> None:
    shop = Shop(reps=2, days=1, hours=1)
    runs = [Run(shop=shop, seed=seed, ways=("urgency", "channels")) for seed in (5, 3)]
    assert list(done(runs, 2)) == list(done(runs, 1)) == [worked_run(run) for run in runs]


def test_a_shop_that_calls_earlier_than_desk_is_refused() -> None:
    with pytest.raises(ValueError, match="fifteen minutes"):
        Served(Shop())
