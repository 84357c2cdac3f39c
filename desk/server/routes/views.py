"""Lists of conversations: views, filters, search, and what has been read."""

from __future__ import annotations

from typing import Annotated

from litestar import get, post
from litestar.params import Parameter
from litestar.status_codes import HTTP_200_OK
from msgspec import Struct

from desk.model import Conversation, Page, SearchPage, View, ViewInfo
from desk.query import Query
from desk.server.routes.common import Before, Limit, Offset, Rep, TheDesk, Zone
from desk.service import reading
from desk.service.views import read_query, select
from desk.store.base import Selection, Store

QUERY_AT_MOST = 500
QUERY_HELP = "In the search language; see docs/search.md."

Filter = Annotated[str, Parameter(max_length=QUERY_AT_MOST, description=QUERY_HELP)]
Named = Annotated[str, Parameter(max_length=200, description="A view's name; `GET /views` lists them.")]


class ReadBody(Struct, forbid_unknown_fields=True):
    message_id: int | None = None
    """The newest message that was on the screen; what came after it stays unread."""


@get("/views")
async def views(desk: TheDesk, agent: Rep, zone: Zone) -> list[ViewInfo]:
    """All views with how many conversations each holds now."""
    return await desk.threads.read(desk.counter.views, desk.store, desk.clock, desk.settings.views, agent, zone)


@get("/counts", sync_to_thread=False)
def counts(desk: TheDesk, agent: Rep) -> dict[View, int]:
    """How many conversations each view holds; without the saved ones."""
    return desk.store.views.counts(agent.id)


@get("/conversations")
async def conversations(
    desk: TheDesk, agent: Rep, zone: Zone, view: Named = "open", q: Filter = "", offset: Offset = 0, limit: Limit = 100
) -> Page[Conversation]:
    """A window of a view in its order, filtered. 422 `bad-query` says at which column."""
    selection = select(desk.settings.views, agent, view, q, now=desk.clock.now(), zone=zone)
    if not q and not view.startswith("saved:"):
        return _page(desk.store, selection, offset, limit)
    return await desk.threads.read(_page, desk.store, selection, offset, limit)


@get("/conversations/{id:int}/position")
async def position(desk: TheDesk, agent: Rep, zone: Zone, id: int, view: Named, q: Filter = "") -> int | None:
    """Where a conversation stands in a view, null if it is not in it."""
    selection = select(desk.settings.views, agent, view, q, now=desk.clock.now(), zone=zone)
    return await desk.threads.read(desk.store.views.position, selection, id)


@get("/search")
async def search(
    desk: TheDesk, agent: Rep, zone: Zone, q: Filter, before: Before = None, limit: Limit = 50
) -> SearchPage:
    """Conversations with a message that matches, newest first. 422 `bad-query` says at which column."""
    return await desk.threads.read(_search, desk.store, agent.id, read_query(q, desk.clock.now(), zone), before, limit)


@post("/conversations/{id:int}/read", status_code=HTTP_200_OK, may="work")
async def mark_read(desk: TheDesk, agent: Rep, id: int, data: ReadBody) -> Conversation:
    """The rep has seen it, up to a message or all of it. Safe to repeat."""
    return await desk.write(reading.mark_read, agent, id, data.message_id)


@get("/conversations/{id:int}/seen", sync_to_thread=False)
def seen(desk: TheDesk, agent: Rep, id: int) -> int | None:
    """The newest message that was there when the rep read it last; null if that is not known."""
    return reading.seen(desk.store, agent, id)


@post("/conversations/{id:int}/unread", status_code=HTTP_200_OK, may="work")
async def mark_unread(desk: TheDesk, agent: Rep, id: int) -> Conversation:
    """The rep wants to come back to it. Safe to repeat."""
    return await desk.write(reading.mark_unread, agent, id)


def _page(store: Store, selection: Selection, offset: int, limit: int) -> Page[Conversation]:
    return store.views.page(selection, offset=offset, limit=limit)


def _search(store: Store, agent_id: int, query: Query, before: int | None, limit: int) -> SearchPage:
    return store.search.matching(query, agent_id=agent_id, before=before, limit=limit)


HANDLERS = [views, counts, conversations, position, search, seen, mark_read, mark_unread]
