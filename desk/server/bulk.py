"""Acts on many conversations: one job at a time, in portions between which mail takes its turn."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from msgspec.structs import replace

from desk.model import BulkFailure, BulkJob
from desk.server.core import Core
from desk.server.jobs import Job, Jobs
from desk.service.many import Act, portion
from desk.steps import render
from desk.store.base import StoreError

log = logging.getLogger(__name__)

PORTION_SECONDS = 0.02
"""How long one transaction goes on taking conversations: what live mail waits for, with the commit."""
FAILURES_TOLD = 100
KEPT = 50
"""Finished jobs that are still told of."""


class Bulk(Jobs[BulkJob]):
    """The acts of this run of the server. Belongs to the running event loop."""

    def __init__(self, core: Core) -> None:
        super().__init__("job", KEPT)
        self._core = core
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, act: Act) -> BulkJob:
        """Do it, as one thing to undo."""
        steps = tuple(map(render, act.todo))
        job = _Job(self._core, act, BulkJob(id=self.number(), label=act.group.label, steps=steps, total=len(act.ids)))
        self.add(job)
        task = asyncio.create_task(job.run(self._turn))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job.state

    async def stop(self) -> None:
        """Cancel what runs, and wait for its portion."""
        self.cancel_all()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class _Job(Job[BulkJob]):
    def __init__(self, core: Core, act: Act, state: BulkJob) -> None:
        super().__init__(state)
        self._core = core
        self._act = act

    async def run(self, turn: asyncio.Lock) -> None:
        async with turn:
            began, place = time.monotonic(), 0
            try:
                while place < len(self._act.ids) and not self.cancelled.is_set():
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
        self._now(
            done=done,
            failed=before.failed + len(failures),
            failures=(*before.failures, *failures)[:FAILURES_TOLD],
            seconds=time.monotonic() - began,
        )
        self._core.feed.tell_job(before.id)

    def _end(self, state: str, began: float, error: str = "") -> None:
        self._now(state=state, error=error, seconds=time.monotonic() - began)
        self._core.feed.tell_job(self.state.id)

    def _now(self, **changes: Any) -> None:
        self.show(replace(self.state, **changes))
