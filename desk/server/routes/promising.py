"""What is promised, and what became of it."""

from __future__ import annotations

from typing import Annotated

from litestar import get
from litestar.params import Parameter
from msgspec.structs import replace

from desk.clock import DAY
from desk.model import PolicyInfo, Promise, PromiseBoard
from desk.server.routes.common import TheDesk
from desk.service import inbox, keeping


@get("/promises")
async def promises(
    desk: TheDesk, days: Annotated[int, Parameter(ge=1, le=10_000, description="How far back to count.")] = 7
) -> PromiseBoard:
    """The policies, what runs, what was kept, broken and void in the last days, and how the calendars stand."""
    since = desk.clock.now() - days * DAY
    told = await desk.threads.read(keeping.board, desk.store, desk.clock, since)
    calendars = await desk.threads.read(keeping.calendars, desk.store, desk.clock, desk.days_off)
    return replace(told, calendars=calendars, unread=tuple(desk.unread))


@get("/promises/policies", sync_to_thread=False)
def policies(desk: TheDesk) -> list[PolicyInfo]:
    """What is promised to whom, in the order in which it counts."""
    return list(keeping.policies(desk.store))


@get("/conversations/{id:int}/promises", sync_to_thread=False)
def promises_of(desk: TheDesk, id: int) -> list[Promise]:
    """All promises that were ever given in a conversation, in the order in which they were."""
    inbox.get(desk.store, id)
    return desk.store.promises.of([id])


HANDLERS = [promises, policies, promises_of]
