"""Views and conversations: what a rep sees and does."""

from __future__ import annotations

from typing import Annotated

from litestar import get, post
from litestar.params import Parameter
from litestar.status_codes import HTTP_200_OK
from msgspec import Struct

from desk.clock import Millis
from desk.model import Agent, Conversation, Message, Priority, State
from desk.server.routes.common import Before, Limit, Rep, TheDesk, found, numbers
from desk.service import inbox, transferring
from desk.store.base import Store


class NoteBody(Struct, forbid_unknown_fields=True):
    body: str


class AssignBody(Struct, forbid_unknown_fields=True):
    agent: str | None
    """A login; null gives it back."""


class StateBody(Struct, forbid_unknown_fields=True):
    state: State
    until: Millis | None = None
    """When a snooze ends, in milliseconds since the epoch."""
    rev: int | None = None
    """Refused with `stale` unless the conversation is still at this revision."""


class PriorityBody(Struct, forbid_unknown_fields=True):
    priority: Priority


class QueueBody(Struct, forbid_unknown_fields=True):
    queue: str | None = None
    """Its name; null for none."""


class TransferBody(Struct, forbid_unknown_fields=True):
    agent: str | None = None
    """A login; or else `queue`."""
    queue: str | None = None
    """The name of one there is."""
    note: str = ""
    """Why, for reps only."""


class TagsBody(Struct, forbid_unknown_fields=True):
    add: list[str] = []
    remove: list[str] = []


@get("/conversations/many", sync_to_thread=False)
def conversations_by_id(
    desk: TheDesk, agent: Rep, ids: Annotated[str, Parameter(description="With commas between.")]
) -> list[Conversation]:
    """Those that exist, in the order asked for."""
    return desk.store.reads.marked(desk.store.conversations.many(numbers(ids)), agent.id)


@get("/conversations/{id:int}", sync_to_thread=False)
def conversation(desk: TheDesk, agent: Rep, id: int) -> Conversation:
    """One conversation."""
    return desk.marked(agent, found(desk.store.conversations.get(id), "conversation", id))


@get("/conversations/{id:int}/messages", sync_to_thread=False)
def messages(
    desk: TheDesk,
    id: int,
    before: Before = None,
    after: Annotated[int | None, Parameter(description="Only what is newer than this id.")] = None,
    limit: Limit = 50,
) -> list[Message]:
    """A window of a conversation, oldest first: the newest, or those next to the given message."""
    inbox.get(desk.store, id)
    return desk.store.messages.of_conversation(id, before=before, after=after, limit=limit)


@post("/conversations/{id:int}/notes", status_code=HTTP_200_OK, may="work")
async def note(desk: TheDesk, agent: Rep, id: int, data: NoteBody) -> Message:
    """Write what only reps see."""
    return await desk.write(inbox.note, agent, id, data.body)


@post("/conversations/{id:int}/claim", status_code=HTTP_200_OK, may="work")
async def claim(desk: TheDesk, agent: Rep, id: int) -> Conversation:
    """Make it mine. 409 `taken` when somebody was first."""
    return desk.marked(agent, await desk.write(inbox.claim, agent, id))


@post("/conversations/{id:int}/assign", status_code=HTTP_200_OK, may="work")
async def assign(desk: TheDesk, agent: Rep, id: int, data: AssignBody) -> Conversation:
    """Give it to a rep by login, or to nobody."""
    to = None if data.agent is None else found(_by_login(desk.store, data.agent), "rep", data.agent)
    return desk.marked(agent, await desk.write(inbox.assign, agent, id, to))


@post("/conversations/{id:int}/state", status_code=HTTP_200_OK, may="work")
async def set_state(desk: TheDesk, agent: Rep, id: int, data: StateBody) -> Conversation:
    """Resolve, reopen, snooze, mark as spam. 409 `stale` if it moved on from `rev`."""
    changed = await desk.write(inbox.set_state, agent, id, data.state, until=data.until, rev=data.rev)
    return desk.marked(agent, changed)


@post("/conversations/{id:int}/priority", status_code=HTTP_200_OK, may="work")
async def set_priority(desk: TheDesk, agent: Rep, id: int, data: PriorityBody) -> Conversation:
    """Set how urgent it is."""
    return desk.marked(agent, await desk.write(inbox.set_priority, agent, id, data.priority))


@post("/conversations/{id:int}/queue", status_code=HTTP_200_OK, may="work")
async def set_queue(desk: TheDesk, agent: Rep, id: int, data: QueueBody) -> Conversation:
    """Put it into a queue, made if there is none of that name, or take it out of any."""
    return desk.marked(agent, await desk.write(inbox.set_queue, agent, id, data.queue))


@post("/conversations/{id:int}/transfer", status_code=HTTP_200_OK, may="work")
async def transfer(desk: TheDesk, agent: Rep, id: int, data: TransferBody) -> Conversation:
    """Hand it over to a rep, who is told, or to a queue, where it is nobody's; with a note why."""
    to = None if data.agent is None else found(_by_login(desk.store, data.agent), "rep", data.agent)
    given = await desk.write(transferring.transfer, agent, id, to=to, queue=data.queue, note=data.note)
    return desk.marked(agent, given)


@post("/conversations/{id:int}/tags", status_code=HTTP_200_OK, may="work")
async def tag(desk: TheDesk, agent: Rep, id: int, data: TagsBody) -> Conversation:
    """Put tags on and take tags off."""
    return desk.marked(agent, await desk.write(inbox.tag, agent, id, data.add, data.remove))


@post("/messages/{id:int}/split", status_code=HTTP_200_OK, may="work")
async def split(desk: TheDesk, agent: Rep, id: int) -> Conversation:
    """Take a message out of its conversation into a new one."""
    return desk.marked(agent, await desk.write(inbox.split, agent, id))


def _by_login(store: Store, login: str) -> Agent | None:
    return next((agent for agent in store.agents.all() if agent.login == login), None)


HANDLERS = [
    conversations_by_id,
    conversation,
    messages,
    note,
    claim,
    assign,
    set_state,
    set_priority,
    set_queue,
    transfer,
    tag,
    split,
]
