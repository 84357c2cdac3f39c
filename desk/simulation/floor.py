"""A week worked off by one policy: the events, in their order."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from itertools import count

from msgspec.structs import replace

from desk.clock import HOUR, Millis
from desk.model.staffing import Capacity
from desk.simulation.figures import Figures, counted
from desk.simulation.policies import Policy
from desk.simulation.reps import Rep
from desk.simulation.week import Shop, Task

AFTERWARDS: Millis = 3 * HOUR
"""Working time after the last day in which what is left may be done; what is still there then was not done."""


def work(shop: Shop, week: Sequence[Task], policy: Policy, capacity: Capacity | None = None) -> Figures:
    """What becomes of a week. The tasks given stay as they are."""
    floor = Floor(shop, policy, capacity or Capacity())
    tasks = [replace(task) for task in week]
    floor.run(tasks)
    return counted(shop, tasks, sum(rep.worked for rep in floor.reps))


_GIVES_UP = 1


class Floor:
    """Reps at work, and what comes in."""

    def __init__(self, shop: Shop, policy: Policy, capacity: Capacity) -> None:
        self.reps = [Rep(number, shop.kinds, capacity) for number in range(shop.reps)]
        self._until = shop.days * shop.day + AFTERWARDS
        self._policy = policy
        self._events: list[tuple[Millis, int, Task | None, Rep | None, int]] = []
        self._order = count()
        self._version = [0] * shop.reps

    def run(self, tasks: Sequence[Task]) -> None:
        for each in tasks:
            self._at(each.free_at, task=each)
            if each.patience is not None:
                self._at(each.at + each.patience, task=each, version=_GIVES_UP)
        while self._events:
            now, _, task, rep, version = heappop(self._events)
            if now > self._until:
                break
            if task is not None and version == _GIVES_UP:
                self._gives_up(task, now)
            elif task is not None:
                self._policy.came(task, self.reps)
            elif rep is not None and version == self._version[rep.number]:
                self._work(rep, now)
                self._expect(rep)
            else:
                continue
            self._hand_out(now)

    def _work(self, rep: Rep, now: Millis) -> None:
        for task in rep.until(now):
            self._policy.done(task, rep)

    def _at(self, at: Millis, *, task: Task | None = None, rep: Rep | None = None, version: int = 0) -> None:
        heappush(self._events, (at, next(self._order), task, rep, version))

    def _expect(self, rep: Rep) -> None:
        """When a rep is done has changed."""
        self._version[rep.number] += 1
        if (at := rep.free_at()) is not None:
            self._at(at, rep=rep, version=self._version[rep.number])

    def _gives_up(self, task: Task, now: Millis) -> None:
        if task.begun_at is None:
            task.gone_at = now
            self._policy.left(task, now)

    def _hand_out(self, now: Millis) -> None:
        """Who has the most attention left takes first, as they are the first to ask."""
        asking = sorted(self.reps, key=lambda rep: rep.attention)
        while asking:
            rep = asking[0]
            task = self._policy.next(rep, now)
            if task is None:
                asking.pop(0)
                continue
            self._work(rep, now)
            rep.begin(task, now)
            self._expect(rep)
            asking.sort(key=lambda rep: rep.attention)
