"""Acts on many conversations: one job at a time, in portions between which mail takes its turn."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from typing import Any

from msgspec.structs import replace

from desk.model import BulkFailure, BulkJob
from desk.server.core import Core
from desk.service.errors import NotFound
from desk.service.many import Act, portion
from desk.steps import render
from desk.store.base import StoreError

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

    def start(self, act: Act) -> BulkJob:
        """Do it, as one thing to undo."""
        steps = tuple(map(render, act.todo))
        state = BulkJob(id=next(self._numbers), label=act.group.label, steps=steps, total=len(act.ids))
        job = self._jobs[state.id] = _Job(self._core, act, state)
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
    def __init__(self, core: Core, act: Act, state: BulkJob) -> None:
        self.state = state
        self.changed = asyncio.Event()
        self.cancelled = False
        self.task: asyncio.Task[None] | None = None
        self._core = core
        self._act = act

    async def run(self, turn: asyncio.Lock) -> None:
        async with turn:
            began, place = time.monotonic(), 0
            try:
                while place < len(self._act.ids) and not self.cancelled:
                    taken, failures = await self._core.write(portion, self._act, place, PORTION_SECONDS)
                    place += taken
                    self._tell(began, place, failures)
                self._end("cancelled" if place < len(self._act.ids) else "done", began)
            except StoreError as error:
                self._end("failed", began, error=str(error))
            except Exception as error:
                log.exception("act on many %d failed in an unexpected way", self.state.id)
                self._end("failed", began, error=f"{type(error).__name__}; the server's log says where")

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
