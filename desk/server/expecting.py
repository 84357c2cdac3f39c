"""What visitors are told of how long they will wait."""

from __future__ import annotations

from desk.clock import SECOND, Millis
from desk.model import Wait
from desk.server.core import Core
from desk.service.waiting import MEASURED_AT_MOST, MEASURED_OVER, expected, in_minutes

MEASURED_EVERY: Millis = 5 * SECOND


class Expecting:
    """Measures each site at most every `MEASURED_EVERY`, however many ask."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._measured: dict[str, tuple[Millis, list[Wait]]] = {}

    async def minutes(self, account: str, ahead: int) -> int | None:
        """About how long whom so many wait before will wait, as it is told; None if nobody can tell."""
        now = self._core.clock.now()
        at, waits = self._measured.get(account, (0, []))
        if now - at >= MEASURED_EVERY:
            read = self._core.store.chats.waits
            waits = await self._core.threads.read(read, account, now - MEASURED_OVER, MEASURED_AT_MOST)
            self._measured[account] = now, waits
        return in_minutes(expected(waits, ahead=ahead, reps=len(self._core.feed.present), now=now))
