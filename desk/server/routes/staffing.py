"""Who is there, and who works in which queue."""

from __future__ import annotations

from litestar import get, post, put
from litestar.status_codes import HTTP_200_OK
from msgspec import Struct

from desk.model import Availability, QueueNow, RepNow
from desk.server.desk import Desk
from desk.server.routes.common import Rep, TheDesk, Zone, found
from desk.service import queues


class AvailabilityBody(Struct, forbid_unknown_fields=True):
    state: Availability
    reason: str = ""
    agent: str | None = None
    """Somebody else's login: for supervisors."""


class SayingBody(Struct, forbid_unknown_fields=True):
    queue: str
    """Its name."""
    value: bool | None
    """Whether the rep works there, or it is open; null: as `desk.toml` has it."""
    agent: str | None = None
    """A rep's login; null: it is about the queue itself."""


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


@get("/queues/now")
async def queues_now(desk: TheDesk) -> list[QueueNow]:
    """All queues: whether they are open, who works there, and what of it is said over `desk.toml`, by whom."""
    return await desk.threads.read(desk.people.queues)


@post("/queues/now", status_code=HTTP_200_OK, may="direct")
async def say_of_queues(desk: TheDesk, agent: Rep, data: list[SayingBody]) -> list[QueueNow]:
    """Open or close queues, put reps into them or take them out, all of it or nothing; one undo takes it back."""
    await desk.write(queues.say, agent, [_saying(desk, each) for each in data])
    return await desk.threads.read(desk.people.queues)


def _saying(desk: Desk, said: SayingBody) -> queues.Saying:
    agent = found(desk.people.named(said.agent), "rep", said.agent) if said.agent else None
    return queues.Saying(queues.named(desk.store, said.queue).id, agent.id if agent else None, said.value)


HANDLERS = [reps, set_availability, queues_now, say_of_queues]
