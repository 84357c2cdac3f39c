"""Reps, queues, tags and customers."""

from __future__ import annotations

from typing import cast

from litestar import get, put
from msgspec import Struct

from desk.model import Agent, Conversation, Customer, CustomerEdit, Queue, Tag
from desk.server.routes.common import Limit, Rep, TheDesk, found
from desk.service import customers


class NotesBody(Struct, forbid_unknown_fields=True):
    notes: str
    rev: int
    """Refused with `stale` unless the customer is still at this revision."""


@get("/me", sync_to_thread=False)
def me(agent: Rep) -> Agent:
    """Who asks."""
    return agent


@get("/agents", sync_to_thread=False)
def agents(desk: TheDesk) -> list[Agent]:
    """All reps."""
    return desk.store.agents.all()


@get("/queues", sync_to_thread=False)
def queues(desk: TheDesk) -> list[Queue]:
    """All queues."""
    return cast("list[Queue]", desk.store.queues.all())


@get("/tags", sync_to_thread=False)
def tags(desk: TheDesk) -> list[Tag]:
    """All tags."""
    return cast("list[Tag]", desk.store.tags.all())


@get("/customers/{id:int}", sync_to_thread=False)
def customer(desk: TheDesk, id: int) -> Customer:
    """One customer with their addresses."""
    return found(desk.store.customers.get(id), "customer", id)


@get("/customers/{id:int}/conversations", sync_to_thread=False)
def customer_conversations(desk: TheDesk, id: int, limit: Limit = 50) -> list[Conversation]:
    """A customer's conversations, newest first."""
    found(desk.store.customers.get(id), "customer", id)
    return desk.store.conversations.of_customer(id, limit)


@put("/customers/{id:int}/notes")
async def set_customer_notes(desk: TheDesk, agent: Rep, id: int, data: NotesBody) -> Customer:
    """Write what reps should know of a customer. 409 `stale` if they moved on from `rev`."""
    return await desk.write(customers.edit, agent, id, CustomerEdit(rev=data.rev, notes=data.notes))


HANDLERS = [me, agents, queues, tags, customer, customer_conversations, set_customer_notes]
