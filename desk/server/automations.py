"""Looks again and again whether time asks for something."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from desk.rules.words import Automation
from desk.server.core import Core
from desk.server.tasks import end, keep_running
from desk.service import automations

LOOK_SECONDS = 20.0
"""How late an automation may be."""


class Automations:
    """Belongs to the running event loop."""

    def __init__(self, core: Core, given: Callable[[], Sequence[Automation]]) -> None:
        self._core = core
        self._given = given
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Look from now on."""
        self._task = asyncio.create_task(keep_running("automations", self._look))

    async def close(self) -> None:
        """Look no more."""
        if self._task is not None:
            await end(self._task)

    async def _look(self) -> None:
        while True:
            for each in self._given():
                while await self._is_due(each):
                    await self._core.write(automations.sweep, [each])
            await asyncio.sleep(LOOK_SECONDS)

    async def _is_due(self, automation: Automation) -> bool:
        """So that nothing is written, and nobody waits for the writer, while nothing is due."""
        core = self._core
        due = await core.threads.read(automations.due, core.store, core.clock, automation, 1)
        return automation.enabled and bool(due)
