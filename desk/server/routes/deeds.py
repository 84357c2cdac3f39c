"""Undo and redo, merging, acts on many conversations, and who is where."""

from __future__ import annotations

from typing import Annotated

from litestar import get, post
from litestar.params import Parameter
from litestar.status_codes import HTTP_200_OK, HTTP_202_ACCEPTED
from msgspec import Struct
from msgspec.structs import replace

from desk.model import Agent, BulkJob, Conversation, Customer, Doing, Presence, Undone
from desk.query import EVERYTHING, Query, QueryError, parse
from desk.query.nodes import both
from desk.server.desk import Desk
from desk.server.problems import BadRequest
from desk.server.routes.common import Rep, TheDesk
from desk.service import inbox, merging, steps
from desk.service import undo as taking_back
from desk.service.steps import StepError
from desk.store.base import Selection, StoreError

WAIT_AT_MOST = 60.0
MERGED_AT_ONCE = 100
NAMED_AT_MOST = 100_000

Wait = Annotated[float, Parameter(ge=0, le=WAIT_AT_MOST, description="Seconds to wait for a change.")]


class MergeBody(Struct, forbid_unknown_fields=True):
    sources: list[int]


class MoveBody(Struct, forbid_unknown_fields=True):
    messages: list[int]


class BulkBody(Struct, forbid_unknown_fields=True):
    steps: list[str]
    """Such as `resolve`, `tag +refund -old`, `assign me`, `snooze 3d`."""
    ids: list[int] | None = None
    view: str | None = None
    """Instead of ids: all of a view"""
    q: str = ""
    """that match a query,"""
    without: list[int] = []
    """but these."""


class PresenceBody(Struct, forbid_unknown_fields=True):
    conversation_id: int
    doing: Doing


@post("/undo", status_code=HTTP_200_OK)
async def undo(desk: TheDesk, agent: Rep) -> Undone:
    """Take back the rep's newest deed. 409 `nothing-to-undo` after half an hour; `left` tells what stayed, and why."""
    return await _all_of(desk, agent, taking_back.undo)


@post("/redo", status_code=HTTP_200_OK)
async def redo(desk: TheDesk, agent: Rep) -> Undone:
    """Do again what was undone last. 409 `nothing-to-redo`."""
    return await _all_of(desk, agent, taking_back.redo)


async def _all_of(desk: Desk, agent: Agent, work: taking_back.Work) -> Undone:
    """In portions, so that a large group keeps nothing waiting."""
    whole = await desk.write(work, agent, first_answer=desk.first_answer)
    last = whole
    while not last.whole:
        last = await desk.write(work, agent, first_answer=desk.first_answer)
        whole = replace(
            whole,
            deeds=whole.deeds + last.deeds,
            conversations=tuple(dict.fromkeys((*whole.conversations, *last.conversations))),
            customers=tuple(dict.fromkeys((*whole.customers, *last.customers))),
            left=(*whole.left, *last.left),
            draft=whole.draft or last.draft,
            whole=last.whole,
        )
    return whole


@post("/conversations/{id:int}/merge", status_code=HTTP_200_OK)
async def merge(desk: TheDesk, agent: Rep, id: int, data: MergeBody) -> Conversation:
    """Put all that is in others into this one. 422 `same` for itself, 409 `merged` for what has gone elsewhere."""
    sources = _few(data.sources)
    return await desk.write(merging.merge, agent, id, sources, first_answer=desk.first_answer)


@post("/conversations/{id:int}/move", status_code=HTTP_200_OK)
async def move(desk: TheDesk, agent: Rep, id: int, data: MoveBody) -> Conversation:
    """Put customers' messages into this conversation."""
    return await desk.write(inbox.move, agent, _few(data.messages), id, first_answer=desk.first_answer)


@post("/customers/{id:int}/merge", status_code=HTTP_200_OK)
async def merge_customers(desk: TheDesk, agent: Rep, id: int, data: MergeBody) -> Customer:
    """Make one person of several: the others become part of this one."""
    return await desk.write(merging.merge_customers, agent, id, _few(data.sources))


def _few(ids: list[int]) -> list[int]:
    if len(ids) > MERGED_AT_ONCE:
        raise BadRequest("bad-request", f"at most {MERGED_AT_ONCE} at once")
    return ids


# --- many -------------------------------------------------------------------------------------------------


@post("/bulk", status_code=HTTP_202_ACCEPTED)
async def bulk(desk: TheDesk, agent: Rep, data: BulkBody) -> BulkJob:
    """Do steps to many conversations: those named, or all of a view that match a query. One undo takes all back."""
    try:
        todo = [steps.parse(step) for step in data.steps]
    except StepError as error:
        raise BadRequest("bad-step", str(error)) from error
    if not todo:
        raise BadRequest("bad-step", "say what is to be done, such as `resolve`")
    ids = await _chosen(desk, agent, data)
    await desk.answers.ready()
    return desk.bulk.start(agent, ids, todo, desk.means)


async def _chosen(desk: Desk, agent: Agent, data: BulkBody) -> list[int]:
    if (data.ids is None) == (data.view is None):
        raise BadRequest("bad-request", "name either ids or a view")
    if data.ids is not None:
        if len(data.ids) > NAMED_AT_MOST:
            raise BadRequest("bad-request", f"at most {NAMED_AT_MOST} ids at once")
        return list(dict.fromkeys(data.ids))
    view, queries = data.view or "", [data.q]
    try:
        if view.startswith("saved:"):
            saved = desk.settings.views.get(view.removeprefix("saved:"))
            if saved is None:
                raise BadRequest("bad-request", f"there is no view {view}")
            view = "anything"
            queries.append(saved)
        wanted: Query = EVERYTHING
        for text in filter(str.strip, queries):
            wanted = both(wanted, parse(text, now=desk.clock.now()))
        selection = Selection(view=view, query=wanted, agent_id=agent.id)
        found = await desk.threads.read(desk.store.views.ids, selection)
    except QueryError as error:
        detail = {"start": str(error.start), "end": str(error.end)}
        raise BadRequest("bad-query", str(error), detail) from error
    except StoreError as error:
        raise BadRequest("bad-request", f"there is no view {view!r}") from error
    left = set(data.without)
    return [id for id in found if id not in left]


@get("/bulk/{id:int}")
async def bulk_job(desk: TheDesk, id: int, wait: Wait = 0.0) -> BulkJob:
    """Progress; with `wait`, answer when it changed or after that many seconds."""
    return await desk.bulk.wait(id, wait)


@post("/bulk/{id:int}/cancel", status_code=HTTP_200_OK)
async def cancel_bulk(desk: TheDesk, id: int) -> BulkJob:
    """Ask it to end; what is done stays, and one undo takes it back."""
    return desk.bulk.cancel(id)


# --- who is where -----------------------------------------------------------------------------------------


@post("/presence", status_code=HTTP_200_OK)
async def show_presence(desk: TheDesk, agent: Rep, data: PresenceBody) -> list[Presence]:
    """Say that the rep is in a conversation, every ten seconds; forgotten after 25. Answers who is there."""
    desk.presences.tell(agent, data.conversation_id, data.doing)
    return desk.presences.of(data.conversation_id)


@get("/conversations/{id:int}/presence")
async def presence(desk: TheDesk, id: int) -> list[Presence]:
    """Who has a conversation before them, and who is answering."""
    return desk.presences.of(id)


HANDLERS = [
    undo,
    redo,
    merge,
    move,
    merge_customers,
    bulk,
    bulk_job,
    cancel_bulk,
    show_presence,
    presence,
]
