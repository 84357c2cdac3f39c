"""The client's part for the live queue."""

from __future__ import annotations

from desk.client.connection import Connection
from desk.clock import Millis
from desk.model import Alert, Channel, Conversation, Live, Plots, Report, ReportBy, Staffing


class LiveCalls(Connection):
    """What `desk.client.Client` can do with the live queue."""

    async def live(self) -> Live:
        """How everything stands at this moment, and since today began where this machine is."""
        return await self._get("/live", Live)

    async def alerts(self) -> list[Alert]:
        """What is too high at this moment, by `[alerts]`. A change of kind `alert` tells that it is another."""
        return await self._get("/alerts", list[Alert])

    async def behind(
        self,
        what: str,
        *,
        queue: int | None = None,
        channel: Channel | None = None,
        agent: int | None = None,
        limit: int = 1000,
    ) -> list[Conversation]:
        """The conversations behind a number of it, such as `waiting` or `broken-today`; the most pressing first, or, of
        what happened today, the newest. `queue`: only of that one; 0: of what is in none. `agent`: of one rep."""
        return await self._get(
            "/live/behind", list[Conversation], what=what, queue=queue, channel=channel, agent=agent, limit=limit
        )

    async def plots(self, queue: int | None = None) -> Plots:
        """A queue, or all together, by quarters of an hour: today, and as it usually is on this weekday; and the hours
        of the week. `queue` 0: what is in none."""
        return await self._get("/live/plots", Plots, queue=queue)

    async def report(
        self,
        since: Millis,
        until: Millis,
        *,
        by: ReportBy = "day",
        queue: int | None = None,
        channel: Channel | None = None,
        agent: int | None = None,
    ) -> Report:
        """The figures of what happened from `since` on and before `until`, in days and hours of this machine's zone.
        `queue`: only of that one; 0: of what is in none. `agent`: of one rep."""
        return await self._get(
            "/report", Report, since=since, until=until, by=by, queue=queue, channel=channel, agent=agent
        )

    async def staffing(self, hours: int = 8, *, level: float = 0.8, occupancy: float = 0.85) -> Staffing:
        """How many people the next hours take, to answer the share `level` in time and be busy `occupancy` of theirs at
        most, beside who is to be there."""
        return await self._get("/staff", Staffing, hours=hours, level=level, occupancy=occupancy)
