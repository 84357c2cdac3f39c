"""The live queue."""

from __future__ import annotations

from typing import Annotated

from litestar import get
from litestar.params import Parameter

from desk.model import Alert, Channel, Conversation, Live, Plots, Report, ReportBy, Staffing
from desk.server.problems import BadRequest
from desk.server.rostering import staffing_of
from desk.server.routes.common import Limit, Rep, TheDesk, Zone
from desk.service.live import reports, staffing
from desk.service.live.board import QUESTIONS
from desk.service.live.metrics import ANSWERED_BY

What = Annotated[str, Parameter(description=f"One of {', '.join((*QUESTIONS, *ANSWERED_BY))}.")]
OfAgent = Annotated[int | None, Parameter(query="agent", ge=1, description="Of one rep.")]
InQueue = Annotated[int | None, Parameter(ge=0, description="Of one queue; 0: of what is in none.")]


@get("/live")
async def live(desk: TheDesk, agent: Rep, zone: Zone) -> Live:
    """How everything stands at this moment; today begins in the zone of who asks."""
    return await desk.live.now(zone)


@get("/alerts", sync_to_thread=False)
def alerts(desk: TheDesk, agent: Rep) -> list[Alert]:
    """What is too high at this moment, by `[alerts]`."""
    return list(desk.live.alerts)


@get("/live/behind")
async def behind(
    desk: TheDesk,
    agent: Rep,
    zone: Zone,
    what: What,
    queue: InQueue = None,
    channel: Channel | None = None,
    of_agent: OfAgent = None,
    limit: Limit = 1000,
) -> list[Conversation]:
    """The conversations behind a number: the most pressing first, or, of what happened today, the newest first."""
    if what not in QUESTIONS and what not in ANSWERED_BY:
        raise BadRequest("bad-request", f"there is no number {what}; there are {', '.join((*QUESTIONS, *ANSWERED_BY))}")
    ids = await desk.live.behind(what, queue_id=queue, channel=channel, agent_id=of_agent, zone=zone, limit=limit)
    rows = await desk.threads.read(desk.store.conversations.many, ids)
    return await desk.threads.read(desk.store.reads.marked, rows, agent.id)


@get("/live/plots")
async def plots(desk: TheDesk, agent: Rep, zone: Zone, queue: InQueue = None) -> Plots:
    """A queue, or all together, by quarters of an hour: today, and as it usually is; and the hours of the week."""
    return await desk.live.plots(queue, zone)


@get("/report")
async def report(
    desk: TheDesk,
    agent: Rep,
    zone: Zone,
    since: Annotated[int, Parameter(ge=0, description="From this instant on.")],
    until: Annotated[int, Parameter(ge=0, description="Before this one.")],
    by: ReportBy = "day",
    queue: InQueue = None,
    channel: Channel | None = None,
    of_agent: OfAgent = None,
) -> Report:
    """The figures of a time; days and hours are those of the zone of who asks."""
    part = reports.Part(queue, channel, of_agent)
    return await desk.threads.read(reports.report, desk.store, since, until, by, zone, part)


@get("/staff")
async def staff(
    desk: TheDesk,
    agent: Rep,
    zone: Zone,
    hours: Annotated[int, Parameter(ge=1, le=168, description="How many hours ahead.")] = 8,
    level: Annotated[float, Parameter(gt=0, lt=1, description="The share to be answered in time.")] = 0.8,
    occupancy: Annotated[float, Parameter(ge=0.1, le=1, description="How busy people are to be at most.")] = 0.85,
) -> Staffing:
    """How many people the next hours take, by hour, queue and channel, beside who is to be there and who is."""
    aim = staffing.Aim(level=level, occupancy=occupancy)
    return await desk.threads.read(staffing_of, desk, desk.people, desk.settings, hours, aim, zone)


HANDLERS = [live, alerts, behind, plots, report, staff]
