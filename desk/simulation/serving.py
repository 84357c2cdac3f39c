"""How reps come by their work, where Desk itself is worked with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec.structs import replace

from desk.clock import Millis
from desk.model import QueueRules
from desk.model.staffing import Capacity
from desk.service import availability, inbox, offers, pushing, taking
from desk.service.pushing import Scene
from desk.service.taking import Taker
from desk.simulation.figures import Figures, counted
from desk.simulation.floor import Floor
from desk.simulation.policies import POLICIES, Policy
from desk.simulation.reps import Rep
from desk.simulation.served import Served
from desk.simulation.week import Shop, Task


def serve(shop: Shop, week: Sequence[Task], way: str, beneath: Path | None = None) -> Figures:
    """What becomes of a week of a shop that is `served`; the promises are those that the records say were kept.

    Raises ValueError for a shop that calls earlier than Desk would.
    """
    tasks = [replace(task) for task in week]
    with WAYS[way](shop, beneath) as served:
        floor = Floor(shop, served, Capacity())
        floor.run(tasks)
        became = served.became()
    kept = {id for id, state in became.items() if state == "kept"}
    return counted(shop, tasks, sum(rep.worked for rep in floor.reps), kept)


class Pulled(Served):
    """By the key that takes what is next."""

    def _taken(self, rep: Rep) -> int | None:
        skip = self._doing(rep)
        if not rep.room("email"):
            skip |= self._waiting["email"]
        taker = Taker(agent=self._agents[rep.number], capacity=self._room, skip=skip)
        [found] = taking.take(self._store, self._clock, [taker], self._team())
        return None if found is None else found.id


class Pushed(Served):
    """One queue hands everything out in rotation, to who has room; who is offered something takes it at once, and what
    is theirs and most urgent is done first."""

    _QUEUE = "Everything"

    def __enter__(self) -> Pushed:
        super().__enter__()
        with self._store.write():
            self._queue = self._store.queues.ensure(self._QUEUE)
        for agent in self._agents:
            availability.came(self._store, self._clock, agent)
        self._rules = QueueRules(name=self._QUEUE, push="round-robin")
        self._theirs: dict[int, set[int]] = defaultdict(set)
        """What reps were given and have not begun, by agent."""
        self._changed = False
        return self

    def came(self, task: Task, reps: Sequence[Rep]) -> None:
        super().came(task, reps)
        self._changed = True
        inbox.set_queue(self._store, self._clock, self._agents[0], self._ids[task.id], self._QUEUE)

    def left(self, task: Task, now: Millis) -> None:
        super().left(task, now)
        self._changed = True
        for some in self._theirs.values():
            some.discard(self._ids[task.id])

    def done(self, task: Task, rep: Rep) -> None:
        super().done(task, rep)
        self._changed = True

    def _taken(self, rep: Rep) -> int | None:
        if self._changed:
            self._push()
        agent = self._agents[rep.number]
        theirs = self._theirs[agent.id]
        able = {id for id in theirs if rep.room(self._tasks[id].channel)}
        if not able:
            return None
        taker = Taker(agent=agent, capacity=self._room, skip=self._doing(rep) | (theirs - able))
        [found] = taking.take(self._store, self._clock, [taker], self._team())
        if found is None:
            return None
        theirs.discard(found.id)
        return found.id

    def _push(self) -> None:
        takers = [Taker(agent=each, capacity=self._room, queues=(self._queue,)) for each in self._agents]
        by_id = {each.id: each for each in self._agents}
        while True:
            scene = Scene(queues={self._queue: self._rules}, takers=takers, writing=self._writing())
            offered = pushing.turn(self._store, self._clock, scene).offered
            for offer in offered:
                offers.accept(self._store, self._clock, by_id[offer.agent_id], offer.conversation_id)
                self._theirs[offer.agent_id].add(offer.conversation_id)
            if not offered:
                break
        self._changed = False


class Claimed(Served):
    """A policy of the model says which conversation, and the rep claims that one."""

    def __init__(self, shop: Shop, beneath: Path | None, policy: Policy) -> None:
        super().__init__(shop, beneath)
        self._policy = policy

    def came(self, task: Task, reps: Sequence[Rep]) -> None:
        super().came(task, reps)
        self._policy.came(task, reps)

    def left(self, task: Task, now: Millis) -> None:
        super().left(task, now)
        self._policy.left(task, now)

    def done(self, task: Task, rep: Rep) -> None:
        super().done(task, rep)
        self._policy.done(task, rep)

    def _taken(self, rep: Rep) -> int | None:
        task = self._policy.next(rep, self._clock.now() - self._began)
        if task is None:
            return None
        id = self._ids[task.id]
        inbox.claim(self._store, self._clock, self._agents[rep.number], id)
        return id


def _claimed(name: str) -> Callable[[Shop, Path | None], Served]:
    return lambda shop, beneath: Claimed(shop, beneath, POLICIES[name]())


WAYS: dict[str, Callable[[Shop, Path | None], Served]] = {
    "urgency": Pulled,
    "push": Pushed,
    **{name: _claimed(name) for name in POLICIES if name != "urgency"},
}
"""By name: `urgency` and `push` are what Desk does; the others are the model's, carried out with Desk."""
