"""Ways of handing out work. A policy says what of all that waits is done next, or who has to do it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from heapq import heappop, heappush
from typing import ClassVar

from desk import urgency
from desk.clock import Millis
from desk.model import Channel
from desk.pushing import Candidate, choose
from desk.reserve import Hand, kept_free
from desk.simulation.reps import Rep
from desk.simulation.week import CHANNELS, Task

Key = Callable[[Task, Millis], tuple[int, ...]]
"""What of all that waits goes first, now: the smallest."""


class Policy:
    """A way of handing out work."""

    def came(self, task: Task, reps: Sequence[Rep]) -> None:
        """Something may be done from now on."""
        raise NotImplementedError

    def left(self, task: Task, now: Millis) -> None:
        """Somebody gave up."""

    def done(self, task: Task, rep: Rep) -> None:
        """A rep is done with something."""

    def next(self, rep: Rep, now: Millis) -> Task | None:
        """What this rep does now, which waits no longer; None: nothing that they have room for."""
        raise NotImplementedError


class Pull(Policy):
    """One heap of work: who has room takes what is first.

    Of one channel and one promise the order never changes, so the first of each is all that has to be compared.
    `keeps_free`: as `desk.reserve` has it, a rep is given nothing more while a call that is more urgent waits
    for them to be done.
    """

    def __init__(self, key: Key, within: Callable[[Task], Millis], *, keeps_free: bool = False) -> None:
        self._key = key
        self._within = within
        self._keeps_free = keeps_free
        self._waiting: dict[tuple[Channel, Millis], list[tuple[Millis, int, Task]]] = {}
        self._reps: Sequence[Rep] = ()

    def came(self, task: Task, reps: Sequence[Rep]) -> None:
        self._reps = reps
        heappush(self._waiting.setdefault((task.channel, task.promised), []), (self._within(task), task.id, task))

    def next(self, rep: Rep, now: Millis) -> Task | None:
        tops = sorted(self._tops(), key=lambda task: (self._key(task, now), task.id))
        found = next((task for task in tops if rep.room(task.channel)), None)
        if found is None or (self._keeps_free and self._kept_free(rep, found, now)):
            return None
        heappop(self._waiting[found.channel, found.promised])
        return found

    def _tops(self) -> list[Task]:
        for heap in self._waiting.values():
            while heap and heap[0][2].gone_at is not None:
                heappop(heap)
        return [heap[0][2] for heap in self._waiting.values() if heap]

    def _kept_free(self, rep: Rep, found: Task, now: Millis) -> bool:
        key = self._key(found, now)
        waiting = [task for heap in self._waiting.values() for _, _, task in heap if task.channel == "callback"]
        calls = [task for task in waiting if self._key(task, now) < key]
        held = [
            Hand(each.number, each.taken, 0)
            for each in self._reps
            if each.doing and all(task.channel != "callback" for task in each.doing)
        ]
        return kept_free(rep.number, held, len(calls))


class RoundRobin(Policy):
    """Each thing is given to one rep when it comes, in rotation, while that rep has fewer than so many of its kind.

    What nobody has room for waits until somebody has. Reps do what they were given: chats, then calls, then mails, each
    in the order it came.
    """

    AT_MOST: ClassVar[Mapping[Channel, int]] = {"chat": 3, "callback": 3, "email": 10}

    def __init__(self) -> None:
        self._given: dict[int, list[Task]] = {}
        self._waiting: list[Task] = []
        self._reps: Sequence[Rep] = ()
        self._last: int | None = None

    def came(self, task: Task, reps: Sequence[Rep]) -> None:
        self._reps = reps
        self._waiting.append(task)
        self._give()

    def left(self, task: Task, now: Millis) -> None:
        for tasks in (self._waiting, *self._given.values()):
            if task in tasks:
                tasks.remove(task)

    def next(self, rep: Rep, now: Millis) -> Task | None:
        self._give()
        given = self._given.get(rep.number, [])
        found = [task for task in given if rep.room(task.channel)]
        if not found:
            return None
        chosen = min(found, key=lambda task: by_channel(task, now))
        given.remove(chosen)
        return chosen

    def _give(self) -> None:
        for task in list(self._waiting):
            free = [
                Candidate(rep.number, 0, 0) for rep in self._reps if self._holds(rep, task) < self.AT_MOST[task.channel]
            ]
            if free:
                self._last = choose("round-robin", free, self._last)
                self._given.setdefault(self._last, []).append(task)
                self._waiting.remove(task)

    def _holds(self, rep: Rep, task: Task) -> int:
        """How many of its kind a rep has."""
        return sum(each.channel == task.channel for each in (*self._given.get(rep.number, ()), *rep.doing))


def by_urgency(task: Task, now: Millis) -> tuple[int, ...]:
    """As `space` takes it: see `desk.urgency`."""
    return urgency.rank(urgency.share(task.due_at - now, task.promised), 0)


def by_time(task: Task, now: Millis) -> tuple[int, ...]:
    """What is due first (earliest due date)."""
    return (task.due_at,)


def by_channel(task: Task, now: Millis) -> tuple[int, ...]:
    """A queue for each channel, first in, first out; chats before calls before mails."""
    return CHANNELS.index(task.channel), task.free_at


def by_wait(task: Task, now: Millis) -> tuple[int, ...]:
    """Who waits longest, whatever they were promised."""
    return (task.free_at,)


def _due_at(task: Task) -> Millis:
    return task.due_at


def _free_at(task: Task) -> Millis:
    return task.free_at


POLICIES: dict[str, Callable[[], Policy]] = {
    "urgency": lambda: Pull(by_urgency, _due_at, keeps_free=True),
    "channels": lambda: Pull(by_channel, _free_at),
    "round-robin": RoundRobin,
    "longest-waiting": lambda: Pull(by_wait, _free_at),
    "urgency-alone": lambda: Pull(by_urgency, _due_at),
    "due-first": lambda: Pull(by_time, _due_at),
}
"""By name. `urgency` is what Desk does; `urgency-alone`, without keeping anybody free, and `due-first` tell how much of
that comes from what."""
