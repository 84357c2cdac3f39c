"""Reps, queues, tags and customers."""

from __future__ import annotations

from typing import Annotated, cast

from litestar import get, patch, post, put
from litestar.params import Parameter
from msgspec import Struct

from desk.model import (
    Agent,
    Chapter,
    Conversation,
    Customer,
    CustomerEdit,
    CustomerSummary,
    CustomerWords,
    Likeness,
    LookupResult,
    Queue,
    Tag,
)
from desk.server.routes.common import Before, Limit, Offset, Rep, TheDesk, found
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
    """All reps, with their roles."""
    return desk.people.all()


@get("/queues", sync_to_thread=False)
def queues(desk: TheDesk) -> list[Queue]:
    """All queues."""
    return cast("list[Queue]", desk.store.queues.all())


@get("/tags", sync_to_thread=False)
def tags(desk: TheDesk) -> list[Tag]:
    """All tags."""
    return cast("list[Tag]", desk.store.tags.all())


@get("/customers/words", sync_to_thread=False)
def customer_words(desk: TheDesk) -> CustomerWords:
    """The tags and languages that customers have."""
    known = desk.store.customers
    return CustomerWords(tags=tuple(known.tags()), languages=tuple(known.languages()))


@get("/customers/{id:int}", sync_to_thread=False)
def customer(desk: TheDesk, id: int) -> Customer:
    """One customer with their addresses."""
    return found(desk.store.customers.get(id), "customer", id)


@get("/customers/{id:int}/conversations", sync_to_thread=False)
def customer_conversations(desk: TheDesk, id: int, limit: Limit = 50) -> list[Conversation]:
    """A customer's conversations, newest first."""
    found(desk.store.customers.get(id), "customer", id)
    return desk.store.conversations.of_customer(id, limit)


@put("/customers/{id:int}/notes", may="work")
async def set_customer_notes(desk: TheDesk, agent: Rep, id: int, data: NotesBody) -> Customer:
    """Write what reps should know of a customer. 409 `stale` if they moved on from `rev`."""
    return await desk.write(customers.edit, agent, id, CustomerEdit(rev=data.rev, notes=data.notes))


@get("/customers", sync_to_thread=False)
def find_customers(
    desk: TheDesk,
    q: Annotated[
        str, Parameter(max_length=200, description="Parts of names, addresses, numbers; all must occur.")
    ] = "",
    before: Before = None,
    limit: Limit = 20,
) -> list[Customer]:
    """Customers as they are being typed, newest first; without words those met last. Also what completes To and Cc."""
    return customers.find(desk.store, q, limit, before=before)


@post("/customers", may="work")
async def create_customer(desk: TheDesk, agent: Rep, data: CustomerEdit) -> Customer:
    """Somebody who has not written yet: `name`, `add`, … as for a change. 409 `taken` for another's address."""
    return await desk.write(customers.create, agent, data)


@patch("/customers/{id:int}", may="work")
async def edit_customer(desk: TheDesk, agent: Rep, id: int, data: CustomerEdit) -> Customer:
    """Change what is known of a customer. 409 `stale` if they moved on from `rev`, `taken` for another's address."""
    return await desk.write(customers.edit, agent, id, data)


@get("/customers/{id:int}/summary")
async def customer_summary(desk: TheDesk, id: int, limit: Limit = 50) -> CustomerSummary:
    """A customer with counts and the newest conversations on all channels, each with its time to the first answer."""
    return await desk.threads.read(customers.summary, desk.store, id, limit)


@get("/customers/{id:int}/timeline")
async def customer_timeline(desk: TheDesk, id: int, offset: Offset = 0, limit: Limit = 50) -> list[Chapter]:
    """A window of a customer's conversations on all channels, newest first."""
    return await desk.threads.read(customers.timeline, desk.store, id, offset, limit)


@get("/customers/{id:int}/duplicates")
async def duplicates(desk: TheDesk, id: int, limit: Limit = 10) -> list[Likeness]:
    """Customers who may be the same person, the likeliest first."""
    return await desk.threads.read(customers.duplicates, desk.store, id, limit)


@get("/customers/{id:int}/lookups")
async def lookups(desk: TheDesk, id: int) -> list[LookupResult]:
    """What the systems of `[lookup.NAME]` say of a customer; takes as long as the slowest, at most its timeout."""
    one = found(desk.store.customers.get(id), "customer", id)
    return await desk.lookups.ask(desk.settings.lookups, desk.settings.lookup_secrets, one)


@get("/lookups", sync_to_thread=False)
def lookup_names(desk: TheDesk) -> list[str]:
    """The systems of `[lookup.NAME]`, in the order of `desk.toml`."""
    return list(desk.settings.lookups)


@get("/customers/{id:int}/lookups/{name:str}")
async def lookup(
    desk: TheDesk,
    id: int,
    name: str,
    fresh: Annotated[bool, Parameter(description="Ask, whatever was answered a moment ago.")] = False,
) -> LookupResult:
    """What one of these systems says of a customer; takes as long as it does, at most its timeout."""
    one = found(desk.store.customers.get(id), "customer", id)
    asked = found(desk.settings.lookups.get(name), "lookup", name)
    return await desk.lookups.ask_one(asked, desk.settings.lookup_secrets.get(name), one, fresh=fresh)


HANDLERS = [
    me,
    agents,
    queues,
    tags,
    customer_words,
    customer,
    customer_conversations,
    set_customer_notes,
    find_customers,
    create_customer,
    edit_customer,
    customer_summary,
    customer_timeline,
    duplicates,
    lookups,
    lookup_names,
    lookup,
]
