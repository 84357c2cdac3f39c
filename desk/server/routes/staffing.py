"""Who is there."""

from __future__ import annotations

from litestar import get, put
from msgspec import Struct

from desk.model import Availability, RepNow
from desk.server.routes.common import Rep, TheDesk, Zone, found


class AvailabilityBody(Struct, forbid_unknown_fields=True):
    state: Availability
    reason: str = ""
    agent: str | None = None
    """Somebody else's login: for supervisors."""


@get("/reps")
async def reps(desk: TheDesk, zone: Zone) -> list[RepNow]:
    """All reps: whether they are there, since when, what they have before them, how long they were what today."""
    return await desk.availabilities.all(zone)


@put("/availability", may="work")
async def set_availability(desk: TheDesk, agent: Rep, zone: Zone, data: AvailabilityBody) -> RepNow:
    """Say whether one is there. Offline is who has no terminal."""
    of = found(desk.people.named(data.agent), "rep", data.agent) if data.agent else agent
    await desk.availabilities.say(agent, data.state, data.reason, of=of)
    return next(each for each in await desk.availabilities.all(zone) if each.agent.id == of.id)


HANDLERS = [reps, set_availability]
