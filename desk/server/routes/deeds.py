"""Undo and redo, merging, and who is where."""

from __future__ import annotations

from litestar import get, post
from litestar.status_codes import HTTP_200_OK
from msgspec import Struct
from msgspec.structs import replace

from desk.model import Agent, Conversation, Customer, Doing, Presence, Undone
from desk.server.desk import Desk
from desk.server.problems import BadRequest
from desk.server.routes.common import Rep, TheDesk
from desk.service import inbox, merging, permitting
from desk.service import undo as taking_back

MERGED_AT_ONCE = 100


class MergeBody(Struct, forbid_unknown_fields=True):
    sources: list[int]


class MoveBody(Struct, forbid_unknown_fields=True):
    messages: list[int]


class PresenceBody(Struct, forbid_unknown_fields=True):
    conversation_id: int
    doing: Doing


@post("/undo", status_code=HTTP_200_OK, may="work")
async def undo(desk: TheDesk, agent: Rep) -> Undone:
    """Take back the rep's newest deed. 409 `nothing-to-undo` after half an hour; `left` tells what stayed, and why."""
    return await _all_of(desk, agent, taking_back.undo)


@post("/redo", status_code=HTTP_200_OK, may="work")
async def redo(desk: TheDesk, agent: Rep) -> Undone:
    """Do again what was undone last. 409 `nothing-to-redo`."""
    return await _all_of(desk, agent, taking_back.redo)


async def _all_of(desk: Desk, agent: Agent, work: taking_back.Work) -> Undone:
    """In portions, so that a large group keeps nothing waiting."""
    whole = await desk.write(work, agent)
    last = whole
    while not last.whole:
        last = await desk.write(work, agent)
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


@post("/conversations/{id:int}/merge", status_code=HTTP_200_OK, may="work")
async def merge(desk: TheDesk, agent: Rep, id: int, data: MergeBody) -> Conversation:
    """Put all that is in others into this one. 422 `same` for itself, 409 `merged` for what has gone elsewhere."""
    sources = _few(data.sources)
    return await desk.write(merging.merge, agent, id, sources)


@post("/conversations/{id:int}/move", status_code=HTTP_200_OK, may="work")
async def move(desk: TheDesk, agent: Rep, id: int, data: MoveBody) -> Conversation:
    """Put customers' messages into this conversation."""
    return await desk.write(inbox.move, agent, _few(data.messages), id)


@post("/customers/{id:int}/merge", status_code=HTTP_200_OK, may="work")
async def merge_customers(desk: TheDesk, agent: Rep, id: int, data: MergeBody) -> Customer:
    """Make one person of several: the others become part of this one."""
    return await desk.write(merging.merge_customers, agent, id, _few(data.sources))


def _few(ids: list[int]) -> list[int]:
    if len(ids) > MERGED_AT_ONCE:
        raise BadRequest("bad-request", f"at most {MERGED_AT_ONCE} at once")
    return ids


# --- who is where -----------------------------------------------------------------------------------------


@post("/presence", status_code=HTTP_200_OK, may="work")
async def show_presence(desk: TheDesk, agent: Rep, data: PresenceBody) -> list[Presence]:
    """Say that the rep is in a conversation, every ten seconds; forgotten after 25. Answers who is there."""
    if data.doing == "listening":
        permitting.require(agent, "supervise")
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
    show_presence,
    presence,
]
