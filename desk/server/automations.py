"""Looks again and again whether time asks for something, and whether mail of automations may go."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

from desk.model import Check
from desk.promises import Calendar, WorkingClock
from desk.rules.composing import HOURS
from desk.rules.words import Automation
from desk.server.accounts import own_addresses, refusing_at
from desk.server.core import Core
from desk.server.tasks import end, keep_running
from desk.service import automations, letters
from desk.service.admitting import Means, Write
from desk.service.mailing import SenderAccount
from desk.settings import Settings

LOOK_SECONDS = 20.0
"""How late an automation may be."""


def means_of(
    settings: Settings,
    calendars: Mapping[str, Calendar],
    sender: Callable[[str], SenderAccount],
    write: Write,
) -> Means:
    """What the settings say of mail that automations send."""
    working = {name: WorkingClock(each) for name, each in calendars.items()}
    return Means(
        write=write,
        sender=sender,
        site=partial(refusing_at, settings),
        limits=settings.mailing,
        own=own_addresses(settings),
        hours=settings.hours,
        calendars={**working, HOURS: WorkingClock(Calendar(hours=settings.hours))},
    )


def examine(settings: Settings, has_answer: Callable[[str], bool]) -> list[Check]:
    """What keeps automations from writing to customers, or customers from refusing that easily."""
    writing = [each for each in settings.automations.values() if each.mails and each.enabled]
    lost = [each for each in writing if each.send and not has_answer(each.send.removeprefix("::"))]
    found = [
        Check(
            what=f"automation {each.name}",
            status="failed",
            message=f"there is no canned answer {each.send}: its mail is held",
            hint="write that answer, or correct the shortcut; `desk answers list` shows all",
        )
        for each in lost
    ]
    accounts = {each.account for each in writing}
    if writing and not any(refusing_at(settings, each).startswith("https://") for each in accounts):
        message = "automatic mail is refused by mail only, not by one click"
        hint = 'a site (connector = "webchat") with url = "https://…" has a page for it'
        found.append(Check(what="automations", status="warning", message=message, hint=hint))
    return found


class Automations:
    """Belongs to the running event loop."""

    def __init__(
        self,
        core: Core,
        given: Callable[[], Sequence[Automation]],
        means: Callable[[], Awaitable[Means]],
    ) -> None:
        """`means`: what those that write to customers need, at this moment."""
        self._core = core
        self._given = given
        self._means = means
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
            given = self._given()
            if given or self._waits():
                await self._do(given, await self._means())
            await asyncio.sleep(LOOK_SECONDS)

    async def _do(self, given: Sequence[Automation], means: Means) -> None:
        for each in given:
            while await self._is_due(each):
                await self._core.write(automations.sweep, [each], means)
        named = {each.name: each for each in given}
        while self._waits():
            await self._core.write(letters.sweep, named, means)

    def _waits(self) -> bool:
        """Whether there is mail to look at."""
        return bool(self._core.store.auto_mails.due(self._core.clock.now(), 1))

    async def _is_due(self, automation: Automation) -> bool:
        """So that nothing is written, and nobody waits for the writer, while nothing is due."""
        core = self._core
        due = await core.threads.read(automations.due, core.store, core.clock, automation, 1)
        return automation.enabled and bool(due)
