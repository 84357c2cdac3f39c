"""Acts on many conversations: one job at a time, in portions between which mail takes its turn."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from desk.clock import Clock
from desk.model import Agent, BulkFailure, BulkJob
from desk.server.core import Core
from desk.service import steps
from desk.service.errors import NotFound, ServiceError
from desk.service.journal import Group, together
from desk.service.steps import Means, Step
from desk.store.base import Store, StoreError

log = logging.getLogger(__name__)

PORTION_SECONDS = 0.02
"""How long one transaction goes on taking conversations: what live mail waits for, with the commit."""
FAILURES_TOLD = 100
KEPT = 50
"""Finished jobs that are still told of."""


class Bulk:
    """The jobs of this run of the server. Belongs to the running event loop."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._numbers = itertools.count(1)
        self._jobs: dict[int, _Job] = {}
        self._turn = asyncio.Lock()

    def start(self, agent: Agent, ids: Sequence[int], todo: Sequence[Step], means: Means) -> BulkJob:
        """Do the steps to each of these conversations, as one thing to undo."""
        said = tuple(steps.render(step) for step in todo)
        label = f"{', '.join(said)} · {len(ids)} conversation{'s' if len(ids) != 1 else ''}"
        state = BulkJob(id=next(self._numbers), label=label, steps=said, total=len(ids))
        job = self._jobs[state.id] = _Job(self._core, agent, list(ids), list(todo), means, state)
        job.task = asyncio.create_task(job.run(self._turn))
        for id in [id for id, each in self._jobs.items() if each.state.state != "running"][:-KEPT]:
            del self._jobs[id]
        return job.state

    async def wait(self, id: int, seconds: float) -> BulkJob:
        """The job's state as soon as it is another, or after that many seconds. Raises NotFound."""
        job = self._job(id)
        if job.state.state == "running" and seconds > 0:
            try:
                async with asyncio.timeout(seconds):
                    await job.changed.wait()
            except TimeoutError:
                pass
        return job.state

    def cancel(self, id: int) -> BulkJob:
        """Ask a job to end after its portion; what is done stays, and can be undone. Raises NotFound."""
        job = self._job(id)
        job.cancelled = True
        return job.state

    async def stop(self) -> None:
        """Cancel what runs, and wait for its portion."""
        for job in self._jobs.values():
            job.cancelled = True
        await asyncio.gather(*(job.task for job in self._jobs.values() if job.task), return_exceptions=True)

    def _job(self, id: int) -> _Job:
        if id not in self._jobs:
            raise NotFound("job", id)
        return self._jobs[id]


class _Job:
    def __init__(
        self, core: Core, agent: Agent, ids: list[int], todo: list[Step], means: Means, state: BulkJob
    ) -> None:
        self.state = state
        self.changed = asyncio.Event()
        self.cancelled = False
        self.task: asyncio.Task[None] | None = None
        self._core = core
        self._agent = agent
        self._ids = ids
        self._todo = todo
        self._means = means
        self._group = Group(state.label)

    async def run(self, turn: asyncio.Lock) -> None:
        async with turn:
            began, place = time.monotonic(), 0
            try:
                while place < len(self._ids) and not self.cancelled:
                    taken, failures = await self._core.write(self._portion, place)
                    place += taken
                    self._tell(began, place, failures)
                self._end("cancelled" if place < len(self._ids) else "done", began)
            except StoreError as error:
                self._end("failed", began, error=str(error))
            except Exception as error:
                log.exception("act on many %d failed in an unexpected way", self.state.id)
                self._end("failed", began, error=f"{type(error).__name__}; the server's log says where")

    def _portion(self, store: Store, clock: Clock, place: int) -> tuple[int, list[BulkFailure]]:
        """In the writer's thread: as many as fit into one portion. A conversation is done wholly or not at all."""
        until, taken = time.monotonic() + PORTION_SECONDS, 0
        failures: list[BulkFailure] = []
        with together(self._group), store.write():
            for id in itertools.islice(self._ids, place, None):
                try:
                    with store.write():
                        for step in self._todo:
                            steps.run(store, clock, self._agent, id, step, self._means)
                except ServiceError as error:
                    failures.append(BulkFailure(conversation_id=id, code=error.code, message=error.message))
                taken += 1
                if time.monotonic() >= until:
                    break
        return taken, failures

    def _tell(self, began: float, done: int, failures: list[BulkFailure]) -> None:
        before = self.state
        self._show(
            done=done,
            failed=before.failed + len(failures),
            failures=(*before.failures, *failures)[:FAILURES_TOLD],
            seconds=time.monotonic() - began,
        )
        self._core.feed.tell_job(before.id)

    def _end(self, state: str, began: float, error: str = "") -> None:
        self._show(state=state, error=error, seconds=time.monotonic() - began)
        self._core.feed.tell_job(self.state.id)

    def _show(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)
        changed, self.changed = self.changed, asyncio.Event()
        changed.set()
