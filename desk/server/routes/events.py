"""The event feed over HTTP."""

from __future__ import annotations

from typing import Annotated

from litestar import get
from litestar.params import Parameter
from litestar.response import Stream

from desk.server.routes.common import Rep, TheDesk


@get("/events", media_type="text/event-stream", sync_to_thread=False)
def events(
    desk: TheDesk,
    agent: Rep,
    since: Annotated[int | None, Parameter(ge=0, description="The last sequence number seen.")] = None,
    last_event_id: Annotated[int | None, Parameter(header="Last-Event-ID", ge=0)] = None,
) -> Stream:
    """What changes, as server-sent events: `id` to resume from, `data` a list of `Change`, empty as a heartbeat.

    Resumes after `since`, else after `Last-Event-ID`, else begins now. `event: reset` says that the store is older than
    what the reader has seen: read everything anew and go on from its `id`.
    """
    resume = last_event_id if since is None else since
    begin = desk.store.changes.last() if resume is None else resume
    return Stream(
        desk.feed.stream(begin, agent.id),
        media_type="text/event-stream; charset=utf-8",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


HANDLERS = [events]
