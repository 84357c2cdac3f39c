"""What takes long, told while it goes on: numbered, waited for, asked to end, forgotten in the end."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

from desk.service.errors import NotFound

RUNNING = "running"


class State(Protocol):
    """How far a job is; an immutable value."""

    @property
    def id(self) -> int: ...

    @property
    def state(self) -> str: ...


Told = TypeVar("Told", bound=State)


class Job(Generic[Told]):
    """One of them. All of it belongs to the event loop but `cancelled`, which any thread may look at."""

    def __init__(self, state: Told) -> None:
        self.state = state
        self.changed = asyncio.Event()
        """Set when the state is another; then there is a new one."""
        self.cancelled = threading.Event()

    def show(self, state: Told) -> None:
        """It is this far."""
        self.state = state
        changed, self.changed = self.changed, asyncio.Event()
        changed.set()


class Jobs(Generic[Told]):
    """The jobs of one kind in this run of the server."""

    def __init__(self, kind: str, kept: int) -> None:
        """`kept`: finished jobs that are still told of."""
        self._kind = kind
        self._kept = kept
        self._numbers = itertools.count(1)
        self._jobs: dict[int, Job[Told]] = {}

    def __iter__(self) -> Iterator[Job[Told]]:
        return iter(self._jobs.values())

    def number(self) -> int:
        """The number of the next one."""
        return next(self._numbers)

    def add(self, job: Job[Told]) -> None:
        """Tell of this one from now on."""
        self._jobs[job.state.id] = job
        done = [id for id, each in self._jobs.items() if each.state.state != RUNNING]
        for id in done[: -self._kept]:
            del self._jobs[id]

    def job(self, id: int) -> Job[Told]:
        """Raises NotFound."""
        if id not in self._jobs:
            raise NotFound(self._kind, id)
        return self._jobs[id]

    async def wait(self, id: int, seconds: float) -> Told:
        """The job's state as soon as it is another, or after that many seconds. Raises NotFound."""
        job = self.job(id)
        if job.state.state == RUNNING and seconds > 0:
            try:
                async with asyncio.timeout(seconds):
                    await job.changed.wait()
            except TimeoutError:
                pass
        return job.state

    def cancel(self, id: int) -> Told:
        """Ask a job to end; what is done stays. Raises NotFound."""
        job = self.job(id)
        job.cancelled.set()
        return job.state

    def cancel_all(self) -> None:
        """Ask all of them to end."""
        for job in self:
            job.cancelled.set()
